r"""Any function at all: no class of functions, no parameters and no mask, but fair signs for labels.

Inputs x_1, ..., x_n are independent with one law, and the labels fair signs independent of them. Let cells hold a share
q of the inputs, each with probability p = q/N (labels of cells may use randomness), and let their distortion
D = E[|x - x'|^2] / 2, x and x' drawn from one cell taken at random; for cells of a partition it is the mean of
E|x - E[x | cell]|^2.

*A cell.* For k of its points, a of them with the label +1, and values v that are L-Lipschitz on them,

    sum (y_i - v_i)^2 >= (1/k) sum over pairs of ((y_i - v_i) - (y_j - v_j))^2
                      >= (1/k) sum over pairs of unlike labels of (2 - L |x_i - x_j|)_+^2,

on average over these a (k - a) pairs H (2 - L r)_+^2, H = a (k - a) / k.

*All cells.* By Chernoff's bound n MSE <= n s has probability at most exp(theta n s) E exp(-theta sum of losses), and a
mean over pairs comes out of the exponential by convexity. Given the counts, cells are independent. A factor falls as
its count grows, and counts of a multinomial law are negatively associated (given one, the others have the law of fewer
points, and Chebyshev's inequality for a decreasing and an increasing function), so that the mean of the product is at
most the product of the means, by the inequality of the means at most the N-th power of their average. For
theta min(H, h) <= 27/32 the function w -> exp(-theta min(H, h) (2 - L sqrt(w))_+^2) is concave (its second derivative
has the sign of theta h u (2 - u)^2 - 1, u = L sqrt(w), and u (2 - u)^2 <= 32/27), so that r may be sqrt(2 D):

    P(some f with Lip(f) <= L has MSE(f) <= s) <= exp(theta n s) (E exp(-theta min(H, h) (2 - L sqrt(2 D))_+^2))^N,

K binomial (n, p) and a binomial (K, 1/2) in H. For cells of N(0, I/d) or of a cube, products of intervals of equal
probability, D is of the order N^(-2/d): the bound grows like n^(1/d), and at interpolation like n^(2/d).

*One cell a component.* Isoperimetry bounds the distortion of a component by c in its moment form and by 2 (1 + log 2) c
by Definition 1. Groups of g points of a component are independent, with sqrt(2 D) a bound on all their distances in the
mean square: theta g/4 <= 27/32, and the power is the number of groups. It is what the laws for classes tend to with as
many parameters as numbers in the inputs.
"""

from __future__ import annotations

import functools
import math
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_choice, check_instance
from noprune_theory.bounds._arguments import (
    Values,
    broadcasting,
    count,
    margin,
    nonnegative,
    number,
    open_unit,
    positive,
)
from noprune_theory.bounds._cell_law import (
    BETAS,
    CLIPS,
    CONCAVE,
    DEFICITS,
    best_cells,
    best_groups,
    best_slopes,
    log_probabilities,
)
from noprune_theory.bounds.noise import Noise

InputLaw: TypeAlias = Literal["isoperimetric", "moment", "gaussian", "cube"]
INPUT_LAWS: tuple[InputLaw, ...] = ("isoperimetric", "moment", "gaussian", "cube")

# Shares of the inputs that bounded cells hold together, in at most so many dimensions: outer cells are long.
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.995, 0.999, 1.0)
_FEW_DIMENSIONS = 20
_MOST_INTERVALS = 2**14
_BY_MOMENTS = 256
_CANCELLATION = 1e-7
_LARGEST_CELLS = 1e16
_GROWTH = 1.2
# A larger one leaves the range of doubles; the bound at this one is valid as well.
_LARGEST_MULTIPLIER = 1e300
# E (x_j - E x_j)^2 <= integral of min(1, 2 exp(-d v / (2 c))) dv = 2 (1 + log 2) c / d.
_TAIL_VARIANCE = 2 * (1 + math.log(2))
_ROUNDING = 1e-9


def _check_signs(noise: Noise) -> None:
    check_instance("noise", noise, Noise)
    if not noise.signs:
        raise ValueError("noise must be fair signs for a bound on any function, got Noise(signs=False)")


@functools.cache
def normal_distortion(intervals: int, share: float) -> float:
    """Return the mean variance of a standard normal variable in intervals of equal probability around 0.

    They hold `share` of the mass together. Up to 256 intervals by moments, with an allowance for cancellation; for
    more, by the density: in an interval of length h and mass P the variance is at most h^3 max f / (12 P), and h^2/4.
    """
    if intervals == 1 and share == 1.0:
        return 1.0
    ends = np.asarray(ndtri(np.linspace((1 - share) / 2, (1 + share) / 2, intervals + 1)))
    density = np.exp(-0.5 * ends**2) / math.sqrt(2 * math.pi)
    mass = share / intervals
    if intervals <= _BY_MOMENTS:
        first = -np.diff(density) / mass
        second = 1 - np.diff(np.where(np.isfinite(ends), ends, 0.0) * density) / mass
        return float(np.mean(second - first**2)) * (1 + _CANCELLATION)
    if share == 1.0:
        return math.inf
    length = np.diff(ends)
    nearest = np.where(ends[:-1] * ends[1:] <= 0, 0.0, np.minimum(np.abs(ends[:-1]), np.abs(ends[1:])))
    steepest = np.exp(-0.5 * nearest**2) / math.sqrt(2 * math.pi)
    return float(np.mean(np.minimum(length**3 * steepest / (12 * mass), length**2 / 4)))


