"""Lemma 6: the probability of fitting below the noise level, from the information of the learner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp
from scipy.special import wrightomega

from noprune_theory.bounds import Constants, lemma_6
from noprune_theory.verifier.exact_models import SignModel
from noprune_theory.verifier.notation import (
    EIGHT_CUBED,
    Divergence,
    MutualInformation,
    Probability,
    RadiusInverse,
    equation,
    event,
)
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events, Identity
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
    Sweep,
    Verdict,
)
from verification.facts.concentration import NOISE_PRODUCT, PRINTED_AVERAGE, SHARP_AVERAGE, WORST_NOISE, product_bound
from verification.no_free_prune import equation_7, lemma_1, lemma_2, lemma_4, lemma_5
from verification.no_free_prune.lemma_2 import fitting

epsilon, n, d, k, c, L, C0 = sp.symbols("epsilon n d k c L C_0", positive=True)
information = sp.Symbol("I", positive=True)
A_f, B, C, E_f, F = (event(name) for name in ("A_f", "B", "C", "E_f", "F"))

TAIL = Step(
    "P(E_f at W) ≤ s^{-1}(ε/8): Lemma 1 for X_t, and s decreases (Equation (7))",
    (
        *lemma_1.CHANGE_OF_MEASURE.obligations,
        *lemma_1.EVENT_BOUND.obligations,
        *lemma_1.CLOSED_FORM.obligations,
        *lemma_1.PRINTED_CONCLUSION.obligations,
        *equation_7.DECREASING.obligations,
    ),
    rests_on=("expectation", "decoupling"),
)
TOGETHER = Step(
    "P(A_f) ≤ 2 exp(-nε²/8³) + 2k exp(-nε²/(8³k)) + s^{-1}(ε/8), and the two exponentials are at most (2k+2) "
    "exp(-nε²/(8³k))",
    (*lemma_2.UNION_BOUND.obligations, *lemma_2.SUM_OF_TERMS.obligations),
)
SHARP_TAIL = Step(
    "P(X_W ≥ ε/4) is at most the largest P with kl(P‖q) ≤ I, q = exp(-ε² nd/(128 cL²)): Lemma 1 on one event, one side",
    (
        *lemma_1.CHANGE_OF_MEASURE.obligations,
        *lemma_1.EVENT_BOUND.obligations,
        Obligation(
            "(ε/4)² nd/(8cL²) = ε² nd/(128cL²)",
            equation(
                lambda: (epsilon / 4) ** 2 * n * d / (8 * c * L**2), lambda: epsilon**2 * n * d / (128 * c * L**2)
            ),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation", "decoupling"),
)


def selected_tails(profile: Profile) -> Iterator[tuple[str, float, float, float]]:
    """Yield `(label, u^2 n/(c w^2), P(X_W >= u), I(W; D))` for three learners of the sign model, by binomials.

    X_W = w S/n with S the sum of x y, a sum of n fair signs. The learners keep the weight w whatever the data, give it
    the sign of S, or keep it only if S reaches the threshold (else they return zero). L = w, d = 1, so that u^2 and C0
    scale with w^2 and the result does not depend on w.
    """
    for n_samples in sorted({10, 100, 1_000, profile.largest_n}):
        model = SignModel(n_samples, 1.0)
        tail = np.cumsum(model.law[::-1])[::-1]
        start = n_samples // 2 + 1
        for index in np.unique(np.geomspace(1, n_samples - start + 1, 40).astype(int)) + start - 1:
            reached, value = float(tail[index]), float(model.sums[index])
            if reached < 1e-200:
                break
            square = value**2 / n_samples / model.isoperimetry
            rest = 1 - reached
            entropy = -reached * float(np.log(reached)) - rest * float(np.log(rest))
            at = f"n = {n_samples}, S ≥ {value:.0f}"
            yield f"{at}, weight kept always", square, reached, 0.0
            if 2 * reached < 1:
                yield f"{at}, sign of S", square, 2 * reached, float(np.log(2))
            yield f"{at}, weight kept if S is that large", square, reached, entropy


def radius_check(name: str, squared_radius: Callable[[float, float], float]) -> ExactCheck:
    """Compare u^2 with the squared radius that a bound allows at I and P = P(X_W >= u), both in units of cL^2/(nd).

    P <= s^{-1}(u) is u <= s(P), because s decreases; the probabilities themselves are too small to be told from zero
    wherever s^{-1} is below one.
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, square, probability, mutual in selected_tails(profile):
            yield Comparison(label, square, squared_radius(mutual, probability))

    return ExactCheck(name, compare)


