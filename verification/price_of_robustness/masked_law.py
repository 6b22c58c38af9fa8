"""The law for pruned classifiers: what a fit below the noise level has as class stability, when a mask was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import product

import mpmath
import numpy as np
import sympy as sp

from noprune_theory.bounds import MaximalLeakage, class_stability_at_split, class_stability_law
from noprune_theory.verifier.exact_models import binomial_law
from noprune_theory.verifier.notation import Probability, equation, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events, Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Role,
    Statement,
    Step,
    Sweep,
    Verdict,
)
from verification.facts.concentration import CHERNOFF, HOEFFDING
from verification.no_free_prune import lemma_1, theorem_2
from verification.price_of_robustness import theorem_13
from verification.price_of_robustness.steps import (
    CENTRED_MGF,
    CENTRED_PROXY,
    RAMP,
    SIGNED_CONVEX,
    SIGNED_DOUBLE,
    TENT_MEAN,
    TENT_MGF,
    TENT_TAIL,
    centred_middle,
)

n, d, c, epsilon, delta, S, s, ell = sp.symbols("n d c epsilon delta S s ell", positive=True)
theta, phi, t, u, w, E, N, share = sp.symbols("theta phi t u w E N q", positive=True)
kappa = sp.Symbol("kappa", positive=True)
p_eff = sp.Symbol("p_eff", nonnegative=True)
y, f, F, EF, mean_u, mean_y, mean_t, tent, mean_tent = sp.symbols("y f F EF U Y T tau mu", real=True)
fits, labels, smooth, tents, bad = (event(name) for name in ("M", "Y", "U", "T", "B"))


def split(cost: sp.Rational) -> Obligation:
    """Collect what a fit needs: U, Y and T are the deviations of means, mu the mean of the tent."""
    return Obligation(
        "2ε ≤ U + t + T + μ; U and Y deviations of the means of y(F - EF) and y, T the sample mean of the tent",
        sp.Le(2 * epsilon, mean_u + t + cost * (mean_t + mean_tent)),
        Refutation(),
        (
            sp.Le(2 * epsilon, mean_u + EF * mean_y + mean_t + mean_tent),
            sp.Le(sp.Abs(mean_y), t),
            sp.Le(sp.Abs(EF), 1),
            sp.Ge(mean_t + mean_tent, 0),
        ),
    )


SPLIT = Step(
    "R^(f) ≤ R* - ε ≤ R(f) - ε: twice the gap is mean yf - E yf, and yf differs from yF by at most the tent",
    (
        Obligation(
            "y f ≤ yF + T and ≥ yF - T",
            sp.And(sp.Le(y * f, y * F + tent), sp.Ge(y * f, y * F - tent)),
            Refutation(),
            (sp.Le(sp.Abs(f - F), tent), equation(y**2, 1)),
        ),
        Obligation("yF = y(F - EF) + y EF", equation(y * F, y * (F - EF) + y * EF), Identity()),
        split(sp.S.One),
    ),
    rests_on=("expectation",),
)
LABELS = Step(
    "|mean y - Ey| ≤ t = √(2 log(2/δ₁)/n) with probability 1 - δ₁ (Hoeffding, interval of length 2)",
    (
        *HOEFFDING.obligations,
        *CHERNOFF.obligations,
        Obligation(
            "nt²/(2 · 2²/4) = log(2/δ₁), E for log(2/δ₁)",
            equation(lambda: n * sp.sqrt(2 * E / n) ** 2 / (2 * sp.Integer(4) / 4), lambda: E),
            Identity(),
        ),
    ),
    rests_on=("expectation", "independence", "union bound"),
)
omega = ell / (theta * s)
tilt = s**2 * theta * phi


def smooth_exponent(proxy: sp.Expr) -> Obligation:
    """Chernoff's exponent of the mean of y(F - EF)."""
    return Obligation(
        "nu²/(2κω²) = E at u = ω√(2κE/n), ω = ℓ/(θs)",
        equation(lambda: n * (omega * sp.sqrt(2 * proxy * E / n)) ** 2 / (2 * kappa * omega**2), lambda: E),
        Identity(),
    )