@functools.lru_cache(maxsize=4096)
def product_cells(d: int, law: Literal["gaussian", "cube"]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return partitions into products of intervals: numbers of cells, their mass and their distortion for c = 1.

    d - j coordinates have m intervals and j have m + 1, for numbers of cells that grow by a fifth at a time; shapes
    (T,), (T, S) and (T, S) with a column a share of `SHARES` (one for the cube).
    """
    shares = SHARES if law == "gaussian" and d <= _FEW_DIMENSIONS else (1.0,)
    cells: list[float] = []
    mass: list[list[float]] = []
    distortion: list[list[float]] = []
    for step in range(math.ceil(math.log(_LARGEST_CELLS) / math.log(_GROWTH))):
        wanted = _GROWTH**step
        m = math.floor(wanted ** (1 / d) * (1 + 1e-12))
        if m >= _MOST_INTERVALS:
            break
        finer = min(math.floor(math.log(wanted / float(m) ** d) / math.log1p(1 / m) + 1e-9), d - 1)
        size = float(m) ** (d - finer) * float(m + 1) ** finer
        if cells and size <= cells[-1]:
            continue
        cells.append(size)
        split = finer + (d - finer if m > 1 else 0)
        mass.append(list(shares) if split else [1.0] * len(shares))
        distortion.append([_mean_distortion(d, m, finer, share ** (1 / max(split, 1)), law) for share in shares])
    return np.array(cells), np.array(mass), np.array(distortion)


def _mean_distortion(d: int, m: int, finer: int, share: float, law: Literal["gaussian", "cube"]) -> float:
    if law == "cube":
        # Of variance pi/6: N(0, 1) is carried there by a map of slope at most 1, so that c = 1.
        return math.pi / 6 * ((d - finer) / m**2 + finer / (m + 1) ** 2) / d
    coarse = normal_distortion(m, share) if m > 1 else 1.0
    fine = normal_distortion(m + 1, share) if finer else 0.0
    return ((d - finer) * coarse + finer * fine) / d


@broadcasting
def any_function_probability(
    n: ArrayLike,
    epsilon: ArrayLike,
    lipschitz: ArrayLike,
    distortion: ArrayLike,
    *,
    cells: ArrayLike,
    mass: ArrayLike = 1.0,
    multiplier: ArrayLike,
    noise: Noise,
) -> Values:
    """Bound the probability that some function with Lip(f) <= L has MSE(f) <= 1 - epsilon; valid at every multiplier.

    Parameters
    ----------
    n, epsilon
        As in `any_function_at_cells`.
    lipschitz : array_like
        L >= 0.
    distortion, cells, mass
        As in `any_function_at_cells`.
    multiplier : array_like
        theta > 0 of Chernoff's bound.
    noise
        As in `any_function_at_cells`.

    Returns
    -------
    float or ndarray
        exp(theta n s) (E exp(-theta min(H, 27/(32 theta)) (2 - L sqrt(2 D))_+^2))^N, at most one; of the broadcast
        shape. The notation is that of this module's head.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `noise` is no `Noise`.
    ValueError
        If one is out of its range, the noise is not of fair signs, or shapes do not broadcast.
    """
    _check_signs(noise)
    with np.errstate(over="ignore"):
        slope = nonnegative("lipschitz", lipschitz) * (math.sqrt(2) * np.sqrt(positive("distortion", distortion)))
    arguments = np.broadcast_arrays(
        count("n", n),
        1 - margin("epsilon", epsilon),
        np.minimum(slope, 2.0),
        count("cells", cells),
        margin("mass", mass),
        np.minimum(positive("multiplier", multiplier), _LARGEST_MULTIPLIER),
    )
    # Copies: a view that broadcasting has made is not to be written to, and numba warns that it could be.
    logarithm = log_probabilities(*(a.flatten() for a in arguments), CONCAVE).reshape(arguments[0].shape)
    return number(np.exp(np.minimum(logarithm, 0.0)))


@broadcasting
def any_function_at_cells(
    n: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    distortion: ArrayLike,
    *,
    cells: ArrayLike,
    mass: ArrayLike = 1.0,
    noise: Noise,
) -> Values:
    """Return the law for any function by a partition of the inputs that the caller knows; valid whatever it is.

    About the largest L at which `any_function_probability` is at most delta for some theta, from below. Proof:
    `python -m verification sharp-any-function`.

    Parameters
    ----------
    n : array_like
        Samples, at least 1.
    epsilon : array_like
        Margin below sigma^2 = 1, in (0, 1].
    delta : array_like
        Failure probability in (0, 1).
    distortion : array_like
        D > 0, mean over the cells of half the mean squared distance of two independent inputs in the cell.
    cells : array_like
        Number N of cells of equal probability, at least 1.
    mass : array_like
        Probability q in (0, 1] of the cells together; inputs elsewhere are not used.
    noise : Noise
        Fair signs.

    Returns
    -------
    float or ndarray
        Lower bound on the Lipschitz constant of every function with MSE <= 1 - epsilon, outside an event of probability
        delta; 0 where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        As `any_function_probability`.

    Examples
    --------
    Points in 20 places far apart, 5 at each on average, within 0.01 of one another:

    >>> from noprune_theory.bounds import Noise, any_function_at_cells
    >>> found = any_function_at_cells(100, 0.9, 0.05, 0.01**2 / 2, cells=20, noise=Noise(signs=True))
    >>> bool(100 < found < 110)
    True
    """
    _check_signs(noise)
    arguments = np.broadcast_arrays(
        count("n", n),
        1 - margin("epsilon", epsilon),
        -np.log(open_unit("delta", delta)),
        count("cells", cells),
        margin("mass", mass),
    )
    shape = arguments[0].shape
    slopes = best_slopes(*(a.flatten() for a in arguments), BETAS, CLIPS, DEFICITS, CONCAVE).reshape(shape)
    return number(slopes * (1 - _ROUNDING) / math.sqrt(2) / np.sqrt(positive("distortion", distortion)))


@broadcasting
def any_function_law(
    n: ArrayLike,
    d: ArrayLike,
    components: ArrayLike,
    epsilon: ArrayLike,
    delta: ArrayLike,
    isoperimetry: ArrayLike,
    *,
    noise: Noise,
    inputs: InputLaw = "isoperimetric",
) -> Values:
    """Return the law for any function: what no class, no learner and no mask goes below.

    The best partition or grouping of this module's head. Proof: `python -m verification sharp-any-function`.

    Parameters
    ----------
    n, d, components : array_like
        Samples, input dimension and mixture components k, at least 1.
    epsilon : array_like
        Margin below sigma^2 = 1, in (0, 1].
    delta : array_like
        Failure probability in (0, 1).
    isoperimetry : array_like
        Constant c > 0 of every component.
    noise : Noise
        Fair signs.
    inputs : {"isoperimetric", "moment", "gaussian", "cube"}
        What is known: Definition 1 with c; its moment form with c; one component N(mean, Sigma) with c = d times the
        largest eigenvalue; or one component uniform on a cube of coordinate variance (pi/6) c/d, which is `SolidCube`
        for c = 6/pi.

    Returns
    -------
    float or ndarray
        Lower bound on the Lipschitz constant of every function with MSE <= 1 - epsilon, outside an event of probability
        delta; 0 where nothing is proved. Of the broadcast shape.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers, or `noise` is no `Noise`.
    ValueError
        As `any_function_probability`, for `inputs` of another name, and for several components of a Gaussian or a cube.

    Examples
    --------
    >>> from noprune_theory.bounds import Noise, any_function_law
    >>> law = (1, 0.9, 0.25, 1.0)
    >>> found = any_function_law([44, 4400], 2, *law, noise=Noise(signs=True), inputs="gaussian")
    >>> found.round(0).tolist()
    [2.0, 34.0]
    """
    _check_signs(noise)
    known = check_choice("inputs", inputs, INPUT_LAWS)
    samples, dimension, parts, level, price, c = np.broadcast_arrays(
        count("n", n),
        count("d", d),
        count("components", components),
        1 - margin("epsilon", epsilon),
        -np.log(open_unit("delta", delta)),
        positive("isoperimetry", isoperimetry),
    )
    product = known in ("gaussian", "cube")
    if product and (parts != 1).any():
        raise ValueError(f"components must be 1 for {known} inputs, got {float(parts[parts != 1].flat[0]):g}")
    shape = samples.shape
    n_, d_, k_, s_, price_ = (a.flatten() for a in (samples, dimension, parts, level, price))
    variance = _TAIL_VARIANCE if known == "isoperimetric" else math.pi / 6 if known == "cube" else 1.0
    tables = (BETAS, CLIPS, DEFICITS, CONCAVE)
    relative = best_groups(n_, s_, price_, k_, *tables) / math.sqrt(2 * variance)
    if product:
        for size in np.unique(d_):
            at = np.flatnonzero(d_ == size)
            partitions = product_cells(int(size), "gaussian" if known == "gaussian" else "cube")
            found = best_cells(n_[at], s_[at], price_[at], *partitions, *tables)
            relative[at] = np.maximum(relative[at], found)
    return number(relative.reshape(shape) * (1 - _ROUNDING) / np.sqrt(c))
