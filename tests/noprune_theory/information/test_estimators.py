"""Entropy estimators: published values, exact expectations, the guaranteed interval, and coverage."""

import itertools
import math
import warnings
from fractions import Fraction

import information_oracles as oracles
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from noprune_theory.information import (
    ENTROPY_ESTIMATORS,
    SmallSampleWarning,
    count_outcomes,
    coverage_study,
    entropy,
    estimate_entropy,
    sample_coverage,
    zipf_distribution,
)
from noprune_theory.information.estimators.fingerprint import fingerprint_of
from noprune_theory.information.estimators.formulas import _chao_wang_jost, _plug_in, log_tail, zhang
from noprune_theory.information.estimators.intervals import _largest_bias_of_zhang, _largest_change_of_zhang

# Tiny samples are drawn on purpose; the warning has its own test.
pytestmark = pytest.mark.filterwarnings("ignore::noprune_theory.information.SmallSampleWarning")

FIRST = (1, 2, 3, 2, 1)
SECOND = (4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1)

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=12).filter(lambda counts: sum(counts) >= 2)


def value(counts, method, **options):
    return estimate_entropy(counts, method=method, **options).value


@pytest.mark.parametrize(
    ("counts", "method", "published"),
    [
        (FIRST, "plug_in", 1.522955),
        (FIRST, "miller_madow", 1.745177),
        (FIRST, "chao_shen", 1.876548),
        (FIRST, "chao_wang_jost", 1.84787),
        (SECOND, "plug_in", 1.968382),
        (SECOND, "miller_madow", 2.152593),
        (SECOND, "chao_shen", 2.201137),
        (SECOND, "nsb", 2.187774),
    ],
)
def test_published_values(counts, method, published):
    assert value(counts, method, support_size=len(counts)) == pytest.approx(published, abs=1e-6)


@given(COUNTS)
def test_plug_in_is_the_entropy_of_the_frequencies(counts):
    frequencies = np.array(counts) / sum(counts)
    assert value(counts, "plug_in") == pytest.approx(entropy(frequencies), abs=1e-13)


@given(COUNTS)
def test_plug_in_information_agrees_with_scikit_learn(counts):
    from sklearn.metrics import mutual_info_score

    # The information of a label about itself is its plug-in entropy.
    labels = np.repeat(np.arange(len(counts)), counts)
    assert value(counts, "plug_in") == pytest.approx(mutual_info_score(labels, labels), abs=1e-10)


@given(COUNTS)
def test_jackknife_is_the_definition(counts):
    n = sum(counts)

    def plug_in(c):
        return -sum(x / sum(c) * math.log(x / sum(c)) for x in c if x)

    left_out = [plug_in([c - (j == i) for j, c in enumerate(counts)]) for i, x in enumerate(counts) for _ in range(x)]
    assert value(counts, "jackknife") == pytest.approx(n * plug_in(counts) - (n - 1) / n * sum(left_out), abs=1e-10)


@given(COUNTS)
def test_grassberger_is_the_sum_with_its_integral(counts):
    # The alternating part of G is (-1)^n int_0^1 x^(n-1) / (1 + x) dx.
    n = sum(counts)
    total = 0.0
    for c in filter(None, counts):
        integral = mpmath.quad(lambda x, c=c: x ** (c - 1) / (1 + x), [0, 0.5, 1])
        total += c * float(mpmath.digamma(c) + (-1) ** c * integral)
    assert value(counts, "grassberger") == pytest.approx(math.log(n) - total / n, abs=1e-9)


@pytest.mark.parametrize("n", [2, 10, 99, 100, 101, 1000])
@pytest.mark.parametrize("a", [1e-9, 1e-3, 0.00999, 0.0101, 0.1, 0.4999, 0.5001, 0.9])
def test_tail_of_the_logarithmic_series(n, a):
    with mpmath.workdps(60):
        x = 1 - mpmath.mpf(a)
        tail = -mpmath.log(mpmath.mpf(a)) - mpmath.fsum(x**k / k for k in range(1, n))
        expected = float(mpmath.log(tail)) if tail > mpmath.mpf(10) ** -50 else None
    if expected is not None:
        assert log_tail(n, a) == pytest.approx(expected, abs=1e-12)


