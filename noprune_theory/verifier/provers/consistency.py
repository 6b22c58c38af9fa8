"""Limits against balls: what a function does closer and closer to the limit, at sample values of the parameters.

Finitely many values prove no limit, and they are not asked to: they can only contradict what an argument has shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flint
import sympy as sp

from noprune_theory.verifier.provers.balls import certain, enclose, sample_points, to_ball
from noprune_theory.verifier.provers.machines import working_precision
from noprune_theory.verifier.provers.refutation import satisfying_point

__all__ = ["approaches", "samples"]

Point = dict[sp.Symbol, sp.Rational]

# The variable is 2^k, or 2^-k away from a finite limit.
_STEPS = (3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 1024, 4096, 16384, 65536)
# Bits with which a value has to be known, and bits of the first and longest computation.
_ACCURACY, _FIRST, _LAST = 30, 128, 16384
# What the later half of the way has to contribute to a growth without bound, as a share of the earlier half.
_SHARE = 5


def samples(hypotheses: tuple[sp.Basic, ...], variables: tuple[sp.Symbol, ...], most: int = 6) -> list[Point]:
    """Return values of the variables at which all hypotheses certainly hold: test points, or a choice of z3."""
    found: list[Point] = []
    for point in sample_points(variables, 300):
        if point not in found and all(certain(h, point) is True for h in hypotheses):
            found.append(point)
        if len(found) == most:
            return found
    if not found:
        chosen = satisfying_point(hypotheses, variables)
        found += [] if chosen is None else [chosen]
    return found


def approaches(
    function: sp.Expr, variable: sp.Symbol, end: sp.Expr, side: str, claimed: sp.Expr, point: Mapping[sp.Symbol, Any]
) -> bool:
    """Whether balls around the function at points closer and closer to the end are consistent with a claimed limit.

    A finite limit has to come closer by a third between the middle and the last point, or be equal up to the balls; for
    an infinite one the function has to go on growing.
    """
    infinite = claimed in (sp.oo, -sp.oo)
    values = []
    for step in _STEPS:
        found = _value(function, variable, end, side, sp.S.Zero if infinite else claimed, point, step)
        if found is not None:
            values.append(found)
    if len(values) < 3:
        return False
    if not infinite:
        middle, last = abs(values[len(values) // 2]), abs(values[-1])
        return not (last > 0 and 3 * last > 2 * middle)
    first, middle, last = (v if claimed == sp.oo else -v for v in (values[0], values[len(values) // 2], values[-1]))
    grown, more = middle - first, last - middle
    return not more <= 0 and not _SHARE * more < grown


def _value(
    function: sp.Expr,
    variable: sp.Symbol,
    end: sp.Expr,
    side: str,
    claimed: sp.Expr,
    point: Mapping[sp.Symbol, Any],
    step: int,
) -> Any:
    """Return an accurate ball around the function minus the claimed value, or None."""
    bits = _FIRST
    while bits <= _LAST:
        with working_precision(bits):
            values = {v: to_ball(x) for v, x in point.items()}
            try:
                values[variable] = _place(end, side, step, values)
                ball = enclose(function, values)
                distance = ball - enclose(claimed, values)
            except ValueError:
                return None
            if ball.is_finite() and distance.is_finite():
                size = abs(ball).upper() + 1
                if distance.rad() * 2**_ACCURACY <= size or distance.rad() * 2**_ACCURACY <= abs(distance).lower():
                    return distance
        bits *= 4
    return None


def _place(end: sp.Expr, side: str, step: int, values: Mapping[sp.Symbol, Any]) -> Any:
    far = flint.arb(2) ** step
    if end in (sp.oo, -sp.oo):
        return far if end == sp.oo else -far
    return enclose(end, values) + (1 / far if side == "+" else -1 / far)
