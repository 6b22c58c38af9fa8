"""Provers prove what is true, refute what is false, and leave open what they cannot decide."""

from fractions import Fraction

import flint
import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory.verifier.notation import (
    Entropy,
    MutualInformation,
    Probability,
    equation,
    read_expression,
    write_expression,
)
from noprune_theory.verifier.obligations import Obligation, Status, discharge, instance
from noprune_theory.verifier.provers import Balls, Events, Identity, LimitValue, Monotone, Refutation, Shannon, enclose
from verification.facts.concentration import product_bound
from verification.papers import PAPERS

x, y, z = sp.symbols("x y z", real=True)
p, q = sp.symbols("p q", positive=True)
A, B, C, D, W, M = sp.symbols("A B C D W M")


def status(conclusion, prover, hypotheses=()):
    return discharge(Obligation("test", conclusion, prover, tuple(hypotheses))).status


@pytest.mark.parametrize(
    ("conclusion", "prover", "hypotheses", "expected"),
    [
        (equation((x + 1) ** 2, x**2 + 2 * x + 1), Identity(), (), Status.PROVED),
        (equation((x + 1) ** 2, x**2 + 2 * x + 2), Identity(), (), Status.REFUTED),
        (equation(sp.log(p * q), sp.log(p) + sp.log(q)), Identity(), (), Status.PROVED),
        (equation(sp.Limit(sp.sin(x) / x, x, 0), 1), LimitValue(), (), Status.PROVED),
        (equation(sp.Limit(sp.sin(x) / x, x, 0), 2), LimitValue(), (), Status.REFUTED),
        (x**2 + y**2 >= 2 * x * y, Refutation(), (), Status.PROVED),
        (x**2 + y**2 >= 2 * x * y + 1, Refutation(), (), Status.REFUTED),
        (sp.Le(x / (1 + x), 1), Refutation(), (x >= 0,), Status.PROVED),
        (sp.sqrt(p * q) <= (p + q) / 2, Refutation(), (), Status.PROVED),
        (sp.Le(sp.Max(x, y), x + y), Refutation(), (x >= 0, y >= 0), Status.PROVED),
        (sp.Gt(x, 1), Refutation(), (x > 0, x < 0), Status.OPEN),
        (sp.Ge(sp.cos(x), -1), Refutation(), (), Status.OPEN),
        (
            sp.Ge(sp.exp(p) - 1 - p, 0),
            Monotone(p, sp.S.Zero, then=Monotone(p, sp.S.Zero, then=Refutation())),
            (),
            Status.PROVED,
        ),
        (sp.Le(sp.exp(p), 1 + p), Monotone(p, sp.S.Zero, then=Refutation()), (), Status.REFUTED),
        (sp.Gt(sp.exp(x), x), Balls(), (x >= -3, x <= 3), Status.PROVED),
        (sp.Gt(sp.sin(x), x / 2), Balls(), (x >= 1, x <= 3), Status.REFUTED),
        (sp.Ge(x**2 * (x - 1) ** 2, 0), Balls(max_boxes=50), (x >= -1, x <= 2), Status.PROVED),
        (sp.Ge(sp.exp(x) - 1 - x, 0), Balls(max_boxes=50), (x >= -1, x <= 2), Status.OPEN),
        (sp.Gt(sp.Max(x, 2 - x), sp.Rational(1, 2)), Balls(), (x >= -1, x <= 3), Status.PROVED),
        (Probability(A | B) <= Probability(A) + Probability(B), Events(), (), Status.PROVED),
        (sp.Le(Probability(A), Probability(B)), Events(), (sp.Implies(A, B),), Status.PROVED),
        (sp.Le(Probability(A), Probability(B)), Events(), (), Status.REFUTED),
        (sp.Ge(Probability(A & B), Probability(A) + Probability(B) - 1), Events(), (), Status.PROVED),
        (
            sp.Le(MutualInformation(W, D), MutualInformation(M, D) + Entropy(W, M)),
            Shannon(),
            (equation(Entropy(M, W), 0),),
            Status.PROVED,
        ),
        (sp.Le(Entropy(sp.Tuple(W, D)), Entropy(W) + Entropy(D)), Shannon(), (), Status.PROVED),
        (sp.Le(MutualInformation(W, D), MutualInformation(W, D, M)), Shannon(), (), Status.REFUTED),
    ],
)
def test_prover_decides_as_it_should(conclusion, prover, hypotheses, expected):
    assert status(conclusion, prover, hypotheses) is expected


