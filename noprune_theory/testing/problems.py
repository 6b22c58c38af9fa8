"""Strategies of regression problems: masks, singular and badly scaled designs, loss levels at the edges."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_masks, as_samples, check_integer
from noprune_theory.testing._entries import MOST_DECADES, entries, units
from noprune_theory.testing._rational import smallest_squared_residual


@dataclass(frozen=True)
class Regression:
    """A regression problem with masks.

    Attributes
    ----------
    X : ndarray, shape (n, p)
    y : ndarray, shape (n,)
    masks : ndarray of bool, shape (n_masks, p)
    """

    X: FloatArray
    y: FloatArray
    masks: BoolArray


def masks(n_weights: int, n_masks: int) -> st.SearchStrategy[BoolArray]:
    """Strategy of boolean masks.

    Parameters
    ----------
    n_weights, n_masks : int
        At least 1.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of ndarray of bool, shape (n_masks, n_weights)

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a number is below 1.
    """
    check_integer("n_weights", n_weights, 1)
    check_integer("n_masks", n_masks, 1)
    return hnp.arrays(np.bool_, (n_masks, n_weights))


def masked_regressions(max_samples: int = 8, max_weights: int = 8, max_masks: int = 4) -> st.SearchStrategy[Regression]:
    """Strategy of regression problems with masks: tall, square and wide, singular ones included.

    Parameters
    ----------
    max_samples, max_weights, max_masks : int
        Largest n, p and number of masks, >= 1.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of Regression

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a number is below 1.
    """
    _check_sizes(max_samples, max_weights, max_masks)
    return _masked_regressions(max_samples, max_weights, max_masks)


def _check_sizes(max_samples: int, max_weights: int, max_masks: int) -> None:
    for name, size in (("max_samples", max_samples), ("max_weights", max_weights), ("max_masks", max_masks)):
        check_integer(name, size, 1)


@st.composite
def _masked_regressions(draw: st.DrawFn, max_samples: int, max_weights: int, max_masks: int) -> Regression:
    n = draw(st.integers(1, max_samples))
    p = draw(st.integers(1, max_weights))
    X = draw(hnp.arrays(np.float64, (n, p), elements=entries))
    y = draw(hnp.arrays(np.float64, n, elements=entries))
    return Regression(X, y, draw(masks(p, draw(st.integers(1, max_masks)))))


def scaled_regressions(
    max_samples: int = 6, max_weights: int = 5, max_masks: int = 3, decades: int = 300
) -> st.SearchStrategy[Regression]:
    """Strategy of regression problems whose columns and labels are measured in very different units.

    Among them: one sample, one column, masks that keep all or nothing, duplicated and zero columns, ties.

    Parameters
    ----------
    max_samples, max_weights, max_masks : int
        Largest n, p and number of masks, >= 1.
    decades : int
        The units are powers of two that span up to this many decades, 10^(-decades/2) to 10^(decades/2); in [0, 600].

    Returns
    -------
    hypothesis.strategies.SearchStrategy of Regression

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a number is out of range.
    """
    _check_sizes(max_samples, max_weights, max_masks)
    check_integer("decades", decades, 0, MOST_DECADES)
    return _scaled_regressions(max_samples, max_weights, max_masks, decades)


@st.composite
def _scaled_regressions(
    draw: st.DrawFn, max_samples: int, max_weights: int, max_masks: int, decades: int
) -> Regression:
    n = draw(st.integers(1, max_samples))
    p = draw(st.integers(1, max_weights))
    X = draw(hnp.arrays(np.float64, (n, p), elements=entries))
    y = draw(hnp.arrays(np.float64, n, elements=entries))
    if p > 1 and draw(st.booleans()):
        source, copy = draw(st.permutations(range(p)))[:2]
        X[:, copy] = X[:, source] * draw(st.sampled_from([1.0, -1.0, 0.5, 0.0]))
    X = X * draw(hnp.arrays(np.float64, p, elements=units(decades)))
    y = y * draw(units(decades))
    chosen = draw(masks(p, draw(st.integers(1, max_masks))))
    if draw(st.booleans()):
        chosen[0] = draw(st.booleans())
    return Regression(X, y, chosen)


def loss_levels(X: FloatArray, y: FloatArray, mask: BoolArray | None = None) -> st.SearchStrategy[float]:
    """Strategy of loss levels for a problem: 0, the smallest reachable loss and its neighbours, and ordinary ones.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        Small: the smallest loss is computed in fractions.
    y : ndarray, shape (n,)
    mask : ndarray of bool, shape (p,), optional
        True where a weight is kept; all kept by default.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of float
        Levels of the mean squared error, finite and >= 0.

    Raises
    ------
    TypeError
        If `X` or `y` does not hold real numbers, or `mask` no booleans.
    ValueError
        If a shape does not fit, an entry is not finite, or the mean of y^2 leaves the range of doubles.

    Notes
    -----
    The smallest reachable loss is given rounded down, to nearest and up: the level may lie on either side of it.
    """
    samples, labels = as_samples(X, y)
    kept = np.ones(samples.shape[1], dtype=bool) if mask is None else as_masks("mask", mask, samples.shape[1], ndim=1)
    square = sum((Fraction(float(label)) ** 2 for label in labels), Fraction(0)) / labels.size
    if square > sys.float_info.max:
        raise ValueError(
            f"y must have a mean square within the range of doubles, got entries up to {abs(labels).max()}"
        )
    total = float(square)
    reachable = float(smallest_squared_residual(samples[:, kept], labels) / labels.size)
    edges = [0.0, reachable, math.nextafter(reachable, 0.0), math.nextafter(reachable, math.inf)]
    between = st.sampled_from([1e-12, 1e-6, 1e-3, 0.25, 0.5, 1.0]).map(lambda t: reachable + t * (total - reachable))
    free = st.floats(0.0, 1.5).map(lambda share: share * total)
    return st.one_of(st.sampled_from(edges), between, free).filter(math.isfinite)
