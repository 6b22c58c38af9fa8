"""Identities by a normal form, limits by leading terms, and the sign of a derivative.

sympy represents the expressions and proposes simpler forms; each proposal is checked by the normal form before it is
used, and no answer of sympy alone proves anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy as sp

from noprune_theory.verifier.obligations import (
    Certificate,
    Obligation,
    Outcome,
    Prover,
    Status,
    UnsupportedError,
    decide,
)
from noprune_theory.verifier.provers.balls import constant_sign, find_violation
from noprune_theory.verifier.provers.consistency import approaches, samples
from noprune_theory.verifier.provers.definedness import conditions, smooth_conditions
from noprune_theory.verifier.provers.derivatives import derivative
from noprune_theory.verifier.provers.germs import Germs, Limiting, UndecidedError, germ_at
from noprune_theory.verifier.provers.knowledge import Knowledge
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.provers.refutation import Refutation, contradictory, follows, where_defined
from noprune_theory.verifier.signs import NONNEGATIVE, POSITIVE, signs

__all__ = ["Identity", "LimitValue", "Monotone", "Sign", "limit_value"]

_INFINITE = (sp.oo, -sp.oo)


def _vanishes(expression: sp.Expr, hypotheses: tuple[sp.Basic, ...] = ()) -> str | None:
    """Name of the rules by which the normal form turns the expression into zero, or None."""
    knowledge = Knowledge(hypotheses)
    return ", ".join(_rules(knowledge)) if knowledge.vanishes(expression) else None


def _rules(knowledge: Knowledge) -> list[str]:
    """Name the rules of the normal form that were used, and what they rested on."""
    return ["expansion", *knowledge.form.used, *(f"use of {relation}" for relation in knowledge.used)]


def _minus(expression: sp.Expr) -> sp.Expr:
    return sp.Mul(-1, expression, evaluate=False)


def _simpler(expression: sp.Expr, knowledge: Knowledge) -> sp.Expr:
    """Return sympy's simplification if the normal form shows it equal, and else the expression itself."""
    proposed = sp.simplify(expression)
    return proposed if knowledge.vanishes(expression, _minus(proposed)) else expression


@dataclass(frozen=True)
class Identity:
    """Prove equations: the normal form of left minus right is zero, or z3 derives it, and both sides are defined.

    Attributes
    ----------
    method
        Name shown in the report.
    """

    method: str = "identity by normal form"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide a conjunction of equations."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        used: list[str] = []
        equations = sp.And.make_args(obligation.conclusion)
        for equation in equations:
            if not isinstance(equation, sp.Equality):
                raise UnsupportedError(f"conclusion: an equation is needed, given {equation}")
        contradiction = contradictory(obligation.hypotheses)
        if contradiction is not None:
            return contradiction
        for equation in equations:
            knowledge = Knowledge(obligation.hypotheses)
            if knowledge.vanishes(equation.lhs, _minus(equation.rhs)):
                used += _rules(knowledge)
            elif follows(equation, obligation.hypotheses):
                used.append("a case distinction by z3")
            else:
                point = find_violation(obligation)
                if point is not None:
                    return Certificate(Status.REFUTED, f"the sides differ at {point or 'their constant value'}")
                return Certificate(Status.OPEN, f"the normal form of {equation} is not zero")
        proved = Certificate(Status.PROVED, "left minus right is zero after " + ", ".join(dict.fromkeys(used)))
        return where_defined(proved, obligation)


