"""Theorem 5 (Equation (10)): generalisation of a learned class of bounded VC dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy as sp

from noprune_theory.bounds import Constants, theorem_5
from noprune_theory.verifier.exact_models import binomial_law, information_bits
from noprune_theory.verifier.notation import BinaryEntropy, Probability, binary_entropy, equation
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Identity, Monotone, Refutation, enclose, working_precision
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
from verification.no_free_prune.equation_12 import COSH, JENSEN, MAXIMUM_BELOW_SUM, optimal_tilt
from verification.no_free_prune.equation_13 import BOUNDED_DIFFERENCES, MARTINGALE, TILT
from verification.no_free_prune.lemma_1 import (
    CHANGE_OF_MEASURE,
    CLOSED_FORM,
    EVENT_BOUND,
    LOG_DELTA,
    MINUS_LOG,
    NEAR_ONE,
    q,
)

d, delta, m, u = sp.symbols("d delta m u", positive=True)
information = sp.Symbol("I", nonnegative=True)
gap, supremum_gap = sp.Symbol("gen", real=True), sp.Symbol("G", nonnegative=True)
loss, ghost, x, a, b = sp.symbols("l l' x a b", real=True)
growth = sp.Symbol("tau", positive=True)
i = sp.Symbol("i", nonnegative=True)

A1_SQUARED = 72


def printed(a1_squared: sp.Expr) -> sp.Expr:
    """Return the printed right-hand side."""
    third = sp.sqrt(4 * a1_squared / delta * (information + delta * sp.log(2 / delta)))
    return sp.Add(4, sp.sqrt(d * sp.log(2 * sp.E * m / d)), third) / sp.sqrt(2 * m)


def repaired_bound(entropy: sp.Expr) -> sp.Expr:
    """Return the repaired right-hand side, for h(delta) shown or spelled out."""
    first = 2 * sp.sqrt(sp.log(2) + d * sp.log(sp.E * m / d))
    return (first + sp.sqrt((information + entropy) / delta)) / sp.sqrt(2 * m)


printed_bound = printed(sp.Integer(A1_SQUARED))
with sp.evaluate(False):  # shown as written
    PRINTED = sp.Ge(Probability(sp.Le(supremum_gap, printed(sp.Symbol("a_1") ** 2))), 1 - delta)
    REPAIRED = sp.Ge(Probability(sp.Le(supremum_gap, repaired_bound(BinaryEntropy(delta)))), 1 - delta)


# The counterexample: indicators of at most d points, labels one, d + 2 samples.


def point_class_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """VC dimension d, a sample size that the theorem admits, and no information."""
    dimension, size, allowed = data["d"], data["m"], data["points of an indicator"]
    yield Fact(
        "d points carry every pattern, the pattern of d ones too", f"{dimension} ≤ {allowed}", dimension <= allowed
    )
    yield Fact(
        "and d + 1 points do not carry the pattern of ones", f"{dimension + 1} > {allowed}", dimension + 1 > allowed
    )
    yield Fact("m > d + 1", f"{size} > {dimension + 1}", size > dimension + 1)
    entropy_of_w = information_bits({(value, value): p for value, p in data["law of W"].items()})
    yield Fact("I(W; D) ≤ H(W) = 0", f"{entropy_of_w} bit", entropy_of_w == 0)


def largest_gap(dimension: int, size: int) -> Fraction:
    """Gap of the indicator of d of the m distinct samples: population loss 1, empirical loss (m - d)/m."""
    return Fraction(1) - Fraction(size - dimension, size)


def _below(value: Fraction, bound: sp.Expr) -> Fact:
    """Whether a fraction is at most an expression without symbols, decided by a ball that does not contain zero."""
    with working_precision(200):
        ball = enclose(bound, {})
        difference = ball - flint.arb(flint.fmpq(value.numerator, value.denominator))
        decided = bool(difference >= 0) or bool(difference < 0)
        if not decided:
            raise ValueError(f"bound: 200 bits do not separate {value} from {bound}")
        return Fact(f"{value} ≤ {sp.sstr(bound)}", f"right side {ball.str(12)}", bool(difference >= 0))


def theorem_fails(data: Mapping[str, Any]) -> Fact:
    """Compare the gap, which occurs always, with Equation (10)."""
    values = {d: data["d"], m: data["m"], delta: sp.Rational(1, 2), information: 0}
    return _below(largest_gap(data["d"], data["m"]), printed_bound.subs(values))


def expectation_fails(data: Mapping[str, Any]) -> Fact:
    """Compare the gap with (4 + sqrt(log tau_H(2m)))/sqrt(2m), tau_H(2m) the integer sum of C(2m, i), i <= d."""
    dimension, size = data["d"], data["m"]
    count, term = 0, 1
    for index in range(dimension + 1):
        count += term
        term = term * (2 * size - index) // (index + 1)
    fact = _below(largest_gap(dimension, size), (4 + sp.sqrt(sp.log(sp.Integer(count)))) / sp.sqrt(2 * size))
    return Fact(
        f"{dimension}/{size} ≤ (4 + √log τ(2m))/√(2m), τ an integer of {len(str(count))} digits", fact.value, fact.holds
    )


def points(dimension: int) -> dict[str, Any]:
    """Return the data of the counterexample."""
    return {
        "H": "indicators of finitely many points of [0, 1]",
        "points of an indicator": dimension,
        "law of W": {"H": Fraction(1)},
        "x": "uniform on [0, 1]",
        "y": 1,
        "d": dimension,
        "m": dimension + 2,
        "delta": "1/2",
    }


POINT_CLASS = Counterexample(
    "indicators of at most 100000 points", "claim", points(100_000), point_class_hypotheses, theorem_fails
)
EXPECTATION_STEP = Step(
    "E sup gen ≤ (4 + √log τ_H(2m))/√(2m), the first line of the proof",
    counterexample=Counterexample(
        "indicators of at most 1000 points",
        "expectation of the largest gap",
        points(1_000),
        point_class_hypotheses,
        expectation_fails,
    ),
)

LOG_ONE_PLUS = Obligation(
    "log(1 + d/m) ≤ d/m, for d = xm: log(1 + u) ≤ u",
    sp.Le(sp.log(1 + u), u),
    Monotone(u, sp.S.Zero, then=Refutation()),
)
log_ratio = sp.Symbol("r", real=True)
SAUER = Step(
    "Σ_{i≤d} C(m, i) ≤ (em/d)^d for d ≤ m: (d/m)^d Σ C(m, i) ≤ Σ C(m, i)(d/m)^i ≤ (1 + d/m)^m ≤ e^d (that τ_H(m) is "
    "at most the sum is Sauer's lemma, 1972)",
    (
        Obligation(
            "(d/m)^d ≤ (d/m)^i for i ≤ d: d r ≤ i r with r = log(d/m) ≤ 0",
            sp.Le(d * log_ratio, i * log_ratio),
            Refutation(),
            (sp.Le(i, d), sp.Le(log_ratio, 0)),
        ),
        LOG_ONE_PLUS,
        Obligation(
            "m log(1 + d/m) ≤ d",
            sp.Le(m * b, d),
            Refutation(),
            (sp.Le(b, d / m),),
        ),
        Obligation(
            "log((em/d)^d) = d - d log(d/m)",
            equation(d * sp.log(sp.E * m / d), d - d * sp.log(d / m)),
            Identity(),
        ),
    ),
    rests_on=("Sauer",),
)
LEMMA_1_TERM = Step(
    "Lemma 1 with C = 1/(2m): third term √((a1²/δ)(I + δ log(2/δ)))/√(2m); printed with 2 a1² and then 4 a1², which "
    "are larger",
    (
        Obligation(
            "a1² (1/(2m)) (I/δ + log(2/δ)) is the square of it; a for log(2/δ)",
            equation(
                A1_SQUARED * (information / delta + u) / (2 * m),
                A1_SQUARED / delta * (information + delta * u) / (2 * m),
            ),
            Identity(),
        ),
        Obligation(
            "a1² ≤ 2 a1² ≤ 4 a1²",
            sp.And(sp.Le(u, 2 * u, evaluate=False), sp.Le(2 * u, 4 * u, evaluate=False)),
            Refutation(),
        ),
    ),
)

# The repair.

SYMMETRISATION = Step(
    "E sup |R - A| ≤ E sup |A' - A| (ghost sample) ≤ 2 E sup |mean σ_i (l_i - 1/2)|, σ independent signs",
    (
        Obligation(
            "the difference of two losses is that of the centred losses",
            equation(lambda: ghost - loss, lambda: (ghost - sp.Rational(1, 2)) - (loss - sp.Rational(1, 2))),
            Identity(),
        ),
        Obligation("|a - b| ≤ |a| + |b|", sp.Le(sp.Abs(a - b), sp.Abs(a) + sp.Abs(b)), Refutation()),
        Obligation("|a| is the larger of a and -a", equation(sp.Abs(x), sp.Max(x, -x)), Refutation()),
        Obligation(
            "l in {0, 1} has |l - 1/2| = 1/2",
            sp.Le(sp.Abs(loss - sp.Rational(1, 2)), sp.Rational(1, 2)),
            Refutation(),
            (sp.Ge(loss, 0), sp.Le(loss, 1)),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)


def union_over_patterns(factor: sp.Rational) -> Obligation:
    """Massart's bound for 2 tau vectors of half-width 1/2, doubled."""
    logs = sp.Symbol("ell", positive=True)
    return Obligation(
        f"2 · (1/2) √(2ℓ)/√m = {factor} √ℓ/√(2m), ℓ = log(2τ)",
        equation(
            lambda: 2 * sp.Rational(1, 2) * sp.sqrt(2 * logs) / sp.sqrt(m),
            lambda: factor * sp.sqrt(logs) / sp.sqrt(2 * m),
        ),
        Identity(),
    )