def printed_radius(average: float) -> Callable[[float, float], float]:
    """Return s(P)^2 = a1^2 C0 (I/P + log(2/P)), C0 = average cL^2/(nd)."""
    return lambda mutual, p: 72 * average * (mutual / p + float(np.log(2 / p)))


def sharp_radius(average: float) -> Callable[[float, float], float]:
    """Return C (I + h(P))/P: kl(P || q) <= I gives log(1/q) <= (I + h(P))/P, here with q = exp(-u^2/C)."""
    return lambda mutual, p: average * (mutual - p * float(np.log(p)) - (1 - p) * float(np.log1p(-p))) / p


SUMMANDS = (
    lemma_4.tail_check(
        "P(B^c or C^c) ≤ 2 exp(-nε²/512), skewed labels, by binomials", lemma_4.printed_failure, 1 / 512, 2.0
    ),
    lemma_5.imbalance_check("P(F) ≤ 2k exp(-nε²/(512k)), independent fair signs", 1 / 512, "components"),
)
SHARP_SUMMANDS = (
    lemma_2.sign_vector_check("P(some s has mean T_s ≤ σ² - t) ≤ 2 exp(-2nt²/17), in exponents", 2 / 17),
    radius_check("P(X_W ≥ u) against (I + h(P))/P with proxy 8 cL²/(nd), sign model by binomials", sharp_radius(8.0)),
)


