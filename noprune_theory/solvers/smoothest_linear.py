"""The smoothest linear fit below a loss level.

A linear function has Lipschitz constant |w|, so for the support S of a mask the problem is::

    minimise  |w|   subject to   (1/n) |X_S w - y|^2 <= max_mse.

It is convex. Where the constraint binds, the minimiser is the ridge solution whose loss equals the level, and the ridge
parameter is the root of a scalar (secular) equation.

One level: Cholesky factorisations of A + ridge I, A the smaller Gram matrix of the block. From a factorisation at one
ridge, m Krylov steps with the inverse give a small model of the solution that is accurate around it: within a relative
change c of the ridge to about (c / 4)^m (Chebyshev), and its secular equation to twice the digits. Masks are solved one
after another, each started from the ridge of the one before, so that most need a single factorisation.

Several levels: one singular value decomposition of the block serves them all. The same path decides the delicate cases,
where the level is close to the smallest reachable loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import blas, lapack

from noprune_theory._types import FloatArray
from noprune_theory._validation import as_float_array, as_masks, as_samples
from noprune_theory.solvers._blas import one_blas_thread
from noprune_theory.solvers._secular_kernels import secular_root

_EPSILON = float(np.finfo(np.float64).eps)
# A level this close (relative) to the smallest reachable loss counts as that loss: the two are equal up to rounding.
_LEVEL_SLACK = 1e-12
# Krylov steps with one factorisation, and the relative change of the ridge up to which they solve to 1e-12.
_KRYLOV_STEPS = 8
_CLOSE = 0.12
_MAXIMUM_FACTORISATIONS = 12
# Fraction of the mean squared label below which |y|^2 - ... would cancel in the primal form.
_CANCELLATION = 1e-4
# Relative optimality residual above which the decomposition path takes over.
_KKT_TOLERANCE = 1e-10


@dataclass(frozen=True)
class SmoothestLinearFit:
    """Fits of least Lipschitz constant at given loss levels.

    Every attribute has the leading shape `batch + levels`, where batch is () for one mask and (n_masks,) for many, and
    levels is () for a scalar `max_mse` and (n_levels,) for an array. Scalars where that shape is ().

    Attributes
    ----------
    weights : ndarray, shape batch + levels + (p,)
        Fitted weights, zero where the mask is False; NaN on the mask where infeasible.
    lipschitz : float or ndarray
        |w|, the exact Lipschitz constant; NaN where infeasible.
    mse : float or ndarray
        Mean squared error attained; where infeasible, the smallest one that the mask can attain.
    ridge : float or ndarray
        Parameter of the equivalent problem |X_S w - y|^2 + ridge |w|^2; inf when w = 0, NaN where infeasible.
    status : str or ndarray of str
        "ok", or "infeasible": no weights on this mask reach the level.
    """

    weights: FloatArray
    lipschitz: float | FloatArray
    mse: float | FloatArray
    ridge: float | FloatArray
    status: str | NDArray[np.str_]


def smoothest_linear_fit(
    X: ArrayLike, y: ArrayLike, masks: ArrayLike | None = None, *, max_mse: ArrayLike
) -> SmoothestLinearFit:
    """Minimise the Lipschitz constant of a masked linear fit subject to a bound on its mean squared error.

    Parameters
    ----------
    X : array_like, shape (n, p)
        Data, one sample a row.
    y : array_like, shape (n,)
        Labels.
    masks : array_like of bool, shape (p,) or (n_masks, p), optional
        True where a weight is kept; all weights kept by default.
    max_mse : float or array_like, shape (n_levels,)
        Loss level(s) >= 0, in squared units of y. All levels share the factorisation of a mask.

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
    """
    samples, labels = as_samples(X, y)
    n_weights = samples.shape[1]
    kept = np.ones(n_weights, dtype=bool) if masks is None else as_masks("masks", masks, n_weights)
    levels = as_float_array("max_mse", max_mse, ndim=(0, 1))
    if levels.min() < 0:
        raise ValueError(f"max_mse must be >= 0, got {levels.min()}")
    batch, flat = np.atleast_2d(kept), np.ravel(levels)
    shape = (len(batch), flat.size)
    weights, mse, ridge = np.zeros((*shape, n_weights)), np.empty(shape), np.empty(shape)
    # Columns side by side serve many masks; for one, the copy would cost more than it saves.
    columns = np.ascontiguousarray(samples.T) if len(batch) > 1 else samples.T
    start = math.nan
    with one_blas_thread():
        for row, mask in enumerate(batch):
            support = np.flatnonzero(mask)
            block = np.ascontiguousarray(columns[support]).T
            fit = _factored_fit(block, labels, float(flat[0]), start) if flat.size == 1 else None
            if fit is None:
                weights[row][:, support], mse[row], ridge[row] = _spectral_fits(block, labels, flat)
            else:
                weights[row, 0, support], mse[row], ridge[row] = fit
                start = fit[2]
    return _assemble(weights, mse, ridge, kept.shape[:-1] + levels.shape)


def _assemble(weights: FloatArray, mse: FloatArray, ridge: FloatArray, shape: tuple[int, ...]) -> SmoothestLinearFit:
    """Give the results the leading shape of the call; a NaN ridge marks an infeasible level."""
    lipschitz = np.linalg.norm(weights, axis=-1)
    status = np.where(np.isnan(ridge), "infeasible", "ok")
    if shape == ():
        return SmoothestLinearFit(
            weights[0, 0], float(lipschitz[0, 0]), float(mse[0, 0]), float(ridge[0, 0]), str(status[0, 0])
        )
    return SmoothestLinearFit(
        weights.reshape(*shape, -1),
        lipschitz.reshape(shape),
        mse.reshape(shape),
        ridge.reshape(shape),
        status.reshape(shape),
    )


def _spectral_fits(block: FloatArray, y: FloatArray, levels: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights (n_levels, k), mse and ridge (n_levels,) for one block (n, k), from one SVD.

    With X_S = U diag(s) V^T and beta = U^T y, the residual splits into a part that no weights reach and
    beta_i / (1 + s_i^2 / ridge).
    """
    n, k = block.shape
    U, s, Vt = np.linalg.svd(block, full_matrices=False) if k else (np.zeros((n, 0)), np.zeros(0), np.zeros((0, 0)))
    rank = int(np.count_nonzero(s > max(n, k) * _EPSILON * s.max(initial=0.0)))
    U, s, Vt = U[:, :rank], s[:rank], Vt[:rank]
    beta = U.T @ y
    unreachable = 0.0 if rank == n else float(np.sum((y - U @ beta) ** 2))
    weights, mse, ridge = np.zeros((levels.size, k)), np.empty(levels.size), np.empty(levels.size)
    for i, level in enumerate(levels):
        ridge[i] = secular_root(s * s, beta, n * level - unreachable, _LEVEL_SLACK * n * level, math.inf)
        if np.isnan(ridge[i]):
            weights[i], mse[i] = np.nan, unreachable / n
            continue
        # s / (s^2 + ridge), written so that ridge = 0 and ridge = inf are both exact.
        weights[i] = (beta / (s * (1.0 + (ridge[i] / s) / s))) @ Vt if ridge[i] < np.inf else 0.0
        mse[i] = np.mean((block @ weights[i] - y) ** 2)
    return weights, mse, ridge


