"""Provers that rest on sympy: identities, limits, and the sign of a derivative."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy as sp

from verification.obligations import Certificate, Obligation, Prover, Status, decide
from verification.provers.balls import excludes_zero, find_violation
from verification.provers.refutation import Refutation, where_defined

__all__ = ["Identity", "LimitValue", "Monotone"]

# Smooth wherever their argument is real; powers and logarithms are treated by their arguments.
_SMOOTH = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.erfc)


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
    """Prove equations: the difference of the sides is rewritten to zero by sympy, and both sides are defined."""

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
        proved = Certificate(Status.PROVED, "left minus right is zero after " + ", ".join(dict.fromkeys(used)))
        return where_defined(proved, obligation)


@dataclass(frozen=True)
class LimitValue:
    """Prove `Eq(Limit(f, x, a), value)` by evaluating the limit; a finite value has to be defined."""

    method: str = "sympy limit"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide one limit."""
        equation = obligation.conclusion
        if not isinstance(equation, sp.Equality) or not isinstance(equation.lhs, sp.Limit):
            raise ValueError(f"conclusion: Eq(Limit(...), value) is needed, given {equation}")
        value = equation.lhs.doit()
        if isinstance(value, sp.Limit):
            return Certificate(Status.OPEN, "sympy leaves the limit unevaluated")
        detail = f"the limit{_side_of(equation.lhs)} is {value}"
        if value == equation.rhs or _vanishes(value - equation.rhs) is not None:
            proved = Certificate(Status.PROVED, detail)
            if equation.rhs.is_infinite:
                return proved
            return where_defined(proved, replace(obligation, conclusion=sp.Eq(equation.rhs, 0, evaluate=False)))
        if (value.is_infinite and equation.rhs.is_finite) or excludes_zero(value - equation.rhs):
            return Certificate(Status.REFUTED, detail)
        point = find_violation(replace(obligation, conclusion=sp.Eq(value, equation.rhs, evaluate=False)))
        if point is not None:
            return Certificate(Status.REFUTED, f"{detail}; not as claimed at {point}")
        return Certificate(Status.OPEN, f"{detail}; not shown to be or not to be {equation.rhs}")


def _side_of(limit: sp.Limit) -> str:
    """Say from where the variable approaches a finite point."""
    if limit.args[2].is_infinite:
        return ""
    return {"+": " from above", "-": " from below", "+-": " from both sides"}[str(limit.args[3])]


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
        doubt = self._doubtful(function, obligation)
        if doubt is not None:
            point = find_violation(obligation)
            if point is not None:
                return Certificate(Status.REFUTED, f"violated at {point}")
            return Certificate(Status.OPEN, f"not shown differentiable on the range: {doubt}")
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
            return where_defined(Certificate(Status.PROVED, detail), obligation)
        point = find_violation(obligation)
        if point is not None:
            return Certificate(Status.REFUTED, f"violated at {point}")
        return Certificate(Status.OPEN, detail)

    def _doubtful(self, function: sp.Expr, obligation: Obligation) -> str | None:
        """Return a part of the function that is not shown smooth on the range, or None."""
        for part in sp.preorder_traversal(function):
            if self.variable not in part.free_symbols or part.is_Symbol or part.is_Add or part.is_Mul:
                continue
            if isinstance(part, _SMOOTH) or (part.is_Pow and part.exp.is_Integer and part.exp > 0):
                continue
            if part.is_Pow and part.exp.is_Integer:
                condition = sp.Ne(part.base, 0)
            elif part.is_Pow:
                condition = sp.Gt(part.base, 0)
            elif isinstance(part, sp.log):
                condition = sp.Gt(part.args[0], 0)
            else:
                return str(part)
            needed = Obligation(f"{obligation.name}: {condition}", condition, Refutation(), obligation.hypotheses)
            if decide(needed).status is not Status.PROVED:
                return str(condition)
        return None

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
            if value.is_finite and not value.has(sp.nan, sp.zoo, sp.oo, sp.AccumBounds):
                return value
        return sp.limit(function, self.variable, self.end, side)

    def _side(self, obligation: Obligation) -> str:
        """Which side of `end` the range lies on; the hypotheses must say so and leave an interval up to `end`."""
        lower, upper = self._bounds(obligation)
        sides = set()
        if lower == {self.end} and not (self.variable.is_nonnegative and not self.end.is_nonnegative):
            sides.add("+")
        if upper == {self.end} and not (self.variable.is_nonpositive and not self.end.is_nonpositive):
            sides.add("-")
        if self.end == 0 and self.variable.is_nonnegative and lower <= {sp.S.Zero}:
            sides.add("+")
        if self.end == sp.oo and not upper and not self.variable.is_nonpositive:
            sides.add("-")
        signed = self.variable.is_nonnegative or self.variable.is_nonpositive
        holes = self.variable.is_integer or (self.variable.is_nonzero and not signed)
        if len(sides) != 1 or holes:
            raise ValueError(
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
                raise ValueError(f"hypotheses: {hypothesis} does not bound {self.variable} alone")
        return lower, upper

    def _variable_hypotheses(self, obligation: Obligation) -> list[sp.Rel]:
        found = [h for h in obligation.hypotheses if self.variable in h.free_symbols]
        for hypothesis in found:
            if not isinstance(hypothesis, sp.LessThan | sp.StrictLessThan | sp.GreaterThan | sp.StrictGreaterThan):
                raise ValueError(f"hypotheses: {hypothesis} is not a bound on {self.variable}")
        return found
