"""The law for any function: against an independent optimum of its formula, exact enumeration, smoothest fits."""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from noprune_theory.bounds import (
    LawSetting,
    MaximalLeakage,
    Noise,
    any_function_at_cells,
    any_function_law,
    any_function_probability,
    law_of_robustness,
)
from noprune_theory.bounds._cell_law import BETAS, CLIPS, DEFICITS
from noprune_theory.bounds.any_function import normal_distortion, product_cells
from noprune_theory.covariates import DiscreteCube, Gaussian, GaussianMixture, SolidCube, Sphere
from noprune_theory.solvers import interpolation_robustness

SIGNS = Noise(signs=True)
LEVELS = st.sampled_from([0.3, 0.5, 0.9, 0.99, 1.0])


def law(n, d, epsilon, delta, **options):
    return float(any_function_law(n, d, 1, epsilon, delta, 1.0, noise=SIGNS, **{"inputs": "gaussian", **options}))


# -- the parts of the formula ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("clip", "beta", "k"), [(0, 0, 2), (3, 40, 5), (19, 60, 40), (8, 30, 17), (0, 60, 3)])
def test_what_labels_cost(clip, beta, k):
    with mpmath.workdps(40):
        h, b = mpmath.mpf(float(CLIPS[clip])), mpmath.mpf(float(BETAS[beta]))
        terms = (math.comb(k, a) * mpmath.exp(-b * min(mpmath.mpf(a * (k - a)) / k, h)) for a in range(k + 1))
        expected = 1 - mpmath.fsum(terms) / 2**k
    assert DEFICITS[clip, beta, k] == pytest.approx(float(expected), rel=1e-12)


@given(st.integers(2, 60), st.floats(1e-3, 1.9))
def test_normal_signs_bound_many_points(k, beta):
    """E exp(-beta H) <= exp(-beta k/4) (1 - beta/2)^(-1/2), which stands for cells of many points."""
    exact = sum(math.comb(k, a) * math.exp(-beta * a * (k - a) / k) for a in range(k + 1)) / 2.0**k
    assert exact <= math.exp(-beta * k / 4) / math.sqrt(1 - beta / 2) * (1 + 1e-12)


@pytest.mark.parametrize(("intervals", "share"), [(1, 0.5), (2, 1.0), (7, 0.9), (256, 0.98), (257, 0.9), (900, 0.6)])
def test_distortion_of_intervals(intervals, share):
    ends = [mpmath.mpf(float(e)) for e in ndtri(np.linspace((1 - share) / 2, (1 + share) / 2, intervals + 1))]
    total = mpmath.mpf(0)
    for a, b in itertools.pairwise(ends):
        mass = mpmath.ncdf(b) - mpmath.ncdf(a)
        ends_moment = [x * mpmath.npdf(x) if mpmath.isfinite(x) else 0 for x in (a, b)]
        first = (mpmath.npdf(a) - mpmath.npdf(b)) / mass
        total += 1 + (ends_moment[0] - ends_moment[1]) / mass - first**2
    found = normal_distortion(intervals, share)
    expected = float(total / intervals)
    assert expected * (1 - 1e-9) <= found <= expected * (1 + (2e-7 if intervals <= 256 else 0.02))


@pytest.mark.parametrize("d", [1, 2, 3, 8, 25, 10**6])
def test_cells_grow_and_shrink(d):
    cells, mass, distortion = product_cells(d, "gaussian")
    assert (np.diff(cells) > 0).all()
    assert cells[0] == 1
    assert distortion[0, -1] == 1.0  # one cell: the whole variance
    # Finer cells have less distortion, up to the looser bound on it from 257 intervals on (the last shares of the mass
    # have long intervals, for which it is looser).
    inner = distortion[:, :8]
    assert (inner[1:] <= 1.02 * inner[:-1])[np.isfinite(inner[1:])].all()
    assert ((mass > 0) & (mass <= 1)).all()


