"""Provers that rest on sympy: identities, limits, and the sign of a derivative."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from verification.obligations import Certificate, Obligation, Prover, Status, decide
from verification.provers.balls import find_violation

__all__ = ["Identity", "LimitValue", "Monotone"]


def _vanishes(expression: sp.Expr) -> str | None:
    """Name of the first rewriting that turns the expression into zero, or None."""
    rewritings = {
        "expansion": sp.expand,
        "simplification": sp.simplify,
        "logarithm expansion": lambda e: sp.simplify(sp.expand_log(sp.powdenest(e, force=False), force=False)),
        "logarithm combination": lambda e: sp.simplify(sp.logcombine(e)),
        "radical denesting": lambda e: sp.simplify(sp.sqrtdenest(sp.radsimp(e))),
    }
    for name, rewrite in rewritings.items():
        if rewrite(expression) == 0:
            return name
    return None


@dataclass(frozen=True)
class Identity:
    """Prove equations: the difference of the sides is rewritten to zero by sympy."""

    method: str = "sympy identity"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide a conjunction of equations."""
        equations = sp.And.make_args(obligation.conclusion)
        used = []
        for equation in equations:
            if not isinstance(equation, sp.Equality):
                raise ValueError(f"conclusion: an equation is needed, given {equation}")
            name = _vanishes(equation.lhs.doit() - equation.rhs.doit())
            if name is None:
                point = find_violation(obligation)
                if point is not None:
                    return Certificate(Status.REFUTED, f"the sides differ at {point or 'their constant value'}")
                return Certificate(Status.OPEN, f"sympy does not reduce {equation} to zero")
            used.append(name)
        return Certificate(Status.PROVED, "left minus right is zero after " + ", ".join(dict.fromkeys(used)))


@dataclass(frozen=True)
class LimitValue:
    """Prove `Eq(Limit(f, x, a), value)` by evaluating the limit."""

    method: str = "sympy limit"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide one limit."""
        equation = obligation.conclusion
        if not isinstance(equation, sp.Equality) or not isinstance(equation.lhs, sp.Limit):
            raise ValueError(f"conclusion: Eq(Limit(...), value) is needed, given {equation}")
        value = equation.lhs.doit()
        if isinstance(value, sp.Limit):
            return Certificate(Status.OPEN, "sympy leaves the limit unevaluated")
        same = value == equation.rhs or _vanishes(value - equation.rhs) is not None
        return Certificate(Status.PROVED if same else Status.REFUTED, f"the limit is {value}")


@dataclass(frozen=True)
class Sign:
    """Prove the sign of a constant or of an expression whose sign sympy's assumptions settle."""

    method: str = "sympy sign"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide `lhs (>=, >, <=, <) rhs` from the assumptions on the symbols."""
        relation = obligation.conclusion
        gap = sp.factor(sp.simplify(relation.lhs - relation.rhs))
        if isinstance(relation, sp.LessThan | sp.StrictLessThan):
            gap = -gap
        strict = isinstance(relation, sp.StrictLessThan | sp.StrictGreaterThan)
        if gap.is_positive or (not strict and gap.is_nonnegative):
            return Certificate(Status.PROVED, f"{gap} has the sign by its symbols' assumptions")
        point = find_violation(obligation)
        if point is not None:
            return Certificate(Status.REFUTED, f"violated at {point}")
        return Certificate(Status.OPEN, f"sign of {gap} undecided")


@dataclass(frozen=True)
class Monotone:
    """Prove `f >= 0` on a range from its value at one end and the sign of its derivative.

    For a range `x >= end` (or `x <= end`) the value of `f` at the end is shown nonnegative by `base`, and the
    derivative nonnegative (nonpositive) on the whole range by `then`, which may be another `Monotone`. For
    `end = oo` the limit takes the place of the value.

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
    """

    variable: sp.Symbol
    end: sp.Expr
    then: Prover
    base: Prover = field(default_factory=Sign)
    method: str = "derivative sign"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide by the mean value theorem along the variable."""
        relation = obligation.conclusion
        function = relation.gts - relation.lts
        side = self._side(obligation)
        others = tuple(h for h in obligation.hypotheses if self.variable not in h.free_symbols)
        start = self._value_at_end(function, side)

        def at_end(positive: sp.Basic) -> Certificate:
            return decide(Obligation(f"{obligation.name}: end", positive, self.base, others))

        strict = isinstance(relation, sp.StrictLessThan | sp.StrictGreaterThan)
        base = at_end(sp.Gt(start, 0)) if strict else at_end(sp.Ge(start, 0))
        # A strict claim from a zero at the end needs a strict slope and a range without its end.
        strict_slope = strict and base.status is not Status.PROVED and self._end_excluded(obligation)
        if strict_slope:
            base = at_end(sp.Ge(start, 0))
        slope = sp.simplify(function.diff(self.variable))
        wanted = {"+": sp.Gt if strict_slope else sp.Ge, "-": sp.Lt if strict_slope else sp.Le}[side](slope, 0)
        then = decide(Obligation(f"{obligation.name}: slope", wanted, self.then, obligation.hypotheses))
        end = f"at {self.variable} → {self.end} the difference is {start} ({base.status})"
        detail = f"{end}; derivative {slope}: {then.detail}"
        if base.status is Status.PROVED and then.status is Status.PROVED:
            return Certificate(Status.PROVED, detail)
        point = find_violation(obligation)
        if point is not None:
            return Certificate(Status.REFUTED, f"violated at {point}")
        return Certificate(Status.OPEN, detail)

    def _end_excluded(self, obligation: Obligation) -> bool:
        """Whether the hypotheses keep the variable off the end."""
        if self.end == sp.oo or (self.end == 0 and self.variable.is_positive):
            return True
        bounds = (sp.Lt(self.variable, self.end), sp.Gt(self.variable, self.end))
        return any(h.canonical in (b.canonical for b in bounds) for h in self._variable_hypotheses(obligation))

    def _value_at_end(self, function: sp.Expr, side: str) -> sp.Expr:
        """Return the value at the end where substitution gives one, by continuity, and the limit elsewhere."""
        if self.end.is_finite:
            value = function.subs(self.variable, self.end)
            if value.is_finite and not value.has(sp.nan, sp.zoo, sp.oo):
                return value
        return sp.limit(function, self.variable, self.end, side)

    def _side(self, obligation: Obligation) -> str:
        """Which side of `end` the range lies on; the hypotheses must say so and leave an interval."""
        sides = set()
        for hypothesis in self._variable_hypotheses(obligation):
            small, large = hypothesis.lts, hypothesis.gts
            if large == self.variable and self.variable not in small.free_symbols:
                if small == self.end:
                    sides.add("+")
            elif small == self.variable and self.variable not in large.free_symbols:
                if large == self.end:
                    sides.add("-")
            else:
                raise ValueError(f"hypotheses: {hypothesis} does not bound {self.variable} alone")
        if self.end == sp.oo:
            sides.add("-")
        if self.end == 0 and self.variable.is_nonnegative:
            sides.add("+")
        if len(sides) != 1:
            raise ValueError(
                f"end: {self.end} is not one end of the range of {self.variable} in {obligation.hypotheses}"
            )
        return sides.pop()

    def _variable_hypotheses(self, obligation: Obligation) -> list[sp.Rel]:
        found = [h for h in obligation.hypotheses if self.variable in h.free_symbols]
        for hypothesis in found:
            if not isinstance(hypothesis, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
                raise ValueError(f"hypotheses: {hypothesis} is not a bound on {self.variable}")
        return found
