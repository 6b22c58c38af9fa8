"""Deep ReLU networks exactly: linear regions, branch and bound over phases, and bounds with ranges of slopes."""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pattern_oracle import largest_norm

from noprune_theory.lipschitz import bracket, lipsdp_deep
from noprune_theory.lipschitz._cells import box, orthants, point_of
from noprune_theory.lipschitz._confirm import Confirmer
from noprune_theory.lipschitz._slope_bound import SlopeBound, slopes_between
from noprune_theory.lipschitz.phases import search_phases, unit_of
from noprune_theory.lipschitz.piecewise import absolute_bound
from noprune_theory.lipschitz.regions import enumerate_regions
from noprune_theory.models import MLP

KINDS = ("gaussian", "lattice", "masked", "central", "positive")


def network(rng, widths, kind="gaussian"):
    """Layers and biases of hidden layers; `kind` chooses how degenerate they are."""
    shapes = [(o, i) for i, o in pairwise(widths)]
    weights = [rng.standard_normal(s) * math.sqrt(2 / s[1]) for s in shapes]
    biases = [0.5 * rng.standard_normal(s[0]) for s in shapes]
    if kind == "lattice":
        weights = [rng.integers(-1, 2, s).astype(float) for s in shapes]
        biases = [rng.integers(-1, 2, s[0]).astype(float) for s in shapes]
    elif kind == "masked":
        weights = [W * (rng.random(W.shape) < 0.6) for W in weights]
    elif kind == "central":
        biases = [np.zeros_like(b) for b in biases]
    elif kind == "positive":
        weights = [np.abs(W) for W in weights]
    return weights, biases


def searched(weights, biases, rtol=5e-10, deadline=math.inf):
    """Branch and bound from nothing: the largest norm visited, and what the search says."""
    bounds = SlopeBound(weights)
    slopes = slopes_between([(np.zeros(len(W)), np.ones(len(W))) for W in weights[:-1]])
    roots = bounds.start(slopes)
    confirmer, best = Confirmer(weights, biases, "relu"), [0.0]

    def visit(point):
        found = confirmer.at(point) if point.size else None
        best[0] = max(best[0], 0.0 if found is None else found.lower)
        return best[0]

    found = search_phases(
        weights,
        biases,
        [np.zeros(len(W), dtype=np.int64) for W in weights[:-1]],
        domain=None,
        unit=unit_of(weights, biases),
        bounds=bounds,
        roots=roots,
        upper=float(bounds.certified(slopes, roots)[0]),
        visit=visit,
        rtol=rtol,
        deadline=deadline,
    )
    return best[0], found


