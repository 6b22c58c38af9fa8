"""Limits by leading terms: an expansion with remainder, in which every comparison of orders is decided or nothing is.

A function of t → ∞ is written as a finite sum of terms `c m` and a remainder O(r): c is a number that does not depend
on t, and m and r are monomials `exp(Σ c_i g_i)` in which the g_i grow without bound, such as t^a = exp(a log t),
t^a log(t)^b, or exp(t^2 - t). Sums and products are exact; quotients, powers, logarithms and exponentials use the
Taylor polynomial of the part that tends to zero, with its remainder. A bounded oscillation is a remainder O(1).

Whether a monomial grows, and which of two terms is larger, rests on signs of the numbers c_i, which `Knowledge` derives
from the hypotheses. Where a sign is not settled, `UndecidedError` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TypeAlias, TypeVar

import sympy as sp

from noprune_theory.verifier.notation import LogTwo
from noprune_theory.verifier.provers.derivatives import derivative
from noprune_theory.verifier.provers.knowledge import Knowledge
from noprune_theory.verifier.signs import NONNEGATIVE

__all__ = ["Germ", "Germs", "Limiting", "UndecidedError", "germ_at"]

t = sp.Symbol("t", positive=True)


class UndecidedError(Exception):
    """An order or a sign is not settled by the hypotheses, or a function has no expansion."""


class _MoreTermsError(Exception):
    """The terms that were kept cancel; a longer expansion may decide."""


@dataclass(frozen=True)
class Logarithm:
    """The iterated logarithm of t: log t at depth 1, log log t at depth 2."""

    depth: int

    def expression(self) -> sp.Expr:
        """Return it as an expression in t."""
        found: sp.Expr = t
        for _ in range(self.depth):
            found = sp.log(found)
        return found


@dataclass(frozen=True)
class Monomial:
    """`exp(Σ c_i g_i)`, every g_i a monomial or iterated logarithm that grows without bound."""

    exponents: tuple[tuple[Growing, sp.Expr], ...] = ()

    def expression(self) -> sp.Expr:
        """Return it as an expression in t."""
        found = sp.S.One
        for growing, coefficient in self.exponents:
            if isinstance(growing, Logarithm):
                found *= Logarithm(growing.depth - 1).expression() ** coefficient
            else:
                found *= sp.exp(coefficient * growing.expression())
        return found


Found = TypeVar("Found")
Growing: TypeAlias = Logarithm | Monomial
Term: TypeAlias = tuple[sp.Expr, Monomial]

ONE = Monomial()
POWER = Monomial(((Logarithm(1), sp.S.One),))  # t itself


@dataclass(frozen=True)
class Germ:
    """A sum of terms and the monomials that bound the remainder, each up to a constant factor."""

    terms: tuple[Term, ...]
    remainder: tuple[Monomial, ...] = ()

    def expression(self) -> sp.Expr:
        """Return the sum of the terms, without the remainder, as an expression in t."""
        return sp.Add(*[c * m.expression() for c, m in self.terms])

    def __str__(self) -> str:
        """Return the leading terms and the remainder, in t."""
        shown = [str(c * m.expression()) for c, m in self.terms[:4]] + ["..."] * (len(self.terms) > 4)
        shown += [f"O({m.expression()})" for m in self.remainder[:2]]
        return " + ".join(shown) or "0"


@dataclass(frozen=True)
class Limiting:
    """The limit of a germ: a number that does not depend on t, or an infinity."""

    value: sp.Expr
    germ: Germ


_ENTIRE = (sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh, sp.erf, sp.erfc)
# Numbers of terms of the Taylor polynomials that are tried one after the other.
_ORDERS = (1, 2, 4, 7)
_MOST_TERMS, _LONGEST, _MOST_WORK = 60, 250, 1_500
_DEEPEST = 5
_LARGEST_POWER = 12


class Germs:
    """Expansions at t → ∞ of expressions in one variable.

    Parameters
    ----------
    variable
        The variable of the expressions.
    place
        The germ that it stands for.
    knowledge
        Decides the signs of numbers.
    """

    def __init__(self, variable: sp.Symbol, place: Germ, knowledge: Knowledge) -> None:
        self.variable = variable
        self.place = place
        self.knowledge = knowledge
        self.order = _ORDERS[0]
        self.work = 0
        self._known: dict[sp.Basic, Germ] = {}
        self._compared: dict[tuple[Growing, Growing], int | UndecidedError] = {}

    def limit(self, expression: sp.Expr) -> Limiting:
        """Return the limit of an expression.

        Raises
        ------
        UndecidedError
            If it is not settled.
        """
        return self._with_more_terms(lambda: self._limit(self.germ(expression)))

    def _with_more_terms(self, compute: Callable[[], Found]) -> Found:
        reason = ""
        for order in _ORDERS:
            self.order = order
            self._known = {}
            try:
                return compute()
            except _MoreTermsError as error:
                if str(error) == reason:  # a remainder that does not shrink
                    break
                reason = str(error)
        raise UndecidedError(reason)

    # --- orders -------------------------------------------------------------------------------------------------------

    def _settled_sign(self, coefficient: sp.Expr) -> int:
        """Return the sign of a number, 0 if it is zero."""
        sign = self.knowledge.sign(coefficient)
        if sign is None:
            raise UndecidedError(f"the sign of {coefficient} is not settled")
        return sign

    def _direction(self, monomial: Monomial) -> int:
        """Return 1 if the monomial grows without bound, -1 if it tends to zero, and 0 if it is one."""
        kept = [(g, self._settled_sign(c)) for g, c in monomial.exponents]
        kept = [(g, s) for g, s in kept if s]
        if not kept:
            return 0
        if len({s for _, s in kept}) == 1:
            return kept[0][1]
        largest = self._largest([g for g, _ in kept])
        return dict(kept)[largest]

    def _largest(self, candidates: list[Growing]) -> Growing:
        """Return the growing function beside which the others are negligible."""
        for candidate in candidates:
            if all(other == candidate or self._compare(other, candidate) < 0 for other in candidates):
                return candidate
        raise UndecidedError("no exponent dominates the others")

    def _compare(self, a: Growing, b: Growing) -> int:
        """Return -1 if a/b tends to zero, 1 if b/a does, and 0 if they are equal."""
        if a == b:
            return 0
        if isinstance(a, Logarithm) and isinstance(b, Logarithm):
            return 1 if a.depth < b.depth else -1
        if (a, b) not in self._compared:
            try:
                found: int | UndecidedError = self._direction(_quotient(_as_monomial(a), _as_monomial(b)))
            except UndecidedError as error:
                found = error
            self._compared[a, b] = found
            self._compared[b, a] = -found if isinstance(found, int) else found
        known = self._compared[a, b]
        if isinstance(known, UndecidedError):
            raise known
        return known

    def _negligible(self, a: Monomial, b: Monomial) -> bool:
        """Whether a/b tends to zero; False if that is not settled."""
        try:
            return self._compare(a, b) < 0
        except UndecidedError:
            return False

    def _leading(self, germ: Germ) -> tuple[sp.Expr, int, Monomial]:
        """Return coefficient, its sign and monomial of the term beside which all else is negligible."""
        terms = self._nonzero(germ)
        if not terms:
            if germ.remainder:
                raise _MoreTermsError(f"nothing is known but {germ}")
            raise UndecidedError("a function that is zero has no leading term")
        for coefficient, monomial in terms:
            others = [m for _, m in terms if m != monomial] + list(germ.remainder)
            if all(self._compare_settled(m, monomial) < 0 for m in others):
                sign = self._settled_sign(coefficient)
                if not sign:
                    raise UndecidedError(f"{coefficient} is zero by the hypotheses alone")
                return coefficient, sign, monomial
        if any(not self._negligible(r, m) for r in germ.remainder for _, m in terms):
            raise _MoreTermsError(f"no term of {germ} dominates the remainder")
        raise UndecidedError(f"the orders of {', '.join(str(m.expression()) for _, m in terms)} are not settled")

    def _compare_settled(self, a: Monomial, b: Monomial) -> int:
        try:
            return self._compare(a, b)
        except UndecidedError:
            return 1

    def _nonzero(self, germ: Germ) -> list[Term]:
        return [(c, m) for c, m in germ.terms if not self.knowledge.vanishes(c)]

    def _limit(self, germ: Germ) -> Limiting:
        terms = self._nonzero(germ)
        directions = [self._settled(m) for _, m in terms]
        vanishing = [self._settled(m) for m in germ.remainder]
        if all(d is not None and d <= 0 for d in directions) and all(d == -1 for d in vanishing):
            constant = sp.Add(*[c for (c, _), d in zip(terms, directions, strict=True) if d == 0])
            return Limiting(constant, germ)
        return Limiting(self._dominated(germ, terms, directions), germ)

    def _settled(self, monomial: Monomial) -> int | None:
        try:
            return self._direction(monomial)
        except UndecidedError:
            return None

    def _dominated(self, germ: Germ, terms: list[Term], directions: list[int | None]) -> sp.Expr:
        """Return the limit where some terms grow: all to the same infinity, or one that dominates the others."""
        growing = [(c, m) for (c, m), d in zip(terms, directions, strict=True) if d == 1]
        if growing and None not in directions:
            possible = [self.knowledge.signs(c) for c, _ in growing]
            certain = [m for (_, m), p in zip(growing, possible, strict=True) if 0 not in p]
            harmless = all(
                self._settled(r) in (-1, 0) or any(self._negligible(r, m) for m in certain) for r in germ.remainder
            )
            for infinity, weak in ((sp.oo, NONNEGATIVE), (-sp.oo, frozenset((-1, 0)))):
                if harmless and certain and all(p <= weak for p in possible):
                    return infinity
        coefficient, sign, monomial = self._leading(germ)
        direction = self._direction(monomial)
        if direction == 1:
            return sp.oo if sign > 0 else -sp.oo
        return coefficient if direction == 0 else sp.S.Zero

    def _sign(self, germ: Germ) -> int:
        if not self._nonzero(germ) and not germ.remainder:
            return 0
        return self._leading(germ)[1]

    # --- arithmetic ---------------------------------------------------------------------------------------------------

    def _collected(self, terms: Iterable[Term], remainder: Iterable[Monomial]) -> Germ:
        """Add the coefficients of equal monomials and leave out what the remainder covers."""
        kept: list[Term] = []
        for coefficient, monomial in terms:
            self.work += 1
            if self.work > _MOST_WORK:
                raise UndecidedError("the expansions are too long")
            for place, (other, same) in enumerate(kept):
                if same == monomial or self._equal(same, monomial):
                    kept[place] = (other + coefficient, same)
                    break
            else:
                kept.append((coefficient, monomial))
        bounds: list[Monomial] = []
        for bound in dict.fromkeys(remainder):
            if any(self._covers(other, bound) for other in bounds):
                continue
            bounds = [other for other in bounds if not self._covers(bound, other)] + [bound]
        kept = [
            (c, m) for c, m in kept if not self.knowledge.vanishes(c) and not any(self._covers(b, m) for b in bounds)
        ]
        if len(kept) > _MOST_TERMS or len(bounds) > _MOST_TERMS or any(c.count_ops() > _LONGEST for c, _ in kept):
            raise UndecidedError("an expansion has too many terms")
        return Germ(tuple(kept), tuple(bounds))

    def _equal(self, a: Monomial, b: Monomial) -> bool:
        """Whether two monomials are shown equal: the exponents of their quotient vanish."""
        return all(self.knowledge.vanishes(c) for _, c in _quotient(a, b).exponents)

    def _covers(self, bound: Monomial, other: Monomial) -> bool:
        """Whether `other` is O(bound), as far as that is settled."""
        return other == bound or self._equal(other, bound) or self._negligible(other, bound)

    def _add(self, *parts: Germ) -> Germ:
        return self._collected([x for p in parts for x in p.terms], [r for p in parts for r in p.remainder])

    def _multiply(self, a: Germ, b: Germ) -> Germ:
        if len(a.terms) * len(b.terms) > _MOST_TERMS**2:
            raise UndecidedError("an expansion has too many terms")
        terms = [(c * d, _times(m, n)) for c, m in a.terms for d, n in b.terms]
        remainder = [_times(m, r) for _, m in a.terms for r in b.remainder]
        remainder += [_times(m, r) for _, m in b.terms for r in a.remainder]
        remainder += [_times(r, s) for r in a.remainder for s in b.remainder]
        return self._collected(terms, remainder)

    def _scaled(self, a: Germ, factor: sp.Expr) -> Germ:
        return Germ(tuple((c * factor, m) for c, m in a.terms), a.remainder)

    def _series(self, coefficients: Callable[[int], sp.Expr], small: Germ) -> Germ:
        """Return Σ_k coefficients(k) small^k up to the order, with remainder O(small^(order + 1)).

        The function is smooth near zero, and `small` is shown to tend to zero.
        """
        sizes = [m for _, m in small.terms] + list(small.remainder)
        for size in sizes:
            if self._direction(size) != -1:
                raise UndecidedError(f"{size.expression()} is not shown to tend to zero")
        total, power = Germ(()), Germ(((sp.S.One, ONE),))
        for k in range(self.order + 1):
            total = self._add(total, self._scaled(power, coefficients(k)))
            power = self._multiply(power, small)
        if not sizes:
            return total
        bounds = self._collected((), sizes).remainder
        tail = [_product(choice) for choice in combinations_with_replacement(bounds, self.order + 1)]
        return self._add(total, Germ((), tuple(tail)))

    def _relative(self, a: Germ) -> tuple[sp.Expr, int, Monomial, Germ]:
        """Write a germ as c m (1 + small): return c, its sign, m and small."""
        coefficient, sign, monomial = self._leading(a)
        inverse = _power_of(monomial, sp.S.NegativeOne)
        terms = [(c / coefficient, _times(m, inverse)) for c, m in a.terms if m != monomial]
        return coefficient, sign, monomial, self._collected(terms, [_times(r, inverse) for r in a.remainder])

    # --- expressions --------------------------------------------------------------------------------------------------

    def germ(self, expression: sp.Basic) -> Germ:
        """Return the expansion of an expression, to the current order."""
        if expression not in self._known:
            self._known[expression] = self._expand(expression)
        return self._known[expression]

    def _expand(self, expression: sp.Basic) -> Germ:
        if self.variable not in expression.free_symbols:
            return Germ(((expression, ONE),)) if expression != 0 else Germ(())
        if expression == self.variable:
            return self.place
        if expression.is_Add:
            return self._add(*[self.germ(a) for a in expression.args])
        if expression.is_Mul:
            total = Germ(((sp.S.One, ONE),))
            for factor in expression.args:
                total = self._multiply(total, self.germ(factor))
            return total
        if expression.is_Pow:
            return self._power(*expression.args)
        if isinstance(expression, sp.Max | sp.Min):
            return self._extremum(expression)
        if isinstance(expression, sp.Piecewise):
            return self._cases(expression)
        return self._function(expression)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Germ:
        if base is sp.E:
            return self._exponential(self.germ(exponent))
        if self.variable in exponent.free_symbols:
            return self._exponential(self._multiply(self.germ(exponent), self._logarithm(self.germ(base))))
        below = self.germ(base)
        if exponent.is_Integer and 0 <= exponent <= _LARGEST_POWER:
            total = Germ(((sp.S.One, ONE),))
            for _ in range(int(exponent)):
                total = self._multiply(total, below)
            return total
        coefficient, sign, monomial, small = self._relative(below)
        if sign < 0 and not exponent.is_Integer:
            raise UndecidedError(f"a power of a negative number: {base}")
        series = self._series(lambda k: _binomial(exponent, k), small)
        return self._multiply(Germ(((coefficient**exponent, _power_of(monomial, exponent)),)), series)

    def _logarithm(self, a: Germ) -> Germ:
        coefficient, sign, monomial, small = self._relative(a)
        if sign < 0:
            raise UndecidedError("a logarithm of a negative number")
        growth = [(c, _as_monomial(g)) for g, c in monomial.exponents]
        if not self.knowledge.vanishes(coefficient, sp.S.NegativeOne):
            growth.append((sp.log(coefficient), ONE))
        series = self._series(lambda k: sp.S.Zero if k == 0 else sp.Rational((-1) ** (k + 1), k), small)
        return self._add(Germ(tuple(growth)), series)

    def _exponential(self, a: Germ) -> Germ:
        if any(self._direction(r) != -1 for r in a.remainder):
            raise _MoreTermsError(f"the remainder of the exponent {a} does not vanish")
        exponents: list[tuple[Growing, sp.Expr]] = []
        constant, small = sp.S.Zero, []
        for coefficient, monomial in a.terms:
            direction = self._direction(monomial)
            if direction == 1:
                exponents.append((_as_growing(monomial), coefficient))
            elif direction == 0:
                constant += coefficient
            else:
                small.append((coefficient, monomial))
        series = self._series(lambda k: 1 / sp.factorial(k), Germ(tuple(small), a.remainder))
        return self._multiply(Germ(((sp.exp(constant), _monomial(exponents)),)), series)

    def _function(self, expression: sp.Basic) -> Germ:
        function = expression.func
        if not isinstance(expression, sp.Function) or len(expression.args) != 1:
            raise UndecidedError(f"no expansion for {function.__name__}")
        a = self.germ(expression.args[0])
        if function is sp.exp:
            return self._exponential(a)
        if function is sp.log:
            return self._logarithm(a)
        if function is LogTwo:
            return self._scaled(self._logarithm(a), 1 / sp.log(2))
        if function in (sp.Abs, sp.sign):
            sign = sp.Integer(self._sign(a))
            if function is sp.Abs:
                return self._scaled(a, sign)
            return Germ(((sign, ONE),)) if sign else Germ(())
        if function in (sp.floor, sp.ceiling):
            return self._add(a, Germ((), (ONE,)))
        if function in (sp.sinh, sp.cosh, sp.tanh):
            return self._hyperbolic(function, a)
        if function is sp.tan:
            return self._multiply(self._analytic(sp.sin, a), self._inverse(self._analytic(sp.cos, a)))
        if function in _ENTIRE:
            return self._analytic(function, a)
        raise UndecidedError(f"no expansion for {function.__name__}")

    def _inverse(self, a: Germ) -> Germ:
        coefficient, _, monomial, small = self._relative(a)
        series = self._series(lambda k: sp.Integer((-1) ** k), small)
        return self._multiply(Germ(((1 / coefficient, _power_of(monomial, sp.S.NegativeOne)),)), series)

    def _hyperbolic(self, function: type[sp.Function], a: Germ) -> Germ:
        up, down = self._exponential(a), self._exponential(self._scaled(a, sp.S.NegativeOne))
        even = self._scaled(self._add(up, down), sp.S.Half)
        if function is sp.cosh:
            return even
        odd = self._scaled(self._add(up, self._scaled(down, sp.S.NegativeOne)), sp.S.Half)
        return odd if function is sp.sinh else self._multiply(odd, self._inverse(even))

    def _analytic(self, function: type[sp.Function], a: Germ) -> Germ:
        """Return the Taylor expansion at a finite limit, or what is known of the function at infinity."""
        try:
            limit = self._limit(a).value
        except (UndecidedError, _MoreTermsError):
            if function in (sp.sin, sp.cos):
                return Germ((), (ONE,))
            raise
        if limit in (sp.oo, -sp.oo):
            return self._at_infinity(function, a, 1 if limit == sp.oo else -1)
        small = self._add(a, Germ(((-limit, ONE),)))

        def coefficient(k: int) -> sp.Expr:
            u = sp.Dummy("u", real=True)
            found: sp.Expr | None = function(u)
            for _ in range(k):
                found = derivative(found, u) if found is not None else None
            if found is None:
                raise UndecidedError(f"no derivative of {function.__name__}")
            return found.subs(u, limit) / sp.factorial(k)

        return self._series(coefficient, small)

    def _at_infinity(self, function: type[sp.Function], a: Germ, side: int) -> Germ:
        if function in (sp.sin, sp.cos):
            return Germ((), (ONE,))
        if function is sp.atan:  # π/2 - atan(1/a), with its sign
            rest = self._analytic(sp.atan, self._inverse(a))
            return self._add(Germ(((side * sp.pi / 2, ONE),)), self._scaled(rest, sp.S.NegativeOne))
        if function is sp.erf:
            tail = self._tail(self._scaled(a, sp.Integer(side)))
            return self._add(Germ(((sp.Integer(side), ONE),)), self._scaled(tail, sp.Integer(-side)))
        if function is sp.erfc:
            tail = self._tail(self._scaled(a, sp.Integer(side)))
            return tail if side > 0 else self._add(Germ(((sp.Integer(2), ONE),)), self._scaled(tail, sp.S.NegativeOne))
        if function is sp.asinh:  # log(|a| + sqrt(a² + 1)), with its sign
            size = self._scaled(a, sp.Integer(side))
            square = self._add(self._multiply(a, a), Germ(((sp.S.One, ONE),)))
            coefficient, _, monomial, small = self._relative(square)
            root = self._multiply(
                Germ(((sp.sqrt(coefficient), _power_of(monomial, sp.S.Half)),)),
                self._series(lambda k: sp.binomial(sp.S.Half, k), small),
            )
            return self._scaled(self._logarithm(self._add(size, root)), sp.Integer(side))
        raise UndecidedError(f"no expansion for {function.__name__} at infinity")

    def _tail(self, a: Germ) -> Germ:
        """Return erfc(a) for a → ∞: exp(-a²)/(a √π) (1 + O(1/a²)), as 1 - 1/(2a²) <= the quotient <= 1."""
        inverse = self._inverse(a)
        square = self._multiply(inverse, inverse)
        bracket = Germ(((sp.S.One, ONE),), tuple([m for _, m in square.terms] + list(square.remainder)))
        gauss = self._exponential(self._scaled(self._multiply(a, a), sp.S.NegativeOne))
        return self._scaled(self._multiply(self._multiply(gauss, inverse), bracket), 1 / sp.sqrt(sp.pi))

    def _extremum(self, expression: sp.Basic) -> Germ:
        best = self.germ(expression.args[0])
        for other in expression.args[1:]:
            candidate = self.germ(other)
            sign = self._sign(self._add(candidate, self._scaled(best, sp.S.NegativeOne)))
            if sign * (1 if isinstance(expression, sp.Max) else -1) > 0:
                best = candidate
        return best

    def _cases(self, expression: sp.Piecewise) -> Germ:
        for value, case in expression.args:
            if self._holds(case):
                return self.germ(value)
        raise UndecidedError(f"{expression} has no value for large {self.variable}")

    def _holds(self, case: sp.Basic) -> bool:
        """Whether a case holds for all large t; if not, it holds for none."""
        if case == sp.true:
            return True
        if case == sp.false:
            return False
        if isinstance(case, sp.And):
            return all(self._holds(c) for c in case.args)
        if isinstance(case, sp.Or):
            return any(self._holds(c) for c in case.args)
        if isinstance(case, sp.Not):
            return not self._holds(case.args[0])
        if not isinstance(case, sp.Rel):
            raise UndecidedError(f"{case} is no relation")
        difference = self._add(self.germ(case.lhs), self._scaled(self.germ(case.rhs), sp.S.NegativeOne))
        return bool(case.func(sp.Integer(self._sign(difference)), 0))


def germ_at(end: sp.Expr, side: str, knowledge: Knowledge) -> Germ:
    """Return the germ of a variable that tends to an infinity, or to a number from above ("+") or below ("-")."""
    if end in (sp.oo, -sp.oo):
        return Germ(((sp.S.One if end == sp.oo else sp.S.NegativeOne, POWER),))
    distance = (sp.Integer(1 if side == "+" else -1), _power_of(POWER, sp.S.NegativeOne))
    return Germ((distance,) if knowledge.vanishes(end) else ((end, ONE), distance))


def _binomial(exponent: sp.Expr, k: int) -> sp.Expr:
    """Return exponent (exponent - 1) ... (exponent - k + 1)/k!."""
    return sp.Mul(*[exponent - i for i in range(k)]) / sp.factorial(k)


def _as_monomial(growing: Growing) -> Monomial:
    """Write an iterated logarithm as the exponential of the next one."""
    if isinstance(growing, Monomial):
        return growing
    if growing.depth >= _DEEPEST:
        raise UndecidedError("logarithms are nested too deeply")
    return Monomial(((Logarithm(growing.depth + 1), sp.S.One),))


def _as_growing(monomial: Monomial) -> Growing:
    """Write the exponential of an iterated logarithm as the logarithm before it."""
    if len(monomial.exponents) == 1:
        ((growing, coefficient),) = monomial.exponents
        if isinstance(growing, Logarithm) and growing.depth > 1 and coefficient == 1:
            return Logarithm(growing.depth - 1)
    return monomial


def _monomial(exponents: Iterable[tuple[Growing, sp.Expr]]) -> Monomial:
    """Return the monomial with these exponents, equal ones added."""
    total: dict[Growing, sp.Expr] = {}
    for growing, coefficient in exponents:
        total[growing] = total.get(growing, sp.S.Zero) + coefficient
    return Monomial(tuple(sorted(((g, c) for g, c in total.items() if c != 0), key=str)))


def _times(a: Monomial, b: Monomial) -> Monomial:
    return _monomial((*a.exponents, *b.exponents))


def _quotient(a: Monomial, b: Monomial) -> Monomial:
    return _times(a, _power_of(b, sp.S.NegativeOne))


def _power_of(a: Monomial, exponent: sp.Expr) -> Monomial:
    return _monomial((g, c * exponent) for g, c in a.exponents)


def _product(monomials: Iterable[Monomial]) -> Monomial:
    total = ONE
    for monomial in monomials:
        total = _times(total, monomial)
    return total
