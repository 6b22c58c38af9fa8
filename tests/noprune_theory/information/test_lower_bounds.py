"""Lower bounds from behaviour: never above the exact information, and attained where the argument is tight."""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv
from scipy.stats import beta, binom

from noprune_theory.bounds import Constants, average_proxy, lemma_1_tail
from noprune_theory.information import (
    JointDistribution,
    bound_from_correlation,
    bound_from_exceedance,
    bound_from_explained_noise,
    bound_from_labels,
    event_information,
    explained_noise_ceiling,
    explained_noise_information,
    lower_frequency_limit,
    lower_mean_limit,
    noise_correlation,
    sign_information,
    subgaussian_information,
)


def sign_learner(n, values, channel):
    """Return the joint law of n fair signs and a learner that picks a row of `values` by `channel`."""
    labels = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
    joint = JointDistribution.from_channel(np.full(2**n, 2.0**-n), channel)
    return labels, joint, labels @ values.T / n


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6), st.floats(0, 30))
def test_sign_bounds_on_random_learners(n, n_functions, seed, sharpness):
    rng = np.random.default_rng(seed)
    values = rng.uniform(-1, 1, (n_functions, n))
    scores = sharpness * np.array(list(itertools.product([-1.0, 1.0], repeat=n))) @ values.T
    channel = np.exp(scores - scores.max(axis=1, keepdims=True))
    channel /= channel.sum(axis=1, keepdims=True)
    _, joint, correlations = sign_learner(n, values, channel)
    information = joint.mutual_information()
    mean = float((joint.probabilities * correlations).sum())
    assert sign_information(mean, n) <= information + 1e-12
    # |f| <= 1 makes the mean of f(x_i) y_i subgaussian with v = 1/n; the cosh form is never worse.
    assert subgaussian_information(mean, 1 / n) <= sign_information(mean, n) + 1e-12
    for level in np.unique(correlations):
        probability = float(joint.probabilities[correlations >= level].sum())
        independent = float((correlations >= level).mean(axis=0).max())
        assert event_information(min(probability, 1.0), independent) <= information + 1e-12


@pytest.mark.parametrize("n", [1, 3, 6])
def test_memorising_every_sign_attains_n_bits(n):
    labels = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
    _, joint, correlations = sign_learner(n, labels, np.eye(2**n))
    mean = float((joint.probabilities * correlations).sum())
    assert sign_information(mean, n) == pytest.approx(n * math.log(2), rel=1e-15)
    assert event_information(1.0, 2.0**-n) == pytest.approx(n * math.log(2), rel=1e-15)
    assert joint.mutual_information() == pytest.approx(n * math.log(2), rel=1e-14)


