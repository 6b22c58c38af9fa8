"""Products by slices against fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from noprune_theory.class_stability import _exact_product
from noprune_theory.class_stability._exact_product import ExactProduct
from noprune_theory.lipschitz._dyadic import two_to

finite = st.floats(-(2.0**90), 2.0**90, allow_subnormal=True)


def _fractions(matrix, X):
    return [[sum(Fraction(a) * Fraction(b) for a, b in zip(row, x, strict=True)) for x in X] for row in matrix]


def _found(matrix, X):
    product = ExactProduct(matrix)(X)
    return [[digit * two_to(product.exponent) for digit in row] for row in product.digits.tolist()]


@settings(deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 6), st.integers(1, 3))
def test_products_are_those_of_fractions(data, m, d, n):
    matrix, X = (
        data.draw(arrays(np.float64, (m, d), elements=finite)),
        data.draw(arrays(np.float64, (n, d), elements=finite)),
    )
    assert _found(matrix, X) == _fractions(matrix.tolist(), X.tolist())


@pytest.mark.parametrize("terms", [1, 2, 3, 7, 8, 1023, 1024, 1025])
def test_sums_of_the_largest_digits_do_not_round(terms):
    """Every slice is as large as its bits allow, and nothing cancels."""
    matrix, X = np.full((2, terms), 2.0 - 2.0**-52), np.full((3, terms), -1.0 + 2.0**-53)
    exact = terms * Fraction(2.0 - 2.0**-52) * Fraction(-1.0 + 2.0**-53)
    assert _found(matrix, X) == [[exact] * 3] * 2


def test_ordinary_numbers_are_multiplied_in_slices(monkeypatch):
    """The integers are for numbers of very different magnitudes alone; both give the same."""
    rng = np.random.default_rng(0)
    matrix, X = rng.standard_normal((5, 40)), rng.standard_normal((4, 40))
    exact = _fractions(matrix.tolist(), X.tolist())
    with monkeypatch.context() as patch:
        patch.setattr(_exact_product, "_MOST_SLICES", 0)
        assert _found(matrix, X) == exact
    monkeypatch.setattr(_exact_product, "dyadic", None)
    assert _found(matrix, X) == exact


@pytest.mark.parametrize("tiny", [5e-324, 2.0**-1000, 0.0])
@pytest.mark.parametrize("huge", [1.0, 2.0**100, 1e308])
def test_magnitudes_far_apart(tiny, huge):
    matrix, X = np.array([[huge, tiny], [tiny, tiny]]), np.array([[tiny, huge], [-1.0, 3.0]])
    assert _found(matrix, X) == _fractions(matrix.tolist(), X.tolist())


def test_zeros_and_no_points():
    assert _found(np.zeros((2, 3)), np.ones((2, 3))) == [[0, 0], [0, 0]]
    assert _found(np.ones((2, 3)), np.zeros((0, 3))) == [[], []]
