"""Intervals with exact ends: enclosures that respect where a domain ends.

A ball has a midpoint and a radius, and the radius is rounded up: the ball of [0, 1/3] reaches below zero, where there
is no square root. An interval here is a pair of exact binary numbers, each rounded outward by flint from a ball around
one point, so that zero stays zero; an end may be infinite. A monotone function is evaluated at the two ends.

An expression without a value somewhere in the box has no interval, unless the condition that it needs is known to hold
at all points that count: then the argument is cut off at the end of the domain, and a pole there gives an infinite end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import flint
import sympy as sp

from noprune_theory.verifier.notation import LogTwo
from noprune_theory.verifier.obligations import UnsupportedError
from noprune_theory.verifier.provers.definedness import own_condition

__all__ = ["EVERYTHING", "Interval", "enclose_interval", "exact"]

_INFINITE = flint.arb.pos_inf()
_ZERO, _ONE = flint.arb(0), flint.arb(1)


@dataclass(frozen=True)
class Interval:
    """All real numbers from `low` to `high`, balls of radius zero, or an infinity."""

    low: Any
    high: Any

    @property
    def bounded(self) -> bool:
        """Whether both ends are finite."""
        return bool(self.low.is_finite() and self.high.is_finite())

    def hull(self) -> Any:
        """Return one ball around the interval."""
        return self.low.union(self.high)

    def meet(self, other: Interval) -> Interval:
        """Return the common part of two intervals of which each contains the same number."""
        return Interval(
            self.low if self.low >= other.low else other.low, self.high if self.high <= other.high else other.high
        )


EVERYTHING = Interval(-_INFINITE, _INFINITE)
# Whether the condition that an expression needs to be defined holds at all points that count.
Known = Callable[[sp.Basic], bool]


def _never(condition: sp.Basic) -> bool:
    return False


def exact(value: Any) -> Interval:
    """Return the interval of a ball."""
    return Interval(_low(value), _high(value))


def _low(ball: Any) -> Any:
    found = ball.lower()
    return -_INFINITE if found.is_nan() else found


def _high(ball: Any) -> Any:
    found = ball.upper()
    return _INFINITE if found.is_nan() else found


def _add(a: Interval, b: Interval) -> Interval:
    return Interval(_low(a.low + b.low), _high(a.high + b.high))


def _negate(a: Interval) -> Interval:
    return Interval(-a.high, -a.low)


def _product(a: Any, b: Any) -> Any:
    return _ZERO if a.is_zero() or b.is_zero() else a * b


def _multiply(a: Interval, b: Interval) -> Interval:
    if a.low >= 0 and b.low >= 0:
        return Interval(_low(_product(a.low, b.low)), _high(_product(a.high, b.high)))
    ends = [_product(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return Interval(reduce(_smaller, map(_low, ends)), reduce(_larger, map(_high, ends)))


def _smaller(a: Any, b: Any) -> Any:
    return a if a <= b else b


def _larger(a: Any, b: Any) -> Any:
    return a if a >= b else b


def _reciprocal(a: Interval, nonzero: bool) -> Interval | None:
    """Return 1/a; where zero is excluded though an end or an inner point is zero, an end is infinite."""
    if a.low > 0 or a.high < 0:
        return Interval(_low(_inverse(a.high)), _high(_inverse(a.low)))
    if not nonzero:
        return None
    if a.low >= 0 and a.high > 0:
        return Interval(_low(_inverse(a.high)), _INFINITE)
    if a.high <= 0 and a.low < 0:
        return Interval(-_INFINITE, _high(_inverse(a.low)))
    return EVERYTHING


def _inverse(end: Any) -> Any:
    return 1 / end if end.is_finite() else _ZERO


def _at_end(function: Callable[[Any], Any], end: Any, at_infinity: tuple[Any, Any]) -> Any:
    if end.is_finite():
        return function(end)
    return at_infinity[1] if end > 0 else at_infinity[0]


def _increasing(function: Callable[[Any], Any], a: Interval, below: Any = None, above: Any = None) -> Interval:
    """Return the interval of an increasing function with the given limits at the two infinities."""
    limits = (-_INFINITE if below is None else below, _INFINITE if above is None else above)
    return Interval(_low(_at_end(function, a.low, limits)), _high(_at_end(function, a.high, limits)))


def _decreasing(function: Callable[[Any], Any], a: Interval, below: Any = None, above: Any = None) -> Interval:
    limits = (_INFINITE if below is None else below, -_INFINITE if above is None else above)
    return Interval(_low(_at_end(function, a.high, limits)), _high(_at_end(function, a.low, limits)))


def _absolute(a: Interval) -> Interval:
    if a.low >= 0:
        return a
    if a.high <= 0:
        return _negate(a)
    return Interval(_ZERO, _larger(-a.low, a.high))


def _logarithm(a: Interval, positive: bool) -> Interval | None:
    if not a.high > 0 or not (a.low > 0 or positive):
        return None
    low = _low(a.low.log()) if a.low > 0 else -_INFINITE
    return Interval(low, _high(a.high.log()) if a.high.is_finite() else _INFINITE)


def _from_zero(a: Interval, known: bool) -> Interval | None:
    """Cut an argument that is known to be nonnegative off at zero; None if it may be negative."""
    if a.low >= 0:
        return a
    if not known or a.high < 0:
        return None
    return Interval(_ZERO, a.high)


def _within(a: Interval, low: Any, high: Any, known: bool) -> Interval | None:
    """Cut an argument off at the ends of a domain; None if it may lie outside."""
    inside = (low is None or a.low >= low) and (high is None or a.high <= high)
    if inside:
        return a
    if not known or (high is not None and a.low > high) or (low is not None and a.high < low):
        return None
    return Interval(a.low if low is None else _larger(a.low, low), a.high if high is None else _smaller(a.high, high))


def _whole_power(a: Interval, power: int, nonzero: bool) -> Interval | None:
    if power < 0:
        inner = _whole_power(a, -power, nonzero)
        return None if inner is None else _reciprocal(inner, nonzero)
    if power == 0:
        return Interval(_ONE, _ONE)
    if power % 2 == 0:
        a = _absolute(a)
    return _increasing(lambda end: end**power, a)


def _root_power(a: Interval, exponent: sp.Rational, positive: bool) -> Interval:
    """Return a**(p/q) for a >= 0; where zero is excluded a negative power has an infinite end."""
    power, root = abs(int(exponent.p)), int(exponent.q)
    found = _increasing(lambda end: _root(end, root) ** power, a)
    if exponent > 0:
        return found
    return _reciprocal(found, positive) or EVERYTHING


def _root(end: Any, root: int) -> Any:
    if end.is_zero():
        return _ZERO
    return end.sqrt() if root == 2 else end.root(root)


def _waves(a: Interval, function: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Interval:
    """Return the interval of a sine or cosine: at the ends where it is monotone between them."""
    bounds = Interval(-_ONE, _ONE)
    if not a.bounded:
        return bounds
    wide = a.hull()
    steep = slope(wide)
    if steep > 0:
        return bounds.meet(_increasing(function, a))
    if steep < 0:
        return bounds.meet(_decreasing(function, a))
    return bounds.meet(exact(function(wide)))


_INCREASING: dict[Any, tuple[Callable[[Any], Any], Any, Any]] = {
    sp.exp: (lambda x: x.exp(), _ZERO, None),
    sp.sinh: (lambda x: x.sinh(), None, None),
    sp.asinh: (lambda x: x.asinh(), None, None),
    sp.tanh: (lambda x: x.tanh(), -_ONE, _ONE),
    sp.erf: (lambda x: x.erf(), -_ONE, _ONE),
    sp.floor: (lambda x: x.floor(), None, None),
    sp.ceiling: (lambda x: x.ceil(), None, None),
}
# With the domain; the ends of an open domain give an infinite value.
_ON_DOMAIN: dict[Any, tuple[Callable[[Any], Any], Any, Any, bool]] = {
    sp.asin: (lambda x: x.asin(), -_ONE, _ONE, True),
    sp.acos: (lambda x: x.acos(), -_ONE, _ONE, False),
    sp.acosh: (lambda x: x.acosh(), _ONE, None, True),
}
_BY_BALL: dict[Any, Callable[[Any], Any]] = {
    sp.gamma: lambda x: x.gamma(),
    sp.loggamma: lambda x: x.lgamma(),
    sp.tan: lambda x: x.tan(),
    sp.LambertW: lambda x: x.lambertw(),
}
_CONSTANTS: dict[Any, Callable[[], Any]] = {
    sp.pi: flint.arb.pi,
    sp.E: flint.arb.const_e,
    sp.EulerGamma: flint.arb.const_euler,
    sp.Catalan: flint.arb.const_catalan,
}


def enclose_interval(
    expression: sp.Basic,
    values: Mapping[sp.Symbol, Interval],
    known: Known = _never,
    memory: dict[sp.Basic, Interval | None] | None = None,
) -> Interval | None:
    """Return an interval that contains the expression for every choice of numbers from those of its symbols.

    Parameters
    ----------
    expression
        sympy expression of arithmetic, powers, and the elementary and error functions.
    values
        Interval of each free symbol.
    known
        Whether a condition of definedness holds at all points that count; the others are then left out.
    memory
        Intervals of parts for the same values and the same knowledge, looked up and added to.

    Returns
    -------
    Interval or None
        None where some part is not shown to have a value, by the intervals or by what is known.

    Raises
    ------
    ValueError
        If a symbol has no interval, or a function has no enclosure.
    """
    if expression.is_Symbol:
        if expression not in values:
            raise ValueError(f"expression: symbol {expression} has no ball; given {sorted(map(str, values))}")
        return values[expression]
    if memory is None:
        memory = {}
    if expression not in memory:
        memory[expression] = _enclose_parts(expression, values, known, memory)
    return memory[expression]


def _enclose_parts(
    expression: sp.Basic,
    values: Mapping[sp.Symbol, Interval],
    known: Known,
    memory: dict[sp.Basic, Interval | None],
) -> Interval | None:
    if expression.is_Rational:
        return exact(flint.arb(flint.fmpq(int(expression.p), int(expression.q))))
    if expression in _CONSTANTS:
        return exact(_CONSTANTS[expression]())
    if isinstance(expression, sp.Piecewise):
        return _cases(expression, values, known)
    parts = [enclose_interval(a, values, known, memory) for a in expression.args]
    if any(p is None for p in parts):
        return None
    arguments: list[Interval] = [p for p in parts if p is not None]
    if expression.is_Add:
        return reduce(_add, arguments)
    if expression.is_Mul:
        return _multiply_out(expression, arguments)
    if expression.is_Pow:
        return _power(expression, arguments, known)
    if isinstance(expression, sp.Max | sp.Min):
        choose = _larger if isinstance(expression, sp.Max) else _smaller
        return Interval(reduce(choose, [a.low for a in arguments]), reduce(choose, [a.high for a in arguments]))
    if len(arguments) == 1:
        found = _function(expression, arguments[0], known)
        if found is not NotImplemented:
            return found
    raise UnsupportedError(f"expression: no enclosure for {expression.func.__name__}")


def _holds(expression: sp.Basic, known: Known) -> bool:
    """Whether the condition that the expression itself needs is known."""
    return known(own_condition(expression))


def _power(expression: sp.Pow, arguments: list[Interval], known: Known) -> Interval | None:
    base, exponent = arguments
    power = expression.args[1]
    if expression.args[0] is sp.E:
        return _increasing(_INCREASING[sp.exp][0], exponent, _ZERO)
    if power.is_Integer:
        nonzero = power < 0 and not (base.low > 0 or base.high < 0) and _holds(expression, known)
        return _whole_power(base, int(power), nonzero)
    inside = base.low > 0 or (base.low >= 0 and exponent.low > 0)
    shown = inside or _holds(expression, known)
    cut = _from_zero(base, shown)
    if cut is None or not shown:
        return None
    if power.is_Rational:
        return _root_power(cut, power, shown)
    if cut.high.is_zero():  # 0**y is 0 for y > 0, and zero is excluded otherwise
        return Interval(_ZERO, _ZERO)
    logarithm = _logarithm(cut, True) or EVERYTHING
    if power == expression.args[0]:
        return _increasing(_INCREASING[sp.exp][0], _power_times_logarithm(cut, logarithm, sp.S.One), _ZERO)
    return _increasing(_INCREASING[sp.exp][0], _multiply(exponent, logarithm), _ZERO)


def _function(expression: sp.Basic, a: Interval, known: Known) -> Any:
    """Return the interval of a function of one argument, or NotImplemented."""
    function = expression.func
    if function in _INCREASING:
        return _increasing(_INCREASING[function][0], a, *_INCREASING[function][1:])
    if function in (sp.log, LogTwo):
        logarithm = _logarithm(a, not a.low > 0 and _holds(expression, known))
        if logarithm is None or function is sp.log:
            return logarithm
        return _multiply(logarithm, _reciprocal(exact(flint.arb(2).log()), True) or EVERYTHING)
    if function is sp.atan:
        quarter = _high(flint.arb.pi() / 2)
        return _increasing(lambda x: x.atan(), a, -quarter, quarter)
    if function is sp.Abs:
        return _absolute(a)
    if function is sp.sign:
        return Interval(_sign_of(a.low), _sign_of(a.high))
    if function is sp.cosh:
        return _increasing(lambda x: x.cosh(), _absolute(a))
    if function is sp.erfc:
        return _decreasing(lambda x: x.erfc(), a, flint.arb(2), _ZERO)
    if function is sp.sin:
        return _waves(a, lambda x: x.sin(), lambda x: x.cos())
    if function is sp.cos:
        return _waves(a, lambda x: x.cos(), lambda x: -x.sin())
    if function in _ON_DOMAIN:
        rule, low, high, rises = _ON_DOMAIN[function]
        inside = a.low >= low and (high is None or a.high <= high)
        cut = _within(a, low, high, not inside and _holds(expression, known))
        return None if cut is None else (_increasing if rises else _decreasing)(rule, cut)
    if function is sp.atanh:
        return _inverse_tangent(a, not (a.low > -1 and a.high < 1) and _holds(expression, known))
    if function in _BY_BALL:
        if not a.bounded or (function is sp.loggamma and not a.low > 0):
            return None
        ball = _BY_BALL[function](a.hull())
        return exact(ball) if ball.is_finite() else None
    return NotImplemented


def _sign_of(end: Any) -> Any:
    return _ONE if end > 0 else -_ONE if end < 0 else _ZERO


def _inverse_tangent(a: Interval, known: bool) -> Interval | None:
    if not (a.low > -1 and a.high < 1) and not known:
        return None
    low = _low(a.low.atanh()) if -1 < a.low < 1 else -_INFINITE
    return Interval(low, _high(a.high.atanh()) if -1 < a.high < 1 else _INFINITE)


def _multiply_out(expression: sp.Mul, arguments: list[Interval]) -> Interval:
    """Return the product; a power of u and log u are taken together, as u**a log(u) is bounded near zero."""
    factors = dict(enumerate(arguments))
    together = []
    for place, factor in enumerate(expression.args):
        if not isinstance(factor, sp.log):
            continue
        argument = factor.args[0]
        for other, power in enumerate(expression.args):
            base, exponent = power.as_base_exp() if power.is_Pow else (power, sp.S.One)
            if other in factors and place in factors and base == argument and exponent.is_Rational and exponent > 0:
                logarithm, _ = factors.pop(place), factors.pop(other)
                together.append(_power_times_logarithm(arguments[other], logarithm, exponent))
    return reduce(_multiply, (*together, *factors.values()))


def _power_times_logarithm(power: Interval, logarithm: Interval, exponent: sp.Rational) -> Interval:
    """Return u**a log(u) = w log(w)/a with w = u**a > 0: it falls to -1/(ea) at w = 1/e and rises from there."""
    natural = _multiply(power, logarithm)
    if not power.high.is_finite():
        return natural

    def value(w: Any) -> Interval:
        scaled = _ZERO if w.is_zero() else w * w.log()
        return _multiply(exact(scaled), exact(flint.arb(flint.fmpq(int(exponent.q), int(exponent.p)))))

    at_low, at_high = value(_larger(power.low, _ZERO)), value(power.high)
    turn = (-flint.arb(1)).exp()
    if power.low >= turn:
        found = Interval(at_low.low, at_high.high)
    elif power.high <= turn:
        found = Interval(at_high.low, at_low.high)
    else:
        least = _low(-turn * flint.arb(flint.fmpq(int(exponent.q), int(exponent.p))))
        found = Interval(least, _larger(at_low.high, at_high.high))
    return natural.meet(found)


def _cases(expression: sp.Piecewise, values: Mapping[sp.Symbol, Interval], known: Known) -> Interval | None:
    """Return the hull over the cases that are not excluded; each of them has to be defined on the whole box."""
    found: Interval | None = None
    for value, case in expression.args:
        truth = _truth(case, values)
        if truth is False:
            continue
        part = enclose_interval(value, values)
        if part is None:
            return None
        found = part if found is None else Interval(_smaller(found.low, part.low), _larger(found.high, part.high))
        if truth is True:
            return found
    return None


def _truth(case: sp.Basic, values: Mapping[sp.Symbol, Interval]) -> bool | None:
    if case == sp.true:
        return True
    if case == sp.false:
        return False
    if not isinstance(case, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
        return None
    sides = [enclose_interval(side, values) for side in (case.gts, case.lts)]
    if sides[0] is None or sides[1] is None:
        return None
    gap = _add(sides[0], _negate(sides[1]))
    strict = isinstance(case, sp.StrictLessThan | sp.StrictGreaterThan)
    if gap.low > 0 or (not strict and gap.low >= 0):
        return True
    return False if gap.high < 0 or (strict and gap.high <= 0) else None
