"""Ball arithmetic: rigorous enclosures of sympy expressions, and inequalities over boxes by subdivision."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import flint
import sympy as sp

from verification.obligations import Certificate, Obligation, Status, unmet_assumption

__all__ = [
    "Balls",
    "TEST_POINTS",
    "bounds_on",
    "bounds_of",
    "certain",
    "enclose",
    "excludes_zero",
    "find_violation",
    "to_ball",
]

_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.exp: lambda x: x.exp(),
    sp.log: lambda x: x.log(),
    sp.sin: lambda x: x.sin(),
    sp.cos: lambda x: x.cos(),
    sp.sinh: lambda x: x.sinh(),
    sp.cosh: lambda x: x.cosh(),
    sp.tanh: lambda x: x.tanh(),
    sp.atan: lambda x: x.atan(),
    sp.erf: lambda x: x.erf(),
    sp.erfc: lambda x: x.erfc(),
    sp.gamma: lambda x: x.gamma(),
    sp.loggamma: lambda x: x.lgamma(),
    sp.LambertW: lambda x: x.lambertw(),
    sp.Abs: abs,
}
_CONSTANTS: dict[Any, Callable[[], Any]] = {
    sp.pi: flint.arb.pi,
    sp.E: flint.arb.const_e,
    sp.EulerGamma: flint.arb.const_euler,
    sp.Catalan: flint.arb.const_catalan,
}


def to_ball(value: object) -> flint.arb:
    """Enclose an exact number (int, float, Fraction, sympy constant) in a ball."""
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Fraction):
        return flint.arb(flint.fmpq(value.numerator, value.denominator))
    if isinstance(value, int | float):
        return flint.arb(value)
    return enclose(sp.sympify(value), {})


def enclose(expression: sp.Expr, values: Mapping[sp.Symbol, flint.arb]) -> flint.arb:
    """Return a ball that contains the expression for every choice of points in the balls of its symbols.

    Parameters
    ----------
    expression
        sympy expression of arithmetic, powers, `exp`, `log`, trigonometric, hyperbolic, error and gamma functions.
    values
        Ball of each free symbol.

    Raises
    ------
    ValueError
        If a symbol has no ball, or a function has no enclosure.
    """
    if expression.is_Symbol:
        if expression not in values:
            raise ValueError(f"expression: symbol {expression} has no ball; given {sorted(map(str, values))}")
        return values[expression]
    if expression.is_Rational:
        return flint.arb(flint.fmpq(int(expression.p), int(expression.q)))
    if expression in _CONSTANTS:
        return _CONSTANTS[expression]()
    arguments = [enclose(a, values) for a in expression.args]
    if expression.is_Add:
        return reduce(lambda a, b: a + b, arguments)
    if expression.is_Mul:
        return reduce(lambda a, b: a * b, arguments)
    if expression.is_Pow:
        return _power(arguments[0], expression.args[1], arguments[1])
    if isinstance(expression, sp.Max):
        return reduce(lambda a, b: a.max(b), arguments)
    if isinstance(expression, sp.Min):
        return reduce(lambda a, b: a.min(b), arguments)
    if expression.func in _FUNCTIONS and len(arguments) == 1:
        return _FUNCTIONS[expression.func](arguments[0])
    raise ValueError(f"expression: no enclosure for {expression.func.__name__}")


def _power(base: Any, exponent: sp.Expr, exponent_ball: Any) -> Any:
    if exponent.is_Integer:
        power = int(exponent)
        if power > 0 and power % 2 == 0:
            return abs(base) ** power
        return base**power
    if exponent == sp.Rational(1, 2):
        return base.sqrt()
    if exponent == sp.Rational(-1, 2):
        return 1 / base.sqrt()
    return base**exponent_ball


def bounds_of(obligation: Obligation) -> dict[sp.Symbol, tuple[Any, Any]]:
    """Read the box of an obligation off its hypotheses and the sign assumptions of its symbols.

    Raises
    ------
    ValueError
        If some variable of the conclusion has no constant lower or upper bound.
    """
    lower: dict[sp.Symbol, sp.Expr] = {}
    upper: dict[sp.Symbol, sp.Expr] = {}
    for hypothesis in obligation.hypotheses:
        if isinstance(hypothesis, sp.LessThan | sp.StrictLessThan):
            small, large = hypothesis.lhs, hypothesis.rhs
        elif isinstance(hypothesis, sp.GreaterThan | sp.StrictGreaterThan):
            small, large = hypothesis.rhs, hypothesis.lhs
        else:
            continue
        if large.is_Symbol and not small.free_symbols:
            lower[large] = small
        elif small.is_Symbol and not large.free_symbols:
            upper[small] = large
    box = {}
    for variable in sorted(obligation.conclusion.free_symbols, key=str):
        if variable.is_nonnegative:
            lower.setdefault(variable, sp.S.Zero)
        if variable not in lower or variable not in upper:
            raise ValueError(
                f"hypotheses: {variable} needs a constant lower and upper bound, given {obligation.hypotheses}"
            )
        box[variable] = (lower[variable], upper[variable])
    return box


def _difference(conclusion: sp.Basic) -> tuple[sp.Expr, bool]:
    """Return (expression, strict) such that the conclusion reads expression > 0 or >= 0."""
    if isinstance(conclusion, sp.StrictGreaterThan | sp.GreaterThan):
        return conclusion.lhs - conclusion.rhs, isinstance(conclusion, sp.StrictGreaterThan)
    if isinstance(conclusion, sp.StrictLessThan | sp.LessThan):
        return conclusion.rhs - conclusion.lhs, isinstance(conclusion, sp.StrictLessThan)
    raise ValueError(f"conclusion: an inequality is needed, given {conclusion}")


@dataclass(frozen=True)
class Balls:
    """Prove `f > 0` (or `>= 0`) on the closed box that the hypotheses state, by subdivision.

    Each sub-box is closed by the natural enclosure of `f` or by its mean value form; a sub-box on which `f` is
    certainly negative refutes the obligation. Simplify equality points away beforehand: subdivision cannot close them.

    Attributes
    ----------
    max_boxes
        Give up (status open) after this many sub-boxes.
    precision
        Working precision in bits.
    """

    max_boxes: int = 40_000
    precision: int = 96
    method: str = "ball arithmetic on a box"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide by subdivision; see the class."""
        saved = flint.ctx.prec
        flint.ctx.prec = self.precision
        try:
            return self._subdivide(obligation)
        finally:
            flint.ctx.prec = saved

    def _subdivide(self, obligation: Obligation) -> Certificate:
        function, strict = _difference(obligation.conclusion)
        box = bounds_of(obligation)
        variables = list(box)
        slopes = _slopes(function, variables)
        start = tuple((to_ball(a).lower(), to_ball(b).upper()) for a, b in box.values())
        open_cells = deque([start])
        smallest, done = float("inf"), 0
        where = ", ".join(f"{v} in [{a}, {b}]" for v, (a, b) in box.items())
        while open_cells:
            if done + len(open_cells) > self.max_boxes:
                return Certificate(Status.OPEN, f"not closed after {self.max_boxes} sub-boxes of {where}")
            cell = open_cells.popleft()
            ball = _enclose_cell(function, slopes, variables, cell)
            if ball.is_finite() and (ball > 0 or (not strict and ball >= 0)):
                done += 1
                smallest = min(smallest, float(ball.lower()))
                continue
            if ball.is_finite() and (ball < 0 or (strict and ball <= 0)):
                return _violated(obligation, dict(zip(variables, cell, strict=True)))
            if not cell:
                return Certificate(
                    Status.OPEN, f"the constant {function} is too close to zero for {self.precision} bits"
                )
            open_cells.extend(_halves(cell))
        if not variables:
            return Certificate(Status.PROVED, f"the constant exceeds zero by {smallest:.3g}; {self.precision} bits")
        detail = f"{done} sub-boxes of {where}; smallest lower bound {smallest:.3g}; {self.precision} bits"
        return Certificate(Status.PROVED, detail)


