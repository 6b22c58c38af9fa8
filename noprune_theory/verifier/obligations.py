"""Self-contained proof obligations.

An `Obligation` says: for all real values of its variables that satisfy the hypotheses (and the assumptions of the
symbols), the conclusion holds. It names the prover that is to discharge it. Nothing else is needed to hand it to a
second prover: `Obligation.statement()` lists variables, hypotheses and conclusion, and `notation.read_expression` reads
them back.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Protocol

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFunction

from noprune_theory._validation import check_instance
from noprune_theory.verifier.limits import TimeUpError, time_limit
from noprune_theory.verifier.notation import write_expression
from noprune_theory.verifier.signs import NONNEGATIVE, POSITIVE, Signs, is_whole, known_real, signs

__all__ = [
    "CONTRADICTORY",
    "Certificate",
    "Discharge",
    "Obligation",
    "Outcome",
    "Prover",
    "Status",
    "UnsupportedError",
    "decide",
    "discharge",
    "instance",
    "settle",
    "symbol_domain",
    "unmet_assumption",
]


# Points at which a proved obligation is evaluated once more.
CROSS_CHECKS = 24


class Status(StrEnum):
    """What a prover decided.

    - proved: it holds wherever its hypotheses do.
    - refuted: a case was found, without rounding, that meets the hypotheses and violates the conclusion.
    - open: neither; see `Outcome` for why.
    """

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


class Outcome(StrEnum):
    """How a prover fared: the status, and for an open obligation what kept it open.

    - proved, refuted: the obligation is decided.
    - inconclusive: the method found neither a proof nor a violation.
    - outside its domain: some part of the obligation is not shown to have a value under the hypotheses.
    - unsupported: the method cannot read the obligation, or has no rule for a part of it.
    - timed out: the method gave up at its limit of time or of operations.
    """

    PROVED = "proved"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    OUTSIDE = "outside its domain"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed out"


class UnsupportedError(ValueError):
    """An obligation that a prover cannot read; the message names the part."""


@dataclass(frozen=True)
class Certificate:
    """Why a status was given: enough for a reader to repeat the check.

    Attributes
    ----------
    status
        Proved, refuted or open.
    detail
        The reason.
    outcome
        What kept an open obligation open; "proved" and "refuted" follow from the status.
    vacuous
        Whether it is open because the hypotheses contradict each other.
    """

    status: Status
    detail: str
    outcome: Outcome = Outcome.INCONCLUSIVE
    vacuous: bool = False

    def __post_init__(self) -> None:
        if self.status is not Status.OPEN:
            object.__setattr__(self, "outcome", Outcome(self.status))
        elif self.outcome in (Outcome.PROVED, Outcome.REFUTED):
            raise ValueError(f"outcome: '{self.outcome}' is none of an open obligation")


#: What a prover returns when the hypotheses contradict each other.
CONTRADICTORY = Certificate(
    Status.OPEN, "the hypotheses contradict each other, so nothing is shown", Outcome.INCONCLUSIVE, vacuous=True
)


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


def _check_assumptions(symbol: sp.Symbol, value: sp.Basic) -> None:
    """Check that a value may stand for a symbol."""
    unmet = unmet_assumption(symbol, value)
    if unmet is not None:
        raise ValueError(f"substitution: {value} is not known to be {unmet}, as {symbol} is")


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


class _Source(sp.Atom):
    """The obligation of which an expression is an instance; without symbols, so that substitution leaves it alone."""

    __slots__ = ("obligation",)

    def __new__(cls, obligation: Obligation) -> _Source:
        """Wrap an obligation."""
        self: _Source = super().__new__(cls)
        self.obligation = obligation
        return self

    def _hashable_content(self) -> tuple[Hashable, ...]:
        return (self.obligation,)

    def __getnewargs__(self) -> tuple[Obligation]:
        return (self.obligation,)

    def _sympystr(self, _printer: Any) -> str:
        return f"'{self.obligation.name}'"


class _Instance(Boolean):
    """What an instance of an obligation says, together with that obligation.

    Operations of sympy keep the two together until an `Obligation` takes them apart. Compared with anything but another
    instance it is what it says; its hash stays its own, so that no table of sympy's takes one for the other.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Instance):
            return bool(super().__eq__(other))
        return bool(self.args[0] == other)

    __hash__ = Boolean.__hash__

    def _check(self, old: sp.Basic, new: sp.Basic) -> None:
        """Check a later substitution as `instance` does its own."""
        if old.is_Symbol and old in self.free_symbols:
            _check_assumptions(old, new)

    def _eval_subs(self, old: sp.Basic, new: sp.Basic) -> None:
        self._check(old, new)

    def _xreplace(self, rule: Mapping[sp.Basic, sp.Basic]) -> tuple[sp.Basic, bool]:
        for old, new in rule.items():
            self._check(old, new)
        found: tuple[sp.Basic, bool] = super()._xreplace(rule)
        return found

    def _sympystr(self, printer: Any) -> str:
        return str(printer._print(self.args[0]))


