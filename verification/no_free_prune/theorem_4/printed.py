"""The printed proof: the steps that follow."""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Identity, Monotone, Refutation
from noprune_theory.verifier.statement import Role, Step
from verification.no_free_prune import equation_7
from verification.no_free_prune.theorem_4.symbols import (
    J,
    W,
    a,
    b,
    c,
    d,
    delta,
    epsilon,
    f,
    f_net,
    information,
    k,
    kept,
    mse,
    n,
    p_eff,
    printed_bound,
    radius,
    ratio,
    sigma2,
    v,
    y,
)

between, to_first, to_second, to_centre = sp.symbols("|x-x'| |z-x| |z-x'| |x-x_0|", nonnegative=True)
SEPARATION = (
    Obligation(
        "balls of radius r/2 around points that are r apart are disjoint (triangle inequality)",
        sp.Lt(between, radius),
        Refutation(),
        (sp.Le(between, to_first + to_second), sp.Lt(to_first, radius / 2), sp.Lt(to_second, radius / 2)),
    ),
    Obligation(
        "and lie within W + r/2 of any one of the points, and within W + r of each other",
        sp.And(sp.Le(to_first + to_centre, W + radius / 2), sp.Le(to_first + to_second + between, W + radius)),
        Refutation(),
        (
            sp.Le(to_centre, W),
            sp.Le(between, W),
            sp.Le(to_first, radius / 2),
            sp.Le(to_second, radius / 2),
        ),
    ),
)

GOAL = Step(
    "(8) it is enough that P(MSE(f^W) ≤ σ² - ε/2 and Lip(f^W) ≤ L) ≤ δ for the stated L",
    (
        Obligation(
            "MSE ≤ σ² - ε gives MSE ≤ σ² - ε/2",
            sp.Le(mse, sigma2 - epsilon / 2),
            Refutation(),
            (sp.Le(mse, sigma2 - epsilon),),
        ),
    ),
)


def net_size(factor: int) -> tuple[Obligation, ...]:
    """Bound an eps/(8J)-net inside a set of diameter W, by disjoint balls: (1 + factor W J / eps)^kappa points."""
    return (
        *SEPARATION,
        Obligation(
            "N disjoint balls of radius r/2 in a ball of radius W + r/2: N (r/2)^κ ≤ (W + r/2)^κ, that is "
            "N ≤ (1 + 2W/r)^κ",
            sp.Eq(((W + radius / 2) / (radius / 2)) ** kept, (1 + 2 * W / radius) ** kept, evaluate=False),
            Identity(),
        ),
        Obligation(
            "2W/r = 16 WJ/ε at r = ε/(8J)",
            equation(lambda: 2 * W / (epsilon / (8 * J)), lambda: 16 * W * J / epsilon),
            Identity(),
        ),
        Obligation(
            f"1 + 16ρ ≤ 1 + {factor}ρ, ρ = WJ/ε",
            sp.Le(1 + 16 * ratio, 1 + factor * ratio, evaluate=False),
            Refutation(),
        ),
    )


NET = Step(
    "A maximal ε/(8J)-separated subset of W_{m,L} is a net inside it with at most (1 + 60WJ/ε)^{||m||₁} points",
    net_size(60),
    rests_on=("volume",),
)
CLOSE_ERRORS = Step(
    "Values in [-1, 1] that are ε/8 apart give mean square errors at most ε/2 apart",
    (
        Obligation(
            "|(f - y)² - (f' - y)²| ≤ ε/2",
            sp.And(
                sp.Le((f - y) ** 2 - (f_net - y) ** 2, epsilon / 2), sp.Le((f_net - y) ** 2 - (f - y) ** 2, epsilon / 2)
            ),
            Refutation(),
            (
                *(sp.Ge(value, -1) for value in (f, f_net, y)),
                *(sp.Le(value, 1) for value in (f, f_net, y)),
                sp.Le(f - f_net, epsilon / 8),
                sp.Le(f_net - f, epsilon / 8),
            ),
        ),
    ),
    rests_on=("expectation",),
)


FIRST_TERM = Step(
    "(2k+2) exp(-nε²/(8³k)) ≤ (2k+2) δ/(8k) ≤ δ/2 by the condition on n",
    (
        Obligation(
            "-nε²/(8³k) ≤ log(δ/(8k))",
            sp.Le(-n * epsilon**2 / (8**3 * k), sp.log(delta) - sp.log(8 * k)),
            Refutation(),
            (sp.Le(8**3 * k * (sp.log(8 * k) - sp.log(delta)), n * epsilon**2),),
        ),
        Obligation("(2k+2)/(8k) ≤ 1/2", sp.Le((2 * k + 2) / (8 * k), sp.Rational(1, 2)), Refutation(), (sp.Ge(k, 1),)),
    ),
)


EQUIVALENCE = Step(
    "s^{-1}(ε/8) ≤ δ/2 ⟺ ε/8 ≥ s(δ/2), because s decreases",
    equation_7.DECREASING.obligations,
    role=Role.USE,
)


def log_positive(numerator: sp.Integer) -> Obligation:
    """State that log(numerator/delta) is positive below the numerator."""
    return Obligation(
        f"log({numerator}/δ) > 0 for δ < {numerator}",
        sp.Gt(sp.log(numerator / delta), 0),
        Monotone(delta, numerator, then=Refutation()),
        (sp.Lt(delta, numerator),),
    )


LOG_FOUR = log_positive(sp.Integer(4))
STATED_RADIUS = Step(
    "The stated L satisfies a1 √(144 (cL²/(nd)) (2I/δ + log(4/δ))) ≤ ε/8 when I ≤ p_eff",
    (
        LOG_FOUR,
        Obligation(
            "equality at I = p_eff, both sides squared",
            sp.Eq(
                72 * 144 * c * printed_bound(p_eff) ** 2 / (n * d) * (2 * p_eff / delta + sp.log(4 / delta)),
                epsilon**2 / 64,
                evaluate=False,
            ),
            Identity(),
            (sp.Lt(delta, 1), instance(LOG_FOUR)),
        ),
        Obligation(
            "the left side grows with I and with L",
            sp.Le(a**2 * (2 * information / delta + v), b**2 * (2 * p_eff / delta + v)),
            Refutation(),
            (sp.Le(a, b), sp.Le(information, p_eff), sp.Ge(v, 0)),
        ),
    ),
)
