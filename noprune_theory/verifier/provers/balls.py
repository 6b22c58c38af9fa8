"""Ball arithmetic: rigorous enclosures of sympy expressions, and inequalities over boxes by subdivision."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import flint
import sympy as sp
from sympy.logic.boolalg import BooleanAtom

from noprune_theory.verifier.notation import LogTwo
from noprune_theory.verifier.obligations import (
    CONTRADICTORY,
    Certificate,
    Obligation,
    Status,
    UnsupportedError,
    unmet_assumption,
)
from noprune_theory.verifier.provers.definedness import own_condition
from noprune_theory.verifier.provers.derivatives import derivative
from noprune_theory.verifier.provers.intervals import EVERYTHING, Interval, enclose_interval, exact
from noprune_theory.verifier.provers.machines import LOCK, PRECISION, PrecisionChangedError, working_precision

__all__ = [
    "Balls",
    "TEST_POINTS",
    "bounds_on",
    "bounds_of",
    "certain",
    "constant_sign",
    "enclose",
    "excludes_zero",
    "find_violation",
    "to_ball",
]

_FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sp.exp: lambda x: x.exp(),
    sp.log: lambda x: x.log(),
    LogTwo: lambda x: x.log() / flint.arb(2).log(),
    sp.sin: lambda x: x.sin(),
    sp.cos: lambda x: x.cos(),
    sp.tan: lambda x: x.tan(),
    sp.sinh: lambda x: x.sinh(),
    sp.cosh: lambda x: x.cosh(),
    sp.tanh: lambda x: x.tanh(),
    sp.asin: lambda x: x.asin(),
    sp.acos: lambda x: x.acos(),
    sp.atan: lambda x: x.atan(),
    sp.asinh: lambda x: x.asinh(),
    sp.acosh: lambda x: x.acosh(),
    sp.atanh: lambda x: x.atanh(),
    sp.erf: lambda x: x.erf(),
    sp.erfc: lambda x: x.erfc(),
    sp.gamma: lambda x: x.gamma(),
    sp.loggamma: lambda x: x.lgamma(),
    sp.LambertW: lambda x: x.lambertw(),
    sp.Abs: abs,
    sp.sign: lambda x: x.sgn(),
    sp.floor: lambda x: x.floor(),
    sp.ceiling: lambda x: x.ceil(),
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


def enclose(expression: sp.Expr, values: Mapping[sp.Symbol, flint.arb], precision: int | None = None) -> flint.arb:
    """Return a ball that contains the expression for every choice of points in the balls of its symbols.

    Parameters
    ----------
    expression
        sympy expression of arithmetic, powers, `exp`, `log`, trigonometric, hyperbolic, error and gamma functions.
    values
        Ball of each free symbol.
    precision
        Working precision in bits, whatever other threads work at; None: the current `flint.ctx.prec`.

    Raises
    ------
    ValueError
        If a symbol has no ball, or a function has no enclosure.
    """
    if precision is not None:
        with working_precision(precision):
            return _enclose(expression, values)
    with LOCK:
        return _enclose(expression, values)


def _enclose(expression: sp.Expr, values: Mapping[sp.Symbol, flint.arb]) -> flint.arb:
    if expression.is_Symbol:
        if expression not in values:
            raise ValueError(f"expression: symbol {expression} has no ball; given {sorted(map(str, values))}")
        return values[expression]
    if expression.is_Rational:
        return flint.arb(flint.fmpq(int(expression.p), int(expression.q)))
    if expression in _CONSTANTS:
        return _CONSTANTS[expression]()
    if isinstance(expression, sp.Piecewise):
        return _enclose_cases(expression, values)
    arguments = [_enclose(a, values) for a in expression.args]
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
    raise UnsupportedError(f"expression: no enclosure for {expression.func.__name__}")


def _power(base: Any, exponent: sp.Expr, exponent_ball: Any) -> Any:
    if exponent.is_Integer:
        return _integer_power(base, int(exponent))
    if exponent == sp.Rational(1, 2):
        return base.sqrt()
    if exponent == sp.Rational(-1, 2):
        return 1 / base.sqrt()
    return base**exponent_ball


def _integer_power(base: Any, power: int) -> Any:
    if power > 0 and base.mid() == 0:  # python-flint has no number for any power of such a ball
        product, square = base if power % 2 else flint.arb(1), base
        for bit in bin(power)[-2:1:-1]:
            square = square * square
            product = product * square if bit == "1" else product
        return product if power % 2 else product.nonnegative_part()
    return abs(base) ** power if power > 0 and power % 2 == 0 else base**power


def _enclose_cases(expression: sp.Piecewise, values: Mapping[sp.Symbol, flint.arb]) -> flint.arb:
    """Enclose the case that holds on all of the balls; no ball where it is not clear which."""
    for value, case in expression.args:
        truth = _truth(case, values)
        if truth is None:
            break
        if truth:
            return _enclose(value, values)
    return flint.arb.nan()


def bounds_of(obligation: Obligation) -> dict[sp.Symbol, tuple[Any, Any]]:
    """Read the box of an obligation off its hypotheses and the sign assumptions of its symbols.

    Raises
    ------
    ValueError
        If some variable of the conclusion has no constant lower or upper bound.
    """
    lower: dict[sp.Symbol, sp.Expr] = {}
    upper: dict[sp.Symbol, sp.Expr] = {}
    for variable, bound, below in _bounds(obligation):
        ends = lower if below else upper
        if variable not in ends or (constant_sign(bound - ends[variable]) == (1 if below else -1)):
            ends[variable] = bound
    box = {}
    for variable in sorted(obligation.conclusion.free_symbols, key=str):
        if variable.is_nonnegative:
            lower.setdefault(variable, sp.S.Zero)
        if variable not in lower or variable not in upper:
            raise UnsupportedError(
                f"hypotheses: {variable} needs a constant lower and upper bound, given {obligation.hypotheses}"
            )
        box[variable] = (lower[variable], upper[variable])
    return box


def _bounds(obligation: Obligation) -> Iterator[tuple[sp.Symbol, sp.Expr, bool]]:
    """Yield the hypotheses that bound one variable by a constant: variable, bound, and whether from below."""
    for hypothesis in obligation.hypotheses:
        if not isinstance(hypothesis, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
            continue
        small, large = hypothesis.lts, hypothesis.gts
        if large.is_Symbol and not small.free_symbols:
            yield large, small, True
        elif small.is_Symbol and not large.free_symbols:
            yield small, large, False


def _difference(conclusion: sp.Basic) -> tuple[sp.Expr, sp.Expr, bool]:
    """Return (larger side, smaller side, strict)."""
    if not isinstance(conclusion, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
        raise UnsupportedError(f"conclusion: an inequality is needed, given {conclusion}")
    return conclusion.gts, conclusion.lts, isinstance(conclusion, sp.StrictLessThan | sp.StrictGreaterThan)


_ZERO = flint.arb(0)

# One exact end of a side of a cell: the number, and the end of the box as an expression if it is that.
End = tuple[Any, sp.Expr | None]
Cell = tuple[tuple[End, End], ...]


@dataclass(frozen=True)
class Balls:
    """Prove `f > 0` (or `>= 0`) on the box that the hypotheses state, by subdivision.

    Each sub-box is closed by the natural enclosure of `f`, by its mean value form, or, where its partial derivatives
    keep their signs, by its value at a corner; a sub-box on which `f` is certainly negative refutes the obligation. At
    the ends of domains (a root at zero, a logarithm above it) an argument is cut off where its domain follows from
    the hypotheses. An equality is closed at the ends of the box alone: subdivision cannot close one inside.

    Attributes
    ----------
    max_boxes
        Give up (status open) after this many sub-boxes.
    precision
        Working precision in bits. flint has one for the whole process; a proof holds it for itself.
    method
        Name shown in the report.
    """

    max_boxes: int = 40_000
    precision: int = 96
    method: str = "ball arithmetic on a box"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide by subdivision; see the class."""
        from noprune_theory.verifier.provers.refutation import contradictory  # which needs this file

        try:
            with working_precision(self.precision):
                found = self._subdivide(obligation)
                vacuous = contradictory(obligation.hypotheses) if found.status is Status.PROVED else None
                return vacuous or found
        except PrecisionChangedError as error:
            return Certificate(Status.OPEN, str(error))

    def _subdivide(self, obligation: Obligation) -> Certificate:
        box = bounds_of(obligation)
        claim = _Claim(obligation, box)
        where = ", ".join(f"{v} in [{a}, {b}]" for v, (a, b) in box.items())
        start: Cell = tuple(((to_ball(low).lower(), low), (to_ball(high).upper(), high)) for low, high in box.values())
        if any(low > high for (low, _), (high, _) in start) or any(constant_sign(b - a) == -1 for a, b in box.values()):
            return CONTRADICTORY
        open_cells = deque([(start, 0)])
        smallest, done = float("inf"), 0
        while open_cells:
            if done + len(open_cells) > self.max_boxes:
                return Certificate(Status.OPEN, f"not closed after {self.max_boxes} sub-boxes of {where}")
            cell, depth = open_cells.popleft()
            low, high, positive = claim.bounds(cell, depth)
            if low.is_finite() and (low > 0 or positive or (not claim.strict and low >= 0)):
                done += 1
                smallest = min(smallest, float(low))
                continue
            if high < 0 or (claim.strict and high <= 0):
                return _violated(obligation, {v: (a, b) for v, ((a, _), (b, _)) in zip(box, cell, strict=True)})
            if not cell:
                function = claim.function
                return Certificate(
                    Status.OPEN, f"the constant {function} is too close to zero for {self.precision} bits"
                )
            open_cells.extend((half, depth + 1) for half in _halves(cell))
        if not box:
            return Certificate(Status.PROVED, f"the constant exceeds zero by {smallest:.3g}; {self.precision} bits")
        detail = f"{done} sub-boxes of {where}; smallest lower bound {smallest:.3g}; {self.precision} bits"
        return Certificate(Status.PROVED, claim.explain(detail))