UNION = Step(
    "Massart (Equation (12)) for the 2τ_H(m) vectors ±(l_i - 1/2): E sup gen ≤ 2 √(log(2τ_H(m)))/√(2m)",
    (
        *JENSEN.obligations,
        *MAXIMUM_BELOW_SUM.obligations,
        *COSH.obligations,
        optimal_tilt(sp.Integer(2)),
        union_over_patterns(sp.Integer(2)),
    ),
    role=Role.OURS,
    rests_on=("expectation", "independence", "induction"),
)
UPPER_TAIL = Step(
    "P(sup gen - E sup gen ≥ u) ≤ exp(-2mu²) for each class: bounded differences 1/m (Equation (13), one side)",
    (*BOUNDED_DIFFERENCES.obligations, *MARTINGALE.obligations, *TILT.obligations),
    role=Role.OURS,
    rests_on=("expectation", "conditioning", "independence"),
)
exponent = (information + binary_entropy(delta)) / delta
CHOOSE_RADIUS = Step(
    "q = exp(-2mu²) is exp(-(I + h(δ))/δ) at the u of the third term, and (I + h(δ))/δ ≤ I/δ + log(e/δ)",
    (
        Obligation(
            "2mu² = (I + h(δ))/δ",
            equation(lambda: 2 * m * (sp.sqrt(exponent) / sp.sqrt(2 * m)) ** 2, exponent),
            Identity(),
            (sp.Lt(delta, 1), instance(LOG_DELTA), instance(MINUS_LOG, {q: delta})),
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


def selection(name: str, bound: Callable[[int, int, float], float]) -> ExactCheck:
    """Take the worst of T independent fair coins as the learned class (one function, d = 1): P(gap >= u) exactly.

    `bound(m, T, P)` is compared with u at P = P(gap >= u); W is the index of the worst coin, so I(W; D) <= log T.
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in (4, 20, 100, profile.largest_n):
            law = binomial_law(size, 0.5)
            tail = np.minimum(2 * np.cumsum(law[::-1])[::-1], 1.0)
            for coins in (1, 2, 10, 1_000, 10**6):
                for heads in range(size // 2 + 1, size + 1, max(1, size // 25)):
                    probability = float(-np.expm1(coins * np.log1p(-min(float(tail[heads]), 1 - 1e-16))))
                    if 1e-200 < probability < 1:
                        label = f"m = {size}, T = {coins}, P = {probability:.3g}"
                        yield Comparison(label, heads / size - 0.5, bound(size, coins, probability))

    return ExactCheck(name, compare)


def point_classes(name: str, bound: Callable[[int, int], float]) -> ExactCheck:
    """Compare the gap d/(d + 2) of the counterexample, which occurs always, so at every delta."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for dimension in (1, 2, 5, 10, 100, 1_000, 10**4, 10**5, 10**6, 10**8):
            size = dimension + 2
            yield Comparison(f"d = {dimension}", float(largest_gap(dimension, size)), bound(dimension, size))

    return ExactCheck(name, compare)


def point_bound(dimension: int, size: int, factor: float) -> float:
    """Repaired bound at I = 0 and delta = 0.999, the 2 of its first term replaced."""
    first = factor * np.sqrt(np.log(2) + dimension * (1 + np.log(size / dimension)))
    entropy = -0.999 * np.log(0.999) - 0.001 * np.log(0.001)
    return float((first + np.sqrt(entropy / 0.999)) / np.sqrt(2 * size))


def repaired(size: int, coins: int, probability: float) -> float:
    """Repaired bound at d = 1 and I = log T."""
    return float(theorem_5(size, 1, float(np.log(coins)), probability, Constants.CLOSED_FORM))


def third_term(size: int, coins: int, probability: float) -> float:
    """Return the repaired bound without the class and without information."""
    return float(np.sqrt((1 - np.log(probability)) / (2 * size)))


def worst_coin(share: float) -> Sweep:
    """Compare the worst of 20 coins with a share of the repaired radius at delta = 0.05."""
    size, coins, claimed = 400, 20, 0.05
    radius = share * float(theorem_5(size, 1, float(np.log(coins)), claimed, Constants.CLOSED_FORM))

    def count(rng: np.random.Generator, trials: int) -> int:
        gaps = np.abs(rng.binomial(size, 0.5, (trials, coins)) / size - 0.5).max(axis=1)
        return int(np.sum(gaps > radius))

    return Sweep(f"worst of {coins} coins, m = {size}, gap > {radius:.4g}", count, claimed)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments over many orders of magnitude."""
    dimension = float(np.ceil(10 ** rng.uniform(0, 6)))
    return {
        "d": dimension,
        "m": dimension + float(np.ceil(10 ** rng.uniform(0.4, 8))),
        "I": float(10 ** rng.uniform(-6, 4)),
        "delta": float(rng.uniform(1e-6, 0.999)),
    }


def bound_function(constants: Constants) -> Callable[..., float]:
    """`bounds.theorem_5` under the names of the symbols."""
    return lambda **values: float(theorem_5(values["m"], values["d"], values["I"], values["delta"], constants))


STATEMENT = Statement(
    id="theorem-5",
    title="Generalisation of a learned class of bounded VC dimension",
    source="Appendix D, Theorem 5 and Equation (10)",
    recorded=Verdict.FALSE,
    claim=Claim(
        conclusion=PRINTED,
        hypotheses=(sp.Gt(m, d + 1),),
        words="G is the largest generalisation gap in the learned class H_W, every class has VC dimension at most d, "
        "the loss is 0-1, m is the sample size, I = I(W; D), and a1² = 72.",
    ),
    derivation=(EXPECTATION_STEP, SAUER, LEMMA_1_TERM),
    counterexamples=(POINT_CLASS,),
    agreement=(
        NumericAgreement("bounds.theorem_5, paper's constants", bound_function(Constants.PAPER), printed_bound, sample),
    ),
    faults=(
        PlantedFault(
            "counterexample with 10 points instead of 100000",
            Counterexample("10 points", "claim", points(10), point_class_hypotheses, theorem_fails),
        ),
        PlantedFault(
            "counterexample with m = d + 1, which the theorem does not admit",
            Counterexample(
                "m = d + 1", "claim", {**points(100_000), "m": 100_001}, point_class_hypotheses, theorem_fails
            ),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=REPAIRED,
            hypotheses=(sp.Ge(m, d),),
            words="Here (I + h(δ))/δ ≤ I/δ + log(e/δ), h the binary entropy in nats.",
        ),
        derivation=(
            SYMMETRISATION,
            UNION,
            Step(SAUER.text, SAUER.obligations, role=Role.OURS, rests_on=SAUER.rests_on),
            UPPER_TAIL,
            CHANGE_OF_MEASURE,
            EVENT_BOUND,
            CLOSED_FORM,
            CHOOSE_RADIUS,
        ),
        exact=(
            selection("worst of T coins, exact tail of the gap", repaired),
            point_classes(
                "d/(d+2) ≤ repaired bound at δ = 0.999",
                lambda dim, size: float(theorem_5(size, dim, 0.0, 0.999, Constants.CLOSED_FORM)),
            ),
        ),
        sweeps=(worst_coin(1.0),),
        agreement=(
            NumericAgreement(
                "bounds.theorem_5, closed form",
                bound_function(Constants.CLOSED_FORM),
                repaired_bound(binary_entropy(delta)),
                sample,
            ),
        ),
        faults=(
            PlantedFault("class and information dropped", selection("u ≤ √(log(e/P)/(2m))", third_term)),
            PlantedFault("factor 2 of the union shrunk to 1", union_over_patterns(sp.Integer(1))),
            PlantedFault("a tenth of the radius", worst_coin(0.1)),
            PlantedFault(
                "first term shrunk from 2 to 1.4, on the point classes",
                point_classes("d/(d+2) ≤ bound with 1.4", lambda dim, size: point_bound(dim, size, 1.4)),
            ),
        ),
    ),
    remarks=(
        "The first line of the proof is false already for the exact growth function; the gap d/(d + 2) tends to one "
        "while the claimed expectation tends to √(log(2e)/2) = 0.920 by Sauer's bound.",
        "The third term as derived has a1², in the middle of the proof 2 a1², in the theorem 4 a1².",
    ),
)
