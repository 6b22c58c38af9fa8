"""What a learner's behaviour proves about its information: lower bounds on I(W; D) from independent runs.

Each bound compares a statistic S(W, D) under the joint law, where the runs are, with what it can be when W is
independent of D. Two inequalities do the comparing:

* Donsker & Varadhan: I >= lambda E[S] - log E'[exp(lambda S)] for every lambda, E' the independent law;
* data processing on one event (the proof of Lemma 1, read backwards): I >= kl(P(A) || P'(A)) if P(A) >= P'(A).

The runs (seeds) give a lower confidence limit for E[S] or P(A): the bound on the information then holds with that
confidence. What is checked on the numbers and what has to be assumed is listed with each result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import HtmlRepr
from noprune_theory._scaling import scale, scale_float, size_exponent
from noprune_theory._types import FloatArray
from noprune_theory._validation import (
    as_float_array,
    check_closed_unit,
    check_finite,
    check_integer,
    check_nonnegative,
    check_open_unit,
    check_positive,
    shown,
)
from noprune_theory.bounds import bernoulli_relative_entropy, binary_entropy, information_exponent
from noprune_theory.information._arithmetic import Unit, divergence_terms, in_unit, log_remainder
from noprune_theory.information._special import beta_quantiles, binomial_log_probabilities


@dataclass(frozen=True)
class InformationLowerBound(HtmlRepr):
    """A number that I(W; D) is at least, with a stated confidence.

    Attributes
    ----------
    value : float
        The lower bound in `unit`; 0 if the runs prove nothing.
    confidence : float
        Probability, over the runs, with which the bound holds.
    observed : float
        Mean of the statistic, or frequency of the event, over the runs.
    limit : float
        Its lower confidence limit, which the bound uses.
    n_runs : int
    method : str
    checked, assumed : tuple of str
        The hypotheses that were checked on the numbers given, and those that the caller vouches for.
    unit : {"nats", "bits"}
    """

    value: float
    confidence: float
    observed: float
    limit: float
    n_runs: int
    method: str
    checked: tuple[str, ...]
    assumed: tuple[str, ...]
    unit: Unit


# Limits are computed to a few 1e-15 of their parts, and are lowered by this share of them. So are the bounds.
_SLACK = 1e-14
# Beyond this standard deviation of a binomial law its tail has too many terms to be summed.
_LONGEST_DEVIATION = 1e5
# The sum of a tail is good to 1e-10; quantiles are lowered by these shares until it is small enough.
_TAIL_SLACK = 1e-9
_STEPS_BACK = (0.0, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
# Integers up to here are doubles, with room for what they are multiplied by.
_LARGEST_INTEGER = 2**1000
# Its square is a double.
_LARGEST_ROOT = 1e154
# From here on (1 - P) log(1 - exp(-exponent)) is below every rounding.
_FAR_EXPONENT = 700.0

_RUNS = "runs are independent, each with its own data and learner randomness"


def _integer(name: str, value: int) -> int:
    """Return `value`, an integer >= 1 that arithmetic in doubles can take."""
    number = check_integer(name, value, 1)
    if number > _LARGEST_INTEGER:
        raise ValueError(f"{name} must be at most 2^1000, got {shown(number)}")
    return number


def lower_mean_limit(values: ArrayLike, low: float, high: float, confidence: float = 0.95) -> float:
    """Lower confidence limit for the mean of bounded values, valid for every distribution on [low, high].

    The larger of Hoeffding's (1963) limit and the empirical Bernstein limit of Maurer & Pontil (2009), each at half the
    error probability.

    Parameters
    ----------
    values : array_like, shape (n,)
        Independent, identically distributed, in [low, high].
    low, high : float
        Ends of the interval, low < high.
    confidence : float
        In (0, 1).

    Returns
    -------
    float
        At least `low`, rounded down; `low` itself if the values prove nothing.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If an argument is outside its range, `values` is empty or not of one dimension, or a value is not finite or
        outside [low, high].
    """
    return _mean_limit("values", values, low, high, confidence)


def _mean_limit(name: str, values: ArrayLike, low: float, high: float, confidence: float) -> float:
    x = as_float_array(name, values, ndim=1)
    low, high = check_finite("low", low), check_finite("high", high)
    if not low < high:
        raise ValueError(f"low must be < high, got {low} and {high}")
    if x.min() < low or x.max() > high:
        raise ValueError(f"{name} must be in [{low}, {high}], got values in [{x.min()}, {x.max()}]")
    log_term = math.log(2 / (1 - check_open_unit("confidence", confidence)))
    # In units in which squares and sums stay in the range of doubles.
    exponent = size_exponent(np.array([low, high])) + 1
    x, bottom, top = scale(x, -exponent), math.ldexp(low, -exponent), math.ldexp(high, -exponent)
    mean, width = math.fsum(x.tolist()) / x.size, top - bottom
    limit = mean - width * math.sqrt(log_term / (2 * x.size))
    if x.size > 1:
        # Maurer & Pontil's Theorem 4 has log(2/delta) for error delta: here delta is half of 1 - confidence.
        log_bernstein = log_term + math.log(2)
        spread = math.sqrt(2 * float(x.var(ddof=1)) * log_bernstein / x.size) * (1 + _SLACK)
        limit = max(limit, mean - spread - 7 * width * log_bernstein / (3 * (x.size - 1)))
    # Downwards, by more than the roundings of the mean and of what is taken from it.
    limit -= _SLACK * (abs(mean) + abs(limit))
    return max(low, scale_float(limit, exponent))


def lower_frequency_limit(successes: int, trials: int, confidence: float = 0.95) -> float:
    """Clopper & Pearson's (1934) one-sided lower confidence limit for a probability.

    Parameters
    ----------
    successes, trials : int
        0 <= successes <= trials, 1 <= trials <= 2^1000.
    confidence : float
        In (0, 1).

    Returns
    -------
    float
        In [0, 1), rounded down; 0 without a success.

    Raises
    ------
    TypeError
        If a count is not an integer, or `confidence` not a real number.
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The tail of the binomial law is summed at the limit, which is lowered until the tail is small enough. Where the sum
    is too long, from about 10^10 successes and failures on, Chernoff's bound takes its place: it is valid and a third
    farther from the frequency.
    """
    trials = _integer("trials", trials)
    successes = check_integer("successes", successes, 0, trials)
    error = 1 - check_open_unit("confidence", confidence)
    if successes == 0:
        return 0.0
    if successes == trials:
        return math.exp(math.log(error) / trials) * (1 - _SLACK)
    if math.sqrt(float(successes) * ((trials - successes) / trials)) < _LONGEST_DEVIATION:
        first, second = np.array([float(successes)]), np.array([float(trials - successes + 1)])
        guess = float(beta_quantiles(first, second, error * (1 - 2 * _TAIL_SLACK), upper=False)[0])
        guess = min(guess, math.nextafter(1.0, 0.0))
        for backwards in _STEPS_BACK:
            limit = guess * (1 - backwards)
            if limit > 0 and _log_binomial_tail(successes, trials, limit) <= math.log(error) - _TAIL_SLACK:
                return limit
    return _chernoff_limit(successes, trials, error)


def _log_binomial_tail(successes: int, trials: int, p: float) -> float:
    """Return log P(C >= successes), C ~ Binomial(trials, p): its first term times the sum of the ratios of the rest."""
    n, odds = float(trials), p / (1 - p)
    deviation = math.sqrt(n * p * (1 - p))
    # From the first term to far beyond the mean, which a limit at low confidence may exceed.
    reach = max(0.0, n * p - successes) + 60 + 40 * deviation
    steps = np.arange(min(float(trials - successes), reach))
    ratios = (float(trials - successes) - steps) / (float(successes) + 1 + steps) * odds
    logs = np.cumsum(np.log(ratios))
    peak = max(0.0, float(logs.max(initial=0.0)))
    total = math.exp(-peak) + math.fsum(np.exp(logs - peak).tolist())
    # The ratios fall: what was left out is less than a geometric series.
    last = float(ratios[-1]) if ratios.size < trials - successes else 0.0
    if last > 0:
        total += math.exp(float(logs[-1]) - peak) * last / (1 - last)
    few, chance = (float(successes), p) if p <= 0.5 else (float(trials - successes), 1 - p)
    term = float(binomial_log_probabilities(np.array(few), n, np.array(chance)))
    return term + peak + math.log(total)


def _chernoff_limit(successes: int, trials: int, error: float) -> float:
    """Return the p < successes/trials with kl(successes/trials || p) = log(1/error) / trials, slightly lowered."""
    frequency = successes / trials
    information = math.log(1 / error) / trials
    # kl(q || p) = I for p < q is what `bounds.information_exponent` inverts.
    exponent = float(information_exponent(min(frequency, math.nextafter(1.0, 0.0)), information))
    return max(0.0, math.exp(-exponent) * (1 - _SLACK))


def subgaussian_information(mean: float, variance_proxy: float) -> float:
    """Donsker & Varadhan's bound for a subgaussian statistic: I >= (E S)^2 / (2 v) for E S >= 0, in nats.

    Parameters
    ----------
    mean : float
        E[S(W, D)], or a lower limit for it; a negative one proves nothing.
    variance_proxy : float
        v > 0 with log E'[exp(lambda S)] <= lambda^2 v / 2 for every lambda >= 0 and every fixed value of W. For
        X = (1/n) sum_i (f(x_i) - E f) z_i it is half of `bounds.average_proxy` with the sharp constants,
        4 c L^2 / (n d).

    Returns
    -------
    float
        In nats, >= 0.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If an argument is not finite, `variance_proxy` is not positive, or the bound leaves the range of doubles.
    """
    mean = check_finite("mean", mean)
    ratio = max(mean, 0.0) / math.sqrt(check_positive("variance_proxy", variance_proxy))
    if ratio > _LARGEST_ROOT:
        raise ValueError(f"mean and variance_proxy must give a bound within the range of doubles, got {mean}")
    return ratio * ratio / 2


def event_information(probability: float, independent_probability: float) -> float:
    """Apply data processing to one event: I >= kl(P || q) for P >= q, in nats (Lemma 1, inverted).

    Parameters
    ----------
    probability : float
        P(event) under the joint law, or a lower limit for it.
    independent_probability : float
        A bound q on the probability of the event for every fixed value of W.

    Returns
    -------
    float
        In nats; 0 where P <= q, infinite where q = 0 < P.

    Raises
    ------
    TypeError
        If an argument is not a real number.
    ValueError
        If an argument is outside [0, 1].
    """
    p = check_closed_unit("probability", probability)
    q = check_closed_unit("independent_probability", independent_probability)
    return float(bernoulli_relative_entropy(p, q)) if p > q else 0.0


def sign_information(correlation: float, n: int) -> float:
    """Donsker & Varadhan's bound for fair signs: I >= n (log 2 - h((1 + r)/2)) nats, r the mean correlation.

    For labels that are independent fair signs, given the inputs, and a function with values in [-1, 1],
    E'[exp(lambda sum_i f(x_i) y_i)] <= cosh(lambda)^n; the best lambda is artanh(r). At r = 1 every label is known, n
    log 2; for small r it is n r^2 / 2.

    Parameters
    ----------
    correlation : float
        r = E[(1/n) sum_i f(x_i) y_i] in [-1, 1], or a lower limit for it; a negative one proves nothing.
    n : int
        Number of samples, in [1, 2^1000].

    Returns
    -------
    float
        In nats, in [0, n log 2].

    Raises
    ------
    TypeError
        If `correlation` is not a real number, or `n` not an integer.
    ValueError
        If an argument is outside its range.
    """
    n = _integer("n", n)
    r = check_finite("correlation", correlation)
    if not -1 <= r <= 1:
        raise ValueError(f"correlation must be in [-1, 1], got {r}")
    r = max(r, 0.0)
    # (1 + r) log(1 + r) - r and (1 - r) log(1 - r) + r, which keep their digits for small r.
    return n * math.fsum(divergence_terms(np.array([r, -r])).tolist()) / 2


def explained_noise_information(explained: float, kept: int) -> float:
    """Donsker & Varadhan's bound for projected noise: I(m; y | X) >= (k/2)(s - 1 - log s) nats, s = E||P_m y||^2 / k.

    P_m projects on the k features that the mask keeps. For noise whose coordinates are independent, mean zero and
    subgaussian with E exp(t y_i) <= exp(t^2/2) (fair signs, standard Gaussians),
    E'[exp(lambda ||P y||^2)] <= (1 - 2 lambda)^(-k/2) for every fixed projection of rank at most k (Hubbard and
    Stratonovich's identity turns the exponent into an average of exp of linear forms). The best lambda is (1 - 1/s)/2.

    Parameters
    ----------
    explained : float
        E||P_m y||^2 >= 0, or a lower limit for it; below k it proves nothing.
    kept : int
        k in [1, 2^1000].

    Returns
    -------
    float
        In nats; 0 for s <= 1.

    Raises
    ------
    TypeError
        If `explained` is not a real number, or `kept` not an integer.
    ValueError
        If an argument is outside its range.
    """
    k = _integer("kept", kept)
    excess = (check_nonnegative("explained", explained) - k) / k
    return 0.0 if excess <= 0 else k / 2 * float(log_remainder(np.array(excess)))


def explained_noise_ceiling(information: float, kept: int) -> float:
    """Invert `explained_noise_information`: the largest E||P_m y||^2 that `information` nats allow.

    Parameters
    ----------
    information : float
        I(m; y | X) >= 0 in nats, for example the entropy ceiling log C(p, k).
    kept : int
        k in [1, 2^1000].

    Returns
    -------
    float
        At least k, the value that no information allows.

    Raises
    ------
    TypeError
        If `information` is not a real number, or `kept` not an integer.
    ValueError
        If an argument is outside its range, or `information` exceeds 5e153 nats a kept weight.
    """
    k = _integer("kept", kept)
    gap = 2 * check_nonnegative("information", information) / k
    if gap > _LARGEST_ROOT:
        raise ValueError(f"information must be at most {_LARGEST_ROOT:g} / 2 nats a kept weight, got {information}")
    # Solve e - log(1 + e) = gap for e = s - 1 >= 0: the left side is convex and at least e^2 / (2 (1 + e)), so Newton's
    # method started where that equals the gap decreases to the root.
    excess = gap + math.sqrt(gap * (gap + 2))
    while excess > 0:
        smaller = excess - (float(log_remainder(np.array(excess))) - gap) * (1 + excess) / excess
        if not smaller < excess:
            break
        excess = smaller
    return k * (1 + excess)


def _downwards(nats: float, unit: Unit) -> float:
    return in_unit(nats, unit) * (1 - _SLACK)


def bound_from_correlation(
    values: ArrayLike,
    *,
    variance_proxy: float,
    low: float,
    high: float,
    confidence: float = 0.95,
    unit: Unit = "nats",
) -> InformationLowerBound:
    """Bound I(f^W; D) from the correlation of the learned function with the noise, over independent runs.

    Parameters
    ----------
    values : array_like, shape (n_runs,)
        X_W = (1/n) sum_i (f(x_i) - E f) z_i of each run, with the sign that a memorising learner makes positive.
    variance_proxy : float
        See `subgaussian_information`.
    low, high : float
        An interval that contains X_W always: with |f - E f| <= 2 and |z| <= 2, [-4, 4] at worst.
    confidence : float
        In (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    InformationLowerBound
        In `unit`, rounded down.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is outside its range, a value is outside [low, high], or the bound leaves the range of doubles.
    """
    x = as_float_array("values", values, ndim=1)
    limit = lower_mean_limit(x, low, high, confidence)
    return InformationLowerBound(
        value=_downwards(subgaussian_information(limit, variance_proxy), unit),
        confidence=confidence,
        observed=math.fsum(x.tolist()) / x.size,
        limit=limit,
        n_runs=x.size,
        method="Donsker-Varadhan, subgaussian",
        checked=(f"every value is in [{low}, {high}]",),
        assumed=(
            _RUNS,
            f"for every fixed function the statistic has moment generating function <= exp({variance_proxy} t^2 / 2)",
        ),
        unit=unit,
    )


def _exceedance_information(probability: float, exponent: float) -> float:
    """Return kl(P || exp(-exponent)) where it proves anything, also where exp(-exponent) is below every double."""
    if exponent < _FAR_EXPONENT or probability == 0:
        return event_information(probability, math.exp(-exponent))
    return probability * exponent - float(binary_entropy(probability))


def bound_from_exceedance(
    values: ArrayLike,
    radius: float,
    *,
    variance_proxy: float,
    confidence: float = 0.95,
    unit: Unit = "nats",
) -> InformationLowerBound:
    """Bound I(f^W; D) from how often X_W >= radius, by Lemma 1 inverted; no bound on the values is needed.

    Parameters
    ----------
    values : array_like, shape (n_runs,)
        X_W of each run.
    radius : float
        u > 0, chosen before the values were seen.
    variance_proxy : float
        v > 0 with P'(X >= u) <= exp(-u^2 / (2 v)) for every fixed function.
    confidence : float
        In (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    InformationLowerBound
        In `unit`, rounded down.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is outside its range, or `values` is empty, not of one dimension or not finite.
    """
    x = as_float_array("values", values, ndim=1)
    u, v = check_positive("radius", radius), check_positive("variance_proxy", variance_proxy)
    count = int(np.count_nonzero(x >= u))
    limit = lower_frequency_limit(count, x.size, confidence)
    return InformationLowerBound(
        value=_downwards(_exceedance_information(limit, min(u / math.sqrt(v), _LARGEST_ROOT) ** 2 / 2), unit),
        confidence=confidence,
        observed=count / x.size,
        limit=limit,
        n_runs=x.size,
        method="Lemma 1 inverted",
        checked=(),
        assumed=(
            _RUNS,
            "the radius was fixed before the values were seen",
            f"for every fixed function P(X >= {u}) <= exp(-{u}^2 / (2 * {v}))",
        ),
        unit=unit,
    )


def bound_from_labels(
    predictions: ArrayLike, labels: ArrayLike, *, confidence: float = 0.95, unit: Unit = "nats"
) -> InformationLowerBound:
    """Bound I(f^W; D) from how well functions fit labels that are pure noise, fair signs.

    Parameters
    ----------
    predictions : array_like, shape (n_runs, n)
        f^W(x_i) in [-1, 1] for each run.
    labels : array_like, shape (n_runs, n)
        The labels y_i, -1 or +1, that the run was trained on.
    confidence : float
        In (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    InformationLowerBound
        In `unit`, rounded down.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If the shapes differ, a prediction or a label is none that is allowed, or another argument is outside its range.
    """
    f = as_float_array("predictions", predictions, ndim=2)
    y = as_float_array("labels", labels, ndim=2)
    if f.shape != y.shape:
        raise ValueError(f"predictions and labels must have the same shape, got {f.shape} and {y.shape}")
    if np.abs(f).max() > 1:
        raise ValueError(f"predictions must be in [-1, 1], got an absolute value of {np.abs(f).max()}")
    if (np.abs(y) != 1).any():
        raise ValueError(f"labels must be -1 or +1, got {y[np.abs(y) != 1][0]}")
    correlations = (f * y).mean(axis=1)
    limit = lower_mean_limit(correlations, -1.0, 1.0, confidence)
    return InformationLowerBound(
        value=_downwards(sign_information(limit, f.shape[1]), unit),
        confidence=confidence,
        observed=math.fsum(correlations.tolist()) / correlations.size,
        limit=limit,
        n_runs=correlations.size,
        method="Donsker-Varadhan, fair signs",
        checked=("every prediction is in [-1, 1]", "every label is -1 or +1"),
        assumed=(_RUNS, "labels are independent fair signs, independent of the inputs"),
        unit=unit,
    )


def bound_from_explained_noise(
    explained: ArrayLike, kept: int, n: int, *, confidence: float = 0.95, unit: Unit = "nats"
) -> InformationLowerBound:
    """Bound I(m; y | X) of a linear model from the noise that its chosen features explain.

    Parameters
    ----------
    explained : array_like, shape (n_runs,)
        ||P_m y||^2 of each run, for labels y that are fair signs: in [0, n].
    kept : int
        Number k >= 1 of weights that the mask keeps.
    n : int
        Number of samples, in [k, 2^1000].
    confidence : float
        In (0, 1).
    unit : {"nats", "bits"}

    Returns
    -------
    InformationLowerBound
        In `unit`, rounded down.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is outside its range.
    """
    x = as_float_array("explained", explained, ndim=1)
    k = _integer("kept", kept)
    n = check_integer("n", _integer("n", n), k)
    limit = _mean_limit("explained", x, 0.0, float(n), confidence)
    return InformationLowerBound(
        value=_downwards(explained_noise_information(limit, k), unit),
        confidence=confidence,
        observed=math.fsum(x.tolist()) / x.size,
        limit=limit,
        n_runs=x.size,
        method="Donsker-Varadhan, projected noise",
        checked=(f"every value is in [0, {n}]",),
        assumed=(_RUNS, "labels are independent fair signs, independent of the inputs", f"the masks keep {k} weights"),
        unit=unit,
    )


def noise_correlation(values: ArrayLike, mean: float, noise: ArrayLike) -> FloatArray | float:
    """Return (1/n) sum_i (f(x_i) - E f) z_i, the statistic of Section 6.2.

    Parameters
    ----------
    values : array_like, shape (n,) or (n_runs, n)
        f(x_i).
    mean : float
        E f over the distribution of the inputs (not over the sample).
    noise : array_like, shape of `values`
        z_i.

    Returns
    -------
    float or array, shape (n_runs,)
        One statistic for values (n,), one a run otherwise.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If the shapes differ, an argument is not finite, or a statistic leaves the range of doubles.
    """
    f = as_float_array("values", values, ndim=(1, 2))
    z = as_float_array("noise", noise, ndim=(1, 2))
    if f.shape != z.shape:
        raise ValueError(f"values and noise must have the same shape, got {f.shape} and {z.shape}")
    # In units in which differences, products and sums stay in the range of doubles.
    center = check_finite("mean", mean)
    exponents = max(size_exponent(f), size_exponent(np.array(center))) + 1, size_exponent(z)
    scaled = (scale(f, -exponents[0]) - math.ldexp(center, -exponents[0])) * scale(z, -exponents[1])
    result = scale(scaled.mean(axis=-1), exponents[0] + exponents[1])
    if not np.isfinite(result).all():
        raise ValueError("values, mean and noise must give a correlation within the range of doubles")
    return float(result) if f.ndim == 1 else result