def test_chao_wang_jost_is_the_printed_formula():
    counts = [1] * 40 + [2] * 7 + [5] * 3 + [31]
    n, once, twice = sum(counts), 40, 7
    first = sum(x / n * sum(1 / k for k in range(x, n)) for x in counts)
    a = 2 * twice / ((n - 1) * once + 2 * twice)
    rest = -math.log(a) - sum((1 - a) ** r / r for r in range(1, n))
    assert value(counts, "chao_wang_jost") == pytest.approx(first + once / n * (1 - a) ** (1 - n) * rest, rel=1e-12)


def test_nsb_is_the_integral_over_the_prior():
    counts, classes = [3, 2, 1, 1], 6
    padded = counts + [0] * (classes - len(counts))
    n = sum(counts)

    def parts(beta):
        prior = classes * mpmath.polygamma(1, classes * beta + 1) - mpmath.polygamma(1, beta + 1)
        evidence = mpmath.gamma(classes * beta) / mpmath.gamma(classes * beta + n)
        for c in counts:
            evidence *= mpmath.gamma(c + beta) / mpmath.gamma(beta)
        total = n + classes * beta
        mean = mpmath.digamma(total + 1) - sum((c + beta) / total * mpmath.digamma(c + beta + 1) for c in padded)
        return prior * evidence, mean

    cuts = [0, 0.1, 1, 10, 100, 1000, mpmath.inf]
    norm = mpmath.quad(lambda beta: parts(beta)[0], cuts)
    mean = mpmath.quad(lambda beta: math.prod(parts(beta)), cuts) / norm
    assert value(counts, "nsb", support_size=classes) == pytest.approx(float(mean), abs=1e-9)


def test_nsb_posterior_deviation_against_sampled_dirichlets():
    # For two classes the posterior of p is a mixture of beta distributions, so its moments are plain integrals.
    from scipy.integrate import quad
    from scipy.special import betaln, polygamma

    heads, tails = 3, 1

    def weight(beta):
        prior = 2 * polygamma(1, 2 * beta + 1) - polygamma(1, beta + 1)
        return prior * math.exp(betaln(heads + beta, tails + beta) - betaln(beta, beta))

    def moment(power):
        def inner(beta):
            def integrand(p):
                h = -p * math.log(p) - (1 - p) * math.log1p(-p)
                log_density = (heads + beta - 1) * math.log(p) + (tails + beta - 1) * math.log1p(-p)
                return h**power * math.exp(log_density - betaln(heads + beta, tails + beta))

            return weight(beta) * quad(integrand, 0, 1, epsabs=1e-10, limit=200)[0]

        return sum(quad(inner, a, b, epsrel=1e-6)[0] for a, b in [(1e-4, 0.1), (0.1, 1), (1, 10), (10, 3000)])

    norm = moment(0)
    mean, second = moment(1) / norm, moment(2) / norm
    estimate = estimate_entropy([heads, tails], method="nsb", support_size=2)
    assert estimate.value == pytest.approx(mean, abs=1e-3)
    assert estimate.standard_error == pytest.approx(math.sqrt(second - mean**2), abs=1e-3)


@pytest.mark.parametrize("n", [2, 3, 5, 12, 40])
def test_zhang_and_plug_in_err_low_and_by_no_more_than_proved(n):
    # The expectation of an additive estimator is a sum of one-dimensional binomial sums.
    rng = np.random.default_rng(n)
    for classes in (1, 2, 3, 10, 60):
        largest = _largest_bias_of_zhang(n, classes)
        uniform = np.full(classes, 1 / classes)
        for p in [
            uniform,
            *rng.dirichlet(np.full(classes, 0.5), size=4),
            *rng.dirichlet(np.full(classes, 20.0), size=2),
        ]:
            count = np.arange(1, n + 1)
            weights = binom.pmf(count, n, p[:, None]).sum(axis=0)
            harmonic = np.concatenate([[0], np.cumsum(1 / np.arange(1, n))])
            zhang = float(weights @ (count / n * (harmonic[n - 1] - harmonic[count - 1])))
            plug_in = float(weights @ (-count / n * np.log(count / n)))
            truth = entropy(p)
            assert plug_in <= zhang + 1e-12
            assert zhang <= truth + 1e-12
            assert truth <= zhang + largest + 1e-12
        if classes >= 3 * n:
            # The bound is sharp: the uniform distribution attains it.
            count = np.arange(1, n + 1)
            weights = binom.pmf(count, n, uniform[:, None]).sum(axis=0)
            attained = math.log(classes) - float(weights @ (count / n * (harmonic[n - 1] - harmonic[count - 1])))
            assert attained == pytest.approx(largest, rel=1e-9)


