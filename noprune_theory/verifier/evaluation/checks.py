"""Run the checks of a statement that compute: counterexamples, exact models, sweeps, agreement, planted faults."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

import mpmath
import numpy as np
import sympy as sp

from noprune_theory.verifier.evaluation.answers import (
    AgreementAnswer,
    CounterexampleAnswer,
    ExactAnswer,
    FaultAnswer,
    SweepAnswer,
)
from noprune_theory.verifier.obligations import Obligation, Status, settle
from noprune_theory.verifier.statement import (
    Comparison,
    Counterexample,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Sweep,
)
from noprune_theory.verifier.sweeps import compare_with_claim

__all__ = [
    "EvaluationError",
    "agreement_answer",
    "counterexample_answer",
    "exact_answer",
    "fault_answer",
    "running",
    "sweep_answer",
    "tightness",
]

# Enumerated floats are sums of a few hundred terms; the largest relative rounding seen is a few 1e-15.
ROUNDING = 1e-12
AGREEMENT_DIGITS = 50


class EvaluationError(RuntimeError, ValueError):
    """A check or prover of a statement that failed to run; one line that names the statement and the check.

    A `ValueError` as well, as a comparison that is no number always was.
    """


@contextlib.contextmanager
def running(statement: str, name: str) -> Iterator[None]:
    """Turn whatever a check raises into one line that names it."""
    try:
        yield
    except EvaluationError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        raise EvaluationError(f"{statement}: '{name}': {type(error).__name__}: {said}") from error


def counterexample_answer(counterexample: Counterexample) -> CounterexampleAnswer:
    """Evaluate a counterexample exactly."""
    hypotheses = list(counterexample.hypotheses(counterexample.data))
    conclusion = counterexample.conclusion(counterexample.data)
    return CounterexampleAnswer(
        name=counterexample.name,
        target=counterexample.target,
        data=tuple((key, _show(value)) for key, value in counterexample.data.items()),
        facts=tuple((f.text, f.value, f.holds) for f in (*hypotheses, conclusion)),
        violates=all(f.holds for f in hypotheses) and not conclusion.holds,
    )


def _violated(comparison: Comparison, check: ExactCheck) -> bool:
    smaller, larger = comparison.smaller, comparison.larger
    if isinstance(smaller, Fraction) and isinstance(larger, Fraction):
        return smaller > larger
    smaller, larger = float(smaller), float(larger)
    if math.isnan(smaller) or math.isnan(larger):
        raise ValueError(f"comparison: {check.name} is not a number on {comparison.label}")
    return smaller > larger + max(ROUNDING * abs(larger), check.rounding)


def tightness(smaller: float | Fraction, larger: float | Fraction) -> float:
    """Return smaller / larger; infinite where the larger side is not positive, with the sign of the comparison."""
    if larger > 0:
        return float(smaller) / float(larger)
    return math.inf if smaller > 0 else -math.inf


def exact_answer(check: ExactCheck, profile: Profile) -> ExactAnswer:
    """Compare the sides on every model."""
    models = violations = informative = 0
    tightest, where, worst = -math.inf, "", None
    for comparison in check.compare(profile):
        models += 1
        violations += _violated(comparison, check)
        informative += bool(comparison.smaller > check.rounding or comparison.larger <= 0)
        ratio = tightness(comparison.smaller, comparison.larger)
        if ratio > tightest:
            tightest, where, worst = ratio, comparison.label, comparison.model
    described = "" if worst is None else str(worst)
    return ExactAnswer(check.name, models, violations, tightest, where, informative, check.of_claim, described)


def _generator(*names: str) -> np.random.Generator:
    """Random numbers that depend on the names alone, so not on the order or the number of workers."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())


def sweep_answer(sweep: Sweep, profile: Profile, statement: str) -> SweepAnswer:
    """Simulate, with random numbers that belong to the statement and the sweep."""
    successes = sweep.simulate(_generator(statement, sweep.name), profile.trials)
    return SweepAnswer(sweep.name, compare_with_claim(int(successes), profile.trials, sweep.claimed))


def agreement_answer(agreement: NumericAgreement, profile: Profile, statement: str) -> AgreementAnswer:
    """Compare a function with its claim to 50 digits."""
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


def fault_answer(fault: PlantedFault, profile: Profile, statement: str) -> FaultAnswer:
    """Run the broken check and say whether it failed."""
    broken = fault.broken
    if isinstance(broken, Obligation):
        found = settle(broken, profile.seconds)
        caught = found.status is Status.REFUTED
        return FaultAnswer(fault.name, caught, "derivation", f"{found.status}: {found.detail}")
    if isinstance(broken, ExactCheck):
        exact = exact_answer(broken, profile)
        violated = f"{exact.violations:,} of {exact.models:,} cases violate it"
        detail = f"{violated}; largest ratio {exact.tightest:.6g} ({exact.where})"
        return FaultAnswer(fault.name, not exact.satisfied, "exact models", detail)
    if isinstance(broken, Sweep):
        frequency = sweep_answer(broken, profile, statement).frequency
        detail = f"frequency in [{frequency.lower:.4g}, {frequency.upper:.4g}] against {frequency.claimed:.4g}"
        return FaultAnswer(fault.name, frequency.judgement == "violated", "sweep", detail)
    if isinstance(broken, Counterexample):
        outcome = counterexample_answer(broken)
        failed = next((text for text, _, holds in outcome.facts[:-1] if not holds), "the assertion holds there")
        return FaultAnswer(fault.name, not outcome.violates, "counterexample", failed)
    agreement = agreement_answer(broken, profile, statement)
    return FaultAnswer(
        fault.name, not agreement.agrees, "numeric agreement", f"differs by {agreement.largest:.3g} relative"
    )


def _show(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_show(k)}: {_show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Iterable):
        return "(" + ", ".join(_show(v) for v in value) + ")"
    return str(value)
