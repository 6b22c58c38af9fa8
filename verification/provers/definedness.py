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

from verification.notation import Entropy, LogTwo, MutualInformation, Probability
from verification.obligations import Obligation

__all__ = ["Condition", "conditions"]

# A condition, and what it may be derived from.
Condition = tuple[sp.Basic, tuple[sp.Basic, ...]]

# Defined for every real argument; any other function is refused.
_TOTAL = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.erfc, sp.Abs, sp.Piecewise),
    *(AppliedUndef, Entropy, MutualInformation, Probability),
)
_NOT_REAL = (sp.I, sp.oo, -sp.oo, sp.zoo, sp.nan)


def conditions(obligation: Obligation) -> Iterator[Condition]:
    """Yield the conditions under which all parts of an obligation are defined, those that sympy evaluates left out."""
    for position, hypothesis in enumerate(obligation.hypotheses):
        others = obligation.hypotheses[:position] + obligation.hypotheses[position + 1 :]
        yield from _inside(hypothesis, others)
    yield from _inside(obligation.conclusion, obligation.hypotheses)


def _inside(expression: sp.Basic, given: tuple[sp.Basic, ...]) -> Iterator[Condition]:
    """Yield the conditions of an expression and its parts, each with what it may be derived from."""
    own = _own(expression)
    if own != sp.true:
        yield own, given
    if isinstance(expression, sp.Piecewise):
        for value, case in expression.args:
            yield from _inside(case, given)
            yield from _inside(value, (*given, case))
            given = (*given, sp.Not(case))
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


def _own(expression: sp.Basic) -> sp.Basic:
    """Return when an expression is defined, its parts being so."""
    if isinstance(expression, sp.Pow):
        return _power(*expression.args)
    if isinstance(expression, sp.log | LogTwo):
        return sp.Gt(expression.args[0], 0)
    if expression in _NOT_REAL or (isinstance(expression, sp.Function) and not isinstance(expression, _TOTAL)):
        return sp.false
    return sp.true


def _power(base: sp.Expr, exponent: sp.Expr) -> sp.Basic:
    if base.is_positive or (exponent.is_integer and exponent.is_nonnegative):
        return sp.true
    if exponent.is_integer:
        return sp.Ne(base, 0)
    return sp.Ge(base, 0) if exponent.is_positive else sp.Gt(base, 0)
