"""Theorems 5 and 6 and Equations (12) and (13)."""

import itertools
import math

import bounds_oracles as oracle
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from noprune_theory import bounds
from noprune_theory.bounds import Constants

deltas = st.floats(1e-6, 0.999)
informations = st.floats(0, 1e4)
SHARPER = pytest.mark.parametrize("constants", [Constants.CLOSED_FORM, Constants.SHARP], ids=["closed form", "sharp"])


@given(st.integers(1, 10**6), st.integers(2, 10**6), informations, deltas)
def test_theorem_5_at_60_digits(v, extra, information, delta):
    m = v + extra
    mm, vv, i, q = map(mp.mpf, (m, v, information, delta))
    printed = 4 + mp.sqrt(vv * mp.log(2 * mp.e * mm / vv)) + mp.sqrt(4 * 72 / q * (i + q * mp.log(2 / q)))
    assert oracle.agrees(bounds.theorem_5(m, v, information, delta), printed / mp.sqrt(2 * mm))
    repaired = 2 * mp.sqrt(mp.log(2) + vv * mp.log(mp.e * mm / vv)) + mp.sqrt((i + oracle.entropy(q)) / q)
    value = bounds.theorem_5(m, v, information, delta, Constants.CLOSED_FORM)
    assert oracle.agrees(value, repaired / mp.sqrt(2 * mm))
    explicit = 2 * mp.sqrt(mp.log(2) + vv * mp.log(mp.e * mm / vv)) + mp.sqrt(i / q + mp.log(mp.e / q))
    assert value <= explicit / mp.sqrt(2 * mm) * (1 + oracle.RELATIVE)
    assert bounds.theorem_5(m, v, information, delta, Constants.SHARP) <= value * (1 + 1e-13)


@given(st.integers(1, 10**9), st.floats(0.01, 100), st.floats(0, 10), informations, deltas)
def test_theorem_6_at_60_digits(m, b, rademacher, information, delta):
    mm, bb, rad, i, q = map(mp.mpf, (m, b, rademacher, information, delta))
    printed = 2 * rad + 6 / mp.sqrt(mm) * mp.sqrt(72 * bb / q * (i + q / 2 * mp.log(4 / q)))
    assert oracle.agrees(bounds.theorem_6(m, b, rademacher, information, delta), printed)
    repaired = 2 * rad + mp.sqrt(8 * bb**2 / mm * (mp.log(2) + (i + oracle.entropy(q)) / q))
    value = bounds.theorem_6(m, b, rademacher, information, delta, Constants.CLOSED_FORM)
    assert oracle.agrees(value, repaired)
    assert bounds.theorem_6(m, b, rademacher, information, delta, Constants.SHARP) <= value * (1 + 1e-13)


def test_theorem_5_is_false_as_printed():
    """Indicators of at most v points, x uniform, y = 1, m = v + 2: the gap is v/(v + 2), always."""
    v = 10**5
    assert bounds.theorem_5(v + 2, v, 0.0, 0.5) < 0.9738 < v / (v + 2)
    grid = np.unique(np.geomspace(1, 10**8, 400).astype(int))
    for constants in (Constants.CLOSED_FORM, Constants.SHARP):
        assert (bounds.theorem_5(grid + 2, grid, 0.0, 0.5, constants) > grid / (grid + 2)).all()


def test_theorem_6_is_false_as_printed():
    """One function, m = 1, loss +-b by a fair sign: the gap is b, always."""
    b = 2000 * math.log(4 / 0.9)
    assert bounds.theorem_6(1, b, 0.0, 0.0, 0.9) < b
    for constants in (Constants.CLOSED_FORM, Constants.SHARP):
        assert bounds.theorem_6(1, b, 0.0, 0.0, 0.9, constants) > b


@SHARPER
@pytest.mark.parametrize("m", [1, 5, 50, 500])
def test_one_function_of_fair_signs(m, constants):
    """Exact binomial law of the gap of one function with loss +-b: exceeded with probability at most delta."""
    for delta in (0.01, 0.1, 0.5, 0.9):
        b = 3.0
        radius = bounds.theorem_6(m, b, 0.0, 0.0, delta, constants)
        heads = math.ceil(m * (1 + radius / b) / 2)
        assert 2 * binom.sf(heads - 1, m, 0.5) <= delta


