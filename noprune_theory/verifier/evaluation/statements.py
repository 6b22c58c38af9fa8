"""Evaluate a statement: every answer, and the verdict that follows from them."""

from __future__ import annotations

import time
from collections.abc import Iterable

from noprune_theory._validation import check_instance
from noprune_theory.verifier.evaluation.answers import (
    AgreementAnswer,
    ClaimText,
    CounterexampleAnswer,
    ExactAnswer,
    FaultAnswer,
    ObligationAnswer,
    RepairAnswer,
    StatementAnswer,
    StepAnswer,
    SweepAnswer,
    formula,
)
from noprune_theory.verifier.evaluation.checks import (
    agreement_answer,
    counterexample_answer,
    exact_answer,
    fault_answer,
    running,
    sweep_answer,
)
from noprune_theory.verifier.evaluation.hypotheses import claim_needs, needs, own_obligation
from noprune_theory.verifier.obligations import Obligation, Outcome, Status, settle
from noprune_theory.verifier.rules import RULES, Rule
from noprune_theory.verifier.statement import (
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

__all__ = ["evaluate"]


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

    Returns
    -------
    StatementAnswer
        The answers to all questions, and the verdict.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    EvaluationError
        If a prover or a check fails to run; the message names the statement and the check.
    """
    check_instance("statement", statement, Statement)
    check_instance("profile", profile, Profile)
    started = time.perf_counter()
    work = _Work(statement.id, profile)
    claim = work.claim(statement.claim, statement.derivation)
    steps = tuple(work.step(s) for s in statement.derivation)
    counterexamples = tuple(work.counterexample(c) for c in statement.counterexamples)
    exact = work.exact(statement.exact)
    sweeps = work.sweeps(statement.sweeps)
    repair = work.repair(statement.repair) if statement.repair else None
    return StatementAnswer(
        paper=paper,
        id=statement.id,
        title=statement.title,
        source=statement.source,
        recorded=statement.recorded,
        verdict=_verdict(claim, steps, counterexamples, exact, sweeps, repair),
        claim=claim,
        steps=steps,
        counterexamples=counterexamples,
        exact=exact,
        sweeps=sweeps,
        agreement=work.agreement(statement.agreement),
        faults=work.faults(statement.faults),
        repair=repair,
        remarks=statement.remarks,
        seconds=time.perf_counter() - started,
    )


def _verdict(
    claim: ClaimText,
    steps: tuple[StepAnswer, ...],
    counterexamples: tuple[CounterexampleAnswer, ...],
    exact: tuple[ExactAnswer, ...],
    sweeps: tuple[SweepAnswer, ...],
    repair: RepairAnswer | None,
) -> Verdict:
    """Combine the answers.

    0. Hypotheses that contradict each other claim nothing: a gap.
    1. The printed claim is refuted by a counterexample to it, by its prover or by an exact model. Then it is a slip if
       the paper's use of it is proved and the corrected statement holds, and false otherwise.
    2. Not refuted, but some step, printed or ours, is refuted or open, or a sweep speaks against it: a gap.
    3. Every step is proved: holds, and loose if a sharpened statement is established and shown stronger.
    """
    if claim.vacuous:
        return Verdict.GAP
    decided = claim.decided is not None and claim.decided.status is Status.REFUTED
    refuted = (
        decided
        or any(c.violates for c in counterexamples if c.target == "claim")
        or any(not e.satisfied for e in exact)
    )
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


class _Work:
    """The checks of one statement under one profile; what fails to run is named."""

    def __init__(self, statement: str, profile: Profile) -> None:
        self.statement = statement
        self.profile = profile

    def claim(self, claim: Claim, derivation: Iterable[Step]) -> ClaimText:
        """Typeset a claim, decide it if it names a prover, and drop its hypotheses in turn."""
        from noprune_theory.verifier.provers.consistency import contradiction  # provers need the extra `verify`

        with running(self.statement, "the claim"):
            own = own_obligation(claim, derivation)
            return ClaimText(
                words=claim.words,
                hypotheses=tuple(formula(h) for h in claim.hypotheses),
                conclusion=formula(claim.conclusion),
                vacuous=contradiction(claim.hypotheses, ()),
                needs=claim_needs(claim, own, derivation, self.profile),
                decided=self.obligation(own) if own is not None and claim.prover is not None else None,
            )

    def repair(self, repair: Repair) -> RepairAnswer:
        """Answer for the corrected or sharpened statement."""
        claim = self.claim(repair.claim, repair.derivation)
        steps = tuple(self.step(s) for s in repair.derivation)
        exact = self.exact(repair.exact)
        sweeps = self.sweeps(repair.sweeps)
        sharpens = tuple(self.obligation(o) for o in repair.sharpens)
        if any(not e.satisfied for e in exact) or (claim.decided and claim.decided.status is Status.REFUTED):
            verdict = Verdict.FALSE
        else:
            proved = all(s.status is Status.PROVED for s in steps) and all(o.status is Status.PROVED for o in sharpens)
            contradicted = any(s.frequency.judgement == "violated" for s in sweeps)
            verdict = Verdict.HOLDS if steps and proved and not contradicted and not claim.vacuous else Verdict.GAP
        return RepairAnswer(
            kind="sharpened" if repair.sharpens else "repaired",
            claim=claim,
            verdict=verdict,
            steps=steps,
            exact=exact,
            sweeps=sweeps,
            agreement=self.agreement(repair.agreement),
            faults=self.faults(repair.faults),
            sharpens=sharpens,
        )

    def step(self, step: Step) -> StepAnswer:
        """Answer for one step of a derivation."""
        obligations = tuple(self.obligation(o) for o in step.obligations)
        counterexample = self.counterexample(step.counterexample) if step.counterexample else None
        if counterexample is not None and counterexample.violates:
            status, method, outcome = Status.REFUTED, "exact counterexample", Outcome.REFUTED
        elif any(o.status is Status.REFUTED for o in obligations):
            status, outcome = Status.REFUTED, Outcome.REFUTED
            method = next(o.method for o in obligations if o.status is Status.REFUTED)
        elif obligations and all(o.status is Status.PROVED for o in obligations):
            status, outcome = Status.PROVED, Outcome.PROVED
            method = "; ".join(dict.fromkeys(o.method for o in obligations))
        else:
            status, method = Status.OPEN, "; ".join(dict.fromkeys(o.method for o in obligations)) or "none"
            undecided = (o.outcome for o in obligations if o.status is Status.OPEN)
            outcome = next(undecided, Outcome.INCONCLUSIVE)
        with running(self.statement, step.text):
            expression = formula(step.expression) if step.expression is not None else None
        return StepAnswer(
            text=step.text,
            role=step.role,
            status=status,
            method=method,
            expression=expression,
            obligations=obligations,
            counterexample=counterexample,
            rests_on=tuple(r if isinstance(r, Rule) else RULES[r] for r in step.rests_on),
            reason=step.reason,
            outcome=outcome,
        )

    def obligation(self, obligation: Obligation) -> ObligationAnswer:
        """Discharge an obligation, and in a thorough run drop its hypotheses in turn."""
        with running(self.statement, obligation.name):
            certificate = settle(obligation, self.profile.seconds)
            return ObligationAnswer(
                name=obligation.name,
                status=certificate.status,
                method=obligation.prover.method,
                detail=certificate.detail,
                hypotheses=tuple(formula(h) for h in obligation.hypotheses),
                conclusion=formula(obligation.conclusion),
                outcome=certificate.outcome,
                vacuous=certificate.vacuous,
                cites=tuple(o.name for o in obligation.cites),
                needs=needs(obligation, self.profile) if self.profile.every_hypothesis else (),
                digest=obligation.digest,
            )

    def counterexample(self, counterexample: Counterexample) -> CounterexampleAnswer:
        """Evaluate a counterexample."""
        with running(self.statement, counterexample.name):
            return counterexample_answer(counterexample)

    def exact(self, checks: Iterable[ExactCheck]) -> tuple[ExactAnswer, ...]:
        """Run exact checks."""
        found = []
        for check in checks:
            with running(self.statement, check.name):
                found.append(exact_answer(check, self.profile))
        return tuple(found)

    def sweeps(self, sweeps: Iterable[Sweep]) -> tuple[SweepAnswer, ...]:
        """Run simulations."""
        found = []
        for sweep in sweeps:
            with running(self.statement, sweep.name):
                found.append(sweep_answer(sweep, self.profile, self.statement))
        return tuple(found)

    def agreement(self, agreements: Iterable[NumericAgreement]) -> tuple[AgreementAnswer, ...]:
        """Compare functions with their claims."""
        found = []
        for agreement in agreements:
            with running(self.statement, agreement.name):
                found.append(agreement_answer(agreement, self.profile, self.statement))
        return tuple(found)

    def faults(self, faults: Iterable[PlantedFault]) -> tuple[FaultAnswer, ...]:
        """Run the broken checks."""
        found = []
        for fault in faults:
            with running(self.statement, fault.name):
                found.append(fault_answer(fault, self.profile, self.statement))
        return tuple(found)
