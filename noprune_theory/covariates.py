"""Isoperimetric input distributions: samples, component labels, and the constant c they guarantee.

Definition 1 of the paper: mu on R^d is c-isoperimetric when every bounded L-Lipschitz f satisfies

    P(|f(x) - E f| >= t) <= 2 exp(-d t^2 / (2 c L^2))   for all t >= 0.

The moment form asks for E exp(t (f(x) - E f)) <= exp(c L^2 t^2 / (2 d)) for all real t; it implies the tail with the
same c and is not implied by it.

Each class states the smallest c known to be guaranteed, and where it comes from. The constant matters: it multiplies
L^2 in every bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import ShortRepr
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_generator, check_integer, check_positive, shown

__all__ = [
    "Covariate",
    "Covariates",
    "DiscreteCube",
    "Gaussian",
    "GaussianMixture",
    "SolidCube",
    "Sphere",
    "SphereMixture",
]


# Whole numbers that doubles tell apart; entries of one sample, 8 TiB.
_LARGEST_DIMENSION = 2**53
_MOST_ENTRIES = 2**40
# Where squares and products of d of them stay in the range of doubles, nothing is scaled.
_ORDINARY = (1e-100, 1e100)


@dataclass(frozen=True, eq=False, repr=False)
class Covariates(ShortRepr):
    """Inputs drawn from a mixture.

    Attributes
    ----------
    X : ndarray, shape (n, d)
        Inputs.
    labels : ndarray of int, shape (n,)
        Component l_i in [0, k) that each input came from.
    """

    X: FloatArray
    labels: IntArray


class Covariate(Protocol):
    """An input distribution that satisfies A1: a mixture of k isoperimetric components."""

    @property
    def dimension(self) -> int:
        """Input dimension d."""

    @property
    def components(self) -> int:
        """Number k of mixture components."""

    @property
    def isoperimetry(self) -> float:
        """A constant c for which every component is c-isoperimetric."""

    @property
    def moment_isoperimetry(self) -> float:
        """A constant c of the moment form, for every component."""

    def sample(self, rng: np.random.Generator, n: int) -> Covariates:
        """Draw n >= 1 inputs with their component labels."""


def _dimension(value: int, minimum: int) -> int:
    dimension = check_integer("dimension", value, minimum)
    if dimension > _LARGEST_DIMENSION:
        raise ValueError(f"dimension must be at most 2^53, got {shown(dimension)}")
    return dimension


def _drawing(rng: RNG, n: int, dimension: int) -> tuple[np.random.Generator, int]:
    """Return the generator and the size of a sample."""
    generator = check_generator("rng", rng)
    size = check_integer("n", n, 1)
    if size * dimension > _MOST_ENTRIES:
        raise ValueError(f"n must give at most 2^40 entries, got {shown(size)} inputs of dimension {dimension}")
    return generator, size


def _constant(name: str, value: float, given: str) -> float:
    """Return a constant c; it must be a normal double, which squares of extreme lengths are not."""
    if not np.finfo(np.float64).tiny <= value < math.inf:
        raise ValueError(f"{name} must give a constant c within the range of doubles, 2.3e-308 to 1.7e308, got {given}")
    return value


def _one_component(X: FloatArray) -> Covariates:
    return Covariates(X, np.zeros(X.shape[0], dtype=np.int64))


def _covariance_factor(name: str, covariance: ArrayLike, dimension: int) -> tuple[FloatArray, float]:
    """Return a factor A (d, d) with A A^T = covariance, and d times the largest eigenvalue."""
    matrix = as_float_array(name, covariance, ndim=2)
    if matrix.shape != (dimension, dimension):
        raise ValueError(f"{name} must have shape ({dimension}, {dimension}), got {matrix.shape}")
    largest = float(np.abs(matrix).max())
    # An even exponent has a power of two as its root.
    exponent = 0 if _ORDINARY[0] < largest < _ORDINARY[1] else 2 * (size_exponent(matrix) // 2)
    scaled = scale(matrix, -exponent)
    difference = np.abs(scaled - scaled.T).max()
    if difference > 1e-12 * np.abs(scaled).max():
        raise ValueError(f"{name} must be symmetric, got asymmetry {scale_float(float(difference), exponent):.3g}")
    eigenvalues, vectors = np.linalg.eigh(scaled)
    if eigenvalues[-1] <= 0 or eigenvalues[0] < -1e-12 * eigenvalues[-1]:
        smallest = scale_float(float(eigenvalues[0]), exponent)
        raise ValueError(f"{name} must be positive semidefinite and not 0, got smallest eigenvalue {smallest:.3g}")
    factor = scale(vectors * np.sqrt(np.maximum(eigenvalues, 0.0)), exponent // 2)
    constant = dimension * scale_float(float(eigenvalues[-1]), exponent)
    return factor, _constant(name, constant, f"largest eigenvalue {scale_float(float(eigenvalues[-1]), exponent):.3g}")


class Gaussian:
    """The normal distribution N(mean, covariance) on R^d; N(0, I/d) by default.

    c = d * lambda_max(covariance), by Gaussian concentration (Borell; Sudakov and Tsirelson); c = 1 for N(0, I/d),
    attained in the limit of large t by linear functions.

    Parameters
    ----------
    dimension : int
        d >= 1.
    mean : array_like, shape (d,), optional
    covariance : array_like, shape (d, d), optional
        Symmetric, positive semidefinite, not zero.
    """

    components = 1

    def __init__(self, dimension: int, mean: ArrayLike | None = None, covariance: ArrayLike | None = None) -> None:
        self.dimension = _dimension(dimension, 1)
        self._mean = None if mean is None else as_float_array("mean", mean, ndim=1).copy()
        if self._mean is not None and self._mean.shape != (self.dimension,):
            raise ValueError(f"mean must have shape ({self.dimension},), got {self._mean.shape}")
        self._factor: FloatArray | None = None
        self.isoperimetry = 1.0
        if covariance is not None:
            self._factor, self.isoperimetry = _covariance_factor("covariance", covariance, self.dimension)
            self._covariance = np.array(covariance, dtype=np.float64)

    @property
    def moment_isoperimetry(self) -> float:
        """Constant of the moment form: the same, by the logarithmic Sobolev inequality and Herbst's argument."""
        return self.isoperimetry

    @property
    def is_centred(self) -> bool:
        """Whether the mean is 0."""
        return self._mean is None or not self._mean.any()

    @property
    def is_isotropic(self) -> bool:
        """Whether the covariance is I/d."""
        if self._factor is None:
            return True
        return bool(np.array_equal(self._covariance, np.eye(self.dimension) / self.dimension))

    def sample(self, rng: RNG, n: int) -> Covariates:
        """Draw n >= 1 inputs, shape (n, d)."""
        generator, size = _drawing(rng, n, self.dimension)
        drawn = generator.standard_normal((size, self.dimension))
        if self._factor is None:
            # In place: samples of the law of robustness take hundreds of megabytes.
            drawn /= math.sqrt(self.dimension)
        else:
            drawn = drawn @ self._factor.T
        if self._mean is not None:
            drawn += self._mean
        return _one_component(drawn)