def volume(cell):
    """Volume of a bounded cell of the plane, exactly."""
    points = [point_of(ray) for ray in cell.rays]
    middle = point_of(cell.middle())
    points.sort(key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    twice = sum(p[0] * q[1] - p[1] * q[0] for p, q in pairwise([*points, points[0]]))
    return abs(twice) / 2


@given(seed=st.integers(0, 10**6))
def test_cells_of_the_plane_keep_their_volume_when_cut(seed):
    rng = np.random.default_rng(seed)
    cells = [box(np.array([-1.0, -2.0]), np.array([1.0, 1.5]))]
    for _ in range(6):
        row = [int(x) for x in rng.integers(-3, 4, 3)]
        following = []
        for cell in cells:
            heights = [sum(a * x for a, x in zip(row, ray, strict=True)) for ray in cell.rays]
            following += cell.cut(heights) if min(heights) < 0 < max(heights) else [cell]
        cells = following
    assert sum(map(volume, cells)) == Fraction(7)


@pytest.mark.parametrize("dimension", [2, 3, 4])
def test_regions_of_one_layer_in_general_position_are_as_many_as_schlaefli_counts(dimension):
    rng = np.random.default_rng(dimension)
    n_units = 6
    W, b = rng.standard_normal((n_units, dimension)), rng.standard_normal(n_units)
    seen = set()
    found = enumerate_regions(
        [W, np.ones((1, n_units))],
        [b],
        orthants(dimension),
        meets=lambda region: seen.add(region.patterns[0].tobytes()) or 0.0,
    )
    assert found.complete
    assert len(seen) == sum(math.comb(n_units, k) for k in range(dimension + 1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_all_patterns_in_exact_rationals_agree(kind, seed):
    rng = np.random.default_rng([KINDS.index(kind), seed])
    widths = (*(int(w) for w in rng.integers(1, 4, 1 + rng.integers(1, 4))), int(rng.integers(1, 3)))
    weights, biases = network(rng, (int(rng.integers(1, 5)), *widths), kind)
    truth = largest_norm(weights, biases)
    found = bracket(MLP.from_layers(weights, biases))
    assert found.exact
    assert found.lower <= truth * (1 + 1e-14)
    assert truth <= found.upper * (1 + 1e-14)
    assert found.upper <= truth * (1 + 2e-9)


@given(seed=st.integers(0, 10**6), kind=st.sampled_from(KINDS))
def test_branch_and_bound_agrees_with_the_regions(seed, kind):
    rng = np.random.default_rng(seed)
    weights, biases = network(rng, (int(rng.integers(1, 4)), 4, 3, int(rng.integers(1, 3))), kind)
    regions = enumerate_regions(weights, biases, orthants(weights[0].shape[1]))
    assert regions.complete
    attained, found = searched(weights, biases)
    assert attained <= regions.upper * (1 + 1e-12)
    assert regions.best <= found.upper * (1 + 1e-12)
    if kind in ("gaussian", "positive"):
        assert found.closed
        assert found.upper <= regions.upper * (1 + 1e-9)


@given(seed=st.integers(0, 10**6), widths=st.lists(st.integers(1, 5), min_size=3, max_size=5))
def test_bounds_with_ranges_of_slopes_by_a_second_way(seed, widths):
    """The recursion again in forty digits, and no choice of slopes in the ranges beats it."""
    rng = np.random.default_rng(seed)
    weights, _ = network(rng, widths)
    low = [rng.random(len(W)) * (rng.random(len(W)) < 0.5) for W in weights[:-1]]
    high = [np.where(rng.random(x.size) < 0.3, x, x + rng.random(x.size) * (1 - x)) for x in low]
    slopes = slopes_between(list(zip(low, high, strict=True)))
    bounds = SlopeBound(weights)
    for roots in (bounds.start(slopes), bounds.minimised(slopes, math.inf)):
        roots, values = bounds.improved(slopes, roots, 5)
        certified = bounds.certified(slopes, roots)[0]
        again = in_many_digits(weights, slopes, roots)
        assert again <= certified <= again * (1 + 1e-8) + 1e-100
        assert math.isclose(values[0], certified, rel_tol=1e-6, abs_tol=1e-100)
        for _ in range(30):
            J = weights[-1]
            for W, a, b in zip(weights[-2::-1], low[::-1], high[::-1], strict=True):
                J = (J * np.where(rng.random(a.size) < 0.5, a, b)) @ W
            assert np.linalg.norm(J, 2) <= certified * (1 + 1e-12)


def in_many_digits(weights, slopes, roots):
    with mpmath.workdps(40):
        S = mpmath.matrix(weights[0].tolist()) * mpmath.matrix(weights[0].tolist()).T
        for W, c, e, r in zip(weights[1:], *slopes, roots, strict=True):
            size = c.shape[1]
            C, R = mpmath.diag(c[0].tolist()), mpmath.diag(r[0].tolist())
            tau = [mpmath.mpf(x) ** 2 / mpmath.mpf(y) ** 2 if y else 0 for x, y in zip(e[0], r[0], strict=True)]
            P = C * (S + S * R * mpmath.inverse(mpmath.eye(size) - R * S * R) * R * S) * C + mpmath.diag(tau)
            S = mpmath.matrix(W.tolist()) * P * mpmath.matrix(W.tolist()).T
        return float(mpmath.sqrt(max(mpmath.eigsy(S, eigvals_only=True))))


def test_free_slopes_give_lipsdp():
    weights, _ = network(np.random.default_rng(0), (4, 8, 8, 2))
    slopes = slopes_between([(np.zeros(8), np.ones(8))] * 2)
    bounds = SlopeBound(weights)
    found = bounds.certified(slopes, bounds.minimised(slopes, math.inf))[0]
    assert math.isclose(found, lipsdp_deep(weights).upper, rel_tol=2e-3)


@pytest.mark.parametrize("sign", [1, -1])
def test_weights_of_one_sign_are_exact(sign):
    weights, biases = network(np.random.default_rng(1), (2, 10, 30, 20, 2), "positive")
    weights = [sign * W for W in weights]
    # Around 0 all units of nonpositive layers are active where biases outgrow what comes from below.
    biases = [100.0**k * np.ones_like(b) if sign < 0 else b for k, b in enumerate(biases)]
    norm = np.linalg.norm(weights[3] @ weights[2] @ weights[1] @ weights[0], 2)
    found = bracket(MLP.from_layers(weights, biases))
    assert math.isclose(absolute_bound(weights), norm, rel_tol=1e-12)
    assert math.isclose(found.upper, norm, rel_tol=1e-9)
    assert found.exact
    assert math.isclose(found.lower, norm, rel_tol=1e-9)
    assert found.witness.pattern.all()


@given(seed=st.integers(0, 10**6), widths=st.lists(st.integers(1, 6), min_size=2, max_size=5))
def test_absolute_values_dominate_every_pattern(seed, widths):
    rng = np.random.default_rng(seed)
    weights, _ = network(rng, widths, "masked")
    bound = absolute_bound(weights)
    norm = np.linalg.norm(
        np.linalg.multi_dot([np.abs(W) for W in weights[::-1]]) if len(weights) > 1 else np.abs(weights[0]), 2
    )
    assert norm * (1 - 1e-12) <= bound <= norm * (1 + 1e-9) + 1e-100
    for _ in range(20):
        J = weights[-1]
        for W in weights[-2::-1]:
            J = (J * rng.random(W.shape[0])) @ W
        assert np.linalg.norm(J, 2) <= bound * (1 + 1e-12)


def test_a_network_of_two_inputs_with_two_wide_layers_is_exact():
    weights, biases = network(np.random.default_rng(2), (2, 30, 30, 1))
    model = MLP.from_layers(weights, biases)
    found = bracket(model)
    assert found.exact
    assert math.isclose(np.linalg.norm(model.input_gradient(found.witness.point[None])), found.lower, rel_tol=1e-12)
    axis = np.linspace(-6, 6, 400)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    steepest = np.linalg.norm(model.input_gradient(grid), axis=1).max()
    assert steepest <= found.upper
    assert steepest >= 0.9 * found.lower


@pytest.mark.parametrize(("widths", "seed"), [((4, 8, 8, 1), 0), ((6, 8, 6, 2), 1)])
def test_small_networks_close(widths, seed):
    weights, biases = network(np.random.default_rng(seed), widths)
    found = bracket(MLP.from_layers(weights, biases))
    assert found.exact
    assert found.effort["status"] == "complete"
    assert found.relative_gap <= 1e-9


def test_no_time_and_interrupts_leave_valid_brackets(monkeypatch):
    weights, biases = network(np.random.default_rng(3), (6, 10, 10, 2))
    model = MLP.from_layers(weights, biases)
    whole = bracket(model)
    hurried = bracket(model, max_seconds=1e-3)
    assert whole.lower <= hurried.upper
    assert hurried.lower <= whole.upper
    assert hurried.effort["status"] == "out of time"
    calls = []

    def interrupted(*arguments, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    original = SlopeBound.certified
    monkeypatch.setattr(SlopeBound, "certified", interrupted)
    stopped = bracket(model)
    assert stopped.effort["status"] == "interrupted"
    assert whole.lower <= stopped.upper
    assert stopped.lower <= whole.upper
    assert stopped.witness is not None


def test_layers_in_other_units_scale_the_bracket():
    weights, biases = network(np.random.default_rng(4), (2, 6, 5, 1))
    whole = bracket(MLP.from_layers(weights, biases))
    factors = (2.0**90, 2.0**-70, 2.0**20)
    total, scaled = 1.0, []
    for factor, W, b in zip(factors, weights, biases, strict=True):
        total *= factor
        scaled.append((factor * W, total * b))
    found = bracket(MLP.from_layers([W for W, _ in scaled], [b for _, b in scaled]))
    assert found.exact
    assert math.isclose(found.upper, total * whole.upper, rel_tol=1e-12)
