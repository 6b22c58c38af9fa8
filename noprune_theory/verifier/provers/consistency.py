"""Hypotheses and limits against balls at sample values of the parameters.

A point that meets all hypotheses shows that they do not contradict each other. Closer and closer to a limit, values
prove nothing, and they are not asked to: they can only contradict what an argument has shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import flint
import sympy as sp

from noprune_theory.verifier.obligations import Obligation, Status, UnsupportedError
from noprune_theory.verifier.provers.balls import Balls, certain, enclose, sample_points, to_ball
from noprune_theory.verifier.provers.knowledge import Knowledge
from noprune_theory.verifier.provers.machines import LOCK, working_precision
from noprune_theory.verifier.provers.refutation import follows, satisfying_point
from noprune_theory.verifier.signs import NONNEGATIVE, POSITIVE

__all__ = ["approaches", "contradiction", "samples"]

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


# Sub-boxes for the question whether a hypothesis fails wherever the others hold, and symbols of those that are asked.
_FEW_BOXES, _FEW_SYMBOLS = 1_000, 2


@cache
def contradiction(hypotheses: tuple[sp.Basic, ...], variables: tuple[sp.Symbol, ...] = ()) -> bool:
    """Whether the hypotheses, with the assumptions of the symbols, certainly contradict each other.

    Not if one point meets them all. Otherwise z3 decides; where it does not know a function, one hypothesis may be
    shown to fail wherever the others hold.
    """
    hypotheses = _without_definitions(hypotheses)
    if not hypotheses:
        return False
    if sp.false in hypotheses:
        return True
    symbols = set(variables).union(*(h.free_symbols for h in hypotheses))
    with LOCK:
        if samples(hypotheses, tuple(sorted(symbols, key=str)), most=1):
            return False
        if follows(sp.false, hypotheses, whole=True):
            return True
        return any(
            _fails(h, (*hypotheses[:k], *hypotheses[k + 1 :]))
            for k, h in enumerate(hypotheses)
            if h.atoms(sp.Function) and len(h.free_symbols) <= _FEW_SYMBOLS
        )


def _without_definitions(hypotheses: tuple[sp.Basic, ...]) -> tuple[sp.Basic, ...]:
    """Put the right-hand side in the place of a symbol that an equation defines; its sign stays a hypothesis."""
    for position, hypothesis in enumerate(hypotheses):
        if not isinstance(hypothesis, sp.Equality):
            continue
        for symbol, value in (hypothesis.args, hypothesis.args[::-1]):
            if symbol.is_Symbol and isinstance(value, sp.Expr) and symbol not in value.free_symbols:
                rest = hypotheses[:position] + hypotheses[position + 1 :]
                signs = [relation(value, 0) for name, relation in _SIGNS if getattr(symbol, f"is_{name}")]
                if not symbol.is_integer:
                    return _without_definitions((*(h.subs(symbol, value) for h in rest), *signs[:1]))
    return tuple(h for h in hypotheses if h != sp.true)


_SIGNS = (("positive", sp.Gt), ("negative", sp.Lt), ("nonnegative", sp.Ge), ("nonpositive", sp.Le), ("nonzero", sp.Ne))


def _fails(hypothesis: sp.Basic, others: tuple[sp.Basic, ...]) -> bool:
    """Whether an inequality or equation is shown to fail wherever other hypotheses hold."""
    if isinstance(hypothesis, sp.Equality):
        left, right = hypothesis.args
        opposites = [sp.Gt(left, right, evaluate=False), sp.Gt(right, left, evaluate=False)]
    elif isinstance(hypothesis, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
        strict = isinstance(hypothesis, sp.StrictLessThan | sp.StrictGreaterThan)
        opposites = [(sp.Ge if strict else sp.Gt)(hypothesis.lts, hypothesis.gts, evaluate=False)]
    else:
        return False
    return any(_holds(opposite, others) for opposite in opposites)


def _holds(relation: sp.Rel, hypotheses: tuple[sp.Basic, ...]) -> bool:
    """Whether an inequality follows from the signs of its parts, or by subdivision of a box."""
    wanted = POSITIVE if isinstance(relation, sp.StrictGreaterThan) else NONNEGATIVE
    if Knowledge(hypotheses).signs(relation.gts - relation.lts) <= wanted:
        return True
    prover = Balls(_FEW_BOXES)
    try:
        found = prover.prove(Obligation(f"{relation}", relation, prover, hypotheses))
    except UnsupportedError:
        return False
    return found.status is Status.PROVED


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
