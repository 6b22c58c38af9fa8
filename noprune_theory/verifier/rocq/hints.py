"""What Python computes for Rocq: squares that are nonnegative, how fast a function decays, values of erf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.translate import Translator

__all__ = ["decay_scripts", "erf_script", "square_hints"]

# Digits to which the integral of erf is enclosed, and what `integral` is given for them.
_DIGITS = 6
_INTEGRAL = "integral with (i_prec 40, i_fuel 200)"


def square_hints(expressions: Sequence[sp.Basic], symbol: sp.Symbol, translator: Translator) -> str:
    """Return sentences that the square is nonnegative which a quadratic without real roots rests on.

    With ``4 a (a x^2 + b x + c) = (2 a x + b)^2 + (4 a c - b^2)`` its sign is a matter of linear arithmetic. Quadratics
    in one variable are taken, with numbers as coefficients.
    """
    lines: dict[str, None] = {}
    for part in (p for e in expressions for p in sp.preorder_traversal(e)):
        if not (part.is_Add and part.free_symbols == {symbol} and part.is_polynomial(symbol)):
            continue
        polynomial = sp.Poly(part, symbol)
        if polynomial.degree() != 2 or not all(c.is_Rational for c in polynomial.all_coeffs()):
            continue
        a, b, c = polynomial.clear_denoms()[1].primitive()[1].all_coeffs()
        if b != 0 and b**2 < 4 * a * c:
            square = f"{translator.term(2 * a)} * {translator.name(symbol)} + {translator.term(b)}"
            lines[f"pose proof (pow2_ge_0 ({square})). "] = None
    return "".join(lines)


def decay_scripts(obligation: Obligation, translator: Translator) -> Iterator[str]:
    """Yield the proof that a multiple of ``exp(-a t^k)`` tends to 0 as t grows."""
    limit, value = obligation.conclusion.args
    function, variable, end, _ = limit.args
    exponentials = function.atoms(sp.exp)
    if end != sp.oo or value != 0 or len(exponentials) != 1:
        return
    (exponential,) = exponentials
    factor = function.doit() / exponential.doit()
    monomial = sp.expand(exponential.args[0].doit())
    power = sp.degree(monomial, variable) if monomial.is_polynomial(variable) else 0
    speed = sp.factor(-monomial / variable**power)
    if power < 1 or variable in factor.free_symbols | speed.free_symbols:
        return
    yield f"intros. split_hypotheses. decay {translator.term(speed)} {translator.term(factor)} {power - 1}%nat."


def erf_script(obligation: Obligation, translator: Translator) -> str | None:
    """Return a proof by interval arithmetic if erf is taken at numbers only: its integral is enclosed there."""
    places = sorted({f.args[0] for f in obligation.conclusion.atoms(sp.erf, sp.erfc)}, key=str)
    if not places or any(place.free_symbols for place in places):
        return None
    lines = ["intros. split_hypotheses."]
    for number, place in enumerate(places):
        low, high = _integral(place)
        integral = f"(RInt (fun t : R => exp (- t ^ 2)) 0 {translator.term(place)})"
        bounds = f"{translator.term(low)} <= {integral} <= {translator.term(high)}"
        lines.append(f"assert (I{number} : {bounds}) by (split; {_INTEGRAL}).")
    lines.append("unfold erf.")
    for number, place in enumerate(places):
        integral = f"(RInt (fun t : R => exp (- t ^ 2)) 0 {translator.term(place)})"
        lines.append(f"set (i{number} := {integral}) in *. clearbody i{number}.")
    lines.append("first [ interval | one_side; interval ].")
    return "\n".join(lines)


def _integral(place: sp.Expr) -> tuple[sp.Rational, sp.Rational]:
    """Return decimals on both sides of the integral of ``exp(-t^2)`` from 0 to a number; Rocq proves them."""
    scale = 10**_DIGITS
    whole = int(sp.floor(sp.N(sp.sqrt(sp.pi) / 2 * sp.erf(place) * scale, 30)))
    return sp.Rational(whole - 1, scale), sp.Rational(whole + 2, scale)
