"""Equation (2): the Rademacher average of the 0-1 losses is half of that of the classifiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
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
from verification.price_of_robustness.models import rademacher

sigma, y, f, total, spread = sp.symbols("sigma y f A B", real=True)
loss_average, class_average = sp.Symbol("Rad(loss o F)"), sp.Symbol("Rad(F)")

LOSS = Step(
    "The 0-1 loss of labels ±1 is (1 - yf)/2, and yσ is a fair sign like σ",
    (
        Obligation(
            "(1 - yf)/2 is 0 for f = y and 1 for f = -y",
            sp.And(
                sp.Implies(equation(f, y), equation((1 - y * f) / 2, 0)),
                sp.Implies(equation(f, -y), equation((1 - y * f) / 2, 1)),
            ),
            Refutation(),
            (equation(y**2, 1),),
        ),
        Obligation(
            "σ(1 - yf)/2 = σ/2 - (yσ)f/2",
            equation(sigma * (1 - y * f) / 2, sigma / 2 - y * sigma * f / 2),
            Identity(),
        ),
    ),
    rests_on=("independence",),
)
ONE_SIDED = Step(
    "Without the absolute value Σσ_i/2 does not depend on f and has mean zero: Rad⁺(loss∘F) = Rad⁺(F)/2",
    (
        Obligation(
            "sup (A/2 - B_f/2) = A/2 + sup(-B_f)/2, two functions",
            equation(sp.Max(total / 2 - f / 2, total / 2 - spread / 2), total / 2 + sp.Max(-f, -spread) / 2),
            Refutation(),
        ),
    ),
    role=Role.USE,
    rests_on=("expectation", "induction"),
)
NEEDED = Step(
    "Equation (1) needs no absolute value inside the supremum, and Rad⁺ ≤ Rad",
    (Obligation("a ≤ |a|", sp.Le(f, sp.Abs(f)), Refutation()),),
    role=Role.USE,
    rests_on=("expectation",),
)
TWO_SIDED = Step(
    "|A - B_f| ≤ |A| + |B_f|, with equality for f or -f: Rad(loss∘F) ≤ (Rad(F) + E|Σσ_i|/n)/2",
    (
        Obligation("triangle inequality", sp.Le(sp.Abs(total - f), sp.Abs(total) + sp.Abs(f)), Refutation()),
        Obligation(
            "max(|A - B|, |A + B|) = |A| + |B|",
            equation(sp.Max(sp.Abs(total - f), sp.Abs(total + f)), sp.Abs(total) + sp.Abs(f)),
            Refutation(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)

Pattern = tuple[int, ...]


def losses(patterns: Iterable[Pattern], labels: Pattern) -> list[Pattern]:
    """Return the 0-1 losses of classifiers on a sample."""
    return [tuple(int(p != q) for p, q in zip(row, labels, strict=True)) for row in patterns]


def _hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact(
        "labels and classifiers in {-1, 1}",
        str(data["F on the sample"]),
        {abs(v) for row in (*data["F on the sample"], data["y"]) for v in row} == {1},
    )


def _conclusion(data: Mapping[str, Any]) -> Fact:
    of_loss = rademacher(losses(data["F on the sample"], data["y"]), data["absolute value"])
    of_class = rademacher(data["F on the sample"], data["absolute value"])
    return Fact("Rad(loss∘F) = Rad(F)/2", f"{of_loss} against {of_class / 2}", 2 * of_loss == of_class)


def one_classifier(absolute: bool, label: int = -1) -> Counterexample:
    """Return one sample and one classifier that is always wrong (or right)."""
    return Counterexample(
        name="one classifier",
        target="claim",
        data={"F on the sample": ((1,),), "y": (label,), "absolute value": absolute},
        hypotheses=_hypotheses,
        conclusion=_conclusion,
    )


def classes(profile: Profile) -> Iterator[tuple[str, list[Pattern], Pattern]]:
    """Yield random classes on up to six samples, some of them closed under f -> -f."""
    rng = np.random.default_rng(22)
    for model in range(min(profile.random_models, 150)):
        size, functions = int(rng.integers(1, 7)), int(rng.integers(1, 7))
        rows = {tuple(int(v) for v in row) for row in rng.choice((-1, 1), (functions, size))}
        if model % 3 == 0:
            rows |= {tuple(-v for v in row) for row in rows}
        yield f"class {model}", sorted(rows), tuple(int(v) for v in rng.choice((-1, 1), size))


def enumerated(name: str, absolute: bool, factor: Fraction = Fraction(1, 2)) -> ExactCheck:
    """Compare Rad(loss∘F) with factor Rad(F), both ways where no absolute value is taken."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, patterns, labels in classes(profile):
            of_loss = rademacher(losses(patterns, labels), absolute)
            of_class = rademacher(patterns, absolute)
            yield Comparison(label, of_loss, factor * of_class)
            if not absolute:
                yield Comparison(f"{label}, the other way", factor * of_class, of_loss)

    return ExactCheck(name, compare, of_claim=True)


