"""Ball arithmetic at the ends of domains, and the one precision and context that all threads share."""

import sys
import threading
from fractions import Fraction

import flint
import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from noprune_theory.verifier.notation import LogTwo, equation
from noprune_theory.verifier.obligations import Obligation, Status, decide
from noprune_theory.verifier.provers import (
    Balls,
    Identity,
    LimitValue,
    Monotone,
    Refutation,
    enclose,
    working_precision,
)
from noprune_theory.verifier.provers import balls as balls_module
from noprune_theory.verifier.provers.intervals import Interval, enclose_interval, exact
from noprune_theory.verifier.provers.machines import PrecisionChangedError

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
v = sp.Symbol("v", nonnegative=True)
third, half = sp.Rational(1, 3), sp.S.Half
UNIT = (x >= 0, x <= 1)


def ge(left, right):
    return sp.Ge(left, right, evaluate=False)


def gt(left, right):
    return sp.Gt(left, right, evaluate=False)


def certificate(conclusion, hypotheses, **options):
    return decide(Obligation("ends", conclusion, Balls(**options), tuple(hypotheses)))


TRUE = [
    # roots and powers at zero, and where a difference vanishes at an end that is no binary number
    (gt(sp.sqrt(x) - x / 2 + 1, 0), UNIT),
    (gt(x**third - x / 2 + 1, 0), UNIT),
    (gt(x ** sp.Rational(7, 5) - x / 2 + 1, 0), UNIT),
    (gt(x ** sp.sqrt(2) - x / 2 + 1, 0), UNIT),
    (gt(sp.sqrt(1 - x**2) - x / 2 + 1, 0), (x >= -1, x <= 1)),
    (gt(sp.sqrt(x - x**2) - x / 2 + 1, 0), UNIT),
    (gt(sp.sqrt(x - third) - x / 2 + 1, 0), (x >= third, x <= 1)),
    (gt(sp.sqrt(sp.Rational(2, 7) - x) + x + 1, 0), (x >= -half, x <= sp.Rational(2, 7))),
    (gt(sp.sqrt(sp.sqrt(2) - x) - x / 2 + 1, 0), (x >= third, x <= sp.sqrt(2))),
    (gt(sp.sqrt(x + y) + 1 - x - y, 0), (x >= 0, x <= third, y >= 0, y <= third)),
    (gt(sp.sqrt(v) + 1, v), (v <= 1,)),
    # equality at the ends
    (ge(sp.sqrt(x), x), UNIT),
    (ge(x**third, x), UNIT),
    (ge(x ** sp.Rational(3, 2), x**2), UNIT),
    (ge(sp.log(1 + x), x / 2), UNIT),
    (ge(sp.log(1 + x), x - x**2 / 2), UNIT),
    (ge(sp.exp(x), 1 + x), UNIT),
    (ge(sp.exp(x), 1 + x), (x >= -1, x <= 0)),
    (ge(sp.cos(x), 1 - x**2 / 2), UNIT),
    (ge(sp.sin(x), 2 * x / sp.pi), (x >= 0, x <= sp.pi / 2)),
    (ge(sp.tan(x), x), UNIT),
    (ge(x - third, sp.sin(x - third)), (x >= third, x <= 1)),
    (ge(sp.acosh(x), 0), (x >= 1, x <= 2)),
    # strict, the end being excluded
    (gt(sp.sin(x), 0), (x > 0, x <= 1)),
    (gt(sp.sqrt(x), x), (x > 0, x < 1)),
    (gt(sp.log(1 + p), p / 2), (p <= 1,)),
    (gt(sp.cos(x), 1 - x**2 / 2), (x > 0, x <= half)),
    # poles and logarithms at an end that is excluded
    (gt(x - sp.log(x), 0), (x > 0, x <= 1)),
    (gt(p - sp.log(p), 0), (p <= 1,)),
    (gt(1 / x, half), (x > 0, x <= 1)),
    (gt(1 / sp.sqrt(x) - x / 2, 0), (x > 0, x <= 1)),
    (gt(-1 / x, half), (x >= -1, x < 0)),
    (gt(sp.exp(-1 / x) + 1, 0), (x > 0, x <= 1)),
    (gt(x * sp.log(x) + sp.Rational(2, 5), 0), (x > 0, x <= 1)),
    (gt(sp.sqrt(x) * sp.log(x) + sp.Rational(3, 4), 0), (x > 0, x <= 1)),
    (gt(x**x, sp.Rational(2, 3)), (x > 0, x <= 1)),
    (ge(-x * sp.log(x) - (1 - x) * sp.log(1 - x), 0), (x > 0, x < 1)),
    (gt(LogTwo(x) + 1, 0), (x > half, x <= 1)),
    # an argument whose sign takes an argument of its own
    (gt(sp.sqrt(x - sp.sin(x)) + 1, x / 2), UNIT),
    (gt(1 - sp.log(x - sp.sin(x)), 0), (x > 0, x <= 1)),
    (gt(sp.asin(sp.sqrt(1 - sp.exp(-x))) + 1, x / 2), UNIT),
    # beyond one the inverse functions end
    (gt(sp.asin(x) + 2, x / 7), (x >= -1, x <= 1)),
    (gt(sp.acos(x) + 1, x / 7), (x >= -1, x <= 1)),
    (ge(sp.acos(x), 0), (x >= -1, x <= 1)),
    (gt(sp.asin(3 * x) + 2, x), (x >= -third, x <= third)),
    (gt(sp.atanh(x) + 1, 0), (x >= 0, x < 1)),
    (gt(sp.acosh(1 + x) + half, x / 3), UNIT),
    # maximum, absolute value, cases, steps
    (ge(sp.Abs(x) + sp.sqrt(x), 0), UNIT),
    (gt(sp.Max(sp.sqrt(x), 1 - x), half), UNIT),
    (gt(sp.floor(x) + 1, x - 1), (x >= 0, x <= 3)),
    (gt(sp.Piecewise((sp.sqrt(x), x > half), (1, True)), x - 1), UNIT),
    (gt(sp.Piecewise((1, x <= 0), (1 + sp.sqrt(x), True)), half), (x >= 0, x <= 1)),
]