def test_sign_bound_is_attained_by_a_noisy_memoriser():
    # f copies each sign through a binary symmetric channel: I = n (log 2 - h(flip)), correlation 1 - 2 flip.
    flip, n = 0.2, 2
    rows = list(itertools.product([-1.0, 1.0], repeat=n))
    channel = [[math.prod(flip if a != b else 1 - flip for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
    _, joint, correlations = sign_learner(n, np.array(rows), np.array(channel))
    mean = float((joint.probabilities * correlations).sum())
    assert mean == pytest.approx(1 - 2 * flip)
    assert sign_information(mean, n) == pytest.approx(joint.mutual_information(), rel=1e-12)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 10**6))
def test_explained_noise_bound_on_random_designs(k, p, seed):
    # All 2^n sign vectors, a random design, the mask of largest explained noise: exact information against the bound.
    rng = np.random.default_rng(seed)
    n, k = 6, min(k, p)
    X = rng.standard_normal((n, p))
    labels = np.array(list(itertools.product([-1.0, 1.0], repeat=n)))
    subsets = list(itertools.combinations(range(p), k))
    explained = np.array([((np.linalg.qr(X[:, list(s)])[0].T @ labels.T) ** 2).sum(axis=0) for s in subsets])
    best = explained.argmax(axis=0)
    information = JointDistribution.from_function(np.full(2**n, 2.0**-n), best).mutual_information()
    mean = float(explained.max(axis=0).mean())
    assert explained_noise_information(mean, k) <= information + 1e-12
    assert mean <= explained_noise_ceiling(math.log(len(subsets)), k) * (1 + 1e-12)
    # For every fixed projection the moment generating function is below the chi-square one.
    for rate in (0.05, 0.2, 0.4):
        assert np.exp(rate * explained[0]).mean() <= (1 - 2 * rate) ** (-k / 2) * (1 + 1e-12)


@given(st.floats(0, 1e6), st.integers(1, 1000))
def test_explained_noise_ceiling_is_the_inverse(information, kept):
    ceiling = explained_noise_ceiling(information, kept)
    assert ceiling >= kept
    assert explained_noise_information(ceiling, kept) == pytest.approx(information, rel=1e-9, abs=1e-12 * kept)


def test_exceedance_bound_inverts_lemma_1():
    # Two-sided sharp Lemma 1 at q = 2 exp(-u^2/C) proves P <= delta from I; reading it backwards returns I.
    radius, proxy, information = 1.7, 0.8, 0.9
    delta = float(lemma_1_tail(radius, proxy, information, Constants.SHARP))
    assert event_information(delta, 2 * math.exp(-(radius**2) / proxy)) == pytest.approx(information, rel=1e-10)


def test_proxy_of_the_correlation_is_half_the_sharp_constant():
    n, d, lipschitz, isoperimetry = 50, 10, 2.0, 1.0
    proxy = average_proxy(n, d, lipschitz, isoperimetry, Constants.SHARP) / 2
    assert proxy == pytest.approx(4 * isoperimetry * lipschitz**2 / (n * d))
    # A linear function of Gaussian inputs with sign noise: the moment generating function is below the claimed one.
    rng = np.random.default_rng(0)
    scale = lipschitz / math.sqrt(d)
    x = scale * rng.standard_normal(200_000) * rng.choice([-1.0, 1.0], 200_000)
    for rate in (0.5, 1.0, 2.0):
        assert np.exp(rate * x).mean() <= math.exp(rate**2 * 4 * isoperimetry * lipschitz**2 / d / 2)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_confidence_limits_cover(confidence):
    rng = np.random.default_rng(1)
    low = [lower_mean_limit(rng.beta(2, 5, 60), 0, 1, confidence) for _ in range(400)]
    assert np.mean(np.array(low) <= 2 / 7) >= confidence
    # Exact coverage for coins, where few samples leave Hoeffding's limit the larger.
    for n in (1, 5, 20):
        ones = np.arange(n + 1)
        means = np.array([lower_mean_limit(np.repeat([1.0, 0.0], [k, n - k]), 0, 1, confidence) for k in ones])
        for truth in (0.1, 0.5, 0.9):
            assert binom.pmf(ones, n, truth)[means <= truth].sum() >= confidence - 1e-12
    successes = np.arange(41)
    limits = np.array([lower_frequency_limit(int(s), 40, confidence) for s in successes])
    for truth in (0.02, 0.3, 0.9):
        # Exact coverage, by summing the binomial.
        assert binom.pmf(successes, 40, truth)[limits <= truth].sum() >= confidence - 1e-12
    assert limits[-1] == pytest.approx((1 - confidence) ** (1 / 40))
    assert limits[7] == pytest.approx(beta.ppf(1 - confidence, 7, 34))


@given(
    st.integers(1, 60), st.floats(0, 1), st.one_of(st.floats(1e-12, 1 - 1e-12), st.just(5e-324), st.just(1 - 2**-53))
)
def test_frequency_limits_are_proved_by_the_exact_binomial_tail(trials, share, confidence):
    successes = round(share * trials)
    limit = lower_frequency_limit(successes, trials, confidence)
    p, error = Fraction(limit), 1 - Fraction(confidence)

    def tail(p):
        return sum(math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(successes, trials + 1))

    if successes == 0:
        assert limit == 0
    else:
        assert tail(p) <= error
        # No larger limit is proved, up to rounding.
        above = p * (1 + Fraction(1, 10**6))
        assert above >= 1 or tail(above) > error * (1 - Fraction(1, 10**6))


@pytest.mark.parametrize(("successes", "trials"), [(1000, 10**9), (1000, 10**15), (5, 10**18), (10**5, 10**13)])
def test_frequency_limits_in_huge_samples_are_those_of_a_poisson_law(successes, trials):
    # scipy's quantiles of beta laws are wrong there: for 1000 of 10^9 by twenty standard deviations.
    poisson = float(gammaincinv(successes, 0.05)) / trials
    assert lower_frequency_limit(successes, trials) == pytest.approx(poisson, rel=2 * successes / trials + 1e-9)


def test_frequency_limits_near_one_and_of_samples_too_large_for_sums():
    assert lower_frequency_limit(10**18 - 5, 10**18) < 1
    assert lower_frequency_limit(10**18 - 5, 10**18) == pytest.approx(1, abs=1e-15)
    for successes, trials in ((10**12, 2 * 10**12), (10**18, 2**64), (2**999, 2**1000)):
        limit, frequency = lower_frequency_limit(successes, trials), successes / trials
        deviation = math.sqrt(frequency * (1 - frequency) / trials)
        # Chernoff: sqrt(2 log 20) = 2.45 standard deviations where the normal law has 1.64.
        slack = 2.45 * deviation * (1 + 1e-3) + 1e-13
        assert frequency - slack <= limit < frequency - 1.64 * deviation


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_mean_limits_in_any_units(scale):
    rng = np.random.default_rng(4)
    values = rng.beta(2, 5, 60)
    expected = lower_mean_limit(values, -0.5, 1.0)
    assert lower_mean_limit(values * scale, -0.5 * scale, scale) == pytest.approx(expected * scale, rel=1e-12)
    assert lower_mean_limit([1e308, -1e308], -1.7e308, 1.7e308) == -1.7e308
    assert noise_correlation([scale, 2 * scale], scale, [3.0, 5.0]) == pytest.approx(2.5 * scale)


def test_mean_limits_are_rounded_downwards():
    # Equal values: the mean is known, and Bernstein's limit is the mean less 7 width log(4/(1 - c)) / (3 (n - 1)).
    for n in (2, 10, 10**4):
        limit = lower_mean_limit(np.full(n, 0.1), 0, 1, 0.5)
        with mpmath.workdps(40):
            mean, log_term = mpmath.mpf(0.1), mpmath.log(2 / (1 - mpmath.mpf(0.5)))
            hoeffding = mean - mpmath.sqrt(log_term / (2 * n))
            bernstein = mean - 7 * (log_term + mpmath.log(2)) / (3 * (n - 1))
            exact = max(hoeffding, bernstein, mpmath.mpf(0))
            assert exact - mpmath.mpf("1e-12") <= limit <= exact


@given(st.floats(-300, 0).map(lambda power: 10.0**power), st.integers(1, 10**18))
def test_information_of_small_correlations_keeps_its_digits(r, n):
    with mpmath.workdps(700):
        x = mpmath.mpf(r)
        exact = n * ((1 + x) * mpmath.log1p(x) + ((1 - x) * mpmath.log1p(-x) if x < 1 else 0)) / 2
        assert abs(sign_information(r, n) - exact) <= 1e-14 * exact + 1e-300


@given(st.floats(-15, 15).map(lambda power: 10.0**power), st.integers(1, 10**6))
def test_information_of_explained_noise_keeps_its_digits_both_ways(excess, kept):
    explained = kept * (1 + excess)
    with mpmath.workdps(60):
        s = mpmath.mpf(explained) / kept
        exact = mpmath.mpf(kept) / 2 * (s - 1 - mpmath.log(s))
        # The difference explained - kept is exact; what is left is the rounding of the share.
        assert abs(explained_noise_information(explained, kept) - exact) <= 1e-14 * exact
    information = kept * excess**2
    ceiling = explained_noise_ceiling(information, kept)
    with mpmath.workdps(60):
        gap, e = 2 * mpmath.mpf(information) / kept, mpmath.mpf(excess) * 2 + 2 * mpmath.mpf(excess) ** 2
        for _ in range(200):
            e -= (e - mpmath.log1p(e) - gap) * (1 + e) / e
        assert abs(ceiling - kept * (1 + e)) <= 4e-15 * kept * (1 + e)


def test_bounds_over_runs_are_rounded_downwards():
    # Every label fitted: the limit is known, and so is the bound, n (log 2 - h((1 + r)/2)).
    y = np.ones((400, 30))
    bound = bound_from_labels(y, y)
    with mpmath.workdps(40):
        r = mpmath.mpf(bound.limit)
        exact = 15 * ((1 + r) * mpmath.log1p(r) + (1 - r) * mpmath.log1p(-r))
        assert 0 < exact - bound.value <= 1e-13 * exact
        bits = bound_from_labels(y, y, unit="bits").value
        assert 0 < exact / mpmath.log(2) - bits <= 1e-13 * exact


def test_bernstein_beats_hoeffding_for_small_variance():
    values = np.full(2000, 0.5)
    assert lower_mean_limit(values, 0, 1) > 0.5 - math.sqrt(math.log(40) / (2 * 2000)) + 0.01


def test_bounds_over_runs_hold_for_a_known_learner():
    # W memorises each of n signs through a channel with 10% flips; I is known, the bounds must stay below it.
    rng = np.random.default_rng(2)
    n, runs, flip = 20, 2000, 0.1
    information = n * (math.log(2) + flip * math.log(flip) + (1 - flip) * math.log(1 - flip))
    y = rng.choice([-1.0, 1.0], (runs, n))
    f = y * np.where(rng.random((runs, n)) < flip, -1.0, 1.0)
    labels = bound_from_labels(f, y)
    x = noise_correlation(f, 0.0, y)
    correlation = bound_from_correlation(x, variance_proxy=1 / n, low=-1, high=1)
    exceedance = bound_from_exceedance(x, 0.8, variance_proxy=1 / n)
    for bound in (labels, correlation, exceedance):
        assert 0 < bound.value < information
        assert bound.limit < bound.observed
        assert bound.n_runs == runs
        assert bound.assumed
    assert labels.value > 0.9 * information
    assert correlation.value < labels.value
    bits = bound_from_labels(f, y, unit="bits")
    assert bits.value * math.log(2) == pytest.approx(labels.value, rel=1e-14)


def test_runs_without_dependence_prove_nothing():
    rng = np.random.default_rng(3)
    y, f = rng.choice([-1.0, 1.0], (2, 50, 30))
    assert bound_from_labels(f, y).value == 0.0
    assert bound_from_exceedance([0.0, 0.1], 0.5, variance_proxy=0.1).value == 0.0
    assert bound_from_explained_noise(rng.uniform(0, 6, 40), 3, 10).value == 0.0


def test_explained_noise_over_runs():
    bound = bound_from_explained_noise(np.full(500, 18.0), 4, 20)
    assert explained_noise_information(16.0, 4) < bound.value < explained_noise_information(18.0, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lower_mean_limit([0.5, 2.0], 0, 1), r"values must be in \[0.0, 1.0\], got values in \[0.5, 2.0\]"),
        (lambda: lower_mean_limit([0.5], 1, 0), "low must be < high"),
        (lambda: lower_mean_limit([], 0, 1), "values must not be empty"),
        (lambda: lower_mean_limit([0.5], 0, 1, 1.0), "confidence must satisfy"),
        (lambda: lower_frequency_limit(3, 2), r"successes must be in \[0, 2\]"),
        (lambda: subgaussian_information(1.0, 0.0), "variance_proxy must be > 0"),
        (lambda: event_information(1.5, 0.1), "probability must satisfy"),
        (lambda: sign_information(1.5, 3), r"correlation must be in \[-1, 1\]"),
        (lambda: sign_information(0.5, 0), "n must be >= 1"),
        (lambda: explained_noise_information(-1.0, 2), "explained must be >= 0"),
        (lambda: explained_noise_ceiling(math.inf, 2), "information must be finite"),
        (lambda: bound_from_labels([[2.0]], [[1.0]]), r"predictions must be in \[-1, 1\]"),
        (lambda: bound_from_labels([[0.5]], [[0.0]]), r"labels must be -1 or \+1, got 0.0"),
        (lambda: bound_from_labels([[0.5]], [[1.0, 1.0]]), "same shape"),
        (lambda: bound_from_exceedance([0.1], -1.0, variance_proxy=1.0), "radius must be > 0"),
        (lambda: bound_from_explained_noise([3.0], 5, 4), "n must be >= 5"),
        (lambda: bound_from_explained_noise([-1.0], 2, 4), r"^explained must be in \[0.0, 4.0\]"),
        (lambda: bound_from_explained_noise([3.0], 2, 10**400), r"^n must be at most 2\^1000, got <integer of 1329"),
        (lambda: explained_noise_information(3.0, 10**400), r"^kept must be at most 2\^1000"),
        (lambda: explained_noise_ceiling(3.0, 10**400), r"^kept must be at most 2\^1000"),
        (lambda: sign_information(0.5, 10**400), r"^n must be at most 2\^1000"),
        (lambda: noise_correlation([1.0], 0.0, [1.0, 2.0]), "same shape"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_values_of_any_size_do_not_overflow():
    # A radius so large proves as much as an event that is impossible at every fixed function.
    far = bound_from_exceedance([1e308] * 5, 1e308, variance_proxy=0.1, confidence=0.9)
    assert 0 < far.value < math.inf
    assert bound_from_exceedance([1.0] * 5, 1e308, variance_proxy=0.1, confidence=0.9).value == 0.0
    with pytest.raises(ValueError, match=r"^mean and variance_proxy must give a bound within the range of doubles"):
        subgaussian_information(1e308, 1.0)
    assert subgaussian_information(1e153, 1e306) == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"^information must be at most"):
        explained_noise_ceiling(1e308, 3)
    with pytest.raises(ValueError, match=r"^values, mean and noise must give a correlation within the range"):
        noise_correlation([1e200, 0.0], 0.0, [1e200, 0.0])
    with pytest.raises(ValueError, match=r"^trials must be at most 2\^1000, got <integer of 1002 bits>"):
        lower_frequency_limit(1, 2**1001)
