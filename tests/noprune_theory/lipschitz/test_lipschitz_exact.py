"""Exact constants against linear programs over all patterns, reductions, equivariance and degenerate layers."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lipschitz_oracles import brute_force, layer, sampled_slope

from noprune_theory.lipschitz import bracket, exact_one_hidden, great_circle_lower
from noprune_theory.lipschitz._arrangement import build_arrangement
from noprune_theory.lipschitz._circles import circle_bases, covering, dependent_by_zeros, increasing_tuples
from noprune_theory.lipschitz._enumeration import cell_signs, enumerate_maximum, exact_plane, exact_rank
from noprune_theory.lipschitz._rounding import cross_sign
from noprune_theory.models import RandomFeatures

KINDS = ["gaussian", "masked", "lattice", "parallel"]


def gradient(W, a, b, point):
    pre = W @ point + (0.0 if b is None else b)
    return ((pre > 0) * a) @ W


@pytest.mark.parametrize("offsets", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("dimension", "n_units"), [(1, 6), (2, 6), (3, 6), (4, 5), (5, 5)])
def test_agrees_with_linear_programs_over_all_patterns(dimension, n_units, kind, offsets):
    for seed in range(2):
        W, a, b = layer(np.random.default_rng([seed, dimension]), n_units, dimension, kind, offsets)
        result, truth = exact_one_hidden(W, a, b), brute_force(W, a, b)
        assert result.exact
        assert result.lower <= truth * (1 + 1e-12) + 1e-13
        assert truth <= result.upper * (1 + 1e-12) + 1e-13


@given(
    seed=st.integers(0, 10**6),
    dimension=st.integers(1, 4),
    n_units=st.integers(1, 14),
    kind=st.sampled_from(KINDS),
    offsets=st.booleans(),
)
def test_witness_re_evaluates_and_no_sampled_slope_is_larger(seed, dimension, n_units, kind, offsets):
    rng = np.random.default_rng(seed)
    W, a, b = layer(rng, n_units, dimension, kind, offsets)
    result = exact_one_hidden(W, a, b)
    assert result.exact
    assert sampled_slope(W, a, b, rng, 500) <= result.upper
    if result.witness is not None:
        again = gradient(W, a, b, result.witness.point)
        assert np.allclose(again, result.witness.gradient, rtol=0, atol=1e-12 * (1 + np.abs(a) @ np.abs(W).sum(axis=1)))
        assert result.lower <= np.linalg.norm(again) * (1 + 1e-12) <= result.upper * (1 + 2e-12)


@given(
    seed=st.integers(0, 10**6), kind=st.sampled_from(["gaussian", "masked"]), factor=st.sampled_from([0.25, 3.0, 1e150])
)
def test_scaling_rotation_permutation(seed, kind, factor):
    rng = np.random.default_rng(seed)
    W, a, b = layer(rng, 8, 3, kind, offsets=bool(seed % 2))
    upper = exact_one_hidden(W, a, b).upper
    assert math.isclose(exact_one_hidden(W, factor * a, b).upper, factor * upper, rel_tol=1e-9)
    shuffled = rng.permutation(8)
    moved = exact_one_hidden(W[shuffled], a[shuffled], None if b is None else b[shuffled]).upper
    assert math.isclose(moved, upper, rel_tol=1e-9)
    rotation = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    turned = exact_one_hidden(W @ rotation, a, b)
    # A rotation in float64 turns coincident kinks into nearly coincident ones, which may open new slivers.
    assert turned.upper >= upper * (1 - 1e-9)
    if kind == "gaussian":
        assert math.isclose(turned.upper, upper, rel_tol=1e-9)


def test_reductions():
    assert math.isclose(exact_one_hidden([[3.0, 4.0, 0.0]], [2.0]).upper, 10.0, rel_tol=1e-12)
    orthogonal = exact_one_hidden(np.eye(4), [1.0, -2.0, 2.0, 4.0])
    assert math.isclose(orthogonal.upper, 5.0, rel_tol=1e-12)
    # relu(x) - relu(-x) = x and relu(x) + relu(-x) = |x|: both have slope 1.
    assert math.isclose(exact_one_hidden([[1.0], [-1.0]], [1.0, -1.0]).upper, 1.0, rel_tol=1e-12)
    # Two parallel steps of opposite weight: the slope is 1 only between the offsets.
    ramp = exact_one_hidden([[1.0, 0.0], [1.0, 0.0]], [1.0, -1.0], [0.0, -1.0])
    assert math.isclose(ramp.upper, 1.0, rel_tol=1e-12)
    assert 0 < ramp.witness.point[0] < 1


def test_parallel_units_with_equal_offsets_cancel_and_with_different_ones_do_not():
    W, a = np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([2.0, -1.0])
    assert exact_one_hidden(W, a, np.array([0.5, 1.0])).upper < 1e-12
    assert math.isclose(exact_one_hidden(W, a, np.array([0.5, 1.5])).upper, 2 * math.sqrt(5), rel_tol=1e-12)


@given(seed=st.integers(0, 10**6), dimension=st.integers(2, 4), n_units=st.integers(1, 12))
def test_one_sign_attains_the_zonotope_maximum(seed, dimension, n_units):
    """With output weights of one sign every vertex of the zonotope of the v_j is a reachable gradient."""
    rng = np.random.default_rng(seed)
    W, a, _ = layer(rng, n_units, dimension)
    a = np.abs(a)
    signs = np.array(np.meshgrid(*[[0.0, 1.0]] * n_units)).reshape(n_units, -1).T
    largest = np.linalg.norm(signs @ (a[:, None] * W), axis=1).max()
    assert math.isclose(exact_one_hidden(W, a).upper, largest, rel_tol=1e-10)


@pytest.mark.parametrize(("dimension", "n_units"), [(3, 60), (4, 30), (5, 16)])
def test_masked_layer_equals_the_limit_of_small_perturbations_from_above(dimension, n_units):
    """Perturbed weights have all the cells of the masked layer and more, so the constant can only rise."""
    rng = np.random.default_rng(dimension)
    W, a, _ = layer(rng, n_units, dimension, "masked")
    exact = exact_one_hidden(W, a)
    perturbed = exact_one_hidden(W + 1e-9 * rng.standard_normal(W.shape), a)
    assert exact.exact
    assert perturbed.exact
    assert exact.upper <= perturbed.upper * (1 + 1e-6)
    assert sampled_slope(W, a, None, rng) <= exact.upper
    assert max(np.linalg.norm(gradient(W, a, None, x)) for x in rng.standard_normal((2000, dimension))) <= exact.upper


def test_extreme_magnitudes():
    W, a = np.array([[1e200, 1e90], [1.0, 3.0]]), np.array([1e100, 1e-150])
    assert math.isclose(exact_one_hidden(W, a).upper, 1e300, rel_tol=1e-12)
    assert 0 < exact_one_hidden([[1e-200]], [1e-110]).upper < 1e-300


def test_nothing_left():
    for W, a in ((np.zeros((3, 2)), np.ones(3)), (np.ones((3, 2)), np.zeros(3)), (np.zeros((0, 2)), np.zeros(0))):
        result = exact_one_hidden(W, a)
        assert result.exact
        assert result.upper == 0


def test_time_limit_returns_a_valid_bracket():
    W, a, _ = layer(np.random.default_rng(0), 120, 5)
    stopped = exact_one_hidden(W, a, max_seconds=1e-3)
    assert stopped.effort["status"] == "out of time"
    assert not stopped.exact
    assert 0 < stopped.lower < stopped.upper
    assert sampled_slope(W, a, None, np.random.default_rng(1)) <= stopped.upper


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, np.nan]], [1.0]), "directions must be finite"),
        (([[1.0, 2.0]], [np.inf]), "weights must be finite"),
        (([[1.0, 2.0]], [1.0, 2.0]), r"directions and weights .* shapes \(1, 2\) and \(2,\)"),
        (([[1.0, 2.0]], [1.0], [1.0, 2.0]), r"offsets must have shape \(1,\)"),
        (([1.0, 2.0], [1.0]), "directions must have 2 dimension"),
        ((np.ones((2, 9)) + np.eye(2, 9), [1.0, 1.0]), "at most 8 columns"),
        ((np.array([[1.0, 1e-300]]), [1.0]), "2\\^400"),
        (([[1e200]], [1e200]), "overflow"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        exact_one_hidden(*arguments)


def test_exact_helpers():
    rows = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.7], [0.1 + 0.3, 0.2 + 0.1, 0.3 + 0.7]])
    assert exact_rank(np.array([[1.0, 2.0], [2.0, 4.0]])) == 1
    assert exact_rank(rows) == 3, "sums of floats are rounded: nearly dependent is not dependent"
    (direction,) = exact_plane(rows[:2])
    assert all(
        sum(x * y for x, y in zip(map(float, row), map(float, direction), strict=True)) < 1e-15 for row in rows[:2]
    )
    tiny = 2.0**-52
    assert cross_sign(*(np.array([v]) for v in (1.0 + tiny, 1.0, 1.0, 1.0 - tiny))) == -1
    assert cell_signs(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]])).shape == (14, 4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dimension", "n_units", "offsets"), [(3, 25, False), (2, 15, True), (4, 14, False), (5, 9, False)]
)
def test_enumeration_does_not_lean_on_its_incumbent(dimension, n_units, kind, offsets):
    """From nothing, and from just below the maximum (when most arcs are skipped), the same cell is found."""
    for seed in range(3):
        W, a, b = layer(np.random.default_rng([seed, 7]), n_units, dimension, kind, offsets)
        arrangement = build_arrangement(W, a, b)
        truth = math.ldexp(exact_one_hidden(W, a, b).upper, -arrangement.exponent)
        for share in (0.0, 0.8, 0.999):
            found = enumerate_maximum(arrangement, share * truth, math.inf)
            assert found.unreached == 0
            assert math.isclose(found.value, truth, rel_tol=1e-9)


def test_maximum_over_sampled_points_is_reached_without_an_incumbent():
    rng = np.random.default_rng(5)
    W, a, b = layer(rng, 12, 2, "gaussian", offsets=True)
    arrangement = build_arrangement(W, a, b)
    found = math.ldexp(enumerate_maximum(arrangement, 0.0, math.inf).value, arrangement.exponent)
    sampled = max(sampled_slope(W, a, b, rng, 20_000) for _ in range(3))
    assert sampled <= found * (1 + 1e-12)
    assert math.isclose(found, brute_force(W[:12], a, b), rel_tol=1e-9)


@pytest.mark.parametrize(("n_planes", "size"), [(6, 1), (9, 2), (10, 3), (9, 4), (9, 5)])
def test_the_short_family_of_circles_meets_every_vertex(n_planes, size):
    (tuples,) = increasing_tuples(n_planes, size)
    assert tuples.T.tolist() == [list(edge) for edge in combinations(range(n_planes), size)]
    family = {tuple(row) for row in tuples.T[covering(tuples, n_planes)].tolist()}
    assert len(family) < math.comb(n_planes, size)
    for vertex in combinations(range(n_planes), size + 1):
        assert any(edge in family for edge in combinations(vertex, size))


@pytest.mark.parametrize(("count", "size"), [(400, 2), (60, 3), (55, 4)])
def test_blocks_of_tuples_join_without_a_seam(count, size):
    blocks = list(increasing_tuples(count, size))
    assert len(blocks) > 1
    assert np.array_equal(np.hstack(blocks).T, list(combinations(range(count), size)))


@pytest.mark.parametrize("dimension", [2, 3, 5, 8])
def test_bases_of_circles_are_orthonormal_and_orthogonal_to_their_tuples(dimension):
    rng = np.random.default_rng(dimension)
    normals = rng.standard_normal((dimension, 9))
    normals[:, 1] = -3.0 * normals[:, 0]
    (tuples,) = increasing_tuples(9, dimension - 2)
    bases, volumes = circle_bases(normals, tuples)
    for members, basis, volume in zip(tuples.T, bases, volumes, strict=True):
        unit = normals[:, members] / np.linalg.norm(normals[:, members], axis=0)
        gram = np.prod(np.linalg.svd(unit, compute_uv=False))
        assert math.isclose(volume, gram, rel_tol=1e-12, abs_tol=1e-13)
        if volume:
            assert np.allclose(basis @ np.column_stack([basis.T, unit]), np.eye(2, dimension), rtol=0, atol=1e-13)
    assert (volumes < 1e-13).sum() == (0 if dimension < 4 else math.comb(7, dimension - 4))


def test_dependence_that_zeros_show():
    supports = np.array([0b001, 0b001, 0b011, 0b110, 0b100, 0b010])
    tuples = np.array(list(combinations(range(6), 3)))
    truth = []
    for members in tuples:
        drawn = np.random.default_rng(0).uniform(1, 2, (3, 3)) * ((supports[members][:, None] >> np.arange(3)) & 1)
        truth.append(np.linalg.matrix_rank(drawn) < 3)
    assert np.array_equal(dependent_by_zeros(supports, tuples), truth)
    assert 0 < sum(truth) < len(truth)


@pytest.mark.parametrize("seconds", [np.nan, -1, 0, -np.inf, None, "1", np.ones(2)])
def test_seconds_are_positive(seconds):
    rng = np.random.default_rng(0)
    for call in (exact_one_hidden, great_circle_lower):
        with pytest.raises((TypeError, ValueError), match="max_seconds must be"):
            call(np.eye(3), np.ones(3), rng=rng, max_seconds=seconds)
    assert exact_one_hidden(np.eye(3), np.ones(3), max_seconds=np.inf).exact


@pytest.mark.parametrize("stretch", [1.0, 2.0**-700, 2.0**700])
def test_a_cell_too_thin_for_a_float64_point_has_a_rational_witness(stretch):
    """The slope is 5 between two kinks at neighbouring float64, and 0 elsewhere."""
    third = 1.0 / 3.0
    b = stretch * np.array([-third, -np.nextafter(third, 1.0)])
    W, a = np.ones((2, 1)), np.array([5.0, -5.0])
    for found in (exact_one_hidden(W, a, b), bracket(RandomFeatures(W, a, b))):
        assert found.exact
        assert found.lower <= 5 <= found.upper
        assert found.witness.point is None
        assert found.witness.pattern.tolist() == [True, False]
    # In the plane, r = (1, -1/3): relu(<r, x>) - relu(-<r', x>) has slope 2 |r| between rays at an angle of 1e-17.
    thin = exact_one_hidden([[1.0, -third], [-1.0, np.nextafter(third, 1.0)]], [1.0, -1.0])
    assert thin.exact
    assert thin.lower == pytest.approx(2 * math.hypot(1.0, third), rel=1e-12, abs=0)
