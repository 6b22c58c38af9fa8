"""Claim of Section 6.2: the correlation with the label noise lower-bounds the information."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.exact_models import FiniteModel, information_bits, random_models, selection_model
from noprune_theory.verifier.notation import Expectation, MutualInformation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, number_sign
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.facts.concentration import NOISE_PRODUCT
from verification.no_free_prune.lemma_1 import GIBBS_ABOVE, GIBBS_BELOW

a, proxy, c, d, n, lipschitz = sp.symbols("a v c d n L", positive=True)
g, mean, tilt, information = sp.symbols("g x lambda I", real=True)
D, returned, X_W = sp.Symbol("D"), sp.Symbol("f^W"), sp.Symbol("X_W", real=True)


# One sample (x, z), both fair signs; f = x or f = -x; W follows the sign of x z except with probability eta.


def noisy_sign_law(data: Mapping[str, Any]) -> dict[tuple[Any, Any], Fraction]:
    """Return the joint law of (x, z) and of the returned slope."""
    eta = data["eta"]
    return {
        ((x, z), w): Fraction(1, 4) * (1 - eta if w == x * z else eta)
        for x in (-1, 1)
        for z in (-1, 1)
        for w in (-1, 1)
    }


def noisy_sign_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Check a law, centred functions, and noise with mean zero given the input."""
    joint = noisy_sign_law(data)
    yield Fact("the probabilities sum to one", str(sum(joint.values())), sum(joint.values()) == 1)
    for x in (-1, 1):
        noise = sum((q * z for ((u, z), _), q in joint.items() if u == x), Fraction(0))
        yield Fact(f"E[z | x = {x}] = 0", str(noise), noise == 0)
    input_mean = sum((q * x for ((x, _), _), q in joint.items()), Fraction(0))
    yield Fact("E f = 0 for f = ±x", str(input_mean), input_mean == 0)


def correlation_below_information(data: Mapping[str, Any]) -> Fact:
    """Compare E X_W, X_W = f(x) z at n = 1, with I(D; f^W) in bits: the larger unit makes the claim easier."""
    joint = noisy_sign_law(data)
    correlation = sum((q * w * x * z for ((x, z), w), q in joint.items()), Fraction(0))
    bits = information_bits(joint)
    gap = sp.Rational(correlation.numerator, correlation.denominator) - bits
    return Fact("E X_W ≤ I(f^W; D) in bits", f"{correlation} against {bits}", number_sign(gap) <= 0)


NOISY_SIGN = Counterexample(
    "noisy sign",
    "claim",
    {"n": 1, "x": "fair sign", "z": "fair sign", "f": "wx, w = xz with probability 1 - eta", "eta": Fraction(1, 4)},
    noisy_sign_hypotheses,
    correlation_below_information,
)
LITERAL = Step("E X_W ≤ I(f^W; D), X_W = (1/n) Σ (f(x_i) - E f) z_i", counterexample=NOISY_SIGN)
VARIATIONAL = Step(
    "For every λ: λ E X_W ≤ I + sup_t log E exp(λ X_t) (Gibbs, pointwise with density a and g = λX_t - log E "
    "exp(λX_t))",
    (
        GIBBS_ABOVE,
        GIBBS_BELOW,
        Obligation(
            "with r = a exp(-g): exp(g) (r log r - r + 1) = a (log a - g) - a + exp(g)",
            equation(
                sp.exp(g) * (a * sp.exp(-g) * (sp.log(a) - g) - a * sp.exp(-g) + 1), a * (sp.log(a) - g) - a + sp.exp(g)
            ),
            Identity(),
        ),
    ),
    role=Role.USE,
    rests_on=("expectation", "conditioning"),
)


def quadratic(factor: sp.Rational) -> Obligation:
    """Value of lambda x - v lambda^2/2 at its maximum."""
    return Obligation(
        f"λx - vλ²/2 = x²/({factor}v) at λ = x/v",
        equation(lambda: mean / proxy * mean - proxy * (mean / proxy) ** 2 / 2, lambda: mean**2 / (factor * proxy)),
        Identity(),
    )


