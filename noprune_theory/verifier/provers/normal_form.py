"""Identities by exact arithmetic: a normal form in which equal sides cancel term by term.

Every expression is rewritten as a finite sum of rational numbers times products of powers of kernels: symbols, prime
numbers, exponentials of one term, logarithms, sums that stand in a denominator or under a root, and functions that are
left alone. The rules are those of the field of rational functions and of powers, exponentials and logarithms of
positive numbers; a root or logarithm of a product is split only into factors whose signs are known, and an absolute
value remains one. Kernels count as independent numbers, so that what cancels is zero wherever both sides are defined,
and what does not cancel is left undecided. sympy proposes factorisations, which are multiplied out again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import sympy as sp
from sympy.core.function import AppliedUndef

from noprune_theory.verifier.notation import LogTwo
from noprune_theory.verifier.provers.derivatives import derivative
from noprune_theory.verifier.signs import NONNEGATIVE, Signs

__all__ = ["NormalForm", "UndecidedError"]


class UndecidedError(Exception):
    """The normal form does not settle the question: too many terms, or no number at all."""


@dataclass(frozen=True)
class Kernel:
    """A number that counts as independent of the others; equal data mean equal numbers."""

    head: str
    data: Hashable
    expression: sp.Expr = field(compare=False)


Monomial: TypeAlias = frozenset[tuple[Kernel, Fraction]]
Sum: TypeAlias = dict[Monomial, Fraction]

_ONE: Monomial = frozenset()
_HALF = Fraction(1, 2)
# Beyond these an expansion is given up.
MOST_TERMS, MOST_FACTORED, MOST_CONJUGATIONS = 3_000, 24, 4
_ODD = (sp.erf, sp.atan, sp.asin, sp.asinh, sp.atanh)
_WITH_RULES = (
    *(sp.exp, sp.log, LogTwo, sp.sinh, sp.cosh, sp.tanh, sp.sin, sp.cos, sp.tan, sp.Abs, sp.erfc),
    *_ODD,
)
_IMAGINARY = Kernel("i", 0, sp.I)


def _number(value: Fraction | int) -> Sum:
    return {_ONE: Fraction(value)} if value else {}


def _power_of(kernel: Kernel, exponent: Fraction | int = 1) -> Sum:
    return _reduced({kernel: Fraction(exponent)}, Fraction(1))


def _reduced(exponents: Mapping[Kernel, Fraction], coefficient: Fraction) -> Sum:
    """Return a term: whole powers of primes are numbers, i² = -1, and exp(iπ) = -1."""
    kept: dict[Kernel, Fraction] = {}
    for kernel, exponent in exponents.items():
        rest = exponent
        if kernel.head == "prime":
            whole = exponent.numerator // exponent.denominator
            coefficient *= Fraction(int(kernel.expression)) ** whole
            rest = exponent - whole
        elif kernel.head == "half turn":  # exp(i pi)
            rest = exponent % 2
            if rest >= 1:
                coefficient, rest = -coefficient, rest - 1
            if rest == _HALF:
                kept[_IMAGINARY] = kept.get(_IMAGINARY, Fraction(0)) + 1
                rest = Fraction(0)
        if rest:
            kept[kernel] = kept.get(kernel, Fraction(0)) + rest
    turns = kept.pop(_IMAGINARY, Fraction(0)) % 4
    if turns >= 2:
        coefficient, turns = -coefficient, turns - 2
    if turns:
        kept[_IMAGINARY] = turns
    return {frozenset(kept.items()): coefficient}


def _add(*parts: Sum) -> Sum:
    total: Sum = {}
    for part in parts:
        for monomial, coefficient in part.items():
            value = total.get(monomial, Fraction(0)) + coefficient
            if value:
                total[monomial] = value
            else:
                total.pop(monomial, None)
    return total


def _scale(a: Sum, factor: Fraction) -> Sum:
    return {m: c * factor for m, c in a.items()} if factor else {}


def _multiply(a: Sum, b: Sum) -> Sum:
    if len(a) * len(b) > MOST_TERMS:
        raise UndecidedError("an expansion has too many terms")
    total: Sum = {}
    for left, x in a.items():
        for right, y in b.items():
            exponents = dict(left)
            for kernel, exponent in right:
                exponents[kernel] = exponents.get(kernel, Fraction(0)) + exponent
            for monomial, value in _reduced({k: e for k, e in exponents.items() if e}, x * y).items():
                total[monomial] = total.get(monomial, Fraction(0)) + value
    return {m: c for m, c in total.items() if c}


def _raise(a: Sum, power: int) -> Sum:
    result = _number(1)
    for _ in range(power):
        result = _multiply(result, a)
    return result


def _rational(value: sp.Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _negative(a: Sum) -> bool:
    """Whether the leading coefficient is negative, in an order that does not change with the sign."""
    return bool(a) and a[max(a, key=_order)] < 0


def _order(monomial: Monomial) -> tuple[str, ...]:
    return tuple(sorted(f"{kernel.expression}^{exponent}" for kernel, exponent in monomial))


def _key(a: Sum) -> Hashable:
    return frozenset(a.items())


def _to_expression(a: Sum) -> sp.Expr:
    return sp.Add(*[_term(monomial, coefficient) for monomial, coefficient in a.items()])


def _term(monomial: Monomial, coefficient: Fraction) -> sp.Expr:
    factors = [kernel.expression ** sp.Rational(e.numerator, e.denominator) for kernel, e in monomial]
    return sp.Mul(sp.Rational(coefficient.numerator, coefficient.denominator), *factors)


class NormalForm:
    """The normal form, given what is known about the signs of its kernels.

    Attributes
    ----------
    used
        Names of the rules beyond expansion that were needed so far.
    """

    def __init__(self, sign_of: Callable[[sp.Expr], Signs]) -> None:
        self.sign_of = sign_of
        self.used: dict[str, None] = {}
        self._known: dict[sp.Basic, Sum] = {}
        self._signs: dict[Kernel, Signs] = {}

    def vanishes(self, *parts: sp.Expr) -> bool:
        """Whether the sum of the parts is zero wherever each of them is defined; False if undecided."""
        try:
            return self._is_zero(_add(*(self.of(p) for p in parts)), MOST_CONJUGATIONS)
        except UndecidedError:
            return False

    def factored(self, expression: sp.Expr) -> sp.Expr | None:
        """Return an equal product, over a common denominator; None if there is none within bounds.

        Equal wherever the expression and the product are both defined.
        """
        try:
            a = self.of(expression)
            if not _expanded(a):
                return sp.S.Zero
            coefficient, factors = self._factors(a)
        except UndecidedError:
            return None
        parts = [k.expression ** _plain(e) for k, e in factors.items()]
        found = sp.Mul(_plain(coefficient), *parts)
        return None if found.has(sp.I) else found

    # --- from expressions ---------------------------------------------------------------------------------------------

    def of(self, expression: sp.Basic) -> Sum:
        """Return the normal form of an expression.

        Raises
        ------
        UndecidedError
            If it has no value, or too many terms.
        """
        if expression not in self._known:
            self._known[expression] = self._of(expression)
        return self._known[expression]

    def _of(self, expression: sp.Basic) -> Sum:
        if expression.is_Rational:
            return _number(_rational(expression))
        if expression is sp.E:
            return self._exponential(_number(1))
        if expression in (sp.I, sp.oo, -sp.oo, sp.zoo, sp.nan):
            raise UndecidedError(f"{expression} is no real number")
        if expression.is_Symbol or (expression.is_number and not expression.args):
            return _power_of(Kernel("symbol", expression, expression))
        if expression.is_Add:
            return _add(*(self.of(a) for a in expression.args))
        if expression.is_Mul:
            result = _number(1)
            for factor in expression.args:
                result = _multiply(result, self.of(factor))
            return result
        if expression.is_Pow:
            return self._power(*expression.args)
        if isinstance(expression, sp.Derivative):
            return self._derivative(expression)
        return self._function(expression)

    def _function(self, expression: sp.Basic) -> Sum:
        if not isinstance(expression, _WITH_RULES):
            return self._alone(expression)
        u = self.of(expression.args[0])
        if isinstance(expression, sp.exp):
            return self._exponential(u)
        if isinstance(expression, sp.log):
            return self._logarithm(u)
        if isinstance(expression, LogTwo):
            return _multiply(self._logarithm(u), self._whole_power(self._logarithm(_number(2)), -1))
        if isinstance(expression, sp.sinh | sp.cosh | sp.tanh):
            return self._by_halves(expression, self._exponential(u), self._exponential(_scale(u, Fraction(-1))))
        if isinstance(expression, sp.sin | sp.cos | sp.tan):
            self.used["the addition theorems"] = None
            return self._by_halves(expression, self._phase(u), self._phase(_scale(u, Fraction(-1))))
        if isinstance(expression, sp.Abs):
            return self._root(_multiply(u, u), _HALF)
        if isinstance(expression, sp.erfc):
            return _add(_number(1), _scale(self._odd(sp.erf, u), Fraction(-1)))
        return self._odd(expression.func, u)

    def _by_halves(self, expression: sp.Expr, up: Sum, down: Sum) -> Sum:
        """Return a hyperbolic or circular function from exp(u) and exp(-u), or exp(iu) and exp(-iu)."""
        even, odd = _scale(_add(up, down), _HALF), _scale(_add(up, _scale(down, Fraction(-1))), _HALF)
        if isinstance(expression, sp.sin | sp.tan):
            odd = _multiply(odd, _scale(_power_of(_IMAGINARY), Fraction(-1)))
        if isinstance(expression, sp.cosh | sp.cos):
            return even
        return odd if isinstance(expression, sp.sinh | sp.sin) else _multiply(odd, self._whole_power(even, -1))

    def _odd(self, function: type[sp.Function], u: Sum) -> Sum:
        if not u:
            return {}
        sign = Fraction(-1 if _negative(u) else 1)
        inner = _scale(u, sign)
        return _scale(_power_of(Kernel(function.__name__, _key(inner), function(_to_expression(inner)))), sign)

    def _alone(self, expression: sp.Basic) -> Sum:
        """Return a kernel for what has no rule, the same one for equal arguments."""
        if not isinstance(expression, sp.Expr) or isinstance(expression, sp.Limit | sp.Integral | sp.Sum | sp.Product):
            raise UndecidedError(f"{expression} has no normal form")
        data: Hashable = expression
        if isinstance(expression, sp.Function) and not isinstance(expression, sp.Piecewise):
            try:
                data = (expression.func, tuple(_key(self.of(a)) for a in expression.args))
            except UndecidedError:  # arguments that are no numbers
                data = expression
        return _power_of(Kernel("alone", data, expression))

    def _derivative(self, expression: sp.Derivative) -> Sum:
        function, *counts = expression.args
        for variable, count in counts:
            for _ in range(int(count)):
                if isinstance(function, AppliedUndef | sp.Derivative):
                    return self._alone(expression)
                found = derivative(function, variable)
                if found is None:
                    raise UndecidedError(f"{function} has no rule for its derivative")
                function = found
        self.used["the rules of differentiation"] = None
        return self.of(function)

    # --- powers -------------------------------------------------------------------------------------------------------

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Sum:
        if base is sp.E:
            return self._exponential(self.of(exponent))
        power = self.of(exponent)
        below = self.of(base)
        if not power or set(power) == {_ONE}:
            value = power.get(_ONE, Fraction(0))
            if value.denominator == 1:
                return self._whole_power(below, value.numerator)
            return self._root(below, value)
        if self._signs_of(below) <= frozenset((1,)):
            return self._exponential(_multiply(power, self._logarithm(below)))
        return _power_of(Kernel("power", (_key(below), _key(power)), base**exponent))

    def _whole_power(self, a: Sum, power: int) -> Sum:
        if power >= 0:
            return _raise(a, power)
        if not a:
            raise UndecidedError("a division by zero")
        coefficient, monomial, rest = self._content(a)
        result = _reduced({k: e * power for k, e in monomial}, coefficient**power)
        if rest is None:
            return result
        self.used["reduction to a common denominator"] = None
        return _multiply(result, _power_of(rest, power))

    def _content(self, a: Sum) -> tuple[Fraction, Monomial, Kernel | None]:
        """Split a sum into a number, a monomial, and a sum with leading coefficient one, if it has several terms."""
        common = dict(next(iter(a)))
        for monomial in a:
            exponents = dict(monomial)
            for kernel in set(common) | set(exponents):
                least = min(common.get(kernel, Fraction(0)), exponents.get(kernel, Fraction(0)))
                common[kernel] = least
        common = {k: e for k, e in common.items() if e and k is not _IMAGINARY and k.head != "prime"}
        inverse = _reduced({k: -e for k, e in common.items()}, Fraction(1))
        rest = _multiply(a, inverse)
        if len(rest) == 1:
            ((monomial, coefficient),) = rest.items()
            whole = dict(monomial)
            for kernel, exponent in common.items():
                whole[kernel] = whole.get(kernel, Fraction(0)) + exponent
            return coefficient, frozenset((k, e) for k, e in whole.items() if e), None
        coefficient = rest[max(rest, key=_order)]
        return coefficient, frozenset(common.items()), self._sum_kernel(_scale(rest, 1 / coefficient))

    @staticmethod
    def _sum_kernel(a: Sum) -> Kernel:
        return Kernel("sum", _key(a), _to_expression(a))

    def _factors(self, a: Sum) -> tuple[Fraction, dict[Kernel, Fraction]]:
        """Write a sum, over a common denominator, as a number times powers of kernels.

        A factorisation by sympy is multiplied out to check it.
        """
        if len(a) > 1:
            divisor = _denominator(a)
            numerator = _expanded(a)
            if not numerator:
                raise UndecidedError("a root or logarithm of zero")
        else:
            divisor, numerator = {}, a
        coefficient, monomial, rest = self._content(numerator)
        factors = dict(monomial)
        for kernel, exponent in divisor.items():
            factors[kernel] = factors.get(kernel, Fraction(0)) + exponent
        if rest is None:
            return coefficient, {k: e for k, e in factors.items() if e}
        parts = self._factorised(dict(rest.data)) if isinstance(rest.data, frozenset) else None
        if parts is None:
            factors[rest] = factors.get(rest, Fraction(0)) + 1
            return coefficient, {k: e for k, e in factors.items() if e}
        for part, power in parts:
            number, content, inner = self._content(part)
            coefficient *= number**power
            for k, e in (*content, *(((inner, Fraction(1)),) if inner is not None else ())):
                factors[k] = factors.get(k, Fraction(0)) + e * power
        return coefficient, {k: e for k, e in factors.items() if e}

    def _factorised(self, a: Sum) -> list[tuple[Sum, int]] | None:
        if len(a) > MOST_FACTORED or any(e.denominator != 1 for m in a for _, e in m):
            return None
        # sympy sees the kernels as unrelated symbols.
        names = {k: sp.Dummy() for m in a for k, _ in m}
        back = {name: k for k, name in names.items()}
        blank = sp.Add(*[sp.Mul(_plain(c), *[names[k] ** int(e) for k, e in m]) for m, c in a.items()])
        try:
            number, parts = sp.factor_list(blank)
        except (sp.PolynomialError, NotImplementedError):
            return None
        if len(parts) == 1 and parts[0][1] == 1:
            return None
        found = [(self._unblank(part, back), int(power)) for part, power in parts]
        product = _number(_rational(number))
        for part, power in found:
            product = _multiply(product, _raise(part, power))
        if product != a:
            return None
        return [(_number(_rational(number)), 1), *found]

    @staticmethod
    def _unblank(part: sp.Expr, back: Mapping[sp.Symbol, Kernel]) -> Sum:
        generators = sorted(part.free_symbols, key=str)
        terms = sp.Poly(part, *generators).terms()
        return _add(
            *(
                _reduced({back[g]: Fraction(e) for g, e in zip(generators, powers, strict=True) if e}, _rational(c))
                for powers, c in terms
            )
        )

    def _signs_of_kernel(self, kernel: Kernel) -> Signs:
        if kernel.head == "prime":
            return frozenset((1,))
        if kernel not in self._signs:
            self._signs[kernel] = self.sign_of(kernel.expression)
        return self._signs[kernel]

    def _signs_of(self, a: Sum) -> Signs:
        if not a:
            return frozenset((0,))
        if len(a) == 1:
            ((monomial, coefficient),) = a.items()
            if coefficient > 0 and all(self._signs_of_kernel(k) <= frozenset((1,)) for k, _ in monomial):
                return frozenset((1,))
        return self.sign_of(_to_expression(a))

    def _split(self, a: Sum) -> tuple[Fraction, list[tuple[Kernel, Fraction]], Sum]:
        """Split what stands under a root or logarithm, and so is not negative, into parts that are not negative.

        Returns a positive number, powers of nonnegative kernels, and the rest, whose sign is not known by its factors.
        Where a factor of known parity is zero, the rest may be negative; there the whole is zero.
        """
        if any(kernel.expression.has(sp.I) for monomial in a for kernel, _ in monomial):
            return Fraction(1), [], a  # the factors of a real number by circular functions need not be real
        coefficient, factors = self._factors(a)
        rest = Fraction(-1 if coefficient < 0 else 1)
        parts: list[tuple[Kernel, Fraction]] = []
        unknown: dict[Kernel, Fraction] = {}
        for kernel, exponent in factors.items():
            possible = self._signs_of_kernel(kernel)
            if possible <= NONNEGATIVE or exponent.denominator != 1:
                parts.append((kernel, exponent))
            elif exponent % 2 == 0:
                square = _multiply(_power_of(kernel), _power_of(kernel))
                if possible <= frozenset((-1, 0)):
                    parts.append((self._sum_kernel(_scale(_power_of(kernel), Fraction(-1))), exponent))
                else:
                    parts.append((self._sum_kernel(square), exponent / 2))
            elif possible <= frozenset((-1, 0)):
                rest = -rest
                parts.append((self._sum_kernel(_scale(_power_of(kernel), Fraction(-1))), exponent))
            else:
                unknown[kernel] = exponent
        if len(unknown) == 1 and rest > 0:
            parts += unknown.items()
            unknown = {}
        return abs(coefficient), parts, _reduced(unknown, rest)

    def _root(self, a: Sum, exponent: Fraction) -> Sum:
        if not a:
            if exponent > 0:
                return {}
            raise UndecidedError("a division by zero")
        coefficient, parts, rest = self._split(a)
        if len(parts) + (coefficient != 1) + (rest != _number(1)) > 1:
            self.used["roots of factors of known sign"] = None
        result = _power_of_number(coefficient, exponent)
        for kernel, power in parts:
            result = _multiply(result, _power_of(kernel, power * exponent))
        if rest == _number(1):
            return result
        if rest == _number(-1):
            raise UndecidedError("a root of a negative number")
        return _multiply(result, _power_of(self._sum_kernel(rest), exponent))

    # --- exponentials and logarithms ----------------------------------------------------------------------------------

    def _exponential(self, u: Sum) -> Sum:
        if _denominator(u) and _expanded(u):
            coefficient, factors = self._factors(u)
            if not any(e < 0 and k.head == "sum" for k, e in factors.items()):
                u = _expanded(_reduced(factors, coefficient))
        result = _number(1)
        for monomial, coefficient in u.items():
            result = _multiply(result, self._exponential_of_term(monomial, coefficient))
        return result

    @staticmethod
    def _exponential_of_term(monomial: Monomial, coefficient: Fraction) -> Sum:
        if len(monomial) == 1:
            ((kernel, exponent),) = monomial
            if kernel.head == "log" and exponent == 1 and isinstance(kernel.data, Kernel):
                return _power_of(kernel.data, coefficient)
        expression = sp.exp(_term(monomial, Fraction(1)))
        return _power_of(Kernel("exp", monomial, expression), coefficient)

    def _phase(self, u: Sum) -> Sum:
        """Return exp(iu), a power of a kernel for every term of u."""
        result = _number(1)
        for monomial, coefficient in u.items():
            half_turn = monomial == frozenset(((Kernel("symbol", sp.pi, sp.pi), Fraction(1)),))
            expression = sp.exp(sp.I * _term(monomial, Fraction(1)), evaluate=False)
            kernel = Kernel("half turn" if half_turn else "phase", monomial, expression)
            result = _multiply(result, _power_of(kernel, coefficient))
        return result

    def _logarithm(self, u: Sum) -> Sum:
        if not u:
            raise UndecidedError("a logarithm of zero")
        coefficient, parts, rest = self._split(u)
        if len(parts) + (coefficient != 1) + (rest != _number(1)) > 1:
            self.used["logarithms of factors of known sign"] = None
        terms = [
            _scale(_power_of(_logarithm_kernel(_prime(p))), Fraction(power))
            for p, power in sp.factorrat(_plain(coefficient)).items()
        ]
        for kernel, power in parts:
            if kernel.head == "exp" and isinstance(kernel.data, frozenset):
                terms.append({kernel.data: power})
            else:
                terms.append(_scale(_power_of(_logarithm_kernel(kernel)), power))
        if rest == _number(-1):
            raise UndecidedError("a logarithm of a negative number")
        if rest != _number(1):
            terms.append(_power_of(_logarithm_kernel(self._sum_kernel(rest))))
        return _add(*terms)

    # --- zero ---------------------------------------------------------------------------------------------------------

    def _is_zero(self, a: Sum, conjugations: int) -> bool:
        a = _expanded(a)
        if not a or conjugations == 0:
            return not a
        return any(self._conjugate_decides(a, kernel, conjugations) for kernel in _roots(a))

    def _conjugate_decides(self, a: Sum, kernel: Kernel, conjugations: int) -> bool:
        """Show p + q r = 0 for r² = s: then p² = q² s, and p - q r is not zero."""
        with_root = {m: c for m, c in a.items() if dict(m).get(kernel) == _HALF}
        without = {m: c for m, c in a.items() if m not in with_root}
        factor = _multiply(with_root, _power_of(kernel, -_HALF))
        square = _add(
            _multiply(without, without),
            _scale(_multiply(_multiply(factor, factor), _power_of(kernel)), Fraction(-1)),
        )
        other = _to_expression(_add(without, _scale(with_root, Fraction(-1))))
        decided = 0 not in self.sign_of(other) and self._is_zero(square, conjugations - 1)
        if decided:
            self.used["squaring, the conjugate not being zero"] = None
        return decided


def _plain(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


def _prime(number: int) -> Kernel:
    return Kernel("prime", int(number), sp.Integer(number))


def _logarithm_kernel(kernel: Kernel) -> Kernel:
    return Kernel("log", kernel, sp.log(kernel.expression))


def _power_of_number(value: Fraction, exponent: Fraction) -> Sum:
    primes = sp.factorrat(_plain(value))
    return _reduced({_prime(p): int(power) * exponent for p, power in primes.items()}, Fraction(1))


def _roots(a: Sum) -> list[Kernel]:
    """Return the kernels that occur as square roots alone."""
    found = {k: None for m in a for k, e in m if e.denominator == 2}
    return [k for k in found if all(dict(m).get(k, Fraction(0)) in (0, _HALF) for m in a)]


def _denominator(a: Sum) -> dict[Kernel, Fraction]:
    """Return the sums that stand in denominators with their least, negative, exponents."""
    least: dict[Kernel, Fraction] = {}
    for monomial in a:
        for kernel, exponent in monomial:
            if kernel.head == "sum" and exponent < 0:
                least[kernel] = min(exponent, least.get(kernel, Fraction(0)))
    return least


def _expanded(a: Sum) -> Sum:
    """Clear the denominators and multiply out the sums."""
    while True:
        least = _denominator(a)
        if least:
            a = _multiply(a, _reduced({k: -e for k, e in least.items()}, Fraction(1)))
        wholes = [k for m in a for k, e in m if k.head == "sum" and e >= 1]
        if not wholes:
            return a
        kernel = wholes[0]
        total: Sum = {}
        for monomial, coefficient in a.items():
            exponents = dict(monomial)
            power = exponents.pop(kernel, Fraction(0))
            whole = power.numerator // power.denominator
            if power > whole:
                exponents[kernel] = power - whole
            data = kernel.data
            inner: Sum = dict(data) if isinstance(data, frozenset) else {}
            total = _add(total, _multiply(_reduced(exponents, coefficient), _raise(inner, whole)))
            if len(total) > MOST_TERMS:
                raise UndecidedError("an expansion has too many terms")
        a = total
