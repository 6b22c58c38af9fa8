"""sympy to Rocq: terms over the reals and propositions about them.

Every variable is a real, and what a symbol is assumed to be becomes a premise. Rocq's functions are total where ours
are not, so a translated statement means the same only where every part has a value; `goals` exports that as a goal of
its own. The conventions:

========================  ==========================================================
sympy                     Rocq
========================  ==========================================================
``p/q``                   ``(p / q)``, never a decimal
``x**n``, n = 0, 1, ...   ``x ^ n``; negative powers are quotients
``sqrt(x)``, ``x**(n/2)`` ``sqrt x``, ``sqrt x ^ n``
``x**y`` otherwise        ``Rpower x y``, which needs ``0 < x``
``log``, ``LogTwo``       ``ln x``, ``ln x / ln 2``
``Max``, ``Min``, ``Abs`` ``Rmax``, ``Rmin``, ``Rabs``
``Piecewise``             ``if Rlt_dec a b then ... else ...``
``Derivative(f, x)``      ``Derive (fun x : R => f) x``; of order 2 twice
``Limit``                 ``filterlim`` between filters, in an equation only
``f(x)``, f unknown       application of ``f : R -> R``
Boolean symbols           propositions; the logic is classical
========================  ==========================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from noprune_theory.verifier.notation import LogTwo

__all__ = ["Translator", "UntranslatableError", "half_power", "opposite"]


class UntranslatableError(Exception):
    """An expression has no counterpart in Rocq here; the message says which part."""


_RELATIONS = {
    sp.Equality: "=",
    sp.Unequality: "<>",
    sp.LessThan: "<=",
    sp.StrictLessThan: "<",
    sp.GreaterThan: ">=",
    sp.StrictGreaterThan: ">",
}
_FUNCTIONS: dict[type[sp.Basic], str] = {
    sp.exp: "exp",
    sp.log: "ln",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.tanh: "tanh",
    sp.asinh: "arcsinh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.atan: "atan",
    sp.Abs: "Rabs",
    sp.erf: "erf",
}
_CASES = {
    sp.StrictLessThan: "Rlt_dec",
    sp.LessThan: "Rle_dec",
    sp.StrictGreaterThan: "Rlt_dec",
    sp.GreaterThan: "Rle_dec",
}


class Translator:
    """Write expressions as Rocq text; one translator names the symbols of one obligation.

    Attributes
    ----------
    positive_bases
        Bases of real powers, which `Rpower` needs positive, in the order of their first use.
    """

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self.positive_bases: dict[sp.Expr, None] = {}

    def name(self, symbol: object) -> str:
        """Return the identifier of a symbol or function: ``v_`` and its name in ASCII, made unique by a number."""
        if symbol not in self._names:
            stem = "v_" + re.sub(r"[^A-Za-z0-9]+", "_", "".join(map(_ascii, str(symbol)))).strip("_")
            taken = set(self._names.values())
            candidates = [stem, *(f"{stem}_{k}" for k in range(1, len(taken) + 1))]
            self._names[symbol] = next(c for c in candidates if c not in taken)
        return self._names[symbol]

    def rename(self, symbol: object, name: str) -> None:
        """Call a symbol otherwise from now on."""
        self._names[symbol] = name

    # Terms

    def term(self, expression: sp.Expr) -> str:
        """Return a real-valued expression as a Rocq term, in parentheses where it needs them.

        Raises
        ------
        UntranslatableError
            If a part has no counterpart.
        """
        if expression.is_Rational:
            return self._rational(expression)
        if expression.is_Symbol:
            return self.name(expression)
        if expression == sp.E:
            return "(exp 1)"
        if expression == sp.pi:
            return "PI"
        if expression.is_Add:
            return self._sum(expression)
        if expression.is_Mul:
            return self._product(expression)
        if isinstance(expression, sp.exp):
            return f"(exp {self.term(expression.args[0])})"
        if expression.is_Pow:
            return self._power(*expression.args)
        if isinstance(expression, LogTwo):
            return f"(ln {self.term(expression.args[0])} / ln 2)"
        if expression.func in _FUNCTIONS and len(expression.args) == 1:
            return f"({_FUNCTIONS[expression.func]} {self.term(expression.args[0])})"
        if isinstance(expression, sp.erfc):
            return f"(1 - erf {self.term(expression.args[0])})"
        if isinstance(expression, sp.Max | sp.Min):
            return self._extremum(expression)
        if isinstance(expression, sp.Piecewise):
            return self._piecewise(expression)
        if isinstance(expression, AppliedUndef) and len(expression.args) == 1:
            return f"({self.name(expression.func)} {self.term(expression.args[0])})"
        if isinstance(expression, sp.Derivative):
            return self._derivative(expression)
        raise UntranslatableError(f"{type(expression).__name__} has no counterpart: {expression}")

    @staticmethod
    def _rational(number: sp.Rational) -> str:
        if number.is_Integer:
            return str(number) if number >= 0 else f"(- {-number})"
        return f"({number.p} / {number.q})" if number > 0 else f"(- {-number.p} / {number.q})"

    def _sum(self, expression: sp.Add) -> str:
        first, *others = expression.args
        text = self.term(first)
        for part in others:
            negative = opposite(part)
            text += f" + {self.term(part)}" if negative is None else f" - {self.term(negative)}"
        return f"({text})"

    def _product(self, expression: sp.Mul) -> str:
        negative = opposite(expression)
        if negative is not None:
            return f"(- {self.term(negative)})"
        above, below = [], []
        for factor in expression.args:
            if factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
                below.append(factor.base if factor.exp == -1 else sp.Pow(factor.base, -factor.exp, evaluate=False))
            elif factor.is_Rational and not factor.is_Integer and factor.p == 1:
                below.append(sp.Integer(factor.q))
            else:
                above.append(factor)
        numerator = " * ".join(self.term(f) for f in above) or "1"
        if not below:
            return f"({numerator})"
        denominator = " * ".join(self.term(f) for f in below)
        return f"({numerator} / ({denominator}))" if len(below) > 1 else f"({numerator} / {denominator})"

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> str:
        if base == sp.E:
            return f"(exp {self.term(exponent)})"
        if exponent.is_Integer:
            return self._whole_power(self.term(base), int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return self._whole_power(f"(sqrt {self.term(base)})", int(exponent.p))
        self.positive_bases[base] = None
        return f"(Rpower {self.term(base)} {self.term(exponent)})"

    @staticmethod
    def _whole_power(base: str, exponent: int) -> str:
        power = base if abs(exponent) == 1 else f"({base} ^ {abs(exponent)})"
        return power if exponent >= 0 else f"(/ {power})"

    def _extremum(self, expression: sp.Expr) -> str:
        function = "Rmax" if isinstance(expression, sp.Max) else "Rmin"
        first, *others = (self.term(a) for a in sorted(expression.args, key=str))
        for part in others:
            first = f"({function} {first} {part})"
        return first

    def _piecewise(self, expression: sp.Piecewise) -> str:
        *cases, (default, otherwise) = expression.args
        if otherwise != sp.true:
            raise UntranslatableError(f"a case distinction without a last case has no counterpart: {expression}")
        text = self.term(default)
        for value, case in reversed(cases):
            if type(case) not in _CASES:
                raise UntranslatableError(f"a case has to be an inequality: {case}")
            test = f"{_CASES[type(case)]} {self.term(case.lts)} {self.term(case.gts)}"
            text = f"(if {test} then {self.term(value)} else {text})"
        return text

    def _derivative(self, expression: sp.Derivative) -> str:
        ((variable, order),) = expression.variable_count if len(expression.variable_count) == 1 else ((None, 0),)
        if order not in (1, 2):
            raise UntranslatableError(
                f"only derivatives of order 1 and 2 in one variable have a counterpart: {expression}"
            )
        bound = self.name(variable)
        if isinstance(expression.expr, AppliedUndef) and expression.expr.args == (variable,):
            first = f"(Derive {self.name(expression.expr.func)} {bound})"
        else:
            first = f"(Derive (fun {bound} : R => {self.term(expression.expr)}) {bound})"
        return first if order == 1 else f"(Derive (fun {bound} : R => {first}) {bound})"

    # Propositions

    def proposition(self, expression: sp.Basic) -> str:
        """Return a relation or a Boolean combination as a Rocq proposition.

        Raises
        ------
        UntranslatableError
            If a part has no counterpart.
        """
        if expression in (sp.true, True):
            return "True"
        if expression in (sp.false, False):
            return "False"
        if expression.is_Symbol:
            return self.name(expression)
        if isinstance(expression, sp.Equality) and isinstance(expression.lhs, sp.Limit):
            return self.limit(expression.lhs, expression.rhs)
        if type(expression) in _RELATIONS:
            if any(isinstance(side, BooleanFunction | BooleanAtom | sp.Rel) for side in expression.args):
                raise UntranslatableError(f"a relation between propositions has no counterpart: {expression}")
            sign = _RELATIONS[type(expression)]
            return f"{self.term(expression.lhs)} {sign} {self.term(expression.rhs)}"
        return self._combination(expression, self.proposition)

    @staticmethod
    def _combination(expression: sp.Basic, write: Callable[[sp.Basic], str]) -> str:
        if isinstance(expression, sp.And | sp.Or):
            sign = " /\\ " if isinstance(expression, sp.And) else " \\/ "
            return "(" + sign.join(f"({write(a)})" for a in sorted(expression.args, key=str)) + ")"
        if isinstance(expression, sp.Not):
            return f"(~ ({write(expression.args[0])}))"
        if isinstance(expression, sp.Implies):
            return f"(({write(expression.args[0])}) -> ({write(expression.args[1])}))"
        if isinstance(expression, sp.Equivalent):
            first, *others = expression.args
            return "(" + " /\\ ".join(f"(({write(first)}) <-> ({write(o)}))" for o in others) + ")"
        raise UntranslatableError(f"{type(expression).__name__} has no counterpart: {expression}")

    def approach(self, limit: sp.Limit) -> str:
        """Return the filter along which the variable of a limit moves."""
        _, _, end, direction = limit.args
        if end in (sp.oo, -sp.oo):
            return f"(Rbar_locally {'p' if end == sp.oo else 'm'}_infty)"
        side = {"+": "at_right", "-": "at_left", "+-": "locally'"}[str(direction)]
        return f"({side} {self.term(end)})"

    def limit(self, limit: sp.Limit, value: sp.Expr) -> str:
        """Return that a function tends to a value, which may be infinite."""
        function, variable, _, _ = limit.args
        if value in (sp.oo, -sp.oo):
            target = f"(Rbar_locally {'p' if value == sp.oo else 'm'}_infty)"
        else:
            target = f"(locally {self.term(value)})"
        return f"filterlim (fun {self.name(variable)} : R => {self.term(function)}) {self.approach(limit)} {target}"


def _ascii(character: str) -> str:
    """Return a character of ASCII as it is, a Greek letter or another sign by the last word of its Unicode name."""
    if character == "'":
        return "_prime"
    return character if character.isascii() else unicodedata.name(character, "other").split()[-1].lower()


def opposite(expression: sp.Expr) -> sp.Expr | None:
    """Return minus an expression with a negative leading number, else None; nothing else is evaluated."""
    if expression.is_Rational and expression < 0:
        return -expression
    if expression.is_Mul and expression.args[0].is_Rational and expression.args[0] < 0:
        leading, *rest = expression.args
        factors = rest if leading == -1 else [-leading, *rest]
        return factors[0] if len(factors) == 1 else sp.Mul(*factors, evaluate=False)
    return None


def half_power(expression: sp.Basic) -> bool:
    """Whether an expression is a power with a half-integer exponent."""
    return bool(expression.is_Pow and expression.exp.is_Rational and expression.exp.q == 2)
