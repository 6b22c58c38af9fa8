"""Corollary 6: a classifier that fits below the noise level has a small class stability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import sympy as sp

from noprune_theory.bounds import MaximalLeakage, class_stability_at_split, price_corollary_6
from noprune_theory.verifier.notation import Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Monotone, Refutation
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
)
from verification.price_of_robustness import equation_1, equation_2, theorem_4
from verification.price_of_robustness.theorem_4 import CONVEX

n, d, p, c, S, K, epsilon, delta, t, u = sp.symbols("n d p c S K epsilon delta t u", positive=True)
risk, empirical, best, average, spread = sp.symbols("R A R* Rad t_delta", real=True)
stability, fitted = sp.Symbol("S(f)"), sp.Symbol("R^(f) <= R* - epsilon")

RISK = Step(
    "For all f with S(f) ≥ S: R* - R^ ≤ R - R^ ≤ Rad + √(2 log(2/δ)/n) (Equations (1) and (2), one-sided)",
    (
        *equation_2.ONE_SIDED.obligations,
        *equation_2.NEEDED.obligations,
        Obligation(
            "R^ ≤ R* - ε and R ≥ R* give ε ≤ R - R^",
            sp.Le(epsilon, risk - empirical),
            Refutation(),
            (sp.Le(empirical, best - epsilon), sp.Ge(risk, best)),
        ),
    ),
    rests_on=("expectation", "McDiarmid"),
)


def first_threshold(factor: sp.Rational) -> Obligation:
    """K q at the first threshold."""
    threshold = factor * K / epsilon * sp.sqrt(c * p / (n * d))
    return Obligation(
        f"K(√c/S)√(p/(nd)) = ε/3 at S = ({factor}K/ε)√(cp/(nd))",
        equation(lambda: K * sp.sqrt(c) / threshold * sp.sqrt(p / (n * d)), lambda: epsilon / 3),
        Identity(),
    )


THRESHOLDS = Step(
    "Each of the three terms of K max{...} is at most ε/3 for S at or above the two thresholds",
    (
        first_threshold(sp.Integer(3)),
        Obligation(
            "2K exp(-dS²/(8c)) = ε/3 at S² = (8c/d) log(6K/ε)",
            equation(lambda: 2 * K * sp.exp(-d * (8 * c / d * sp.log(6 * K / epsilon)) / (8 * c)), lambda: epsilon / 3),
            Identity(),
        ),
        Obligation(
            "ε/3 + ε/2 < ε",
            sp.Lt(average + spread, epsilon),
            Refutation(),
            (sp.Le(average, epsilon / 3), sp.Lt(spread, epsilon / 2)),
        ),
    ),
)
SUBCLASS = Step(
    "Theorem 4 is applied to {f: S(f) ≥ S}, of which log|F| ≥ n is not known: its repaired proof uses p ≥ log|F| "
    "alone, p ≥ n",
    (
        Obligation(
            "the parts grow with log|F|: √(l + a) ≤ √(p + a)",
            sp.Le(sp.sqrt(t + u), sp.sqrt(p + u)),
            Refutation(),
            (sp.Le(t, p),),
        ),
        *theorem_4.STATEMENT.repair.derivation[-2].obligations,  # type: ignore[union-attr]
    ),
    role=Role.OURS,
)
ratio = sp.Symbol("x", positive=True)  # 6K/epsilon
REDUNDANT = Obligation(
    "8 log x ≤ x²/4 for x = 6K/ε ≥ 41, p ≥ n: the second threshold is below the first",
    sp.Le(8 * sp.log(ratio), ratio**2 / 4),
    Monotone(ratio, sp.Integer(41), then=Refutation(), base=Balls()),
    (sp.Ge(ratio, 41),),
)


def sharper_spread(share: sp.Rational) -> Obligation:
    """Compare the conditions on δ: what the sharper Equation (1) asks follows from the printed one."""
    return Obligation(
        f"√(t/(2n)) < {share}ε/3 where √(2(l + t)/n) < ε/2, t = log(1/δ), l = log 2 > 0",
        sp.Lt(t / (2 * n), (share * epsilon / 3) ** 2),
        Refutation(),
        (sp.Lt(2 * (u + t) / n, epsilon**2 / 4),),
    )


SHARPER = Step(
    "One threshold is enough, and √(log(1/δ)/(2n)) ≤ 2ε/3 in place of √(2 log(2/δ)/n) < ε/2",
    (
        REDUNDANT,
        Obligation(
            "6K/ε ≥ 41 for K = 139/20, ε ≤ 1", sp.Ge(6 * CONVEX / epsilon, 41), Refutation(), (sp.Le(epsilon, 1),)
        ),
        sharper_spread(sp.Integer(2)),
        Obligation("log 2 > 0", sp.Gt(sp.log(2), 0, evaluate=False), Balls()),
        Obligation(
            "ε/3 + 2ε/3 = ε, strict as K/√n < ε/3 or S is above the threshold",
            equation(lambda: epsilon / 3 + 2 * epsilon / 3, lambda: epsilon),
            Identity(),
        ),
    ),
    role=Role.OURS,
)


def laws(name: str, factor: float) -> ExactCheck:
    """Compare the sharp law (no masks, at one split) with factor times the threshold of Corollary 6."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for margin in (0.05, 0.2, 0.5):
            size = int(np.ceil((3.1 * float(CONVEX) / margin) ** 2))
            for count in (1.0, 3.0, 100.0):
                printed = float(price_corollary_6(size, 1_000, count * size, margin, 1.0))
                sharp = class_stability_at_split(
                    size, 1_000, margin, 0.05, 1.0, log_count=count * size, dependence=MaximalLeakage(0.0), theta=0.7
                )
                yield Comparison(f"ε = {margin}, n = {size}, p = {count:g}n", float(sharp), factor * printed)

    return ExactCheck(name, compare)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments."""
    size = float(rng.integers(50, 10_000))
    return {
        "n": size,
        "p": size * float(10 ** rng.uniform(0, 3)),
        "d": float(rng.integers(1, 10_000)),
        "epsilon": float(rng.uniform(0.01, 1)),
        "c": float(rng.uniform(0.3, 5)),
    }


with sp.evaluate(False):
    FIRST = 3 * K / epsilon * sp.sqrt(c * p / (n * d))
    PRINTED = sp.Max(FIRST, sp.sqrt(8 * c / d * sp.log(6 * K / epsilon)))
    CLAIM = Claim(
        conclusion=sp.Ge(Probability(sp.Implies(fitted, sp.Lt(stability, PRINTED))), 1 - delta),
        hypotheses=(
            sp.Ge(p, n),
            sp.Lt(K / sp.sqrt(n), epsilon / 3),
            sp.Lt(sp.sqrt(2 * sp.log(2 / delta) / n), epsilon / 2),
            sp.Ge(best, epsilon),
        ),
        words="For every f of a finite class at once, p = log|F|, R* the least risk in the class. K is that of "
        "Theorem 4.",
    )
    REPAIRED = Claim(
        conclusion=sp.Ge(Probability(sp.Implies(fitted, sp.Lt(stability, FIRST))), 1 - delta),
        hypotheses=(
            sp.Ge(p, n),
            sp.Lt(K / sp.sqrt(n), epsilon / 3),
            sp.Le(sp.sqrt(sp.log(1 / delta) / (2 * n)), 2 * epsilon / 3),
        ),
        words="K = 139/20 in a convex domain, 1043/100 in any. The law without these hypotheses, with masks and about "
        "ten times smaller, is masked-law.",
    )

STATEMENT = Statement(
    id="corollary-6",
    title="A fit below the noise level is not stable",
    source="Section 3, Corollary 6; Equation (6)",
    recorded=Verdict.HOLDS_LOOSE,
    claim=CLAIM,
    derivation=(RISK, THRESHOLDS, SUBCLASS),
    agreement=(
        NumericAgreement(
            "bounds.price_corollary_6",
            lambda n, d, p, epsilon, c: float(price_corollary_6(int(n), int(d), p, epsilon, c)),
            PRINTED.subs(K, CONVEX),
            sample,
        ),
    ),
    faults=(
        PlantedFault("threshold (2K/ε)√(cp/(nd))", first_threshold(sp.Integer(2))),
        PlantedFault("condition on δ an eighth as strong", sharper_spread(sp.Rational(1, 8))),
    ),
    repair=Repair(
        claim=REPAIRED,
        derivation=(
            replace(equation_1.SYMMETRISATION, role=Role.OURS),
            replace(equation_1.TAIL, role=Role.OURS),
            replace(RISK, role=Role.OURS),
            SUBCLASS,
            SHARPER,
        ),
        exact=(laws("the sharp law ≤ the threshold of Corollary 6 over six", 1 / 6),),
        faults=(
            PlantedFault("over sixty", laws("the sharp law ≤ the threshold over sixty", 1 / 60)),
            PlantedFault(
                "the second threshold is redundant from x = 2 on",
                Obligation(
                    "8 log x ≤ x²/4 for x ≥ 2",
                    sp.Le(8 * sp.log(ratio), ratio**2 / 4),
                    Balls(),
                    (sp.Ge(ratio, 2), sp.Le(ratio, 41)),
                ),
            ),
        ),
        sharpens=(REDUNDANT, sharper_spread(sp.Integer(2))),
    ),
)