def test_distortion_by_simulation():
    """Half the mean squared distance of two inputs in a cell, for the product of 3 and 4 intervals in the plane."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((200_000, 2))
    share = 0.8
    edges = [np.asarray(ndtri(np.linspace((1 - share) / 2, (1 + share) / 2, m + 1))) for m in (3, 4)]
    at = [np.searchsorted(e, x[:, i]) - 1 for i, e in enumerate(edges)]
    inside = (at[0] >= 0) & (at[0] < 3) & (at[1] >= 0) & (at[1] < 4)
    cell = (4 * at[0] + at[1])[inside]
    x = x[inside]
    assert np.bincount(cell).std() / np.bincount(cell).mean() < 0.05  # of equal probability
    within = np.mean([np.var(x[cell == c], axis=0).sum() for c in range(12)])
    assert within == pytest.approx(normal_distortion(3, share) + normal_distortion(4, share), rel=0.02)
    assert float(ndtr(edges[0][-1]) - ndtr(edges[0][0])) == pytest.approx(share)


# -- the bound by its formula ------------------------------------------------------------------------------------------


def best_log_probability(n, s, cells, mass, u):
    """The logarithm of the bound on P(MSE <= s) at the best of many multipliers, straight from the formula."""
    k, a = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    weights = binom.pmf(k, n, mass / cells) * binom.pmf(a, k, 0.5)
    used = weights > 1e-18
    costs, weights = (a * (k - a) / np.maximum(k, 1))[used], weights[used]
    theta = np.geomspace(0.02, 27 / 16, 60)[:, None]
    factor = np.exp(-theta * np.minimum(costs, 27 / 32 / theta) * (2 - u) ** 2) @ weights
    return float(np.min(theta[:, 0] * n * s + cells * np.log(factor)))


@pytest.mark.parametrize(
    ("n", "s", "cells", "mass", "delta"),
    [(20, 0.1, 6, 1.0, 0.25), (44, 0.1, 16, 0.81, 0.25), (60, 0.4, 9, 0.98, 0.1), (30, 0.0, 40, 1.0, 0.5)],
)
def test_against_the_optimum_of_the_formula(n, s, cells, mass, delta):
    """Valid at some multiplier, and within 2% of the best of a fine grid of multipliers and clips."""
    found = float(any_function_at_cells(n, 1 - s, delta, 0.5, cells=cells, mass=mass, noise=SIGNS))

    assert best_log_probability(n, s, cells, mass, found * (1 - 5e-3)) <= math.log(delta)
    low, high = 0.0, 2.0
    for _ in range(12):
        middle = (low + high) / 2
        holds = best_log_probability(n, s, cells, mass, middle) <= math.log(delta)
        low, high = (middle, high) if holds else (low, middle)
    assert low * 0.98 <= found <= high * 1.005


@given(
    st.integers(1, 30),
    st.floats(0.01, 1.0),
    st.floats(0.0, 3.0),
    st.integers(1, 40),
    st.floats(0.1, 1.0),
    st.floats(1e-3, 20.0),
)
def test_probability_is_its_formula(n, epsilon, lipschitz, cells, mass, theta):
    found = float(
        any_function_probability(n, epsilon, lipschitz, 0.5, cells=cells, mass=mass, multiplier=theta, noise=SIGNS)
    )
    k, a = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    weights = binom.pmf(k, n, mass / cells) * binom.pmf(a, k, 0.5)
    costs = np.clip(a * (k - a) / np.maximum(k, 1), 0, 27 / 32 / theta)
    factor = np.sum(weights * np.exp(-theta * costs * max(2 - lipschitz, 0) ** 2))
    expected = theta * n * (1 - epsilon) + cells * math.log(factor)
    assert math.log(found) == pytest.approx(min(expected, 0.0), rel=1e-9, abs=1e-9)


def test_the_bound_is_where_the_probability_is_small():
    theta = np.geomspace(1e-3, 1.7, 400)
    for n, cells, delta in ((30, 8, 0.1), (500, 200, 1e-6), (10**6, 10**4, 0.3)):
        found = float(any_function_at_cells(n, 0.8, delta, 2.0, cells=cells, noise=SIGNS))
        below, above = (
            np.min(
                any_function_probability(
                    n, 0.8, found * stretch, 2.0, cells=cells, multiplier=theta * min(1, 1e4 / n), noise=SIGNS
                )
            )
            for stretch in (0.99, 1.05)
        )
        assert below <= delta < above


@pytest.mark.parametrize("level", [0.0, 0.2])
def test_exact_probability_on_a_line(level):
    """Four places, two at a distance 1 in each of two cells; all 8^4 data sets of four samples are solved."""
    places = {0: (0, 0.0), 1: (0, 1.0), 2: (1, 1e3), 3: (1, 1e3 + 1)}
    n, slopes = 4, {}
    for drawn in itertools.product(range(4), repeat=n):
        for labels in itertools.product((-1.0, 1.0), repeat=n):
            key = tuple(sorted(zip(drawn, labels, strict=True)))
            slopes[key] = slopes.get(key, 0) + 1
    outcomes = []
    for key, weight in slopes.items():
        points = [places[i][1] for i, _ in key]
        labels = [label for _, label in key]
        outcomes.append((smallest_on_line(points, labels, level), Fraction(weight, 8**n)))
    assert sum(weight for _, weight in outcomes) == 1
    for delta in (0.3, 0.5, 0.7, 0.9):
        # Within a cell |x - x'|^2 is 0 or 1 with equal probability: D = 1/4.
        bound = float(any_function_at_cells(n, 1 - level, delta, 0.25, cells=2, noise=SIGNS))
        below = sum(weight for slope, weight in outcomes if slope < bound * (1 - 1e-9))
        assert below <= delta


def smallest_on_line(points, labels, level):
    """Least L by bisection on the least loss of values at two places a cell (the cells do not interact)."""
    n = len(points)

    def loss(slope):
        total = 0.0
        for base in (0.0, 1e3):
            sums = []
            for offset in (0.0, 1.0):
                here = [y for x, y in zip(points, labels, strict=True) if x == base + offset]
                sums.append((len(here), sum(here)))
            total += two_places(*sums[0], *sums[1], slope)
        return total / n

    if loss(0.0) <= level + 1e-12:
        return 0.0
    if loss(2.0) > level + 1e-12:
        return math.inf
    low, high = 0.0, 2.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if loss(middle) <= level else (middle, high)
    return high


def two_places(k, a, m, b, slope):
    """min k - 2 a v + k v^2 + m - 2 b w + m w^2 with |v - w| <= slope."""
    if k == 0 or m == 0:
        return (k - a * a / k if k else 0.0) + (m - b * b / m if m else 0.0)
    v, w = a / k, b / m
    excess = max(abs(v - w) - slope, 0.0)
    return k - a * a / k + m - b * b / m + k * m / (k + m) * excess**2


# -- against the truth -------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(2, 9),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.05, 0.3]),
    st.integers(1, 3),
)
def test_no_data_beat_the_inequality_of_a_cell(seed, n, d, level, parts):
    """A search for data on which cells cost more than the smoothest fit pays: there are none."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)
    slope = interpolation_robustness("any", X, y, max_mse=level, rtol=1e-9).lipschitz.upper
    cell = rng.integers(0, parts, n)
    cost = 0.0
    for c in range(parts):
        (members,) = np.nonzero(cell == c)
        for i, j in itertools.combinations(members, 2):
            if y[i] != y[j]:
                cost += max(2 - slope * np.linalg.norm(X[i] - X[j]), 0.0) ** 2 / members.size
    assert cost <= n * level + 1e-6