@pytest.mark.parametrize(("conclusion", "hypotheses"), TRUE, ids=map(str, range(len(TRUE))))
def test_true_up_to_the_ends_of_domains(conclusion, hypotheses):
    found = certificate(conclusion, hypotheses, max_boxes=4_000)
    assert str(found.status) == "proved", found.detail


FALSE = [
    # an equality at an end that belongs to the range
    (gt(sp.sqrt(x), 0), UNIT),
    (gt(sp.sqrt(x), x), (x > 0, x <= 1)),
    (gt(sp.sin(x), 0), UNIT),
    (gt(sp.cos(x), 1 - x**2 / 2), UNIT),
    (gt(v + 1, 1), (v <= 1,)),
    # no value at an end, or inside
    (gt(x - sp.log(x), 0), UNIT),
    (gt(1 / x, half), UNIT),
    (gt(sp.sqrt(x) + 2, 0), (x >= -half, x <= 1)),
    (gt(sp.asin(x) + 2, 0), (x >= -1, x <= 1 + sp.Rational(1, 10**9))),
    (gt(sp.acosh(x) + 2, 0), (x >= 1 - sp.Rational(1, 10**9), x <= 2)),
    (gt(sp.atanh(x) + 1, 0), UNIT),
    (gt(x**x, half), UNIT),
    (gt(1 / x + 1, 1 / x), (x >= -1, x <= 1)),
    (gt(1 + 0 * x, sp.Mul(0, sp.log(x), evaluate=False)), (x >= -1, x <= 1)),
    (gt((x**3) ** third + 2, x), (x >= -1, x <= 1)),
    (gt(sp.tan(x) + 1000, 0), (x >= 1, x <= 2)),
    (gt(sp.gamma(x) + 100, 0), (x >= -half, x <= half)),
    (gt(sp.loggamma(x) + 100, 0), (x >= -half, x <= -third)),
    (gt(sp.LambertW(x) + 2, 0), (x >= -1, x <= 0)),
    (gt(sp.sqrt(sp.sin(x) - x) + 1, 0), UNIT),
    (gt(1 - sp.log(x - sp.sin(x)), 0), UNIT),
    (gt(sp.Piecewise((1, x < 0), (sp.log(x), True)) + 100, 0), (x >= 0, x <= 1)),
    # nearly true
    (ge(sp.sqrt(x), x + sp.Rational(1, 10**6)), UNIT),
    (ge(sp.sin(x), x - x**3 / 7), UNIT),
    (ge(x * sp.log(x), -sp.Rational(36, 100)), (x > 0, x <= 1)),
    (ge(1 - x**2 / 2, sp.cos(x)), UNIT),
    (gt(sp.floor(x), x - 1), (x >= 0, x <= 3, sp.Eq(x, 3))),
    (gt(sp.floor(x) + sp.Rational(1, 10**6), x - 1 + sp.Rational(2, 10**6)), (x >= 0, x <= 3)),
    (ge(sp.Max(x, 1 - x), half + sp.Rational(1, 10**6)), UNIT),
    (gt(sp.sign(x), 0), UNIT),
    # nothing satisfies the hypotheses
    (gt(x, -10), (x >= 1, x <= 0)),
    (gt(x, -10), (x >= 0, x <= 1, y > 1, y < 0)),
]