class Sphere:
    """The uniform distribution on the sphere of the given radius in R^d, d >= 2.

    c = radius^2 d / (d - 1), by the logarithmic Sobolev inequality on the sphere (constant d - 1) and Herbst's
    argument.

    Parameters
    ----------
    dimension : int
        d >= 2 of the surrounding space.
    radius : float
        Radius > 0, about 1.5e-154 to 1.3e154: its square is c.
    """

    components = 1

    def __init__(self, dimension: int, radius: float = 1.0) -> None:
        self.dimension = _dimension(dimension, 2)
        self.radius = check_positive("radius", radius)
        square = self.radius * self.radius
        constant = square * (self.dimension / (self.dimension - 1))
        if square < _ORDINARY[1]:
            constant = square * self.dimension / (self.dimension - 1)
        self.isoperimetry = _constant("radius", constant, repr(self.radius))

    @property
    def moment_isoperimetry(self) -> float:
        """Constant of the moment form: the same, for Herbst's argument bounds moments first."""
        return self.isoperimetry

    def sample(self, rng: RNG, n: int) -> Covariates:
        """Draw n >= 1 inputs, shape (n, d), each of norm `radius`."""
        generator, size = _drawing(rng, n, self.dimension)
        gaussian = generator.standard_normal((size, self.dimension))
        lengths = np.sqrt(np.einsum("ij,ij->i", gaussian, gaussian))
        gaussian *= self.radius
        gaussian /= lengths[:, None]
        return _one_component(gaussian)


class _Mixture:
    """A mixture of components of one family: labels first, then one draw from each component in order."""

    def __init__(self, weights: ArrayLike, parts: Sequence[Gaussian | Sphere], shifts: FloatArray | None) -> None:
        self._weights = as_float_array("weights", weights, ndim=1)
        if self._weights.shape[0] != len(parts):
            raise ValueError(f"weights must have one entry a component, got {self._weights.shape[0]} for {len(parts)}")
        if (self._weights <= 0).any() or (self._weights > 2).any() or abs(self._weights.sum() - 1) > 1e-12:
            raise ValueError(f"weights must be > 0 and sum to 1, got {shown(self._weights)}")
        self._parts = parts
        self._shifts = shifts
        self.components = len(parts)
        self.dimension = parts[0].dimension
        self.isoperimetry = max(part.isoperimetry for part in parts)

    @property
    def moment_isoperimetry(self) -> float:
        """Constant of the moment form: the largest of the components."""
        return max(part.moment_isoperimetry for part in self._parts)

    def sample(self, rng: RNG, n: int) -> Covariates:
        """Draw n >= 1 inputs, shape (n, d), with the component of each, shape (n,)."""
        generator, size = _drawing(rng, n, self.dimension)
        labels = generator.choice(self.components, size=size, p=self._weights / self._weights.sum())
        X = np.empty((size, self.dimension))
        for component, part in enumerate(self._parts):
            members = np.flatnonzero(labels == component)
            if members.size:
                X[members] = part.sample(generator, members.size).X
                if self._shifts is not None:
                    X[members] += self._shifts[component]
        return Covariates(X, labels.astype(np.int64))