def with_labels(name: str, share: Fraction) -> ExactCheck:
    """Compare 2 Rad(loss∘F) with Rad(F) + share E|Σσ|/n; equal for symmetric classes at share one."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, patterns, labels in classes(profile):
            extra = rademacher([(1,) * len(labels)])
            found = 2 * rademacher(losses(patterns, labels))
            yield Comparison(label, found, rademacher(patterns) + share * extra)

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="equation-2",
    title="Rademacher averages of 0-1 losses",
    source="Section 3, Equation (2)",
    recorded=Verdict.SLIP,
    claim=Claim(
        conclusion=equation(loss_average, class_average / 2),
        words="Rad(F) = (1/n) E sup_f |Σσ_i f(x_i)|, with the absolute value; labels and classifiers in {-1, 1}.",
    ),
    derivation=(LOSS, ONE_SIDED, NEEDED),
    counterexamples=(one_classifier(True),),
    faults=(
        PlantedFault("without the absolute value it is no counterexample", one_classifier(False)),
        PlantedFault(
            "a loss of 1 - yf",
            Obligation("σ(1 - yf)/2 = σ - (yσ)f", equation(sigma * (1 - y * f) / 2, sigma - y * sigma * f), Identity()),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.And(
                equation(sp.Symbol("Rad^+(loss o F)"), sp.Symbol("Rad^+(F)") / 2),
                sp.Le(loss_average, (class_average + sp.Symbol("E|sum sigma_i|/n")) / 2),
            ),
            words="Rad⁺ is the average without the absolute value, which is all that Equation (1) needs, and at most "
            "Rad. The inequality is an equality for classes that contain -f with f.",
        ),
        derivation=(LOSS, replace(ONE_SIDED, role=Role.OURS), TWO_SIDED),
        exact=(
            enumerated("2 Rad⁺(loss∘F) = Rad⁺(F), random classes, all signs, in fractions", absolute=False),
            with_labels("2 Rad(loss∘F) ≤ Rad(F) + E|Σσ|/n, in fractions", Fraction(1)),
        ),
        faults=(
            PlantedFault("with the absolute value", enumerated("Rad(loss∘F) ≤ Rad(F)/2", absolute=True)),
            PlantedFault(
                "nine tenths of E|Σσ|/n", with_labels("2 Rad(loss∘F) ≤ Rad(F) + 0.9 E|Σσ|/n", Fraction(9, 10))
            ),
            PlantedFault(
                "a third of Rad⁺(F)", enumerated("3 Rad⁺(loss∘F) = Rad⁺(F)", absolute=False, factor=Fraction(1, 3))
            ),
        ),
    ),
    remarks=(
        "A single classifier that is always wrong has Rad(loss∘F) = 1 and Rad(F)/2 = 1/2 at n = 1; one that is "
        "always right has 0 and 1/2. With the absolute value neither side bounds the other.",
    ),
)
