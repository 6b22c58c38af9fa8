"""Losses and their derivatives against arithmetic with many digits, for any finite outputs."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.models import MLP
from noprune_theory.models.losses import loss_curvature, loss_gradient, mean_losses, sample_losses

REAL = st.floats(allow_nan=False, allow_infinity=False)
# Close to each other at any size, ordinary, saturated, and at the ends of the range.
LOGITS = st.one_of(
    st.floats(-5, 5), st.floats(-800, 800), REAL, st.sampled_from([0.0, 1e16, -1e16, 1e308, -1e308, 1e-300])
)
BITS = 2300


@st.composite
def logits(draw):
    """One sample of two to four outputs, often with ties or neighbours, and its label."""
    outputs = draw(st.lists(LOGITS, min_size=2, max_size=4))
    if draw(st.booleans()):
        outputs[1] = draw(st.sampled_from([outputs[0], math.nextafter(outputs[0], 0.0), outputs[0] - 40.0]))
    return np.array([outputs]), np.array([float(draw(st.integers(0, len(outputs) - 1)))])


def probabilities(outputs):
    """Exact probabilities to `BITS` bits; to be called under `mpmath.workprec`."""
    largest = max(outputs)
    decays = [mpmath.exp(mpmath.mpf(f) - mpmath.mpf(largest)) for f in outputs]
    return [decay / sum(decays) for decay in decays]


def rounding(outputs):
    """Relative error of decays exp(f_j - f_k) that are not too small for float64, from the rounded differences."""
    return 2.0**-52 * (8 + min(max(outputs) / 2 - min(outputs) / 2, 400.0))


def close(computed, right, rel=1e-14):
    """Equal up to rounding, or too large or too small for float64."""
    if abs(right) >= 2**1024 - 2**970:  # rounds to infinity
        return computed == math.copysign(math.inf, right)
    return abs(computed - right) <= rel * abs(right) + 1e-300


@given(logits())
def test_cross_entropy(sample):
    outputs, y = sample
    label = int(y[0])
    with mpmath.workprec(BITS):
        shares = probabilities(outputs[0].tolist())
        rel = rounding(outputs[0])
        assert close(float(sample_losses("cross_entropy", outputs, y)[0]), -mpmath.log(shares[label]), rel)
        gradient = loss_gradient("cross_entropy", outputs, y)[0].tolist()
        for j, (got, share) in enumerate(zip(gradient, shares, strict=True)):
            assert close(got, share - 1 if j == label else share, rel)


@given(logits(), st.integers(0, 2**32 - 1))
def test_curvature_of_the_cross_entropy(sample, seed):
    outputs, y = sample
    direction = np.random.default_rng(seed).standard_normal(outputs.shape)
    got = loss_curvature("cross_entropy", outputs, y, direction)[0].tolist()
    with mpmath.workprec(BITS):
        shares = probabilities(outputs[0].tolist())
        d = [mpmath.mpf(v) for v in direction[0].tolist()]
        likeliest = d[int(outputs[0].argmax())]
        spread = sum(p * abs(v - likeliest) for p, v in zip(shares, d, strict=True))
        for computed, p, v in zip(got, shares, d, strict=True):
            right = p * (v - sum(q * w for q, w in zip(shares, d, strict=True)))
            # Rounding of the two terms that are subtracted, neither of which is the whole mean.
            assert abs(computed - right) <= 2 * rounding(outputs[0]) * p * (abs(v - likeliest) + spread) + 1e-300


@given(LOGITS, st.sampled_from([-1.0, 1.0]))
def test_binary_cross_entropy(output, label):
    outputs, y = np.array([[output]]), np.array([label])
    with mpmath.workprec(BITS):
        odds = mpmath.exp(-mpmath.mpf(label) * mpmath.mpf(output))
        assert close(float(sample_losses("binary_cross_entropy", outputs, y)[0]), mpmath.log(1 + odds))
        assert close(float(loss_gradient("binary_cross_entropy", outputs, y)[0, 0]), -label * odds / (1 + odds))
        curvature = loss_curvature("binary_cross_entropy", outputs, y, np.ones((1, 1)))
        assert close(float(curvature[0, 0]), odds / (1 + odds) ** 2)


def test_the_loss_between_equal_outputs_is_log_two():
    for size in (0.0, 1.0, 1e16, 1e300, -1e308):
        network = MLP((1, 2), [size, size], biases=False)
        assert network.loss([[1.0]], [1], "cross_entropy") == math.log(2)
        assert network.loss_gradient([[1.0]], [1], "cross_entropy").tolist() == [0.5, -0.5]
    # log 2 is kept beside a difference of 1 as well.
    network = MLP((1, 3), [1e15 + 1, 1e15 + 1, 1e15], biases=False)
    assert network.loss([[1.0]], [0], "cross_entropy") == pytest.approx(math.log(2 + math.exp(-1)), rel=1e-15)
    # What is left of a certain sample's loss and of its gradient.
    network = MLP((1, 2), [50.0, 0.0], biases=False)
    assert network.loss([[1.0]], [0], "cross_entropy") == pytest.approx(math.exp(-50), rel=1e-14)
    expected = [-math.exp(-50), math.exp(-50)]
    np.testing.assert_allclose(network.loss_gradient([[1.0]], [0], "cross_entropy"), expected, rtol=1e-14)
    product = network.hessian_vector_product([[1.0]], [0], [1.0, 0.0], "cross_entropy")
    np.testing.assert_allclose(product, [math.exp(-50), -math.exp(-50)], rtol=1e-14)


def test_losses_beyond_the_range_are_infinite_without_a_warning():
    assert sample_losses("cross_entropy", np.array([[1e308, -1e308]]), np.array([1.0])).tolist() == [math.inf]
    assert sample_losses("mse", np.array([[1e200], [1e-200]]), np.zeros(2)).tolist() == [math.inf, 0.0]
    assert mean_losses(np.array([[1e308, 1.7e308], [1.0, 2.0], [math.inf, 0.0]])).tolist() == [1.35e308, 1.5, math.inf]
