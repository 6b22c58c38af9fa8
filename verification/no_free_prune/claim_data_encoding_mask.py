"""Claim of Section 5.5: a mask that merely encodes the data has high p_eff without being robust."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import sympy as sp

from noprune_theory.verifier.exact_models import information_bits
from noprune_theory.verifier.notation import Entropy, MutualInformation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation, Shannon
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Verdict,
)

m, D = sp.Symbol("m"), sp.Symbol("D")
n, slope, ceiling, distance = sp.symbols("n Lambda B t", positive=True)

ENCODES = Step(
    "The mask m = (y_1, ..., y_n) of n weights and the data determine each other, so I(m; D) = H(D)",
    (
        Obligation(
            "H(m | D) = H(D | m) = 0",
            equation(MutualInformation(m, D), Entropy(D)),
            Shannon(),
            (equation(Entropy(m, D), 0), equation(Entropy(D, m), 0)),
        ),
    ),
)
FAIR_LABELS = Step(
    "n fair labels at fixed inputs: H(D) = n bits, so p_eff ≥ n",
    (
        Obligation(
            "2^n values of probability 2^-n",
            equation(-(2**n) * 2 ** (-n) * sp.log(2 ** (-n)) / sp.log(2), n),
            Identity(),
        ),
    ),
)


def rough(share: sp.Rational) -> Obligation:
    """State that a class with any weights at all contains a function of Lipschitz constant above every ceiling."""
    return Obligation(
        "slope Λ = 1 + B of f(x) = Λ x_1 exceeds B: Λt/t > B",
        sp.Gt(share * slope * distance / distance, ceiling),
        Refutation(),
        (equation(slope, 1 + ceiling),),
    )


NOT_ROBUST = Step(
    "The returned function f(x) = Λ x_1 does not depend on the mask and has Lipschitz constant Λ, as large as one "
    "likes: a high p_eff lowers the bound eps √(nd/p_eff) but forces nothing from above",
    (rough(sp.Integer(1)),),
)


def encoded(name: str, kept: int, needed: Fraction) -> ExactCheck:
    """Compare `needed` n with the enumerated information of a mask that encodes every `kept`-th label."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for size in range(2, 9, 2):
            labels = list(product((0, 1), repeat=size))
            joint = {(y, y[::kept]): Fraction(1, len(labels)) for y in labels}
            bits = information_bits(joint)
            yield Comparison(f"n = {size}", needed * size, Fraction(int(bits)) if bits.is_Integer else Fraction(0))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="claim-data-encoding-mask",
    title="A mask that encodes the data has high p_eff without being robust",
    source="Section 5.5",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=sp.And(
            sp.Ge(MutualInformation(m, D), n * sp.log(2)), sp.Gt(sp.Symbol("Lip", positive=True), ceiling)
        ),
        words="For every n and every ceiling B there is a learner whose mask knows n bits of the n labels and whose "
        "function has a Lipschitz constant above B: the law is necessary for robustness, not sufficient.",
    ),
    derivation=(ENCODES, FAIR_LABELS, NOT_ROBUST),
    exact=(encoded("n ≤ I(m; D) in bits, all labels enumerated", 1, Fraction(1)),),
    faults=(
        PlantedFault("a mask that encodes every second label", encoded("n ≤ I(m; D)", 2, Fraction(1))),
        PlantedFault(
            "information from determinism alone",
            Obligation(
                "I(m; D) = H(D)",
                equation(MutualInformation(m, D), Entropy(D)),
                Shannon(),
                (equation(Entropy(m, D), 0),),
            ),
        ),
        PlantedFault("half the slope", rough(sp.Rational(1, 2))),
    ),
    remarks=("Necessity is Theorem 4; that its converse fails is all that is claimed.",),
)
