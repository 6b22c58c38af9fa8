"""The smoothest linear fit below a loss level.

A linear function has Lipschitz constant |w|, so for the support S of a mask the problem is::

    minimise  |w|   subject to   (1/n) |X_S w - y|^2 <= max_mse.

It is convex. Where the constraint binds, the minimiser is the ridge solution whose loss equals the level, and the ridge
parameter is the root of a scalar (secular) equation.

One level: Cholesky factorisations of A + ridge I, A the smaller Gram matrix of the block. From a factorisation at one
ridge, m Krylov steps with the inverse give a small model of the solution that is accurate around it: within a relative
change c of the ridge to about (c / 4)^m (Chebyshev), and its secular equation to twice the digits. Masks are solved one
after another, each started from the ridge of the one before, so that most need a single factorisation.

Several levels: one singular value decomposition of the block serves them all. The same path decides the cases close to
the smallest reachable loss. Blocks that are close to deficient, or whose columns are in units too far apart, are
decomposed by `_graded`, by the rank rule of `least_squares`.

Level 0, and a level equal to the smallest reachable loss, ask for the least-squares fit of least norm: the
interpolant, if y can be reached. It is the limit of the fits at levels above. That no weights reach a level is said
only with a proof.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas, lapack

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, scale_float, stable_norm, stable_norms
from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, as_masks, as_samples
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers.regression._exact import ExactBlock, exact_squared_residual, nearest_float, nearest_root
from noprune_theory.solvers.regression._graded import (
    EPSILON,
    ILL_CONDITIONED,
    GradedBlock,
    Spectrum,
    Units,
    common_units,
    rank_tolerance,
    unscaled,
)
from noprune_theory.solvers.smoothest.linear._secular_kernels import secular_root
from noprune_theory.solvers.smoothest.linear._unreachable import unreachable_direction

# Krylov steps with one factorisation, and the relative change of the ridge up to which they solve to 1e-12.
_KRYLOV_STEPS = 8
_CLOSE = 0.12
_MAXIMUM_FACTORISATIONS = 12
# Fraction of the mean squared label below which |y|^2 - ... would cancel in the primal form.
_CANCELLATION = 1e-4
# Relative optimality residual, and relative distance from the level, above which the decomposition path takes over.
_KKT_TOLERANCE = 1e-10
_LEVEL_TOLERANCE = 1e-9
# Share of |y| by which rounding may move the residual before the fit is called ill-conditioned.
_LARGEST_EXCESS = 1e-6
# Least ratio of singular values at which the plain decomposition is trusted.
_WELL_CONDITIONED = 1e-6
# Order of blocks for which a ridge is found in exact arithmetic.
_EXACT_ORDER = 8


@dataclass(frozen=True, eq=False, repr=False)
class SmoothestLinearFit(ShortRepr):
    """Fits of least Lipschitz constant at given loss levels.

    Every attribute has the leading shape `batch + levels`, where batch is () for one mask and (n_masks,) for many, and
    levels is () for a scalar `max_mse` and (n_levels,) for an array. Scalars where that shape is ().

    Attributes
    ----------
    weights : ndarray, shape batch + levels + (p,)
        Fitted weights, zero where the mask is False; NaN on the mask where no fit was found.
    lipschitz : float or ndarray
        |w|, the exact Lipschitz constant; NaN where no fit was found.
    mse : float or ndarray
        Mean squared error attained, at most the level up to rounding; where no fit was found, the smallest one that was
        (the smallest that the mask can attain, where infeasible). Rounded up to the smallest positive number if it is
        below, infinite if it is beyond the largest.
    ridge : float or ndarray
        Parameter of the equivalent problem |X_S w - y|^2 + ridge |w|^2: 0 for the least-squares fit of least norm, inf
        when w = 0 or where it is beyond the largest float64, NaN where no fit was found.
    status : str or ndarray of str
        "ok".
        "infeasible": no weights on this mask reach the level, by the proof in `certificate`.
        "undecided": nearly dependent columns; neither weights that reach the level nor a proof was found.
        "ill_conditioned": weights so large, from nearly dependent columns, that their last digits decide on the loss;
        exact ones would meet the level, these may not (compare `mse`).
        "out_of_range": the fit has weights that float64 cannot hold, as in `LeastSquaresFit`.
    certificate : ndarray, shape batch + levels + (n,), or None
        Where infeasible, v (up to its rounding) with X_S^T v = 0 and v^T y / |v| > sqrt(n max_mse), so that
        |X_S w - y| >= v^T (y - X_S w) / |v| exceeds it for every w. Zero elsewhere; None if nothing is infeasible.

    Notes
    -----
    "ok" means that the level is met up to rounding: |X_S w - y| exceeds sqrt(n max_mse) by at most a factor 1 + 1e-9
    plus 8 max(n, k) 2.2e-16 times the norm of |y| + |X_S| |w|, and that at most 1e-6 |y|. A level counts as reached if
    sqrt(n max_mse) lies less than 8 max(n, k) 2.2e-16 |y| below the smallest residual norm of `least_squares`, and as
    reached by w = 0 if it lies less than that below |y|.
    """

    weights: FloatArray
    lipschitz: float | FloatArray
    mse: float | FloatArray
    ridge: float | FloatArray
    status: str | NDArray[np.str_]
    certificate: FloatArray | None = None


def smoothest_linear_fit(
    X: ArrayLike, y: ArrayLike, masks: ArrayLike | None = None, *, max_mse: ArrayLike
) -> SmoothestLinearFit:
    """Minimise the Lipschitz constant of a masked linear fit subject to a bound on its mean squared error.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, one sample a row. Columns may be in any units that float64 can hold.
    y : array_like, shape (n,)
        Labels.
    masks : array_like of bool, shape (p,) or (n_masks, p), optional
        True where a weight is kept; all weights kept by default.
    max_mse : float or array_like, shape (n_levels,)
        Loss level(s) >= 0, in squared units of y; 0 asks for interpolation. All levels share the factorisation of a
        mask.

    Returns
    -------
    SmoothestLinearFit

    Raises
    ------
    TypeError
        If the data are not real or the masks not boolean.
    ValueError
        If an entry is NaN or infinite, a shape does not fit, n = 0, the masks are empty, or a level is negative.

    Examples
    --------
    >>> fit = smoothest_linear_fit([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], max_mse=0.5)
    >>> round(fit.mse, 12), bool(fit.lipschitz < 1.0)
    (0.5, True)
    >>> smoothest_linear_fit([[3.0, 4.0]], [5.0], max_mse=0.0).weights.round(12).tolist()
    [0.6, 0.8]
    """
    samples, labels = as_samples(X, y)
    n_weights = samples.shape[1]
    kept = np.ones(n_weights, dtype=bool) if masks is None else as_masks("masks", masks, n_weights)
    levels = as_float_array("max_mse", max_mse, ndim=(0, 1))
    if levels.min() < 0:
        raise ValueError(f"max_mse must be >= 0, got {levels.min()}")
    batch = np.atleast_2d(kept)
    fits = _Fits(samples, labels, batch, np.ravel(levels))
    with one_blas_thread():
        fits.solve()
    return fits.assembled(kept.shape[:-1] + levels.shape)


class _Fits:
    """All fits of a call: masks one after another, each started from the ridge of the one before."""

    def __init__(self, X: FloatArray, y: FloatArray, masks: NDArray[np.bool_], levels: FloatArray) -> None:
        self.X, self.y, self.masks, self.levels = X, y, masks, levels
        self.n = y.size
        shape = (len(masks), levels.size)
        self.weights: FloatArray = np.zeros((*shape, X.shape[1]))
        self.mse: FloatArray = np.empty(shape)
        self.ridge: FloatArray = np.empty(shape)
        self.status: NDArray[np.str_] = np.full(shape, "ok", dtype="<U15")
        self.certificate: FloatArray | None = None
        self.units: Units = common_units(X.T, y, 0.0)
        # Norms of weights of ordinary data and well-conditioned blocks need no care.
        self.plain = self.units.ordinary

    def solve(self) -> None:
        """Fill in the results."""
        units, X, y = self.units, self.X, self.y
        if not units.ordinary:
            X, y = scale(X, -units.columns), scale(y, -units.labels)
        # Columns side by side serve many masks; for one, the copy would cost more than it saves.
        columns = np.ascontiguousarray(X.T) if len(self.masks) > 1 else X.T
        radii = np.array([_radius(self.n, level, -units.labels) for level in self.levels.tolist()])
        # Any radius above the norm of the labels is met by 0; its square might leave the range.
        radii = np.minimum(radii, 2.0 * stable_norm(y))
        start = math.nan
        for row, mask in enumerate(self.masks):
            support = np.flatnonzero(mask)
            fits = None
            if units.alike and support.size:
                block = np.ascontiguousarray(columns[support]).T
                single = _factored_fit(block, y, float(radii[0]) ** 2, start) if radii.size == 1 else None
                if single is not None:
                    start = float(single[2])
                    fits = single[0][None], np.array([single[1]]), np.array([single[2]])
                else:
                    fits = _spectral_fits(block, y, radii)
            if fits is None:
                self._solve_delicate(row)
                continue
            weights, mse, ridge = fits
            if not units.ordinary:
                weights, beyond = unscaled(weights, np.full(support.size, units.labels - units.columns))
                mse, ridge = scale(mse, 2 * units.labels), scale(ridge, 2 * units.columns)
                self.status[row, beyond] = "out_of_range"
            self.weights[row][:, support], self.mse[row], self.ridge[row] = weights, mse, ridge

    def _solve_delicate(self, row: int) -> None:
        """Fit one mask at every level, whatever its rank and units."""
        self.plain = False
        support = np.flatnonzero(self.masks[row])
        problem = _DelicateFit(self.X[:, support], self.y)
        for i, level in enumerate(self.levels.tolist()):
            # Rows far apart may carry scaled unknowns out of the range; such a fit is not taken for one.
            with np.errstate(over="ignore", invalid="ignore"):
                fit = problem.fit(level)
            self.weights[row, i, support] = fit.weights
            self.mse[row, i], self.ridge[row, i], self.status[row, i] = fit.mse, fit.ridge, fit.status
            if fit.certificate is not None:
                if self.certificate is None:
                    self.certificate = np.zeros((*self.status.shape, self.n))
                self.certificate[row, i] = fit.certificate

    def assembled(self, shape: tuple[int, ...]) -> SmoothestLinearFit:
        """Return the results with the leading shape of the call."""
        with np.errstate(over="ignore"):
            lipschitz = np.linalg.norm(self.weights, axis=-1) if self.plain else stable_norms(self.weights)
        evidence = self.certificate
        if shape == ():
            return SmoothestLinearFit(
                self.weights[0, 0],
                float(lipschitz[0, 0]),
                float(self.mse[0, 0]),
                float(self.ridge[0, 0]),
                str(self.status[0, 0]),
                None if evidence is None else evidence[0, 0],
            )
        return SmoothestLinearFit(
            self.weights.reshape(*shape, -1),
            lipschitz.reshape(shape),
            self.mse.reshape(shape),
            self.ridge.reshape(shape),
            self.status.reshape(shape),
            None if evidence is None else evidence.reshape(*shape, -1),
        )


def _radius(n: int, level: float, shift: int) -> float:
    """Return sqrt(n level) 2^shift, rounded once or twice."""
    digits, power = math.frexp(level)
    odd = power % 2
    return scale_float(math.sqrt(n * math.ldexp(digits, odd)), (power - odd) // 2 + shift)


def _spectral_fits(
    block: FloatArray, y: FloatArray, radii: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Return weights (n_levels, k), mse and ridge (n_levels,) for one block (n, k), from one SVD.

    With X_S = U diag(s) V^T and beta = U^T y, the residual splits into a part that no weights reach and
    beta_i / (1 + s_i^2 / ridge). None where the block is delicate or some level is not reached.
    """
    n, k = block.shape
    U, s, Vt = np.linalg.svd(block, full_matrices=False)
    if not s[-1] > _WELL_CONDITIONED * s[0]:
        return None
    beta = U.T @ y
    total = float(np.linalg.norm(y))
    unreachable = float(np.linalg.norm(y - U @ beta)) if k < n else 0.0
    slack = rank_tolerance(n, k) * total
    edge = radii <= unreachable + slack
    if edge.any() and (radii.min() < unreachable - slack or (min(n, k) <= _EXACT_ORDER and total > 0)):
        return None
    # Of norm |y| or more: the zero function. At the smallest reachable residual: the least-squares fit.
    inner = np.sqrt(np.maximum((radii - unreachable) * (radii + unreachable), 0.0))
    ridge = np.array(
        [0.0 if e else secular_root(s * s, beta, r * r, 0.0, math.inf) for e, r in zip(edge, inner, strict=True)]
    )
    ridge[radii >= total - slack] = math.inf
    finite = np.isfinite(ridge)
    # s / (s^2 + ridge), written so that ridge = 0 is exact.
    factors = 1.0 / (s * (1.0 + (np.where(finite, ridge, 1.0)[:, None] / s) / s))
    weights = np.where(finite[:, None], (factors * beta) @ Vt, 0.0)
    squared = np.sum((weights @ block.T - y) ** 2, axis=1)
    missed = np.abs(squared - radii**2) > _LEVEL_TOLERANCE * radii**2 + 2.0 * slack * radii
    if np.any(missed & finite & ~edge):
        return None
    return weights, squared / n, ridge