def _violated(obligation: Obligation, cell: Mapping[sp.Symbol, tuple[Any, Any]]) -> Certificate:
    """Refute by a cell on which the conclusion fails, if one point satisfies every hypothesis and assumption."""
    middle = {v: _rational(((a + b) / 2).mid()) for v, (a, b) in cell.items()}
    at = ", ".join(f"{v} = {float(x):.6g}" for v, x in middle.items())
    admissible = all(unmet_assumption(v, x) is None for v, x in middle.items())
    if admissible and all(certain(h, middle) is True for h in obligation.hypotheses):
        return Certificate(Status.REFUTED, f"certainly violated around {at}")
    point = find_violation(obligation)
    if point is not None:
        return Certificate(Status.REFUTED, f"violated at {point}")
    return Certificate(Status.OPEN, f"violated around {at}, where not every hypothesis is shown to hold")


def _rational(value: Any) -> sp.Rational:
    """Return the exact value of a ball of radius zero."""
    mantissa, exponent = value.man_exp()
    return sp.Integer(int(mantissa)) * sp.Integer(2) ** int(exponent)


def bounds_on(constant: sp.Expr) -> tuple[sp.Rational, sp.Rational] | None:
    """Return rational bounds on a constant, or None if it has no finite enclosure."""
    try:
        ball = enclose(constant, {})
    except ValueError:
        return None
    if not ball.is_finite():
        return None
    return _rational(ball.lower()), _rational(ball.upper())


