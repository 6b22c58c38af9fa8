"""The repaired, sharper proof: the mask is kept and the rounding starts from σ² - ε."""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import Expectation, MutualInformation, Norm, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Balls, Events, Identity, Refutation
from noprune_theory.verifier.statement import Role, Step
from verification.no_free_prune import lemma_1, lemma_3
from verification.no_free_prune.theorem_4.printed import SEPARATION
from verification.no_free_prune.theorem_4.symbols import (
    D,
    J,
    L,
    W,
    a,
    b,
    c,
    d,
    delta,
    entropy_half,
    epsilon,
    f,
    f_net,
    information,
    k,
    kept,
    m,
    n,
    p_eff,
    radius,
    ratio,
    sigma2,
    v,
    y,
)

KEEP_MASK = Step(
    "Keep the mask: if Lip(f^W) ≤ L replace the weights by a net point of W_{m,L} for the same mask m = m^W, "
    "otherwise by any net point (the zero function if there is none). Then W' has the mask of W and I({X_t}; W') ≤ "
    "p_eff",
    lemma_3.SHORTCUT.obligations,
    expression=sp.Le(
        MutualInformation(sp.Symbol("X"), sp.Symbol("W'")),
        MutualInformation(m, D) + Expectation(Norm(m)) * sp.log(1 + 8 * W * J / epsilon),
    ),
    role=Role.OURS,
    rests_on=("conditioning", "partitions"),
)
SHARP_NET = Step(
    "The net has at most (1 + 8WJ/ε)^{||m||₁} points: the disjoint balls fill a set of diameter W + r, whose volume "
    "is at most that of the ball of that diameter",
    (
        *SEPARATION,
        Obligation(
            "N (r/2)^κ ≤ ((W + r)/2)^κ, that is N ≤ (1 + W/r)^κ",
            sp.Eq((((W + radius) / 2) / (radius / 2)) ** kept, (1 + W / radius) ** kept, evaluate=False),
            Identity(),
        ),
        Obligation(
            "W/r = 8WJ/ε at r = ε/(8J)",
            equation(lambda: W / (epsilon / (8 * J)), lambda: 8 * W * J / epsilon),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("volume", "isodiametric"),
)


def norm_rounding(loss: sp.Rational) -> Obligation:
    """Round in the Euclidean norm; a, b are the roots of the two mean square errors."""
    return Obligation(
        f"MSE(f) ≤ σ² - ε gives MSE(f') ≤ σ² - ε + {loss} ε",
        sp.Le(b**2, sigma2 - epsilon + loss * epsilon),
        Refutation(),
        (
            sp.Le(b, a + epsilon / 8),
            sp.Le(a**2, sigma2 - epsilon),
            sp.Le(sigma2, 1),
            sp.Le(epsilon, 1),
        ),
    )


NORM_ROUNDING = Step(
    "Round in the norm: √MSE moves by at most ε/8 and σ² ≤ 1, so MSE ≤ σ² - ε becomes MSE ≤ σ² - 3ε/4",
    (
        Obligation(
            "|v| ≤ (v²/a + a)/2, so the mean of |f - y| is at most a = √MSE",
            sp.Le(sp.Abs(v), (v**2 / L + L) / 2),
            Refutation(),
        ),
        Obligation(
            "(f' - y)² ≤ (|f - y| + ε/8)², averaged: MSE' ≤ a² + 2aε/8 + (ε/8)² = (a + ε/8)²",
            sp.Le((f_net - y) ** 2, (sp.Abs(f - y) + epsilon / 8) ** 2),
            Refutation(),
            (sp.Le(f - f_net, epsilon / 8), sp.Le(f_net - f, epsilon / 8)),
        ),
        norm_rounding(sp.Rational(1, 4)),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)


def concentration_half(rate: int) -> Obligation:
    """2^k exp(-n eps^2/rate) <= delta/2 from the condition on n."""
    return Obligation(
        f"k log 2 - nε²/{rate} ≤ log(δ/2)",
        sp.Le(k * sp.log(2) - n * epsilon**2 / rate, sp.log(delta) - sp.log(2)),
        Refutation(),
        (sp.Ge(k, 1), sp.Ge(n * epsilon**2, 136 * ((k + 1) * sp.log(2) - sp.log(delta)))),
    )


CONCENTRATION_HALF = Step(
    "Lemma 2, sharpened, with margin 3ε/4 and threshold τ = ε/4: the concentration event has probability at most 2^k "
    "exp(-nε²/136) ≤ δ/2",
    (
        Obligation(
            "3ε/4 - 2ε/4 = ε/4", equation(lambda: 3 * epsilon / 4 - 2 * epsilon / 4, lambda: epsilon / 4), Identity()
        ),
        Obligation(
            "2n(ε/4)²/17 = nε²/136",
            equation(lambda: 2 * n * (epsilon / 4) ** 2 / 17, lambda: n * epsilon**2 / 136),
            Identity(),
        ),
        concentration_half(136),
    ),
    role=Role.OURS,
)


def correlation_radius(prefactor: sp.Rational) -> Obligation:
    """log(1/q) reaches (p_eff + h(delta/2))/(delta/2) at L = prefactor * eps * sqrt(...)."""
    squared = (prefactor * epsilon) ** 2 * n * d * delta / (c * (p_eff + entropy_half))
    return Obligation(
        "(ε/4)² nd/(8cL²) = (p_eff + h)/(δ/2) at the stated L, h = h(δ/2)",
        equation(lambda: (epsilon / 4) ** 2 * n * d / (8 * c * squared), lambda: (p_eff + entropy_half) / (delta / 2)),
        Identity(),
        (sp.Gt(p_eff + entropy_half, 0),),
    )


CORRELATION_HALF = Step(
    "P(X_{W'} ≥ ε/4) ≤ δ/2 by the sharpened Lemma 1 at δ/2: q = exp(-(ε/4)² nd/(8cL²))",
    (
        *lemma_1.EVENT_BOUND.obligations,
        *lemma_1.CLOSED_FORM.obligations,
        correlation_radius(sp.Rational(1, 16)),
        Obligation(
            "a smaller L gives a larger exponent",
            sp.Ge(n * d * epsilon**2 / (128 * c * a**2), n * d * epsilon**2 / (128 * c * b**2)),
            Refutation(),
            (sp.Gt(a, 0), sp.Le(a, b)),
        ),
    ),
    role=Role.OURS,
    rests_on=("decoupling",),
)
M, T, M_net, S, E = (event(name) for name in ("M", "T", "M'", "S", "E"))
UNION = Step(
    "P(MSE(f^W) ≤ σ² - ε and Lip(f^W) ≤ L) ≤ P(S) + P(E) ≤ δ for every L below the stated bound",
    (
        Obligation(
            "M and T imply M' (rounding), M' implies S (concentration) or E (correlation)",
            sp.Le(Probability(sp.And(M, T)), delta),
            Events(),
            (
                sp.Implies(sp.And(M, T), M_net),
                sp.Implies(M_net, sp.Or(S, E)),
                sp.Le(Probability(S), delta / 2),
                sp.Le(Probability(E), delta / 2),
            ),
        ),
    ),
    role=Role.OURS,
    rests_on=("continuity",),
)
log_delta, log_two, log_k = sp.symbols("log(delta) log(2) log(k)", real=True)
HALF_ENTROPY = Obligation(
    "h(q) ≤ q (1 - log q), q = δ/2",
    sp.Le(
        -sp.log(delta / 2) * delta / 2 - (1 - delta / 2) * sp.log(1 - delta / 2), delta / 2 * (1 - sp.log(delta / 2))
    ),
    Refutation(),
    (sp.Lt(delta, 1), instance(lemma_1.NEAR_ONE, {lemma_1.delta: delta / 2})),
)


def implies_printed(prefactor: int) -> Obligation:
    """Claim that the printed bound is smaller than the repaired one with the given reciprocal prefactor."""
    half, log_four = sp.symbols("q Lambda", positive=True)
    return Obligation(
        f"{prefactor}² (P + h) ≤ 96² · 144 (p_eff + (δ/2) log(4/δ)) with P ≤ p_eff and h ≤ (δ/2)(1 + log(4/δ) - log 2)",
        sp.Le(prefactor**2 * (information + entropy_half), 96**2 * 144 * (p_eff + half * log_four)),
        Refutation(),
        (
            sp.Le(information, p_eff),
            sp.Le(entropy_half, half * (1 + log_four - log_two)),
            sp.Ge(log_two, sp.Rational(1, 2)),
            sp.Ge(log_four, 2 * log_two),
        ),
    )


PRINTED_FOLLOWS = Step(
    "The printed bound, constants and all, is weaker: its condition on n implies the new one, and 96 a1 √2 = 1152 "
    "against 16",
    (
        lemma_1.NEAR_ONE,
        HALF_ENTROPY,
        lemma_1.LOG_TWO,
        lemma_1.LOG_DELTA,
        implies_printed(16),
        Obligation(
            "96² · 72 · 2 = 1152²",
            equation(lambda: sp.Integer(96) ** 2 * 72 * 2, lambda: sp.Integer(1152) ** 2),
            Identity(),
        ),
        Obligation(
            "8³ k (3 log 2 + log k - log δ) ≥ 136 ((k+1) log 2 - log δ)",
            sp.Ge(
                8**3 * k * (3 * sp.log(2) + log_k - log_delta), 136 * ((k + 1) * sp.log(2) - log_delta), evaluate=False
            ),
            Refutation(),
            (sp.Ge(k, 1), sp.Ge(log_k, 0), sp.Le(log_delta, 0)),
        ),
        Obligation("log 2 ≤ 1", sp.Le(sp.log(2), 1, evaluate=False), Balls()),
        Obligation(
            "1 + 8ρ ≤ 1 + 60ρ, and the logarithm increases",
            sp.Le(1 + 8 * ratio, 1 + 60 * ratio, evaluate=False),
            Refutation(),
        ),
        Obligation(
            "nats against bits: log(1 + 60ρ)/log 2 ≥ log(1 + 8ρ); a, b are the two logarithms and κ is log 2",
            sp.Ge(a / kept, b),
            Refutation(),
            (sp.Ge(a, b), sp.Le(kept, 1)),
        ),
    ),
    role=Role.OURS,
)
