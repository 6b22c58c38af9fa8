"""Signs by structure: what the signs of its parts, and nothing else, say about the sign of an expression.

The rules are few and elementary (a sum of nonnegative numbers with one positive among them is positive, an exponential
is positive, ...). They start from the assumptions that the symbols were declared with; sympy's own inference on
expressions is not asked.
"""

from __future__ import annotations

from itertools import product
from typing import TypeAlias

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.notation import LogTwo

__all__ = ["ANY", "NONNEGATIVE", "POSITIVE", "Signs", "is_whole", "known_real", "signs"]

# The signs that a real expression may have where it is defined.
Signs: TypeAlias = frozenset[int]
ANY, POSITIVE, NONNEGATIVE, NEGATIVE = (frozenset(s) for s in ((-1, 0, 1), (1,), (0, 1), (-1,)))

_CONSTANTS = (sp.pi, sp.E, sp.EulerGamma, sp.Catalan, sp.GoldenRatio)
# Zero at zero, and with the sign of the argument.
_ODD = (sp.sinh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.asin, sp.atanh, sp.sign)
_ALWAYS_POSITIVE = (sp.exp, sp.cosh, sp.erfc)
_REAL_EVERYWHERE = (
    *(sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc, sp.Abs, sp.Max, sp.Min),
    *(sp.sign, sp.floor, sp.ceiling),
)


def _declared(expression: sp.Expr) -> Signs:
    """Return the signs that the assumptions of a symbol, or of the values of an unknown function, leave."""
    possible = set(ANY)
    if expression.is_nonnegative:
        possible.discard(-1)
    if expression.is_nonpositive:
        possible.discard(1)
    if expression.is_zero is False:
        possible.discard(0)
    return frozenset(possible)


def signs(expression: sp.Basic) -> Signs:
    """Return a set that contains the sign of an expression wherever it is defined: -1, 0 or 1.

    Every symbol is read as a real number.
    """
    if isinstance(expression, sp.Symbol | AppliedUndef):
        return _declared(expression)
    if expression.is_Rational:
        return frozenset((int(sp.sign(expression)),))
    if expression in _CONSTANTS:
        return POSITIVE
    if expression.is_Add:
        return _of_sum([signs(a) for a in expression.args])
    if expression.is_Mul:
        found = POSITIVE
        for factor in expression.args:
            found = frozenset(a * b for a, b in product(found, signs(factor)))
        return found
    if expression.is_Pow:
        return _of_power(*expression.args)
    if isinstance(expression, _ALWAYS_POSITIVE):
        return ANY if expression.has(sp.I) else POSITIVE
    if isinstance(expression, _ODD):
        return signs(expression.args[0])
    if isinstance(expression, sp.log | LogTwo):
        return _of_logarithm(expression.args[0])
    if isinstance(expression, sp.Abs):
        return frozenset(abs(s) for s in signs(expression.args[0]))
    if isinstance(expression, sp.Max | sp.Min):
        choose = max if isinstance(expression, sp.Max) else min
        return frozenset(choose(c) for c in product(*(signs(a) for a in expression.args)))
    if isinstance(expression, sp.Piecewise):
        return frozenset().union(*(signs(value) for value, _ in expression.args))
    return ANY


def _of_sum(parts: list[Signs]) -> Signs:
    if all(p <= NONNEGATIVE for p in parts):
        return POSITIVE if any(0 not in p for p in parts) else frozenset().union(*parts)
    if all(1 not in p for p in parts):
        return NEGATIVE if any(0 not in p for p in parts) else frozenset().union(*parts)
    return ANY


def _of_power(base: sp.Expr, exponent: sp.Expr) -> Signs:
    below = signs(base)
    if exponent.is_Integer:
        found = frozenset(s ** abs(int(exponent)) for s in below) if exponent != 0 else POSITIVE
        return found - {0} if exponent < 0 else found  # a divisor is not zero where the quotient is defined
    if below <= POSITIVE:
        return POSITIVE
    if exponent.is_Rational:  # a root, real and nonnegative where it is defined
        return POSITIVE if exponent < 0 or 0 not in below else NONNEGATIVE
    if below <= NONNEGATIVE:
        return NONNEGATIVE
    return ANY


def _of_logarithm(argument: sp.Expr) -> Signs:
    if argument.is_Add:
        return signs(sp.Add(*argument.args, -1))
    if argument.is_Rational:
        return signs(argument - 1)
    return ANY


def is_whole(expression: sp.Expr) -> bool:
    """Whether an expression is an integer: built by sums, products and powers from integers."""
    if expression.is_Symbol or expression.is_Number:
        return bool(expression.is_integer)
    if expression.is_Add or expression.is_Mul:
        return all(is_whole(a) for a in expression.args)
    if expression.is_Pow:
        base, exponent = expression.args
        return is_whole(base) and is_whole(exponent) and signs(exponent) <= NONNEGATIVE
    return False


def known_real(expression: sp.Basic) -> bool:
    """Whether an expression has a real value for all values of its symbols, which are declared real."""
    if isinstance(expression, sp.Symbol | AppliedUndef):
        return bool(expression.is_real)
    if expression.is_Rational or expression in _CONSTANTS:
        return True
    if expression in (sp.I, sp.oo, -sp.oo, sp.zoo, sp.nan) or not all(known_real(a) for a in expression.args):
        return False
    if expression.is_Add or expression.is_Mul or isinstance(expression, _REAL_EVERYWHERE):
        return True
    if isinstance(expression, sp.log | LogTwo):
        return signs(expression.args[0]) <= POSITIVE
    if expression.is_Pow:
        return defined_power(*expression.args)
    return False


def defined_power(base: sp.Expr, exponent: sp.Expr) -> bool:
    """Whether a power is defined, its base and exponent being real."""
    below, above = signs(base), signs(exponent)
    if below <= POSITIVE:
        return True
    if is_whole(exponent):
        return above <= NONNEGATIVE or 0 not in below
    return below <= NONNEGATIVE and above <= POSITIVE