FIXED = Step(
    "At a fixed classifier each of {U ≥ u} and {T ≥ w} has probability at most exp(-E): u = ω√(2κE/n), w = (E/n + "
    "log M)/λ",
    (
        *CHERNOFF.obligations,
        smooth_exponent(kappa),
        Obligation(
            "n(λw - log M) = E (b for log M)",
            equation(lambda: n * (tilt * ((E / n + u) / tilt) - u), lambda: E),
            Identity(),
        ),
        Obligation(
            "y(F - EF) is at most |F - EF| in size", sp.Le(sp.Abs(y * F), sp.Abs(F)), Refutation(), (equation(y**2, 1),)
        ),
    ),
    rests_on=("expectation", "independence"),
)
COUNT = Step(
    "At a fixed mask the union over its N classifiers has probability at most 2N exp(-E) = exp(-R) at E = R + log N "
    "+ log 2; the event that matters depends on the learner through the mask alone",
    (
        Obligation(
            "2N exp(-(R + log N + log 2)) = exp(-R), t for R",
            equation(lambda: 2 * N * sp.exp(-(t + sp.log(N) + sp.log(2))), lambda: sp.exp(-t)),
            Identity(),
        ),
    ),
    rests_on=("conditioning", "union bound"),
)
COLLECT = Step(
    "With R the exponent that the dependence asks for at δ₂ and δ₁ + δ₂ = δ, no classifier of the kept masks that "
    "fits has S(f) ≥ S, once 2ε ≥ t + u + w + ET",
    (
        Obligation(
            "P(M) ≤ δ",
            sp.Le(Probability(fits), delta),
            Events(),
            (
                sp.Implies(fits, sp.Or(labels, bad)),
                sp.Le(Probability(labels), share * delta),
                sp.Le(Probability(bad), (1 - share) * delta),
            ),
        ),
    ),
    rests_on=("continuity",),
)
MASK = (
    lemma_1.CHANGE_OF_MEASURE,
    lemma_1.EVENT_BOUND,
    lemma_1.CLOSED_FORM,
    theorem_2.LEAKAGE,
    theorem_2.SIBSON,
    theorem_2.DENSITY,
)


def pointwise(name: str, cost: Fraction) -> ExactCheck:
    """Twice the gap of every classifier of two samples on a line, against U + |Y| + T + μ, in fractions.

    Three points with equal masses carry random label probabilities; F is the ramp, everything is a finite sum.
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(5)
        for model in range(min(profile.random_models, 40)):
            points = [Fraction(int(v)) for v in np.sort(rng.choice(20, 3, replace=False))]
            chance = [Fraction(int(v), 6) for v in rng.integers(0, 7, 3)]
            means = [2 * q - 1 for q in chance]
            for row in list(product((-1, 1), repeat=3))[1:-1]:
                margin = [
                    min(abs(a - b) for b, other in zip(points, row, strict=True) if other != own)
                    for a, own in zip(points, row, strict=True)
                ]
                width = sum(margin, Fraction(0)) / 3 * Fraction(2, 3)
                ramp = [own * min(Fraction(1), h / width) for own, h in zip(row, margin, strict=True)]
                tents_here = [max(Fraction(0), 1 - h / width) for h in margin]
                centre = sum(ramp, Fraction(0)) / 3
                i, j = (int(v) for v in rng.integers(0, 3, 2))
                y1, y2 = (int(v) for v in rng.choice((-1, 1), 2))
                gap = (
                    Fraction(y1 * row[i] + y2 * row[j], 2)
                    - sum((m * v for m, v in zip(means, row, strict=True)), Fraction(0)) / 3
                )
                part_u = (y1 * (ramp[i] - centre) + y2 * (ramp[j] - centre)) / 2 - sum(
                    (m * (v - centre) for m, v in zip(means, ramp, strict=True)), Fraction(0)
                ) / 3
                part_y = abs(Fraction(y1 + y2, 2) - sum(means, Fraction(0)) / 3)
                allowed = (
                    part_u + part_y + cost * ((tents_here[i] + tents_here[j]) / 2 + sum(tents_here, Fraction(0)) / 3)
                )
                if gap > 0:
                    yield Comparison(f"model {model}, {row}", gap, allowed)

    return ExactCheck(name, compare)


def centred_growth(name: str, proxy: float) -> ExactCheck:
    """Compare log E exp(u(U - EU)) with proxy u²/2 for U = -|Y| below a threshold and |Y| above it."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        edges = np.sqrt(2 * (np.log(2) - np.log(np.linspace(1, 1e-6, 4_000))))
        masses = -np.diff(2 * np.exp(-(edges**2) / 2))
        masses, values = masses / masses.sum(), edges[:-1]
        for tilt_value, quantile in product((0.1, 0.3, 0.75, 1.0, 2.0), (0.0, 0.5, 0.8, 0.9)):
            signed = np.where(np.cumsum(masses) >= quantile, values, -values)
            growth = float(np.log(masses @ np.exp(tilt_value * signed)) - tilt_value * (masses @ signed))
            yield Comparison(f"u = {tilt_value}, threshold at {quantile}", growth, proxy * tilt_value**2 / 2)

    return ExactCheck(name, compare)