@dataclass(frozen=True)
class LimitValue:
    """Prove `Eq(Limit(f, x, a), value)` by leading terms whose orders the hypotheses settle.

    The value is that of an expansion with remainder (`germs`). Before anything is called proved, it is compared with
    balls around the function closer and closer to the limit, at values of the parameters that meet the hypotheses. At
    such values, too, a limit that the hypotheses leave open may be refuted.

    Attributes
    ----------
    method
        Name shown in the report.
    """

    method: str = "limit by leading terms"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide one limit."""
        equation = obligation.conclusion
        if not isinstance(equation, sp.Equality) or not isinstance(equation.lhs, sp.Limit):
            raise UnsupportedError(f"conclusion: Eq(Limit(...), value) is needed, given {equation}")
        with LOCK:
            return self._prove(obligation, equation.lhs, equation.rhs)

    def _prove(self, obligation: Obligation, limit: sp.Limit, claimed: sp.Expr) -> Certificate:
        contradiction = contradictory(obligation.hypotheses)
        if contradiction is not None:
            return contradiction
        knowledge = Knowledge(obligation.hypotheses)
        if claimed.has(limit.args[1]):
            return Certificate(Status.OPEN, f"the limit is said to depend on {limit.args[1]}")
        try:
            found = _limit_of(limit, knowledge)
        except UndecidedError as reason:
            return self._refuted_at_samples(obligation, limit, claimed) or Certificate(
                Status.OPEN, f"the limit is not settled: {reason}"
            )
        detail = f"the limit{_side_of(limit)} is {found.value}"
        if not _same(found.value, claimed, knowledge):
            return self._refuted_at_samples(obligation, limit, claimed, detail) or Certificate(
                Status.OPEN, f"{detail}; not shown to be or not to be {claimed}"
            )
        used = f"; as {', '.join(map(str, knowledge.used))}" if knowledge.used else ""
        parts = [*_fixed_parts(limit.args[0], limit.args[1]), limit.args[2], claimed]
        defined = sp.Eq(sp.Add(*[p for p in parts if p not in _INFINITE], evaluate=False), 0, evaluate=False)
        shown = where_defined(
            Certificate(Status.PROVED, f"{detail}; {_expansion(limit, found)}{used}"),
            replace(obligation, conclusion=defined),
        )
        return self._compared(shown, obligation, limit, claimed) if shown.status is Status.PROVED else shown

    @staticmethod
    def _compared(proved: Certificate, obligation: Obligation, limit: sp.Limit, claimed: sp.Expr) -> Certificate:
        """Compare a limit that is shown with balls at samples of the parameters."""
        points = samples(obligation.hypotheses, obligation.variables)
        if not points:
            return Certificate(Status.OPEN, "no values of the parameters are known to meet the hypotheses")
        for point in points:
            for side in _sides(limit):
                if not approaches(limit.args[0], limit.args[1], limit.args[2], side, claimed, point):
                    return Certificate(Status.OPEN, f"balls do not approach {claimed}{_where(point)}")
        return Certificate(proved.status, f"{proved.detail}; balls agree at {len(points)} points")

    @staticmethod
    def _refuted_at_samples(
        obligation: Obligation, limit: sp.Limit, claimed: sp.Expr, detail: str = ""
    ) -> Certificate | None:
        """Refute a limit at values of the parameters where it is another one."""
        for point in samples(obligation.hypotheses, obligation.variables, most=12):
            value, expected = _at(limit, point), claimed.subs(point)
            if value is None or expected.has(sp.nan, sp.zoo) or not _differ(value, expected):
                continue
            if not detail:
                return Certificate(Status.REFUTED, f"the limit{_side_of(limit)} is {value}{_where(point)}")
            return Certificate(Status.REFUTED, detail + (f"; not {claimed}{_where(point)}" if point else ""))
        return None


def _where(point: Mapping[sp.Symbol, sp.Rational]) -> str:
    return " at " + ", ".join(f"{v} = {x}" for v, x in point.items()) if point else ""


def limit_value(function: sp.Expr, variable: sp.Symbol, end: sp.Expr, side: str = "+") -> sp.Expr:
    """Return the limit of a function of one variable by leading terms, for all values of its other symbols.

    Raises
    ------
    ValueError
        If the leading terms do not settle it.
    """
    with LOCK:
        try:
            return _limit_of(sp.Limit(function, variable, end, side), Knowledge()).value
        except UndecidedError as reason:
            raise ValueError(f"function: no limit of {function} at {variable} → {end}: {reason}") from None


def _at(limit: sp.Limit, point: Mapping[sp.Symbol, sp.Rational]) -> sp.Expr | None:
    """Return the limit at values of the parameters, or None."""
    function, variable, end, direction = limit.args
    values = {symbol: value for symbol, value in point.items() if symbol != variable}
    fixed = [part.subs(values) for part in (function, end)]
    if any(part.has(sp.nan, sp.zoo, sp.I) for part in fixed):
        return None
    try:
        return _limit_of(sp.Limit(fixed[0], variable, fixed[1], str(direction)), Knowledge()).value
    except UndecidedError:
        return None


def _differ(a: sp.Expr, b: sp.Expr) -> bool:
    """Whether two numbers, or infinities, are certainly different."""
    if a in _INFINITE or b in _INFINITE:
        return bool(a != b)
    return constant_sign(a - b) in (-1, 1)


def _same(a: sp.Expr, b: sp.Expr, knowledge: Knowledge) -> bool:
    if a in _INFINITE or b in _INFINITE:
        return bool(a == b)
    return knowledge.equal(a, b)


def _sides(limit: sp.Limit) -> tuple[str, ...]:
    """Return the sides from which the variable approaches its limit."""
    if limit.args[2] in _INFINITE:
        return ("",)
    return {"+": ("+",), "-": ("-",), "+-": ("+", "-")}[str(limit.args[3])]


def _side_of(limit: sp.Limit) -> str:
    """Say from where the variable approaches a finite point."""
    if limit.args[2] in _INFINITE:
        return ""
    return {"+": " from above", "-": " from below", "+-": " from both sides"}[str(limit.args[3])]


def _limit_of(limit: sp.Limit, knowledge: Knowledge) -> Limiting:
    """Return the limit by leading terms, the same from every side that is asked for.

    Raises
    ------
    UndecidedError
        If the hypotheses do not settle it, or the variable cannot approach its limit.
    """
    function, variable, end, _ = limit.args
    found = []
    for side in _sides(limit):
        _check_reachable(variable, end, side, knowledge)
        found.append(Germs(variable, germ_at(end, side, knowledge), knowledge).limit(function))
    if not all(_same(found[0].value, other.value, knowledge) for other in found[1:]):
        raise UndecidedError(f"from above {found[0].value}, from below {found[1].value}")
    return found[0]


def _check_reachable(variable: sp.Symbol, end: sp.Expr, side: str, knowledge: Knowledge) -> None:
    """Check that the variable takes values up to the limit: a positive number does not tend to zero from below."""
    if end.has(variable):
        raise UndecidedError(f"the limit {end} of {variable} depends on it")
    possible = signs(variable)
    if end in _INFINITE:
        reachable = (1 if end == sp.oo else -1) in possible
    else:
        here = knowledge.signs(end)
        beyond = 1 if side == "+" else -1
        # Beside a point of either sign there are numbers of that sign, and beside zero those of the side.
        reachable = (here - {0} <= possible) and (0 not in here or beyond in possible) and not variable.is_integer
    if not reachable:
        whence = {"": "", "+": " from above", "-": " from below"}[side]
        raise UndecidedError(f"{variable} does not tend to {end}{whence}")


def _expansion(limit: sp.Limit, found: Limiting) -> str:
    """Write the expansion in a variable that grows without bound."""
    _, variable, end, direction = limit.args
    if end in _INFINITE:
        place = variable if end == sp.oo else -variable
    else:
        place = 1 / (end - variable) if str(direction) == "-" else 1 / (variable - end)
    return f"{found.germ} for t = {place} → ∞"


def _fixed_parts(expression: sp.Basic, variable: sp.Symbol) -> list[sp.Expr]:
    """Return the largest parts that do not depend on the variable."""
    if variable not in expression.free_symbols:
        return [expression] if isinstance(expression, sp.Expr) else []
    return [part for argument in expression.args for part in _fixed_parts(argument, variable)]


def _inequality(conclusion: sp.Basic) -> sp.Rel:
    """Return a conclusion that is an inequality."""
    if not isinstance(conclusion, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
        raise UnsupportedError(f"conclusion: an inequality is needed, given {conclusion}")
    return conclusion


@dataclass(frozen=True)
class Sign:
    """Prove the sign of a constant, or of an expression whose sign follows from the assumptions and hypotheses."""

    method: str = "sign by structure, balls or z3"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide `lhs (>=, >, <=, <) rhs`."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        relation = _inequality(obligation.conclusion)
        knowledge = Knowledge(obligation.hypotheses)
        plain = relation.gts - relation.lts
        factored = sp.factor(sp.simplify(plain))
        gap = factored if knowledge.vanishes(plain, _minus(factored)) else plain
        strict = isinstance(relation, sp.StrictLessThan | sp.StrictGreaterThan)
        wanted = POSITIVE if strict else NONNEGATIVE
        if knowledge.signs(gap) <= wanted or (not strict and knowledge.sign(gap) == 0):
            by = "its symbols' assumptions" if signs(gap) <= wanted else "z3" if gap.free_symbols else "balls"
            shown = Certificate(Status.PROVED, f"{gap} has the sign by {by}")
            return contradictory(obligation.hypotheses) or where_defined(shown, obligation)
        point = find_violation(obligation)
        if point is not None:
            return Certificate(Status.REFUTED, f"violated at {point}")
        return Certificate(Status.OPEN, f"sign of {gap} undecided")


@dataclass(frozen=True)
class Monotone:
    """Prove `f >= 0` on a range from its value at one end and the sign of its derivative.

    For a range `x >= end` (or `x <= end`) the value of `f` at the end is shown nonnegative by `base`, and the
    derivative nonnegative (nonpositive) on the whole range by `then`, which may be another `Monotone`. For
    `end = oo` the limit takes the place of the value. The mean value theorem needs `f` differentiable: only smooth
    functions are accepted, and every divisor is shown nonzero, every base of a root and argument of a logarithm
    positive on the range.

    Attributes
    ----------
    variable
        The variable that moves.
    end
        End of the range, one of the bounds in the hypotheses, or `oo`.
    then
        Prover for the derivative.
    base
        Prover for the value at the end.
    method
        Name shown in the report.
    """

    variable: sp.Symbol
    end: sp.Expr
    then: Prover
    base: Prover = field(default_factory=Sign)
    method: str = "derivative sign"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide by the mean value theorem along the variable."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        relation = _inequality(obligation.conclusion)
        function = relation.gts - relation.lts
        side = self._side(obligation)
        doubt = self._doubtful(function, obligation)
        if doubt is not None:
            part, outcome = doubt
            return _violated_or_open(obligation, f"not shown differentiable on the range: {part}", outcome)
        others = tuple(h for h in obligation.hypotheses if self.variable not in h.free_symbols)
        try:
            start = self._value_at_end(function, side, others)
        except UndecidedError as reason:
            return _violated_or_open(obligation, f"no value at {self.variable} → {self.end}: {reason}")

        def at_end(relation: type[sp.Rel]) -> Certificate:
            if start in _INFINITE:
                return Certificate(Status.PROVED if start == sp.oo else Status.OPEN, f"the limit is {start}")
            positive = relation(start, 0, evaluate=False)
            return decide(Obligation(f"{obligation.name}: end", positive, self.base, others))

        strict = isinstance(relation, sp.StrictLessThan | sp.StrictGreaterThan)
        base = at_end(sp.Gt if strict else sp.Ge)
        # A strict claim from a zero at the end needs a strict slope and a range without its end.
        strict_slope = strict and base.status is not Status.PROVED and self._end_excluded(obligation)
        if strict_slope:
            base = at_end(sp.Ge)
        slope = derivative(function, self.variable)
        if slope is None:
            missing = f"no rule for the derivative of {function}"
            return _violated_or_open(obligation, missing, Outcome.UNSUPPORTED)
        slope = _simpler(slope, Knowledge(obligation.hypotheses))
        rises = {"+": sp.Gt if strict_slope else sp.Ge, "-": sp.Lt if strict_slope else sp.Le}[side]
        wanted = rises(slope, 0, evaluate=False)
        then = decide(Obligation(f"{obligation.name}: slope", wanted, self.then, obligation.hypotheses))
        end = f"at {self.variable} → {self.end} the difference is {start} ({base.status})"
        detail = f"{end}; derivative {slope}: {then.detail}"
        if base.vacuous or then.vacuous:
            return base if base.vacuous else then
        if base.status is Status.PROVED and then.status is Status.PROVED:
            return contradictory(obligation.hypotheses) or where_defined(Certificate(Status.PROVED, detail), obligation)
        undecided = base if base.status is not Status.PROVED else then
        outcome = undecided.outcome if undecided.status is Status.OPEN else Outcome.INCONCLUSIVE
        return _violated_or_open(obligation, detail, outcome)

    def _doubtful(self, function: sp.Expr, obligation: Obligation) -> tuple[str, Outcome] | None:
        """Return what of the function is not shown smooth on the range, or None."""
        for part, condition in smooth_conditions(function, self.variable):
            if condition == sp.false:
                return str(part), Outcome.UNSUPPORTED
            needed = Obligation(f"{obligation.name}: {condition}", condition, Refutation(), obligation.hypotheses)
            if condition != sp.true and decide(needed).status is not Status.PROVED:
                return str(condition), Outcome.OUTSIDE
        return None

    def _end_excluded(self, obligation: Obligation) -> bool:
        """Whether the hypotheses keep the variable off the end."""
        if self.end == sp.oo or (self.end == 0 and self.variable.is_positive):
            return True
        bounds = (sp.Lt(self.variable, self.end), sp.Gt(self.variable, self.end))
        return any(h.canonical in (b.canonical for b in bounds) for h in self._variable_hypotheses(obligation))

    def _value_at_end(self, function: sp.Expr, side: str, others: tuple[sp.Basic, ...]) -> sp.Expr:
        """Return the value at the end where every part has one, by continuity, and the limit elsewhere."""
        knowledge = Knowledge(others)
        if self.end != sp.oo:
            # What the variable is declared as need not hold at the end.
            moving = sp.Dummy(str(self.variable), real=True)
            free = function.xreplace({self.variable: moving})
            needed = conditions(Obligation("value", sp.Eq(free, 0, evaluate=False), Refutation()))
            if all(follows(_with(condition, moving, self.end), others) for condition, _ in needed):
                return function.subs(self.variable, self.end)
        place = germ_at(self.end, "" if self.end == sp.oo else side, knowledge)
        return Germs(self.variable, place, knowledge).limit(function).value

    def _side(self, obligation: Obligation) -> str:
        """Which side of `end` the range lies on; the hypotheses must say so and leave an interval up to `end`."""
        lower, upper = self._bounds(obligation)
        sides = set()
        at_least, at_most = signs(self.end) <= NONNEGATIVE, signs(self.end) <= frozenset((-1, 0))
        if lower == {self.end} and not (self.variable.is_nonnegative and not at_least):
            sides.add("+")
        if upper == {self.end} and not (self.variable.is_nonpositive and not at_most):
            sides.add("-")
        if self.end == 0 and self.variable.is_nonnegative and lower <= {sp.S.Zero}:
            sides.add("+")
        if self.end == sp.oo and not upper and not self.variable.is_nonpositive:
            sides.add("-")
        signed = self.variable.is_nonnegative or self.variable.is_nonpositive
        holes = self.variable.is_integer or (self.variable.is_nonzero and not signed)
        if len(sides) != 1 or holes:
            raise UnsupportedError(
                f"end: {self.end} is not one end of the range of {self.variable} in {obligation.hypotheses}"
            )
        return sides.pop()

    def _bounds(self, obligation: Obligation) -> tuple[set[sp.Expr], set[sp.Expr]]:
        """Lower and upper bounds of the variable among the hypotheses."""
        lower, upper = set(), set()
        for hypothesis in self._variable_hypotheses(obligation):
            small, large = hypothesis.lts, hypothesis.gts
            if large == self.variable and self.variable not in small.free_symbols:
                lower.add(small)
            elif small == self.variable and self.variable not in large.free_symbols:
                upper.add(large)
            else:
                raise UnsupportedError(f"hypotheses: {hypothesis} does not bound {self.variable} alone")
        return lower, upper

    def _variable_hypotheses(self, obligation: Obligation) -> list[sp.Rel]:
        found = [h for h in obligation.hypotheses if self.variable in h.free_symbols]
        for hypothesis in found:
            if not isinstance(hypothesis, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
                raise UnsupportedError(f"hypotheses: {hypothesis} is not a bound on {self.variable}")
        return found


def _with(condition: sp.Basic, variable: sp.Symbol, value: sp.Expr) -> sp.Basic:
    """Substitute in a condition of definedness, so that its relations are left to a prover."""
    if isinstance(condition, sp.And):
        return sp.And(*[_with(part, variable, value) for part in condition.args], evaluate=False)
    if not isinstance(condition, sp.Rel):
        return condition
    return condition.func(*[side.subs(variable, value) for side in condition.args], evaluate=False)


def _violated_or_open(obligation: Obligation, detail: str, outcome: Outcome = Outcome.INCONCLUSIVE) -> Certificate:
    """Refute at a point that violates the obligation, or leave it open."""
    point = find_violation(obligation)
    if point is not None:
        return Certificate(Status.REFUTED, f"violated at {point}")
    return Certificate(Status.OPEN, detail, outcome)