@pytest.mark.parametrize(("conclusion", "hypotheses"), FALSE, ids=map(str, range(len(FALSE))))
def test_false_or_without_a_value_is_not_proved(conclusion, hypotheses):
    found = certificate(conclusion, hypotheses, max_boxes=300)
    assert found.status is not Status.PROVED, found.detail


def test_what_was_used_about_the_domain_is_named():
    found = certificate(gt(sp.sqrt(x - third) - x / 2 + 1, 0), (x >= third, x <= 1))
    assert found.detail.endswith("; defined, as x - 1/3 >= 0")


def test_the_tighter_of_two_bounds_is_taken():
    assert certificate(gt(x, third), (x >= half, x >= 0, x <= 1, x <= 2)).status is Status.PROVED


def test_a_ball_reaches_below_zero_and_an_interval_does_not():
    """Why intervals: the radius of the ball of [0, 1/3] is rounded up."""
    low, high = flint.arb(0), flint.arb(flint.fmpq(1, 3))
    assert not enclose(sp.sqrt(x), {x: low.union(high)}).is_finite()
    found = enclose_interval(sp.sqrt(x), {x: Interval(low, exact(high).high)})
    assert found is not None
    assert found.low == 0
    assert found.bounded


def test_infinite_ends():
    zero_one = {x: Interval(flint.arb(0), flint.arb(1))}

    def known(condition):
        return True

    assert enclose_interval(1 / x, zero_one) is None
    inverse = enclose_interval(1 / x, zero_one, known)
    assert inverse is not None
    assert (inverse.low, inverse.bounded) == (1, False)
    for expression in (sp.exp(-1 / x), sp.tanh(1 / x), sp.atan(1 / x), sp.erf(1 / x), sp.erfc(-1 / x), sp.sin(1 / x)):
        found = enclose_interval(expression, zero_one, known)
        assert found is not None
        assert found.bounded, expression
    for expression in (sp.log(x) * x, sp.log(x) * x**third, x**x):
        assert enclose_interval(expression, zero_one, known).bounded
    straddling = {x: Interval(flint.arb(-1), flint.arb(1))}
    assert not enclose_interval(1 / x, straddling, known).bounded
    assert enclose_interval(sp.sqrt(x), straddling, known).low == 0
    assert enclose_interval(sp.asin(2 * x), straddling, known).high > 1
    assert enclose_interval(sp.sqrt(x - 2), straddling, known) is None


# --- a second program: values in the interval by mpmath ---------------------------------------------------------------


def grow(inner):
    functions = [
        *(sp.exp, sp.log, sp.sqrt, sp.Abs, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.asinh),
        *(sp.asin, sp.acos, sp.acosh, sp.atanh, sp.erf, sp.erfc, sp.sign),
        *(lambda u: u**2, lambda u: u**3, lambda u: 1 / u, lambda u: u**-2, lambda u: u**third, lambda u: u**u),
        *(lambda u: u ** sp.Rational(-3, 2), lambda u: u * sp.log(u), lambda u: sp.sqrt(u) * sp.log(u)),
    ]
    return st.one_of(
        st.builds(lambda u, s: u + s, inner, inner),
        st.builds(lambda u, s: u * s, inner, inner),
        st.builds(lambda u, s: sp.Max(u, s, evaluate=False), inner, inner),
        st.builds(lambda u, function: function(u), inner, st.sampled_from(functions)),
    )


expressions = st.recursive(st.sampled_from([x, x - 1, 1 - x, x + half, x / 3]), grow, max_leaves=4)
ends = st.sampled_from([Fraction(t) for t in ("-2", "-1", "-1/3", "0", "1/3", "1/2", "1", "7/3")])


@settings(max_examples=120, deadline=None)
@given(expressions, ends, ends, st.sampled_from([Fraction(0), Fraction(1, 7), Fraction(1, 2), Fraction(1)]))
def test_intervals_contain_every_value(expression, low, high, share):
    assume(low <= high)
    assume(not expression.has(sp.zoo, sp.nan, sp.I, sp.oo, sp.AccumBounds))
    ball = [flint.arb(flint.fmpq(e.numerator, e.denominator)) for e in (low, high)]
    found = enclose_interval(expression, {x: Interval(exact(ball[0]).low, exact(ball[1]).high)})
    at = low + share * (high - low)
    with mpmath.workdps(40):
        try:
            value = mpmath.mpmathify(
                sp.lambdify(x, expression, modules="mpmath")(mpmath.mpf(at.numerator) / at.denominator)
            )
        except (ZeroDivisionError, ValueError, OverflowError, TypeError):  # no real value
            return
        if found is None or isinstance(value, mpmath.mpc) or not mpmath.isfinite(value) or abs(value) > 1e30:
            return
        number = flint.arb(mpmath.nstr(value, 35))
        slack = flint.arb(1e-12) * (1 + abs(number))  # a step is at a rounded place
        assert found.low - slack <= number <= found.high + slack