def _rademacher(values):
    """Empirical Rademacher complexity of rows of function values, by enumeration."""
    m = values.shape[1]
    signs = np.array(list(itertools.product([-1, 1], repeat=m)))
    return (signs @ values.T / m).max(axis=1).mean()


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 6))
def test_massart_on_enumerated_classes(seed, m, n_functions):
    values = np.random.default_rng(seed).choice([-2.0, 0.5, 2.0], (n_functions, m))
    assert _rademacher(values) <= bounds.massart(m, 2.0, n_functions) + 1e-12


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(1, 6))
def test_rademacher_complexity_changes_by_at_most_b_over_m(seed, m, n_functions):
    """The step behind the 8 of the repaired Theorem 6."""
    rng = np.random.default_rng(seed)
    values = rng.choice([-1.0, 1.0], (n_functions, m))
    changed = values.copy()
    changed[:, 0] = rng.choice([-1.0, 1.0], n_functions)
    assert abs(_rademacher(values) - _rademacher(changed)) <= 1 / m + 1e-12


@given(st.integers(1, 10**9), st.floats(0.01, 100), st.integers(1, 10**9))
def test_massart_at_60_digits(m, b, n_functions):
    expected = mp.mpf(b) * mp.sqrt(2 * mp.log(n_functions)) / mp.sqrt(m)
    assert oracle.agrees(bounds.massart(m, b, n_functions), expected)


@pytest.mark.parametrize("m", [1, 10, 100, 10000])
def test_mcdiarmid_on_binomials(m):
    for radius in (0.01, 0.05, 0.2, 0.5, 1.0):
        # |S/m - 1/2| >= radius for a binomial S.
        upper = math.ceil(m * (0.5 + radius) - 1e-9)
        assert 2 * binom.sf(upper - 1, m, 0.5) <= bounds.mcdiarmid_tail(radius, m)


@given(st.floats(1e-3, 10), st.integers(1, 10**4), st.floats(0.1, 10))
def test_mcdiarmid_at_60_digits(radius, m, spread):
    exponent = 2 * m * (mp.mpf(radius) / mp.mpf(spread)) ** 2
    expected = min(mp.mpf(1), 2 * mp.exp(-exponent))
    value = bounds.mcdiarmid_tail(radius, m, spread)
    assert float(value) == pytest.approx(float(expected), rel=1e-12 + 1e-15 * float(exponent), abs=1e-300)
    assert bounds.mcdiarmid_tail(radius, m) == bounds.mcdiarmid_tail(radius, m, 1.0)


@pytest.mark.parametrize("constants", [Constants.PAPER, Constants.CLOSED_FORM, Constants.SHARP])
def test_monotone(constants):
    grid = np.linspace(0.01, 0.99, 99)
    counts = np.arange(100, 10000, 100)
    for values, sign in (
        (bounds.theorem_5(counts, 50, 1.0, 0.1, constants), -1),
        (bounds.theorem_5(10**4, np.arange(1, 100), 1.0, 0.1, constants), 1),
        (bounds.theorem_5(100, 5, 100 * grid, 0.1, constants), 1),
        (bounds.theorem_5(100, 5, 1.0, grid, constants), -1),
        (bounds.theorem_6(counts, 1.0, 0.1, 1.0, 0.1, constants), -1),
        (bounds.theorem_6(100, grid, 0.1, 1.0, 0.1, constants), 1),
        (bounds.theorem_6(100, 1.0, grid, 1.0, 0.1, constants), 1),
        (bounds.theorem_6(100, 1.0, 0.1, 100 * grid, 0.1, constants), 1),
        (bounds.theorem_6(100, 1.0, 0.1, 1.0, grid, constants), -1),
    ):
        assert (sign * np.diff(values) > 0).all()


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (bounds.theorem_5, (5, 4, 0.0, 0.5), "m must exceed vc_dimension"),
        (bounds.theorem_5, (3, 4, 0.0, 0.5, Constants.SHARP), "m must be at least vc_dimension"),
        (bounds.theorem_5, (30, 0, 0.0, 0.5), "vc_dimension must be a whole number >= 1"),
        (bounds.theorem_5, (30, 4, -1.0, 0.5), "information must be"),
        (bounds.theorem_6, (30, 0.0, 0.1, 1.0, 0.5), "bound must be finite and > 0"),
        (bounds.theorem_6, (30, 1.0, -0.1, 1.0, 0.5), "rademacher must be finite and >= 0"),
        (bounds.theorem_6, (30, 1.0, 0.1, 1.0, 1.0), "delta must be in the open interval"),
        (bounds.massart, (0, 1.0, 3), "m must be"),
        (bounds.massart, (1, 1.0, 0), "n_functions must be"),
        (bounds.mcdiarmid_tail, (0.0, 3), "radius must be"),
        (bounds.mcdiarmid_tail, (0.1, 3, -1.0), "spread must be"),
    ],
)
def test_refused_arguments(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)


def test_smallest_admissible_samples():
    """The repaired theorem starts at m = v, the printed one above m = v + 1."""
    assert bounds.theorem_5(4, 4, 0.0, 0.5, Constants.SHARP) > 0
    assert bounds.theorem_5(6, 4, 0.0, 0.5) > 0