def simulate(flipped: bool) -> Sweep:
    """Simulate the sign model by binomials; flipped: labels equal to x, so that nothing is noise.

    The weight √ε can fit, for labels that are correlated enough with x or with one.
    """
    n_samples, margin = 10_000_000, 0.5
    weight = margin**0.5
    exponent = (margin / 8) ** 2 * n_samples / (72 * 144 * SignModel.isoperimetry * weight**2)
    mutual = float(np.log(5))
    claimed = 4 * float(np.exp(-n_samples * margin**2 / 512)) + mutual / float(
        wrightomega(exponent - np.log(2) + np.log(mutual))
    )
    threshold = n_samples * (margin + weight**2) / (2 * weight)

    def count(rng: np.random.Generator, trials: int) -> int:
        agreeing = np.full(trials, n_samples) if flipped else rng.binomial(n_samples, 0.5, trials)
        ones = rng.binomial(n_samples, 0.5, trials)
        largest = np.maximum(np.abs(2.0 * agreeing - n_samples), np.abs(2.0 * ones - n_samples))
        return int(np.sum(largest >= threshold))

    name = "P(fit), sign model" + (", labels equal to x" if flipped else "")
    return Sweep(f"{name}, n = {n_samples}, ε = {margin}, |w| = {weight:.3f}", count, claimed)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments for which the bound is mostly below one."""
    components, margin = float(rng.integers(1, 6)), float(rng.uniform(0.1, 1.0))
    return {
        "n": float(np.ceil(512 * components * rng.uniform(2, 40) / margin**2)),
        "d": float(rng.integers(1, 4_000)),
        "k": components,
        "epsilon": margin,
        "L": float(10 ** rng.uniform(-3, -1)),
        "c": float(rng.uniform(0.5, 3)),
        "I": float(10 ** rng.uniform(-2, 3)),
    }


PRINTED_EXPONENT = (epsilon / 8) ** 2 * n * d / (72 * 144 * c * L**2)
PRINTED_INVERSE = information / sp.LambertW(information * sp.exp(PRINTED_EXPONENT) / 2)
PRINTED_FIRST = (2 * k + 2) * sp.exp(-n * epsilon**2 / (8**3 * k))

# Claims are kept as written: sympy does not reorder or evaluate them.
with sp.evaluate(False):
    printed_sum = (2 * k + 2) * sp.exp(-n * epsilon**2 / (EIGHT_CUBED * k)) + RadiusInverse(epsilon / 8)
    CLAIM = Claim(
        conclusion=sp.Le(fitting, printed_sum),
        words="s(δ) = a1 √(C0 (I/δ + log(2/δ))) with C0 = 144 cL²/(nd) and I = I({X_t}; W); every function is "
        "L-Lipschitz.",
    )
    REPAIRED_CLAIM = Claim(
        conclusion=sp.And(
            sp.Le(fitting, printed_sum),
            sp.Le(fitting, 2**k * sp.exp(-n * epsilon**2 / 34) + sp.Symbol("P")),
        ),
        hypotheses=(
            lemma_5.CENTRED_ON_COMPONENTS.expression,
            sp.Le(
                Divergence(sp.Symbol("P"), sp.exp(-(epsilon**2) * n * d / (128 * c * L**2))),
                MutualInformation(sp.Symbol("X"), sp.Symbol("W")),
            ),
        ),
        words="The printed bound under the additional first hypothesis, and a sharper one in which P is the largest "
        "number that satisfies the second.",
    )

PRINTED_DERIVATION = (
    lemma_4.DECOMPOSITION,
    lemma_4.IMPLICATION,
    lemma_4.CONCENTRATION,
    lemma_5.IMPLICATION,
    lemma_5.CENTRED_ON_COMPONENTS,
    lemma_5.UNION,
    lemma_1.TAIL_TO_MGF,
    PRINTED_AVERAGE,
    TAIL,
    TOGETHER,
)
REPAIRED_DERIVATION = (
    lemma_4.DECOMPOSITION,
    lemma_4.IMPLICATION,
    lemma_4.CONCENTRATION,
    lemma_5.IMPLICATION,
    lemma_5.REDRAW,
    lemma_5.UNION,
    lemma_1.TAIL_TO_MGF,
    PRINTED_AVERAGE,
    TAIL,
    TOGETHER,
    lemma_2.SIGN_VECTORS,
    lemma_2.SIGN_CONCENTRATION,
    lemma_2.SHARP_UNION,
    WORST_NOISE,
    NOISE_PRODUCT,
    SHARP_AVERAGE,
    SHARP_TAIL,
)
REPAIRED_FAULTS = (
    PlantedFault("proxy 8 (variance proxy 4) shrunk to 7 in the middle box", product_bound(sp.Rational(7, 2))[2]),
    PlantedFault("and for small tilts", product_bound(sp.Rational(7, 2))[0]),
    PlantedFault(
        "proxy 8 shrunk to 2.5",
        radius_check("P(X_W ≥ u) with proxy 2.5 cL²/(nd)", sharp_radius(2.5)),
    ),
    PlantedFault(
        "exponent 2/17 raised to 7/50",
        lemma_2.sign_vector_check("P(some s ...) ≤ 2 exp(-7nt²/50)", 7 / 50),
    ),
)

STATEMENT = Statement(
    id="lemma-6",
    title="Probability of fitting below the noise level",
    source="Appendix B.1.3, Lemma 6",
    recorded=Verdict.GAP,
    claim=CLAIM,
    derivation=PRINTED_DERIVATION,
    exact=(
        *SUMMANDS,
        radius_check("P(X_W ≥ u) ≤ s^{-1}(u), as u ≤ s(P), sign model by binomials", printed_radius(144.0)),
    ),
    sweeps=(simulate(False),),
    agreement=(
        NumericAgreement(
            "bounds.lemma_6, paper's constants",
            lambda n, d, k, epsilon, L, c, I: float(  # noqa: E741
                lemma_6(int(n), int(d), int(k), epsilon, L, c, I, Constants.PAPER)
            ),
            sp.Min(1, sp.Min(1, PRINTED_FIRST) + sp.Min(1, PRINTED_INVERSE)),
            sample,
        ),
    ),
    faults=(
        PlantedFault(
            "C0 shrunk from 144 to 0.035 cL²/(nd)",
            radius_check("u ≤ s(P) with C0 = 0.035 cL²/(nd)", printed_radius(0.035)),
        ),
        PlantedFault("labels that are a function of x", simulate(True)),
        PlantedFault(
            "event E_f left out of the union",
            Obligation(
                "union bound without E_f",
                sp.Le(Probability(A_f), Probability(sp.Or(sp.Not(B), sp.Not(C))) + Probability(F)),
                Events(),
                (sp.Implies(A_f, sp.Or(sp.Not(B), sp.Not(C), E_f, F)),),
            ),
        ),
    ),
    repair=Repair(
        claim=REPAIRED_CLAIM,
        derivation=REPAIRED_DERIVATION,
        exact=SHARP_SUMMANDS,
        faults=REPAIRED_FAULTS,
    ),
    remarks=(
        "C0 = 144 cL²/(nd) is right, and 8 cL²/(nd) follows from the same argument with the noise bounded by a "
        "two-point law.",
        "The gap is that of Lemma 5: E[z | x, l] = 0 is not part of A1 and A2.",
    ),
)
