"""The exact threshold: how much a fit below the noise level must correlate with the noise, with nothing given away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import sympy as sp

from noprune_theory.bounds import (
    MaximalLeakage,
    Noise,
    Split,
    exact_threshold,
    lemma_4_exact_threshold,
    lemma_5_exact_threshold,
    net_class_at_split,
    noise_fluctuation,
)
from noprune_theory.verifier.exact_models import binomial_law
from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Sweep,
    Verdict,
)
from verification.facts.concentration import CHERNOFF, HOEFFDING, exponent_at_optimal_tilt

a, b, epsilon, n, t, kappa = sp.symbols("a b epsilon n t kappa", positive=True)
sigma2 = sp.Symbol("sigma^2", positive=True)
y, w, g, z, c, m, r = sp.symbols("y w g z c m r", real=True)
Z, R, C = sp.symbols("Z R C", real=True)  # means of z^2, (y - f)^2 and z (y - f)
mean_zf, mean_zg, level, tau = sp.symbols("F G s tau", real=True)

CAUCHY_SCHWARZ = Step(
    "mean z(y - f) ≤ √(v MSE): the mean of (az - (y - f))² is not negative at a = mean z(y - f)/v",
    (
        Obligation(
            "the discriminant; Z, R, C are the means of z², (y - f)² and z(y - f)",
            sp.Le(C**2, Z * R),
            Refutation(),
            (sp.Gt(Z, 0), sp.Ge(Z * (C / Z) ** 2 - 2 * (C / Z) * C + R, 0)),
        ),
        Obligation(
            "with a = √v, b = √s and MSE ≤ s: mean z(y - f) ≤ ab",
            sp.Le(C, a * b),
            Refutation(),
            (sp.Le(C**2, a**2 * R), sp.Le(R, b**2)),
        ),
        Obligation(
            "z(y - f) = z² + zg - zf with y = g + z", equation(z * (g + z - m), z**2 + z * g - z * m), Identity()
        ),
        Obligation(
            "so mean zf ≥ v + mean zg - √(vs)",
            sp.Ge(mean_zf, a**2 + mean_zg - a * b),
            Refutation(),
            (equation(C, a**2 + mean_zg - mean_zf), sp.Le(C, a * b)),
        ),
    ),
    rests_on=("expectation",),
)
ATTAINED = Step(
    "It is attained: f = (1 - √(s/v)) z on the samples, with g = 0",
    (
        Obligation("its MSE is s", equation(lambda: (1 - (1 - b / a)) ** 2 * a**2, lambda: b**2), Identity()),
        Obligation(
            "its correlation is v - √(vs)", equation(lambda: (1 - b / a) * a**2, lambda: a**2 - a * b), Identity()
        ),
    ),
    rests_on=("expectation",),
)


def tangent(factor: sp.Rational) -> Obligation:
    """Bound v - sqrt(v s) by its tangent in v, with the constant term s / (factor (1 - kappa))."""
    return Obligation(
        f"v - √(vs) ≥ κv - s/({factor}(1 - κ)), a = √v, b = √s",
        sp.Ge(a**2 - a * b, kappa * a**2 - b**2 / (factor * (1 - kappa))),
        Refutation(),
        (sp.Lt(kappa, 1),),
    )


def upper_end(sign: int) -> Obligation:
    """Bound U on [-1, 1] from above, for the component mean -sign."""
    return Obligation(
        f"U ≤ κ(1 {'-' if sign > 0 else '+'} g)² + 1 - g² for e = {-sign}",
        sp.Le(kappa * (y - g) ** 2 + (y - g) * (g + sign), kappa * (1 - sign * g) ** 2 + 1 - g**2),
        Refutation(),
        (*IN_BALL, sp.Ge(kappa, sp.Rational(1, 2)), sp.Le(kappa, 1)),
    )


IN_BALL = (sp.Le(y, 1), sp.Ge(y, -1), sp.Le(g, 1), sp.Ge(g, -1))


def span(longest: sp.Expr) -> Obligation:
    """Bound the length of the interval between the two ends."""
    return Obligation(
        f"κ(1 - g)² + 1 - g² + (1 + g)²/(4κ) ≤ {longest}",
        sp.Le(kappa * (1 - g) ** 2 + 1 - g**2 + (1 + g) ** 2 / (4 * kappa), longest),
        Refutation(),
        (sp.Le(g, 1), sp.Ge(g, -1), sp.Ge(kappa, sp.Rational(1, 2)), sp.Le(kappa, 1)),
    )


CONCENTRATION = Step(
    "U = κz² + z(g - e_l), e_l a sign: given x and l its range is at most 4κ long, its mean κ Var(y|x) in [0, κ]",
    (
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        upper_end(1),
        upper_end(-1),
        Obligation(
            "U ≥ -(1 + g)²/(4κ) for e = -1, completing the square",
            sp.Ge(kappa * (y - g) ** 2 + (y - g) * (g + 1), -((1 + g) ** 2) / (4 * kappa)),
            Refutation(),
        ),
        Obligation(
            "U ≥ -(1 - g)²/(4κ) for e = 1",
            sp.Ge(kappa * (y - g) ** 2 + (y - g) * (g - 1), -((1 - g) ** 2) / (4 * kappa)),
            Refutation(),
        ),
        span(4 * kappa),
        Obligation(
            "U for e = 0, Lemma 4's, is the mean of those for e = -1 and 1, and its range at most the mean of theirs",
            equation(
                lambda: kappa * (y - g) ** 2 + (y - g) * g,
                lambda: (kappa * (y - g) ** 2 + (y - g) * (g + 1)) / 2 + (kappa * (y - g) ** 2 + (y - g) * (g - 1)) / 2,
            ),
            Identity(),
        ),
        Obligation("Var(y|x) = E[y²|x] - g² ≤ 1", sp.Le(m - g**2, 1), Refutation(), (sp.Le(m, 1),)),
        Obligation(
            "variance proxy (4κ)²/4 + κ²/4",
            equation(lambda: (4 * kappa) ** 2 / 4 + kappa**2 / 4, lambda: sp.Rational(17, 4) * kappa**2),
            Identity(),
        ),
        exponent_at_optimal_tilt(sp.Rational(17, 4) * kappa**2),
        Obligation(
            "at deviation κt: exp(-2nt²/17)",
            equation(lambda: -n * (kappa * t) ** 2 / (2 * sp.Rational(17, 4) * kappa**2), lambda: -2 * n * t**2 / 17),
            Identity(),
        ),
        Obligation(
            "A = mean z(g - e_l) is linear in each e_l, so least at a sign: e between -1 and 1",
            sp.Ge(c - m * r, sp.Min(c - m, c + m)),
            Refutation(),
            (sp.Le(r, 1), sp.Ge(r, -1)),
        ),
    ),
    rests_on=("expectation", "conditioning", "independence", "union bound", "induction"),
)
BEST_TANGENT = Step(
    "At κ = 1 - √(s/v₀)/2, v₀ = σ² - t: κv₀ - s/(4(1 - κ)) = v₀ - √(v₀s), and 1/2 ≤ κ < 1 as long as t ≤ ε",
    (
        Obligation(
            "the value, a = √v₀, b = √s",
            equation(
                lambda: (1 - b / (2 * a)) * a**2 - b**2 / (4 * (b / (2 * a))),
                lambda: a**2 - a * b,
            ),
            Identity(),
        ),
        Obligation("κ ≥ 1/2", sp.Ge(1 - b / (2 * a), sp.Rational(1, 2)), Refutation(), (sp.Le(b, a),)),
        Obligation("κ < 1", sp.Lt(1 - b / (2 * a), 1, evaluate=False), Refutation()),
        Obligation(
            "mean U ≥ κ(σ² - t) and the tangent give X ≥ τ",
            sp.Ge(tau, kappa * a**2 - b**2 / (4 * (1 - kappa))),
            Refutation(),
            (sp.Ge(tau, m - b**2 / (4 * (1 - kappa))), sp.Ge(m, kappa * a**2), sp.Lt(kappa, 1)),
        ),
    ),
)
COMPARED = Step(
    "τ lies between (ε - t)/2, Lemma 4's threshold, and ε - t, and decreases in σ²",
    (
        Obligation("a² - ab ≥ (a² - b²)/2", sp.Ge(a**2 - a * b, (a**2 - b**2) / 2), Refutation()),
        Obligation("a² - ab ≤ a² - b² for b ≤ a", sp.Le(a**2 - a * b, a**2 - b**2), Refutation(), (sp.Le(b, a),)),
        Obligation(
            "(a² - b²)/(1 + b/a): the ratio s/v increases when both grow by r",
            sp.Ge((b**2 + r) * a**2, b**2 * (a**2 + r)),
            Refutation(),
            (sp.Ge(r, 0), sp.Le(b, a)),
        ),
    ),
)


def attained_check(name: str, threshold: float) -> ExactCheck:
    """Two-sample data sets of fair signs: threshold * tau against the correlation of every f on a grid."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        grid = np.linspace(-1.5, 1.5, 13)
        for (f1, f2), (z1, z2) in product(product(grid, repeat=2), product((-1.0, 1.0), repeat=2)):
            s = ((f1 - z1) ** 2 + (f2 - z2) ** 2) / 2
            if s < 1:
                tau_value = threshold * float(exact_threshold(1 - s))
                yield Comparison(f"f = ({f1:g}, {f2:g}), z = ({z1:g}, {z2:g})", tau_value, (f1 * z1 + f2 * z2) / 2)

    return ExactCheck(name, compare, of_claim=True, rounding=1e-15)


