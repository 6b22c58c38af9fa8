"""z3: prove an implication between polynomial or rational relations by refuting its negation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp
import z3
from sympy.logic.boolalg import BooleanFunction

from noprune_theory.verifier.limits import remaining
from noprune_theory.verifier.obligations import (
    CONTRADICTORY,
    Certificate,
    Obligation,
    Outcome,
    Status,
    UnsupportedError,
    unmet_assumption,
)
from noprune_theory.verifier.provers.balls import TEST_POINTS, bounds_on, certain, find_violation
from noprune_theory.verifier.provers.definedness import conditions
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.signs import NONNEGATIVE, POSITIVE, signs

__all__ = [
    "EFFORT",
    "Refutation",
    "Translation",
    "contradictory",
    "decide",
    "exact_point",
    "follows",
    "satisfying_point",
    "where_defined",
]

EFFORT = 100_000_000
# Of a single question that a larger argument may do without.
SMALL_EFFORT = 2_000_000
# Of the search for a counterexample: symbols that it fixes, and z3's operations at each of their values.
MOST_FIXED, SEARCH_EFFORT = 2, 1_000_000

_RELATIONS = {
    sp.Equality: lambda a, b: a == b,
    sp.Unequality: lambda a, b: a != b,
    sp.LessThan: lambda a, b: a <= b,
    sp.StrictLessThan: lambda a, b: a < b,
    sp.GreaterThan: lambda a, b: a >= b,
    sp.StrictGreaterThan: lambda a, b: a > b,
}
# What is told of a number whose sign lies in the set.
_SIGN_TESTS: tuple[tuple[frozenset[int], Callable[[Any], Any]], ...] = (
    (POSITIVE, lambda x: x > 0),
    (NONNEGATIVE, lambda x: x >= 0),
    (frozenset((-1,)), lambda x: x < 0),
    (frozenset((-1, 0)), lambda x: x <= 0),
    (frozenset((-1, 1)), lambda x: x != 0),
)


class Translation:
    """Translate sympy into z3 terms over the reals.

    Square roots become a fresh nonnegative variable with its square; any other function value (a logarithm, an
    exponential, a probability) becomes a fresh variable about which only its sign is known, as far as the signs of its
    parts tell it. That is sound for proofs (the statement is shown for all values) and is recorded in `abstracted`,
    because a model found by z3 is then no counterexample.
    """

    def __init__(self) -> None:
        self.reals: dict[sp.Basic, Any] = {}
        self.booleans: dict[sp.Basic, Any] = {}
        self.side_conditions: list[Any] = []
        self.abstracted: list[sp.Basic] = []
        self._names: set[str] = set()

    def _unique(self, name: str) -> str:
        """Return a name that no other variable has: z3 identifies variables of the same name."""
        while name in self._names:
            name += "'"
        self._names.add(name)
        return name

    def real(self, expression: sp.Expr) -> Any:
        """Translate a real-valued expression."""
        if expression.is_Rational:
            return z3.Q(int(expression.p), int(expression.q))
        if expression.is_Symbol:
            return self._variable(expression, str(expression))
        if expression.is_Add:
            return z3.Sum([self.real(a) for a in expression.args])
        if expression.is_Mul:
            return z3.Product([self.real(a) for a in expression.args])
        if expression.is_Pow:
            return self._power(expression)
        if isinstance(expression, sp.Abs):
            inner: Any = self.real(expression.args[0])
            return z3.If(inner >= 0, inner, -inner)
        if isinstance(expression, sp.Max | sp.Min):
            return self._extremum(expression)
        if isinstance(expression, sp.Piecewise):
            return self._piecewise(expression)
        return self._abstract(expression)

    def boolean(self, expression: sp.Basic) -> Any:
        """Translate a relation or a Boolean combination."""
        if expression in (sp.true, True):
            return z3.BoolVal(True)
        if expression in (sp.false, False):
            return z3.BoolVal(False)
        if expression.is_Symbol:
            if expression not in self.booleans:
                self.booleans[expression] = z3.Bool(self._unique(str(expression)))
            return self.booleans[expression]
        if type(expression) in _RELATIONS:
            return _RELATIONS[type(expression)](self.real(expression.lhs), self.real(expression.rhs))
        if isinstance(expression, BooleanFunction):
            parts = [self.boolean(a) for a in expression.args]
            if isinstance(expression, sp.And):
                return z3.And(*parts)
            if isinstance(expression, sp.Or):
                return z3.Or(*parts)
            if isinstance(expression, sp.Not):
                return z3.Not(parts[0])
            if isinstance(expression, sp.Implies):
                return z3.Implies(parts[0], parts[1])
            if isinstance(expression, sp.Equivalent):
                return z3.And(*[parts[0] == p for p in parts[1:]])
        raise UnsupportedError(f"expression: {expression} is not a relation or a Boolean combination of relations")

    def _variable(self, key: sp.Basic, name: str) -> Any:
        if key not in self.reals:
            variable = self.reals[key] = z3.Real(self._unique(name))
            possible = signs(key)
            self.side_conditions += [test(variable) for allowed, test in _SIGN_TESTS if possible <= allowed]
        return self.reals[key]

    def _power(self, expression: sp.Pow) -> Any:
        base, exponent = expression.args
        if exponent.is_Integer:
            factor = self.real(base)
            product = z3.Product([factor] * abs(int(exponent)))
            return product if exponent > 0 else 1 / product
        if exponent.is_Rational and exponent.q == 2:
            root = self._root(base)
            product = z3.Product([root] * abs(int(exponent.p)))
            return product if exponent > 0 else 1 / product
        return self._abstract(expression)

    def _root(self, base: sp.Expr) -> Any:
        key = sp.sqrt(base, evaluate=False)
        if key not in self.reals:
            root = self.reals[key] = z3.Real(self._unique(f"sqrt({base})"))
            square = self.real(base)
            self.side_conditions += [root >= 0, z3.Implies(square >= 0, root * root == square)]
        return self.reals[key]

    def _extremum(self, expression: sp.Expr) -> Any:
        terms = [self.real(a) for a in expression.args]
        best = terms[0]
        for term in terms[1:]:
            best = (
                z3.If(best >= term, best, term) if isinstance(expression, sp.Max) else z3.If(best <= term, best, term)
            )
        return best

    def _piecewise(self, expression: sp.Piecewise) -> Any:
        *cases, (default, condition) = expression.args
        if condition != sp.true:
            raise UnsupportedError(f"expression: {expression} needs a default case")
        value = self.real(default)
        for branch, when in reversed(cases):
            value = z3.If(self.boolean(when), self.real(branch), value)
        return value

    def _abstract(self, expression: sp.Basic) -> Any:
        if expression not in self.abstracted:
            self.abstracted.append(expression)
        return self._variable(expression, f"[{expression}]")


@dataclass(frozen=True)
class Refutation:
    """Prove hypotheses => conclusion: z3 finds the negation unsatisfiable over the reals.

    The hypotheses are first shown to be consistent, so that nothing is proved from a contradiction, and every divisor,
    root and logarithm is shown to be defined under them. A model of the negation refutes the obligation when every
    function in it was interpreted and the values check exactly in sympy; with other functions, when ball arithmetic
    confirms a rational point.

    Attributes
    ----------
    effort
        Limit on z3's own count of elementary operations: unlike a time limit, it gives the same answer on a busy
        machine.
    method
        Name shown in the report.
    """

    effort: int = EFFORT
    method: str = "z3, negation refuted"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide by satisfiability."""
        with LOCK:
            return self._prove(obligation)

    def _prove(self, obligation: Obligation) -> Certificate:
        translation = Translation()
        hypotheses = [translation.boolean(h) for h in obligation.hypotheses]
        conclusion = translation.boolean(obligation.conclusion)
        certificate, model = decide(hypotheses + translation.side_conditions, conclusion, self.effort)
        if model is None:
            return where_defined(_explain(certificate, translation), obligation, self.effort)
        point = exact_point(model, translation)
        if point is not None and not translation.abstracted and _checks(obligation, point):
            shown = ", ".join(f"{v} = {value}" for v, value in point.items())
            return Certificate(Status.REFUTED, f"counterexample {shown}")
        violation = find_violation(obligation)
        if violation is None:
            violation = _search(obligation, translation.abstracted)
        if violation is not None:
            return Certificate(Status.REFUTED, f"counterexample {violation}")
        return Certificate(Status.OPEN, f"z3 finds no contradiction; model {model}"[:300])


