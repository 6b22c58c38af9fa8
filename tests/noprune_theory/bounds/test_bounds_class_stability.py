"""The laws of class stability against mpmath, brute force and their own definition."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.bounds import (
    InformationDensity,
    MaximalLeakage,
    MutualInformation,
    SibsonInformation,
    class_stability_at_split,
    class_stability_law,
    margin_tail,
    normalised_stability_law,
    price_corollary_6,
    price_corollary_15,
    price_fact_2,
    price_theorem_4,
    price_theorem_13,
    stable_class_rademacher,
    uniform_deviation,
)

NO_MASK = MaximalLeakage(0.0)
DEPENDENCES = {
    "information": MutualInformation(2.0),
    "leakage": MaximalLeakage(3.0),
    "Sibson": SibsonInformation(2.0, 3.0),
    "density": InformationDensity(5.0, 0.001),
}


def spent(s, theta, cost, slope=1):
    """u + w + E T in 40 digits, the tent by quadrature of its tail."""
    with mpmath.workdps(40):
        s, theta, cost = map(mpmath.mpf, (float(s), float(theta), float(cost)))
        tilt = s**2 * theta * (1 - theta)
        tail = lambda t: 2 * mpmath.exp(-(s**2) * (1 - theta + theta * t) ** 2 / 2)  # noqa: E731
        mean = mpmath.quad(tail, [0, 0.25, 1])
        moment = 1 + mpmath.quad(lambda t: tilt * mpmath.exp(tilt * t) * tail(t), [0, 0.25, 1])
        rising = slope * mpmath.sqrt(mpmath.mpf("12.2") * cost) / (theta * s)
        return rising + (cost + mpmath.log(moment)) / tilt + min(mean, 1)


@pytest.mark.parametrize("name", DEPENDENCES)
@pytest.mark.parametrize("convex", [True, False])
def test_the_split_uses_up_the_budget(name, convex):
    n, d, epsilon, delta, c, count, share, theta = 5_000, 300, 0.3, 0.05, 1.7, 400.0, 0.4, 0.6
    dependence = DEPENDENCES[name]
    found = float(
        class_stability_at_split(
            n, d, epsilon, delta, c, log_count=count, dependence=dependence, convex=convex, share=share, theta=theta
        )
    )
    cost = (count + float(dependence.exponent((1 - share) * delta)) + np.log(2)) / n
    s = found * np.sqrt(d / c)
    labels = np.sqrt(2 * np.log(2 / (share * delta)) / n)
    assert float(spent(s, theta, cost, 1 if convex else 2) + labels) == pytest.approx(2 * epsilon, rel=1e-9)


def test_the_law_is_the_best_split():
    arguments = {"log_count": 1_000.0, "dependence": MutualInformation(5.0)}
    found = class_stability_law(10_000, 500, 0.2, 0.1, 1.0, **arguments)
    at_split = class_stability_at_split(
        10_000, 500, 0.2, 0.1, 1.0, **arguments, share=found.split.concentration, theta=found.theta
    )
    assert float(found.stability) == pytest.approx(float(at_split), rel=1e-9)
    for share in (0.1, 0.5, 0.9):
        for theta in (0.2, 0.5, 0.8):
            other = class_stability_at_split(10_000, 500, 0.2, 0.1, 1.0, **arguments, share=share, theta=theta)
            assert found.stability <= other * (1 + 1e-9)


def test_small_epsilon_has_the_stated_constant():
    """S tends to sqrt(61/20)/epsilon sqrt(c p/(nd)) for small epsilon and p far above n epsilon^2."""
    n, d, p, epsilon = 10**9, 10**9, 10**8, 0.01
    found = float(class_stability_law(n, d, epsilon, 0.1, 1.0, log_count=p, dependence=NO_MASK).stability)
    assert found == pytest.approx(np.sqrt(61 / 20) / epsilon * np.sqrt(p / (n * d)), rel=0.2)
    assert found < float(price_corollary_6(10**8, d, p, epsilon, 1.0)) / 30


@pytest.mark.parametrize("change", ["n", "d", "epsilon", "delta", "c", "count", "convex"])
def test_monotone(change):
    base = {"n": 4_000, "d": 100, "epsilon": 0.2, "delta": 0.05, "isoperimetry": 1.0}
    options = {"log_count": 200.0, "dependence": NO_MASK, "convex": True}
    larger, more = dict(base), dict(options)
    if change == "count":
        more["log_count"] = 400.0
    elif change == "convex":
        more["convex"] = False
    elif change == "c":
        larger["isoperimetry"] = 2.0
    else:
        larger[change] = base[change] * 2
    first = float(class_stability_law(**base, **options).stability)
    second = float(class_stability_law(**larger, **more).stability)
    assert second > first if change in ("c", "count", "convex") else second < first


def test_nothing_left_is_infinite():
    assert np.isinf(class_stability_law(10, 5, 0.01, 0.05, 1.0, log_count=1.0, dependence=NO_MASK).stability)
    lost = InformationDensity(5.0, 0.5)
    assert np.isinf(class_stability_law(10_000, 5, 0.3, 0.05, 1.0, log_count=1.0, dependence=lost).stability)


def test_arrays_entry_by_entry():
    n, nats = np.array([2_000, 50_000]), np.array([[1.0], [3.0]])
    table = class_stability_law(n, 50, 0.3, 0.1, 1.0, log_count=10.0, dependence=MutualInformation(nats))
    assert table.stability.shape == table.theta.shape == (2, 2)
    single = class_stability_law(50_000, 50, 0.3, 0.1, 1.0, log_count=10.0, dependence=MutualInformation(3.0))
    assert table.stability[1, 1] == pytest.approx(float(single.stability), rel=1e-12)
    with pytest.raises(ValueError, match="broadcast"):
        class_stability_law([1, 2, 3], 50, 0.3, 0.1, 1.0, log_count=[1.0, 2.0], dependence=NO_MASK)


def test_smooth_class_pays_for_its_net():
    options = {"diameter": 4.0, "parameter_lipschitz": 2.0, "least_costability": 0.2, "dependence": NO_MASK}
    found = normalised_stability_law(20_000, 100, 0.3, 0.1, 1.0, mask_size=50, **options)
    theta, rounding = float(found.theta), float(found.split.rounding)
    count = 50 * np.log1p(4 * 2 / (0.3 * rounding * theta * 0.2))
    share = float(found.split.concentration)
    assert float(found.effective_exponent) == pytest.approx(count - np.log((1 - share) * 0.1), rel=1e-12)
    cost = (float(found.effective_exponent) + np.log(2)) / 20_000
    labels = np.sqrt(2 * np.log(2 / (share * 0.1)) / 20_000)
    left = 2 * 0.3 * (1 - rounding) - labels
    assert float(spent(float(found.stability) * 10, theta, cost)) == pytest.approx(left, rel=1e-9)
    units = options | {"diameter": 4e6, "parameter_lipschitz": 2e-6}
    same = normalised_stability_law(20_000, 100, 0.3, 0.1, 1.0, mask_size=50, **units)
    assert float(same.stability) == pytest.approx(float(found.stability), rel=1e-9)
    empty = normalised_stability_law(20_000, 100, 0.3, 0.1, 1.0, mask_size=0, **options)
    assert empty.stability < found.stability


def test_rademacher_of_two_classifiers_by_enumeration():
    """f and -f have Rad = E|sum sigma|/n, which the bound must exceed, and for a large n by little."""
    for n in (1, 2, 5, 20, 400):
        exact = float(sum(abs(2 * k - n) * mpmath.binomial(n, k) for k in range(n + 1)) / mpmath.mpf(2) ** n / n)
        bound = float(stable_class_rademacher(n, 10**6, np.log(2), 3.0, 1.0))
        assert exact <= bound <= 1
        assert n < 400 or bound < 1.05 * exact + 0.01
    assert stable_class_rademacher(100, 10, 50.0, 1e-200, 1.0) == pytest.approx(1.0)
    assert stable_class_rademacher(10_000, 10, 50.0, 1e300, 1.0) < 0.01


def test_rademacher_without_stability_is_massart():
    assert float(stable_class_rademacher(1_000, 10, 5.0, 1e-9, 1.0)) == pytest.approx(
        np.sqrt(2 * (5 + np.log(2)) / 1_000), rel=1e-12
    )


def test_rademacher_below_the_constants_of_theorem_4():
    n = np.array([100, 1_000, 10_000])[:, None]
    p = n * np.array([1.0, 10.0, 1_000.0])
    for convex in (True, False):
        for stability in (0.1, 1.0, 10.0):
            printed = price_theorem_4(n, 500, p, stability, 1.0, convex=convex)
            assert (stable_class_rademacher(n, 500, p, stability, 1.0, convex=convex) <= printed * (1 + 1e-12)).all()


@given(st.floats(0.01, 10), st.integers(1, 1000), st.floats(0.1, 10), st.floats(0.01, 0.99))
def test_margin_tail(stability, d, c, share):
    with mpmath.workdps(30):
        expected = min(
            1, 2 * mpmath.exp(-((1 - mpmath.mpf(share)) ** 2) * d * mpmath.mpf(stability) ** 2 / (2 * mpmath.mpf(c)))
        )
    assert float(margin_tail(d, stability, c, share)) == pytest.approx(float(expected), rel=1e-9, abs=1e-300)
    if share == 0.5:
        assert margin_tail(d, stability, c) <= 2 * price_fact_2(d, stability, c)


def test_deviation_and_constants_by_hand():
    assert float(uniform_deviation(100, 0.1, 0.05)) == pytest.approx(0.2 + np.sqrt(np.log(20) / 200))
    assert float(uniform_deviation(100, 0.1, 0.05, 2.0, printed=True)) == pytest.approx(
        0.2 + 2 * np.sqrt(2 * np.log(40) / 100)
    )
    assert float(price_theorem_4(100, 1_000_000, 100, 5.0, 1.0)) == pytest.approx(0.695)
    assert float(price_theorem_4(10_000, 10**6, 10**6, 0.1, 1.0)) == pytest.approx(6.95 * 0.1)
    assert float(price_corollary_6(100, 50, 400, 0.5, 2.0)) == pytest.approx(3 * 6.95 / 0.5 * np.sqrt(2 * 400 / 5_000))
    corrected = price_theorem_13(10_000, 10, 5, 1.0, 1e-9, 100.0, 0.5, 1.0, 1.0)
    printed = price_theorem_13(10_000, 10**6, 5, 1.0, 1e-9, 100.0, 0.5, 1.0, 1.0, printed=True)
    assert corrected == 1.0
    assert printed == pytest.approx(8.25 / 100)
    expected = np.sqrt(1 / 20) * max(
        3 * 8.25 / 0.3 * np.sqrt(7 / 50 * np.log1p(60 * 2 * 3 / 0.1)), np.sqrt(8 * np.log(165))
    )
    assert float(price_corollary_15(50, 20, 7, 2.0, 3.0, 0.1, 0.3, 1.0)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: price_theorem_4(10, 5, 9.0, 1.0, 1.0), ValueError, "log_size must be at least n, got log_size = 9"),
        (lambda: price_corollary_6([10, 20], 5, 15.0, 0.5, 1.0), ValueError, "n = 20"),
        (lambda: margin_tail(5, -1.0, 1.0), ValueError, "stability"),
        (lambda: margin_tail(5, 1.0, 1.0, 1.0), ValueError, "share"),
        (lambda: price_fact_2(0, 1.0, 1.0), ValueError, "d must be"),
        (lambda: stable_class_rademacher(5, 5, -1.0, 1.0, 1.0), ValueError, "log_size"),
        (lambda: stable_class_rademacher(5, 5, 1.0, 1.0, 1.0, convex=1), TypeError, "convex"),
        (lambda: class_stability_law(5, 5, 2.0, 0.1, 1.0, log_count=1.0, dependence=NO_MASK), ValueError, "epsilon"),
        (lambda: class_stability_law(5, 5, 0.5, 0.1, 1.0, log_count=1.0, dependence=3.0), TypeError, "dependence"),
        (lambda: class_stability_law(5, 5, 0.5, 0.1, 1.0, log_count=-1.0, dependence=NO_MASK), ValueError, "log_count"),
        (lambda: uniform_deviation(5, 0.1, 0.0), ValueError, "delta"),
        (lambda: uniform_deviation(5, 0.1, 0.1, printed="no"), TypeError, "printed"),
        (lambda: price_theorem_13(5, 5, 5, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0), ValueError, "radius"),
        (lambda: price_corollary_15(5, 5, 5, 1.0, 1.0, 1.0, 0.0, 1.0), ValueError, "epsilon"),
    ],
)
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()
