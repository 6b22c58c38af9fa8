"""Theorem 1: the law of robustness of Bubeck and Sellke, for a class with p real parameters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import sympy as sp

from noprune_theory.bounds import Constants, theorem_1, theorem_1_order, theorem_4_condition
from noprune_theory.verifier.exact_models import SignModel
from noprune_theory.verifier.notation import LipschitzConstant, MeanSquareError, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Events, Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
    Without,
)
from verification.facts import small_noise
from verification.facts.concentration import NOISE_PRODUCT, SHARP_AVERAGE, WORST_NOISE
from verification.no_free_prune import lemma_2, lemma_5, theorem_4

n, d, k, c, epsilon, delta, p, L, sigma, order = sp.symbols("n d k c epsilon delta p L sigma kappa", positive=True)
W, J, q, points = sp.symbols("W J q N", positive=True)
log_net = sp.Symbol("ell", nonnegative=True)
f = sp.Symbol("f")
first, second, third = event("E_1"), event("E_2"), event("E_3")


def printed_bound() -> sp.Expr:
    """Return the printed right-hand side."""
    return epsilon / sigma * sp.sqrt(n * d / p)


def explicit_bound() -> sp.Expr:
    """Return the right-hand side with every constant."""
    return epsilon / 4 * sp.sqrt(n * d / (8 * c * (p * sp.log(1 + 8 * W * J / epsilon) + sp.log(2 / delta))))


UNION = Step(
    "P(some net point correlates with the noise by ε/4) ≤ N q, N ≤ (1 + 8WJ/ε)^p and q = exp(-(ε/4)² nd/(8cL²)): no "
    "learner, hence no information and no 1/δ",
    (
        Obligation(
            "two events, more by induction",
            sp.Le(Probability(sp.Or(first, second)), 2 * q),
            Events(),
            (sp.Le(Probability(first), q), sp.Le(Probability(second), q)),
        ),
    ),
    role=Role.OURS,
    rests_on=("induction",),
)


LOG_TWO_OVER_DELTA = theorem_4.log_positive(sp.Integer(2))


def radius(share: sp.Rational) -> Obligation:
    """Solve p ell - (share eps)^2 n d/(8 c L^2) = log(delta/2) for L."""
    squared = (epsilon / 4) ** 2 * n * d / (8 * c * (p * log_net + sp.log(2 / delta)))
    return Obligation(
        f"(ε·{share})² nd/(8cL²) = pℓ + log(2/δ) at the stated L, ℓ = log(1 + 8WJ/ε)",
        equation(lambda: (share * epsilon) ** 2 * n * d / (8 * c * squared), p * log_net + sp.log(2 / delta)),
        Identity(),
        (sp.Lt(delta, 1), instance(LOG_TWO_OVER_DELTA)),
    )


RADIUS = Step("Nq ≤ δ/2 at the stated L", (LOG_TWO_OVER_DELTA, radius(sp.Rational(1, 4))), role=Role.OURS)
EXPLICIT = (
    theorem_4.SHARP_NET,
    theorem_4.NORM_ROUNDING,
    lemma_5.REDRAW,
    lemma_2.SIGN_VECTORS,
    lemma_2.SIGN_CONCENTRATION,
    theorem_4.CONCENTRATION_HALF,
    WORST_NOISE,
    NOISE_PRODUCT,
    SHARP_AVERAGE,
    UNION,
    RADIUS,
    theorem_4.UNION,
)


def order_form(exponent: int) -> Obligation:
    """State that the explicit bound is a constant and a logarithm away from eps sqrt(nd/p)."""
    return Obligation(
        "pℓ + κ ≤ p(ℓ + κ) for p ≥ 1, κ = log(2/δ): Lip ≥ (ε/4) √(nd/p)/√(8c(ℓ + κ))",
        sp.Le(p * log_net + order, p**exponent * (log_net + order)),
        Refutation(),
        (sp.Ge(p, 1),),
    )


ORDER = Step(
    "With probability 1 - δ over the data, for all f at once: MSE(f) ≤ σ² - ε implies Lip(f) ≥ Ω~(ε √(nd/p)), from "
    "the explicit form below",
    (order_form(1),),
)
growth = sp.Symbol("K", positive=True)  # 1/2 + log(4n/log 2)/3


def noise_radius(factor: int) -> Obligation:
    """Solve p ell - (eps/4)^2 n d/(factor c K sigma^2 L^2) = log(delta/8) for L."""
    squared = (epsilon / 4) ** 2 * n * d / (24 * c * growth * sigma**2 * (p * log_net + sp.log(8 / delta)))
    return Obligation(
        f"(ε/4)² nd/({factor}cKσ²L²) = pℓ + log(8/δ) at L = (ε/(4σ)) √(nd/(24cK(pℓ + log(8/δ))))",
        equation(
            lambda: (epsilon / 4) ** 2 * n * d / (factor * c * growth * sigma**2 * squared),
            p * log_net + sp.log(8 / delta),
        ),
        Identity(),
        (sp.Lt(delta, 1), instance(LOG_EIGHT_OVER_DELTA)),
    )


LOG_EIGHT_OVER_DELTA = theorem_4.log_positive(sp.Integer(8))
ONE_OVER_SIGMA = Step(
    "and even Ω~((ε/σ) √(nd/p)): Lip(f) ≥ (ε/(4σ)) √(nd/(24cK(p log(1 + 8WJ/ε) + log(8/δ)))) with K = 1/2 + "
    "log(4n/log 2)/3, as the average of (f - E f) z over the sample exceeds ε/4 with probability at most 2 "
    "exp(-(ε/4)² nd/(24cL²Kσ²)) on the event that Σ z² + 2s² ≤ 6nσ²",
    (
        *theorem_4.SHARP_NET.obligations,
        *theorem_4.NORM_ROUNDING.obligations,
        *lemma_5.REDRAW.obligations,
        *lemma_2.SIGN_VECTORS.obligations,
        *lemma_2.SIGN_CONCENTRATION.obligations,
        *theorem_4.CONCENTRATION_HALF.obligations,
        *small_noise.SELF_NORMALISED.obligations,
        *small_noise.LARGE.obligations,
        *small_noise.TAIL.obligations,
        *small_noise.COUNT.obligations,
        small_noise.exponent(24),
        *small_noise.SMALL_SUM.obligations,
        *UNION.obligations,
        LOG_EIGHT_OVER_DELTA,
        noise_radius(24),
        Obligation(
            "N · 2q = δ/4 at N = exp(pℓ), q = exp(-pℓ - log(8/δ))",
            equation(lambda: sp.exp(p * log_net) * 2 * sp.exp(-p * log_net - sp.log(8 / delta)), lambda: delta / 4),
            Identity(),
        ),
        Obligation(
            "the concentration, the sum of squares and the net fail with probability at most δ/2 + δ/4 + δ/4",
            sp.Le(Probability(sp.Or(first, second, third)), delta),
            Events(),
            (
                sp.Le(Probability(first), delta / 2),
                sp.Le(Probability(second), delta / 4),
                sp.Le(Probability(third), delta / 4),
            ),
        ),
        Obligation(
            "24cK(pℓ + log(8/δ)) ≤ 24cK(ℓ + κ)p for p ≥ 1, κ = log(8/δ): a constant and logarithms away from "
            "(ε/σ) √(nd/p)",
            sp.Le(24 * c * growth * (p * log_net + order), 24 * c * growth * (log_net + order) * p),
            Refutation(),
            (sp.Ge(p, 1),),
        ),
    ),
    rests_on=tuple(
        dict.fromkeys(
            rule
            for step in (
                theorem_4.SHARP_NET,
                theorem_4.NORM_ROUNDING,
                lemma_5.REDRAW,
                lemma_2.SIGN_VECTORS,
                lemma_2.SIGN_CONCENTRATION,
                theorem_4.CONCENTRATION_HALF,
                small_noise.SELF_NORMALISED,
                small_noise.TAIL,
                small_noise.COUNT,
                small_noise.SMALL_SUM,
                UNION,
            )
            for rule in step.rests_on
        )
    ),
)


def linear_and_constant(name: str, slowdown: float) -> ExactCheck:
    """P(some w x or w as smooth as the bound fits) in the sign model (p = 1, W = 2, J = 1), by binomials.

    At the smallest n of the condition divided by slowdown; log(1/delta) is compared with -log P, because P is tiny.
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        for margin, failure in product((0.2, 0.5, 0.9), (0.01, 0.1, 0.5)):
            required = int(np.ceil(float(theorem_4_condition(1, failure, Constants.SHARP)) / margin**2))
            size = int(np.ceil(required / slowdown))
            bound = float(theorem_1(required, 1, 1, margin, failure, SignModel.isoperimetry, 1, 2.0, 1.0))
            bound *= (size / required) ** 0.5
            slope = min(bound, margin**0.5)
            model = SignModel(size, 1.0)
            sloped = model.tail(size * (margin + slope**2) / (2 * slope))
            probability = sloped + model.tail(size * margin**0.5)
            if size <= 100 * profile.largest_n and probability > 0:
                label = f"n = {size}, ε = {margin}, δ = {failure}"
                yield Comparison(label, -float(np.log(failure)), -float(np.log(probability)))

    return ExactCheck(name, compare, of_claim=True)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw arguments that meet the condition on n."""
    components, margin, failure = float(rng.integers(1, 6)), float(rng.uniform(0.05, 1)), float(rng.uniform(1e-4, 0.99))
    required = 136 * ((components + 1) * np.log(2) - np.log(failure)) / margin**2
    return {
        "n": float(np.ceil(required * rng.uniform(1.01, 50))),
        "d": float(rng.integers(1, 10_000)),
        "k": components,
        "epsilon": margin,
        "delta": failure,
        "c": float(rng.uniform(0.3, 5)),
        "p": float(rng.integers(1, 10**6)),
        "W": float(10 ** rng.uniform(-3, 4)),
        "J": float(10 ** rng.uniform(-3, 4)),
    }


def explicit(claim: sp.Expr) -> NumericAgreement:
    """Compare `bounds.theorem_1` with an expression."""

    def function(**v: float) -> float:
        return float(theorem_1(v["n"], v["d"], v["k"], v["epsilon"], v["delta"], v["c"], v["p"], v["W"], v["J"]))

    return NumericAgreement("bounds.theorem_1", function, claim, sample)


def order_agreement(claim: sp.Expr) -> NumericAgreement:
    """Compare `bounds.theorem_1_order` with an expression."""
    return NumericAgreement(
        "bounds.theorem_1_order",
        lambda **v: float(theorem_1_order(v["n"], v["d"], v["epsilon"], v["sigma"], v["p"])),
        claim,
        lambda rng: {**sample(rng), "sigma": float(rng.uniform(0.01, 1))},
    )


with sp.evaluate(False):  # shown as written
    CONDITION = sp.Ge(n * epsilon**2, 136 * ((k + 1) * sp.log(2) + sp.log(1 / delta)))
    fitted = sp.Le(MeanSquareError(f), sigma**2 - epsilon)
    PRINTED = sp.Ge(Probability(sp.Implies(fitted, sp.Ge(LipschitzConstant(f), printed_bound()))), 1 - delta)
    EXPLICIT_CLAIM = sp.Ge(Probability(sp.Implies(fitted, sp.Ge(LipschitzConstant(f), explicit_bound()))), 1 - delta)

STATEMENT = Statement(
    id="theorem-1",
    title="The law of robustness of Bubeck and Sellke",
    source="Section 2, Theorem 1",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=PRINTED,
        words="Up to constants and logarithms, for all functions f of a class with p parameters at once (Lipschitz "
        "parametrisation of polynomial size), under A1 and A2; σ² is the noise level.",
    ),
    derivation=(ORDER, ONE_OVER_SIGMA),
    exact=(small_noise.normalised_models("E exp(λgz - λ²vK(z² + 2s²)) ≤ 1 + 4 exp(3/2 - 3K) on finite laws"),),
    agreement=(order_agreement(printed_bound()),),
    faults=(
        PlantedFault("exp(x - x²/6) ≤ 1 + x + x²/4", small_noise.self_normalised(sp.Rational(1, 4))[0]),
        PlantedFault("K twenty times smaller", small_noise.normalised_models("K/20 in the exponent", 1 / 20)),
        PlantedFault("half of the exponent forgotten", small_noise.exponent(12)),
        PlantedFault("radius with 12 in place of 24", noise_radius(12)),
        PlantedFault("order form without p under the root", order_form(0)),
        PlantedFault("order form against ε √(nd/p)", order_agreement(epsilon * sp.sqrt(n * d / p))),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=EXPLICIT_CLAIM,
            hypotheses=(CONDITION,),
            words="For all f at once, every constant spelled out; parameters in a set of diameter at most W, ||f_w - "
            "f_w'||_inf ≤ J ||w - w'|| on the support of x, k components, each c-isoperimetric in dimension d. There "
            "is no 1/σ.",
            without=(
                Without(CONDITION, linear_and_constant("P(a smooth function fits) ≤ δ, n 160 times smaller", 160.0)),
            ),
        ),
        derivation=EXPLICIT,
        exact=(linear_and_constant("P(a smooth function of the sign model fits) ≤ δ, in exponents", 1.0),),
        agreement=(explicit(explicit_bound()),),
        faults=(
            PlantedFault("threshold ε/5 instead of ε/4", radius(sp.Rational(1, 5))),
            PlantedFault("rounding loses an eighth of ε only", theorem_4.norm_rounding(sp.Rational(1, 8))),
            PlantedFault("concentration at rate 1/150", theorem_4.concentration_half(150)),
            PlantedFault(
                "condition on n 160 times weaker",
                linear_and_constant("P(a smooth function fits) ≤ δ, fewer samples", 160.0),
            ),
            PlantedFault("agreement with (ε/8) in front", explicit(explicit_bound() / 2)),
        ),
    ),
    remarks=(
        "The law without 1/σ is proved with constants by a union over the net, which is the case of a fixed mask of "
        "Theorem 4.",
        "The factor 1/σ needs tails that know the variance of the noise, which may depend on the covariate: the paper "
        "gives no proof of it. Self-normalised exponentials give it at the price of a logarithm of n.",
    ),
)
