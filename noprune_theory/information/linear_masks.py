"""What the mask of a linear model knows about labels that are pure noise.

Labels are fair signs, independent of the design X (n, p); a rule picks k of the p columns. Three quantities:

* I(m; y | X = x), exact: all 2^n labels are enumerated. Every rule here gives y and -y the same mask.
* I(m; y | X), bracketed for larger n: above by the entropy ceilings min(log C(p, k), (n - 1) log 2), below by the noise
  that the chosen columns explain (`explained_noise_information`), with a confidence over independent designs.
* I(m; X, y) for designs with exchangeable columns (Gaussian ones): exactly log C(p, k), see
  `exchangeable_mask_information`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import HtmlRepr
from noprune_theory._scaling import scale, size_exponent, size_exponents
from noprune_theory._types import RNG, BoolArray, FloatArray, IntArray
from noprune_theory._validation import (
    as_array,
    as_float_array,
    as_samples,
    check_choice,
    check_generator,
    check_integer,
    check_open_unit,
    shown,
)
from noprune_theory.bounds import log_mask_count
from noprune_theory.information._arithmetic import Unit, in_unit
from noprune_theory.information.enumeration import enumerate_datasets, label_outcomes
from noprune_theory.information.lower_bounds import bound_from_explained_noise, explained_noise_information
from noprune_theory.pruning._column_choice import Problem, best_subsets, matching_pursuits, score_order
from noprune_theory.pruning._wide import Wide
from noprune_theory.pruning.selection import keep_largest
from noprune_theory.solvers import least_squares

#: Largest number of subsets that the best-subset rule searches.
MAX_SUBSETS = 200_000
#: Largest number of labels whose 2^n values are enumerated.
MAX_LABELS = 16
# Entries of an array that no memory holds.
_MOST_ENTRIES = 2**40


def _magnitude_after(X: FloatArray, Y: FloatArray, keep: int) -> BoolArray:
    # A common factor does not change which weights are large. With the largest column near one they lie between the
    # smallest (minimum norm) and its inverse.
    samples = scale(X, -size_exponent(X))
    rows = scale(Y, -size_exponents(Y, 1)[:, None])
    if len(rows) < len(samples):
        weights = Wide(np.array([least_squares(samples, row).weights for row in rows]))
    else:
        # The fit is linear in the labels: a column of the pseudo-inverse for each sample.
        inverse = np.array([least_squares(samples, unit).weights for unit in np.eye(len(samples))]).T
        powers = size_exponents(inverse, 1)
        weights = Wide.of(rows @ scale(inverse, -powers[:, None]).T, powers)
    order = abs(weights).order()[:, _first_of_equals(X)]
    return keep_largest(order, np.ones(order.shape, dtype=bool), keep)


def _first_of_equals(X: FloatArray) -> IntArray:
    """Return for each column the first that is equal to it up to sign: their weights are equal, though not rounded."""
    leading = X[(X != 0).argmax(axis=0), np.arange(X.shape[1])]
    signed = np.where(leading < 0, -X, X) + 0.0
    _, first, where = np.unique(signed, axis=1, return_index=True, return_inverse=True)
    return np.asarray(first[where.ravel()], dtype=np.int64)


def _correlation(X: FloatArray, Y: FloatArray, keep: int) -> BoolArray:
    order = score_order(Problem(Wide(X), Y), np.ones(X.shape[1], dtype=bool), keep)
    return keep_largest(order, np.ones(order.shape, dtype=bool), keep)


def _orthogonal_matching_pursuit(X: FloatArray, Y: FloatArray, keep: int) -> BoolArray:
    return _as_masks(matching_pursuits(Problem(Wide(X), Y), keep), X.shape[1])


def _best_subset(X: FloatArray, Y: FloatArray, keep: int) -> BoolArray:
    p = X.shape[1]
    subsets = math.comb(p, keep)
    if subsets > MAX_SUBSETS:
        raise ValueError(
            f"keep must give best_subset at most {MAX_SUBSETS} subsets to search, got C({p}, {keep}) = {shown(subsets)}"
        )
    return _as_masks(best_subsets(Problem(Wide(X), Y), keep), p)


def _as_masks(columns: IntArray, p: int) -> BoolArray:
    masks = np.zeros((columns.shape[0], p), dtype=bool)
    np.put_along_axis(masks, columns, True, axis=1)
    return masks


_RULES: dict[str, Callable[[FloatArray, FloatArray, int], BoolArray]] = {
    "magnitude_after": _magnitude_after,
    "correlation": _correlation,
    "orthogonal_matching_pursuit": _orthogonal_matching_pursuit,
    "best_subset": _best_subset,
}

#: Names of the rules that choose a mask from the data.
MASK_RULES: tuple[str, ...] = tuple(_RULES)


def _explained(columns: FloatArray, Y: FloatArray) -> FloatArray:
    """Return |P y|^2 for each row of Y (m, n), P the projection on the span of the columns (n, k): shape (m,)."""
    if columns.shape[1] == 0:
        return np.zeros(Y.shape[0])
    # The span does not depend on the units of the columns: unit vectors, or zeros.
    scaled = scale(columns, -size_exponents(columns, 0))
    lengths = np.linalg.norm(scaled, axis=0)
    left, singular, _ = np.linalg.svd(scaled / np.where(lengths > 0, lengths, 1.0), full_matrices=False)
    # Numerical rank as in numpy.linalg.matrix_rank: a direction below it is rounding.
    basis = left[:, singular > singular[0] * max(columns.shape) * np.finfo(np.float64).eps]
    exponents = size_exponents(Y, 1)
    coefficients = scale(Y, -exponents[:, None]) @ basis
    squares = np.einsum("mk,mk->m", coefficients, coefficients)
    explained = scale(squares, 2 * exponents)
    if not np.isfinite(explained).all() or ((explained == 0) & (squares > 0)).any():
        raise ValueError("labels must have squared lengths within the range of doubles, about 1e-308 to 1e308")
    return explained


def choose_masks(X: ArrayLike, labels: ArrayLike, keep: int, rule: str) -> BoolArray:
    """Choose a mask for each label vector on one design.

    Parameters
    ----------
    X : array_like, shape (n, p)
    labels : array_like, shape (n_labels, n)
        One label vector a row.
    keep : int
        k in [0, p].
    rule : str
        One of `MASK_RULES`: the largest entries of the minimum-norm fit on all columns (`solvers.least_squares`); the
        largest |<x_j, y>| / |x_j|; greedy selection by the same score of the residual; the subset that explains most.
        Ties go to the lower index. No choice depends on the unit of the labels, and none but the first, which compares
        weights, on those of the columns; the last three are those of exact arithmetic on the numbers given.

    Returns
    -------
    bool array, shape (n_labels, p)
        Exactly k True in each row.

    Raises
    ------
    TypeError
        If `X` or `labels` is not made of real numbers, or `keep` is not an integer.
    ValueError
        If the shapes do not fit, an entry is not finite, `keep` or `rule` is none that is allowed, or "best_subset"
        would search more than `MAX_SUBSETS` subsets.
    """
    X = as_samples(X)
    Y = as_float_array("labels", labels, ndim=2)
    if Y.shape[1] != X.shape[0]:
        raise ValueError(f"labels must have {X.shape[0]} columns, one a row of X, got shape {Y.shape}")
    keep = check_integer("keep", keep, 0, X.shape[1])
    return _RULES[check_choice("rule", rule, MASK_RULES)](X, Y, keep)


def explained_noise(X: ArrayLike, labels: ArrayLike, masks: ArrayLike) -> FloatArray:
    """Return ||P_m y||^2, the squared length of each label vector's projection on the columns of its mask.

    Parameters
    ----------
    X : array_like, shape (n, p)
    labels : array_like, shape (n_labels, n)
    masks : array_like of bool, shape (n_labels, p)

    Returns
    -------
    array, shape (n_labels,)

    Raises
    ------
    TypeError
        If `X` or `labels` is not made of real numbers.
    ValueError
        If the shapes do not fit, the masks are not boolean, or a squared length leaves the range of doubles.
    """
    X = as_samples(X)
    Y = as_float_array("labels", labels, ndim=2)
    chosen = as_array("masks", masks)
    if chosen.dtype != np.bool_ or chosen.shape != (Y.shape[0], X.shape[1]) or Y.shape[1] != X.shape[0]:
        raise ValueError(
            f"masks must be boolean of shape ({Y.shape[0]}, {X.shape[1]}) and labels have {X.shape[0]} columns, "
            f"got masks {chosen.dtype} {chosen.shape} and labels {Y.shape}"
        )
    groups, n_groups = label_outcomes(chosen)
    result = np.empty(Y.shape[0])
    for members in _members(groups, n_groups):
        result[members] = _explained(X[:, chosen[members[0]]], Y[members])
    return result


def _members(groups: IntArray, n_groups: int) -> list[IntArray]:
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.cumsum(np.bincount(groups, minlength=n_groups))[:-1])


@dataclass(frozen=True)
class LinearMaskInformation(HtmlRepr):
    """Exact information of a mask about noise labels on one design, in `unit`.

    Attributes
    ----------
    information : float
        I(m; y | X = x) = H(m | X = x).
    ceiling : float
        min(log C(p, k), (n - 1) log 2).
    lower_bound : float
        `explained_noise_information` of the exact mean: what the explained noise alone proves.
    explained : float
        E||P_m y||^2, exact; a mask that ignores the labels has the rank of its columns, at most k.
    n_masks : int
        Number of distinct masks chosen.
    rule : str
    keep : int
    unit : {"nats", "bits"}
    """

    information: float
    ceiling: float
    lower_bound: float
    explained: float
    n_masks: int
    rule: str
    keep: int
    unit: Unit


def linear_mask_information(X: ArrayLike, keep: int, rule: str, *, unit: Unit = "nats") -> LinearMaskInformation:
    """Compute what a mask chosen by `rule` knows about fair-sign labels on a given design, exactly.

    Parameters
    ----------
    X : array_like, shape (n, p)
        n at most `MAX_LABELS`: all 2^n labels are enumerated.
    keep : int
        k in [1, p].
    rule : str
        See `choose_masks`.
    unit : {"nats", "bits"}

    Returns
    -------
    LinearMaskInformation
        In `unit`.

    Raises
    ------
    TypeError
        If `X` is not made of real numbers, or `keep` is not an integer.
    ValueError
        If `X` has more than `MAX_LABELS` rows, an argument is outside its range, or `rule` refuses (`choose_masks`).
    """
    X = as_samples(X)
    n, p = X.shape
    if n > MAX_LABELS:
        raise ValueError(f"X must have at most {MAX_LABELS} rows, since all 2^n labels are enumerated, got {n}")
    keep = check_integer("keep", keep, 1, p)
    # y and -y have the same mask: the labels that begin with +1 stand for both.
    labels = enumerate_datasets([1, 1], max(n - 1, 1), ordered=True)
    Y = np.column_stack([np.ones(labels.n_datasets), 2.0 * labels.indices - 1.0])[:, :n]
    masks = choose_masks(X, Y, keep, rule)
    probabilities = labels.output_probabilities(masks)
    explained = math.fsum(explained_noise(X, Y, masks).tolist()) / labels.n_datasets
    return LinearMaskInformation(
        information=labels.information(masks, unit=unit),
        ceiling=_ceiling(n, p, keep, unit),
        lower_bound=in_unit(explained_noise_information(explained, keep), unit),
        explained=explained,
        n_masks=probabilities.size,
        rule=rule,
        keep=keep,
        unit=unit,
    )


def _ceiling(n: int, p: int, keep: int, unit: Unit) -> float:
    return in_unit(min(float(log_mask_count(p, keep)), (n - 1) * math.log(2)), unit)


@dataclass(frozen=True)
class LinearMaskBracket(HtmlRepr):
    """Bracket of I(m; y | X) for a random design and noise labels, in `unit`.

    Attributes
    ----------
    lower : float
        Proved by the noise explained over independent designs; holds with probability `confidence` over them.
    upper : float
        min(log C(p, k), (n - 1) log 2); always holds.
    explained : float
        Mean of ||P_m y||^2 over the runs.
    with_design : float
        I(m; X, y), exact: log C(p, k) for exchangeable columns, and 0 where the rule ranks nothing and the lower
        indices win (`exchangeable_mask_information`).
    confidence : float
    n_runs : int
    rule : str
    keep : int
    unit : {"nats", "bits"}
    """

    lower: float
    upper: float
    explained: float
    with_design: float
    confidence: float
    n_runs: int
    rule: str
    keep: int
    unit: Unit


def gaussian_mask_bracket(
    n: int,
    n_weights: int,
    keep: int,
    rule: str,
    *,
    n_runs: int,
    rng: RNG,
    confidence: float = 0.95,
    unit: Unit = "nats",
) -> LinearMaskBracket:
    """Bracket what a mask knows about n fair-sign labels when the design is Gaussian, X_ij i.i.d. N(0, 1).

    Parameters
    ----------
    n, n_weights : int
        Samples, and columns p; at least 1.
    keep : int
        k in [1, min(n, p)].
    rule : str
        See `choose_masks`.
    n_runs : int
        Independent designs with one label vector each, at least 1.
    rng : numpy.random.Generator or seed
        Draws the designs and the labels.
    confidence : float
        In (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    LinearMaskBracket
        In `unit`.

    Raises
    ------
    TypeError
        If a number is not an integer, `confidence` not a real number, or `rng` no generator or seed.
    ValueError
        If an argument is outside its range, n p or `n_runs` exceeds 2^40, or `rule` refuses (`choose_masks`).
    """
    n, p = check_integer("n", n, 1), check_integer("n_weights", n_weights, 1)
    if n * p > _MOST_ENTRIES:
        raise ValueError(f"n and n_weights must have a product of at most 2^40, got {shown(n)} and {shown(p)}")
    keep = check_integer("keep", keep, 1, min(n, p))
    runs = check_integer("n_runs", n_runs, 1, _MOST_ENTRIES)
    rng = check_generator("rng", rng)
    check_open_unit("confidence", confidence)
    values = np.empty(runs)
    for run in range(runs):
        X = rng.standard_normal((n, p))
        Y = rng.integers(0, 2, (1, n)) * 2.0 - 1.0
        values[run] = explained_noise(X, Y, choose_masks(X, Y, keep, rule))[0]
    # A squared projection is at most |y|^2 = n; rounding may add to it.
    bound = bound_from_explained_noise(np.minimum(values, n), keep, n, confidence=confidence, unit=unit)
    return LinearMaskBracket(
        lower=bound.value,
        upper=_ceiling(n, p, keep, unit),
        explained=bound.observed,
        with_design=0.0 if _ties_decide(n, keep, rule) else exchangeable_mask_information(p, keep, unit=unit),
        confidence=confidence,
        n_runs=runs,
        rule=rule,
        keep=keep,
        unit=unit,
    )


def _ties_decide(n: int, keep: int, rule: str) -> bool:
    """Whether every choice scores the same on n Gaussian samples, so that the mask is that of the lowest indices.

    Any n columns span R^n and explain all of y; on one sample every column is correlated with y by 1 or -1.
    """
    return keep == n if rule == "best_subset" else n == 1 and rule != "magnitude_after"


def exchangeable_mask_information(n_weights: int, keep: int, *, unit: Unit = "nats") -> float:
    """Return I(m; X, y) = log C(p, k) for a rule without randomness that treats the weights alike.

    If the columns of X are exchangeable given y (i.i.d. Gaussian entries, for example), permuting them permutes the
    mask of a permutation-equivariant rule and leaves the distribution of the data as it was. So every mask of k weights
    has the same probability, and I(m; X, y) = H(m) is the entropy ceiling itself, whatever the rule: the information of
    the mask about the design is maximal even when it knows little of the labels.

    The hypothesis is that ties have probability zero: ties go to the lower index, which is not equivariant. It fails
    for best subset with k = n, and with n = 1 for correlation and orthogonal matching pursuit: there all choices tie
    with probability one, the mask is constant, and the information is 0.

    Parameters
    ----------
    n_weights, keep : int
        p in [1, 2^53] and k in [0, p].
    unit : {"nats", "bits"}

    Returns
    -------
    float
        In `unit`.

    Raises
    ------
    TypeError
        If `n_weights` or `keep` is not an integer.
    ValueError
        If an argument is outside its range.
    """
    p = check_integer("n_weights", n_weights, 1, 2**53)
    return float(log_mask_count(p, check_integer("keep", keep, 0, p), unit=unit))
