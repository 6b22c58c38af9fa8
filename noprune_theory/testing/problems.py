"""Strategies of regression problems: masks, singular and badly scaled designs, loss levels at the edges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import as_masks, as_samples
from noprune_theory.testing._entries import entries, units
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
    """Strategy of boolean masks, shape (n_masks, n_weights)."""
    return hnp.arrays(np.bool_, (n_masks, n_weights))


@st.composite
def masked_regressions(draw: st.DrawFn, max_samples: int = 8, max_weights: int = 8, max_masks: int = 4) -> Regression:
    """Strategy of regression problems with masks: tall, square and wide, singular ones included."""
    n = draw(st.integers(1, max_samples))
    p = draw(st.integers(1, max_weights))
    X = draw(hnp.arrays(np.float64, (n, p), elements=entries))
    y = draw(hnp.arrays(np.float64, n, elements=entries))
    return Regression(X, y, draw(masks(p, draw(st.integers(1, max_masks)))))


@st.composite
def scaled_regressions(
    draw: st.DrawFn, max_samples: int = 6, max_weights: int = 5, max_masks: int = 3, decades: int = 300
) -> Regression:
    """Strategy of regression problems whose columns and labels are measured in very different units.

    Among them: one sample, one column, masks that keep all or nothing, duplicated and zero columns, ties.

    Parameters
    ----------
    max_samples, max_weights, max_masks : int
        Largest n, p and number of masks.
    decades : int
        The units are powers of two that span up to this many decades, 10^(-decades/2) to 10^(decades/2).
    """
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

    Notes
    -----
    The smallest reachable loss is given rounded down, to nearest and up: the level may lie on either side of it.
    """
    samples, labels = as_samples(X, y)
    kept = np.ones(samples.shape[1], dtype=bool) if mask is None else as_masks("mask", mask, samples.shape[1], ndim=1)
    reachable = float(smallest_squared_residual(samples[:, kept], labels) / labels.size)
    total = float(sum((Fraction(float(label)) ** 2 for label in labels), Fraction(0)) / labels.size)
    edges = [0.0, reachable, math.nextafter(reachable, 0.0), math.nextafter(reachable, math.inf)]
    between = st.sampled_from([1e-12, 1e-6, 1e-3, 0.25, 0.5, 1.0]).map(lambda t: reachable + t * (total - reachable))
    free = st.floats(0.0, 1.5).map(lambda share: share * total)
    return st.one_of(st.sampled_from(edges), between, free).filter(math.isfinite)