@dataclass(frozen=True)
class _LevelFit:
    """Weights (k,), mse, ridge, status and certificate of one mask at one level, in the units of the data."""

    weights: FloatArray
    mse: float
    ridge: float
    status: str
    certificate: FloatArray | None = None


class _DelicateFit:
    """Fits on one block of any rank, with columns in any units."""

    def __init__(self, block: FloatArray, y: FloatArray) -> None:
        self.block, self.y = block, y
        self.graded = GradedBlock(block, y)
        self.slack = self.graded.tolerance * self.graded.total
        self.n, self.k = block.shape

    def fit(self, level: float) -> _LevelFit:
        """Return the smoothest fit at one level."""
        graded = self.graded
        radius, budget = _radius(self.n, level, -graded.label_exponent), self.n * Fraction(level)
        if radius >= graded.total - self.slack:
            return self._reported(np.zeros(self.k), math.inf, radius)
        if self._sharp:
            return self._exact_fit(radius, budget)
        if radius < graded.unreachable - self.slack:
            return self._without_fit(radius, budget)
        edge = radius <= graded.unreachable + self.slack
        if edge and self._searchable and self._exact.squared_residual < budget:
            return self._exact_fit(radius, budget)
        if edge:
            solution, ridge = graded.least_squares(), 0.0
        else:
            inner = math.sqrt((radius - graded.unreachable) * (radius + graded.unreachable))
            factors, ridge = _graded_root(graded.spectrum, inner)
            solution = graded.damped(factors)
        excess, doubt = self._excess(solution, radius)
        if excess > self.slack and self._searchable:
            return self._exact_fit(radius, budget)
        if not excess <= doubt:
            return self._without_fit(radius, budget)
        return self._reported(solution, ridge, radius)

    def _excess(self, solution: FloatArray, radius: float) -> tuple[float, float]:
        """Return by how much a residual norm exceeds the radius, and by how much its rounding may, scaled."""
        graded = self.graded
        sizes = np.abs(graded.b) + np.abs(graded.A) @ np.abs(solution)
        excess = stable_norm(graded.residual(solution)) - radius * (1.0 + _LEVEL_TOLERANCE)
        return excess, graded.tolerance * stable_norm(sizes)

    def _reported(self, solution: FloatArray, ridge: float, radius: float) -> _LevelFit:
        """Return a fit with the loss that its weights have."""
        graded = self.graded
        weights, beyond = graded.weights(solution)
        excess, doubt = self._excess(solution, radius)
        mse = self._mse(stable_norm(graded.residual(solution)))
        status = "out_of_range" if beyond else "ok"
        if not beyond and max(excess, doubt) > _LARGEST_EXCESS * graded.total:
            # Rounding decides: the loss is that of the weights as they are rounded.
            squared = exact_squared_residual(self.block, self.y, weights)
            mse = nearest_float(squared / self.n) or math.ulp(0.0)
            reached = nearest_root(squared * Fraction(4) ** -graded.label_exponent)
            if reached - radius * (1.0 + _LEVEL_TOLERANCE) > _LARGEST_EXCESS * graded.total:
                status = "ill_conditioned"
        return _LevelFit(weights, mse, ridge, status)

    def _mse(self, residual_norm: float) -> float:
        """Return the mean squared error of a scaled residual in the units of the data, not rounded to 0."""
        digits, power = math.frexp(residual_norm)
        mse = scale_float(digits * digits / self.n, 2 * (power + self.graded.label_exponent))
        return mse if mse > 0 or digits == 0 else math.ulp(0.0)

    def _without_fit(self, radius: float, budget: Fraction) -> _LevelFit:
        """Prove that the level cannot be reached, or reach it in exact arithmetic, or leave it open."""
        graded = self.graded
        if graded.is_exact(self.block, self.y):
            direction = unreachable_direction(graded, Fraction(radius + self.slack) ** 2)
            if direction is not None:
                return self._infeasible(self._mse(graded.unreachable), direction)
        if ExactBlock.is_small(self.block):
            return self._exact_fit(radius, budget)
        return _LevelFit(np.full(self.k, np.nan), self._mse(graded.unreachable), math.nan, "undecided")

    def _infeasible(self, mse: float, certificate: FloatArray) -> _LevelFit:
        return _LevelFit(np.full(self.k, np.nan), mse, math.nan, "infeasible", certificate)

    # -- small blocks, in exact arithmetic -----------------------------------------------------------------------------

    @cached_property
    def _searchable(self) -> bool:
        """Whether the block is small enough for a search in exact arithmetic."""
        return 0 < min(self.n, self.k) <= _EXACT_ORDER and ExactBlock.is_small(self.block)

    @cached_property
    def _sharp(self) -> bool:
        """Whether to leave a small block to exact arithmetic: rounding would blur what can be reached, or how."""
        graded = self.graded
        if not self._searchable:
            return False
        full = graded.rank == min(self.n, self.k)
        return graded.is_doubtful or (full and graded.inverse_norm() > ILL_CONDITIONED)

    @cached_property
    def _exact(self) -> ExactBlock:
        return ExactBlock(self.block, self.y)

    def _exact_fit(self, radius: float, budget: Fraction) -> _LevelFit:
        """Return the smoothest fit with |X w - y|^2 <= budget < |y|^2."""
        exact, powers = self._exact, self.graded.exponents - self.graded.label_exponent
        floor = exact.squared_residual
        if nearest_root(floor * Fraction(4) ** -self.graded.label_exponent) > radius + self.slack:
            return self._infeasible(nearest_float(floor / self.n) or math.ulp(0.0), exact.residual())
        if floor >= budget:
            return self._reported(exact.weights(powers), 0.0, radius)
        if not self._searchable:
            return _LevelFit(np.full(self.k, np.nan), nearest_float(floor / self.n), math.nan, "undecided")
        # The residual increases with the ridge, digits 2^power.
        low, high = -4600, 4600
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if exact.ridge_fit(1, middle, powers)[1] <= budget else (low, middle)
        digits = 1
        for _ in range(52):
            digits, low = 2 * digits, low - 1
            if exact.ridge_fit(digits + 1, low, powers)[1] <= budget:
                digits += 1
        return self._reported(exact.ridge_fit(digits, low, powers)[0], scale_float(float(digits), low), radius)


