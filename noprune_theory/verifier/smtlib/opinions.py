"""What SMT solvers say of an obligation; a "sat" counts only after ball arithmetic has confirmed its point."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp
import z3

from noprune_theory.verifier.obligations import Obligation, Status, decide, unmet_assumption
from noprune_theory.verifier.provers.balls import certain
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.smtlib.export import NoSmtError, smt_script

__all__ = ["SOLVERS", "Answer", "Opinion", "agreement", "all_opinions", "installed", "opinion", "version"]

# Limits in the solvers' own operations, so that an answer does not depend on how busy the machine is. cvc5 counts
# nothing while it refines a transcendental function: milliseconds end that.
_EFFORT, _CVC5_EFFORT, _CVC5_MILLISECONDS = 2_000_000, 100_000, 5_000
#: The solvers that are asked, and the functions that each interprets.
SOLVERS: dict[str, tuple[str, ...]] = {"z3": (), "cvc5": ("exp", "sin", "cos", "arctan")}


class Answer(StrEnum):
    """What a solver's answer is worth; a script that a solver cannot read is a fault of ours."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNCONFIRMED = "sat, not confirmed"
    UNKNOWN = "unknown"
    NOT_EXPRESSED = "not expressed"
    REJECTED = "not read"


@dataclass(frozen=True)
class Opinion:
    """The answer of a solver, with the point that refutes or the reason."""

    answer: Answer
    detail: str = ""


def installed() -> tuple[str, ...]:
    """Return the solvers that can be imported."""
    return tuple(name for name in SOLVERS if importlib.util.find_spec(name) is not None)


def version(solver: str) -> str:
    """Return the version of an installed solver."""
    return str(z3.get_version_string()) if solver == "z3" else importlib.metadata.version(solver)


def opinion(obligation: Obligation, solver: str) -> Opinion:
    """Ask a solver for an obligation.

    Raises
    ------
    ValueError
        If the solver is none of `SOLVERS`.
    """
    if solver not in SOLVERS:
        raise ValueError(f"solver: must be one of {', '.join(SOLVERS)}, given {solver!r}")
    try:
        script, variables = smt_script(obligation, SOLVERS[solver])
    except NoSmtError as reason:
        return Opinion(Answer.NOT_EXPRESSED, str(reason))
    try:
        answer, point = (_ask_z3 if solver == "z3" else _ask_cvc5)(script, variables)
    except (z3.Z3Exception, RuntimeError) as error:
        return Opinion(Answer.REJECTED, str(error))
    if answer == "unsat":
        return Opinion(Answer.PROVED)
    if answer != "sat":
        return Opinion(Answer.UNKNOWN, answer)
    return _confirmed(obligation, point)


def _confirmed(obligation: Obligation, point: Mapping[sp.Symbol, sp.Rational]) -> Opinion:
    """Evaluate a model by ball arithmetic: only then it is a counterexample."""
    shown = ", ".join(f"{s} = {v}" for s, v in point.items())
    if (
        set(obligation.variables) <= point.keys()
        and all(unmet_assumption(s, v) is None for s, v in point.items())
        and all(certain(h, point) is True for h in obligation.hypotheses)
        and certain(obligation.conclusion, point) is False
    ):
        return Opinion(Answer.REFUTED, shown)
    return Opinion(Answer.UNCONFIRMED, shown)


def _ask_z3(script: str, variables: Mapping[str, sp.Symbol]) -> tuple[str, dict[sp.Symbol, sp.Rational]]:
    with LOCK:
        solver = z3.Solver()
        solver.set("rlimit", _EFFORT)
        solver.set("random_seed", 0)
        solver.from_string(script)
        answer = solver.check()
        if answer != z3.sat:
            return str(answer), {}
        model = solver.model()
        point = {}
        for declaration in model.decls():
            value = model[declaration]
            if declaration.name() in variables and z3.is_rational_value(value):
                point[variables[declaration.name()]] = sp.Rational(
                    value.numerator_as_long(), value.denominator_as_long()
                )
        return "sat", point


def _ask_cvc5(script: str, variables: Mapping[str, sp.Symbol]) -> tuple[str, dict[sp.Symbol, sp.Rational]]:
    cvc5: Any = importlib.import_module("cvc5")
    solver = cvc5.Solver()
    solver.setOption("produce-models", "true")
    solver.setOption("rlimit-per", str(_CVC5_EFFORT))
    solver.setOption("tlimit-per", str(_CVC5_MILLISECONDS))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script.replace("(check-sat)\n", ""), "obligation")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, symbols)
    result = solver.checkSat()
    if not result.isSat():
        return ("unsat" if result.isUnsat() else "unknown"), {}
    point = {}
    for declared in symbols.getDeclaredTerms():
        if str(declared) in variables:
            value = solver.getValue(declared)
            if value.isRealValue():
                point[variables[str(declared)]] = sp.Rational(str(value.getRealValue()))
    return "sat", point


def all_opinions(
    obligations: Mapping[str, Obligation],
    solvers: Sequence[str],
    progress: Callable[[int], None] = lambda done: None,
) -> dict[tuple[str, str], tuple[Status, Opinion]]:
    """Return obligation and solver -> what the provers decide, and the solver's opinion.

    Parameters
    ----------
    obligations : mapping of str to Obligation
    solvers : sequence of str
        Names of `SOLVERS` that are installed.
    progress : callable
        Called with the number of obligations that are done.
    """
    found = {}
    for number, (name, obligation) in enumerate(obligations.items(), start=1):
        ours = decide(obligation).status
        for solver in solvers:
            found[name, solver] = ours, opinion(obligation, solver)
        progress(number)
    return found


def agreement(found: Mapping[tuple[str, str], tuple[Status, Opinion]]) -> dict[tuple[str, Status, Answer], int]:
    """Count, for every solver, how often its answers meet what the provers decide."""
    return dict(Counter((solver, ours, said.answer) for (_, solver), (ours, said) in found.items()))