def test_bound_on_the_bias_joins_its_limit_for_many_classes():
    assert _largest_bias_of_zhang(1000, 2**599) + math.log(4) == pytest.approx(
        _largest_bias_of_zhang(1000, 2**601), rel=1e-12
    )


@given(COUNTS)
def test_zhang_changes_by_no_more_than_the_step_behind_the_guarantee(counts):
    counts = np.array(counts)
    n = int(counts.sum())
    base = zhang(fingerprint_of(counts))
    for gone, new in itertools.product(np.flatnonzero(counts), range(counts.size)):
        moved = counts.copy()
        moved[gone] -= 1
        moved[new] += 1
        assert abs(zhang(fingerprint_of(moved)) - base) <= _largest_change_of_zhang(n) + 1e-12
    # The step is reached: all samples in one class, and one of them moves to a class of its own.
    split = zhang(fingerprint_of(np.array([n - 1, 1]))) - zhang(fingerprint_of(np.array([n])))
    assert split == pytest.approx(_largest_change_of_zhang(n), rel=1e-12)


def test_guaranteed_interval_covers_more_than_it_says():
    rng = np.random.default_rng(5)
    distributions = {"zipf": zipf_distribution(400, 1.0), "uniform": np.full(300, 1 / 300)}
    rows = coverage_study(distributions, [50, 400], repetitions=40, rng=rng, methods=["plug_in"], confidence=0.8)
    assert all(row.guaranteed_coverage >= 0.8 for row in rows)
    # The nominal interval of the plug-in does not: the bias is many standard errors.
    assert all(row.nominal_coverage <= 0.1 for row in rows)
    assert all(row.bias < 0 for row in rows)


@pytest.mark.parametrize("size", [3, 60])
@pytest.mark.filterwarnings("ignore::noprune_theory.information.SmallSampleWarning")
def test_a_study_of_all_methods_repeats_the_estimates_of_each(size):
    probabilities, repetitions = zipf_distribution(40, 1.0), 5
    rows = coverage_study({"zipf": probabilities}, [size], repetitions=repetitions, rng=np.random.default_rng(3))
    samples = np.random.default_rng(3).multinomial(size, probabilities, size=repetitions)
    assert [row.method for row in rows] == list(ENTROPY_ESTIMATORS)
    for row in rows:
        estimates = [estimate_entropy(counts, method=row.method, support_size=40) for counts in samples]
        assert row.width == np.mean([estimate.upper - estimate.lower for estimate in estimates])
        assert row.bias == np.mean([estimate.value for estimate in estimates]) - row.entropy
        assert row.sample_coverage == np.mean([estimate.coverage for estimate in estimates])


def test_default_interval_covers_where_its_warning_is_silent():
    rng = np.random.default_rng(6)
    distributions = {
        "uniform": np.full(300, 1 / 300),
        "zipf": zipf_distribution(1000, 1.0),
        "heavy tail": zipf_distribution(10_000, 1.5),
    }
    rows = coverage_study(distributions, [1000], repetitions=60, rng=rng, methods=["chao_wang_jost"])
    assert all(row.sample_coverage > 0.75 for row in rows)
    assert all(row.coverage >= 0.85 for row in rows)
    assert all(row.root_mean_square_error < 0.2 for row in rows)


