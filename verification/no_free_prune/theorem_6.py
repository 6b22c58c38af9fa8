"""Theorem 6: generalisation of a learned class by its Rademacher complexity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import flint
import numpy as np
import sympy as sp

from noprune_theory.bounds import Constants, theorem_6
from noprune_theory.verifier.exact_models import binomial_law, information_bits
from noprune_theory.verifier.notation import BinaryEntropy, Probability, binary_entropy, equation, event
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Events, Identity, Refutation, enclose
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
    Sweep,
    Verdict,
)
from verification.no_free_prune.equation_13 import MARTINGALE, TILT
from verification.no_free_prune.lemma_1 import CHANGE_OF_MEASURE, CLOSED_FORM, EVENT_BOUND, NEAR_ONE

b, delta, m, u = sp.symbols("b delta m u", positive=True)
information, rademacher = sp.Symbol("I", nonnegative=True), sp.Symbol("Rad", nonnegative=True)
largest_gap = sp.Symbol("G", nonnegative=True)
v, w, A, S, plus, minus, phi_s, phi_t, s, t, left, right = sp.symbols("v w A S P M f_s f_t s t A_s A_t", real=True)
PLUS, MINUS, POSITIVE = event("G_+"), event("G_-"), event("σ = 1")

A1_SQUARED = 72


def printed(a1_squared: sp.Expr) -> sp.Expr:
    """Return the printed right-hand side."""
    root = sp.sqrt(a1_squared * b / delta * (information + delta / 2 * sp.log(4 / delta)))
    return 2 * rademacher + 6 / sp.sqrt(m) * root


def repaired_bound(entropy: sp.Expr) -> sp.Expr:
    """Return the repaired right-hand side, for h(delta) shown or spelled out."""
    return 2 * rademacher + b * sp.sqrt(8 / m * (sp.log(2) + (information + entropy) / delta))


printed_bound = printed(sp.Integer(A1_SQUARED))
with sp.evaluate(False):  # shown as written
    PRINTED = sp.Ge(Probability(sp.Le(largest_gap, printed(sp.Symbol("a_1") ** 2))), 1 - delta)
    REPAIRED = sp.Ge(Probability(sp.Le(largest_gap, repaired_bound(BinaryEntropy(delta)))), 1 - delta)


# Printed steps.

BOUNDED_DIFFERENCES = Step(
    "One sample changes the largest gap by at most 2b/m, so that it is (2b²/m)-subgaussian (Equation (13))",
    (
        Obligation(
            "two losses in [-b, b] differ by at most 2b",
            sp.Le(sp.Abs(v - w), 2 * b),
            Refutation(),
            (sp.Le(sp.Abs(v), b), sp.Le(sp.Abs(w), b)),
        ),
        *MARTINGALE.obligations,
        *TILT.obligations,
        Obligation(
            "-2mu²/(2b)² = -u²/C at C = 2b²/m",
            equation(lambda: -2 * m * u**2 / (2 * b) ** 2, lambda: -(u**2) / (2 * b**2 / m)),
            Identity(),
        ),
    ),
    rests_on=("expectation", "conditioning", "independence"),
)


def one_function_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """One function: constant W, loss h itself (1-Lipschitz), and no Rademacher complexity."""
    size, values = data["b"], data["h(x)"]
    yield Fact("the loss h(x) lies in [-b, b]", str(values), all(abs(value) <= size for value in values))
    mutual = information_bits({(data["W"], value): data["P(x)"] for value in values})
    yield Fact("W is constant, so I(W; D) = 0", f"{mutual} bit", mutual == 0)
    complexity = sum(Fraction(sign) * value for sign in (-1, 1) for value in values) / 4
    yield Fact("Rad_D({h}) = E σ h(x_1) = 0 at m = 1", str(complexity), complexity == 0)
    mean = Fraction(sum(values), len(values))
    yield Fact(
        "the gap |E h - h(x_1)| is b for every x_1", str(size), all(abs(mean - value) == size for value in values)
    )


def one_function(size: int) -> dict[str, Any]:
    """Return the data of the counterexample: m = 1 and h = ±b with equal probability."""
    return {
        "m": 1,
        "b": size,
        "h(x)": (Fraction(-size), Fraction(size)),
        "P(x)": Fraction(1, 2),
        "W": "h",
        "delta": Fraction(1, 2),
    }


def theorem_fails(data: Mapping[str, Any]) -> Fact:
    """Compare b with the printed bound, by a ball."""
    values = {b: data["b"], m: 1, delta: sp.Rational(1, 2), information: 0, rademacher: 0}
    bound = printed_bound.subs(values)
    ball = enclose(bound, {}, precision=200)
    holds = bool(ball - flint.arb(data["b"]) >= 0)
    return Fact(f"{data['b']} ≤ {sp.sstr(bound)}", f"right side {ball.str(12)}", holds)


def symmetrisation_fails(data: Mapping[str, Any]) -> Fact:
    """E sup gen = b against 2 E Rad = 0."""
    return Fact("E sup gen ≤ 2 E Rad(l ∘ H)", f"{data['b']} ≤ 0", data["b"] <= 0)


SYMMETRISATION = Step(
    "E sup gen ≤ 2 E Rad(l ∘ H), gen the absolute gap",
    counterexample=Counterexample(
        "one function, one sample", "symmetrisation", one_function(1), one_function_hypotheses, symmetrisation_fails
    ),
)
root = sp.Symbol("R", positive=True)
squared_radius = A1_SQUARED * (2 * b**2 / m) * (2 * information / delta + u)
TWICE_LEMMA_1 = Step(
    "Lemma 1 for the gap and for Rad at δ/2 each: (1 + 2) √(a1² (2b²/m)(2I/δ + log(4/δ))) = (6b/√m) √((a1²/δ)(I + "
    "(δ/2) log(4/δ)))",
    (
        Obligation(
            "squares, u for log(4/δ)",
            equation(9 * squared_radius, 36 * b**2 / m * A1_SQUARED / delta * (information + delta / 2 * u)),
            Identity(),
        ),
    ),
)
PRINTED_FORM = Step(
    "which is printed with √b in place of b: (6b/√m) R ≤ (6√b/√m) R, R the root",
    (
        Obligation(
            "squares",
            sp.Le(36 * b**2 * root**2 / m, 36 * b * root**2 / m),
            Refutation(),
        ),
    ),
)
CONTRACTION = Step(
    "Contraction: Rad(l ∘ H) ≤ Rad(H) for a 1-Lipschitz loss (one sign at a time)",
    (
        Obligation(
            "A_s + f_s + A_t - f_t ≤ max(A_s + s + A_t - t, A_s - s + A_t + t)",
            sp.Le(left + phi_s + right - phi_t, sp.Max(left + s + right - t, left - s + right + t)),
            Refutation(),
            (sp.Le(sp.Abs(phi_s - phi_t), sp.Abs(s - t)),),
        ),
    ),
    rests_on=("expectation", "conditioning"),
)

# The repair: signed gaps, and Rad moves by b/m only.


def opposite_sign(probability: sp.Rational) -> Obligation:
    """State that -sigma has the law of a sign sigma that is 1 with the given probability."""
    return Obligation(
        f"-σ has the law of σ: P(-σ = 1) = P(not σ = 1) = P(σ = 1) if P(σ = 1) = {probability}",
        equation(Probability(sp.Not(POSITIVE)), Probability(POSITIVE)),
        Events(),
        (equation(Probability(POSITIVE), probability),),
    )


SIGNED_SYMMETRISATION = Step(
    "For either sign, E sup (R - A) ≤ E sup (A' - A) = E sup mean σ_i (l_i' - l_i) ≤ 2 E Rad(l ∘ H)",
    (
        Obligation(
            "a sum at one function is at most the sum of the suprema",
            sp.Le(v + w, plus + minus),
            Refutation(),
            (sp.Le(v, plus), sp.Le(w, minus)),
        ),
        opposite_sign(sp.S.Half),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)


def rademacher_difference(factor: sp.Rational) -> tuple[Obligation, ...]:
    """Mean over one sign of sup(A + sigma u) lies in [S, S + factor b], S = sup A and |u| <= b."""
    return (
        Obligation(
            "(P + M)/2 ≥ A for every A, where P ≥ A + v and M ≥ A - v are the two suprema",
            sp.Ge((plus + minus) / 2, A),
            Refutation(),
            (sp.Ge(plus, A + v), sp.Ge(minus, A - v)),
        ),
        Obligation(
            f"A + v ≤ S + {factor}b for A ≤ S and |v| ≤ b",
            sp.Le(A + v, S + factor * b),
            Refutation(),
            (sp.Le(A, S), sp.Le(sp.Abs(v), b)),
        ),
    )


DIFFERENCES = Step(
    "One sample changes Rad by at most b/m and a signed gap by at most 2b/m, so sup gap - 2 Rad by at most 4b/m",
    (
        *rademacher_difference(sp.Integer(1)),
        Obligation(
            "so G - 2 Rad moves by at most 4b/m: s and t are G and Rad before, f_s and f_t after",
            sp.Le(sp.Abs((phi_s - 2 * phi_t) - (s - 2 * t)), 4 * b / m),
            Refutation(),
            (sp.Le(sp.Abs(phi_s - s), 2 * b / m), sp.Le(sp.Abs(phi_t - t), b / m)),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence"),
)


def upper_tail(spread: int) -> Obligation:
    """McDiarmid's exponent with differences spread * b/m."""
    return Obligation(
        f"-2mu²/({spread}b)² = -mu²/(8b²)",
        equation(lambda: -2 * m * u**2 / (spread * b) ** 2, lambda: -m * u**2 / (8 * b**2)),
        Identity(),
    )


