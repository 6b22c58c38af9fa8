"""Obligations in SMT-LIB 2: hypotheses, and the negation of the conclusion; "unsat" is a proof.

Square roots and logarithms are variables with what defines them: ``s >= 0, s * s = x`` where ``x >= 0``, and
``exp(l) = x`` where ``x > 0``. Where a solver does not know a function it is uninterpreted, which is sound for
"unsat" and makes a "sat" mean nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanFunction

from noprune_theory.verifier.notation import LogTwo
from noprune_theory.verifier.obligations import Obligation

__all__ = ["NoSmtError", "smt_script"]


class NoSmtError(Exception):
    """An expression has no counterpart in SMT-LIB 2 here; the message says which part."""


_RELATIONS = {
    sp.Equality: "(= {0} {1})",
    sp.Unequality: "(not (= {0} {1}))",
    sp.LessThan: "(<= {0} {1})",
    sp.StrictLessThan: "(< {0} {1})",
    sp.GreaterThan: "(>= {0} {1})",
    sp.StrictGreaterThan: "(> {0} {1})",
}
_FUNCTIONS: dict[type[sp.Basic], str] = {
    sp.sin: "sin",
    sp.cos: "cos",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.atan: "arctan",
    sp.erf: "erf",
}
_SIGNS = {"positive": ">", "negative": "<", "nonnegative": ">=", "nonpositive": "<="}


def smt_script(obligation: Obligation, known: Iterable[str] = ()) -> tuple[str, dict[str, sp.Symbol]]:
    """Return the text of an obligation and the names of its real variables.

    Parameters
    ----------
    obligation : Obligation
    known : iterable of str
        Functions that the solver interprets, such as "exp"; the others are declared.

    Raises
    ------
    NoSmtError
        If a part has no counterpart.
    """
    writer = _Writer(frozenset(known))
    stated = [writer.proposition(h) for h in obligation.hypotheses]
    negated = f"(not {writer.proposition(obligation.conclusion)})"
    asserted = [*writer.conditions, *stated, negated]
    lines = ["(set-logic ALL)", *writer.declarations, *(f"(assert {a})" for a in asserted), "(check-sat)"]
    return "\n".join(lines) + "\n", writer.variables


class _Writer:
    """Write terms and propositions, collecting what has to be declared and what is known of it."""

    def __init__(self, known: frozenset[str]) -> None:
        self._known = known
        self._names: dict[sp.Basic, str] = {}
        self._functions: set[str] = set()
        self.declarations: list[str] = []
        self.conditions: list[str] = []
        self.variables: dict[str, sp.Symbol] = {}

    def _fresh(self, key: sp.Basic, stem: str, kind: str = "Real") -> tuple[str, bool]:
        """Return the name that stands for an expression, and whether it is new."""
        if key in self._names:
            return self._names[key], False
        plain = re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_")
        # A symbol of SMT-LIB begins with no digit.
        name = f"{plain if plain[:1].isalpha() else f'x{plain}'}.{len(self._names)}"
        self._names[key] = name
        self.declarations.append(f"(declare-fun {name} () {kind})")
        return name, True

    def term(self, e: sp.Expr) -> str:
        """Return a real-valued expression."""
        if e.is_Rational:
            value = f"{abs(e.p)}.0" if e.q == 1 else f"(/ {abs(e.p)}.0 {e.q}.0)"
            return f"(- {value})" if e < 0 else value
        if e.is_Symbol:
            return self._variable(e)
        if e == sp.E:
            return self._apply("exp", "1.0")
        if e == sp.pi:
            name, new = self._fresh(e, "pi")
            self.conditions += [f"(< 3.14159 {name})", f"(< {name} 3.14160)"] if new else []
            return name
        if e.is_Add or e.is_Mul:
            return f"({'+' if e.is_Add else '*'} {' '.join(map(self.term, e.args))})"
        if isinstance(e, sp.exp) or (e.is_Pow and e.base == sp.E):
            return self._apply("exp", self.term(e.args[-1]))
        if e.is_Pow:
            return self._power(*e.args)
        if isinstance(e, sp.log | LogTwo):
            value = self._logarithm(e.args[0])
            return value if isinstance(e, sp.log) else f"(/ {value} {self._logarithm(sp.Integer(2))})"
        if isinstance(e, sp.Abs):
            inner = self.term(e.args[0])
            return f"(ite (>= {inner} 0.0) {inner} (- {inner}))"
        if isinstance(e, sp.Max | sp.Min):
            return self._extremum(e)
        if isinstance(e, sp.Piecewise) and e.args[-1][1] == sp.true:
            *cases, (default, _) = e.args
            text = self.term(default)
            for value, case in reversed(cases):
                text = f"(ite {self.proposition(case)} {self.term(value)} {text})"
            return text
        if e.func in _FUNCTIONS:
            return self._apply(_FUNCTIONS[e.func], self.term(e.args[0]))
        if isinstance(e, AppliedUndef) and len(e.args) == 1:
            return self._apply(f"f.{re.sub(r'[^A-Za-z0-9]+', '_', str(e.func))}", self.term(e.args[0]))
        raise NoSmtError(f"{type(e).__name__} has no counterpart: {e}")

    def _variable(self, symbol: sp.Symbol) -> str:
        name, new = self._fresh(symbol, str(symbol))
        if new:
            self.variables[name] = symbol
            sign = next((s for s in _SIGNS if getattr(symbol, f"is_{s}")), None)
            if sign is not None:
                self.conditions.append(f"({_SIGNS[sign]} {name} 0.0)")
            elif symbol.is_nonzero:
                self.conditions.append(f"(not (= {name} 0.0))")
            if symbol.is_integer:
                self.conditions.append(f"(is_int {name})")
        return name

    def _apply(self, function: str, argument: str) -> str:
        if function not in self._known and function not in self._functions:
            self._functions.add(function)
            self.declarations.append(f"(declare-fun {self._called(function)} (Real) Real)")
        return f"({self._called(function)} {argument})"

    def _called(self, function: str) -> str:
        """Return the name of a function; a declared one must not have the name of one that a solver may know."""
        return function if function in self._known else f"the.{function}"

    def _logarithm(self, argument: sp.Expr) -> str:
        name, new = self._fresh(sp.log(argument, evaluate=False), "log")
        if new:
            inner = self.term(argument)
            self.conditions.append(f"(=> (> {inner} 0.0) (= {self._apply('exp', name)} {inner}))")
        return name

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        if exponent.is_Integer:
            return self._whole(self.term(base), int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            name, new = self._fresh(sp.Pow(base, sp.S.Half, evaluate=False), "root")
            if new:
                inner = self.term(base)
                self.conditions += [f"(>= {name} 0.0)", f"(=> (>= {inner} 0.0) (= (* {name} {name}) {inner}))"]
            return self._whole(name, int(exponent.p))
        raise NoSmtError(f"a power with the exponent {exponent} has no counterpart")

    @staticmethod
    def _whole(factor: str, exponent: int) -> str:
        product = factor if abs(exponent) == 1 else f"(* {' '.join([factor] * abs(exponent))})" if exponent else "1.0"
        return product if exponent >= 0 else f"(/ 1.0 {product})"

    def _extremum(self, e: sp.Expr) -> str:
        relation = ">=" if isinstance(e, sp.Max) else "<="
        best, *others = map(self.term, sorted(e.args, key=str))
        for other in others:
            best = f"(ite ({relation} {best} {other}) {best} {other})"
        return best

    def proposition(self, e: sp.Basic) -> str:
        """Return a relation or a Boolean combination."""
        if e in (sp.true, sp.false):
            return "true" if e == sp.true else "false"
        if e.is_Symbol:
            return self._fresh(sp.Tuple(e), str(e), "Bool")[0]
        if type(e) in _RELATIONS:
            return _RELATIONS[type(e)].format(self.term(e.lhs), self.term(e.rhs))
        signs: dict[type[sp.Basic], str] = {
            sp.And: "and",
            sp.Or: "or",
            sp.Not: "not",
            sp.Implies: "=>",
            sp.Equivalent: "=",
        }
        if isinstance(e, BooleanFunction) and e.func in signs:
            ordered = e.args if isinstance(e, sp.Implies) else sorted(e.args, key=str)
            return f"({signs[e.func]} {' '.join(map(self.proposition, ordered))})"
        raise NoSmtError(f"{type(e).__name__} has no counterpart: {e}")