@pytest.mark.parametrize(("p", "n"), [(0.1, 5), (0.1, 20), (0.05, 20), (0.02, 50), (0.005, 200), (0.3, 10), (0.5, 20)])
@pytest.mark.parametrize("support_size", [None, 2])
def test_the_interval_holds_the_entropy_of_two_classes_at_any_sample_size(p, n, support_size):
    # Exact coverage: every sample of a Bernoulli variable, weighted by its probability.
    truth = entropy([p, 1 - p])
    held = 0.0
    for k in range(n + 1):
        estimate = estimate_entropy([k, n - k], support_size=support_size)
        assert estimate.lower < estimate.upper
        held += binom.pmf(k, n, p) * (estimate.lower <= truth <= estimate.upper)
    assert held >= 0.95


@pytest.mark.parametrize("n", [2, 13, 200, 10**6])
def test_a_constant_sample_leaves_room_for_what_it_missed(n):
    estimate = estimate_entropy([n])
    # A class of this probability is missed by n samples with probability 0.025: its entropy is within the interval.
    missed = 1 - 0.025 ** (1 / n)
    assert estimate.lower == estimate.value == 0.0
    assert estimate.upper > entropy([missed, 1 - missed])
    assert estimate_entropy([n], support_size=1).upper == 0.0
    assert estimate_entropy([n], confidence=0.5).upper < estimate.upper
    assert estimate_entropy([n], support_size=10).upper <= min(estimate.upper, math.log(10))


def test_rare_classes_widen_the_interval_on_both_sides():
    # One rare class of five samples: Clopper and Pearson's limits are 0.0008 and 0.0058 of 2000.
    estimate = estimate_entropy([1995, 5])
    assert estimate.lower <= entropy([0.0008126, 1 - 0.0008126])
    assert estimate.upper >= entropy([0.005825, 1 - 0.005825])


def test_few_samples_are_called_few_even_without_singletons():
    with pytest.warns(SmallSampleWarning, match=r"the 12 samples may have missed 0\.265 of the probability"):
        estimate_entropy([12])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate_entropy([13])
        estimate_entropy([12], minimum_coverage=0.7)


@given(COUNTS, st.sampled_from(ENTROPY_ESTIMATORS))
def test_shape_of_an_estimate(counts, method):
    support = len(counts) + 3
    nats = estimate_entropy(counts, method=method, support_size=support)
    assert math.isfinite(nats.value)
    assert nats.lower >= 0
    assert nats.upper <= math.log(support)
    # The proved end is rounded outwards, also where it is the largest entropy that there is.
    assert 0 <= nats.guaranteed_lower <= nats.guaranteed_upper <= math.nextafter(math.log(support), math.inf)
    assert nats.lower <= max(nats.value, 0)
    assert nats.n_samples == sum(counts)
    assert nats.n_seen == sum(map(bool, counts))
    shuffled = np.random.default_rng(0).permutation([*counts, 0])
    again = estimate_entropy(shuffled, method=method, support_size=support, unit="bits")
    assert again.value * math.log(2) == pytest.approx(nats.value, rel=1e-12, abs=1e-15)
    assert again.upper * math.log(2) == pytest.approx(nats.upper, rel=1e-12)


@pytest.mark.parametrize("method", ENTROPY_ESTIMATORS)
def test_every_estimator_is_consistent(method):
    p = np.array([0.4, 0.3, 0.2, 0.1])
    counts = (p * 10**7).astype(int)
    assert value(counts, method, support_size=4) == pytest.approx(entropy(p), abs=2e-6)


@pytest.mark.parametrize("method", sorted(set(ENTROPY_ESTIMATORS) - {"grassberger", "nsb"}))
def test_a_constant_sample_has_no_entropy(method):
    assert value([25], method) == 0.0


