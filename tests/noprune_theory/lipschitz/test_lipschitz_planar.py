"""The sweep over angles: the short way of many units in general position, the long way, and exact fractions."""

import math
from fractions import Fraction
from functools import cmp_to_key

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.lipschitz import exact, exact_one_hidden
from noprune_theory.lipschitz._planar import MANY, generic_planar_bracket
from noprune_theory.lipschitz._planar_kernels import planar_events, planar_generic_sweep


def exact_square(W, a):
    """Return the squared constant in fractions: gradients on both sides of every kink, one after the other."""
    rows = [tuple(map(Fraction, row)) for row in W.tolist()]
    jumps = [(Fraction(c) * x, Fraction(c) * y) for (x, y), c in zip(rows, a.tolist(), strict=True)]
    kinks = [(r, j) for r, j in zip(rows, jumps, strict=True) if any(j)]
    if not kinks:
        return Fraction(0)
    best = Fraction(0)
    for x, y in {kink for (p, q), _ in kinks for kink in ((-q, p), (q, -p))}:
        # Just beyond the direction (x, y), seen against the clock: the next direction is (x, y) + eps (-y, x).
        active = [j for (p, q), j in kinks if (p * x + q * y, -p * y + q * x) > (0, 0)]
        best = max(best, sum(j[0] for j in active) ** 2 + sum(j[1] for j in active) ** 2)
    return best


def confirmed(bracket, W, a):
    """Check the witness from its point alone, in fractions, and return the squared norm of the gradient there."""
    x, y = map(Fraction, bracket.witness.point.tolist())
    total, pattern = [Fraction(0), Fraction(0)], []
    for (p, q), c in zip(W.tolist(), a.tolist(), strict=True):
        slope = Fraction(p) * x + Fraction(q) * y
        assert slope != 0 or c == 0 or (p, q) == (0, 0)
        pattern.append(slope > 0)
        if slope > 0:
            total = [total[0] + Fraction(c) * Fraction(p), total[1] + Fraction(c) * Fraction(q)]
    np.testing.assert_array_equal(bracket.witness.pattern, pattern)
    scale = math.sqrt(sum(entry**2 for entry in total))
    assert np.abs(bracket.witness.gradient - np.array([float(entry) for entry in total])).max() <= 1e-13 * scale
    return sum(entry**2 for entry in total)


@given(
    seed=st.integers(0, 10**6),
    count=st.integers(2, 40),
    spread=st.sampled_from([0.0, 1.0, 12.0]),
    holes=st.sampled_from([0.0, 0.3]),
)
def test_the_short_way_against_fractions(seed, count, spread, holes):
    rng = np.random.default_rng(seed)
    W = rng.standard_normal((count, 2)) * np.exp(spread * rng.standard_normal((count, 1)))
    a = rng.standard_normal(count) * (rng.random(count) >= holes)
    W[rng.random(count) < 0.3 * holes] = 0.0
    found = generic_planar_bracket(W, a, 0.0)
    if found is None:
        assert ((a != 0) & W.any(axis=1)).sum() < 2, "random directions are far apart"
        return
    square = exact_square(W, a)
    assert Fraction(found.lower) ** 2 <= square <= Fraction(found.upper) ** 2
    assert Fraction(found.lower) ** 2 <= confirmed(found, W, a)
    assert found.exact
    assert found.upper - found.lower <= 1e-9 * found.upper
    assert found.effort["hyperplanes"] == ((a != 0) & W.any(axis=1)).sum()