def test_nothing_is_proved_from_contradictory_hypotheses():
    certificate = discharge(Obligation("vacuous", sp.Ge(x, 5), Refutation(), (sp.Gt(x, 1), sp.Lt(x, 0)))).certificate
    assert certificate.status is Status.OPEN
    assert "contradict" in certificate.detail


def test_monotone_needs_an_interval_that_starts_at_the_end():
    prover = Monotone(x, sp.S.Zero, then=Refutation())
    with pytest.raises(ValueError, match="end"):
        status(sp.Ge(sp.exp(x), 1 + x), prover)
    with pytest.raises(ValueError, match="hypotheses"):
        status(sp.Ge(sp.exp(x), 1 + x), prover, (sp.Ge(x * y, 0),))


def test_monotone_is_strict_only_off_the_end():
    """`x > 1` follows from x > 1 by its slope, but not from x >= 1; and nothing is carried across a pole."""
    prover = Monotone(x, sp.S.One, then=Refutation())
    assert status(sp.Gt(x - 1, 0, evaluate=False), prover, (sp.Gt(x, 1),)) is Status.PROVED
    assert status(sp.Gt(x - 1, 0, evaluate=False), prover, (sp.Ge(x, 1),)) is not Status.PROVED
    assert status(sp.Gt(x, 0), prover, (sp.Ge(x, 1),)) is Status.PROVED
    across = Monotone(x, -sp.S.One, then=Refutation())
    assert status(sp.Gt(-1 / x, 0), across, (sp.Ge(x, -1),)) is Status.REFUTED


def test_balls_need_a_box():
    with pytest.raises(ValueError, match="lower and upper bound"):
        status(sp.Gt(sp.exp(x), x), Balls(), (x >= 0,))


def test_instance_checks_the_sign_of_what_is_substituted():
    obligation = Obligation("tangent", sp.Ge(sp.exp(p), 1 + p), Refutation())
    assert instance(obligation, {p: q**2}) == sp.Ge(sp.exp(q**2), 1 + q**2)
    with pytest.raises(ValueError, match="positive"):
        instance(obligation, {p: x})


def test_instance_keeps_the_hypotheses():
    obligation = Obligation("log", sp.Le(sp.log(p), 0), Refutation(), (sp.Le(p, 1),))
    assert instance(obligation, {p: q / 2}) == sp.Implies(sp.Le(q / 2, 1), sp.Le(sp.log(q / 2), 0))


def test_obligation_is_self_contained():
    record = Obligation("tangent", sp.Ge(sp.exp(p), 1 + x), Refutation(), (sp.Le(x, p),)).statement()
    assert record["variables"] == {"p": "positive", "x": "real"}
    assert read_expression(record["conclusion"]) == sp.Ge(sp.exp(p), 1 + x)
    assert [read_expression(h) for h in record["hypotheses"]] == [sp.Le(x, p)]


def every_obligation():
    for statement in (paper.load(identifier) for paper in PAPERS for identifier in paper.statements):
        for part in filter(None, (statement, statement.repair)):
            yield from (o for step in part.derivation for o in step.obligations)
            yield from (fault.broken for fault in part.faults if isinstance(fault.broken, Obligation))
        if statement.repair is not None:
            yield from statement.repair.sharpens