@lru_cache(maxsize=8)
def coordinate_bound(size: int, dimension: int, margin: float, failure: float) -> float:
    """Return the law's S√d for masks that keep one coordinate of N(0, I/d): two classifiers ±sgn(x_j) a mask."""
    found = class_stability_law(
        size, dimension, margin, failure, 1.0, log_count=np.log(2), dependence=MaximalLeakage(np.log(dimension))
    )
    return float(found.stability) * dimension**0.5


def best_coordinate(name: str, shrunk: float) -> ExactCheck:
    """Fair labels, the mask that fits best: where P(risk ≤ 1/2 - ε) > δ exactly, compare S√d with bound/shrunk.

    The agreements of the d coordinates are independent binomials, and every classifier has S√d = √(2/π).
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        failure = 0.4
        for size, dimension, margin in ((400, 2**14, 0.09), (1_000, 2**12, 0.05), (4_000, 2**8, 0.02), (400, 64, 0.05)):
            law = binomial_law(size, 0.5)
            single = float(law[: int(size * (0.5 - margin)) + 1].sum())
            fit = float(-np.expm1(dimension * np.log1p(-2 * single)))
            if fit > failure:
                bound = coordinate_bound(size, dimension, margin, failure) / shrunk
                label = f"n = {size}, d = {dimension}, ε = {margin}, P(fit) = {fit:.3f}"
                yield Comparison(label, float(np.sqrt(2 / np.pi)), bound)

    return ExactCheck(name, compare, of_claim=True)


def simulate(shrunk: float) -> Sweep:
    """Draw agreements of all coordinates with fair labels; the learner keeps the best one."""
    size, dimension, margin, failure = 400, 256, 0.065, 0.5

    def count(rng: np.random.Generator, trials: int) -> int:
        bound = coordinate_bound(size, dimension, margin, failure)
        if np.sqrt(2 / np.pi) < bound / shrunk:
            return 0
        happened = 0
        for first in range(0, trials, 500):
            wrong = rng.binomial(size, 0.5, (min(500, trials - first), dimension))
            happened += int(np.sum(np.minimum(wrong, size - wrong).min(axis=1) <= size * (0.5 - margin)))
        return happened

    name = "P(fit and S at the bound), the best of 256 coordinates, fair labels"
    return Sweep(name if shrunk == 1 else f"{name}, bound over {shrunk:g}", count, failure)


def twice_epsilon(
    n: float, d: float, epsilon: float, delta: float, c: float, p: float, theta: float, q: float
) -> float:
    """Return t + u + w + E T at the S of the library, in 50 digits: it has to be 2ε."""
    stability = class_stability_at_split(
        int(n), int(d), epsilon, delta, c, log_count=p, dependence=MaximalLeakage(0.0), share=q, theta=theta
    )
    with mpmath.workdps(50):
        size, x = mpmath.mpf(n), mpmath.mpf(float(stability)) * mpmath.sqrt(mpmath.mpf(d) / mpmath.mpf(c))
        r, psi = mpmath.mpf(theta), 1 - mpmath.mpf(theta)
        first, second = mpmath.mpf(q) * mpmath.mpf(delta), (1 - mpmath.mpf(q)) * mpmath.mpf(delta)
        cost = (mpmath.mpf(p) - mpmath.log(second) + mpmath.log(2)) / size
        moment = 1 + mpmath.sqrt(2 * mpmath.pi) * x * psi * mpmath.exp(-((x * psi) ** 2) / 2) * mpmath.erf(
            x * r / mpmath.sqrt(2)
        )
        tent_mean = (
            mpmath.sqrt(2 * mpmath.pi)
            / (x * r)
            * (mpmath.erf(x / mpmath.sqrt(2)) - mpmath.erf(x * psi / mpmath.sqrt(2)))
        )
        spent = mpmath.sqrt(2 * mpmath.log(2 / first) / size)
        rising = mpmath.sqrt(mpmath.mpf(61) / 5 * cost) / (r * x)
        return float(spent + rising + (cost + mpmath.log(moment)) / (x * x * r * psi) + min(tent_mean, mpmath.mpf(1)))


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments that leave something of 2ε."""
    margin = float(rng.uniform(0.1, 0.9))
    return {
        "epsilon": margin,
        "n": float(np.ceil(rng.uniform(20, 500) / margin**2)),
        "d": float(rng.integers(1, 5_000)),
        "delta": float(rng.uniform(0.01, 0.5)),
        "c": float(rng.uniform(0.3, 4)),
        "p": float(10 ** rng.uniform(0, 5)),
        "theta": float(rng.uniform(0.2, 0.9)),
        "q": float(rng.uniform(0.1, 0.9)),
    }