class _Claim:
    """The function of an obligation with what is known of its domain."""

    # Signs of derivatives are looked at on small cells: on large ones they have none, and cost as much as the function.
    SMALL = 5
    # Derivatives that are looked at beside the ends of an interval.
    HIGHEST = 5

    def __init__(self, obligation: Obligation, box: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]]) -> None:
        self.obligation = obligation
        larger, smaller, self.strict = _difference(obligation.conclusion)
        self.function = larger - smaller
        self.variables = sorted(obligation.conclusion.free_symbols, key=str)
        # What the subtraction cancels has to be defined as well.
        parts = set(sp.preorder_traversal(self.function))
        self.cancelled = [s for s in (larger, smaller) if any(p not in parts for p in _partial(s))]
        self.slopes = _slopes(self.function, self.variables)
        self.asked: dict[sp.Basic, bool] = {}
        self.asked_inside: dict[sp.Basic, bool] = {}
        self.box = box
        self.inside = tuple(
            relation
            for v, (low, high) in box.items()
            for relation in (sp.Gt(v, low, evaluate=False), sp.Lt(v, high, evaluate=False))
        )
        # Other forms of the function and its slopes, for small cells.
        self.factored: list[sp.Expr] | None = None
        self.higher: list[tuple[sp.Expr, ...]] = [(self.function,)]
        self.zeros: dict[Hashable, bool] = {}
        # Intervals of what does not depend on the cell.
        self.constants = {
            part: enclose_interval(part, {}, self.known)
            for form in (self.function, *self.slopes)
            for part in sp.preorder_traversal(form)
            if part.is_number
        }

    def known(self, condition: sp.Basic) -> bool:
        """Whether a condition of definedness follows from the hypotheses."""
        if condition not in self.asked:
            self.asked[condition] = False  # while it is being asked: no condition may rest on itself
            hypotheses = self.obligation.hypotheses
            self.asked[condition] = _follows(condition, hypotheses) or _subdivided(condition, hypotheses)
        return self.asked[condition]

    def known_inside(self, condition: sp.Basic) -> bool:
        """Whether it holds at all inner points of the box."""
        if condition not in self.asked_inside:
            self.asked_inside[condition] = _follows(condition, self.inside)
        return self.asked_inside[condition]

    def explain(self, detail: str) -> str:
        """Add what was used about the domain."""
        used = [str(c) for asked in (self.asked, self.asked_inside) for c, shown in asked.items() if shown]
        return f"{detail}; defined, as {', '.join(dict.fromkeys(used))}" if used else detail

    def bounds(self, cell: Cell, depth: int) -> tuple[Any, Any, bool]:
        """Return bounds on the function at the points of the cell that satisfy the hypotheses, and if it is positive.

        It may be positive there though it tends to zero at an end that the hypotheses exclude.
        """
        wide = {v: Interval(a, b) for v, ((a, _), (b, _)) in zip(self.variables, cell, strict=True)}
        small = bool(cell) and depth >= self.SMALL * len(self.variables)
        # By what is known: nothing, the conditions that follow from the hypotheses, those inside of the box.
        alone, following, inside = dict(self.constants), dict(self.constants), dict(self.constants)
        if any(enclose_interval(side, wide, self.known, following) is None for side in self.cancelled):
            return EVERYTHING.low, EVERYTHING.high, False
        natural = enclose_interval(self.function, wide, memory=alone)
        found = enclose_interval(self.function, wide, self.known, following) if natural is None else natural
        if found is None:
            return EVERYTHING.low, EVERYTHING.high, False
        if small and not (found.low > 0 or found.high < 0):
            other = enclose_interval(self._forms()[0], wide, self.known, following)
            found = found if other is None else found.meet(other)
        # Without an enclosure by itself the function may be undefined on a part of the cell, and then no mean value
        # theorem holds there.
        if natural is None or not self.slopes or found.low > 0 or found.high < 0:
            return found.low, found.high, False
        slopes = []
        for slope, form in zip(self.slopes, self._forms()[1:] if small else self.slopes, strict=True):
            steep = enclose_interval(slope, wide, self.known_inside, inside)
            if steep is None:
                return found.low, found.high, False
            other = enclose_interval(form, wide, self.known_inside, inside) if small else None
            slopes.append(steep if other is None else steep.meet(other))
        found = self._mean_value(cell, wide, found, slopes)
        if small and not (found.low > 0 or found.high < 0):
            return self._at_corner(cell, wide, found, slopes)
        return found.low, found.high, False

    def _forms(self) -> list[sp.Expr]:
        """Return the function and its slopes in factors, which near a common zero tell more than sums."""
        if self.factored is None:
            self.factored = [
                _factored(self.function, self.obligation.hypotheses),
                *(_factored(slope, self.inside) for slope in self.slopes),
            ]
        return self.factored

    def _mean_value(
        self, cell: Cell, wide: Mapping[sp.Symbol, Interval], found: Interval, slopes: list[Interval]
    ) -> Interval:
        """Narrow an enclosure by the mean value form."""
        centre = {v: exact(((a + b) / 2).mid()) for v, ((a, _), (b, _)) in zip(self.variables, cell, strict=True)}
        value = enclose_interval(self.function, centre, memory=dict(self.constants))
        if value is None or not all(s.bounded for s in slopes):
            return found
        mean_value = value.hull()
        for variable, slope in zip(self.variables, slopes, strict=True):
            mean_value += slope.hull() * (wide[variable].hull() - centre[variable].low)
        return found.meet(exact(mean_value)) if mean_value.is_finite() else found

    def _at_corner(
        self, cell: Cell, wide: Mapping[sp.Symbol, Interval], found: Interval, slopes: list[Interval]
    ) -> tuple[Any, Any, bool]:
        """Raise the lower bound to the value where the function is smallest, along variables in which it is monotone.

        At an end of the box the value is taken at that very number, and a zero there is one.
        """
        corner: dict[sp.Symbol, End] = {}
        signs = [int(slope.low > 0) - int(slope.high < 0) for slope in slopes]
        if len(slopes) == 1 and signs == [0]:
            steep, sign = self._beside_end(1, cell[0], wide)
            slopes, signs = [slopes[0].meet(steep)], [sign]
        for variable, slope, (low, high) in zip(self.variables, slopes, cell, strict=True):
            if slope.low >= 0:
                corner[variable] = low
            elif slope.high <= 0:
                corner[variable] = high
        if not corner:
            return found.low, found.high, False
        at = {v: exact(end if symbolic is None else to_ball(symbolic)) for v, (end, symbolic) in corner.items()}
        least = enclose_interval(self.function, {**wide, **at})
        low = found.low if least is None or found.low > least.low else least.low
        if low > 0 or least is None or len(corner) < len(self.variables):
            return low, found.high, False
        points = {v: _rational(end) if symbolic is None else symbolic for v, (end, symbolic) in corner.items()}
        if not self._zero_at(points):
            return low, found.high, False
        strictly = (v for v, sign in zip(self.variables, signs, strict=True) if sign)
        return _ZERO, found.high, any(self._excluded(v, points[v]) for v in strictly)

    def _excluded(self, variable: sp.Symbol, end: sp.Expr) -> bool:
        """Whether the hypotheses keep a variable off an end of the box."""
        strict = (h for h in self.obligation.hypotheses if isinstance(h, sp.StrictLessThan | sp.StrictGreaterThan))
        return (end == 0 and bool(variable.is_positive)) or any({h.lhs, h.rhs} == {variable, end} for h in strict)

    def _beside_end(
        self, order: int, side: tuple[End, End], wide: Mapping[sp.Symbol, Interval]
    ) -> tuple[Interval, int]:
        """Enclose a derivative inside of a cell at an end of the box, where it may vanish, by the next derivative.

        That closes a contact of some order between the two sides of a claim, as of cos x and 1 - x²/2 at zero. Returns
        the interval, and 1 or -1 if the derivative has that sign at all inner points.
        """
        forms = self._derivative(order)
        found = EVERYTHING
        for form in forms:
            part = enclose_interval(form, wide, self.known_inside)
            found = found if part is None else found.meet(part)
        sign = int(found.low > 0) - int(found.high < 0)
        continuous = bool(forms) and enclose_interval(forms[0], wide) is not None
        if sign or order == self.HIGHEST or not continuous:
            return found, sign
        for end, (_, number) in zip((1, -1), side, strict=True):
            if number is None or not self._zero_at({self.variables[0]: number}, order):
                continue
            steep, steep_sign = self._beside_end(order + 1, side, wide)
            if steep.low >= 0 or steep.high <= 0:
                # Away from its zero at the end it has the sign of the next derivative, or the other.
                positive = (steep.low >= 0) == (end == 1)
                half = Interval(_ZERO, EVERYTHING.high) if positive else Interval(EVERYTHING.low, _ZERO)
                return found.meet(half), steep_sign * end
        return found, 0

    def _derivative(self, order: int) -> tuple[sp.Expr, ...]:
        """Return a derivative of a function of one variable, also in factors; nothing if it has no rule."""
        while len(self.higher) <= order:
            found = derivative(self.higher[-1][0], self.variables[0]) if self.higher[-1] else None
            self.higher.append(() if found is None else (found, _factored(found, self.inside)))
        return self.higher[order]

    def _zero_at(self, points: Mapping[sp.Symbol, sp.Expr], order: int = 0) -> bool:
        """Whether the function, or a derivative of it, vanishes at a corner of the box, by the normal form."""
        from noprune_theory.verifier.provers.knowledge import Knowledge  # which needs this file

        if not all(any(value == end for end in self.box[v]) for v, value in points.items()):
            return False
        key = (order, *points.values())
        if key not in self.zeros:
            function = self._derivative(order)[0] if order else self.function
            self.zeros[key] = Knowledge().vanishes(function.subs(points))
        return self.zeros[key]