def test_every_obligation_can_be_read_back():
    """Equal expressions: the same symbols with the same assumptions, and what is left unevaluated stays so."""
    obligations = set(every_obligation())
    assert len(obligations) > 250
    for obligation in obligations:
        record = obligation.statement()
        assert read_expression(record["conclusion"]) == obligation.conclusion
        assert tuple(read_expression(h) for h in record["hypotheses"]) == obligation.hypotheses


def test_every_obligation_can_fail():
    """No obligation is settled before its prover sees it: by evaluation, by equal sides, or by being a hypothesis."""
    for obligation in every_obligation():
        conclusion = obligation.conclusion
        assert conclusion not in (sp.true, sp.false), obligation.name
        assert not (isinstance(conclusion, sp.Rel) and conclusion.lhs == conclusion.rhs), obligation.name
        assert conclusion not in obligation.hypotheses, obligation.name
        assert sp.true not in obligation.hypotheses, obligation.name


def test_what_is_read_back_keeps_assumptions_and_order():
    loose, whole = sp.Symbol("k", positive=True), sp.Symbol("k", integer=True, positive=True)
    assert read_expression(write_expression(whole)) == whole != loose
    assert read_expression(write_expression(whole)).is_integer
    written = equation(lambda: 8 * (y + x) * 9, lambda: x / x)
    assert str(read_expression(write_expression(written))) == str(written) != str(written.doit())


EXPRESSIONS = (
    sp.exp(x) * sp.sin(y) - x * y,
    sp.log(2 + x**2) / (3 + sp.cos(y)),
    sp.sqrt(1 + x**2) + sp.tanh(y),
    sp.erf(x) * sp.cosh(y) ** 2,
    sp.Abs(x) ** 3 - sp.Max(x, y),
    sp.LambertW(sp.exp(x)) + sp.atan(y),
)
rationals = st.fractions(min_value=-3, max_value=3, max_denominator=1000)


@given(st.sampled_from(EXPRESSIONS), rationals, rationals, st.fractions(0, 1, max_denominator=50))
def test_enclosure_contains_every_point_of_the_ball(expression, a, b, width):
    """`enclose(f, box)` contains f at points of the box, evaluated by another library in 40 digits."""

    def ball(value):
        low, high = (flint.arb(flint.fmpq(v.numerator, v.denominator)) for v in (value, value + width))
        return low.union(high)

    enclosure = enclose(expression, {x: ball(a), y: ball(b)})
    for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
        point = {x: a + share * width, y: b + share * width}
        with mpmath.workdps(40):
            value = sp.lambdify((x, y), expression, modules="mpmath")(
                *(mpmath.mpf(v.numerator) / v.denominator for v in point.values())
            )
            text = mpmath.nstr(value.real if isinstance(value, mpmath.mpc) else value, 35)
        assert enclosure.overlaps(flint.arb(text, 1e-25))


@given(rationals, rationals, rationals)
def test_refutation_agrees_with_the_discriminant(a, b, c):
    """z3 proves `a x^2 + b x + c > 0 for all x` exactly when the discriminant says so."""
    rational = [sp.Rational(v.numerator, v.denominator) for v in (a, b, c)]
    polynomial = rational[0] * x**2 + rational[1] * x + rational[2]
    positive = (a > 0 and b * b < 4 * a * c) or (a == 0 and b == 0 and c > 0)
    answer = status(sp.Gt(polynomial, 0, evaluate=False), Refutation())
    assert answer is (Status.PROVED if positive else Status.REFUTED)


def test_the_sharp_constant_cannot_be_lowered_much():
    """The certified factor of the product of fluctuation and noise holds for 4 and no longer for 3.95."""
    statuses = [discharge(o).status for o in product_bound(sp.Rational(79, 20))]
    assert Status.REFUTED in statuses
    assert all(discharge(o).status is Status.PROVED for o in product_bound(sp.Integer(4)))
