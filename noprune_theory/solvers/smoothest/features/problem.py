"""A random-features problem in numbers near one: units, inputs and labels scaled by powers of two, which is exact.

Coordinates of the inputs are x_k = 2^(p_k) x'_k, labels y = 2^h y', and unit j with row (w_jk 2^(p_k), b_j) is 2^(e_j)
times a scaled one with largest entry near one, so a_j = 2^(h - e_j) a'_j. Slopes are those of the inputs as they are,
up to one factor 2^g: gradients are 2^(h + g) sum_j a'_j slopes_j. Samples at one point count by their mean: over a
group of m labels the squares of f - y_i sum to m (f - mean)^2 and a number that no weights change, known exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from noprune_theory._scaling import scale, size_exponent, size_exponents, stable_norm
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers.smoothest.features._residual_kernels import add_products
from noprune_theory.solvers.smoothest.features.units import Units, independent_units, unit_rows

EPSILON = float(np.finfo(np.float64).eps)
# Weights up to the square of two to this, and over it, are no danger to products.
_ORDINARY_HALF = 100
_SPLITTER = 134217729.0  # 2^27 + 1, Veltkamp's constant for float64
# Below this products may lose their error term to underflow; it is added to every bound.
TINY = 1e-290
# Binary orders of magnitude from one that squares and conditions bear easily.
_FAR = 64
# Entries of unit rows that agree this closely count as equal where one unit stands for another.
_AGREEING = 1e-11
_LARGEST_SLOPE = 450


@dataclass(frozen=True, eq=False)
class FeaturesProblem:
    """The scaled problem: minimise Lip(a) subject to |A a - b| <= radius, A = diag(sqrt m) Phi.

    Columns of A, and rows of `normals` and `slopes`, are the sloped units of `units`, then the constant, if any.

    Attributes
    ----------
    units : Units
    normals : ndarray, shape (K, D)
        Rows (w', b') over the scaled coordinates, or w' where there are no offsets; (0, b') for the constant.
    slopes : ndarray, shape (K, d)
        0 for the constant.
    offsets : ndarray, shape (K,), or None
        With `slopes` the units of a layer over isotropically scaled inputs.
    points : ndarray, shape (G, D)
        Distinct inputs, with a last coordinate 1 where there are offsets.
    members : tuple of ndarray of int
        Samples at each point.
    A, A_error : ndarray, shape (G, K)
        Weighted features, and bounds on the rounding error of each.
    b, b_error : ndarray, shape (G,)
        sqrt(m) times the mean label, and bounds on the rounding error.
    labels : tuple of tuple of Fraction
        Labels at each point, exactly.
    means : tuple of Fraction
        Their means.
    spread : Fraction
        Sum of squares within groups.
    budget : Fraction
        n max_mse - spread, scaled: the square of `radius`; negative where the level is out of reach by `spread` alone.
    radius : tuple of float
        Lower and upper bounds of its root.
    coordinate_exponents : ndarray of int, shape (d,)
    unit_exponents : ndarray of int, shape (K,)
    label_exponent, gradient_exponent : int
        h and g.
    """

    units: Units
    normals: FloatArray
    slopes: FloatArray
    offsets: FloatArray | None
    points: FloatArray
    members: tuple[IntArray, ...]
    A: FloatArray
    A_error: FloatArray
    b: FloatArray
    b_error: FloatArray
    labels: tuple[tuple[Fraction, ...], ...]
    means: tuple[Fraction, ...]
    spread: Fraction
    budget: Fraction
    radius: tuple[float, float]
    coordinate_exponents: IntArray
    unit_exponents: IntArray
    label_exponent: int
    gradient_exponent: int

    @property
    def lifted(self) -> bool:
        """Whether points carry a last coordinate 1."""
        return self.offsets is not None

    @property
    def sloped(self) -> int:
        """Number of units that have a slope; they come first."""
        return len(self.units.sloped)

    @property
    def opposite(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Columns of opposite units, and the factors c between them: normals are n and -c n."""
        places = {int(unit): place for place, unit in enumerate(self.units.sloped)}
        first = np.array([places[unit] for unit, _ in self.units.pairs], dtype=np.int64)
        second = np.array([places[unit] for _, unit in self.units.pairs], dtype=np.int64)
        lead = np.argmax(np.abs(self.normals[first]), axis=1) if first.size else first
        return first, second, -self.normals[second, lead] / self.normals[first, lead]

    @property
    def slope_exponent(self) -> int:
        """Exponent of the factor from scaled Lipschitz constants to those of the model."""
        return self.label_exponent + self.gradient_exponent

    def separate_columns(self) -> IntArray:
        """Return columns of which no two are units that agree within rounding: one of each kind can be spared in a fit.

        Only a region thinner than rounding tells such units apart, and weights of either sign there would be steep.
        """
        rows = self.normals / np.linalg.norm(self.normals, axis=1, keepdims=True)
        order = np.argsort(rows[:, 0], kind="stable")
        kept = np.ones(len(rows), dtype=bool)
        ends = np.searchsorted(rows[order, 0], rows[order, 0] + _AGREEING, side="right")
        for place, end in enumerate(ends):
            if end > place + 1 and kept[order[place]]:
                others = order[place + 1 : end]
                equal = np.max(np.abs(rows[others] - rows[order[place]]), axis=1) <= _AGREEING
                kept[others[equal]] = False
        return np.flatnonzero(kept)

    def restricted(self, columns: IntArray) -> FeaturesProblem:
        """Return the problem with the features of some columns alone; for their decomposition."""
        return replace(self, A=np.ascontiguousarray(self.A[:, columns]), A_error=self.A_error[:, columns])

    def with_slopes_near(self, exponent: int) -> FeaturesProblem:
        """Return the problem with slopes over 2^exponent, if Lipschitz constants of that size are far from one.

        No slope comes so near to the end of the range that its square leaves it.
        """
        exponent = max(exponent, size_exponent(self.slopes) - _LARGEST_SLOPE)
        if abs(exponent) <= _FAR:
            return self
        return replace(self, slopes=scale(self.slopes, -exponent), gradient_exponent=self.gradient_exponent + exponent)

    def with_weights_near(self, weights: FloatArray) -> FeaturesProblem:
        """Return the problem with weights over powers of two where those given are far above one."""
        exponents = np.frexp(weights)[1].astype(np.int64)
        exponents[exponents <= _FAR] = 0
        if not exponents.any():
            return self
        return replace(
            self,
            A=scale(self.A, exponents),
            A_error=scale(self.A_error, exponents),
            slopes=scale(self.slopes, exponents[:, None]),
            offsets=None if self.offsets is None else scale(self.offsets, exponents),
            unit_exponents=self.unit_exponents - exponents,
        )

    def scaled_points(self, points: FloatArray) -> FloatArray:
        """Return inputs (m, d), in their own units, in the scaled coordinates."""
        return scale(points, -self.coordinate_exponents)