UPPER_TAIL = Step(
    "For each class, P(sup gap - 2 Rad ≥ u) ≤ exp(-mu²/(8b²)) for either sign, so 2 exp(-mu²/(8b²)) for the absolute "
    "gap",
    (
        *MARTINGALE.obligations,
        *TILT.obligations,
        upper_tail(4),
        Obligation(
            "union bound",
            sp.Le(Probability(sp.Or(PLUS, MINUS)), Probability(PLUS) + Probability(MINUS)),
            Events(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)
exponent = (information + binary_entropy(delta)) / delta
CHOOSE_RADIUS = Step(
    "2 exp(-mu²/(8b²)) = exp(-(I + h(δ))/δ) at u = b √((8/m)(log 2 + (I + h(δ))/δ)); and (I + h(δ))/δ ≤ I/δ + log(e/δ)",
    (
        Obligation(
            "mu²/(8b²) - log 2 = (I + h(δ))/δ",
            equation(lambda: m * (b**2 * (8 / m * (sp.log(2) + exponent))) / (8 * b**2) - sp.log(2), exponent),
            Identity(),
            (sp.Lt(delta, 1),),
        ),
        NEAR_ONE,
        Obligation(
            "h(δ) ≤ δ - δ log δ",
            sp.Le(-delta * sp.log(delta) - (1 - delta) * sp.log(1 - delta), delta - delta * sp.log(delta)),
            Refutation(),
            (instance(NEAR_ONE), sp.Lt(delta, 1)),
        ),
    ),
    role=Role.OURS,
)


def coins(name: str, bound: Callable[[int, int, float], float]) -> ExactCheck:
    """Take the worst of T independent functions ±1 (b = 1, Rad = 0): P(gap >= u) exactly, I(W; D) <= log T."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in (1, 2, 10, 100, profile.largest_n):
            law = binomial_law(size, 0.5)
            tail = np.minimum(2 * np.cumsum(law[::-1])[::-1], 1.0)
            for number in (1, 10, 1_000, 10**6):
                for heads in range(size // 2 + 1, size + 1, max(1, size // 25)):
                    probability = float(-np.expm1(number * np.log1p(-min(float(tail[heads]), 1 - 1e-16))))
                    if 1e-200 < probability < 1 - 1e-12:
                        label = f"m = {size}, T = {number}, P = {probability:.3g}"
                        yield Comparison(label, 2 * heads / size - 1, bound(size, number, probability))

    return ExactCheck(name, compare)


def complexity_moves(name: str, share: float) -> ExactCheck:
    """Change of the enumerated Rad when one sample of a random class changes, against share * b/m."""

    def rad(values: np.ndarray) -> float:
        signs = np.array(list(product((-1.0, 1.0), repeat=values.shape[1])))
        return float((signs @ values.T / values.shape[1]).max(axis=1).mean())

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(6)
        for model in range(profile.random_models):
            functions, size = rng.integers(1, 6), rng.integers(1, 6)
            values = rng.choice([-1.0, 0.0, 1.0], (functions, size))
            moved = values.copy()
            moved[:, 0] = rng.choice([-1.0, 1.0], functions)
            yield Comparison(f"class {model}, m = {size}", abs(rad(values) - rad(moved)), share / size)

    return ExactCheck(name, compare)


def repaired(size: int, number: int, probability: float) -> float:
    """Repaired bound at b = 1, Rad = 0 and I = log T."""
    return float(theorem_6(size, 1.0, 0.0, float(np.log(number)), probability, Constants.CLOSED_FORM))


def uniform_law(claimed: float, share: float) -> Sweep:
    """Compare the worst of 5 functions uniform on [-1, 1] with a share of the repaired radius."""
    size, number = 100, 5
    radius = share * repaired(size, number, claimed)

    def count(rng: np.random.Generator, trials: int) -> int:
        exceeded = 0
        for chunk in np.array_split(np.arange(trials), max(1, trials // 1_000)):
            means = rng.uniform(-1, 1, (len(chunk), number, size)).mean(axis=2)
            exceeded += int(np.sum(np.abs(means).max(axis=1) > radius))
        return exceeded

    return Sweep(f"worst of {number} uniform functions, m = {size}, gap > {radius:.4g}", count, claimed)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments over many orders of magnitude."""
    return {
        "m": float(np.ceil(10 ** rng.uniform(0, 8))),
        "b": float(10 ** rng.uniform(-3, 3)),
        "Rad": float(rng.uniform(0, 2)),
        "I": float(10 ** rng.uniform(-6, 4)),
        "delta": float(rng.uniform(1e-6, 0.999)),
    }


def bound_function(constants: Constants) -> Callable[..., float]:
    """`bounds.theorem_6` under the names of the symbols."""
    return lambda **values: float(
        theorem_6(values["m"], values["b"], values["Rad"], values["I"], values["delta"], constants)
    )


STATEMENT = Statement(
    id="theorem-6",
    title="Generalisation of a learned class by its Rademacher complexity",
    source="Appendix D, Theorem 6",
    recorded=Verdict.FALSE,
    claim=Claim(
        conclusion=PRINTED,
        words="G is the largest generalisation gap in the learned class H_W, Rad its empirical Rademacher complexity, "
        "the loss takes values in [-b, b] and is 1-Lipschitz in the prediction, m is the sample size, I = I(W; D), "
        "and a1² = 72.",
    ),
    derivation=(BOUNDED_DIFFERENCES, SYMMETRISATION, CONTRACTION, TWICE_LEMMA_1, PRINTED_FORM),
    counterexamples=(
        Counterexample(
            "one function ±3000, one sample", "claim", one_function(3_000), one_function_hypotheses, theorem_fails
        ),
    ),
    agreement=(
        NumericAgreement("bounds.theorem_6, paper's constants", bound_function(Constants.PAPER), printed_bound, sample),
    ),
    faults=(
        PlantedFault(
            "counterexample with b = 1000",
            Counterexample("b = 1000", "claim", one_function(1_000), one_function_hypotheses, theorem_fails),
        ),
        PlantedFault(
            "counterexample with a one-sided function",
            Counterexample(
                "h in {0, 3000}",
                "claim",
                {**one_function(3_000), "h(x)": (Fraction(0), Fraction(3_000))},
                one_function_hypotheses,
                theorem_fails,
            ),
        ),
        PlantedFault(
            "contraction with a 2-Lipschitz loss",
            Obligation(
                "A_s + f_s + A_t - f_t ≤ max(...)",
                sp.Le(left + phi_s + right - phi_t, sp.Max(left + s + right - t, left - s + right + t)),
                Refutation(),
                (sp.Le(sp.Abs(phi_s - phi_t), 2 * sp.Abs(s - t)),),
            ),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=REPAIRED,
            words="Rad is taken of l ∘ H_W or, by contraction, of H_W, without an absolute value. (I + h(δ))/δ ≤ I/δ "
            "+ log(e/δ).",
        ),
        derivation=(
            SIGNED_SYMMETRISATION,
            DIFFERENCES,
            UPPER_TAIL,
            CHANGE_OF_MEASURE,
            EVENT_BOUND,
            CLOSED_FORM,
            CHOOSE_RADIUS,
            Step(CONTRACTION.text, CONTRACTION.obligations, role=Role.OURS, rests_on=CONTRACTION.rests_on),
        ),
        exact=(
            replace(coins("worst of T functions ±1, exact tail of the gap", repaired), of_claim=True),
            complexity_moves("one sample moves the enumerated Rad by at most b/m", 1.0),
        ),
        sweeps=(uniform_law(0.05, 1.0),),
        agreement=(
            NumericAgreement(
                "bounds.theorem_6, closed form",
                bound_function(Constants.CLOSED_FORM),
                repaired_bound(binary_entropy(delta)),
                sample,
            ),
        ),
        faults=(
            PlantedFault(
                "information dropped", coins("u ≤ √((8/m) log(2e/P))", lambda size, number, P: repaired(size, 1, P))
            ),
            PlantedFault("Rad moves by b/(2m)", complexity_moves("|ΔRad| ≤ b/(2m)", 0.5)),
            PlantedFault("Rad moves by b/(2m), in the derivation", rademacher_difference(sp.Rational(1, 2))[1]),
            PlantedFault("differences 3b/m", upper_tail(3)),
            PlantedFault("an unfair sign", opposite_sign(sp.Rational(1, 3))),
            PlantedFault("a twentieth of the radius", uniform_law(0.05, 0.05)),
        ),
    ),
    remarks=(
        "The dimensions of the printed bound do not match: b must appear squared under the root. For b ≤ 1 the "
        "printed form is larger.",
        "Two applications of Lemma 1 are not needed: the gap less twice the complexity is one statistic.",
    ),
)
