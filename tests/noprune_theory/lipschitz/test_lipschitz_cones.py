"""Branch and bound against enumeration: brackets that hold, close, and survive interruption."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lipschitz_oracles import layer, sampled_slope

from noprune_theory.lipschitz import branch_and_bound, cones, exact_one_hidden
from noprune_theory.lipschitz._arrangement import build_arrangement

KINDS = ["gaussian", "masked", "lattice", "parallel"]


@example(seed=1, dimension=2, n_units=6, kind="parallel", offsets=True)  # four parallel kinks meet at infinity
@given(
    seed=st.integers(0, 10**6),
    dimension=st.integers(1, 4),
    n_units=st.integers(1, 20),
    kind=st.sampled_from(KINDS),
    offsets=st.booleans(),
)
def test_bracket_holds_the_exact_constant_and_closes(seed, dimension, n_units, kind, offsets):
    W, a, b = layer(np.random.default_rng(seed), n_units, dimension, kind, offsets)
    exact = exact_one_hidden(W, a, b)
    # Small integer weights make more hyperplanes share a ray than free signs allow for: the gap need not close.
    found = branch_and_bound(W, a, b, rtol=0.03, max_seconds=0.2 if kind == "lattice" else 60.0)
    assert found.lower <= exact.upper
    assert exact.lower <= found.upper
    if kind == "lattice":
        return
    assert found.effort["status"] == "complete"
    assert found.upper <= found.lower * 1.03 * (1 + 1e-9) + 1e-12


def test_parallel_kinks_are_crossed_in_order():
    """Twenty parallel kinks of both orientations share a ray at infinity: free signs there would never close."""
    rng = np.random.default_rng(5)
    scale = rng.choice([-3.0, -1.0, 0.1, 2.0], 20)
    W = np.outer(np.append(scale, 1.0), [1.0, 2.0])
    W[-1] = [-1.0, 0.5]
    a, b = rng.standard_normal(21), rng.standard_normal(21)
    found, exact = branch_and_bound(W, a, b, rtol=1e-6, max_seconds=20.0), exact_one_hidden(W, a, b)
    assert found.effort["status"] == "complete"
    assert found.lower <= exact.upper
    assert exact.lower <= found.upper <= exact.upper * (1 + 2e-6)


def test_no_cone_bound_is_below_a_slope_on_the_cone():
    """Split cones down to a coarse level and sample points inside the survivors."""
    rng = np.random.default_rng(4)
    W, a, _ = layer(rng, 40, 4)
    arrangement = build_arrangement(W, a, None)
    search = cones.ConeSearch(arrangement, 1e-3, 1e-9)
    search._refine(np.inf)
    search._refine(1.2 * search.best)
    assert search.cones.shape[0] > 20
    for cone, bound in zip(search.cones, search.bounds, strict=True):
        points = rng.dirichlet(np.ones(4), 50) @ cone
        for side in (1.0, -1.0):
            slopes = np.linalg.norm((((side * points) @ W.T > 0) * a) @ W, axis=1)
            assert slopes.max() <= np.ldexp(bound, arrangement.exponent) * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_no_cone_bound_of_parallel_kinks_is_below_a_slope_on_the_cone(seed):
    rng = np.random.default_rng(seed)
    W = (rng.standard_normal((4, 2))[:, None] * rng.choice([-2.0, -1.0, 0.5], (4, 3, 1))).reshape(12, 2)
    a, b = rng.standard_normal(12), rng.standard_normal(12)
    arrangement = build_arrangement(W, a, b)
    search = cones.ConeSearch(arrangement, 1e-3, 1e-9)
    search._refine(np.inf)
    for _ in range(4):
        search._refine(0.5 * (search.upper + search.best))
        for cone, bound in zip(search.cones, search.bounds, strict=True):
            points = (rng.dirichlet(np.ones(3), 100) @ cone) * search._stretch
            slopes = np.linalg.norm(((points[:, :2] @ W.T + points[:, 2:] * b > 0) * a) @ W, axis=1)
            assert slopes.max() <= np.ldexp(bound, arrangement.exponent) * (1 + 1e-12)


def test_out_of_time_returns_a_valid_bracket():
    W, a, _ = layer(np.random.default_rng(0), 150, 5)
    stopped = branch_and_bound(W, a, rtol=1e-4, max_seconds=0.3)
    assert stopped.effort["status"] == "out of time"
    assert 0 < stopped.lower < stopped.upper
    assert sampled_slope(W, a, None, np.random.default_rng(1)) <= stopped.upper


def test_interrupt_returns_the_bracket_reached(monkeypatch):
    W, a, _ = layer(np.random.default_rng(0), 60, 4)
    calls = []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return original(*arguments)

    original = cones.refine_cones
    monkeypatch.setattr(cones, "refine_cones", interrupted)
    stopped = branch_and_bound(W, a, rtol=1e-5)
    assert stopped.effort["status"] == "interrupted"
    exact = exact_one_hidden(W, a)
    assert stopped.lower <= exact.upper
    assert exact.lower <= stopped.upper


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="at most 10 columns"):
        branch_and_bound(np.eye(11), np.ones(11))
    with pytest.raises(ValueError, match="at most 9 columns"):
        branch_and_bound(np.eye(10), np.ones(10), np.ones(10))
    with pytest.raises(ValueError, match="rtol must be > 0"):
        branch_and_bound(np.eye(2), np.ones(2), rtol=0.0)