with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.Ge(
            Probability(sp.Implies(sp.Symbol("R^(f^W) <= R* - epsilon"), sp.Lt(sp.Symbol("S(f^W)"), S))), 1 - delta
        ),
        hypotheses=(
            sp.Ge(
                2 * epsilon,
                sp.sqrt(2 * sp.log(2 / sp.Symbol("delta_1", positive=True)) / n)
                + ell / (theta * s) * sp.sqrt(sp.Rational(61, 5) * (p_eff + sp.log(2)) / n)
                + ((p_eff + sp.log(2)) / n + sp.log(sp.Symbol("M", positive=True))) / (s**2 * theta * (1 - theta))
                + sp.Symbol("E[T]", nonnegative=True),
            ),
            equation(p_eff, sp.log(N) + sp.Symbol("R", nonnegative=True)),
            equation(s, S * sp.sqrt(d / c)),
        ),
        words="W = (mask, weights) learned from n samples, x c-isoperimetric, labels ±1; at most N classifiers a "
        "mask, all of risk at least R*; ℓ = 1 in a convex domain, 2 in any; θ in (0, 1); M and E T as in the steps. "
        "R is the exponent of the dependence at δ₂ = δ - δ₁: (I(m; D) + h(δ₂))/δ₂ for mutual information, leakage + "
        "log(1/δ₂), Sibson's information + (a/(a-1)) log(1/δ₂), or the information density. For f = sgn(g), "
        "S*(g)/L(g) in place of S with ℓ = 1, N = (1 + WJ/(ρθS*))^size and 2ρ more on the right.",
    )

STATEMENT = Statement(
    id="masked-law",
    title="The law for pruned classifiers",
    source="Ours; combines Theorem 4 of No Free Prune with Corollary 6",
    recorded=Verdict.HOLDS,
    claim=CLAIM,
    derivation=(
        replace(RAMP, role=Role.PRINTED),
        SIGNED_CONVEX,
        SIGNED_DOUBLE,
        TENT_TAIL,
        TENT_MGF,
        TENT_MEAN,
        CENTRED_MGF,
        SPLIT,
        LABELS,
        FIXED,
        COUNT,
        replace(theorem_13.CLIPPED, role=Role.OURS),
        theorem_13.ROUNDED,
        theorem_2.NET_INSIDE_MASK,
        *MASK,
        COLLECT,
    ),
    exact=(
        pointwise("gap of the means ≤ U + |Y| + T + μ, classifiers on a line, in fractions", Fraction(1)),
        centred_growth("log E exp(u(U - EU)) ≤ 61u²/20 on threshold laws", float(CENTRED_PROXY)),
        best_coordinate("S of the best coordinate ≤ bound where P(fit) > δ, by binomials", 1.0),
    ),
    sweeps=(simulate(1.0),),
    agreement=(
        NumericAgreement("bounds.class_stability_at_split, its S uses up 2ε", twice_epsilon, 2 * epsilon, sample),
    ),
    faults=(
        PlantedFault("κ = 6", centred_middle(sp.Integer(6))),
        PlantedFault("κ = 18/5 on threshold laws", centred_growth("log E exp(u(U - EU)) ≤ 9u²/5", 3.6)),
        PlantedFault("the tent counted half", pointwise("gap ≤ U + |Y| + (T + μ)/2", Fraction(1, 2))),
        PlantedFault("half of the tent's cost in the split", split(sp.Rational(1, 2))),
        PlantedFault("bound divided by 20", best_coordinate("S ≤ bound/20 where P(fit) > δ", 20.0)),
        PlantedFault("divided by 100 and simulated", simulate(100.0)),
    ),
    remarks=(
        "For small ε and p_eff far above nε² log(1/ε), S is about (√(κ/2)/ε)√(c p_eff/(nd)), 1.75/ε where Corollary "
        "6 has 3K/ε = 20.9/ε; no condition ties p to n. Random masks pay for the count per mask alone.",
    ),
)