@pytest.mark.parametrize(("n", "d", "epsilon"), [(24, 1, 0.9), (24, 2, 0.9), (16, 2, 1.0), (40, 3, 0.8)])
def test_smoothest_functions_are_rarely_below(n, d, epsilon):
    delta, trials = 0.4, 40
    bound = law(n, d, epsilon, delta)
    rng = np.random.default_rng(1)
    found = np.array(
        [
            interpolation_robustness(
                "any",
                rng.standard_normal((n, d)) / math.sqrt(d),
                rng.choice([-1.0, 1.0], n),
                max_mse=1 - epsilon,
                rtol=1e-3,
            ).lipschitz.upper
            for _ in range(trials)
        ]
    )
    assert np.mean(found < bound) <= delta + 3 * math.sqrt(delta * (1 - delta) / trials)
    assert bound > np.median(found) / 40  # not vacuous


def test_within_a_factor_of_the_truth_in_low_dimension():
    """n = 44 in the plane, 0.1 of error: the floor of data sets of the figure is near 10."""
    assert 2.1 < law(44, 2, 0.9, 0.25) < 10


# -- how it depends on its arguments -----------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1, 2, 3])
def test_grows_as_the_root_of_the_number_of_samples(d):
    """L n^(-1/d) comes to rest below the noise level, L n^(-2/d) at interpolation."""
    n = 10.0 ** np.array([4, 5]) if d == 1 else 10.0 ** np.array([5, 7])
    n = n / (4 if d == 1 else 1)
    near = np.array([law(i, d, 0.9, 0.25) for i in n])
    assert np.diff(np.log(near)) / np.diff(np.log(n)) == pytest.approx(1 / d, rel=0.05)
    small = np.array([300, 3000]) if d == 3 else np.array([30, 100])
    exact = np.array([law(i, d, 1.0, 0.25) for i in small])
    assert np.diff(np.log(exact)) / np.diff(np.log(small)) == pytest.approx(2 / d, rel=0.25)


