"""Covariates: shapes, moments, labels, the constants they state, and refused arguments."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from noprune_theory.covariates import (
    Covariates,
    DiscreteCube,
    Gaussian,
    GaussianMixture,
    SolidCube,
    Sphere,
    SphereMixture,
)
from noprune_theory.testing import covariates


@given(covariates())
def test_samples_have_the_promised_shape_and_labels(covariate):
    drawn = covariate.sample(np.random.default_rng(1), 50)
    assert drawn.X.shape == (50, covariate.dimension)
    assert drawn.labels.shape == (50,)
    assert drawn.labels.min() >= 0
    assert drawn.labels.max() < covariate.components
    again = covariate.sample(np.random.default_rng(1), 50)
    np.testing.assert_array_equal(drawn.X, again.X)


@given(covariates())
def test_no_coordinate_has_heavier_tails_than_the_constant_allows(covariate):
    """Definition 1 for f = x_1 within each component, refuted only beyond a 99.9% Clopper-Pearson interval."""
    drawn = covariate.sample(np.random.default_rng(2), 4000)
    for component in range(covariate.components):
        values = drawn.X[drawn.labels == component, 0]
        center = values.mean()
        for t in (0.5, 1.0, 1.5, 2.0) / np.sqrt(covariate.dimension):
            # A 1-Lipschitz coordinate; the sample mean is close enough to E f at these sizes: shift t by its error.
            exceed = int((np.abs(values - center) >= t + 0.05).sum())
            lower = stats.beta.ppf(0.001, exceed, values.size - exceed + 1) if exceed else 0.0
            assert lower <= 2 * math.exp(-covariate.dimension * t**2 / (2 * covariate.isoperimetry))


def test_stated_constants():
    assert Gaussian(7).isoperimetry == 1
    assert Gaussian(2, covariance=[[2, 1], [1, 2]]).isoperimetry == pytest.approx(6)
    assert Sphere(5).isoperimetry == pytest.approx(5 / 4)
    assert Sphere(5, radius=3.0).isoperimetry == pytest.approx(9 * 5 / 4)
    assert SolidCube(9).isoperimetry == pytest.approx(6 / math.pi)
    assert DiscreteCube(12).isoperimetry == 12
    assert DiscreteCube(1).isoperimetry == pytest.approx(1 / (2 * math.log(2)))
    wide = GaussianMixture([0.5, 0.5], np.zeros((2, 3)), [np.eye(3), 4 * np.eye(3)])
    assert wide.isoperimetry == pytest.approx(12)
    assert SphereMixture([1.0], [[0.0, 0.0]], radius=2.0).isoperimetry == pytest.approx(8)


def test_moments():
    rng = np.random.default_rng(3)
    covariance = np.array([[2.0, -0.5], [-0.5, 1.0]])
    X = Gaussian(2, [1.0, -1.0], covariance).sample(rng, 200_000).X
    np.testing.assert_allclose(X.mean(axis=0), [1, -1], atol=0.02)
    np.testing.assert_allclose(np.cov(X.T), covariance, atol=0.03)
    np.testing.assert_allclose(np.linalg.norm(Sphere(4, 2.0).sample(rng, 100).X, axis=1), 2.0, rtol=1e-14)
    np.testing.assert_allclose(SolidCube(3).sample(rng, 200_000).X.var(axis=0), 1 / 3, atol=0.005)
    np.testing.assert_allclose(np.abs(DiscreteCube(4).sample(rng, 100).X), 0.5)
    mixed = GaussianMixture([0.2, 0.8], [[5.0], [-5.0]]).sample(rng, 100_000)
    assert (mixed.labels == 0).mean() == pytest.approx(0.2, abs=0.01)
    assert mixed.X[mixed.labels == 0].mean() == pytest.approx(5, abs=0.05)


SCALES = st.floats(-153, 153).map(lambda power: 10.0**power)


@given(SCALES, st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_spheres_of_every_radius(radius, dimension, seed):
    sphere = Sphere(dimension, radius)
    assert sphere.isoperimetry == pytest.approx(dimension / (dimension - 1) * radius**2, rel=1e-15)
    X = sphere.sample(np.random.default_rng(seed), 20).X
    np.testing.assert_allclose(np.linalg.norm(X / radius, axis=1), 1, rtol=1e-14)
    shifted = SphereMixture([0.5, 0.5], np.full((2, dimension), 1.7e308), radius).sample(
        np.random.default_rng(seed), 20
    )
    assert np.isfinite(shifted.X).all()


@given(st.floats(-300, 300).map(lambda power: 10.0**power), st.integers(0, 2**32 - 1))
def test_gaussians_of_every_scale_are_one_gaussian_in_other_units(scale, seed):
    covariance = np.array([[2.0, -1.0, 0.5], [-1.0, 2.0, 0.25], [0.5, 0.25, 1.0]])
    plain = Gaussian(3, covariance=covariance)
    scaled = Gaussian(3, covariance=covariance * scale)
    assert scaled.isoperimetry == pytest.approx(plain.isoperimetry * scale, rel=1e-14)
    X = scaled.sample(np.random.default_rng(seed), 20).X
    np.testing.assert_allclose(
        X / np.sqrt(scale), plain.sample(np.random.default_rng(seed), 20).X, rtol=1e-9, atol=1e-12
    )
    mixture = GaussianMixture([1.0], np.full((1, 3), -1.7e308), covariance[None] * scale)
    assert np.isfinite(mixture.sample(np.random.default_rng(seed), 20).X).all()


def test_ordinary_covariances_are_not_touched_by_the_scaling():
    # The factor behind the samples of the figures, by the plain decomposition.
    covariance = np.array([[2.0, -0.5], [-0.5, 1.0]])
    values, vectors = np.linalg.eigh(covariance)
    drawn = np.random.default_rng(4).standard_normal((5, 2))
    X = Gaussian(2, [1.0, -1.0], covariance).sample(np.random.default_rng(4), 5).X
    np.testing.assert_array_equal(X, np.array([1.0, -1.0]) + drawn @ (vectors * np.sqrt(values)).T)


@pytest.mark.parametrize("build", [Gaussian, Sphere, SolidCube, DiscreteCube])
def test_dimensions_of_any_size_have_a_constant(build):
    assert 0 < build(2**53).isoperimetry <= 2**53
    with pytest.raises(ValueError, match=r"^dimension must be at most 2\^53, got"):
        build(2**53 + 1)
    with pytest.raises(
        ValueError, match=r"^n must give at most 2\^40 entries, got 1 inputs of dimension 9007199254740992"
    ):
        build(2**53).sample(np.random.default_rng(0), 1)


def test_samples_are_shown_by_shape_and_compared_as_objects():
    drawn = Gaussian(3).sample(np.random.default_rng(0), 1000)
    assert repr(drawn) == "Covariates(X=<float64 array, shape (1000, 3)>, labels=<int64 array, shape (1000,)>)"
    assert drawn != Covariates(drawn.X, drawn.labels)
    assert len({drawn, drawn}) == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Gaussian(0), "dimension must be >= 1, got 0"),
        (lambda: Gaussian(True), "dimension must be an integer"),
        (lambda: Gaussian(2, [1.0]), "mean must have shape"),
        (lambda: Gaussian(2, [np.nan, 0.0]), "mean must be finite"),
        (lambda: Gaussian(2, covariance=[[1, 2], [0, 1]]), "covariance must be symmetric"),
        (lambda: Gaussian(2, covariance=[[1, 2], [2, 1]]), "covariance must be positive semidefinite"),
        (lambda: Sphere(1), "dimension must be >= 2, got 1"),
        (lambda: Sphere(3, radius=0.0), "radius must be > 0"),
        (lambda: Sphere(3, 1e300), r"^radius must give a constant c within the range of doubles, .* got 1e\+300"),
        (lambda: Sphere(3, 1e-300), "^radius must give a constant c within the range of doubles, .* got 1e-300"),
        (lambda: SphereMixture([1.0], [[0.0, 0.0]], 1e200), "^radius must give a constant c within the range"),
        (lambda: Gaussian(3, covariance=1e308 * np.eye(3)), "^covariance must give a constant c within the range"),
        (lambda: Gaussian(3, covariance=1e-320 * np.eye(3)), "^covariance must give a constant c within the range"),
        (lambda: Gaussian(2, covariance=[[0, 1e308], [-1e308, 0]]), r"covariance must be symmetric, got asymmetry inf"),
        (lambda: Gaussian(2, covariance=[[0, 1e308], [1e308, 0]]), "covariance must be positive semidefinite"),
        (lambda: Gaussian(2, covariance=np.zeros((2, 2))), "covariance must be positive semidefinite and not 0"),
        (
            lambda: GaussianMixture([0.5, 0.5], np.zeros((2, 2)), [np.eye(2), [[1, 2], [2, 1]]]),
            r"^covariances\[1\] must be positive semidefinite",
        ),
        (lambda: GaussianMixture(np.full(99, 1.0), np.zeros((99, 2))), r"got <float64 array, shape \(99,\)>$"),
        (lambda: GaussianMixture([1e308, 1e308], np.zeros((2, 2))), "^weights must be > 0 and sum to 1"),
        (
            lambda: Gaussian(10).sample(np.random.default_rng(0), 10**18),
            r"^n must give at most 2\^40 entries, got 1000",
        ),
        (lambda: GaussianMixture([0.5, 0.4], np.zeros((2, 2))), "weights must be > 0 and sum to 1"),
        (lambda: GaussianMixture([1.0], np.zeros((2, 2))), "weights must have one entry a component"),
        (lambda: SphereMixture([1.0], [[0.0]]), "dimension must be >= 2"),
        (lambda: SolidCube(2.0), "dimension must be an integer"),
        (lambda: DiscreteCube(2).sample(np.random.default_rng(0), 0), "n must be >= 1, got 0"),
        (lambda: DiscreteCube(2).sample(0.5, 5), "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_arguments_are_named(build, message):
    with pytest.raises((ValueError, TypeError), match=message):
        build()
