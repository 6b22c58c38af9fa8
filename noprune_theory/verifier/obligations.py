"""Self-contained proof obligations.

An `Obligation` says: for all real values of its variables that satisfy the hypotheses (and the assumptions of the
symbols), the conclusion holds. It names the prover that is to discharge it. Nothing else is needed to hand it to a
second prover: `Obligation.statement()` lists variables, hypotheses and conclusion, and `notation.read_expression` reads
them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Protocol

import sympy as sp

from noprune_theory.verifier.notation import write_expression
from noprune_theory.verifier.signs import NONNEGATIVE, POSITIVE, Signs, is_whole, known_real, signs

__all__ = [
    "Certificate",
    "Discharge",
    "Obligation",
    "Prover",
    "Status",
    "decide",
    "discharge",
    "instance",
    "symbol_domain",
    "unmet_assumption",
]


# Points at which a proved obligation is evaluated once more.
CROSS_CHECKS = 24


class Status(StrEnum):
    """What a prover decided."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True)
class Certificate:
    """Why a status was given: enough for a reader to repeat the check."""

    status: Status
    detail: str


class Prover(Protocol):
    """A named method that decides obligations."""

    @property
    def method(self) -> str:
        """Name shown in the report."""
        ...

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide the obligation; never guess."""
        ...


def _assumptions(symbol: sp.Symbol) -> dict[str, bool]:
    """Return the assumptions that a symbol was made with; sympy derives the others from them."""
    given: dict[str, bool] = symbol.__getnewargs_ex__()[1]
    return given


def _in_words(assumption: str, truth: bool) -> str:
    return assumption if truth else f"not {assumption}"


def symbol_domain(symbol: sp.Symbol) -> str:
    """Return the assumptions that a symbol was made with, or "real": the provers read every variable as a real."""
    return ", ".join(_in_words(*item) for item in sorted(_assumptions(symbol).items())) or "real"


def unmet_assumption(symbol: sp.Symbol, value: sp.Basic) -> str | None:
    """Return the first assumption of a symbol that the value is not known to meet, or None.

    sympy has to know it, and for what is no plain number or symbol the rules of `signs` too. Whatever its own
    assumptions, a variable of an obligation is real.
    """
    for name, truth in ({"real": True} | _assumptions(symbol)).items():
        if getattr(value, f"is_{name}", None) is not truth or not _confirmed(name, truth, value):
            return _in_words(name, truth)
    return None


# The signs that an assumption leaves.
_SIGNS: dict[tuple[str, bool], Signs] = {
    ("positive", True): POSITIVE,
    ("nonnegative", True): NONNEGATIVE,
    ("negative", True): frozenset((-1,)),
    ("nonpositive", True): frozenset((-1, 0)),
    ("nonzero", True): frozenset((-1, 1)),
    ("zero", False): frozenset((-1, 1)),
}


def _confirmed(name: str, truth: bool, value: sp.Basic) -> bool:
    """Whether structural rules agree that a value meets an assumption; plain numbers and symbols are taken as such."""
    if value.is_Symbol or not isinstance(value, sp.Expr) or value.is_Rational:
        return True
    if name in ("real", "complex", "finite", "commutative", "hermitian") and truth:
        return known_real(value)
    if (name, truth) in _SIGNS:
        return known_real(value) and signs(value) <= _SIGNS[name, truth]
    return name == "integer" and truth and is_whole(value)


@dataclass(frozen=True)
class Obligation:
    """One implication for one prover.

    Attributes
    ----------
    name
        What is shown, in a few words.
    conclusion
        sympy Boolean: relation or Boolean combination of relations.
    prover
        The method that has to discharge it.
    hypotheses
        sympy Booleans that may be used.
    """

    name: str
    conclusion: sp.Basic
    prover: Prover
    hypotheses: tuple[sp.Basic, ...] = ()

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """Free symbols of hypotheses and conclusion, sorted by name."""
        free: set[sp.Symbol] = set(self.conclusion.free_symbols)
        for hypothesis in self.hypotheses:
            free |= hypothesis.free_symbols
        return tuple(sorted(free, key=str))

    def statement(self) -> dict[str, object]:
        """Return variables with domains, and hypotheses and conclusion for `notation.read_expression`."""
        return {
            "name": self.name,
            "variables": {str(v): symbol_domain(v) for v in self.variables},
            "hypotheses": [write_expression(h) for h in self.hypotheses],
            "conclusion": write_expression(self.conclusion),
            "method": self.prover.method,
        }


@dataclass(frozen=True)
class Discharge:
    """An obligation together with what its prover decided."""

    obligation: Obligation
    certificate: Certificate

    @property
    def status(self) -> Status:
        """Status of the certificate."""
        return self.certificate.status


@cache
def decide(obligation: Obligation) -> Certificate:
    """Return the certificate of an obligation: by its prover, unless sympy has already evaluated the conclusion.

    Several statements rest on the same obligations; each is discharged once a process. What a prover calls proved is
    not, if it is certainly violated at one of a few points.
    """
    if obligation.conclusion == sp.true:
        return Certificate(Status.PROVED, "sympy evaluates it to true")
    if obligation.conclusion == sp.false:
        return Certificate(Status.REFUTED, "sympy evaluates it to false")
    certificate = obligation.prover.prove(obligation)
    if certificate.status is Status.PROVED:
        from noprune_theory.verifier.provers.balls import find_violation  # the provers build on this file

        point = find_violation(obligation, CROSS_CHECKS)
        if point is not None:
            return Certificate(Status.OPEN, f"{certificate.detail}; but violated at {point}")
    return certificate


def discharge(obligation: Obligation) -> Discharge:
    """Run the prover of an obligation."""
    return Discharge(obligation, decide(obligation))


def instance(obligation: Obligation, substitution: Mapping[sp.Symbol, sp.Expr] | None = None) -> sp.Basic:
    """Return an instance of an obligation, to be used as a hypothesis of a later one.

    Parameters
    ----------
    obligation
        The earlier obligation; the result is "its hypotheses imply its conclusion" after substitution.
    substitution
        Expressions for some of its variables.

    Raises
    ------
    ValueError
        If a symbol is no variable of the obligation, or an expression is not known to meet every assumption of the
        symbol it replaces.
    """
    substitution = {symbol: sp.sympify(value) for symbol, value in (substitution or {}).items()}
    for symbol, value in substitution.items():
        if symbol not in obligation.variables:
            raise ValueError(
                f"substitution: {symbol} ({symbol_domain(symbol)}) is no variable of '{obligation.name}', which has "
                f"{', '.join(f'{v} ({symbol_domain(v)})' for v in obligation.variables)}"
            )
        unmet = unmet_assumption(symbol, value)
        if unmet is not None:
            raise ValueError(f"substitution: {value} is not known to be {unmet}, as {symbol} is")
    conclusion = obligation.conclusion.subs(substitution, simultaneous=True)
    if not obligation.hypotheses:
        return conclusion
    hypotheses = sp.And(*[h.subs(substitution, simultaneous=True) for h in obligation.hypotheses])
    return sp.Implies(hypotheses, conclusion)
