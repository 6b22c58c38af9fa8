"""Numbers with exponents of their own against fractions and against arithmetic with many digits."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from noprune_theory.pruning._wide import Wide, concatenated, decaying

ROUNDING = Fraction(1, 2**50)
mantissas = st.one_of(st.integers(-8, 8).map(float), st.floats(-2, 2))
exponents = st.one_of(st.just(0), st.integers(-3000, 3000), st.integers(-60, 60))


@st.composite
def wides(draw, shape):
    """Arrays, half of them of ordinary numbers, without exponents."""
    value = draw(hnp.arrays(np.float64, shape, elements=mantissas))
    if draw(st.booleans()):
        return Wide(value)
    return Wide.of(value, draw(hnp.arrays(np.int64, shape, elements=exponents)))


def exact(wide):
    """The numbers as an object array of fractions."""
    value, exponent = wide.split()
    pairs = zip(value.flat, exponent.flat, strict=True)
    numbers = [Fraction(v) * Fraction(2) ** int(e) if v else Fraction(0) for v, e in pairs]
    return np.array(numbers, dtype=object).reshape(value.shape)


def check(computed, right, terms):
    """Errors are rounding of the terms that were added."""
    assert computed.shape == right.shape
    for a, b, size in zip(exact(computed).flat, right.flat, terms.flat, strict=True):
        assert abs(a - b) <= ROUNDING * size


shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))


@given(st.data(), shapes)
def test_elementwise_operations(data, shape):
    a, b = data.draw(wides(shape)), data.draw(wides(shape))
    x, y = exact(a), exact(b)
    check(a * b, x * y, abs(x * y))
    check(a + b, x + y, abs(x) + abs(y))
    check(a - b, x - y, abs(x) + abs(y))
    check(a.sum(axis=0), x.sum(axis=0), abs(x).sum(axis=0))
    check(a.sum(axis=1), x.sum(axis=1), abs(x).sum(axis=1))
    check(concatenated([a, b]), np.concatenate([x, y], axis=-1), 0 * abs(np.concatenate([x, y], axis=-1)))
    assert (exact(abs(a)) == abs(x)).all()
    assert (exact(-a) == -x).all()


@given(st.data(), st.integers(1, 4), st.integers(1, 5), st.integers(1, 4))
def test_matrix_products(data, n, k, m):
    a, b = data.draw(wides((n, k))), data.draw(wides((k, m)))
    x, y = exact(a), exact(b)
    check(a @ b, x @ y, abs(x) @ abs(y))
    check(a @ b[:, 0], x @ y[:, 0], abs(x) @ abs(y[:, 0]))
    check(b.T @ a.T, y.T @ x.T, abs(y.T) @ abs(x.T))


def test_products_of_ordinary_numbers_are_those_of_numpy():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((7, 5)), rng.standard_normal((5, 6))
    product = Wide(a) @ Wide(b)
    assert product.exponent is None
    assert np.array_equal(product.value, a @ b)
    # One term of a sum may underflow without harm, a whole sum may not.
    assert (Wide(np.array([[1.0, 1e-200]])) @ Wide(np.array([[1.0], [1e-200]]))).exponent is None
    assert (Wide(np.array([[0.0, 1e-200]])) @ Wide(np.array([[1.0], [1e-200]]))).exponent is not None


@given(st.data(), st.integers(1, 6))
def test_order_and_common_unit(data, p):
    wide = data.draw(wides((2, p)))
    numbers, ranks = exact(wide), wide.ranks()
    for row, its_ranks in zip(numbers, ranks, strict=True):
        for i in range(p):
            assert (its_ranks[i] > 0) == (row[i] > 0)
            assert (its_ranks[i] < 0) == (row[i] < 0)
            for j in range(p):
                assert (its_ranks[i] < its_ranks[j]) == (row[i] < row[j])
    values, unit = wide[0].common()
    for value, number in zip(values.tolist(), numbers[0], strict=True):
        # Exact, or below the range in the chosen unit.
        if Fraction(value) * Fraction(2) ** unit != number:
            assert abs(value) < 2.0**-1021
            assert np.abs(values).max() >= 2.0**1023
    if wide.exponent is None:
        assert unit == 0


def test_numbers_out_of_range_are_named():
    assert Wide(np.array([1.0, 0.0])).checked("it").tolist() == [1.0, 0.0]
    with pytest.raises(OverflowError, match="it exceeds the range of float64; scale its weights down"):
        Wide.of(np.array([1.0, 1.0]), np.array([2000, -2000])).checked("it")
    with pytest.raises(OverflowError, match="it falls below the range of float64; scale its weights up"):
        Wide.of(np.array([1.0, 0.0]), np.array([-2000, -2000])).checked("it")


@given(
    st.one_of(
        st.floats(0, 1000),
        st.floats(0, 2.0**50),
        st.sampled_from([0.0, 5e-324, 700.0, 708.4, 745.2, 2.0**20, 2.0**20 + 1, 2.0**50]),
    )
)
def test_decay_has_no_end(argument):
    value, exponent = decaying(np.array([argument, 0.0])).split()
    with mpmath.workprec(2200):
        right = mpmath.exp(-mpmath.mpf(argument)) / mpmath.mpf(2) ** int(exponent[0])
    assert value[0] == pytest.approx(float(right), rel=1e-15)
    assert value[1] == 0.5


def test_decay_beyond_any_exponent_is_refused():
    for argument in (np.nextafter(2.0**50, np.inf), 1e300, np.inf):
        with pytest.raises(OverflowError, match="falls below any exponent"):
            decaying(np.array([1.0, argument]))
