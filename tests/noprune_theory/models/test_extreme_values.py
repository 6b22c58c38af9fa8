"""Values, gradients and constants of models whose weights or inputs leave the range of float64, against fractions."""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP, LinearModel, RandomFeatures
from noprune_theory.testing import pruned_networks


def exact_outputs(model, x):
    """Outputs and their Jacobian in fractions, each with its sum of sizes of terms; None next to a kink."""
    value = [Fraction(float(t)) for t in x]
    size = [abs(v) for v in value]
    J = [[Fraction(int(i == j)) for j in range(len(x))] for i in range(len(x))]
    K = J
    layers = model.layers()
    for index, (W, b) in enumerate(layers):
        rows = [[Fraction(float(w)) for w in row] for row in W]
        shift = [Fraction(0)] * len(rows) if b is None else [Fraction(float(t)) for t in b]
        value = [s + sum(w * v for w, v in zip(row, value, strict=True)) for row, s in zip(rows, shift, strict=True)]
        size = [
            abs(s) + sum(abs(w) * v for w, v in zip(row, size, strict=True)) for row, s in zip(rows, shift, strict=True)
        ]
        J, K = (
            [[sum(w * A[k][i] for k, w in enumerate(row)) for i in range(len(x))] for row in part]
            for A, part in ((J, rows), (K, [[abs(w) for w in row] for row in rows]))
        )
        if index + 1 < len(layers):
            near = any(0 < abs(v) <= s * Fraction(1, 10**12) for v, s in zip(value, size, strict=True))
            if near:
                return None
            J, K = ([row if v > 0 else [Fraction(0)] * len(x) for row, v in zip(A, value, strict=True)] for A in (J, K))
            value = [max(v, Fraction(0)) for v in value]
    return value, J, size, K


def close(found, exact, size):
    """Within rounding of the terms; infinite or zero only beyond the range."""
    for ours, right, scale in zip(np.ravel(found).tolist(), exact, size, strict=True):
        if math.isinf(ours):
            assert abs(right) > Fraction(2) ** 1023
            assert (right > 0) == (ours > 0)
        else:
            assert abs(Fraction(ours) - right) <= scale * Fraction(1, 10**12) + Fraction(1, 2**1070)


@given(pruned_networks(decades=300), st.integers(-150, 150), st.integers(0, 2**32))
def test_networks_in_any_units(model, decade, seed):
    x = np.random.default_rng(seed).standard_normal(model.dimension) * 10.0**decade
    exact = exact_outputs(model, x)
    if exact is None:
        return
    values, J, size, K = exact
    close(model.value(x[None]), values, size)
    close(model.input_gradient(x[None]), [t for row in J for t in row], [t for row in K for t in row])


def test_intermediate_values_beyond_the_range():
    X = [[1e150], [-1.0], [0.0]]
    model = MLP((1, 1, 1), [1e200, 1.0, 1e-200, 0.0])
    np.testing.assert_allclose(model.value(X), [1e150, 0.0, 1e-200], rtol=1e-15)
    np.testing.assert_array_equal(model.input_gradient(X), [[1.0], [0.0], [1.0]])
    deeper = MLP((1, 1, 1, 1), [1e200, 1e200, 1e-300], biases=False)
    np.testing.assert_allclose(deeper.value([[1.0], [0.0]]), [1e100, 0.0], rtol=1e-15)
    np.testing.assert_allclose(deeper.input_gradient([[1.0], [-1.0]]), [[1e100], [0.0]], rtol=1e-15)
    # Columns in units of their own: 1e200 times 1e-200, twice.
    np.testing.assert_allclose(LinearModel([1e200, 1e-200]).value([[1e-200, 1e200], [1e200, 0.0]]), [2.0, np.inf])
    np.testing.assert_allclose(RandomFeatures([[1e200, 0.0]], [1e-200]).value([[1e150, 1.0]]), [1e150], rtol=1e-15)
    np.testing.assert_array_equal(RandomFeatures([[1e200, 0.0]], [1e-200]).input_gradient([[1e150, 1.0]]), [[1.0, 0.0]])


@pytest.mark.parametrize("shift", [0.0, 5.0, 20.0, 200.0, -20.0])
def test_slopes_of_saturated_tanh_units(shift):
    """1 - tanh^2 is 0 in float64 from 19 on; the slope is 4 exp(-2 |t|)."""
    exact = float(mpmath.sech(shift) ** 2)
    for model in (
        MLP((1, 1, 1), [1.0, shift, 1.0, 0.0], activation="tanh"),
        RandomFeatures([[1.0]], [1.0], [shift], activation="tanh"),
    ):
        assert model.input_gradient([[0.0]])[0, 0] == pytest.approx(exact, rel=1e-13, abs=0)


@given(st.integers(1, 5), st.booleans(), st.floats(-250.0, 250.0), st.floats(-250.0, 250.0))
def test_parameter_lipschitz_of_networks_in_any_units(depth, biases, radius_decade, ball_decade):
    widths = (2,) * depth + (1,)
    radius, ball = 10.0**radius_decade, 10.0**ball_decade
    model = MLP(widths, np.zeros(sum((w + biases) * v for w, v in pairwise(widths))), biases=biases)
    R, B = Fraction(radius), Fraction(ball)
    square = sum(
        ((R**2 if i == 0 else 0) + biases) * (depth - i) * (B**2 / (depth - i)) ** (depth - i - 1)
        for i in range(depth if biases else 1)
    )
    J = model.theorem_constants(radius, ball).parameter_lipschitz
    if math.isinf(J):
        assert square > Fraction(2) ** 2046
    else:
        assert (
            abs(Fraction(J) ** 2 - square)
            <= square * Fraction(1, 10**14) + Fraction(1, 2**2140) + Fraction(J) / 2**1072
        )


def test_parameter_lipschitz_of_features_in_any_units():
    for directions, radius, exact in (
        ([[3e200, 4e200]], 1e-100, 5e100),
        ([[3e-200, 4e-200], [0.0, 0.0]], 1e100, 5e-100),
        ([[3e-200, 4e-200], [3e100, 4e100]], 1.0, 5e100),
    ):
        model = RandomFeatures(directions, np.ones(len(directions)))
        assert model.theorem_constants(radius, 1.0).parameter_lipschitz == pytest.approx(exact, rel=1e-14, abs=0)
    assert RandomFeatures([[1e300]], [1.0]).theorem_constants(1e300, 1.0).parameter_lipschitz == math.inf
    saturated = RandomFeatures([[1e300]], [1.0], activation="tanh")
    assert saturated.theorem_constants(1e300, 1.0).parameter_lipschitz == 1.0
