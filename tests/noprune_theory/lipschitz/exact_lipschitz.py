"""Right answers in exact fractions for small ReLU networks: slopes along a line, and the slope at a point."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import isqrt

import mpmath
import numpy as np

from noprune_theory.models import MLP


def as_network(directions, weights, offsets=None, activation="relu"):
    """A layer sum_j a_j act(<w_j, x> + b_j) as a network."""
    shifts = np.zeros(len(weights)) if offsets is None else offsets
    parameters = np.concatenate([np.column_stack([directions, shifts]).ravel(), weights, [0.0]])
    return MLP((directions.shape[1], len(weights), 1), parameters, activation=activation)


def exact_layers(model):
    """Weights and biases of a network as lists of fractions."""
    layers = []
    for W, b in model.layers():
        rows = [[Fraction(float(w)) for w in row] for row in W]
        layers.append((rows, [Fraction(0)] * len(rows) if b is None else [Fraction(float(x)) for x in b]))
    return layers


def _affine(row, shift, pieces):
    """The combination of affine functions (slope, intercept)."""
    return sum(w * s for w, (s, _) in zip(row, pieces, strict=True)), shift + sum(
        w * c for w, (_, c) in zip(row, pieces, strict=True)
    )


def largest_square_slope(model, start, direction):
    """Square of the largest |f'(t)| of f(start + t direction), over all its linear pieces, as a fraction.

    All breakpoints through all layers: on an interval where a layer is affine, each unit of the next is affine too and
    adds the point where it vanishes.
    """
    layers = exact_layers(model)
    whole = [(Fraction(float(v)), Fraction(float(x))) for x, v in zip(start, direction, strict=True)]
    intervals = [(None, None, whole)]
    for rows, shifts in layers[:-1]:
        refined = []
        for low, high, pieces in intervals:
            pre = [_affine(row, shift, pieces) for row, shift in zip(rows, shifts, strict=True)]
            inside = sorted({-c / s for s, c in pre if s and (low is None or -c / s > low)} - {low, high})
            ends = [low, *(t for t in inside if high is None or t < high), high]
            for left, right in pairwise(ends):
                middle = _between(left, right)
                refined.append((left, right, [p if p[0] * middle + p[1] > 0 else (0, 0) for p in pre]))
        intervals = refined
    rows, shifts = layers[-1]
    squares = (
        sum(_affine(row, b, pieces)[0] ** 2 for row, b in zip(rows, shifts, strict=True)) for *_, pieces in intervals
    )
    return max(squares)


def _between(low, high):
    if low is None:
        return Fraction(0) if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def jacobian(model, point):
    """The Jacobian at a point, rows a list a output; None on a kink, but for units that reach no output."""
    layers = exact_layers(model)
    needed = [[True] * model.n_outputs]
    for rows, _ in layers[:0:-1]:
        used = [any(row[k] and n for row, n in zip(rows, needed[0], strict=True)) for k in range(len(rows[0]))]
        needed.insert(0, used)
    value = [Fraction(float(x)) for x in point]
    J = [[Fraction(int(i == j)) for j in range(len(value))] for i in range(len(value))]
    for index, (rows, shifts) in enumerate(layers):
        pre = [b + sum(w * v for w, v in zip(row, value, strict=True)) for row, b in zip(rows, shifts, strict=True)]
        slopes = [[sum(w * J[k][i] for k, w in enumerate(row)) for i in range(len(point))] for row in rows]
        if index + 1 == len(layers):
            return slopes
        if any(p == 0 and any(slope) and n for p, slope, n in zip(pre, slopes, needed[index], strict=True)):
            return None
        value = [max(p, Fraction(0)) for p in pre]
        J = [slope if p > 0 else [Fraction(0)] * len(point) for p, slope in zip(pre, slopes, strict=True)]
    return None


def leading_square(J):
    """Square of the largest singular value of a Jacobian with one row, or an upper and lower bound of it with two."""
    if len(J) == 1:
        return sum(x * x for x in J[0])
    a, b, c = sum(x * x for x in J[0]), sum(x * y for x, y in zip(*J, strict=True)), sum(y * y for y in J[1])
    # (a + c + sqrt((a - c)^2 + 4 b^2)) / 2, rounded up in the thirtieth digit.
    return ((a + c) + _root_above((a - c) ** 2 + 4 * b**2)) / 2


def _root_above(square):
    if not square:
        return Fraction(0)
    scale = 10 ** max(0, 40 + len(str(square.denominator)) - len(str(square.numerator)))
    return Fraction(isqrt(square.numerator * scale**2 // square.denominator) + 1, scale)


def tanh_square(model, point, digits=400):
    """Square of the largest singular value of the Jacobian of a tanh network at a point, to many digits."""
    with mpmath.workdps(digits):
        value = mpmath.matrix([mpmath.mpf(float(x)) for x in point])
        J = mpmath.eye(len(point))
        layers = model.layers()
        for index, (W, b) in enumerate(layers):
            matrix = mpmath.matrix(W.tolist())
            pre, J = matrix * value, matrix * J
            if b is not None:
                pre += mpmath.matrix(b.tolist())
            if index + 1 < len(layers):
                value = pre.apply(mpmath.tanh)
                J = mpmath.diag([mpmath.sech(t) ** 2 for t in pre]) * J
        return max(mpmath.eigsy(J * J.T, eigvals_only=True))