@pytest.mark.parametrize("count", [MANY, 20_000])
def test_the_short_and_the_long_way_agree(count, monkeypatch):
    rng = np.random.default_rng(count)
    W, a = rng.standard_normal((count, 2)), rng.standard_normal(count)
    short = exact_one_hidden(W, a)
    monkeypatch.setattr(exact, "MANY", math.inf)
    long = exact_one_hidden(W, a)
    assert short.method == long.method
    assert short.exact
    assert long.exact
    assert set(short.effort) == set(long.effort)
    assert math.isclose(short.upper, long.upper, rel_tol=1e-11)
    assert math.isclose(short.lower, long.lower, rel_tol=1e-11)
    np.testing.assert_array_equal(short.witness.pattern, long.witness.pattern)
    assert Fraction(short.lower) ** 2 <= confirmed(short, W, a)


@pytest.mark.parametrize("copy", [1.0, -1.0, 3.0, 1 + 1e-15])
def test_kinks_that_meet_are_left_to_the_long_way(copy):
    rng = np.random.default_rng(0)
    W, a = rng.standard_normal((MANY, 2)), rng.standard_normal(MANY)
    W[7] = copy * W[3]
    W[7, 0] *= 1 + 1e-15
    assert generic_planar_bracket(W, a, 0.0) is None
    found = exact_one_hidden(W, a)
    assert found.exact
    assert Fraction(found.lower) ** 2 <= confirmed(found, W, a)


@pytest.mark.parametrize("factor", [1e-250, 1e70, 1e250])
def test_numbers_out_of_range_are_left_to_the_long_way(factor):
    rng = np.random.default_rng(1)
    W, a = rng.standard_normal((MANY, 2)), rng.standard_normal(MANY)
    plain = exact_one_hidden(W, a)
    assert generic_planar_bracket(factor * W, a, 0.0) is None
    assert math.isclose(exact_one_hidden(factor * W, a).upper, factor * plain.upper, rel_tol=1e-9)
    assert generic_planar_bracket(W, factor * a, 0.0) is None
    assert math.isclose(exact_one_hidden(W, factor * a).lower, factor * plain.lower, rel_tol=1e-9)


@given(seed=st.integers(0, 10**6), bits=st.integers(3, 20), closeness=st.integers(8, 17))
def test_events_taken_for_apart_are_in_order(seed, bits, closeness):
    """Keys that differ by two steps have the order of the exact angles, however near the directions are."""
    rng = np.random.default_rng(seed)
    W = rng.standard_normal(2) * (1 + 10.0**-closeness * rng.standard_normal((6, 2))) * rng.choice([-1, 1], (6, 1))
    events, jumps, sums, total = planar_events(W, np.ones(6), bits, 2.0 ** min(48, 62 - bits))
    events = np.sort(events)
    units = (events & ((1 << bits) - 1)).tolist()

    def later(first, second):
        (p, q), (r, s) = ([Fraction(x) * (1 if W[unit, 1] > 0 else -1) for x in W[unit]] for unit in (first, second))
        return (p * s - q * r < 0) - (p * s - q * r > 0)

    levels = (events >> bits).tolist()
    for i in range(6):
        for k in range(i + 1, 6):
            assert levels[k] - levels[i] < 2 or later(units[i], units[k]) < 0
    side = planar_generic_sweep(events, jumps, sums, bits)[2]
    assert (side == 0) == (np.diff(levels) < 2).any()
    assert total > 0
    if side:
        assert units == sorted(range(6), key=cmp_to_key(later))


def test_axes_and_orders():
    """Kinks along the axes, first and last on the half circle, and the arc that wraps around."""
    W = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1e-3], [1.0, 1e-3], [-2.0, 0.5]])
    for signs in np.array(np.meshgrid(*[[-1.0, 1.0]] * 5)).reshape(5, -1).T:
        for order in (slice(None), slice(None, None, -1)):
            rows = W[[0, 1, 2, 4]][order]
            found = generic_planar_bracket(rows, signs[:4].copy(), 0.0)
            square = exact_square(rows, signs[:4])
            assert Fraction(found.lower) ** 2 <= square <= Fraction(found.upper) ** 2
            assert found.upper - found.lower <= 1e-9
    assert generic_planar_bracket(W, np.ones(5), 0.0) is None, "antiparallel"