def _solver(effort: int) -> Any:
    """Return a solver that gives up after so many of its operations: an answer does not depend on the machine."""
    solver = z3.Solver()
    solver.set("rlimit", effort)
    solver.set("random_seed", 0)
    seconds = remaining()
    if seconds is not None:  # an alarm does not reach z3 while it computes
        solver.set("timeout", min(int(1000 * seconds) + 1, 2**31))
    return solver


# In the reasons that z3 gives when it stops at a limit.
_LIMITS = ("resource limit", "canceled", "timeout")


def decide(assumptions: list[Any], conclusion: Any, effort: int) -> tuple[Certificate, Any]:
    """Ask z3 whether the assumptions imply the conclusion; return the certificate and a model of the negation."""
    solver = _solver(effort)
    solver.add(*assumptions)
    consistent = solver.check()
    if consistent == z3.unsat:
        return CONTRADICTORY, None
    solver.add(z3.Not(conclusion))
    answer = solver.check()
    if answer == z3.unsat and consistent == z3.sat:
        return Certificate(Status.PROVED, f"negation unsatisfiable; {len(assumptions)} assumptions, consistent"), None
    if answer == z3.unsat:
        return Certificate(Status.OPEN, "the hypotheses are not shown consistent, so nothing is shown"), None
    if answer == z3.sat:
        return Certificate(Status.OPEN, "negation satisfiable"), solver.model()
    reason = solver.reason_unknown()
    outcome = Outcome.TIMED_OUT if any(word in reason for word in _LIMITS) else Outcome.INCONCLUSIVE
    return Certificate(Status.OPEN, f"z3 answers unknown: {reason}", outcome), None


