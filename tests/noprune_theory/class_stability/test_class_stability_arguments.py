"""Bad input to the front doors of the class stability: errors name the argument."""

import numpy as np
import pytest

from noprune_theory.class_stability import bracket, gaussian_halfspace_stability, linear_margins
from noprune_theory.models import LinearModel


def test_covariance_of_a_halfspace_is_one():
    weights = [1.0, 2.0]
    for given, message in (
        ([[1.0, 5.0], [0.0, 1.0]], r"^covariance must be symmetric, got asymmetry 5$"),
        (-np.eye(2), r"^covariance must be positive semidefinite, got <w, covariance w>/\|w\|\^2 = -1$"),
        (np.eye(3), r"^covariance must have shape \(2, 2\), got \(3, 3\)$"),
        ([[np.nan, 0.0], [0.0, 1.0]], "^covariance must be finite"),
    ):
        with pytest.raises(ValueError, match=message):
            gaussian_halfspace_stability(weights, covariance=given)
    assert gaussian_halfspace_stability([1.0, -1.0], covariance=np.ones((2, 2))) == 0.0
    # What rounding does to a product A B A^T is no asymmetry.
    factor = np.random.default_rng(0).standard_normal((40, 40)) * np.geomspace(1e-6, 1.0, 40)[:, None]
    products = factor @ np.diag(np.arange(40.0)) @ factor.T
    products[3, 5] += 1e-16
    assert gaussian_halfspace_stability(np.ones(40), covariance=products) > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: linear_margins([1e-300, 0.0], [[1.0, 0.0]], 1e300),
        lambda: linear_margins([1.0, -1.0], [[1e308, -1e308]], 1e308),
        lambda: gaussian_halfspace_stability([1e-300, 0.0], 1e300),
        lambda: gaussian_halfspace_stability([1.0, 1.0], 1e308, mean=[1e308, 1e308]),
    ],
)
def test_margins_beyond_the_range_are_refused(call):
    with pytest.raises(ValueError, match=r"^weights, .* must give .* within the range of doubles$"):
        call()


def test_lipschitz_constant_is_a_bracket():
    for wrong in (2.0, "2", (1.0, 2.0)):
        with pytest.raises(TypeError, match=r"^lipschitz must be a Bracket, got"):
            bracket(LinearModel([3.0, 4.0]), [[1.0, 1.0]], lipschitz=wrong)