# --- one precision and one context for all threads --------------------------------------------------------------------


def test_overlapping_proofs_keep_their_precision(monkeypatch):
    """Every enclosure runs at the precision that its certificate states, whatever other threads ask for."""
    used = {}
    enclosing = balls_module.enclose_interval

    def spy(*arguments, **options):
        used.setdefault(threading.current_thread().name, set()).add(flint.ctx.prec)
        return enclosing(*arguments, **options)

    monkeypatch.setattr(balls_module, "enclose_interval", spy)
    answers = {}

    def prove(precision, number):
        claim = gt(sp.exp(x) - x + sp.sin(x) / 7, sp.Rational(1, number))
        found = Balls(precision=precision).prove(Obligation("overlapping", claim, Balls(), (x >= -3, x <= 3)))
        answers[precision, number] = (found, used[threading.current_thread().name])

    before, interval = flint.ctx.prec, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=prove, args=(b, n)) for n in (50, 51, 52) for b in (53, 96, 200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert flint.ctx.prec == before
    assert len(answers) == 9
    for (precision, _), (found, precisions) in answers.items():
        assert found.status is Status.PROVED
        assert f"{precision} bits" in found.detail
        assert precisions == {precision}


def test_every_prover_works_in_threads():
    """z3 has one context for the process; proofs take turns with it."""
    a, b = sp.symbols("a b", positive=True)
    obligations = [
        Obligation(f"{kind} {i}", conclusion, prover, hypotheses)
        for i in range(4)
        for kind, conclusion, prover, hypotheses in (
            ("z3", ge(x**2 + y**2 + i, 2 * x * y), Refutation(), ()),
            ("limit", equation(sp.Limit(i + (1 + a / p) ** p, p, sp.oo), i + sp.exp(a)), LimitValue(), ()),
            ("identity", equation(sp.log(a * b) + i, sp.log(a) + sp.log(b) + i), Identity(), ()),
            ("slope", ge(sp.exp(p) + i, 1 + p + i), Monotone(p, sp.S.Zero, Monotone(p, sp.S.Zero, Refutation())), ()),
        )
    ]
    answers = []
    threads = [threading.Thread(target=lambda o=o: answers.append(decide(o))) for o in obligations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [str(answer.status) for answer in answers] == ["proved"] * len(obligations)


def test_proofs_inside_of_proofs_and_after_errors():
    before = flint.ctx.prec
    with working_precision(200):
        assert flint.ctx.prec == 200
        inner = Monotone(x, sp.S.Zero, then=Balls(precision=64), base=Balls(precision=300))
        assert decide(Obligation("nested", ge(sp.exp(x) + 1, x), inner, UNIT)).status is Status.PROVED
        assert flint.ctx.prec == 200
        with pytest.raises(ValueError, match="no enclosure"):
            Balls(precision=64).prove(Obligation("unknown", gt(sp.zeta(x), 0), Balls(), (x >= 2, x <= 3)))
        assert flint.ctx.prec == 200
        ball = enclose(sp.sqrt(2), {}, precision=1000)
        assert float(ball.rad()) < 1e-290
    assert flint.ctx.prec == before


def test_a_precision_that_is_changed_from_outside_is_noticed(monkeypatch):
    """What does not take turns may still set the precision; then no certificate states the wrong one."""
    before = flint.ctx.prec

    def careless(expression, *arguments, **options):
        flint.ctx.prec = 60
        return enclose_interval(expression, *arguments, **options)

    monkeypatch.setattr(balls_module, "enclose_interval", careless)
    found = Balls().prove(Obligation("disturbed", gt(sp.exp(x), 0), Balls(), UNIT))
    assert (found.status, found.detail) == (
        Status.OPEN,
        "flint.ctx.prec: set to 60 bits during a computation at 96",
    )
    assert flint.ctx.prec == before
    with (
        pytest.raises(PrecisionChangedError, match="set to 70 bits during a computation at 100"),
        working_precision(100),
    ):
        flint.ctx.prec = 70
    assert flint.ctx.prec == before


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5, 6, 7, 12, 100, 101])
@pytest.mark.parametrize("radius", [0, "0.5", 1, 3])
def test_powers_of_balls_around_zero(power, radius):
    ball = flint.arb(0, radius)
    found = enclose(x**power, {x: ball})
    assert found.is_finite()
    for share in (-1, Fraction(-1, 3), 0, Fraction(1, 2), 1):
        value = (Fraction(radius) * share) ** power
        assert found.contains(flint.fmpq(value.numerator, value.denominator))
    assert float(found.mid() + found.rad()) <= 1.001 * float(Fraction(radius)) ** power


def test_a_square_of_what_cancels():
    same = flint.arb(1) / 3
    assert enclose((x - y) ** 2 + 1, {x: same, y: same}).contains(1)
