"""Lower bounds from a point alone: what a network's slope at a float64 point is, in outward or exact arithmetic.

Nothing that a search knows enters here. For ReLU networks the sign of every pre-activation at the point is decided, by
float64 with a bound on its rounding error or else in integers times a power of two (exactly), and the gradient of that
activation pattern is taken, exactly for small networks. For tanh networks slopes are enclosed: tanh stems from the
decimal module, whose exponential is correctly rounded, and the enclosures are refined until they are narrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import NamedTuple

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import BoolArray, FloatArray, IntArray
from noprune_theory.lipschitz._dyadic import Dyadic, Integers, dyadic, root_below
from noprune_theory.lipschitz._outward import EPSILON, TINY, column_sums, norm_bounds, round_down, scaled_down
from noprune_theory.lipschitz.result import Witness

_EXACT_AT_ONCE = 1_000  # weights up to which exact gradients cost less than a millisecond
_EXACT_AT_ALL = 4_000_000  # and beyond which they take gigabytes
_REMEMBERED = 1_000_000
_IN_RANGE = 300  # sum of binary exponents of layers whose products float64 holds without scaling
_NARROW = 1e-9  # relative error of a float64 bound that is not worth an exact one
_FIRST_BITS, _MOST_BITS = 128, 4096


class Confirmed(NamedTuple):
    """A lower bound confirmed at a point.

    `firm` says that float64 decides the activation pattern at the point as well, in whatever order it adds.
    """

    lower: float
    witness: Witness
    firm: bool


class Confirmer:
    """Re-evaluates a network at single points.

    Parameters
    ----------
    weights : sequence of ndarray
        W_1 (h_1, d), ..., W_m (c, h_{m-1}).
    biases : sequence of ndarray
        b_1 (h_1,), ..., b_{m-1} (h_{m-1},); what follows is not used.
    activation : {"relu", "tanh"}
    phases : sequence of ndarray of int, optional
        For every ReLU 1 (taken to be active whatever its sign), -1 (inactive) or 0 (as its sign says).
    """

    def __init__(
        self,
        weights: Sequence[FloatArray],
        biases: Sequence[FloatArray],
        activation: str,
        phases: Sequence[IntArray] | None = None,
    ) -> None:
        self._weights, self._biases = list(weights), list(biases)[: len(weights) - 1]
        self._relu = activation == "relu"
        self._phases = phases or [np.zeros(layer.shape[0], dtype=np.int64) for layer in weights[:-1]]
        self._size = sum(layer.size for layer in weights)
        self._needed = _needed_units(weights)
        self._remembered: dict[int, Dyadic] = {}
        exponents = [size_exponent(layer) for layer in weights]
        if sum(map(abs, exponents)) <= _IN_RANGE:
            exponents = [0] * len(exponents)
        # Scaled for the gradient: where an entry loses bits it is 2^-1000 of the largest, which TINY covers.
        self._scaled = [scale(layer, -e) if e else layer for layer, e in zip(weights, exponents, strict=True)]
        self._exponent = sum(exponents)

    def at(self, point: FloatArray) -> Confirmed | None:
        """Return what the point shows; None on a kink, where the work would be too much, or where it shows nothing."""
        if not np.isfinite(point).all():
            return None
        found = self._relu_at(point) if self._relu else self._tanh_at(point)
        return found if found is not None and found.lower > 0 else None

    def at_ratio(self, numerators: Dyadic, denominator: Dyadic) -> Confirmed | None:
        """Return, without a float64 point, what a ReLU network shows at numerators / denominator, > 0.

        The signs of pre-activations times the denominator are exact.
        """
        patterns = self._pattern_exactly(numerators, denominator) if self._size <= _EXACT_AT_ALL else None
        return None if patterns is None else self.of_pattern(patterns)

    def _relu_at(self, point: FloatArray) -> Confirmed | None:
        patterns = self._pattern_by_floats(point)
        firm = patterns is not None
        if patterns is None and self._size <= _EXACT_AT_ALL:
            patterns = self._pattern_exactly(dyadic(point), Dyadic(np.array([1], dtype=object), 0))
        return None if patterns is None else self.of_pattern(patterns, point, firm=firm)

    def of_pattern(
        self, patterns: Sequence[BoolArray], point: FloatArray | None = None, *, firm: bool = False
    ) -> Confirmed | None:
        """Return what the linear region with these active ReLU units shows, which the caller knows not to be empty."""
        slopes = [pattern.astype(np.float64) for pattern in patterns]
        outputs = self._leading_outputs(slopes)
        lower = 0.0
        gradient: FloatArray = np.zeros(0)
        exactly = self._size <= _EXACT_AT_ONCE
        if not exactly:
            row, error = self._row_by_floats(slopes, [np.zeros_like(slope) for slope in slopes], outputs)
            narrow = np.isfinite(row).all() and error <= _NARROW * norm_bounds(row)[1]
            lower, gradient = self._lower(row, error, outputs), scale(row, self._exponent)
            exactly = not narrow and self._size <= _EXACT_AT_ALL
        if exactly:
            exact = self._row_exactly(patterns, outputs)
            # A few ulps lower than need be, so that float64 evaluation of the gradient confirms it as well.
            lower = round_down(root_below(exact.squared_norm() / dyadic(outputs).squared_norm()))
            gradient = exact.floats()
        pattern = np.concatenate(patterns) if patterns else None
        witness = Witness(None if point is None else point.copy(), gradient, pattern)
        return Confirmed(lower, witness, firm) if lower > 0 else None

    def _tanh_at(self, point: FloatArray) -> Confirmed | None:
        slopes, doubts = self._tanh_slopes(point)
        if not all(np.isfinite(slope).all() for slope in slopes):
            # Pre-activations beyond float64; the balls below do without.
            slopes = [np.nan_to_num(slope) for slope in slopes]
        outputs = self._leading_outputs(slopes)
        row, error = self._row_by_floats(slopes, doubts, outputs)
        if np.isfinite(row).all() and error <= _NARROW * norm_bounds(row)[1]:
            lower = self._lower(row, error, outputs)
            return Confirmed(lower, Witness(point.copy(), scale(row, self._exponent)), True)
        bits, best = _FIRST_BITS, None
        while bits <= _MOST_BITS and self._size * bits <= _EXACT_AT_ALL * _FIRST_BITS:
            digits, radius, exponent = self._row_by_balls(point, outputs, bits)
            inner = Dyadic(np.maximum(np.abs(digits) - radius, 0), exponent).squared_norm()
            lower = round_down(root_below(inner / dyadic(outputs).squared_norm()))
            best = Confirmed(lower, Witness(point.copy(), Dyadic(digits, exponent).floats()), True)
            if Dyadic(radius, exponent).squared_norm() * 10**24 <= Dyadic(digits, exponent).squared_norm():
                break
            bits *= 2
        return best

    def _lower(self, row: FloatArray, error: float, outputs: FloatArray) -> float:
        """Return a lower bound on |<outputs, J>| / |outputs| from the scaled row and a bound on its error."""
        if not (np.isfinite(row).all() and math.isfinite(error)):
            return 0.0
        unit = norm_bounds(outputs)[1]
        return scaled_down(round_down(max(0.0, norm_bounds(row)[0] - error) / unit), self._exponent)

    def _pattern_by_floats(self, point: FloatArray) -> list[BoolArray] | None:
        """Return the active units layer by layer; None when float64 leaves a sign open that matters."""
        value, radius = point, np.zeros_like(point)
        fed_by = np.ones(point.shape[0], dtype=bool)
        patterns: list[BoolArray] = []
        with np.errstate(over="ignore", invalid="ignore"):
            for W, b, needed, phases in zip(self._weights[:-1], self._biases, self._needed, self._phases, strict=True):
                pre, radius = _affine_bounds(W, b, value, radius)
                open_signs = np.flatnonzero(needed & (phases == 0) & ~(np.abs(pre) > radius))
                # A unit without an active input has a constant pre-activation, its bias, which float64 knows exactly.
                if (W[open_signs] != 0)[:, fed_by].any():
                    return None
                pre[open_signs] = b[open_signs]
                active = np.where(phases == 0, pre > 0, phases > 0)
                patterns.append(active)
                value, radius, fed_by = np.where(active, pre, 0.0), np.where(active, radius, 0.0), active
        return patterns

    def _pattern_exactly(self, value: Dyadic, height: Dyadic) -> list[BoolArray] | None:
        """Return the active units at value / height layer by layer; None when a unit vanishes there, but not around."""
        patterns: list[BoolArray] = []
        for layer, (b, needed, phases) in enumerate(zip(self._biases, self._needed, self._phases, strict=True)):
            pre = (self._exact(layer) @ value).plus(dyadic(b).times(height))
            active = np.where(phases == 0, np.asarray(pre.digits > 0, dtype=bool), phases > 0)
            for unit in np.flatnonzero(needed & (phases == 0) & np.asarray(pre.digits == 0, dtype=bool)):
                start = self._exact(layer)
                row = Dyadic(start.digits[unit], start.exponent)
                if self._exact_chain(row, patterns).digits.any():
                    return None
            patterns.append(active)
            value = pre.where(active)
        return patterns

    def _row_exactly(self, patterns: Sequence[BoolArray], outputs: FloatArray) -> Dyadic:
        return self._exact_chain(dyadic(outputs) @ self._exact(len(self._weights) - 1), patterns)

    def _exact_chain(self, row: Dyadic, patterns: Sequence[BoolArray]) -> Dyadic:
        """Return row D_k W_k ... D_1 W_1 for the patterns D of the first k layers."""
        for layer in range(len(patterns) - 1, -1, -1):
            row = row.where(patterns[layer]) @ self._exact(layer)
        return row

    def _exact(self, layer: int) -> Dyadic:
        if layer in self._remembered:
            return self._remembered[layer]
        exact = dyadic(self._weights[layer])
        if self._size <= _REMEMBERED:
            self._remembered[layer] = exact
        return exact

    def _leading_outputs(self, slopes: Sequence[FloatArray]) -> FloatArray:
        """Return the leading left singular vector of the Jacobian with these slopes, to rounding; shape (c,)."""
        jacobian = self._scaled[-1]
        if jacobian.shape[0] == 1:
            return np.ones(1)
        for W, slope in zip(self._scaled[-2::-1], slopes[::-1], strict=True):
            jacobian = (jacobian * slope) @ W
            jacobian = scale(jacobian, -size_exponent(jacobian))
        return np.ascontiguousarray(np.linalg.svd(jacobian, full_matrices=False)[0][:, 0])

    def _row_by_floats(
        self, slopes: Sequence[FloatArray], doubts: Sequence[FloatArray], outputs: FloatArray
    ) -> tuple[FloatArray, float]:
        """Return <outputs, J> 2^-exponent and a bound on the norm of its error, slopes being off by up to `doubts`."""
        last = np.abs(self._scaled[-1])
        row, size = column_sums(outputs[:, None] * self._scaled[-1]), np.abs(outputs) @ last
        worst, lost = size, np.full(size.shape, last.shape[0] * TINY)
        count, roundings = last.shape[0], 16 + math.log2(last.shape[0] + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            for W, slope, doubt in zip(self._scaled[-2::-1], slopes[::-1], doubts[::-1], strict=True):
                sizes = np.abs(W)
                row, size = column_sums((row * slope)[:, None] * W), (size * slope) @ sizes
                worst, lost = (worst * (slope + doubt)) @ sizes, (lost * (slope + doubt)) @ sizes + W.shape[0] * TINY
                count, roundings = count + W.shape[0] + 2, roundings + 16 + math.log2(W.shape[0] + 1)
            # Off by the roundings of pairwise sums (`column_sums`, two products and a step to spare a layer), and by
            # the doubtful part of the slopes, itself a difference of sums with up to `count` roundings each.
            off = roundings * EPSILON * worst * (1 + 1e-6) + 2 * lost
            if not self._relu:
                off += (worst - size) + 2 * count * EPSILON * worst
        return row, norm_bounds(off)[1] if np.isfinite(off).all() else math.inf

    def _tanh_slopes(self, point: FloatArray) -> tuple[list[FloatArray], list[FloatArray]]:
        """Return the slopes at the point and bounds on their errors."""
        value, radius = point, np.zeros_like(point)
        slopes: list[FloatArray] = []
        doubts: list[FloatArray] = []
        with np.errstate(over="ignore", invalid="ignore"):
            for W, b in zip(self._weights[:-1], self._biases, strict=True):
                pre, radius = _affine_bounds(W, b, value, radius)
                radius = np.where(np.isfinite(pre) & np.isfinite(radius), radius, 2.0)
                value, slope = tanh_and_slope(np.nan_to_num(pre))
                # |(log tanh')'| <= 2, so an error r in the argument changes a slope by a factor within e^(+-2r).
                doubt = slope * (np.expm1(2 * np.minimum(radius, 1.0)) * (1 + 1e-9) + EPSILON) + TINY
                slopes.append(slope)
                doubts.append(np.where(radius < 0.25, doubt, 1.0))
                radius = np.minimum(radius, 2.0) + EPSILON * np.abs(value)
        return slopes, doubts

    def _row_by_balls(self, point: FloatArray, outputs: FloatArray, bits: int) -> tuple[Integers, Integers, int]:
        """Return digits, radius and exponent of <outputs, J>, from integers of `bits` binary places with error bounds.

        Every shift to the right rounds down, by less than one unit.
        """
        start = dyadic(point)
        value = _shifted(start.digits, start.exponent + bits)
        radius = np.ones_like(value)
        slopes: list[tuple[Integers, Integers]] = []
        for layer, b in enumerate(self._biases):
            W, shift = self._exact(layer), dyadic(b)
            pre = _shifted(W.digits @ value, W.exponent) + _shifted(shift.digits, shift.exponent + bits)
            radius = _shifted(np.abs(W.digits) @ radius, W.exponent) + 4
            value, slope = _tanh_digits(pre, bits)
            # Both tanh and its derivative are 1-Lipschitz, and move by less than 2 in all.
            radius = np.minimum(radius, 2 << bits) + 2
            slopes.append((slope, radius))
        row = dyadic(outputs) @ self._exact(len(self._weights) - 1)
        digits, exponent, radius = row.digits, row.exponent, np.zeros_like(row.digits)
        for layer in range(len(slopes) - 1, -1, -1):
            (slope, doubt), W = slopes[layer], self._exact(layer)
            radius = (np.abs(digits) * doubt + radius * (slope + doubt)) @ np.abs(W.digits)
            digits, exponent = (digits * slope) @ W.digits, exponent + W.exponent - bits
            surplus = max(int(digit).bit_length() for digit in digits) - 2 * bits
            if surplus > 0:
                digits, radius, exponent = digits >> surplus, (radius >> surplus) + 2, exponent + surplus
        return digits, radius, exponent


def _affine_bounds(
    W: FloatArray, b: FloatArray, value: FloatArray, radius: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return W value + b and a bound on its error when `value` is off by up to `radius`."""
    sizes = np.abs(W)
    size = sizes @ np.abs(value) + np.abs(b)
    rounding = (W.shape[1] + 3) * EPSILON * size + W.shape[1] * TINY
    return W @ value + b, (sizes @ radius + rounding) * (1 + (W.shape[1] + 8) * EPSILON)