SQUARE = Step(
    "With variance proxy v: (E X_W)²/(2v) ≤ I, a monotone function of the correlation",
    (quadratic(sp.Integer(2)),),
    role=Role.USE,
)
PROXY = Step(
    "v = 4cL²/(nd) for L-Lipschitz functions of a c-isoperimetric input: I ≥ nd (E X_W)²/(8cL²)",
    (
        *NOISE_PRODUCT.obligations,
        Obligation(
            "x²/(2v) = nd x²/(8cL²) at that v",
            equation(
                lambda: mean**2 / (2 * (4 * c * lipschitz**2 / (n * d))),
                lambda: n * d * mean**2 / (8 * c * lipschitz**2),
            ),
            Identity(),
        ),
    ),
    role=Role.USE,
    rests_on=("isoperimetry", "expectation", "conditioning", "layer cake", "independence"),
)


def bounded_proxy(model: FiniteModel) -> float:
    """Return Hoeffding's variance proxy of the statistics: a quarter of the largest squared range."""
    return float(np.ptp(model.statistic, axis=1).max() ** 2 / 4)


def chosen_mean(model: FiniteModel) -> float:
    """Return E X_W."""
    return float(np.sum(model.joint * model.statistic.T))


def models(profile: Profile) -> Iterator[tuple[str, FiniteModel]]:
    """Yield random models, the selection family, and noisy signs down to vanishing dependence."""
    rng = np.random.default_rng(62)
    yield from ((f"random model {i}", model) for i, model in enumerate(random_models(rng, profile.random_models)))
    yield from ((f"selection among {k}", selection_model(k, hit)) for k in range(2, 7) for hit in (0.4, 0.7, 0.95))
    for eta in (0.01, 0.1, 0.25, 0.4, 0.49, 0.499):
        kernel = np.array([[1 - eta, eta], [eta, 1 - eta]])
        yield f"noisy sign, η = {eta}", FiniteModel(np.array([0.5, 0.5]), kernel, np.array([[1.0, -1.0], [-1.0, 1.0]]))


def check(name: str, factor: float) -> ExactCheck:
    """Compare (E X_W)^2/(factor v) with the information on finite models."""

    def sides(model: FiniteModel) -> tuple[float, float]:
        return chosen_mean(model) ** 2 / (factor * bounded_proxy(model)), model.information

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, model in models(profile):
            yield Comparison(label, *sides(model), model)

    return ExactCheck(name, compare, sides=sides)


STATEMENT = Statement(
    id="claim-correlation-lower-bound",
    title="The correlation with the label noise lower-bounds the information",
    source="Section 6.2 and Appendix C.1.2",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=sp.Le(Expectation(X_W), MutualInformation(returned, D)),
        words="X_W is the sample mean of (f(x_i) - E f) z_i at the returned function f = f^W.",
    ),
    derivation=(LITERAL, VARIATIONAL, SQUARE, PROXY),
    counterexamples=(NOISY_SIGN,),
    faults=(
        PlantedFault(
            "counterexample without randomness in the learner",
            Counterexample(
                "eta = 0",
                "claim",
                {**NOISY_SIGN.data, "eta": Fraction(0)},
                noisy_sign_hypotheses,
                correlation_below_information,
            ),
        ),
        PlantedFault("x²/v claimed at the optimal tilt", quadratic(sp.Integer(1))),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.Le(n * d * Expectation(X_W) ** 2 / (8 * c * lipschitz**2), MutualInformation(returned, D)),
            words="Information in nats; every function of the class is L-Lipschitz, the input is c-isoperimetric in "
            "dimension d, and z given x has mean zero in an interval of length two.",
        ),
        derivation=tuple(
            Step(step.text, step.obligations, role=Role.OURS, rests_on=step.rests_on)
            for step in (VARIATIONAL, SQUARE, PROXY)
        ),
        exact=(check("(E X_W)²/(2v) ≤ I on finite (D, W), v a quarter of the squared range", 2.0),),
        faults=(
            PlantedFault("factor 2 shrunk to 1.9", check("(E X_W)²/(1.9v) ≤ I", 1.9)),
            PlantedFault("tilt with the wrong factor", quadratic(sp.Integer(3))),
        ),
    ),
    remarks=(
        "The measured correlation is therefore evidence for information only together with the Lipschitz constant and "
        "after squaring.",
        "The square cannot be improved: the noisy sign reaches equality as the dependence vanishes.",
    ),
)