def _search(obligation: Obligation, functions: list[sp.Basic]) -> str | None:
    """Look for a rational point that violates an obligation with functions that z3 does not know.

    The symbols inside the functions are fixed at test points, which makes every function a constant that a ball
    encloses; z3 chooses the other symbols, and ball arithmetic confirms the point.
    """
    fixed = sorted({s for function in functions for s in function.free_symbols}, key=str)
    if not functions or len(fixed) > MOST_FIXED:
        return None
    for values in product(TEST_POINTS, repeat=len(fixed)):
        chosen = dict(zip(fixed, values, strict=True))
        if any(unmet_assumption(symbol, value) is not None for symbol, value in chosen.items()):
            continue
        point = _completed(obligation, chosen)
        if point is not None and _violates(obligation, point):
            return ", ".join(f"{symbol} = {point[symbol]}" for symbol in obligation.variables)
    return None


def _completed(obligation: Obligation, chosen: dict[sp.Symbol, sp.Expr]) -> dict[sp.Symbol, sp.Expr] | None:
    """Let z3 choose the other symbols, so that both ends of the ball of every function, now constant, violate."""
    translation = Translation()
    try:
        hypotheses = [translation.boolean(h.subs(chosen)) for h in obligation.hypotheses]
        violation = z3.Not(translation.boolean(obligation.conclusion.subs(chosen)))
    except (TypeError, UnsupportedError):  # a comparison with a value that is not real, or with none
        return None
    bounds = {function: bounds_on(function) for function in translation.abstracted}
    solver = _solver(SEARCH_EFFORT)
    for end in (0, 1):
        values = [
            (translation.reals[function], z3.Q(int(pair[end].p), int(pair[end].q)))
            for function, pair in bounds.items()
            if pair is not None
        ]
        solver.add(z3.substitute(z3.And(*hypotheses, violation, *translation.side_conditions), *values))
    if solver.check() != z3.sat:
        return None
    point = exact_point(solver.model(), translation)
    return None if point is None else chosen | point


def _violates(obligation: Obligation, point: dict[sp.Symbol, sp.Expr]) -> bool:
    """Whether ball arithmetic confirms a violation at a point that gives every variable an admissible value."""
    return (
        all(v in point and unmet_assumption(v, point[v]) is None for v in obligation.variables)
        and all(certain(h, point) is True for h in obligation.hypotheses)
        and certain(obligation.conclusion, point) is False
    )


