"""Derivatives by the rules of the calculus: sums, products, powers and the chain rule, written out.

The derivative holds where the function is smooth (`definedness.smooth_conditions`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.notation import LogTwo

__all__ = ["derivative"]

_RULES: dict[Any, Callable[[sp.Expr], sp.Expr]] = {
    sp.exp: sp.exp,
    sp.log: lambda u: 1 / u,
    LogTwo: lambda u: 1 / (u * sp.log(2)),
    sp.sin: sp.cos,
    sp.cos: lambda u: -sp.sin(u),
    sp.tan: lambda u: 1 + sp.tan(u) ** 2,
    sp.sinh: sp.cosh,
    sp.cosh: sp.sinh,
    sp.tanh: lambda u: 1 - sp.tanh(u) ** 2,
    sp.asin: lambda u: 1 / sp.sqrt(1 - u**2),
    sp.acos: lambda u: -1 / sp.sqrt(1 - u**2),
    sp.atan: lambda u: 1 / (1 + u**2),
    sp.asinh: lambda u: 1 / sp.sqrt(1 + u**2),
    sp.acosh: lambda u: 1 / (sp.sqrt(u - 1) * sp.sqrt(u + 1)),
    sp.atanh: lambda u: 1 / (1 - u**2),
    sp.erf: lambda u: 2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    sp.erfc: lambda u: -2 * sp.exp(-(u**2)) / sp.sqrt(sp.pi),
    sp.LambertW: lambda u: sp.exp(-sp.LambertW(u)) / (1 + sp.LambertW(u)),
}


def derivative(expression: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    """Return the derivative of an expression, or None if some part has no rule.

    An unknown function of the variable alone has an unevaluated derivative.
    """
    if expression == variable:
        return sp.S.One
    if variable not in expression.free_symbols:
        return sp.S.Zero
    if expression.is_Add:
        parts = [derivative(a, variable) for a in expression.args]
        return None if None in parts else sp.Add(*parts)
    if expression.is_Mul:
        return _of_product(expression, variable)
    if expression.is_Pow:
        base, exponent = expression.args
        return _of_power(base, exponent, variable)
    if isinstance(expression, AppliedUndef) and expression.args == (variable,):
        return sp.Derivative(expression, variable)
    rule = _RULES.get(expression.func)
    if rule is None or len(expression.args) != 1:
        return None
    inner = derivative(expression.args[0], variable)
    return None if inner is None else rule(expression.args[0]) * inner


def _of_product(expression: sp.Mul, variable: sp.Symbol) -> sp.Expr | None:
    terms = []
    for place, factor in enumerate(expression.args):
        part = derivative(factor, variable)
        if part is None:
            return None
        terms.append(sp.Mul(*expression.args[:place], part, *expression.args[place + 1 :]))
    return sp.Add(*terms)


def _of_power(base: sp.Expr, exponent: sp.Expr, variable: sp.Symbol) -> sp.Expr | None:
    of_base, of_exponent = derivative(base, variable), derivative(exponent, variable)
    if of_base is None or of_exponent is None:
        return None
    found = exponent * base ** (exponent - 1) * of_base if of_base != 0 else sp.S.Zero
    if of_exponent != 0:
        found += base**exponent * sp.log(base) * of_exponent
    return found
