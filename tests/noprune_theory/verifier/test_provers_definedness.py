"""Nothing is proved of an expression that has no value: quotients, roots, powers and logarithms need their domains."""

import pytest
import sympy as sp

from noprune_theory.verifier.notation import LogTwo, Probability, equation
from noprune_theory.verifier.obligations import Obligation, decide
from noprune_theory.verifier.provers import Events, Identity, LimitValue, Monotone, Refutation
from noprune_theory.verifier.provers.definedness import conditions

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
v = sp.Symbol("v", nonnegative=True)
k = sp.Symbol("k", integer=True)
A, B = sp.symbols("A B")
f = sp.Function("f")
z3_prover = Refutation()


def relation(kind, left, right):
    return kind(left, right, evaluate=False)


def certificate(conclusion, hypotheses=(), prover=z3_prover):
    return decide(Obligation("name", conclusion, prover, tuple(hypotheses)))


def bounded(part):
    """Return what holds for every value of the part, and so says something only where it has one."""
    return relation(sp.Le, part, part + 1)


ROOT, LOGARITHM, QUOTIENT = bounded(sp.sqrt(x)), bounded(sp.log(x)), bounded(1 / x)


@pytest.mark.parametrize(
    ("conclusion", "hypotheses", "needed"),
    [
        (ROOT, (), "x >= 0"),
        (ROOT, (x >= -1,), "x >= 0"),
        (LOGARITHM, (), "x > 0"),
        (LOGARITHM, (x >= 0,), "x > 0"),
        (LOGARITHM, (sp.Ne(x, 0),), "x > 0"),
        (QUOTIENT, (), "Ne(x, 0)"),
        (QUOTIENT, (x >= 0,), "Ne(x, 0)"),
        (bounded(1 / sp.sqrt(x)), (x >= 0,), "x > 0"),
        (bounded(1 / sp.sqrt(v)), (), "v > 0"),
        (bounded(LogTwo(x)), (), "x > 0"),
        (bounded(x**y), (x >= 0,), "x > 0"),
        (bounded(x**k), (x >= 0,), "Ne(x, 0)"),
        (bounded(sp.log(sp.log(x))), (x > 0,), "log(x) > 0"),
        (bounded(sp.tan(x)), (), "a function of known domain"),
        (bounded(sp.gamma(x)), (), "a function of known domain"),
        # A hypothesis has to be defined as well.
        (sp.Le(sp.log(x), y), (sp.Le(sp.log(x), y),), "x > 0"),
        (sp.Ge(y, 1), (sp.Ge(y, 1), sp.Ge(sp.sqrt(x), 0, evaluate=False)), "x >= 0"),
        # What guards a part has to imply its domain.
        (sp.Implies(x > -1, sp.Ge(sp.log(x) ** 2 + 1, 1)), (), "x > 0"),
        (sp.Or(x < 0, sp.Ge(sp.log(x) ** 2 + 1, 1)), (), "x > 0"),
        (sp.And(x >= 0, sp.Ge(sp.log(x) ** 2 + 1, 1)), (x >= 0,), "x > 0"),
        (relation(sp.Ge, sp.Piecewise((sp.sqrt(x), x > -1), (0, True)), 0), (), "x >= 0"),
        (relation(sp.Ge, sp.Piecewise((0, x < -1), (sp.sqrt(x), True)), 0), (), "x >= 0"),
        (relation(sp.Ge, sp.Piecewise((0, sp.Gt(sp.sqrt(x), 1)), (1, True)), 0), (), "x >= 0"),
    ],
)
def test_what_is_undefined_is_not_proved(conclusion, hypotheses, needed):
    found = certificate(conclusion, hypotheses)
    assert (str(found.status), found.detail) == ("open", f"not shown to be defined, which needs {needed}")


@pytest.mark.parametrize(
    ("conclusion", "hypotheses", "needed"),
    [
        (ROOT, (x >= 0,), "x >= 0"),
        (LOGARITHM, (x >= 1,), "x > 0"),
        (LOGARITHM, (sp.Ne(x, 0), x >= 0), "x > 0"),
        (QUOTIENT, (x < 0,), "Ne(x, 0)"),
        (bounded(x**k), (sp.Lt(x, -2),), "Ne(x, 0)"),
        (bounded(sp.log(sp.log(x))), (x > 1, sp.Implies(x > 1, sp.log(x) > 0)), "x > 0, log(x) > 0"),
        (sp.Le(sp.log(x), y), (sp.Le(sp.log(x), y), x > 0), "x > 0"),
        (sp.Implies(x > 1, sp.Ge(sp.log(x) ** 2 + 1, 1)), (), "x > 0"),
        (sp.Or(x <= 0, sp.Ge(sp.log(x) ** 2 + 1, 1)), (), "x > 0"),
        (sp.And(x >= 1, sp.Ge(sp.log(x) ** 2 + 1, 1)), (x >= 1,), "x > 0"),
        (relation(sp.Ge, sp.Piecewise((sp.sqrt(x), x > 0), (0, True)), 0), (), "x >= 0"),
        (relation(sp.Ge, sp.Piecewise((0, x < 0), (sp.sqrt(x), True)), 0), (), "x >= 0"),
    ],
)
def test_where_the_domain_follows_it_is_proved(conclusion, hypotheses, needed):
    found = certificate(conclusion, hypotheses)
    assert str(found.status) == "proved"
    assert found.detail.endswith(f"; defined, as {needed}")


def test_no_condition_where_every_value_is_defined():
    total = relation(sp.Ge, sp.sqrt(p) + p**-3 + sp.log(1 + v) + p**x + sp.sqrt(v) + x**2 + f(x) + sp.exp(-x), y)
    assert list(conditions(Obligation("total", total, z3_prover))) == []
    complex_number = relation(sp.Eq, sp.I * x, sp.I * x)
    assert [needed for needed, _ in conditions(Obligation("complex", complex_number, z3_prover))] == [sp.false] * 2


@pytest.mark.parametrize(
    ("conclusion", "prover", "without", "with_domain"),
    [
        (equation(lambda: x / x, 1), Identity(), (), (x > 0,)),
        (equation(lambda: sp.sqrt(x) ** 2, lambda: x), Identity(), (), (x >= 0,)),
        (equation(lambda: sp.log(x) - sp.log(x), 0), Identity(), (x > -1,), (x > 1,)),
        (
            sp.Le(Probability(A & B) / Probability(B), 1 / Probability(B)),
            Events(),
            (),
            (Probability(B) > 0,),
        ),
        (sp.Gt(p + 1 / y, 1 / y), Monotone(p, sp.S.Zero, z3_prover, z3_prover), (), (y > 0,)),
        (equation(sp.Limit((1 + x * p) / (p * (1 - y)), p, sp.oo), x / (1 - y)), LimitValue(), (), (y < 0,)),
    ],
)
def test_every_prover_asks_for_the_domain(conclusion, prover, without, with_domain):
    assert str(certificate(conclusion, without, prover).status) == "open"
    assert str(certificate(conclusion, with_domain, prover).status) == "proved"


def test_no_counterexample_where_the_claim_has_no_value():
    """At x = -1 sympy calls `sqrt(x) = y` false for real y, but there is no root."""
    found = certificate(sp.Eq(sp.sqrt(x), y), (sp.Lt(x, 0),))
    assert str(found.status) == "open"
    assert str(certificate(sp.Eq(sp.sqrt(x), y)).status) == "refuted"
