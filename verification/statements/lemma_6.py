"""Lemma 6: the probability of fitting below the noise level, from the information of the learner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp
from scipy.special import wrightomega

from noprune_theory.bounds import Constants, lemma_6
from verification.concentration import NOISE_PRODUCT, PRINTED_AVERAGE, SHARP_AVERAGE, WORST_NOISE, product_bound
from verification.exact_models import SignModel
from verification.notation import (
    EIGHT_CUBED,
    Divergence,
    MutualInformation,
    Probability,
    RadiusInverse,
    equation,
    event,
)
from verification.obligations import Obligation
from verification.provers import Events, Identity
from verification.statement import (
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
from verification.statements import equation_7, lemma_1, lemma_2, lemma_4, lemma_5
from verification.statements.lemma_2 import fitting, sign_models

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
    rests_on=("expectation",),
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
    rests_on=("expectation",),
)


def printed_bound(
    average: float, a1_squared: float = 72.0, first_term: float = 1.0
) -> Callable[[SignModel, float], float]:
    """Lemma 6 in the sign model (k = d = 1, L = |w|) with the given factor of c L^2/(n d) in C0."""

    def bound(model: SignModel, margin: float) -> float:
        proxy = average * model.isoperimetry * model.weight**2 / model.n
        exponent = (margin / 8) ** 2 / (a1_squared * proxy)
        mutual = max(model.information(margin), 1e-300)
        delta = mutual / float(wrightomega(exponent - np.log(2) + np.log(mutual)))
        return first_term * 4 * float(np.exp(-model.n * margin**2 / 512)) + min(1.0, delta)

    return bound


def sharp_bound(model: SignModel, margin: float) -> float:
    """Sharpened Lemma 6 in the sign model, by the function of the package."""
    mutual = model.information(margin)
    return float(lemma_6(model.n, 1, 1, min(margin, 1.0), model.weight, model.isoperimetry, mutual, Constants.SHARP))


def fit_check(name: str, bound: Callable[[SignModel, float], float]) -> ExactCheck:
    """Exact probability of fitting in the sign model, at every size; bounds of one are kept out."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        large = [(f"n = {m.n}, ε = {e}, |w| = {m.weight:.3f}", m, e) for m, e in _large(profile)]
        for label, model, margin in (*sign_models(profile), *large):
            limit = bound(model, margin)
            if limit < 1:
                yield Comparison(label, model.success(margin), limit)

    return ExactCheck(name, compare)


def _large(profile: Profile) -> Iterator[tuple[SignModel, float]]:
    """Sizes at which the printed bound says something: n eps^2 in the thousands."""
    for n_samples in (50_000, 200_000) if profile.name == "quick" else (50_000, 200_000, 1_000_000):
        for margin in (0.3, 0.6):
            for weight in (0.01, 0.05, margin**0.5):
                yield SignModel(n_samples, weight), margin


def simulate(flipped: bool) -> Sweep:
    """Simulate the sign model by binomials; flipped: labels equal to x, so that nothing is noise."""
    n_samples, margin, weight = 1_000_000, 0.1, 0.05
    model = SignModel(n_samples, weight)
    exponent = (margin / 8) ** 2 * n_samples / (72 * 144 * model.isoperimetry * weight**2)
    claimed = 4 * float(np.exp(-n_samples * margin**2 / 512)) + float(
        np.log(5) / wrightomega(exponent - np.log(2) + np.log(np.log(5)))
    )
    threshold = n_samples * (margin + weight**2) / (2 * weight)

    def count(rng: np.random.Generator, trials: int) -> int:
        products = 2.0 * rng.binomial(n_samples, 0.5, trials) - n_samples
        sums = 2.0 * rng.binomial(n_samples, 0.5, trials) - n_samples
        if flipped:
            products = np.full(trials, float(n_samples))
            return int(np.sum(products >= min(threshold, n_samples)))
        return int(np.sum(np.maximum(np.abs(products), np.abs(sums)) >= threshold))

    name = "P(fit), sign model" + (", labels equal to x" if flipped else "")
    return Sweep(f"{name}, n = {n_samples}, ε = {margin}, |w| = {weight}", count, claimed)


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
)

STATEMENT = Statement(
    id="lemma-6",
    title="Probability of fitting below the noise level",
    source="Appendix B.1.3, Lemma 6",
    recorded=Verdict.GAP,
    claim=CLAIM,
    derivation=PRINTED_DERIVATION,
    exact=(fit_check("P(fit) ≤ bound of Lemma 6, sign model by binomials", printed_bound(144.0)),),
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
            "C0 shrunk from 144 to 0.01",
            fit_check("Lemma 6 with C0 = 0.01 cL²/(nd), no first term", printed_bound(0.01, 1.0, 0.0)),
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
        exact=(fit_check("P(fit) ≤ sharpened bound, sign model by binomials", sharp_bound),),
        faults=REPAIRED_FAULTS,
    ),
    remarks=(
        "C0 = 144 cL²/(nd) is right, and 8 cL²/(nd) follows from the same argument with the noise bounded by a "
        "two-point law.",
        "The gap is that of Lemma 5: E[z | x, l] = 0 is not part of A1 and A2.",
    ),
)