def scaled_problem(model: RandomFeatures, X: FloatArray, y: FloatArray, max_mse: float) -> FeaturesProblem:
    """Return the scaled problem for samples X (n, d), y (n,)."""
    units = independent_units(model)
    d = model.dimension
    chosen = units.sloped if units.constant is None else np.append(units.sloped, units.constant)
    rows = unit_rows(model)[chosen]
    coordinate_exponents = size_exponents(X, 0)
    coordinate_exponents += _distance_exponent(unit_rows(model)[units.sloped], coordinate_exponents)
    widths = np.append(coordinate_exponents, 0)[: rows.shape[1]]
    unit_exponents = _row_exponents(rows, widths)
    normals = scale(rows, widths - unit_exponents[:, None])
    inputs = scale(X, -coordinate_exponents)
    # Only entries 2^-1000 of the largest lose digits to the end of the range.
    exact = np.array_equal(scale(normals, unit_exponents[:, None] - widths), rows)
    exact = exact and np.array_equal(scale(inputs, coordinate_exponents), X)
    members = _groups(X)
    points = inputs[[group[0] for group in members]]
    if model.offsets is not None:
        points = np.column_stack([points, np.ones(len(points))])
    features, features_error = relu_features(normals, points)
    features_error += 0.0 if exact else TINY
    label_exponent = size_exponent(y)
    unit = Fraction(2) ** -label_exponent
    labels = tuple(tuple(Fraction(float(y[sample])) * unit for sample in group) for group in members)
    means, spread = _means(labels)
    counts = np.array([len(group) for group in members], dtype=np.float64)
    root = np.sqrt(counts)
    A, b = root[:, None] * features, root * np.array([float(mean) for mean in means])
    # Roots of more than one, their products and means are rounded.
    rounding = np.where(counts > 1, 4 * EPSILON, 0.0)
    rounded = [Fraction(float(mean)) != mean for mean in means]
    budget = len(y) * Fraction(max_mse) * Fraction(4) ** -label_exponent - spread
    slopes, gradient_exponent = _slopes(rows[:, :d], unit_exponents)
    return FeaturesProblem(
        units=units,
        normals=np.ascontiguousarray(normals),
        slopes=slopes,
        offsets=None if model.offsets is None else scale(rows[:, -1], -unit_exponents),
        points=points,
        members=members,
        A=np.ascontiguousarray(A),
        A_error=rounding[:, None] * A + 2 * root[:, None] * features_error,
        b=b,
        b_error=rounding * np.abs(b) + np.where(rounded, EPSILON * np.abs(b) + TINY, 0.0),
        labels=labels,
        means=means,
        spread=spread,
        budget=budget,
        radius=root_bounds(max(budget, Fraction(0))),
        coordinate_exponents=coordinate_exponents,
        unit_exponents=unit_exponents,
        label_exponent=label_exponent,
        gradient_exponent=gradient_exponent,
    )