def _follows(condition: sp.Basic, hypotheses: tuple[sp.Basic, ...]) -> bool:
    """Whether z3 derives a condition from hypotheses."""
    from noprune_theory.verifier.provers.refutation import follows  # which needs this file

    return condition == sp.true or (condition != sp.false and follows(condition, hypotheses))


# Sub-boxes for a condition of definedness that z3 does not derive.
_FEW_BOXES = 400


def _subdivided(condition: sp.Basic, hypotheses: tuple[sp.Basic, ...]) -> bool:
    """Whether subdivision shows a condition of definedness on the box, as that of the root of x - sin x."""
    if isinstance(condition, sp.And):
        return all(_subdivided(part, hypotheses) for part in condition.args)
    if isinstance(condition, sp.Unequality):
        return any(_subdivided(kind(*condition.args, evaluate=False), hypotheses) for kind in (sp.Gt, sp.Lt))
    if not isinstance(condition, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
        return False
    prover = Balls(_FEW_BOXES, flint.ctx.prec)
    shown = prover.prove(Obligation(f"{condition}", condition, prover, hypotheses))
    return shown.status is Status.PROVED


def _partial(expression: sp.Basic) -> Iterator[sp.Basic]:
    """Yield the parts that are not defined for all values of their own parts."""
    return (part for part in sp.preorder_traversal(expression) if own_condition(part) != sp.true)


# A factorisation of larger expressions takes longer than the subdivision.
_LARGEST_FACTORED = 80


def _factored(expression: sp.Expr, hypotheses: tuple[sp.Basic, ...]) -> sp.Expr:
    """Return an equal product of factors, or the expression itself."""
    from noprune_theory.verifier.provers.knowledge import Knowledge  # which needs this file

    if expression.count_ops() > _LARGEST_FACTORED:
        return expression
    return Knowledge(hypotheses).form.factored(expression) or expression


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
    with working_precision(PRECISION):
        ball = _ball(constant, {})
        if ball is None:
            return None
        return _rational(ball.lower()), _rational(ball.upper())


def _ball(expression: sp.Expr, point: Mapping[sp.Symbol, Any]) -> Any:
    """Return a finite ball, or None."""
    try:
        ball = _enclose(expression, point)
    except ValueError:
        return None
    return ball if ball.is_finite() else None


# Precisions, in bits, at which the sign of a constant is looked for.
_PRECISIONS = (96, 384, 1536)


def constant_sign(expression: sp.Expr) -> int | None:
    """Return the sign of a constant, decided by a ball that excludes zero or is exactly zero; None if undecided."""
    if expression.free_symbols:
        return None
    if expression.is_Rational:
        return int(sp.sign(expression))
    for precision in _PRECISIONS:
        with working_precision(precision):
            ball = _ball(expression, {})
            if ball is None:
                return None
            if ball.is_zero():
                return 0
            if ball > 0:
                return 1
            if ball < 0:
                return -1
    return None


def excludes_zero(expression: sp.Expr) -> bool:
    """Whether a constant is certainly not zero; False where the question stays undecided."""
    return constant_sign(expression) in (-1, 1)


def _slopes(function: sp.Expr, variables: list[sp.Symbol]) -> list[sp.Expr]:
    """Return the partial derivatives, or nothing where one has no rule (maximum, absolute value, cases)."""
    found = [derivative(function, v) for v in variables]
    return [] if any(slope is None for slope in found) else [slope for slope in found if slope is not None]


def _halves(cell: Cell) -> list[Cell]:
    """Cut the cell across its longest side."""
    widths = [float(high - low) for (low, _), (high, _) in cell]
    side = widths.index(max(widths))
    low, high = cell[side]
    middle: End = (((low[0] + high[0]) / 2).mid(), None)
    return [(*cell[:side], part, *cell[side + 1 :]) for part in ((low, middle), (middle, high))]


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


def sample_points(variables: tuple[sp.Symbol, ...], attempts: int) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Yield points with coordinates from `TEST_POINTS` that meet the assumptions of the symbols."""
    for attempt in range(attempts):
        point = {
            v: TEST_POINTS[(attempt * (2 * i + 1) + attempt // len(TEST_POINTS) * (i + 1)) % len(TEST_POINTS)]
            for i, v in enumerate(variables)
        }
        if all(unmet_assumption(v, value) is None for v, value in point.items()):
            yield point
        if not variables:
            break


def find_violation(obligation: Obligation, attempts: int = 400) -> str | None:
    """Look for one rational point where the hypotheses certainly hold and the conclusion certainly fails.

    Returns the point as text, or None. A hit refutes the obligation; no hit means nothing.
    """
    for point in sample_points(obligation.variables, attempts):
        if (
            all(certain(h, point) is True for h in obligation.hypotheses)
            and certain(obligation.conclusion, point) is False
        ):
            return ", ".join(f"{v} = {value}" for v, value in point.items())
    return None


def certain(condition: sp.Basic, point: Mapping[sp.Symbol, sp.Rational]) -> bool | None:
    """Truth of a relation at a rational point by ball arithmetic; None when undecided."""
    with working_precision(PRECISION):
        return _truth(condition, {v: to_ball(x) for v, x in point.items() if not isinstance(x, BooleanAtom)})


def _truth(condition: sp.Basic, point: Mapping[sp.Symbol, Any]) -> bool | None:
    if condition in (sp.true, True):
        return True
    if condition in (sp.false, False):
        return False
    if isinstance(condition, sp.And | sp.Or):
        parts = [_truth(c, point) for c in condition.args]
        decisive = isinstance(condition, sp.Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(condition, sp.Not):
        inner = _truth(condition.args[0], point)
        return None if inner is None else not inner
    if isinstance(condition, sp.Implies):
        premise, consequence = (_truth(part, point) for part in condition.args)
        if premise is False or consequence is True:
            return True
        return None if None in (premise, consequence) else consequence
    if not isinstance(condition, sp.Rel):
        return None
    # Both sides need a value, also of what the subtraction cancels.
    sides = [_ball(side, point) for side in (condition.lhs, condition.rhs)]
    if None in sides:
        return None
    gap = _ball(condition.lhs - condition.rhs, point)
    return None if gap is None else _sign_decides(condition, gap)


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