@pytest.mark.parametrize("method", ENTROPY_ESTIMATORS)
def test_a_sample_without_repetitions_has_an_estimate(method):
    with pytest.warns(SmallSampleWarning, match="10 samples show 10 classes that carry an estimated 0 of"):
        estimate = estimate_entropy([1] * 10, method=method, support_size=50)
    assert math.log(10) - 1e-12 <= estimate.value < 5
    assert estimate.upper == math.log(50)
    if method == "chao_shen":
        # One singleton is not counted: coverage 1/10, so that every class has p = 1/100.
        assert estimate.value == pytest.approx(-0.1 * math.log(0.01) / (1 - 0.99**10), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_miller_madow_errs_low_and_others_on_either_side(n):
    # Exact bias of an additive estimator, class by class, as a function of the class's probability.
    count = np.arange(n + 1)
    p = np.concatenate([np.logspace(-5, -0.01, 300), 1 - np.logspace(-5, -2, 30)])
    chances = binom.pmf(count, n, p[:, None])
    miller_madow = np.where(count > 0, -count / n * np.log(np.maximum(count, 1) / n) + 1 / (2 * n), 0.0)
    assert (chances @ miller_madow + p * np.log(p) - p / (2 * n)).max() <= 1e-12
    assert estimate_entropy([n], method="miller_madow").errs == "low when undersampled"
    # Grassberger's estimate of a constant is above zero for 5 samples, below for 30.
    assert value([5], "grassberger") > 0 > value([30], "grassberger")


def test_expected_part_of_large_classes_joins_that_of_small_ones(monkeypatch):
    whole = fingerprint_of(np.array([900, 700, 200, 100, 1, 1, 2]))
    exact = whole.expected_part(952)
    monkeypatch.setattr("noprune_theory.information.estimators.fingerprint._LARGE_COUNT", 150)
    approximate = whole.expected_part(952)
    assert approximate.counts.size < exact.counts.size
    assert approximate.counts @ approximate.multiplicities == pytest.approx(952, rel=1e-12)
    for estimator in (zhang, _plug_in, _chao_wang_jost):
        assert estimator(approximate) == pytest.approx(estimator(exact), abs=1e-6)


def test_expected_half_is_the_mean_over_all_halves():
    counts = [4, 2, 1]
    items = [index for index, c in enumerate(counts) for _ in range(c)]
    halves = list(itertools.combinations(range(7), 4))
    seen = {}
    for half in halves:
        for c in np.bincount([items[i] for i in half]):
            if c:
                seen[int(c)] = seen.get(int(c), 0) + Fraction(1, len(halves))
    half = fingerprint_of(np.array(counts)).expected_part(4)
    assert half.n == 4
    assert dict(zip(half.counts.astype(int).tolist(), half.multiplicities.tolist(), strict=True)) == pytest.approx(
        {c: float(m) for c, m in seen.items()}, abs=1e-12
    )


@pytest.mark.parametrize("n", [10**3, 10**10, 10**14, 10**18])
def test_expected_part_of_a_sample_of_any_size(n):
    """Small classes against hypergeometric fractions; of a class that is nearly everything what is missing counts."""
    counts = [1, 1, 2, 5, n - 9]
    size = (n + 1) // 2
    part = fingerprint_of(counts).expected_part(size)
    assert float(part.counts @ part.multiplicities) == pytest.approx(size, rel=1e-12)

    def chance(c, k):
        return Fraction(math.comb(c, k) * math.perm(size, k) * math.perm(n - size, c - k), math.perm(n, c))

    for k in range(1, 6):
        expected = float(sum(chance(c, k) for c in counts[:-1] if c >= k))
        assert part.number_seen(k) == pytest.approx(expected, rel=1e-11)
    large = part.counts > 10
    assert sorted(part.rests[large]) == pytest.approx(range(10) if n > 1000 else sorted(size - part.counts[large]))
    if n > 1000:
        # All nine other samples, or none, are in the half.
        ends = [float(chance(9, k)) for k in (9, 0)]
        assert [part.multiplicities[large & (part.rests == rest)][0] for rest in (9, 0)] == pytest.approx(
            ends, rel=1e-11
        )


def test_fingerprints_are_exact_beyond_the_integers_of_doubles():
    f = fingerprint_of([2**63, 2**63 + 4, 2**64 - 1, 0, 3])
    assert f.n == 2**63 + 2**63 + 4 + 2**64 - 1 + 3
    assert f.even.tolist() == [False, True, True, False]
    assert (f.steps - f.steps[1]).tolist() == [3 - 2.0**63, 0.0, 0.0, 2.0**63] or f.reference == 3
    assert f.rests.tolist() == [float(f.n - c) for c in (3, 2**63, 2**63 + 4, 2**64 - 1)]


# Every kind of count: singletons, pairs, one class, classes that differ in the last digits of a double, no samples.
WIDE = st.one_of(
    st.integers(0, 3),
    st.integers(0, 2**64 - 1),
    st.builds(lambda bits, low: min(2**bits + low, 2**64 - 1), st.integers(1, 63), st.integers(0, 4)),
)


@given(
    st.lists(WIDE, min_size=1, max_size=5).filter(lambda counts: sum(counts) >= 2),
    st.sampled_from([*oracles.ESTIMATORS]),
)
def test_every_estimator_and_its_error_on_counts_of_any_size(counts, method):
    estimate = estimate_entropy(counts, method=method, support_size=9)
    with oracles.digits(90):
        value = oracles.ESTIMATORS[method](counts)
        error = oracles.jackknife_error(oracles.ESTIMATORS[method], counts)
        # Grassberger's estimate changes its sign, near which no difference of logarithms has digits left.
        assert abs(estimate.value - value) <= 1e-12 * abs(value) + (1e-15 if method == "grassberger" else 0)
        assert abs(estimate.standard_error - error) <= 1e-12 * error + mpmath.mpf("1e-60")
    for end in (estimate.lower, estimate.upper, estimate.guaranteed_lower, estimate.guaranteed_upper):
        assert math.isfinite(end)
    assert estimate.lower <= estimate.upper
    assert estimate.guaranteed_lower <= estimate.guaranteed_upper
    assert estimate_entropy(np.array(counts, dtype=np.uint64), method=method, support_size=9) == estimate


@pytest.mark.parametrize("method", oracles.ESTIMATORS)
def test_every_small_sample_has_the_error_of_its_definition(method):
    """All samples of up to seven in at most three classes."""
    for counts in itertools.combinations_with_replacement(range(8), 3):
        if 2 <= sum(counts) <= 7:
            found = estimate_entropy(counts, method=method).standard_error
            with oracles.digits(30):
                exact = float(oracles.jackknife_error(oracles.ESTIMATORS[method], counts))
            assert found == pytest.approx(exact, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("counts", "classes", "nodes"),
    [([10**15, 10**15], 2, 160), ([2**64 - 1], 3, 220), ([10**18, 10**17, 3], 7, 100), ([10**9, 3, 2, 1], 10**6, 100)],
)
def test_nsb_of_counts_of_any_size(counts, classes, nodes):
    estimate = estimate_entropy(counts, method="nsb", support_size=classes)
    with oracles.digits(75):
        mean, deviation = oracles.nsb(counts, classes, nodes)
        assert abs(estimate.value - mean) <= 1e-11 * mean
        assert abs(estimate.standard_error - deviation) <= 1e-9 * deviation


@settings(max_examples=20)
@given(st.integers(2, 10**19), st.floats(-3, 3))
def test_the_bound_on_the_bias_errs_upwards_only(n, power):
    classes = max(1, int(n * 10**power))
    with oracles.digits(40):
        exact = oracles.largest_bias_of_zhang(n, classes)
        assert exact <= _largest_bias_of_zhang(n, classes) <= exact * (1 + mpmath.mpf("3e-12"))


@pytest.mark.parametrize(
    ("counts", "support_size"),
    [([10**11], 2 * 10**11), ([10**11, 1], 10**14), ([2**63, 2**63 + 4], 2**65), ([3, 4], 9)],
)
@pytest.mark.parametrize("confidence", [0.01, 0.95, 1 - 1e-12])
def test_the_guaranteed_interval_is_rounded_outwards(counts, support_size, confidence):
    estimate = estimate_entropy(counts, support_size=support_size, confidence=confidence)
    n = sum(counts)
    with oracles.digits(60):
        change = (mpmath.psi(0, n) - mpmath.psi(0, 1) + 1) / n
        radius = change * mpmath.sqrt(n * mpmath.log(2 / (1 - mpmath.mpf(confidence))) / 2)
        value = oracles.zhang(counts)
        lower = max(value - radius, 0)
        upper = min(value + oracles.largest_bias_of_zhang(n, support_size) + radius, mpmath.log(support_size))
        slack = mpmath.mpf("1e-11") * (value + upper)
        assert lower - slack <= estimate.guaranteed_lower <= lower
        assert upper <= estimate.guaranteed_upper <= upper + slack


def test_the_guaranteed_end_of_one_large_class():
    assert estimate_entropy([10**11], support_size=2 * 10**11).guaranteed_upper == pytest.approx(0.563103, abs=1e-6)


@pytest.mark.parametrize("classes", [1, 2, 3, 4, 7, 10, 1000, 2**70, 3**50])
def test_no_entropy_exceeds_the_guaranteed_end(classes):
    """The uniform law attains log K, which no double is."""
    few = [1, 1] if classes > 1 else [2]
    nats = estimate_entropy(few, support_size=classes, method="plug_in").guaranteed_upper
    bits = estimate_entropy(few, support_size=classes, method="plug_in", unit="bits").guaranteed_upper
    with oracles.digits(50):
        assert 0 <= nats - mpmath.log(classes) <= 4e-16 * nats
        assert 0 <= bits - mpmath.log(classes, 2) <= 4e-16 * bits
    if classes in (1, 2, 4, 2**70):
        assert bits == math.log2(classes)


@pytest.mark.parametrize("confidence", [5e-324, 1e-9, 1 - 2**-53])
@pytest.mark.parametrize("counts", [[5, 5], [10**18, 5], [7]])
def test_confidence_of_any_size(counts, confidence):
    estimate = estimate_entropy(counts, confidence=confidence, support_size=3)
    assert 0 <= estimate.lower <= estimate.upper <= math.log(3)
    assert estimate.guaranteed_lower <= estimate.guaranteed_upper


def test_an_estimate_above_the_largest_entropy_leaves_the_interval_below_it():
    estimate = estimate_entropy([1] * 200, method="miller_madow", support_size=201, confidence=1e-12)
    assert estimate.value > estimate.upper == math.log(201) == estimate.lower


def test_the_range_of_a_rare_class_in_a_huge_sample():
    # Clopper and Pearson's limits for 5 of 10^18: those of a Poisson mean, 1.6234864 and 11.668332.
    estimate = estimate_entropy([10**18, 5], support_size=2)
    assert estimate.lower <= entropy([1.6234e-18, 1 - 1.6234e-18])
    assert estimate.upper == pytest.approx(entropy([11.668332e-18, 1.0]), rel=1e-5)


def test_a_sample_of_thousands_of_classes_with_one_huge_one():
    counts = [2**62, *[1] * 3000, *range(2, 500)]
    for method in ENTROPY_ESTIMATORS:
        estimate = estimate_entropy(counts, method=method)
        assert 0 < estimate.value < 2e-12
        assert 0 < estimate.standard_error < 1e-12
        assert estimate.lower <= estimate.value <= estimate.upper < 1e-11


def test_a_small_sample_is_called_small():
    with pytest.warns(SmallSampleWarning, match=r"the 50 samples show 48 classes that carry an estimated 0\.0[0-9]+"):
        estimate_entropy([1] * 46 + [2, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        estimate_entropy([10] * 5)


def test_sample_coverage():
    assert sample_coverage([1, 1, 1]) == 0.0
    assert sample_coverage([2, 3]) == 1.0
    n, once, twice = 9, 2, 2
    assert sample_coverage(FIRST) == pytest.approx(1 - once / n * (n - 1) * once / ((n - 1) * once + 2 * twice))


def test_outcomes_are_counted():
    masks = np.array([[True, False, True], [True, False, True], [False, False, True]])
    assert sorted(count_outcomes(masks)) == [1, 2]
    assert sorted(count_outcomes(masks.astype(int))) == [1, 2]
    assert count_outcomes([3, 1, 3, 3]).tolist() == [1, 3]
    wide = np.random.default_rng(0).random((500, 19)) < 0.2
    assert sorted(count_outcomes(wide)) == sorted(np.unique(wide, axis=0, return_counts=True)[1])


@pytest.mark.parametrize(
    ("counts", "options", "error", "message"),
    [
        ([1.0, 2.0], {}, TypeError, "counts must be an array of integers"),
        ([[1, 2]], {}, ValueError, "counts must have shape"),
        ([], {}, TypeError, "counts"),
        ([3, -1], {}, ValueError, "counts must be >= 0, got -1"),
        ([1, 0], {}, ValueError, "at least 2 samples, got 1"),
        ([2**64, 1], {}, ValueError, r"^counts must fit into 64 bits, at most 2\^64 - 1, got 18446744073709551616"),
        ([2**63, -1], {}, ValueError, r"^counts must fit into 64 bits"),
        (np.ma.masked_greater([3, 4], 3), {}, TypeError, r"^counts must not be a masked array"),
        ([2, 2], {"method": "best"}, ValueError, "method must be one of"),
        ([2, 2], {"support_size": 1}, ValueError, "at least the 2 classes seen, got 1"),
        ([2, 2], {"support_size": 2.5}, TypeError, "support_size must be an integer"),
        ([2, 2], {"confidence": 1.0}, ValueError, "confidence must satisfy"),
        ([2, 2], {"minimum_coverage": 0.0}, ValueError, "minimum_coverage must satisfy"),
        ([2, 2], {"unit": "bans"}, ValueError, "unit must be one of"),
        ([1, 1], {"method": "nsb"}, ValueError, "support_size must be given"),
    ],
)
def test_bad_arguments_are_refused(counts, options, error, message):
    with pytest.raises(error, match=message):
        estimate_entropy(counts, **options)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"distributions": 5}, TypeError, "^distributions must be a Mapping"),
        ({"distributions": {}}, ValueError, "^distributions must not be empty"),
        ({"sample_sizes": [10.5]}, TypeError, r"^sample_sizes\[0\] must be an integer, got 10.5"),
        ({"sample_sizes": [10, 1]}, ValueError, r"^sample_sizes\[1\] must be >= 2, got 1"),
        ({"sample_sizes": []}, ValueError, "^sample_sizes must not be empty"),
        ({"sample_sizes": 10}, TypeError, "^sample_sizes must be a sequence, got 10"),
        ({"methods": []}, ValueError, "^methods must not be empty"),
        ({"methods": ["plug_in", "best"]}, ValueError, r"^methods\[1\] must be one of"),
        ({"repetitions": 10**400}, ValueError, r"^repetitions must be in \[1, 2147483648\]"),
        ({"sample_sizes": b"x"}, TypeError, "^sample_sizes must be a sequence, got b'x'"),
        ({"methods": "nsb"}, TypeError, "^methods must be a sequence, got 'nsb'"),
    ],
)
def test_bad_studies_are_refused(change, error, message):
    base = {"distributions": {"fair": [0.5, 0.5]}, "sample_sizes": [10], "repetitions": 2}
    with pytest.raises(error, match=message):
        coverage_study(**{**base, **change}, rng=np.random.default_rng(0))


@pytest.mark.parametrize("exponent", [math.nan, math.inf, -1.0, "1", [1.0]])
def test_zipf_refuses_what_is_no_exponent(exponent):
    with pytest.raises((ValueError, TypeError), match=r"^exponent must be"):
        zipf_distribution(3, exponent)
    with pytest.raises(ValueError, match=r"^n_classes must be in \[1, 2147483648\]"):
        zipf_distribution(10**400, 1.0)
    assert zipf_distribution(3, 0.0).tolist() == [1 / 3] * 3
    assert zipf_distribution(3, 1e308).tolist() == [1.0, 0.0, 0.0]


def test_bad_samples_are_refused():
    with pytest.raises(TypeError, match="samples must be integers or booleans"):
        count_outcomes([0.5, 1.0])
    with pytest.raises(ValueError, match="samples must have shape"):
        count_outcomes(np.zeros((2, 2, 2), dtype=int))
