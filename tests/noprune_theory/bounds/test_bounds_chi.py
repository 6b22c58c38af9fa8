"""Tails and quantiles of the chi distribution against mpmath, also where float64 underflows."""

import mpmath
import numpy as np
import pytest
from scipy.stats import chi

from noprune_theory.bounds._chi import chi_lower_quantile, chi_upper_quantile, log_chi_lower_tail, log_chi_upper_tail

SIZES = [1.0, 2.0, 3.0, 7.0, 50.0, 1000.0, 1e5, 1e7]
EXPONENTS = [1e-3, 0.5, 3.0, 40.0, 700.0, 4000.0, 1e5]


def log_tail(q, k, upper):
    with mpmath.workdps(60):
        x = mpmath.mpf(float(q)) ** 2 / 2
        ends = (x, mpmath.inf) if upper else (0, x)
        return mpmath.log(mpmath.gammainc(mpmath.mpf(k) / 2, *ends, regularized=True))


@pytest.mark.parametrize("k", SIZES[:6])
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_upper_quantile_has_the_tail_asked_for(k, exponent):
    q = float(chi_upper_quantile(np.array(exponent), np.array(k)))
    # A rounding of q moves the logarithm by q |d log P / dq| eps.
    conditioning = 1 + q * (q + np.sqrt(k)) / exponent
    assert abs(float(log_tail(q, k, True)) / exponent + 1) < 1e-14 * conditioning
    assert float(log_chi_upper_tail(np.array(q), np.array(k))) == pytest.approx(-exponent, rel=1e-13 * conditioning)


@pytest.mark.parametrize("k", SIZES[:6])
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_lower_quantile_has_the_tail_asked_for(k, exponent):
    q = float(chi_lower_quantile(np.array(exponent), np.array(k)))
    if q == 0:
        assert 2 * exponent / k > 500  # below 1e-150
        return
    conditioning = 1 + max(k, q * q) / exponent
    assert abs(float(log_tail(q, k, False)) / exponent + 1) < 1e-13 * conditioning
    assert float(log_chi_lower_tail(np.array(q), np.array(k))) == pytest.approx(-exponent, rel=1e-13 * conditioning)


def test_quantiles_agree_with_scipy_where_it_does_not_underflow():
    k, exponent = (grid.ravel() for grid in np.meshgrid(SIZES, [0.1, 1.0, 10.0, 100.0, 300.0]))
    np.testing.assert_allclose(chi_upper_quantile(exponent, k), chi.isf(np.exp(-exponent), k), rtol=1e-9)
    np.testing.assert_allclose(chi_lower_quantile(exponent, k), chi.ppf(np.exp(-exponent), k), rtol=1e-9)


def test_quantiles_are_monotone_and_right_at_the_ends():
    exponents = np.concatenate([[0.0], np.geomspace(1e-6, 1e6, 400)])
    for k in (1.0, 10.0, 1e6):
        assert (np.diff(chi_upper_quantile(exponents, np.array(k))) > 0).all()
        assert (np.diff(chi_lower_quantile(exponents[1:], np.array(k))) <= 0).all()
    sizes = np.arange(0.0, 300.0)
    for exponent in (0.01, 5.0, 5000.0):
        assert (np.diff(chi_upper_quantile(np.array(exponent), sizes)) > 0).all()
    assert chi_upper_quantile(np.array(3.0), np.array(0.0)) == 0
    assert chi_upper_quantile(np.array(0.0), np.array(5.0)) == 0


def test_gaussian_concentration_bounds_the_quantile():
    """q <= sqrt(k) + sqrt(2 R), and two moments from below."""
    k, exponent = (grid.ravel() for grid in np.meshgrid(SIZES, EXPONENTS))
    q = chi_upper_quantile(exponent, k)
    assert (q <= (np.sqrt(k) + np.sqrt(2 * exponent)) * (1 + 1e-15)).all()
    # P(chi >= q) >= P(|Z| >= q), the first coordinate alone.
    assert (q >= chi_upper_quantile(exponent, np.ones_like(k)) * (1 - 1e-14)).all()
