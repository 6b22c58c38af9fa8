"""Shannon-type inequalities, decided over the cone of the elemental inequalities.

A linear inequality between joint entropies of discrete variables that follows from the nonnegativity of conditional
mutual information is a consequence of finitely many elemental inequalities (Yeung 1997); z3 finds or excludes the
combination in exact arithmetic. What does not follow is refuted by a small law if there is one: every variable a tuple
of sums modulo two of fair bits, whose entropies are whole numbers of bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any, TypeAlias

import sympy as sp
import z3

from noprune_theory.verifier.exact_models import information_bits
from noprune_theory.verifier.notation import Entropy, MutualInformation
from noprune_theory.verifier.obligations import Certificate, Obligation, Status, UnsupportedError, unmet_assumption
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.provers.refutation import EFFORT, Translation, decide, exact_point, where_defined

__all__ = ["Shannon"]

Variables: TypeAlias = frozenset[sp.Symbol]
# Each variable is a tuple of sums of the bits r and s modulo two: r is written 1, s is 2, and r + s is 3.
Law: TypeAlias = Mapping[sp.Symbol, tuple[int, ...]]
# What a variable may know of one bit, and of two; (1, 2) knows both.
_KNOWLEDGE = (((), (1,)), ((), (1,), (2,), (3,), (1, 2)))
_TERMS = (Entropy, MutualInformation)


def _variables(argument: sp.Basic) -> frozenset[sp.Symbol]:
    """Return the variables of an argument, which is one of them or a tuple: h(f(X)) is not h(X)."""
    parts = argument.args if isinstance(argument, sp.Tuple) else (argument,)
    if not all(part.is_Symbol for part in parts):
        raise UnsupportedError(f"entropy: the arguments are random variables or tuples of them, given {argument}")
    return frozenset(parts)


def _subsets(variables: tuple[sp.Symbol, ...]) -> Iterator[Variables]:
    for size in range(len(variables) + 1):
        yield from map(frozenset, combinations(variables, size))


class _EntropyTranslation(Translation):
    """Replace entropies and informations by joint entropies `h(S)`."""

    def __init__(self, joint: Mapping[Variables, Any]) -> None:
        super().__init__()
        self.joint = joint

    def real(self, expression: sp.Expr) -> Any:
        """Translate, expanding entropies into joint entropies."""
        if isinstance(expression, _TERMS):
            return _expand(expression, self.joint.__getitem__)
        return super().real(expression)


def _expand(term: sp.Expr, joint: Callable[[Variables], Any]) -> Any:
    """Return an entropy or mutual information as a combination of joint entropies."""
    if isinstance(term, Entropy):
        x, *rest = (_variables(a) for a in term.args)
        given = rest[0] if rest else frozenset()
        return joint(x | given) - joint(given)
    x, y, *rest = (_variables(a) for a in term.args)
    given = rest[0] if rest else frozenset()
    return joint(x | given) + joint(y | given) - joint(x | y | given) - joint(given)


def _elemental(h: Mapping[Variables, Any], everything: Variables) -> list[Any]:
    """Return the elemental inequalities between joint entropies."""
    pairs = combinations(sorted(everything, key=str), 2)
    return [h[everything] - h[everything - {x}] >= 0 for x in everything] + [
        h[k | {x}] + h[k | {y}] - h[k | {x, y}] - h[k] >= 0
        for x, y in pairs
        for k in _subsets(tuple(sorted(everything - {x, y}, key=str)))
    ]


def _laws(variables: tuple[sp.Symbol, ...]) -> Iterator[Law]:
    """Yield the laws in which every variable is a tuple of sums of one or two fair bits."""
    for knowledge in _KNOWLEDGE:
        for choice in product(knowledge, repeat=len(variables)):
            yield dict(zip(variables, choice, strict=True))


def _rank(law: Law, chosen: Variables) -> int:
    """Return the number of independent sums among the variables: their joint entropy in bits."""
    basis: list[int] = []
    for form in (form for v in chosen for form in law[v]):
        reduced = form
        for element in basis:
            reduced = min(reduced, reduced ^ element)
        if reduced:
            basis.append(reduced)
    return len(basis)


def _enumerated(term: sp.Expr, law: Law) -> sp.Expr:
    """Return an entropy or mutual information in bits by enumeration of the two fair bits."""

    def entropy(chosen: Variables) -> sp.Expr:
        joint: dict[tuple[Any, Any], Fraction] = {}
        for bits in range(4):
            value = tuple((form & bits).bit_count() % 2 for v in sorted(chosen, key=str) for form in law[v])
            joint[value, value] = joint.get((value, value), Fraction(0)) + Fraction(1, 4)
        return information_bits(joint)

    return _expand(term, entropy)


@dataclass(frozen=True)
class Shannon:
    """Prove a linear relation between entropies and mutual informations of discrete variables.

    A law of fair bits that violates it, confirmed by enumeration, refutes it.

    Attributes
    ----------
    effort
        Limit on z3's own count of elementary operations.
    method
        Name shown in the report.
    """

    effort: int = EFFORT
    method: str = "Shannon inequalities, z3"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide over the polymatroid cone; a point of the cone outside the claim need not be a law."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        everything = (*obligation.hypotheses, obligation.conclusion)
        terms = {t for e in everything for t in e.atoms(*_TERMS)}
        variables = tuple(sorted({s for t in terms for s in t.free_symbols}, key=str))
        if len({str(v) for v in variables}) < len(variables):
            raise UnsupportedError(f"obligation: different random variables have the same name, given {variables}")
        joint: dict[Variables, Any] = {
            subset: z3.Real("h(" + ",".join(sorted(map(str, subset))) + ")") if subset else z3.RealVal(0)
            for subset in _subsets(variables)
        }
        translation = _EntropyTranslation(joint)
        hypotheses = [translation.boolean(h) for h in obligation.hypotheses]
        conclusion = translation.boolean(obligation.conclusion)
        assumptions = hypotheses + translation.side_conditions + _elemental(joint, frozenset(variables))
        certificate, model = decide(assumptions, conclusion, self.effort)
        if model is not None:
            return _refute(obligation, variables)
        if certificate.status is Status.PROVED:
            detail = f"combination of the elemental inequalities of {len(variables)} variables; negation unsatisfiable"
            return where_defined(Certificate(Status.PROVED, detail), obligation, self.effort)
        return certificate


def _refute(obligation: Obligation, variables: tuple[sp.Symbol, ...]) -> Certificate:
    """Refute by a law of fair bits, entropies in bits, if one violates the obligation."""
    for law in _laws(variables):
        translation = _EntropyTranslation({s: z3.RealVal(_rank(law, s)) for s in _subsets(variables)})
        solver = z3.Solver()
        solver.add(*[translation.boolean(h) for h in obligation.hypotheses])
        solver.add(z3.Not(translation.boolean(obligation.conclusion)), *translation.side_conditions)
        if translation.abstracted or solver.check() != z3.sat:
            continue
        numbers = exact_point(solver.model(), translation)
        if numbers is not None and (shown := _confirmed(obligation, law, numbers)) is not None:
            return Certificate(Status.REFUTED, shown)
    return Certificate(Status.OPEN, "does not follow from Shannon's inequalities and the hypotheses")


def _confirmed(obligation: Obligation, law: Law, numbers: Mapping[sp.Symbol, sp.Expr]) -> str | None:
    """Enumerate the law and evaluate the obligation exactly; return the violation in words, or None."""
    terms = {t for e in (*obligation.hypotheses, obligation.conclusion) for t in e.atoms(*_TERMS)}
    values = {term: _enumerated(term, law) for term in terms}
    met = all(unmet_assumption(symbol, value) is None for symbol, value in numbers.items())
    try:
        hypotheses = all(h.xreplace(values).subs(numbers) == sp.true for h in obligation.hypotheses)
        if not met or not hypotheses or obligation.conclusion.xreplace(values).subs(numbers) != sp.false:
            return None
    except TypeError:  # a comparison with a value that is not real
        return None
    names = {1: "r", 2: "s", 3: "r ⊕ s"}
    where = [f"{v} = ({', '.join(names[form] for form in forms)})" for v, forms in law.items()]
    where += [f"{symbol} = {value}" for symbol, value in numbers.items()]
    bits = [f"{term} = {values[term]}" for term in sorted(obligation.conclusion.atoms(*_TERMS), key=str)]
    return f"violated for fair bits r and s by {', '.join(where)}: {', '.join(bits)} (bits)"