def _graded_root(spectrum: Spectrum, radius: float) -> tuple[FloatArray, float]:
    """Return s_i^2 / (s_i^2 + ridge) and the ridge at which the residual in the column space is `radius`.

    The power of two below the ridge first, since the squares of the singular values may not fit into float64.
    """
    squares, powers = spectrum.sizes**2, 2 * spectrum.exponents
    components = spectrum.components / radius

    def ratios(power: int) -> FloatArray:
        return scale(squares, np.minimum(powers - power, 1000))

    def size(power: int) -> float:
        return float(np.linalg.norm(components / (1.0 + ratios(power))))

    low, high = int(powers.min()) - 2300, int(powers.max()) + 2300
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if size(middle) <= 1.0 else (low, middle)
    root = float(secular_root(ratios(low), components, 1.0, 0.0, 2.0))
    return ratios(low) / (ratios(low) + root), scale_float(root, low)


def _factored_fit(
    block: FloatArray, y: FloatArray, budget: float, start: float
) -> tuple[FloatArray, float, float] | None:
    """Return weights (k,), mse and ridge for one block and one squared residual, from Cholesky factorisations.

    `start` is a guess of the ridge, or NaN. None where the level is not safely between the smallest reachable loss and
    the loss of w = 0, or where the result fails its optimality conditions: the caller then decomposes the block.
    """
    n, k = block.shape
    total = float(y @ y)
    dual = k >= n
    if not 0 < budget < total * (1.0 - 2.0 * rank_tolerance(n, k)) or (not dual and budget < _CANCELLATION * total):
        return None
    gram = blas.dsyrk(1.0, block, trans=0 if dual else 1, lower=1)
    right = y if dual else y @ block
    diagonal = gram.ravel(order="F")[:: len(gram) + 1]
    scale = float(diagonal.mean())
    # Labels orthogonal to all columns leave nothing to build a model on.
    if not dual and not float(np.linalg.norm(right)) > EPSILON * math.sqrt(total * scale):
        return None
    ridge = start if 0 < start < math.inf else scale
    for _ in range(_MAXIMUM_FACTORISATIONS):
        if not ridge > 1e-10 * scale:
            return None
        shifted = gram.copy(order="F")
        shifted.ravel(order="F")[:: len(gram) + 1] += ridge
        factor, info = lapack.dpotrf(shifted, lower=1, clean=0, overwrite_a=1)
        if info != 0:
            return None
        model = _KrylovModel(factor, right, ridge)
        root = model.root(budget, None if dual else total, ridge)
        if abs(root - ridge) <= _CLOSE * ridge:
            solution = model.solution(root)
            return _checked(block, y, solution @ block if dual else solution, root, budget)
        # A model that has no positive root says that the ridge is too large, but not by how much.
        ridge = root if root > 0.1 * ridge else 0.1 * ridge
    return None


