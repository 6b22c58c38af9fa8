"""What a statement file holds: the claim, how it is checked, and the verdict that its author recorded.

A statement answers five questions: what is claimed, does each step of the derivation follow, do finite models whose
every probability is enumerated agree, do simulations agree, and do deliberately broken versions fail. The objects
below carry the questions; `noprune_theory.verifier.evaluation` computes the answers and the verdict from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory.verifier.obligations import Obligation, Prover
from noprune_theory.verifier.rules import RULES, Rule

__all__ = [
    "RULES",
    "Claim",
    "Comparison",
    "Counterexample",
    "ExactCheck",
    "Fact",
    "NumericAgreement",
    "PlantedFault",
    "Profile",
    "Repair",
    "Role",
    "Rule",
    "Statement",
    "Step",
    "Sweep",
    "Verdict",
    "Without",
]


class Verdict(StrEnum):
    """Outcome for one statement of the paper.

    - holds: the printed statement is established.
    - holds loose: established, and the same argument gives a better constant.
    - slip: wrong as printed, but the use that the paper makes of it is right.
    - gap: the printed proof does not establish it.
    - false: a counterexample exists and the use made of it fails too.
    """

    HOLDS = "holds"
    HOLDS_LOOSE = "holds loose"
    SLIP = "slip"
    GAP = "gap"
    FALSE = "false"


@dataclass(frozen=True)
class Profile:
    """How much work a run does.

    Attributes
    ----------
    name
        "quick" or "full".
    random_models
        Finite models drawn at random per exact check.
    search_steps
        Steps of the search for near-worst finite models.
    largest_n
        Largest sample size of the exactly enumerated sign model.
    trials
        Simulated data sets per sweep.
    agreement_points
        Random arguments at which a function is compared with its symbolic claim.
    seconds
        Limit on the time of one obligation; see `noprune_theory.verifier.limits.time_limit` for where it applies.
    every_hypothesis
        Whether the hypotheses of every obligation are dropped in turn, not of the claims alone.
    """

    name: str
    random_models: int
    search_steps: int
    largest_n: int
    trials: int
    agreement_points: int
    seconds: float = 120.0
    every_hypothesis: bool = False


#: How much is computed, by name.
PROFILES = {
    "quick": Profile("quick", random_models=200, search_steps=400, largest_n=1_000, trials=20_000, agreement_points=25),
    "full": Profile(
        "full",
        random_models=1_000,
        search_steps=3_000,
        largest_n=10_000,
        trials=200_000,
        agreement_points=200,
        every_hypothesis=True,
    ),
}


class Role(StrEnum):
    """Where a step of a derivation comes from.

    - printed: a step of the paper's proof.
    - use: what the paper needs from the statement.
    - ours: a route of ours to the printed claim, which does not rescue a printed step.
    """

    PRINTED = "printed"
    USE = "use"
    OURS = "ours"


@dataclass(frozen=True)
class Without:
    """What becomes of a claim without one of its hypotheses.

    Attributes
    ----------
    hypothesis
        The hypothesis that is dropped, in words, or as the formula that stands in the claim.
    check
        A counterexample, or an exact check that fails, shows that the hypothesis is needed; so does an obligation that
        is refuted, and one that is proved shows that it is not.
    """

    hypothesis: str | sp.Basic
    check: Obligation | Counterexample | ExactCheck


@dataclass(frozen=True)
class Claim:
    """A mathematical assertion.

    Attributes
    ----------
    conclusion
        sympy expression of what is asserted.
    hypotheses
        sympy expressions of what is assumed.
    words
        The hypotheses that are not formulas, and the meaning of the symbols, in one or two sentences.
    without
        What becomes of it without one of its hypotheses, where that takes an object or an argument of its own.
    prover
        Decides the claim itself, and what is left of it without each hypothesis; None where its conclusion is nothing
        that a prover reads.
    """

    conclusion: sp.Basic
    hypotheses: tuple[sp.Basic, ...] = ()
    words: str = ""
    without: tuple[Without, ...] = ()
    prover: Prover | None = None


@dataclass(frozen=True)
class Fact:
    """One line of an exactly evaluated counterexample.

    Attributes
    ----------
    text
        What is asserted.
    value
        Its value there, as it is shown.
    holds
        Whether it is true.
    """

    text: str
    value: str
    holds: bool


@dataclass(frozen=True)
class Counterexample:
    """A small named object on which hypotheses hold and an assertion fails, evaluated without rounding.

    Attributes
    ----------
    name
        Short name.
    target
        What is refuted: "claim" for the printed statement, otherwise a few words naming the step.
    data
        The object itself: atoms, probabilities (fractions), functions, parameters.
    hypotheses
        Maps the data to the facts that have to be true.
    conclusion
        Maps the data to the asserted fact, which has to be false.
    """

    name: str
    target: str
    data: Mapping[str, Any]
    hypotheses: Callable[[Mapping[str, Any]], Iterable[Fact]]
    conclusion: Callable[[Mapping[str, Any]], Fact]


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    A step is proved when all its obligations are discharged, refuted when its counterexample evaluates to a violation
    or a prover refutes an obligation, and open otherwise.

    Attributes
    ----------
    text
        What the step does.
    obligations
        The analytic content, each for a named prover.
    expression
        What the step asserts, as mathematics.
    role
        `printed`: a step of the paper's proof. `use`: what the paper needs from the statement. `ours`: a route of ours
        to the printed claim, which does not rescue a printed step.
    counterexample
        Refutes the step.
    rests_on
        Facts of probability theory that lift the obligations to the step: keys of `RULES`, or `Rule` objects of the
        author's.
    reason
        Why a step stays open.
    """

    text: str
    obligations: tuple[Obligation, ...] = ()
    expression: sp.Basic | None = None
    role: Role = Role.PRINTED
    counterexample: Counterexample | None = None
    rests_on: tuple[str | Rule, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        unknown = {r for r in self.rests_on if not isinstance(r, Rule)} - RULES.keys()
        if unknown:
            raise ValueError(f"rests_on: unknown rules {sorted(unknown)}; allowed {sorted(RULES)}")
        if not self.obligations and self.counterexample is None and not self.reason:
            raise ValueError(f"reason: step {self.text!r} has nothing to check, so it must say why it stays open")


@dataclass(frozen=True)
class Comparison:
    """The two sides of an inequality `smaller <= larger` on one finite model.

    Fractions are compared exactly; floats (enumerated probabilities and informations) up to relative rounding.

    Attributes
    ----------
    label
        Names the model.
    smaller, larger
        The two sides.
    model
        The model itself, any object whose `str` describes it; None where the label says all.
    """

    label: str
    smaller: float | Fraction
    larger: float | Fraction
    model: object = None


@dataclass(frozen=True)
class ExactCheck:
    """An inequality on finite models in which everything is enumerated.

    Attributes
    ----------
    name
        Which inequality on which models.
    compare
        Yields one comparison per model.
    of_claim
        Whether the inequality is the claim itself rather than one of the facts it rests on; the slack that the report
        shows is that of the claim.
    rounding
        Absolute rounding error of the sides: about 1e-14 where a side is a difference of entropies of order one, which
        leaves no relative accuracy near zero; 0 where every side is a sum of positive terms.
    sides
        The two sides (smaller, larger) on a model, from the model alone; None where only the enumeration has them.
    """

    name: str
    compare: Callable[[Profile], Iterable[Comparison]]
    of_claim: bool = False
    rounding: float = 0.0
    sides: Callable[[Any], tuple[float | Fraction, float | Fraction]] | None = None


@dataclass(frozen=True)
class Sweep:
    """A simulation in which the hypotheses hold by construction; a probability is claimed to be at most `claimed`.

    Attributes
    ----------
    name
        What is simulated.
    simulate
        `(rng, trials) -> number of trials on which the event happened`.
    claimed
        The claimed upper bound on the probability, in (0, 1): a bound of one could not fail.
    """

    name: str
    simulate: Callable[[np.random.Generator, int], int]
    claimed: float

    def __post_init__(self) -> None:
        if not 0 < self.claimed < 1:
            raise ValueError(f"claimed: must lie in (0, 1) so that the sweep can fail, given {self.claimed}")


@dataclass(frozen=True)
class NumericAgreement:
    """A function of `noprune_theory.bounds` against the symbolic claim, at random admissible arguments.

    Attributes
    ----------
    name
        The function and the version of its constants.
    function
        Called with the sampled arguments by keyword; returns a float.
    claim
        sympy expression in symbols whose names are the keywords, evaluated to 50 digits at the same arguments.
    sample
        Draws one set of admissible arguments.
    """

    name: str
    function: Callable[..., float]
    claim: sp.Expr
    sample: Callable[[np.random.Generator], dict[str, float]]


@dataclass(frozen=True)
class PlantedFault:
    """The same check run on a broken version, which has to fail.

    Attributes
    ----------
    name
        What was broken: a constant shrunk, an inequality turned, a hypothesis dropped.
    broken
        The broken check.
    """

    name: str
    broken: Obligation | ExactCheck | Sweep | Counterexample | NumericAgreement


@dataclass(frozen=True)
class Repair:
    """A corrected or sharpened statement, checked in the same ways.

    Attributes
    ----------
    claim
        The statement in full.
    derivation
        Its proof.
    exact, sweeps, agreement, faults
        As those of `Statement`.
    sharpens
        Obligations that show it to be strictly stronger than a printed statement that holds; empty for a correction.
    """

    claim: Claim
    derivation: tuple[Step, ...]
    exact: tuple[ExactCheck, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    agreement: tuple[NumericAgreement, ...] = ()
    faults: tuple[PlantedFault, ...] = ()
    sharpens: tuple[Obligation, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One numbered statement, or claim made in passing, of the paper.

    Attributes
    ----------
    id
        Name on the command line, for example "lemma-1".
    title
        A few words.
    source
        Where it stands in the paper.
    recorded
        The verdict that the computed one is compared with.
    claim
        The printed claim.
    derivation
        The printed steps, and where needed our own.
    faults
        At least two broken versions.
    counterexamples
        Those that refute the claim.
    exact
        Inequalities on finite models.
    sweeps
        Simulations.
    agreement
        Functions against the claim.
    repair
        A corrected or sharpened statement; None if it needs none.
    remarks
        Sentences for the reader: what the verdict rests on.
    """

    id: str
    title: str
    source: str
    recorded: Verdict
    claim: Claim
    derivation: tuple[Step, ...]
    faults: tuple[PlantedFault, ...]
    counterexamples: tuple[Counterexample, ...] = ()
    exact: tuple[ExactCheck, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    agreement: tuple[NumericAgreement, ...] = ()
    repair: Repair | None = None
    remarks: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.faults) < 2:
            raise ValueError(f"faults: {self.id} needs at least two planted faults, given {len(self.faults)}")