def _apart(expression: sp.Basic) -> tuple[sp.Basic, tuple[Obligation, ...]]:
    """Return an expression without its marks of instances, and the obligations of which they are."""
    if isinstance(expression, _Instance):
        inner, cited = _apart(expression.args[0])
        return inner, (expression.args[1].obligation, *cited)
    if not isinstance(expression, BooleanFunction) or not expression.atoms(_Source):
        return expression, ()
    parts = [_apart(argument) for argument in expression.args]
    return expression.func(*[part for part, _ in parts]), tuple(o for _, cited in parts for o in cited)


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
    cites
        Earlier obligations whose instances are among the hypotheses; filled in from them. Unless each of those is
        proved, this one is not.
    lemmas
        The hypotheses that are such instances; filled in.
    """

    name: str
    conclusion: sp.Basic
    prover: Prover
    hypotheses: tuple[sp.Basic, ...] = ()
    cites: tuple[Obligation, ...] = ()
    lemmas: tuple[sp.Basic, ...] = ()

    def __post_init__(self) -> None:
        conclusion, cited = _apart(self.conclusion)
        parts = [_apart(h) for h in self.hypotheses]
        cites = (*self.cites, *cited, *(o for _, found in parts for o in found))
        lemmas = (*self.lemmas, *(h for h, found in parts if found))
        object.__setattr__(self, "conclusion", conclusion)
        object.__setattr__(self, "hypotheses", tuple(h for h, _ in parts))
        object.__setattr__(self, "cites", tuple(dict.fromkeys(cites)))
        object.__setattr__(self, "lemmas", tuple(dict.fromkeys(lemmas)))

    @cached_property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """Free symbols of hypotheses and conclusion, sorted by name."""
        free: set[sp.Symbol] = set(self.conclusion.free_symbols)
        for hypothesis in self.hypotheses:
            free |= hypothesis.free_symbols
        return tuple(sorted(free, key=str))

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that change with the hypotheses or the conclusion; the name does not count."""
        parts = [write_expression(e) for e in (*self.hypotheses, self.conclusion)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

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


def decide(obligation: Obligation) -> Certificate:
    """Return the certificate of an obligation: by its prover, unless sympy has already evaluated the conclusion.

    Several statements rest on the same obligations; each is discharged once a process. What a prover calls proved is
    not, if its hypotheses contradict each other, if it is certainly violated at one of a few points, or if it rests on
    an instance of an obligation that is not proved.

    Parameters
    ----------
    obligation : Obligation
        What is to be decided.

    Returns
    -------
    Certificate
        The status and its reason.

    Raises
    ------
    TypeError
        If `obligation` is none.
    UnsupportedError
        If the prover cannot read the obligation.
    """
    check_instance("obligation", obligation, Obligation)
    try:
        hash(obligation)
    except TypeError:  # a prover of the author's that has no hash
        return _decide(obligation)
    return _decided(obligation)


def _decide(obligation: Obligation) -> Certificate:
    if obligation.conclusion == sp.false:
        return Certificate(Status.REFUTED, "sympy evaluates it to false")
    evaluated = obligation.conclusion == sp.true
    if evaluated:
        certificate = Certificate(Status.PROVED, "sympy evaluates it to true")
    else:
        certificate = obligation.prover.prove(obligation)
    if certificate.status is not Status.PROVED:
        return certificate
    from noprune_theory.verifier.provers.balls import find_violation  # the provers build on this file
    from noprune_theory.verifier.provers.consistency import contradiction

    if contradiction(obligation.hypotheses, obligation.variables):
        return CONTRADICTORY
    point = None if evaluated else find_violation(obligation, CROSS_CHECKS)
    if point is not None:
        return Certificate(Status.OPEN, f"{certificate.detail}; but violated at {point}")
    if not evaluated:
        for cited in obligation.cites:
            earlier = _read(cited)
            if earlier.status is not Status.PROVED:
                return Certificate(Status.OPEN, f"rests on '{cited.name}', which is {_how(earlier)}")
    return certificate


_decided = cache(_decide)


def _read(obligation: Obligation) -> Certificate:
    """Decide, if the prover can read the obligation."""
    try:
        return decide(obligation)
    except UnsupportedError as error:
        return Certificate(Status.OPEN, str(error), Outcome.UNSUPPORTED)


def _how(certificate: Certificate) -> str:
    """Say how an obligation that is not proved stands."""
    outcome = f" ({certificate.outcome})" if certificate.status is Status.OPEN else ""
    return f"{certificate.status}{outcome}: {certificate.detail}"


_given_up: dict[tuple[Obligation, float], Certificate] = {}


def settle(obligation: Obligation, limit: float) -> Certificate:
    """Return the certificate of an obligation, also where the prover cannot read it or takes too long.

    Parameters
    ----------
    obligation : Obligation
        What is to be decided.
    limit : float
        Seconds after which it is given up, in the main thread of a process; elsewhere there is no limit.
    """
    with contextlib.suppress(TypeError):  # a prover without a hash
        if (obligation, limit) in _given_up:
            return _given_up[obligation, limit]
    try:
        with time_limit(limit):
            return _read(obligation)
    except TimeUpError:
        found = Certificate(Status.OPEN, f"not decided within {limit:g} s", Outcome.TIMED_OUT)
    with contextlib.suppress(TypeError):
        _given_up[obligation, limit] = found
    return found


def discharge(obligation: Obligation) -> Discharge:
    """Run the prover of an obligation."""
    return Discharge(obligation, decide(obligation))


def instance(obligation: Obligation, substitution: Mapping[sp.Symbol, sp.Expr] | None = None) -> sp.Basic:
    """Return an instance of an obligation, to be used as a hypothesis of a later one.

    Parameters
    ----------
    obligation : Obligation
        The earlier obligation; the result is "its hypotheses imply its conclusion" after substitution.
    substitution : mapping of sympy symbol to sympy expression, optional
        Expressions for some of its variables.

    Returns
    -------
    sympy Boolean
        Marked as an instance: an obligation that has it among its hypotheses cites the earlier one.

    Raises
    ------
    TypeError
        If `obligation` is none, or `substitution` no mapping.
    ValueError
        If a symbol is no variable of the obligation, or an expression is not known to meet every assumption of the
        symbol it replaces.
    """
    check_instance("obligation", obligation, Obligation)
    if substitution is not None:
        check_instance("substitution", substitution, Mapping)
    substitution = {symbol: sp.sympify(value) for symbol, value in (substitution or {}).items()}
    for symbol, value in substitution.items():
        if symbol not in obligation.variables:
            raise ValueError(
                f"substitution: {symbol} ({symbol_domain(symbol)}) is no variable of '{obligation.name}', which has "
                f"{', '.join(f'{v} ({symbol_domain(v)})' for v in obligation.variables)}"
            )
        _check_assumptions(symbol, value)
    said = obligation.conclusion.subs(substitution, simultaneous=True)
    if obligation.hypotheses:
        said = sp.Implies(sp.And(*[h.subs(substitution, simultaneous=True) for h in obligation.hypotheses]), said)
    return said if said == sp.true else _Instance(said, _Source(obligation))
