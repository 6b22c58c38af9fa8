"""Typesetting: sympy expressions as LaTeX and as MathML, and plain text with subscripts as HTML."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

__all__ = ["latex", "presentation", "rich_text"]


class _Printer(MathMLPresentationPrinter):
    """Presentation MathML that keeps written products together and starts sums with a positive term."""

    def _row(self, *children: Any) -> Any:
        row = self.dom.createElement("mrow")
        for child in children:
            row.appendChild(child)
        return row

    def _leaf(self, tag: str, text: str) -> Any:
        node = self.dom.createElement(tag)
        node.appendChild(self.dom.createTextNode(text))
        return node

    def _print_Mul(self, expr: Any) -> Any:  # noqa: N802
        if any(a.is_Mul and _factors(a)[2] for a in expr.args) and not any(_is_divisor(a) for a in expr.args):
            return self._product(list(expr.args))  # a fraction written as one factor stays one factor
        negative, numerator, denominator = _factors(expr)
        top = self._product(numerator)
        body = top
        if denominator:
            body = self.dom.createElement("mfrac")
            body.appendChild(top)
            body.appendChild(self._product(denominator))
        return self._row(self._leaf("mo", "−"), body) if negative else body

    def _product(self, factors: list[Any]) -> Any:
        if not factors:
            return self._leaf("mn", "1")
        if len(factors) == 1:
            return self._print(factors[0])
        parts: list[Any] = []
        for position, factor in enumerate(factors):
            printed = self._print(factor)
            if factor.is_Add or isinstance(factor, sp.Rel):
                printed = self._row(self._leaf("mo", "("), printed, self._leaf("mo", ")"))
            if position:
                dot = factor.is_Number and factors[position - 1].is_Number
                parts.append(self._leaf("mo", "·" if dot else "\u2062"))
            parts.append(printed)
        return self._row(*parts)

    def _print_Add(self, expr: Any, order: Any = None) -> Any:  # noqa: N802
        written = expr.args != sp.Add(*expr.args).args
        ordered = list(expr.args) if written else list(self._as_ordered_terms(expr, order=order))
        if _is_negative(ordered[0]):
            first = next((t for t in ordered if not _is_negative(t)), ordered[0])
            ordered.remove(first)
            ordered.insert(0, first)
        parts = [self._print(ordered[0])]
        for term in ordered[1:]:
            negative = _is_negative(term)
            parts.append(self._leaf("mo", "−" if negative else "+"))
            parts.append(self._print(sp.Mul(-1, term) if negative else term))
        return self._row(*parts)

    def _print_Function(self, expr: Any) -> Any:  # noqa: N802
        name = expr.func.__name__
        inner = self._row(self._leaf("mo", "("))
        for position, argument in enumerate(expr.args):
            if position:
                inner.appendChild(self._leaf("mo", ","))
            inner.appendChild(self._print(argument))
        inner.appendChild(self._leaf("mo", ")"))
        return self._row(self._leaf("mi", name), inner)

    def _print_log(self, expr: Any) -> Any:
        return self._print_Function(expr)

    def _print_Implies(self, expr: Any) -> Any:  # noqa: N802
        return self._joined_by("⟹", expr)

    def _print_Equivalent(self, expr: Any) -> Any:  # noqa: N802
        return self._joined_by("⟺", expr)

    def _joined_by(self, mark: str, expr: Any) -> Any:
        left, right = (self._grouped(a) for a in expr.args)
        return self._row(left, self._leaf("mo", mark), right)

    def _grouped(self, expr: Any) -> Any:
        printed = self._print(expr)
        if isinstance(expr, sp.Implies | sp.Or | sp.Equivalent):
            return self._row(self._leaf("mo", "("), printed, self._leaf("mo", ")"))
        return printed


def _is_divisor(factor: Any) -> bool:
    return bool(factor.is_Pow and factor.args[1].is_Rational and factor.args[1].is_negative)


def _is_negative(term: Any) -> bool:
    return bool(term.is_Number and term < 0) or bool(term.is_Mul and _factors(term)[0])


def _factors(expr: Any) -> tuple[bool, list[Any], list[Any]]:
    """Sign, numerator and denominator factors of a product in written order."""
    negative, numerator, denominator = False, [], []
    stack = list(expr.args)
    while stack:
        factor = stack.pop(0)
        if factor.is_Mul:
            stack = list(factor.args) + stack
        elif factor.is_Rational and factor.is_negative:
            negative = not negative
            stack.insert(0, -factor)
        elif factor.is_Rational and factor.q != 1:
            numerator += [] if factor.p == 1 else [sp.Integer(factor.p)]
            denominator.append(sp.Integer(factor.q))
        elif _is_divisor(factor):
            power = -factor.args[1]
            denominator.append(factor.args[0] if power == 1 else sp.Pow(factor.args[0], power, evaluate=False))
        elif factor != 1:
            numerator.append(factor)
    return negative, numerator, denominator


def presentation(expression: sp.Basic) -> str:
    """Return the MathML (presentation) of an expression, without the outer `math` element."""
    return str(_Printer({"order": None}).doprint(expression))


def latex(expression: sp.Basic) -> str:
    """Return the LaTeX of an expression, products in written order."""
    return str(sp.latex(expression, order="none", mul_symbol=r"\,"))


_SCRIPT = re.compile(r"([_^])(\{(?:[^{}]|\{[^{}]*\})*\}|\*|-?[0-9A-Za-zΑ-Ωα-ωκ]+)")


def rich_text(text: str) -> str:
    """Return HTML for a line of text in which `x_i`, `f^W` and `W_{m,L}` are sub- and superscripts."""
    return " ".join(_rich_word(word) for word in text.split(" "))


def _rich_word(word: str) -> str:
    if re.search(r"\w+\.\w+_|[a-z0-9]+_[a-z0-9]+_", word):
        return escape(word)

    def script(match: re.Match[str]) -> str:
        tag = "sub" if match[1] == "_" else "sup"
        body = match[2][1:-1] if match[2].startswith("{") else match[2]
        return f"<{tag}>{_SCRIPT.sub(script, body)}</{tag}>"

    return _SCRIPT.sub(script, escape(word))
