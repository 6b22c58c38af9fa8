"""Strategies of what the theorems are about: input distributions, joint distributions, arguments of Theorem 4."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory._types import FloatArray
from noprune_theory._validation import check_integer
from noprune_theory.covariates import (
    Covariate,
    DiscreteCube,
    Gaussian,
    GaussianMixture,
    SolidCube,
    Sphere,
    SphereMixture,
)


@dataclass(frozen=True)
class TheoremArguments:
    """Arguments that satisfy every hypothesis of Theorem 4, the condition on k included.

    Attributes
    ----------
    n, d, components : int
        Samples, dimension, and components k of the mixture.
    epsilon, delta : float
        Distance of the loss below the noise level, in (0, 1], and probability of failure, in (0, 1).
    isoperimetry : float
        Constant c > 0 of the components.
    information : float
        I(m; D) >= 0 in nats.
    """

    n: int
    d: int
    components: int
    epsilon: float
    delta: float
    isoperimetry: float
    information: float


def generators() -> st.SearchStrategy[np.random.Generator]:
    """Strategy of seeded `numpy.random.Generator`s.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of numpy.random.Generator
    """
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _normalised(counts: np.ndarray[Any, Any]) -> FloatArray:
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def joint_distributions(max_data: int = 6, max_outputs: int = 6) -> st.SearchStrategy[FloatArray]:
    """Strategy of joint probabilities of (D, W), shape (n_data, n_outputs); zeros are common.

    Parameters
    ----------
    max_data, max_outputs : int
        Largest numbers of atoms, >= 1.

    Returns
    -------
    hypothesis.strategies.SearchStrategy of ndarray, shape (n_data, n_outputs)
        Entries >= 0 with sum 1 up to rounding.

    Raises
    ------
    TypeError
        If a number is not an integer.
    ValueError
        If a number is below 1.
    """
    check_integer("max_data", max_data, 1)
    check_integer("max_outputs", max_outputs, 1)
    shapes = st.tuples(st.integers(1, max_data), st.integers(1, max_outputs))
    counts = shapes.flatmap(lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(0, 1000)))
    return counts.filter(lambda table: table.sum() > 0).map(_normalised)


@st.composite
def theorem_arguments(draw: st.DrawFn) -> TheoremArguments:
    """Strategy of arguments with 8^3 k log(8 k / delta) <= n epsilon^2 (Theorem 4's condition on k).

    Returns
    -------
    hypothesis.strategies.SearchStrategy of TheoremArguments
    """
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

    Returns
    -------
    hypothesis.strategies.SearchStrategy of Covariate

    Raises
    ------
    TypeError
        If `max_dimension` is not an integer.
    ValueError
        If it is below 2.
    """
    check_integer("max_dimension", max_dimension, 2)
    dimensions = st.integers(2, max_dimension)

    def mixture(d: int) -> list[Covariate]:
        centers = np.vstack([np.zeros(d), np.eye(d)[0]])
        return [GaussianMixture([0.25, 0.75], centers), SphereMixture([0.25, 0.75], centers)]

    return dimensions.flatmap(
        lambda d: st.sampled_from([Gaussian(d), Sphere(d), SolidCube(d), DiscreteCube(d), *mixture(d)])
    )
