"""The answers about a statement: plain data (strings and numbers), which other processes send and reports show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import sympy as sp

from noprune_theory.verifier.obligations import Outcome, Status
from noprune_theory.verifier.rules import Rule
from noprune_theory.verifier.statement import Role, Verdict
from noprune_theory.verifier.sweeps import Frequency
from noprune_theory.verifier.typeset import latex, presentation

__all__ = [
    "AGREEMENT_TOLERANCE",
    "AgreementAnswer",
    "ClaimText",
    "CounterexampleAnswer",
    "ExactAnswer",
    "FaultAnswer",
    "Formula",
    "HypothesisAnswer",
    "Need",
    "ObligationAnswer",
    "RepairAnswer",
    "StatementAnswer",
    "StepAnswer",
    "SweepAnswer",
    "formula",
]

AGREEMENT_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Formula:
    """One expression in the three notations of the reports."""

    text: str
    latex: str
    mathml: str


@cache
def formula(expression: sp.Basic) -> Formula:
    """Typeset an expression; the statements of a paper share many."""
    return Formula(str(expression), latex(expression), presentation(expression))


class Need(StrEnum):
    """What dropping a hypothesis showed."""

    NEEDED = "needed (counterexample)"
    SPARE = "not needed (still proved)"
    OPEN = "open"


@dataclass(frozen=True)
class HypothesisAnswer:
    """Whether a hypothesis is needed, and how that is known."""

    hypothesis: str
    mathml: str
    need: Need
    detail: str


@dataclass(frozen=True)
class ObligationAnswer:
    """A discharged (or not) obligation.

    `cites` names the obligations whose instances it uses; `needs` has an answer for each hypothesis where they were
    dropped in turn. `digest` changes with what is asserted; `rocq` is what the second kernel decided ("accepted",
    "refuted", "open"), or None where it was not asked.
    """

    name: str
    status: Status
    method: str
    detail: str
    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    outcome: Outcome
    vacuous: bool
    cites: tuple[str, ...]
    needs: tuple[HypothesisAnswer, ...]
    digest: str = ""
    rocq: str | None = None


@dataclass(frozen=True)
class ClaimText:
    """A typeset claim, the answers about its hypotheses, and what a prover says of it where it names one."""

    words: str
    hypotheses: tuple[Formula, ...]
    conclusion: Formula
    vacuous: bool
    needs: tuple[HypothesisAnswer, ...]
    decided: ObligationAnswer | None


@dataclass(frozen=True)
class CounterexampleAnswer:
    """A counterexample with its exact evaluation."""

    name: str
    target: str
    data: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str, bool], ...]
    violates: bool


@dataclass(frozen=True)
class StepAnswer:
    """A step with its status; `outcome` is that of the first obligation that keeps it from being proved."""

    text: str
    role: Role
    status: Status
    method: str
    expression: Formula | None
    obligations: tuple[ObligationAnswer, ...]
    counterexample: CounterexampleAnswer | None
    rests_on: tuple[Rule, ...]
    reason: str
    outcome: Outcome

    @property
    def rocq(self) -> str | None:
        """What the second kernel decided of all obligations together; None where it was not asked of every one."""
        found = {o.rocq for o in self.obligations}
        if not found or None in found:
            return None
        return next(status for status in ("refuted", "open", "accepted") if status in found)


@dataclass(frozen=True)
class ExactAnswer:
    """An inequality on all finite models: how many, how many violate it, how tight it gets.

    A model is `informative` when the smaller side is positive there, or the larger one is not: zero lies below every
    positive number, so a comparison of the two shows nothing. `worst` describes the model closest to equality, if the
    check hands it over; `where` is its label.
    """

    name: str
    models: int
    violations: int
    tightest: float
    where: str
    informative: int
    of_claim: bool
    worst: str = ""

    @property
    def satisfied(self) -> bool:
        """Whether every model satisfies the inequality (and there was one)."""
        return self.models > 0 and self.violations == 0


@dataclass(frozen=True)
class SweepAnswer:
    """A sweep with its interval."""

    name: str
    frequency: Frequency


@dataclass(frozen=True)
class AgreementAnswer:
    """Largest relative difference between a function and its symbolic claim."""

    name: str
    points: int
    largest: float
    where: str

    @property
    def agrees(self) -> bool:
        """Whether the difference stays within the tolerance."""
        return self.points > 0 and self.largest <= AGREEMENT_TOLERANCE


@dataclass(frozen=True)
class FaultAnswer:
    """Whether a planted fault was caught, and by which answer.

    A broken obligation is caught when it is refuted; that a prover fails to prove it says nothing.
    """

    name: str
    caught: bool
    by: str
    detail: str


@dataclass(frozen=True)
class RepairAnswer:
    """The answers of a corrected or sharpened statement."""

    kind: str
    claim: ClaimText
    verdict: Verdict
    steps: tuple[StepAnswer, ...]
    exact: tuple[ExactAnswer, ...]
    sweeps: tuple[SweepAnswer, ...]
    agreement: tuple[AgreementAnswer, ...]
    faults: tuple[FaultAnswer, ...]
    sharpens: tuple[ObligationAnswer, ...]


@dataclass(frozen=True)
class StatementAnswer:
    """All answers of one statement.

    Attributes
    ----------
    paper, id, title, source : str
        Name of the paper, and what the statement says of itself.
    recorded, verdict : Verdict
        What its author recorded, and what was computed.
    claim : ClaimText
        The printed claim, typeset, and which of its hypotheses are needed.
    steps : tuple of StepAnswer
        The derivation.
    counterexamples : tuple of CounterexampleAnswer
        Those that stand alone.
    exact : tuple of ExactAnswer
        Finite models.
    sweeps : tuple of SweepAnswer
        Simulations.
    agreement : tuple of AgreementAnswer
        Functions against the symbolic claim.
    faults : tuple of FaultAnswer
        Whether each planted fault was caught.
    repair : RepairAnswer or None
        The corrected or sharpened statement, checked in the same ways.
    remarks : tuple of str
        Sentences of the author's.
    seconds : float
        Time that it took.
    """

    paper: str
    id: str
    title: str
    source: str
    recorded: Verdict
    verdict: Verdict
    claim: ClaimText
    steps: tuple[StepAnswer, ...]
    counterexamples: tuple[CounterexampleAnswer, ...]
    exact: tuple[ExactAnswer, ...]
    sweeps: tuple[SweepAnswer, ...]
    agreement: tuple[AgreementAnswer, ...]
    faults: tuple[FaultAnswer, ...]
    repair: RepairAnswer | None
    remarks: tuple[str, ...]
    seconds: float

    @property
    def all_faults(self) -> tuple[FaultAnswer, ...]:
        """Faults of the printed and of the repaired statement."""
        return self.faults + (self.repair.faults if self.repair else ())

    @property
    def all_counterexamples(self) -> tuple[CounterexampleAnswer, ...]:
        """Counterexamples that stand alone and those of the steps, the repaired derivation included."""
        steps = (*self.steps, *(self.repair.steps if self.repair else ()))
        return (*self.counterexamples, *(s.counterexample for s in steps if s.counterexample is not None))

    @property
    def complaints(self) -> tuple[str, ...]:
        """Why the run has to exit with 1; empty when the statement is as recorded and its checks work."""
        found = []
        found += self._vacuous()
        if self.verdict != self.recorded:
            found.append(f"computed verdict '{self.verdict}' differs from the recorded '{self.recorded}'")
        found += [
            f"our own step is refuted: {s.text}"
            for s in self.steps
            if s.role is Role.OURS and s.status is Status.REFUTED
        ]
        found += [f"counterexample does not violate: {c.name}" for c in self.all_counterexamples if not c.violates]
        checks = (*self.exact, *(self.repair.exact if self.repair else ()))
        found += [f"the smaller side is zero on every model: {e.name}" for e in checks if not e.informative]
        found += [f"planted fault not caught: {f.name}" for f in self.all_faults if not f.caught]
        repaired = self.repair.agreement if self.repair else ()
        found += [
            f"function and claim differ by {a.largest:.2e} relative: {a.name} at {a.where}"
            for a in (*self.agreement, *repaired)
            if not a.agrees
        ]
        if self.repair and self.repair.verdict not in (Verdict.HOLDS, Verdict.HOLDS_LOOSE):
            found.append(f"the repaired statement is not established: {self.repair.verdict}")
        return tuple(found)

    def _vacuous(self) -> list[str]:
        """Return a complaint for each claim and obligation whose hypotheses contradict each other."""
        claims = [("the claim", self.claim)]
        obligations = [o for s in self.steps for o in s.obligations]
        if self.repair:
            claims.append((f"the {self.repair.kind} claim", self.repair.claim))
            obligations += [o for s in self.repair.steps for o in s.obligations] + list(self.repair.sharpens)
        names = [name for name, claim in claims if claim.vacuous] + [o.name for o in obligations if o.vacuous]
        return [f"the hypotheses contradict each other: {name}" for name in names]

    @property
    def slack(self) -> float | None:
        """Tightest ratio smaller/larger over the exact models of the printed, else of the repaired claim.

        Checks that are marked as being of the claim count alone; without a mark every check does.
        """
        repaired = self.repair.exact if self.repair else ()
        marked = [e for e in self.exact if e.of_claim] or [e for e in repaired if e.of_claim]
        exact = marked or self.exact or repaired
        ratios = [e.tightest for e in exact if math.isfinite(e.tightest)]
        return max(ratios) if ratios else None
