"""Self-contained proof obligations.

An `Obligation` says: for all real values of its variables that satisfy the hypotheses (and the sign assumptions of the
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

from verification.notation import write_expression

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
]

SIGNS = ("positive", "nonnegative", "negative", "nonpositive", "nonzero")


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


def symbol_domain(symbol: sp.Symbol) -> str:
    """Return the strongest sign assumption that the symbol carries, or "real"."""
    for sign in SIGNS:
        if getattr(symbol, f"is_{sign}"):
            return sign
    return "real"


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

    Several statements rest on the same obligations; each is discharged once a process.
    """
    if obligation.conclusion == sp.true:
        return Certificate(Status.PROVED, "sympy evaluates it to true")
    if obligation.conclusion == sp.false:
        return Certificate(Status.REFUTED, "sympy evaluates it to false")
    return obligation.prover.prove(obligation)


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
        If a substituted expression is not known to satisfy the sign assumption of the symbol it replaces.
    """
    substitution = dict(substitution or {})
    for symbol, value in substitution.items():
        domain = symbol_domain(symbol)
        if not getattr(sp.sympify(value), f"is_{domain}"):
            raise ValueError(f"substitution: {value} is not known to be {domain}, as {symbol} is")
    conclusion = obligation.conclusion.subs(substitution, simultaneous=True)
    if not obligation.hypotheses:
        return conclusion
    hypotheses = sp.And(*[h.subs(substitution, simultaneous=True) for h in obligation.hypotheses])
    return sp.Implies(hypotheses, conclusion)