def excludes_zero(expression: sp.Expr) -> bool:
    """Whether a constant is certainly not zero; False where the question stays undecided."""
    if expression.free_symbols:
        return False
    try:
        ball = enclose(expression, {})
    except ValueError:
        return False
    return bool(ball.is_finite() and ball != 0)


def _slopes(function: sp.Expr, variables: list[sp.Symbol]) -> list[sp.Expr]:
    """Return the partial derivatives, or nothing where the function is not differentiable (maximum, absolute value)."""
    if function.has(sp.Max, sp.Min, sp.Abs):
        return []
    return [function.diff(v) for v in variables]


def _enclose_cell(function: sp.Expr, slopes: list[sp.Expr], variables: list[sp.Symbol], cell: tuple[Any, ...]) -> Any:
    """Enclose the function on one cell: intersection of the natural enclosure and the mean value form."""
    wide = {v: a.union(b) for v, (a, b) in zip(variables, cell, strict=True)}
    natural = enclose(function, wide)
    # Without a finite natural enclosure the function may be undefined on a part of the cell, and then no mean value
    # theorem holds there.
    if not slopes or not natural.is_finite() or natural > 0 or natural < 0:
        return natural
    centre = {v: ((a + b) / 2).mid() for v, (a, b) in zip(variables, cell, strict=True)}
    mean_value = enclose(function, centre)
    for variable, slope in zip(variables, slopes, strict=True):
        mean_value += enclose(slope, wide) * (wide[variable] - centre[variable])
    if not mean_value.is_finite():
        return natural
    return natural.intersection(mean_value)


def _halves(cell: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Cut the cell across its longest side."""
    widths = [float(b - a) for a, b in cell]
    side = widths.index(max(widths))
    a, b = cell[side]
    middle = ((a + b) / 2).mid()
    return [(*cell[:side], part, *cell[side + 1 :]) for part in ((a, middle), (middle, b))]


TEST_POINTS = tuple(
    sp.Rational(*pair)
    for pair in (
        (1, 2),
        (3, 7),
        (1, 10),
        (2, 1),
        (9, 10),
        (5, 1),
        (1, 100),
        (-1, 3),
        (-2, 1),
        (13, 4),
        (99, 100),
        (50, 1),
    )
)


def find_violation(obligation: Obligation, attempts: int = 400) -> str | None:
    """Look for one rational point where the hypotheses certainly hold and the conclusion certainly fails.

    Returns the point as text, or None. A hit refutes the obligation; no hit means nothing.
    """
    variables = obligation.variables
    for attempt in range(attempts):
        point = {
            v: TEST_POINTS[(attempt * (2 * i + 1) + attempt // len(TEST_POINTS) * (i + 1)) % len(TEST_POINTS)]
            for i, v in enumerate(variables)
        }
        if not all(unmet_assumption(v, value) is None for v, value in point.items()):
            continue
        if (
            all(certain(h, point) is True for h in obligation.hypotheses)
            and certain(obligation.conclusion, point) is False
        ):
            return ", ".join(f"{v} = {value}" for v, value in point.items())
        if not variables:
            break
    return None


def certain(condition: sp.Basic, point: Mapping[sp.Symbol, sp.Rational]) -> bool | None:
    """Truth of a relation at a rational point by ball arithmetic; None when undecided."""
    if condition in (sp.true, True):
        return True
    if condition in (sp.false, False):
        return False
    if isinstance(condition, sp.And | sp.Or):
        parts = [certain(c, point) for c in condition.args]
        decisive = isinstance(condition, sp.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(condition, sp.Not):
        inner = certain(condition.args[0], point)
        return None if inner is None else not inner
    if isinstance(condition, sp.Implies):
        return certain(sp.Or(sp.Not(condition.args[0]), condition.args[1]), point)
    if not isinstance(condition, sp.Rel):
        return None
    try:
        gap = enclose(condition.lhs - condition.rhs, {v: to_ball(x) for v, x in point.items()})
    except ValueError:
        return None
    if not gap.is_finite():
        return None
    return _sign_decides(condition, gap)


def _sign_decides(relation: sp.Rel, gap: Any) -> bool | None:
    tests: dict[type, tuple[Callable[[Any], bool], Callable[[Any], bool]]] = {
        sp.GreaterThan: (lambda g: g >= 0, lambda g: g < 0),
        sp.StrictGreaterThan: (lambda g: g > 0, lambda g: g <= 0),
        sp.LessThan: (lambda g: g <= 0, lambda g: g > 0),
        sp.StrictLessThan: (lambda g: g < 0, lambda g: g >= 0),
        sp.Equality: (lambda g: g.is_zero(), lambda g: g != 0),
        sp.Unequality: (lambda g: g != 0, lambda g: g.is_zero()),
    }
    holds, fails = tests[type(relation)]
    if holds(gap):
        return True
    return False if fails(gap) else None
