"""Equation (7): an explicit bound on the inverse of the radius of Lemma 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import wrightomega

from noprune_theory.bounds import Constants, equation_7, lemma_1_tail
from noprune_theory.verifier.notation import Radius, WrightOmega, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, LimitValue, Monotone, Refutation, enclose
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    NumericAgreement,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)

beta, delta, epsilon, K, omega, ratio = sp.symbols("beta delta epsilon K omega A", positive=True)
information = sp.Symbol("I", nonnegative=True)
positive_information = sp.Symbol("I", positive=True)
x = sp.Symbol("x", real=True)
log_term = sp.Symbol("ell", real=True)

RADIUS_SQUARED = K * (information / delta + sp.log(2 / delta))
DELTA_STAR = sp.Max(2**7 * K * information / epsilon**2, 2 * sp.exp(-(epsilon**2) / (2**7 * K)))

# With b = eps^2/(2^7 a1^2 C0) the printed delta* is max(I/b, 2 exp(-b)), and s(delta*) >= eps/8 reads
# I/delta* + log(2/delta*) >= 2b.


def _printed_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    b, mutual = data["b = ε²/(2^7 a1² C0)"], data["I"]
    first, second = mutual / b, 2 * enclose(sp.exp(-sp.Rational(b.numerator, b.denominator)), {})
    yield Fact("I/b ≤ 2 exp(-b), so δ* = 2 exp(-b)", f"{first} ≤ {float(second):.6f}", bool(second >= float(first)))
    yield Fact("δ* < 1", f"{float(second):.6f}", bool(second < 1))


def _printed_conclusion(data: Mapping[str, Any]) -> Fact:
    b, mutual, factor = data["b = ε²/(2^7 a1² C0)"], data["I"], data["direction"]
    exact = sp.Rational(b.numerator, b.denominator)
    share = sp.Rational(mutual.numerator, mutual.denominator)
    square = enclose(share * sp.exp(exact) / 2 + exact, {})
    target = 2 * float(b)
    holds = bool(square >= target) if factor == "≥" else bool(square <= target)
    text = f"s(δ*) {factor} ε/8, that is I/δ* + log(2/δ*) {factor} 2b"
    return Fact(text, f"{float(square):.6f} against {target:g}", holds)


def at_delta_star(direction: str) -> Counterexample:
    """Return the value of s at delta* in one exactly evaluated case."""
    return Counterexample(
        name="s at δ*",
        target="claim",
        data={"b = ε²/(2^7 a1² C0)": Fraction(2), "I": Fraction(1, 4), "direction": direction},
        hypotheses=_printed_hypotheses,
        conclusion=_printed_conclusion,
    )


LOG_BOUND = Obligation(
    "δ ≥ 2 exp(-β) gives log(2/δ) ≤ β",
    sp.Le(sp.log(2) - sp.log(delta), beta),
    Monotone(delta, 2 * sp.exp(-beta), then=Refutation()),
    (sp.Ge(delta, 2 * sp.exp(-beta)),),
)


def upper_radius(factor: int) -> Obligation:
    """s(delta*)^2 <= eps^2/64, with `factor` in place of the exponent 2^7 of delta*."""
    return Obligation(
        "so s(δ)² = K(I/δ + log(2/δ)) ≤ ε²/64",
        sp.Le(K * (ratio + log_term), epsilon**2 / 64),
        Refutation(),
        (sp.Le(ratio, beta), sp.Le(log_term, beta), equation(beta * factor * K, epsilon**2)),
    )


AT_DELTA_STAR = Step(
    "s(δ*) ≤ ε/8, the direction that is needed (β = ε²/(2^7 K), K = a1² C0)",
    (
        LOG_BOUND,
        Obligation(
            "δ ≥ I/β gives I/δ ≤ β",
            sp.Le(information / delta, beta),
            Refutation(),
            (sp.Ge(delta, information / beta),),
        ),
        upper_radius(2**7),
    ),
    role=Role.USE,
)
DECREASING = Step(
    "s decreases, so {δ : s(δ) ≤ ε/8} is an interval that starts at s^{-1}(ε/8), and s^{-1}(ε/8) ≤ δ*",
    (
        Obligation(
            "the derivative of I/δ + log(2/δ) is -(I + δ)/δ²",
            equation(
                sp.Derivative(information / delta + sp.log(2) - sp.log(delta), delta),
                -(information + delta) / delta**2,
            ),
            Identity(),
        ),
        Obligation("which is negative", sp.Lt(-(information + delta) / delta**2, 0, evaluate=False), Refutation()),
        Obligation(
            "s is unbounded as δ → 0",
            equation(sp.Limit(positive_information / delta + sp.log(2 / delta), delta, 0, "+"), sp.oo),
            LimitValue(),
        ),
    ),
    role=Role.USE,
)
INVERSE = Step(
    "s^{-1}(u) = I/ω(A - log 2 + log I), A = u²/(a1² C0), ω(x) + log ω(x) = x (the Wright omega function)",
    (
        Obligation(
            "at δ = I/ω with ω + log ω = A - log 2 + log I: I/δ + log(2/δ) = A",
            sp.Eq(
                (positive_information / delta + sp.log(2) - sp.log(delta)).subs(delta, positive_information / omega),
                omega + sp.log(omega) + sp.log(2) - sp.log(positive_information),
                evaluate=False,
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
)


def radius(b: float, mutual: float, delta_value: float) -> float:
    """`s(delta)^2 / (a1^2 C0)`."""
    return mutual / delta_value + float(np.log(2 / delta_value))


def grid(profile: Profile) -> Iterator[tuple[str, float, float, float]]:
    """Admissible (label, b, I, delta*) with delta* below one."""
    points = 12 if profile.name == "quick" else 60
    for b, mutual in product(np.geomspace(0.75, 2_000, points), np.geomspace(1e-8, 1_000, points)):
        star = max(mutual / b, 2 * float(np.exp(-b)))
        if star < 1:
            yield f"b = {b:.4g}, I = {mutual:.4g}", float(b), float(mutual), star


def printed_check(profile: Profile) -> Iterator[Comparison]:
    """s(delta*) >= eps/8 as printed, squared and divided by a1^2 C0."""
    for label, b, mutual, star in grid(profile):
        yield Comparison(label, 2 * b, radius(b, mutual, star))


def repaired_check(name: str, factor: float) -> ExactCheck:
    """`s^{-1}(eps/8) <= factor * delta*` through the Wright omega function."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, b, mutual, star in grid(profile):
            inverse = mutual / float(wrightomega(2 * b - np.log(2) + np.log(mutual)))
            yield Comparison(label, inverse, factor * star)

    return ExactCheck(name, compare)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments on both sides of the maximum."""
    margin = float(rng.uniform(0.05, 1.0))
    exponent = float(rng.uniform(1.0, 300.0))
    return {"epsilon": margin, "K": margin**2 / (2**7 * exponent), "I": float(10 ** rng.uniform(-12, 2))}


def tail_sample(rng: np.random.Generator) -> dict[str, float]:
    """Radius, proxy and information for the inverse."""
    return {
        "u": float(10 ** rng.uniform(-1, 1)),
        "C": float(10 ** rng.uniform(-6, -2)),
        "I": float(10 ** rng.uniform(-6, 1)),
    }


def _with_paper(function: Callable[..., Any]) -> Callable[..., float]:
    """Call `equation_7` with K = a1^2 C0."""
    return lambda epsilon, K, I: float(function(epsilon, K / 72, I, Constants.PAPER))  # noqa: E741


u, C = sp.symbols("u C", positive=True)
# Claims are kept as written: sympy does not reorder or evaluate them.
with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.Ge(Radius(sp.Symbol("delta^*")), epsilon / 8),
        hypotheses=(
            sp.Eq(
                sp.Symbol("delta^*"),
                sp.Max(2**7 * K * information / epsilon**2, 2 * sp.exp(-(epsilon**2) / (2**7 * K))),
            ),
            sp.Eq(Radius(delta), sp.sqrt(K * (information / delta + sp.log(2 / delta)))),
        ),
        words="K stands for a1² C0. Printed as the reason for P(|X_W| > ε/8) < s^{-1}(ε/8) ≤ δ*.",
    )
    REPAIRED_CLAIM = Claim(
        conclusion=sp.And(
            sp.Le(Radius(sp.Symbol("delta^*")), epsilon / 8),
            sp.Le(
                information / WrightOmega(epsilon**2 / (64 * K) - sp.log(2) + sp.log(information)),
                sp.Symbol("delta^*"),
            ),
        ),
        words="The left side of the second inequality is s^{-1}(ε/8) exactly, with ω the Wright omega function.",
    )

STATEMENT = Statement(
    id="equation-7",
    title="Explicit bound on the inverse of the radius",
    source="Appendix B.1.3, Equation (7)",
    recorded=Verdict.SLIP,
    claim=CLAIM,
    derivation=(
        Step(
            "s(δ*) ≥ ε/8",
            counterexample=at_delta_star("≥"),
            expression=sp.Ge(Radius(sp.Symbol("delta^*")), epsilon / 8),
        ),
        AT_DELTA_STAR,
        DECREASING,
    ),
    counterexamples=(at_delta_star("≥"),),
    exact=(ExactCheck("s(δ*) ≥ ε/8 as printed, on a grid", printed_check),),
    agreement=(
        NumericAgreement(
            "bounds.equation_7, paper's constants",
            _with_paper(equation_7),
            sp.Min(1, sp.Max(2**7 * K * information / epsilon**2, 2 * sp.exp(-(epsilon**2) / (2**7 * K)))),
            sample,
        ),
    ),
    faults=(
        PlantedFault("the right direction is not refuted: s(δ*) ≤ ε/8", at_delta_star("≤")),
        PlantedFault("2^7 lowered to 2^6 in the repaired direction", upper_radius(2**6)),
    ),
    repair=Repair(
        claim=REPAIRED_CLAIM,
        derivation=(AT_DELTA_STAR, DECREASING, INVERSE),
        exact=(repaired_check("s^{-1}(ε/8) ≤ δ* on a grid", 1.0),),
        agreement=(
            NumericAgreement(
                "bounds.lemma_1_tail, paper's constants",
                lambda u, C, I: float(lemma_1_tail(u, C, I, Constants.PAPER)),  # noqa: E741
                sp.Min(
                    1,
                    sp.Symbol("I") / sp.LambertW(sp.Symbol("I") * sp.exp(u**2 / (72 * C)) / 2),
                ),
                tail_sample,
            ),
        ),
        faults=(
            PlantedFault("δ* shrunk by half", repaired_check("s^{-1}(ε/8) ≤ δ*/2", 0.5)),
            PlantedFault(
                "s taken to increase",
                Obligation(
                    "(I + δ)/δ² negative",
                    sp.Lt((information + delta) / delta**2, 0, evaluate=False),
                    Refutation(),
                ),
            ),
        ),
    ),
    remarks=(
        "Only the direction is printed wrong: at δ* the radius is at most ε/8, and s decreases, which is what the "
        "conclusion needs.",
    ),
)