def _checked(
    block: FloatArray, y: FloatArray, weights: FloatArray, ridge: float, budget: float
) -> tuple[FloatArray, float, float] | None:
    """Return weights, mse and ridge if X_S^T (y - X_S w) = ridge w and |X_S w - y|^2 = budget hold; None otherwise."""
    residual = y - block @ weights
    misfit = residual @ block - ridge * weights
    squared = float(residual @ residual)
    if not np.linalg.norm(misfit) <= _KKT_TOLERANCE * ridge * np.linalg.norm(weights):
        return None
    if not abs(squared - budget) <= _LEVEL_TOLERANCE * budget:
        return None
    return weights, squared / y.size, ridge


class _KrylovModel:
    """A small model of (A + ridge I)^-1 b around the ridge of a Cholesky factor, from a few Krylov steps.

    With B = (A + ridge_0 I)^-1 compressed to the span of b, B b, B^2 b, ..., eigenvalues theta_i stand for eigenvalues
    a_i = 1 / theta_i - ridge_0 of A, on which b has the components c_i.
    """

    def __init__(self, factor: FloatArray, right: FloatArray, ridge: float) -> None:
        n = right.size
        steps = min(_KRYLOV_STEPS, n)
        size = float(np.linalg.norm(right))
        basis, images = np.empty((steps, n)), np.empty((steps, n))
        vector = right / size
        for step in range(steps):
            basis[step] = vector
            images[step] = lapack.dpotrs(factor, vector, lower=1)[0]
            vector = images[step].copy()
            # Twice is enough to be orthogonal to rounding.
            for _ in range(2):
                vector -= (basis[: step + 1] @ vector) @ basis[: step + 1]
            length = float(np.linalg.norm(vector))
            if length <= 1e-13 * float(np.linalg.norm(images[step])):
                steps = step + 1
                break
            vector /= length
        basis, images = basis[:steps], images[:steps]
        theta, rotation = np.linalg.eigh(basis @ images.T)
        # The inverse is positive definite; rounding may say otherwise in directions that b hardly has.
        positive = theta > 0
        theta, rotation = theta[positive], rotation[:, positive]
        self.eigenvalues: FloatArray = 1.0 / theta - ridge
        self.components: FloatArray = size * rotation[0]
        self.basis: FloatArray = rotation.T @ basis

    def root(self, budget: float, total: float | None, start: float) -> float:
        """Return the ridge at which the squared residual is `budget`.

        Dual (`total` None): A = X_S X_S^T, b = y. Primal: A = X_S^T X_S, b = X_S^T y and `total` = |y|^2, which exceeds
        the part that the weights can reach. NaN where the model reaches the budget nowhere.
        """
        if self.eigenvalues.size == 0:
            return math.nan
        squares = np.maximum(self.eigenvalues, EPSILON**2 * max(float(np.abs(self.eigenvalues).max()), start))
        if total is None:
            return float(secular_root(squares, self.components, budget, 0.0, start))
        beta = self.components / np.sqrt(squares)
        return float(secular_root(squares, beta, budget - (total - float(beta @ beta)), 0.0, start))

    def solution(self, ridge: float) -> FloatArray:
        """Return (A + ridge I)^-1 b."""
        return np.asarray((self.components / (self.eigenvalues + ridge)) @ self.basis)