@given(st.integers(2, 10**5), st.integers(1, 50), LEVELS, st.floats(1e-6, 0.9), st.floats(1e-6, 1e6))
@settings(max_examples=15, deadline=None)
def test_scales_with_the_constant(n, d, epsilon, delta, c):
    for known in ("isoperimetric", "moment", "gaussian", "cube"):
        one = float(any_function_law(n, d, 1, epsilon, delta, 1.0, noise=SIGNS, inputs=known))
        other = float(any_function_law(n, d, 1, epsilon, delta, c, noise=SIGNS, inputs=known))
        assert other * math.sqrt(c) == pytest.approx(one, rel=1e-12)


@given(st.integers(2, 10**5), st.integers(1, 50), LEVELS, st.floats(1e-6, 0.9))
@settings(max_examples=15, deadline=None)
def test_more_knowledge_is_never_worse(n, d, epsilon, delta):
    values = [
        float(any_function_law(n, d, 1, epsilon, delta, 1.0, noise=SIGNS, inputs=known))
        for known in ("isoperimetric", "moment", "gaussian")
    ]
    assert values[0] <= values[1] <= values[2]
    more = float(any_function_law(n, d, 3, epsilon, delta, 1.0, noise=SIGNS, inputs="moment"))
    assert more <= values[1]


@pytest.mark.parametrize("d", [1, 2, 5])
def test_monotone(d):
    """In epsilon and delta, up to what the search leaves; in n over steps of a half."""
    epsilon = np.linspace(0.3, 1.0, 40)
    delta = np.geomspace(1e-9, 0.9, 40)
    n = np.round(20 * 1.5 ** np.arange(12))
    for values in (
        any_function_law(300, d, 1, epsilon, 0.25, 1.0, noise=SIGNS, inputs="gaussian"),
        any_function_law(300, d, 1, 0.9, delta, 1.0, noise=SIGNS, inputs="gaussian"),
        any_function_law(n, d, 1, 0.9, 0.25, 1.0, noise=SIGNS, inputs="gaussian"),
    ):
        assert (np.diff(values) >= -0.02 * values[1:]).all()
        assert values[-1] > values[0]


def test_continuous_at_interpolation():
    for d in (1, 2, 10):
        assert law(200, d, 1 - 1e-13, 0.2) == pytest.approx(law(200, d, 1.0, 0.2), rel=1e-6)


def test_array_entries_are_those_of_numbers():
    n, d = np.array([[50], [700]]), np.array([1, 2, 30])
    found = any_function_law(n, d, 1, 0.9, 0.2, 1.0, noise=SIGNS, inputs="gaussian")
    assert found.shape == (2, 3)
    for i, j in np.ndindex(2, 3):
        assert float(found[i, j]) == law(int(n[i, 0]), int(d[j]), 0.9, 0.2)


@pytest.mark.parametrize(
    ("n", "d", "epsilon", "delta"),
    [(1, 1, 1.0, 0.9), (2, 1, 1e-300, 1e-300), (2**53, 2**53, 1.0, 1e-300), (2**53, 1, 0.5, 0.5), (3, 2, 1.0, 0.999)],
)
def test_edges(n, d, epsilon, delta):
    for known in ("isoperimetric", "moment", "gaussian", "cube"):
        value = float(any_function_law(n, d, 1, epsilon, delta, 1.0, noise=SIGNS, inputs=known))
        assert 0 <= value < math.inf
    if n == 1:
        assert value == 0.0


