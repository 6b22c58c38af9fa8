"""Compute the answers of a statement and its verdict.

Everything returned here is plain data (strings and numbers), so that statements can be evaluated in other processes
and reported anywhere.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import sympy as sp

from noprune_theory.verifier.obligations import Obligation, Status, discharge
from noprune_theory.verifier.statement import (
    RULES,
    Claim,
    Counterexample,
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
from noprune_theory.verifier.sweeps import Frequency, compare_with_claim
from noprune_theory.verifier.typeset import latex, presentation

__all__ = [
    "AgreementAnswer",
    "ClaimText",
    "CounterexampleAnswer",
    "ExactAnswer",
    "FaultAnswer",
    "ObligationAnswer",
    "RepairAnswer",
    "StatementAnswer",
    "StepAnswer",
    "SweepAnswer",
    "evaluate",
]

# Enumerated floats are sums of a few hundred terms; the largest relative rounding seen is a few 1e-15.
ROUNDING = 1e-12
AGREEMENT_TOLERANCE = 1e-12
AGREEMENT_DIGITS = 50


@dataclass(frozen=True)
class Formula:
    """One expression in the three notations of the reports."""

    text: str
    latex: str
    mathml: str


@dataclass(frozen=True)
class ClaimText:
    """A typeset claim."""

    words: str
    hypotheses: tuple[Formula, ...]
    conclusion: Formula


@dataclass(frozen=True)
class ObligationAnswer:
    """A discharged (or not) obligation."""

    name: str
    status: Status
    method: str
    detail: str
    hypotheses: tuple[Formula, ...]
    conclusion: Formula


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
    """A step with its status."""

    text: str
    role: Role
    status: Status
    method: str
    expression: Formula | None
    obligations: tuple[ObligationAnswer, ...]
    counterexample: CounterexampleAnswer | None
    rests_on: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ExactAnswer:
    """An inequality on all finite models: how many, how many violate it, how tight it gets.

    A model is `informative` when the smaller side is positive there, or the larger one is not: zero lies below every
    positive number, so a comparison of the two shows nothing.
    """

    name: str
    models: int
    violations: int
    tightest: float
    where: str
    informative: int
    of_claim: bool

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
    """All answers of one statement."""

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


def evaluate(statement: Statement, profile: Profile, paper: str = "") -> StatementAnswer:
    """Answer the five questions about one statement and compute its verdict.

    Parameters
    ----------
    statement : Statement
        What is to be checked.
    profile : Profile
        How much work to do.
    paper : str
        Name of the paper it belongs to, for the report.
    """
    started = time.perf_counter()
    steps = tuple(_step(s) for s in statement.derivation)
    counterexamples = tuple(_counterexample(c) for c in statement.counterexamples)
    exact = tuple(_exact(e, profile) for e in statement.exact)
    sweeps = tuple(_sweep(s, profile, statement.id) for s in statement.sweeps)
    repair = _repair(statement.repair, profile, statement.id) if statement.repair else None
    return StatementAnswer(
        paper=paper,
        id=statement.id,
        title=statement.title,
        source=statement.source,
        recorded=statement.recorded,
        verdict=_verdict(steps, counterexamples, exact, sweeps, repair),
        claim=_claim(statement.claim),
        steps=steps,
        counterexamples=counterexamples,
        exact=exact,
        sweeps=sweeps,
        agreement=tuple(_agreement(a, profile, statement.id) for a in statement.agreement),
        faults=tuple(_fault(f, profile, statement.id) for f in statement.faults),
        repair=repair,
        remarks=statement.remarks,
        seconds=time.perf_counter() - started,
    )


def _verdict(
    steps: tuple[StepAnswer, ...],
    counterexamples: tuple[CounterexampleAnswer, ...],
    exact: tuple[ExactAnswer, ...],
    sweeps: tuple[SweepAnswer, ...],
    repair: RepairAnswer | None,
) -> Verdict:
    """Combine the answers.

    1. The printed claim is refuted by a counterexample to it or by an exact model. Then it is a slip if the paper's
       use of it is proved and the corrected statement holds, and false otherwise.
    2. Not refuted, but some step, printed or ours, is refuted or open, or a sweep speaks against it: a gap.
    3. Every step is proved: holds, and loose if a sharpened statement is established and shown stronger.
    """
    refuted = any(c.violates for c in counterexamples if c.target == "claim") or any(not e.satisfied for e in exact)
    if refuted:
        uses = [s for s in steps if s.role is Role.USE]
        used_right = bool(uses) and all(s.status is Status.PROVED for s in uses)
        return Verdict.SLIP if used_right and repair is not None and repair.verdict is Verdict.HOLDS else Verdict.FALSE
    printed = any(s.role is Role.PRINTED for s in steps)
    established = printed and all(s.status is Status.PROVED for s in steps)
    if not established or any(s.frequency.judgement == "violated" for s in sweeps):
        return Verdict.GAP
    sharpened = repair is not None and repair.sharpens and repair.verdict is Verdict.HOLDS
    return Verdict.HOLDS_LOOSE if sharpened else Verdict.HOLDS


def _repair(repair: Repair, profile: Profile, statement: str) -> RepairAnswer:
    steps = tuple(_step(s) for s in repair.derivation)
    exact = tuple(_exact(e, profile) for e in repair.exact)
    sweeps = tuple(_sweep(s, profile, statement) for s in repair.sweeps)
    sharpens = tuple(_obligation(o) for o in repair.sharpens)
    if any(not e.satisfied for e in exact):
        verdict = Verdict.FALSE
    else:
        proved = all(s.status is Status.PROVED for s in steps) and all(o.status is Status.PROVED for o in sharpens)
        contradicted = any(s.frequency.judgement == "violated" for s in sweeps)
        verdict = Verdict.HOLDS if steps and proved and not contradicted else Verdict.GAP
    return RepairAnswer(
        kind="sharpened" if repair.sharpens else "repaired",
        claim=_claim(repair.claim),
        verdict=verdict,
        steps=steps,
        exact=exact,
        sweeps=sweeps,
        agreement=tuple(_agreement(a, profile, statement) for a in repair.agreement),
        faults=tuple(_fault(f, profile, statement) for f in repair.faults),
        sharpens=sharpens,
    )


def _step(step: Step) -> StepAnswer:
    obligations = tuple(_obligation(o) for o in step.obligations)
    counterexample = _counterexample(step.counterexample) if step.counterexample else None
    if counterexample is not None and counterexample.violates:
        status, method = Status.REFUTED, "exact counterexample"
    elif any(o.status is Status.REFUTED for o in obligations):
        status = Status.REFUTED
        method = next(o.method for o in obligations if o.status is Status.REFUTED)
    elif obligations and all(o.status is Status.PROVED for o in obligations):
        status = Status.PROVED
        method = "; ".join(dict.fromkeys(o.method for o in obligations))
    else:
        status, method = Status.OPEN, "; ".join(dict.fromkeys(o.method for o in obligations)) or "none"
    return StepAnswer(
        text=step.text,
        role=step.role,
        status=status,
        method=method,
        expression=_formula(step.expression) if step.expression is not None else None,
        obligations=obligations,
        counterexample=counterexample,
        rests_on=tuple(RULES[r] for r in step.rests_on),
        reason=step.reason,
    )


def _obligation(obligation: Obligation) -> ObligationAnswer:
    certificate = discharge(obligation).certificate
    return ObligationAnswer(
        name=obligation.name,
        status=certificate.status,
        method=obligation.prover.method,
        detail=certificate.detail,
        hypotheses=tuple(_formula(h) for h in obligation.hypotheses),
        conclusion=_formula(obligation.conclusion),
    )


def _counterexample(counterexample: Counterexample) -> CounterexampleAnswer:
    hypotheses = list(counterexample.hypotheses(counterexample.data))
    conclusion = counterexample.conclusion(counterexample.data)
    return CounterexampleAnswer(
        name=counterexample.name,
        target=counterexample.target,
        data=tuple((key, _show(value)) for key, value in counterexample.data.items()),
        facts=tuple((f.text, f.value, f.holds) for f in (*hypotheses, conclusion)),
        violates=all(f.holds for f in hypotheses) and not conclusion.holds,
    )


def _exact(check: ExactCheck, profile: Profile) -> ExactAnswer:
    models = violations = informative = 0
    tightest, where = -math.inf, ""
    for comparison in check.compare(profile):
        models += 1
        smaller, larger = comparison.smaller, comparison.larger
        if isinstance(smaller, Fraction) and isinstance(larger, Fraction):
            violated = smaller > larger
        else:
            smaller, larger = float(smaller), float(larger)
            if math.isnan(smaller) or math.isnan(larger):
                raise ValueError(f"comparison: {check.name} is not a number on {comparison.label}")
            violated = smaller > larger + max(ROUNDING * abs(larger), check.rounding)
        violations += violated
        informative += smaller > check.rounding or larger <= 0
        ratio = float(smaller) / float(larger) if larger > 0 else (math.inf if smaller > 0 else -math.inf)
        if ratio > tightest:
            tightest, where = ratio, comparison.label
    return ExactAnswer(check.name, models, violations, tightest, where, informative, check.of_claim)


def _generator(*names: str) -> np.random.Generator:
    """Random numbers that depend on the names alone, so not on the order or the number of workers."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())