def follows(
    condition: sp.Basic, hypotheses: tuple[sp.Basic, ...], effort: int = SMALL_EFFORT, whole: bool = False
) -> bool:
    """Whether z3 derives a condition from hypotheses and the assumptions of the symbols; False if it gives up.

    A ball decides a condition on constants. That integers are whole is told to z3 where `whole` says so.
    """
    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    if len(parts) > 1:
        return all(follows(part, hypotheses, effort, whole) for part in parts)
    if isinstance(condition, sp.Rel) and not condition.free_symbols and certain(condition, {}) is True:
        return True
    with LOCK:
        translation = Translation()
        solver = _solver(effort)
        try:
            solver.add(*[translation.boolean(h) for h in hypotheses], z3.Not(translation.boolean(condition)))
        except ValueError:  # something that is no relation of real numbers
            return False
        solver.add(*translation.side_conditions)
        if whole:
            solver.add(*[z3.IsInt(v) for key, v in translation.reals.items() if key.is_Symbol and key.is_integer])
        return bool(solver.check() == z3.unsat)


def contradictory(hypotheses: tuple[sp.Basic, ...]) -> Certificate | None:
    """Return an open certificate if z3 finds the hypotheses contradictory: then nothing is shown by any argument."""
    if hypotheses and follows(sp.false, hypotheses):
        return CONTRADICTORY
    return None


def satisfying_point(
    hypotheses: tuple[sp.Basic, ...], variables: tuple[sp.Symbol, ...]
) -> dict[sp.Symbol, sp.Expr] | None:
    """Let z3 choose a rational point, confirmed by balls, at which all hypotheses and assumptions hold."""
    with LOCK:
        translation = Translation()
        solver = _solver(SEARCH_EFFORT)
        try:
            solver.add(*[translation.boolean(h) for h in hypotheses])
            for variable in variables:
                translation.real(variable)
        except ValueError:
            return None
        solver.add(*translation.side_conditions)
        point = exact_point(solver.model(), translation) if solver.check() == z3.sat else None
    if point is None or not all(v in point and unmet_assumption(v, point[v]) is None for v in variables):
        return None
    return point if all(certain(h, point) is True for h in hypotheses) else None


def where_defined(certificate: Certificate, obligation: Obligation, effort: int = EFFORT) -> Certificate:
    """Return the certificate, or an open one if some part is not shown to be defined under the hypotheses."""
    if certificate.status is Status.OPEN:
        return certificate
    shown = []
    for condition, given in conditions(obligation):
        if not follows(condition, given, effort):
            if condition == sp.false:
                needed, outcome = "a function of known domain", Outcome.UNSUPPORTED
            else:
                needed, outcome = str(condition), Outcome.OUTSIDE
            return Certificate(Status.OPEN, f"not shown to be defined, which needs {needed}", outcome)
        shown.append(str(condition))
    if not shown:
        return certificate
    return Certificate(certificate.status, f"{certificate.detail}; defined, as {', '.join(dict.fromkeys(shown))}")


def _explain(certificate: Certificate, translation: Translation) -> Certificate:
    if certificate.status is Status.PROVED and translation.abstracted:
        names = ", ".join(str(e) for e in translation.abstracted)
        return Certificate(certificate.status, f"{certificate.detail}; for every value of {names}")
    return certificate


def exact_point(model: Any, translation: Translation) -> dict[sp.Symbol, sp.Expr] | None:
    """Rational (or Boolean) values of the symbols in a model; None if some value is irrational."""
    point: dict[sp.Symbol, sp.Expr] = {}
    for key, variable in translation.reals.items():
        if not key.is_Symbol:
            continue
        value = model.eval(variable, model_completion=True)
        if not z3.is_rational_value(value):
            return None
        point[key] = sp.Rational(value.numerator_as_long(), value.denominator_as_long())
    for key, variable in translation.booleans.items():
        point[key] = sp.true if z3.is_true(model.eval(variable, model_completion=True)) else sp.false
    return point


def _checks(obligation: Obligation, point: dict[sp.Symbol, sp.Expr]) -> bool:
    """Whether sympy agrees exactly that the point meets assumptions and hypotheses and violates the conclusion."""
    if any(value.is_number and unmet_assumption(symbol, value) is not None for symbol, value in point.items()):
        return False
    try:
        defined = all(
            sp.Implies(sp.And(*given), needed).subs(point) == sp.true for needed, given in conditions(obligation)
        )
        hypotheses = defined and all(h.subs(point) == sp.true for h in obligation.hypotheses)
        return bool(hypotheses and obligation.conclusion.subs(point) == sp.false)
    except TypeError:  # a division by zero at the point: z3 gives it some value, sympy gives it none
        return False