def test_many_dimensions_leave_a_constant():
    """In high dimension points are sqrt(2) apart: (2 - u) with the loss of an interpolant, over sqrt(2)."""
    assert 1.2 < law(10**6, 10**9, 1.0, 0.1) < math.sqrt(2)
    assert law(10**4, 10**9, 0.9, 0.1) == pytest.approx(
        float(any_function_law(10**4, 10**9, 1, 0.9, 0.1, 1.0, noise=SIGNS, inputs="moment")), rel=0.02
    )


# -- the front door ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "covariate", [Gaussian(2), SolidCube(2), Sphere(3), DiscreteCube(4)], ids=lambda c: type(c).__name__
)
def test_the_front_door_for_any_function(covariate):
    setting = LawSetting(
        n=2000,
        inputs=covariate,
        noise=SIGNS,
        epsilon=0.9,
        delta=0.1,
        mask_size=10,
        dependence=MaximalLeakage(0.0),
        function_class="any",
    )
    found = law_of_robustness(setting)
    assert found.theorem == "sharp-any-function"
    assert set(found.versions) == {"sharp-any-function"}
    assert float(found.lipschitz) > 0
    assert "labels are fair signs independent of the inputs" in found.hypotheses


def test_mixtures_use_their_components():
    mixture = GaussianMixture([0.5, 0.5], [[0.0, 0.0], [100.0, 0.0]])
    setting = LawSetting(
        n=2000,
        inputs=mixture,
        noise=SIGNS,
        epsilon=0.9,
        delta=0.1,
        mask_size=10,
        dependence=MaximalLeakage(0.0),
        function_class="any",
    )
    expected = any_function_law(2000, 2, 2, 0.9, 0.1, 1.0, noise=SIGNS, inputs="moment")
    assert float(law_of_robustness(setting).lipschitz) == float(expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"noise": Noise()}, "noise must be fair signs"),
        ({"inputs": "normal"}, "inputs must be one of"),
        ({"components": 2}, "components must be 1 for gaussian inputs, got 2"),
        ({"n": 0}, "n must be a whole number >= 1"),
        ({"epsilon": 1.5}, r"epsilon must be in \(0, 1\]"),
        ({"delta": 1.0}, "delta must be in the open interval"),
        ({"isoperimetry": 0.0}, "isoperimetry must be finite and > 0"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {
        "n": 10,
        "d": 2,
        "components": 1,
        "epsilon": 0.9,
        "delta": 0.2,
        "isoperimetry": 1.0,
        "noise": SIGNS,
        "inputs": "gaussian",
    }
    with pytest.raises(ValueError, match=message):
        any_function_law(**{**arguments, **change})


def test_bad_cells_are_named():
    for change, message in (
        ({"cells": 0}, "cells must be a whole number >= 1"),
        ({"mass": 1.5}, r"mass must be in \(0, 1\]"),
        ({"distortion": -1.0}, "distortion must be finite and > 0"),
    ):
        arguments = {"distortion": 1.0, "cells": 3, "mass": 1.0, **change}
        with pytest.raises(ValueError, match=message):
            any_function_at_cells(10, 0.5, 0.5, noise=SIGNS, **arguments)


@pytest.mark.parametrize("size", [1, 2])
def test_arrays_and_numbers_may_be_mixed(size):
    """Arrays of one entry too: numba warns of the views that broadcasting makes of them."""
    n, delta = np.full(size, 44.0), np.full(size, 0.25)
    law = any_function_law(n, 2, 1, 0.9, delta, 1.0, noise=SIGNS, inputs="gaussian")
    cells = any_function_at_cells(n, 0.9, delta, 0.5, cells=4, noise=SIGNS)
    probability = any_function_probability(n, 0.9, law, 0.5, cells=4, multiplier=1.0, noise=SIGNS)
    single = any_function_law(44, 2, 1, 0.9, 0.25, 1.0, noise=SIGNS, inputs="gaussian")
    assert law.tolist() == [float(single)] * size
    assert cells.tolist() == [float(any_function_at_cells(44, 0.9, 0.25, 0.5, cells=4, noise=SIGNS))] * size
    at_single = any_function_probability(44, 0.9, single, 0.5, cells=4, multiplier=1.0, noise=SIGNS)
    assert probability.tolist() == [float(at_single)] * size