def _distance_exponent(rows: FloatArray, coordinate_exponents: IntArray) -> int:
    """Return how far the nearest kink is from inputs of the given size, if all are far (units flat over the data)."""
    d = len(coordinate_exponents)
    if rows.shape[1] == d or len(rows) == 0 or not np.all(rows[:, -1]):
        return 0
    own = _row_exponents(rows[:, :d], coordinate_exponents)
    return max(0, int(np.min(np.frexp(rows[:, -1])[1] - own)))


def _row_exponents(rows: FloatArray, widths: IntArray) -> IntArray:
    """Return the exponents of the largest entries of rows 2^widths; no row is 0."""
    exponents = np.frexp(rows)[1] + widths
    return np.asarray(np.max(exponents, axis=1, where=rows != 0, initial=-(10**6)), dtype=np.int64)


def _slopes(directions: FloatArray, unit_exponents: IntArray) -> tuple[FloatArray, int]:
    """Return the directions over 2^(unit exponents + g), with largest entry near one, and g."""
    sloped = directions.any(axis=1)
    if not np.any(sloped):
        return np.zeros_like(directions), 0
    exponent = int(np.max(size_exponents(directions, 1)[sloped] - unit_exponents[sloped]))
    return np.ascontiguousarray(scale(directions, -(unit_exponents + exponent)[:, None])), exponent


def _groups(X: FloatArray) -> tuple[IntArray, ...]:
    """Return the samples at each distinct input, in the order of first appearance."""
    places: dict[bytes, list[int]] = {}
    for sample, row in enumerate(X + 0.0):
        places.setdefault(row.tobytes(), []).append(sample)
    return tuple(np.array(group, dtype=np.int64) for group in places.values())


def _means(groups: tuple[tuple[Fraction, ...], ...]) -> tuple[tuple[Fraction, ...], Fraction]:
    """Return the mean of each group, and the sum of squares around the means."""
    means, spread = [], Fraction(0)
    for values in groups:
        mean = values[0] if len(values) == 1 else sum(values, Fraction(0)) / len(values)
        if len(values) > 1:
            spread += sum(((value - mean) ** 2 for value in values), Fraction(0))
        means.append(mean)
    return tuple(means), spread