class GaussianMixture(_Mixture):
    """A mixture of k normal distributions; c is the largest component constant d * lambda_max.

    Parameters
    ----------
    weights : array_like, shape (k,)
        Probabilities > 0 that sum to 1.
    means : array_like, shape (k, d)
    covariances : array_like, shape (k, d, d), optional
        I/d for every component by default.
    """

    def __init__(self, weights: ArrayLike, means: ArrayLike, covariances: ArrayLike | None = None) -> None:
        centers = as_float_array("means", means, ndim=2)
        count, dimension = centers.shape
        matrices: list[FloatArray] | list[None] = [None] * count
        if covariances is not None:
            stacked = as_float_array("covariances", covariances, ndim=3)
            if stacked.shape != (count, dimension, dimension):
                raise ValueError(
                    f"covariances must have shape {(count, dimension, dimension)} for these means, got {stacked.shape}"
                )
            for index, matrix in enumerate(stacked):
                _covariance_factor(f"covariances[{index}]", matrix, dimension)
            matrices = list(stacked)
        parts = [Gaussian(dimension, center, matrix) for center, matrix in zip(centers, matrices, strict=True)]
        super().__init__(weights, parts, None)


class SphereMixture(_Mixture):
    """A mixture of uniform distributions on k spheres of one radius; c = radius^2 d / (d - 1).

    Parameters
    ----------
    weights : array_like, shape (k,)
        Probabilities > 0 that sum to 1.
    centers : array_like, shape (k, d), d >= 2
    radius : float
        Radius > 0 of every sphere, as in `Sphere`.
    """

    def __init__(self, weights: ArrayLike, centers: ArrayLike, radius: float = 1.0) -> None:
        shifts = as_float_array("centers", centers, ndim=2).copy()
        super().__init__(weights, [Sphere(shifts.shape[1], radius) for _ in range(shifts.shape[0])], shifts)


class SolidCube:
    """The uniform distribution on the solid cube [-sqrt(3/d), sqrt(3/d)]^d, coordinate variance 1/d.

    c = 6/pi: the coordinatewise map sqrt(3/d) (2 Phi(g) - 1) carries N(0, I) to the cube and is Lipschitz with constant
    sqrt(3/d) * 2 phi(0) = sqrt(6/(pi d)).

    Parameters
    ----------
    dimension : int
        d >= 1.
    """

    components = 1
    isoperimetry = 6 / math.pi
    moment_isoperimetry = 6 / math.pi  # a Lipschitz image of a Gaussian

    def __init__(self, dimension: int) -> None:
        self.dimension = _dimension(dimension, 1)

    def sample(self, rng: RNG, n: int) -> Covariates:
        """Draw n >= 1 inputs, shape (n, d)."""
        generator, size = _drawing(rng, n, self.dimension)
        half_side = math.sqrt(3 / self.dimension)
        return _one_component(generator.uniform(-half_side, half_side, (size, self.dimension)))


class DiscreteCube:
    """The uniform distribution on the vertices {-1/sqrt(d), 1/sqrt(d)}^d, whose constant grows with d.

    c = d, by bounded differences (McDiarmid: each coordinate moves f by at most 2 L / sqrt(d)). For d = 1 the exact
    constant is 1 / (2 log 2). No constant free of d exists: for the Euclidean distance to a half cube, c is of order
    sqrt(d).

    Parameters
    ----------
    dimension : int
        d >= 1.
    """

    components = 1

    def __init__(self, dimension: int) -> None:
        self.dimension = _dimension(dimension, 1)
        self.isoperimetry = float(self.dimension) if self.dimension > 1 else 1 / (2 * math.log(2))

    @property
    def moment_isoperimetry(self) -> float:
        """Constant d of the moment form, also for d = 1: Hoeffding's lemma coordinate by coordinate."""
        return float(self.dimension)

    def sample(self, rng: RNG, n: int) -> Covariates:
        """Draw n >= 1 inputs, shape (n, d)."""
        generator, size = _drawing(rng, n, self.dimension)
        signs = generator.integers(0, 2, (size, self.dimension)) * 2.0 - 1.0
        return _one_component(signs / math.sqrt(self.dimension))