def failure(n_samples: int, p: float, margin: float, delta: float, rate: float) -> float:
    """Exact probability that v - sqrt(v s) + mean z (g - e) < tau for e = 1 or e = -1; labels +1 with probability p."""
    g_value, share = 2 * p - 1, np.arange(n_samples + 1) / n_samples
    variance = 1 - g_value**2
    gap = margin * variance
    s = variance - gap
    fluctuation = float(np.sqrt((np.log(2) - np.log(delta)) / (rate * n_samples)))
    threshold = float(exact_threshold(gap, variance, fluctuation)) if fluctuation < gap else 0.0
    mean_z = share * (1 - g_value) + (1 - share) * (-1 - g_value)
    v = share * (1 - g_value) ** 2 + (1 - share) * (1 + g_value) ** 2
    reached = v - np.sqrt(v * s) + mean_z * g_value - np.abs(mean_z)
    return float(binomial_law(n_samples, p)[reached < threshold - 1e-12].sum()) if threshold > 0 else 0.0


def failure_check(name: str, rate: float, allowed: float = 1.0) -> ExactCheck:
    """Compare that probability with allowed * delta, by binomials."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for n_samples, p, margin, delta in product(
            (50, 200, 1_000), (0.05, 0.2, 0.5, 0.8, 0.95), (0.5, 0.9, 1.0), (0.5, 0.1, 0.01)
        ):
            label = f"n = {n_samples}, P(y = 1) = {p}, ε = {margin}σ², δ = {delta}"
            yield Comparison(label, failure(n_samples, p, margin, delta, rate), allowed * delta)

    return ExactCheck(name, compare)


def simulate(rate: float) -> Sweep:
    """Two components, labels uniform around g(x): the event that some e in {-1, 1}^2 falls below tau."""
    n_samples, delta = 400, 0.2

    def count(rng: np.random.Generator, trials: int) -> int:
        happened = 0
        for first in range(0, trials, 1000):
            size = min(1000, trials - first)
            g_value = rng.uniform(-0.9, 0.9, (size, n_samples))
            labels = rng.integers(0, 2, (size, n_samples))
            width = 1 - np.abs(g_value)
            noise = width * rng.choice([-1.0, 1.0], (size, n_samples))
            variance = float(0.9**2 / 3 - 0.9 + 1)  # E (1 - |g|)^2 for |g| uniform on [0, 0.9]
            s = 0.1 * variance
            fluctuation = float(np.sqrt((2 * np.log(2) - np.log(delta)) / (rate * n_samples)))
            threshold = float(exact_threshold(variance - s, variance, min(fluctuation, variance - s)))
            v = np.mean(noise**2, axis=1)
            worst = sum(np.abs(np.sum(np.where(labels == part, noise, 0.0), axis=1)) for part in (0, 1)) / n_samples
            reached = v - np.sqrt(v * s) + np.mean(noise * g_value, axis=1) - worst
            happened += int(np.sum(reached < threshold))
        return happened

    return Sweep(f"P(some e has X < τ), two components, rate {rate:.3g}, n = {n_samples}", count, delta)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments."""
    variance = float(rng.uniform(0.05, 1))
    margin = variance * float(10 ** rng.uniform(-3, 0))
    return {"epsilon": margin, "sigma^2": variance, "t": margin * float(rng.uniform(0, 0.99))}