def _sweep(sweep: Sweep, profile: Profile, statement: str) -> SweepAnswer:
    successes = sweep.simulate(_generator(statement, sweep.name), profile.trials)
    return SweepAnswer(sweep.name, compare_with_claim(int(successes), profile.trials, sweep.claimed))


def _agreement(agreement: NumericAgreement, profile: Profile, statement: str) -> AgreementAnswer:
    symbols = sorted(agreement.claim.free_symbols, key=str)
    precise = sp.lambdify(symbols, agreement.claim, modules="mpmath")
    rng = _generator(statement, agreement.name)
    largest, where = 0.0, ""
    for _ in range(profile.agreement_points):
        arguments = agreement.sample(rng)
        value = float(agreement.function(**arguments))
        with mpmath.workdps(2 * AGREEMENT_DIGITS):
            reference = precise(*[mpmath.mpf(arguments[str(s)]) for s in symbols])
            difference = float(abs(value - reference) / abs(reference)) if reference != 0 else float(abs(value))
        if not difference <= largest:
            largest = difference if math.isfinite(difference) else math.inf
            where = ", ".join(f"{k} = {v:.6g}" for k, v in arguments.items())
    return AgreementAnswer(agreement.name, profile.agreement_points, largest, where)


def _fault(fault: PlantedFault, profile: Profile, statement: str) -> FaultAnswer:
    broken = fault.broken
    if isinstance(broken, Obligation):
        answer = _obligation(broken)
        caught = answer.status is Status.REFUTED
        return FaultAnswer(fault.name, caught, "derivation", f"{answer.status}: {answer.detail}")
    if isinstance(broken, ExactCheck):
        exact = _exact(broken, profile)
        violated = f"{exact.violations:,} of {exact.models:,} cases violate it"
        detail = f"{violated}; largest ratio {exact.tightest:.6g} ({exact.where})"
        return FaultAnswer(fault.name, not exact.satisfied, "exact models", detail)
    if isinstance(broken, Sweep):
        frequency = _sweep(broken, profile, statement).frequency
        detail = f"frequency in [{frequency.lower:.4g}, {frequency.upper:.4g}] against {frequency.claimed:.4g}"
        return FaultAnswer(fault.name, frequency.judgement == "violated", "sweep", detail)
    if isinstance(broken, Counterexample):
        outcome = _counterexample(broken)
        failed = next((text for text, _, holds in outcome.facts[:-1] if not holds), "the assertion holds there")
        return FaultAnswer(fault.name, not outcome.violates, "counterexample", failed)
    agreement = _agreement(broken, profile, statement)
    return FaultAnswer(
        fault.name, not agreement.agrees, "numeric agreement", f"differs by {agreement.largest:.3g} relative"
    )


def _claim(claim: Claim) -> ClaimText:
    return ClaimText(claim.words, tuple(_formula(h) for h in claim.hypotheses), _formula(claim.conclusion))


def _formula(expression: sp.Basic) -> Formula:
    return Formula(str(expression), latex(expression), presentation(expression))


def _show(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_show(k)}: {_show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Iterable):
        return "(" + ", ".join(_show(v) for v in value) + ")"
    return str(value)