def root_bounds(square: Fraction) -> tuple[float, float]:
    """Return float64 bounds of the square root of a fraction >= 0, relatively within 2^-50 in the normal range."""
    if square == 0:
        return 0.0, 0.0
    # Scale by 4^k so that the integer square root has about 60 bits.
    k = 60 - (square.numerator.bit_length() - square.denominator.bit_length()) // 2
    scaled = square * Fraction(4) ** k
    floor = math.isqrt(scaled.numerator // scaled.denominator)
    low, high = _scaled_integer(floor, -k), _scaled_integer(floor + 1, -k)
    return math.nextafter(low, 0.0), math.nextafter(high, math.inf)


def _scaled_integer(value: int, exponent: int) -> float:
    try:
        return math.ldexp(float(value), exponent)
    except OverflowError:
        return math.inf


def relu_features(normals: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return relu(<n_j, x_i>) at points (G, D), shape (G, K), and bounds on the rounding error of each; 0 where exact.

    Sums are formed with their rounding errors (Ogita, Rump & Oishi 2005, "Accurate sum and dot product"); where that
    leaves the sign open it is decided in fractions.
    """
    total: FloatArray = np.zeros((len(points), len(normals)))
    lost: FloatArray = np.zeros((len(points), len(normals)))
    inexact = np.zeros(total.shape, dtype=bool)
    for place in range(points.shape[1]):
        product, error = _two_product(points[:, place][:, None], normals[:, place][None, :])
        total, carry = _two_sum(total, product)
        lost += error + carry
        inexact |= (error != 0) | (carry != 0)
    size = np.abs(points) @ np.abs(normals).T
    value = total + lost
    # Products below the range are seen neither in `product` nor in `error`.
    error = EPSILON * np.abs(value) + (points.shape[1] + 2) ** 2 * EPSILON**2 * size + TINY
    exact = ~inexact & (np.min(np.where(points == 0, 1.0, np.abs(points)), axis=1)[:, None] > 1e-130)
    exact &= np.min(np.where(normals == 0, 1.0, np.abs(normals)), axis=1)[None, :] > 1e-130
    error[exact] = 0.0
    for row, column in np.argwhere(~exact & (np.abs(value) <= error)):
        true = _exact_product(normals[column], points[row])
        value[row, column] = float(true)
        error[row, column] = EPSILON * abs(float(true)) + TINY if true else 0.0
    return np.maximum(value, 0.0), np.where(value > 0, error, 0.0)


def _exact_product(normal: FloatArray, point: FloatArray) -> Fraction:
    pairs = zip(normal, point, strict=True)
    return sum((Fraction(float(w)) * Fraction(float(x)) for w, x in pairs), Fraction(0))


def _two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return s, e with a + b = s + e exactly (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p, e with a b = p + e exactly (Dekker 1971), unless e underflows."""
    product = a * b
    a_high = _SPLITTER * a - (_SPLITTER * a - a)
    b_high = _SPLITTER * b - (_SPLITTER * b - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def accurate_residual(A: FloatArray, weights: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return b - A a for the arrays as given, and bounds on the rounding error of each entry.

    As accurate as in twice the precision (see `relu_features`).
    """
    # Factors of like size, so that their halves stay in the range.
    halves = np.frexp(weights)[1].astype(np.int64) // 2
    if np.any(np.abs(halves) > _ORDINARY_HALF):
        columns, factors = scale(A, halves), -scale(weights, -halves)
    else:
        columns, factors = A, -weights
    total: FloatArray = b.copy()
    lost: FloatArray = np.zeros_like(b)
    inexact = np.zeros(len(b), dtype=bool)
    add_products(np.ascontiguousarray(columns), factors, total, lost, inexact)
    size = np.abs(b) + np.abs(A) @ np.abs(weights)
    residual = total + lost
    error = EPSILON * np.abs(residual) + (A.shape[1] + 4) ** 2 * EPSILON**2 * size + TINY
    largest, smallest = (float(reduce(np.abs(v[v != 0]), initial=1.0)) for reduce, v in ((np.max, A), (np.min, A)))
    exact = ~inexact & (smallest * float(np.min(np.abs(weights[weights != 0]), initial=1.0)) > 1e-250)
    return residual, np.where(exact & (largest < 1e250), 0.0, error)


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Weights with what is certain about their residual, for the true features and labels.

    Attributes
    ----------
    weights : ndarray, shape (K,)
    residual, error : ndarray, shape (G,)
        b - A a, and bounds on the rounding error of each entry.
    excess : float
        At least |b - A a| - radius, and 0 where the level is met for certain.
    """

    weights: FloatArray
    residual: FloatArray
    error: FloatArray
    excess: float


def evaluated(problem: FeaturesProblem, weights: FloatArray) -> Evaluated:
    """Return the weights with their residual."""
    residual, error = accurate_residual(problem.A, weights, problem.b)
    error = error + problem.A_error @ np.abs(weights) * (1 + 1e-12) + problem.b_error
    largest = stable_norm(np.abs(residual) + error) * (1 + (len(error) + 8) * EPSILON)
    return Evaluated(weights, residual, error, max(0.0, largest - problem.radius[0]))