def sample_fluctuation(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments of the fluctuation."""
    return {
        "n": float(rng.integers(1, 10**6)),
        "k": float(rng.integers(1, 50)),
        "delta": float(10 ** rng.uniform(-9, -0.01)),
    }


def sample_failure(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments of Lemmas 4 and 5: a threshold that some fluctuation below epsilon leaves."""
    at = sample(rng)
    at["tau"] = float(exact_threshold(at["epsilon"], at["sigma^2"], at["t"]))
    return {"n": float(rng.integers(1, 2_000)), "k": float(rng.integers(1, 20)), **at}


# The v at which v - sqrt(v s) is tau.
REACHED = ((sp.sqrt(sigma2 - epsilon) + sp.sqrt(sigma2 - epsilon + 4 * tau)) / 2) ** 2
FOURTH = sp.exp(-2 * n * (sigma2 - REACHED) ** 2 / 17)


def sample_net(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments of the law that rounds the weights, fair signs and a centred class; r is the rounding."""
    return {
        "n": float(rng.integers(1, 10_000)),
        "d": float(rng.integers(1, 5_000)),
        "M": float(rng.integers(1, 3_000)),
        "W": float(10 ** rng.uniform(-1, 3)),
        "epsilon": float(rng.uniform(0.05, 0.99)),
        "r": float(rng.uniform(0.01, 0.9)),
    }


SHARE = 1e-12
# eta is the positive root of 2 eta sqrt(1 - epsilon) + eta^2 = r epsilon.
ROUNDED = sp.sqrt(1 - epsilon + sp.Symbol("r") * epsilon) - sp.sqrt(1 - epsilon)
NET_CLASS = (1 - sp.sqrt(1 - epsilon) - ROUNDED) * sp.sqrt(
    n
    * sp.Symbol("d")
    / (8 * (sp.Symbol("M") * sp.log(1 + sp.Symbol("W") / ROUNDED) - sp.log((1 - sp.Float(SHARE)) / 10)))
)

with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.Ge(sp.Symbol("X_f"), (sigma2 - t) - sp.sqrt((sigma2 - t) * (sigma2 - epsilon))),
        hypotheses=(
            sp.Le(sp.Symbol("MSE"), sigma2 - epsilon),
            equation(
                t, sp.sqrt(sp.Rational(17, 2) * (sp.Symbol("k") * sp.log(2) + sp.log(1 / sp.Symbol("delta"))) / n)
            ),
        ),
        words="X_f is the mean of z(f - e_l), e_l in [-1, 1] the mean of f on the component; labels in [-1, 1] with "
        "E[z | x, l] = 0. It holds for every f at once, outside an event of probability δ. For fair signs and e = 0 it "
        "holds surely with t = 0.",
    )

STATEMENT = Statement(
    id="sharp-threshold",
    title="The exact threshold of the correlation with the noise",
    source="Sharpens Lemmas 2 and 4 to 6 and Theorems 3 and 4",
    recorded=Verdict.HOLDS,
    claim=CLAIM,
    derivation=(
        CAUCHY_SCHWARZ,
        ATTAINED,
        Step("The tangent in v", (tangent(sp.Integer(4)),)),
        CONCENTRATION,
        BEST_TANGENT,
        COMPARED,
    ),
    exact=(
        attained_check("τ ≤ mean zf on all two-sample data sets of a grid (equality at f = az)", 1.0),
        failure_check("P(X < τ for some e) ≤ δ, labels ±1 with bias, by binomials", 2 / 17),
    ),
    sweeps=(simulate(2 / 17),),
    agreement=(
        NumericAgreement(
            "bounds.exact_threshold",
            lambda **at: float(exact_threshold(at["epsilon"], at["sigma^2"], at["t"])),
            (sigma2 - t) - sp.sqrt((sigma2 - t) * (sigma2 - epsilon)),
            sample,
        ),
        NumericAgreement(
            "bounds.noise_fluctuation",
            lambda n, k, delta: float(noise_fluctuation(int(n), int(k), delta)),
            sp.sqrt(sp.Rational(17, 2) * (sp.Symbol("k") * sp.log(2) - sp.log(sp.Symbol("delta"))) / n),
            sample_fluctuation,
        ),
        NumericAgreement(
            "bounds.lemma_4_exact_threshold",
            lambda **at: float(
                lemma_4_exact_threshold(int(at["n"]), at["epsilon"], at["tau"], noise=Noise(at["sigma^2"]))
            ),
            FOURTH,
            sample_failure,
        ),
        NumericAgreement(
            "bounds.lemma_5_exact_threshold",
            lambda **at: float(
                lemma_5_exact_threshold(
                    int(at["n"]), at["epsilon"], int(at["k"]), at["tau"], noise=Noise(at["sigma^2"])
                )
            ),
            sp.Min(1, 2 ** sp.Symbol("k") * FOURTH),
            sample_failure,
        ),
        NumericAgreement(
            "bounds.net_class_at_split",
            lambda n, d, M, W, epsilon, r: float(
                net_class_at_split(
                    int(n),
                    int(d),
                    1,
                    epsilon,
                    0.1,
                    1.0,
                    mask_size=int(M),
                    diameter=W,
                    parameter_lipschitz=1.0,
                    dependence=MaximalLeakage(0.0),
                    noise=Noise(signs=True),
                    centred=True,
                    moment_form=False,
                    split=Split(SHARE, r),
                )
            ),
            NET_CLASS,
            sample_net,
        ),
    ),
    faults=(
        PlantedFault("constant term s/(4(1 - κ)) shrunk to s/(5(1 - κ))", tangent(sp.Integer(5))),
        PlantedFault("range 4κ shrunk to 7κ/2", span(sp.Rational(7, 2) * kappa)),
        PlantedFault("τ raised by a tenth", attained_check("1.1 τ ≤ mean zf", 1.1)),
        PlantedFault("rate 2/17 raised to 40", failure_check("P ≤ δ with rate 40", 40.0)),
        PlantedFault("and simulated", simulate(40.0)),
    ),
    remarks=(
        "At ε = σ² = 1, interpolation, τ = 1 where Lemma 4 has 1/2; for small ε the two agree. Nothing better follows "
        "from the loss alone, since f = (1 - √(s/v)) z attains it.",
    ),
)