def _factored_fit(
    block: FloatArray, y: FloatArray, level: float, start: float
) -> tuple[FloatArray, float, float] | None:
    """Return weights (k,), mse and ridge for one block and one level, from Cholesky factorisations.

    `start` is a guess of the ridge, or NaN. None where the level is not safely between the smallest reachable loss and
    the loss of w = 0, or where the result fails its optimality conditions: the caller then decomposes the block.
    """
    n, k = block.shape
    total = float(y @ y)
    budget = n * level
    dual = k >= n
    if k == 0 or not budget < total or (not dual and budget < _CANCELLATION * total):
        return None
    gram = blas.dsyrk(1.0, block, trans=0 if dual else 1, lower=1)
    right = y if dual else y @ block
    diagonal = gram.ravel(order="F")[:: len(gram) + 1]
    scale = float(diagonal.mean())
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
            return _checked(block, y, solution @ block if dual else solution, root)
        # A model that has no positive root says that the ridge is too large, but not by how much.
        ridge = root if root > 0.1 * ridge else 0.1 * ridge
    return None


def _checked(
    block: FloatArray, y: FloatArray, weights: FloatArray, ridge: float
) -> tuple[FloatArray, float, float] | None:
    """Return weights, mse and ridge if X_S^T (y - X_S w) = ridge w holds; None otherwise."""
    residual = y - block @ weights
    misfit = residual @ block - ridge * weights
    if not np.linalg.norm(misfit) <= _KKT_TOLERANCE * ridge * np.linalg.norm(weights):
        return None
    return weights, float(residual @ residual) / y.size, ridge


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
        squares = np.maximum(self.eigenvalues, 1e-300)
        if total is None:
            return float(secular_root(squares, self.components, budget, 0.0, start))
        beta = self.components / np.sqrt(squares)
        return float(secular_root(squares, beta, budget - (total - float(beta @ beta)), 0.0, start))

    def solution(self, ridge: float) -> FloatArray:
        """Return (A + ridge I)^-1 b."""
        return np.asarray((self.components / (self.eigenvalues + ridge)) @ self.basis)
