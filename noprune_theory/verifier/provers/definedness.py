"""Definedness: what has to hold for every quotient, root, power and logarithm in an obligation to have a value.

z3 gives a division by zero, and here the root and logarithm of a negative number, some value; what is proved for every
such value may still say nothing at all. So every part that is not defined everywhere brings a condition, which has to
follow from the hypotheses and from what stands before the part: the premise of an implication, the other members of a
conjunction, the failure of the other members of a disjunction, the case of a case distinction.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.notation import Entropy, LogTwo, MutualInformation, Probability
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.signs import POSITIVE, defined_power, is_whole, signs

__all__ = ["Condition", "conditions", "own_condition", "smooth_conditions"]

# A condition, and what it may be derived from.
Condition = tuple[sp.Basic, tuple[sp.Basic, ...]]

# Defined for every real argument; any other function is refused.
_TOTAL = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs, sp.Piecewise),
    *(sp.floor, sp.ceiling, sp.sign, AppliedUndef, Entropy, MutualInformation, Probability),
)
# Smooth wherever their argument is real.
_SMOOTH = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc)
_NOT_REAL = (sp.I, sp.oo, -sp.oo, sp.zoo, sp.nan)
# What stands for a limit of other values, which may not exist.
_BY_LIMITS = (sp.Limit, sp.Integral, sp.Sum, sp.Product)


def conditions(obligation: Obligation) -> Iterator[Condition]:
    """Yield the conditions under which all parts of an obligation are defined, those met by structure left out."""
    for position, hypothesis in enumerate(obligation.hypotheses):
        others = obligation.hypotheses[:position] + obligation.hypotheses[position + 1 :]
        yield from _inside(hypothesis, others)
    yield from _inside(obligation.conclusion, obligation.hypotheses)


def _inside(expression: sp.Basic, given: tuple[sp.Basic, ...]) -> Iterator[Condition]:
    """Yield the conditions of an expression and its parts, each with what it may be derived from."""
    own = own_condition(expression)
    if own != sp.true:
        yield own, given
    if isinstance(expression, sp.Piecewise):
        for value, case in expression.args:
            yield from _inside(case, given)
            yield from _inside(value, (*given, case))
            given = (*given, sp.Not(case))
        return
    if isinstance(expression, sp.Derivative):
        yield from _inside(expression.args[0], given)
        return
    for position, part in enumerate(expression.args):
        before = expression.args[:position] + expression.args[position + 1 :]
        if isinstance(expression, sp.Implies):
            before = expression.args[:position]
        elif isinstance(expression, sp.Or):
            before = tuple(sp.Not(other) for other in before)
        elif not isinstance(expression, sp.And):
            before = ()
        yield from _inside(part, (*given, *before))


def own_condition(expression: sp.Basic) -> sp.Basic:
    """Return when an expression is defined, its parts being so; true where the signs of the parts show it."""
    if isinstance(expression, sp.Pow):
        return _power(*expression.args)
    if isinstance(expression, sp.log | LogTwo):
        return _positive(expression.args[0])
    if isinstance(expression, sp.asin | sp.acos):
        argument = expression.args[0]
        return sp.And(sp.Ge(argument, -1, evaluate=False), sp.Le(argument, 1, evaluate=False), evaluate=False)
    if isinstance(expression, sp.acosh):
        return sp.Ge(expression.args[0], 1, evaluate=False)
    if isinstance(expression, sp.atanh):
        argument = expression.args[0]
        return sp.And(sp.Gt(argument, -1, evaluate=False), sp.Lt(argument, 1, evaluate=False), evaluate=False)
    if isinstance(expression, sp.Derivative):
        return _differentiable(expression)
    if expression in _NOT_REAL or isinstance(expression, _BY_LIMITS):
        return sp.false
    if isinstance(expression, sp.Function) and not isinstance(expression, _TOTAL):
        return sp.false
    return sp.true


def _positive(expression: sp.Expr) -> sp.Basic:
    return sp.true if signs(expression) <= POSITIVE else sp.Gt(expression, 0, evaluate=False)


def _nonzero(expression: sp.Expr) -> sp.Basic:
    return sp.true if 0 not in signs(expression) else sp.Ne(expression, 0, evaluate=False)


def _power(base: sp.Expr, exponent: sp.Expr) -> sp.Basic:
    if defined_power(base, exponent):
        return sp.true
    if is_whole(exponent):
        return sp.Ne(base, 0, evaluate=False)
    if signs(exponent) <= POSITIVE:
        return sp.Ge(base, 0, evaluate=False)
    return _positive(base)


def smooth_conditions(function: sp.Expr, variable: sp.Symbol) -> Iterator[tuple[sp.Basic, sp.Basic]]:
    """Yield each part of a function with the condition under which it is smooth in a variable; false where none is.

    Sums, products and what does not depend on the variable need nothing.
    """
    for part in sp.preorder_traversal(function):
        if variable not in part.free_symbols or part.is_Symbol or part.is_Add or part.is_Mul:
            continue
        if isinstance(part, _SMOOTH) or (part.is_Pow and part.exp.is_Integer and part.exp > 0):
            continue
        if part.is_Pow and part.exp.is_Integer:
            yield part, _nonzero(part.base)
        elif part.is_Pow:
            yield part, _positive(part.base)
        elif isinstance(part, sp.log | LogTwo):
            yield part, _positive(part.args[0])
        elif isinstance(part, sp.Abs):
            yield part, _nonzero(part.args[0])
        else:
            yield part, sp.false


def _differentiable(expression: sp.Derivative) -> sp.Basic:
    """Return when a derivative exists: all parts are smooth in the variables, as unknown functions are taken to be."""
    function, *counts = expression.args
    found = [
        needed
        for variable, _ in counts
        for part, needed in smooth_conditions(function, variable)
        if not isinstance(part, AppliedUndef)
    ]
    return sp.false if sp.false in found else sp.And(*found, evaluate=False) if found else sp.true
