"""Corollary 15: a fit below the noise level by sgn(g) has a small normalised co-stability."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.bounds import price_corollary_15
from noprune_theory.verifier.notation import Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation, enclose
from noprune_theory.verifier.statement import (
    Claim,
    Counterexample,
    Fact,
    NumericAgreement,
    PlantedFault,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.price_of_robustness import corollary_6, theorem_13
from verification.price_of_robustness.memoriser import facts, isoperimetry, memoriser, missed, ratio, terms

n, d, p, c, e, W, J, K, epsilon, delta, S = sp.symbols("n d p c e W J K epsilon delta S*", positive=True)
average, spread = sp.symbols("Rad t_delta", real=True)
fitted, normalised = sp.Symbol("R^(f) <= R* - epsilon"), sp.Symbol("S*(g)/L(g)")
rate = sp.Symbol("Q", positive=True)  # sqrt(p/(nd)) sqrt(c log(1 + 60 W J/e))


def thresholds(factor: sp.Rational) -> tuple[Obligation, ...]:
    """Evaluate the terms of K max{...} at the two thresholds for S*/L."""
    return (
        Obligation(
            f"KQ/(S*/L) = ε/3 at S*/L = ({factor}K/ε)Q, Q = √(p/(nd))√(c log(1 + 60WJ/e))",
            equation(lambda: K * rate / (factor * K / epsilon * rate), lambda: epsilon / 3),
            Identity(),
        ),
        Obligation(
            "2K exp(-d(S*/L)²/(8c)) = ε/3 at (S*/L)² = (8c/d) log(6K/ε)",
            equation(lambda: 2 * K * sp.exp(-d * (8 * c / d * sp.log(6 * K / epsilon)) / (8 * c)), lambda: epsilon / 3),
            Identity(),
        ),
    )


PRINTED_THRESHOLDS = Step("The terms with S*/L are at most ε/3 at the thresholds", thresholds(sp.Integer(3)))
LAST_TERM = Step(
    "Ke/S* ≤ ε/3 for S* ≥ 3Ke/ε, and ε/3 + ε/2 < ε",
    (
        Obligation("Ke/S* ≤ ε/3", sp.Le(K * e / S, epsilon / 3), Refutation(), (sp.Ge(S, 3 * K * e / epsilon),)),
        Obligation(
            "the sum",
            sp.Lt(average + spread, epsilon),
            Refutation(),
            (sp.Le(average, epsilon / 3), sp.Lt(spread, epsilon / 2)),
        ),
    ),
    role=Role.OURS,
)


def _hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield from facts(data)
    yield Fact("labels are fair signs independent of x: every risk is 1/2 = R*, ε = 1/2, δ = 1/2", "1/2", True)
    small = enclose(data["K"] / sp.sqrt(data["n"]), {})
    yield Fact("K/√n < ε/3", f"{float(small):.3g}", bool(6 * small < 1))
    deviation = enclose(sp.sqrt(2 * sp.log(4) / data["n"]), {})
    yield Fact("√(2 log(2/δ)/n) < ε/2", f"{float(deviation):.3g}", bool(4 * deviation < 1))
    last = enclose(data["K"] * data["J"] * data["e"] * 2, {})
    yield Fact("K(J/S*)e ≤ ε/3", f"{float(last):.3g}", bool(6 * last <= 1))


def _conclusion(data: Mapping[str, Any]) -> Fact:
    constant, c_sphere = data["K"], isoperimetry(data)
    first = 6 * constant * ratio() * terms(data)[0]
    second = sp.sqrt(8 * c_sphere / data["d"] * sp.log(12 * constant))
    failing = enclose(1 - missed(data), {})
    below = bool(enclose(first, {}) < enclose(ratio(), {})) and bool(enclose(second, {}) < enclose(ratio(), {}))
    text = "P(every fit of risk R* - ε has S*(g)/L(g) < max{...}) ≥ 1 - δ"
    found = ", ".join(f"{float(enclose(v, {})):.3g}" for v in (first, second))
    shown = f"an interpolator with S*/L ≥ 1/8 exists with probability {float(failing):.6f}; thresholds {found}"
    return Fact(text, shown, not (below and bool(2 * failing > 1)))


def refutes(constant: int, radius: sp.Expr | None = None) -> Counterexample:
    """Return the memoriser with fair labels."""
    return Counterexample(
        name="spikes at the samples interpolate fair signs",
        target="claim",
        data=memoriser(constant, radius),
        hypotheses=_hypotheses,
        conclusion=_conclusion,
    )


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments."""
    return {
        "n": float(rng.integers(100, 100_000)),
        "p": float(rng.integers(1, 100_000)),
        "d": float(rng.integers(1, 10_000)),
        "W": float(10 ** rng.uniform(-2, 2)),
        "J": float(10 ** rng.uniform(-2, 2)),
        "e": float(10 ** rng.uniform(-4, 0)),
        "epsilon": float(rng.uniform(0.01, 1)),
        "c": float(rng.uniform(0.3, 5)),
    }