def _needed_units(weights: Sequence[FloatArray]) -> list[BoolArray]:
    """Return for every hidden layer which units have a path of nonzero weights to the outputs."""
    needed = np.ones(weights[-1].shape[0], dtype=bool)
    layers: list[BoolArray] = []
    for W in weights[:0:-1]:
        needed = (W[needed] != 0).any(axis=0)
        layers.append(needed)
    return layers[::-1]


def _shifted(digits: Integers, shift: int) -> Integers:
    return np.asarray(digits << shift if shift >= 0 else digits >> -shift)


def _context(digits: int) -> Context:
    return Context(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


def _saturating(context: Context, twice: Decimal) -> tuple[Decimal, Decimal]:
    """Return tanh t and its derivative from `twice` = 2 t >= 0: (1 - q) / (1 + q) and 4 q / (1 + q)^2, q = e^(-2t)."""
    q = context.exp(twice.copy_negate())
    total = context.add(1, q)
    slope = context.divide(context.multiply(4, q), context.multiply(total, total))
    return context.divide(context.subtract(1, q), total), slope


def tanh_and_slope(pre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return tanh and its derivative, each rounded to the nearest float64 or next to it, at finite `pre`.

    The derivative is 0 where it is below 1e-340.
    """
    context = _context(30)
    values, slopes = np.empty(pre.shape), np.empty(pre.shape)
    for index, t in enumerate(pre.tolist()):
        value, slope = (1, 0) if abs(t) > 400 else _saturating(context, Decimal(2 * abs(t)))
        # tanh t = t (1 - t^2 / 3 + ...), where 1 - q would cancel.
        values[index] = math.copysign(float(value), t) if abs(t) > 1e-10 else t
        slopes[index] = float(slope)
    return values, slopes


def _tanh_digits(pre: Integers, bits: int) -> tuple[Integers, Integers]:
    """Return tanh and its derivative at pre 2^-bits, times 2^bits, each off by less than 2."""
    context = _context(bits * 302 // 1000 + 25)
    one = Decimal(1 << bits)
    # Beyond this tanh differs from +-1, and its derivative from 0, by less than 2^-bits.
    limit = (bits + 16) << bits
    values, slopes = np.empty_like(pre), np.empty_like(pre)
    for index, digit in enumerate(pre.tolist()):
        if abs(digit) > limit:
            value, slope = Decimal(1), Decimal(0)
        else:
            value, slope = _saturating(context, context.divide(Decimal(2 * abs(digit)), one))
        whole = int(context.multiply(value, one))
        values[index], slopes[index] = (whole if digit >= 0 else -whole), int(context.multiply(slope, one))
    return values, slopes
