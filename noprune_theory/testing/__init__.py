"""Hypothesis strategies that satisfy the theorems' hypotheses by construction (needs the `test` extra).

Examples
--------
>>> from hypothesis import given
>>> from noprune_theory.testing import joint_distributions
>>> @given(joint_distributions())
... def test_information_is_nonnegative(joint):
...     assert joint.sum() > 0.99
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.covariates import (
    Covariate,
    DiscreteCube,
    Gaussian,
    GaussianMixture,
    SolidCube,
    Sphere,
    SphereMixture,
)

__all__ = [
    "Regression",
    "ReluLayer",
    "TheoremArguments",
    "covariates",
    "generators",
    "joint_distributions",
    "masked_regressions",
    "masks",
    "relu_layers",
    "theorem_arguments",
]

# Multiples of 1/8 make exact coincidences (parallel units, ties, singular blocks) likely instead of impossible.
_coarse = st.integers(-16, 16).map(lambda step: step / 8)
_entries = st.one_of(_coarse, st.floats(-2, 2, allow_subnormal=False))


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


@dataclass(frozen=True)
class ReluLayer:
    """A one-hidden-layer model a^T relu(V x + b), degenerate ones included.

    Attributes
    ----------
    directions : ndarray, shape (N, d)
    offsets : ndarray, shape (N,), or None
    weights : ndarray, shape (N,)
    """

    directions: FloatArray
    offsets: FloatArray | None
    weights: FloatArray


@dataclass(frozen=True)
class TheoremArguments:
    """Arguments that satisfy every hypothesis of Theorem 4, the condition on k included."""

    n: int
    d: int
    components: int
    epsilon: float
    delta: float
    isoperimetry: float
    information: float


def generators() -> st.SearchStrategy[np.random.Generator]:
    """Strategy of seeded `numpy.random.Generator`s."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _normalised(counts: np.ndarray[Any, Any]) -> FloatArray:
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def joint_distributions(max_data: int = 6, max_outputs: int = 6) -> st.SearchStrategy[FloatArray]:
    """Strategy of joint probabilities of (D, W), shape (n_data, n_outputs); zeros are common.

    Parameters
    ----------
    max_data, max_outputs : int
        Largest numbers of atoms.
    """
    shapes = st.tuples(st.integers(1, max_data), st.integers(1, max_outputs))
    counts = shapes.flatmap(lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(0, 1000)))
    return counts.filter(lambda table: table.sum() > 0).map(_normalised)


def masks(n_weights: int, n_masks: int) -> st.SearchStrategy[BoolArray]:
    """Strategy of boolean masks, shape (n_masks, n_weights)."""
    return hnp.arrays(np.bool_, (n_masks, n_weights))


@st.composite
def masked_regressions(draw: st.DrawFn, max_samples: int = 8, max_weights: int = 8, max_masks: int = 4) -> Regression:
    """Strategy of regression problems with masks: tall, square and wide, singular ones included."""
    n = draw(st.integers(1, max_samples))
    p = draw(st.integers(1, max_weights))
    X = draw(hnp.arrays(np.float64, (n, p), elements=_entries))
    y = draw(hnp.arrays(np.float64, n, elements=_entries))
    return Regression(X, y, draw(masks(p, draw(st.integers(1, max_masks)))))


@st.composite
def relu_layers(
    draw: st.DrawFn, max_units: int = 6, max_dimension: int = 4, *, offsets: bool | None = None
) -> ReluLayer:
    """Strategy of ReLU layers: zero directions, parallel, antiparallel and duplicated units, zero output weights.

    Parameters
    ----------
    max_units, max_dimension : int
        Largest N and d.
    offsets : bool, optional
        With (True), without (False), or either (None, the default).
    """
    d = draw(st.integers(1, max_dimension))
    distinct = draw(st.integers(1, max_units))
    directions = draw(hnp.arrays(np.float64, (distinct, d), elements=_entries))
    n_copies = draw(st.integers(0, max_units - distinct))
    for _ in range(n_copies):
        source = draw(st.integers(0, directions.shape[0] - 1))
        factor = draw(st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0]))
        directions = np.vstack([directions, factor * directions[source]])
    count = directions.shape[0]
    weights = draw(hnp.arrays(np.float64, count, elements=_entries))
    shifts = None
    if draw(st.booleans()) if offsets is None else offsets:
        shifts = draw(hnp.arrays(np.float64, count, elements=_entries))
    return ReluLayer(directions, shifts, weights)


@st.composite
def theorem_arguments(draw: st.DrawFn) -> TheoremArguments:
    """Strategy of arguments with 8^3 k log(8 k / delta) <= n epsilon^2 (Theorem 4's condition on k)."""
    components = draw(st.integers(1, 20))
    epsilon = draw(st.floats(0.01, 1.0))
    delta = draw(st.floats(1e-6, 0.99))
    smallest = math.ceil(8**3 * components * math.log(8 * components / delta) / epsilon**2 * (1 + 1e-9))
    return TheoremArguments(
        n=draw(st.integers(smallest, 1000 * smallest)),
        d=draw(st.integers(1, 10**6)),
        components=components,
        epsilon=epsilon,
        delta=delta,
        isoperimetry=draw(st.floats(0.01, 100)),
        information=draw(st.floats(0, 1e6)),
    )


def covariates(max_dimension: int = 6) -> st.SearchStrategy[Covariate]:
    """Strategy of input distributions, one of every family.

    Parameters
    ----------
    max_dimension : int
        Largest d, >= 2.
    """
    dimensions = st.integers(2, max_dimension)

    def mixture(d: int) -> list[Covariate]:
        centers = np.vstack([np.zeros(d), np.eye(d)[0]])
        return [GaussianMixture([0.25, 0.75], centers), SphereMixture([0.25, 0.75], centers)]

    return dimensions.flatmap(
        lambda d: st.sampled_from([Gaussian(d), Sphere(d), SolidCube(d), DiscreteCube(d), *mixture(d)])
    )