with sp.evaluate(False):
    FORMULA = sp.Max(
        3 * K / epsilon * sp.sqrt(p / (n * d)) * sp.sqrt(c * sp.log(1 + 60 * W * J / e)),
        sp.sqrt(8 * c / d * sp.log(6 * K / epsilon)),
    )
    CLAIM = Claim(
        conclusion=sp.Ge(Probability(sp.Implies(fitted, sp.Lt(normalised, FORMULA))), 1 - delta),
        hypotheses=(
            sp.Lt(K / sp.sqrt(n), epsilon / 3),
            sp.Lt(sp.sqrt(2 * sp.log(2 / delta) / n), epsilon / 2),
        ),
        words="The class of Theorem 13, f = sgn(g), for all e > 0.",
    )
    REPAIRED = Claim(
        conclusion=sp.Ge(Probability(sp.Implies(fitted, sp.Lt(normalised, FORMULA))), 1 - delta),
        hypotheses=(
            sp.Lt(K / sp.sqrt(n), epsilon / 3),
            sp.Lt(sp.sqrt(2 * sp.log(2 / delta) / n), epsilon / 2),
            sp.Ge(S, 3 * K * e / epsilon),
        ),
        words="K = 33/4, for the g with S*(g) ≥ S*. The law with masks, for all measures of dependence, is "
        "bounds.normalised_stability_law (masked-law).",
    )

STATEMENT = Statement(
    id="corollary-15",
    title="A fit below the noise level has a small normalised co-stability",
    source="Section 4, Corollary 15",
    recorded=Verdict.FALSE,
    claim=CLAIM,
    derivation=(PRINTED_THRESHOLDS,),
    counterexamples=(refutes(1_000),),
    agreement=(
        NumericAgreement(
            "bounds.price_corollary_15",
            lambda **at: float(
                price_corollary_15(
                    int(at["n"]), int(at["d"]), int(at["p"]), at["W"], at["J"], at["e"], at["epsilon"], at["c"]
                )
            ),
            FORMULA.subs(K, theorem_13.SMOOTH_K),
            sample,
        ),
    ),
    faults=(
        PlantedFault("with a radius e below S* it is no counterexample", refutes(1_000, sp.Rational(1, 100))),
        PlantedFault("threshold 2KQ/ε", thresholds(sp.Integer(2))[0]),
    ),
    repair=Repair(
        claim=REPAIRED,
        derivation=(
            corollary_6.STATEMENT.repair.derivation[0],  # type: ignore[union-attr]
            corollary_6.STATEMENT.repair.derivation[1],  # type: ignore[union-attr]
            corollary_6.STATEMENT.repair.derivation[2],  # type: ignore[union-attr]
            *theorem_13.STATEMENT.repair.derivation[:-1],  # type: ignore[union-attr]
            Step(PRINTED_THRESHOLDS.text, PRINTED_THRESHOLDS.obligations, role=Role.OURS),
            LAST_TERM,
        ),
        exact=theorem_13.STATEMENT.repair.exact,  # type: ignore[union-attr]
        faults=(
            PlantedFault("threshold 2KQ/ε", thresholds(sp.Integer(2))[0]),
            PlantedFault(
                "S* ≥ 2Ke/ε",
                Obligation(
                    "Ke/S* ≤ ε/3", sp.Le(K * e / S, epsilon / 3), Refutation(), (sp.Ge(S, 2 * K * e / epsilon),)
                ),
            ),
        ),
    ),
    remarks=(
        "The radius e occurs in a logarithm alone: letting it grow leaves a bound that does not depend on the number "
        "of parameters, which interpolators with p = nd contradict.",
    ),
)
