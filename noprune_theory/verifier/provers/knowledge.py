"""What is known about numbers under hypotheses: signs and zeros, each by an argument that can be repeated."""

from __future__ import annotations

import sympy as sp

from noprune_theory.verifier.provers.balls import certain, constant_sign, sample_points
from noprune_theory.verifier.provers.machines import LOCK
from noprune_theory.verifier.provers.normal_form import NormalForm
from noprune_theory.verifier.provers.refutation import follows
from noprune_theory.verifier.signs import ANY, Signs, signs

__all__ = ["Knowledge", "number_sign"]


# What is asked of z3, the strongest first, and the signs that it leaves.
_TESTS = (
    (sp.Gt, (1,)),
    (sp.Lt, (-1,)),
    (sp.Eq, (0,)),
    (sp.Ge, (0, 1)),
    (sp.Le, (-1, 0)),
    (sp.Ne, (-1, 1)),
)
_ATTEMPTS, _POINTS = 60, 8


class Knowledge:
    """Signs of expressions under hypotheses: by structure, by balls for constants, by z3, and zero by normal form.

    Attributes
    ----------
    used
        Relations that z3 derived and that an answer rested on, in the order of use.
    """

    def __init__(self, hypotheses: tuple[sp.Basic, ...] = ()) -> None:
        self.hypotheses = hypotheses
        self.used: dict[sp.Basic, None] = {}
        self.form = NormalForm(self.signs)
        self._signs: dict[sp.Expr, Signs] = {}

    def signs(self, expression: sp.Expr) -> Signs:
        """Return a set that contains the sign wherever the hypotheses hold and the expression is defined."""
        if expression.has(sp.I):
            return ANY
        found = signs(expression)
        if len(found) == 1:
            return found
        if expression not in self._signs:
            self._signs[expression] = found & self._asked(expression)
        return self._signs[expression]

    def _asked(self, expression: sp.Expr) -> Signs:
        if not expression.free_symbols:
            sign = constant_sign(expression)
            return ANY if sign is None else frozenset((sign,))
        simpler = _monotone(expression)
        if simpler is not None:
            return self.signs(simpler)
        seen = self._seen(expression)
        for test, allowed in _TESTS:
            if not seen <= frozenset(allowed):
                continue
            relation = test(expression, 0, evaluate=False)
            if follows(relation, self.hypotheses):
                self.used[relation] = None
                return frozenset(allowed)
        return ANY

    def _seen(self, expression: sp.Expr) -> Signs:
        """Return signs that occur at a few points of the hypotheses: what they contradict need not be asked."""
        variables = set(expression.free_symbols).union(*(h.free_symbols for h in self.hypotheses))
        found = set()
        points = 0
        for point in sample_points(tuple(sorted(variables, key=str)), _ATTEMPTS):
            if all(certain(h, point) is True for h in self.hypotheses):
                points += 1
                found |= {
                    s
                    for s, test in ((1, sp.Gt), (0, sp.Eq), (-1, sp.Lt))
                    if certain(test(expression, 0, evaluate=False), point)
                }
            if points == _POINTS:
                break
        return frozenset(found)

    def sign(self, expression: sp.Expr) -> int | None:
        """Return the sign if it is the same wherever the hypotheses hold, or None if that is not shown."""
        possible = self.signs(expression)
        if len(possible) == 1:
            return next(iter(possible))
        return 0 if 0 in possible and self.vanishes(expression) else None

    def equal(self, a: sp.Expr, b: sp.Expr) -> bool:
        """Whether two numbers are shown equal wherever the hypotheses hold and both are defined."""
        return self.vanishes(a, sp.Mul(-1, b, evaluate=False)) or self.sign(a - b) == 0

    def vanishes(self, *parts: sp.Expr) -> bool:
        """Whether the sum of the parts is shown to be zero wherever each is defined."""
        return self.form.vanishes(*parts)


def number_sign(number: sp.Expr) -> int:
    """Return the sign of a number given as an expression: by balls, and zero by the normal form.

    Raises
    ------
    ValueError
        If neither decides it.
    """
    with LOCK:
        sign = Knowledge().sign(number)
    if number.free_symbols or sign is None:
        raise ValueError(f"number: the sign of {number} is not decided")
    return sign


def _monotone(expression: sp.Expr) -> sp.Expr | None:
    """Return a number of the same sign: u - v for log u - log v and for exp(u) - exp(v), u - 1 for log u; else None."""
    if isinstance(expression, sp.log):
        return expression.args[0] - 1
    if not expression.is_Add or len(expression.args) != 2:
        return None
    (c, f), (d, g) = (a.as_coeff_Mul() for a in expression.args)
    if c + d != 0:
        return None
    if f == 1 and isinstance(g, sp.exp):
        return d * g.args[0]
    if g == 1 and isinstance(f, sp.exp):
        return c * f.args[0]
    if (isinstance(f, sp.log) and isinstance(g, sp.log)) or (isinstance(f, sp.exp) and isinstance(g, sp.exp)):
        return c * f.args[0] + d * g.args[0]
    return None
