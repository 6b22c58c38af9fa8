"""Ranges, poles, jumps and side conditions: what a prover must not prove, and must not refute."""

import pytest
import sympy as sp

from noprune_theory.verifier.notation import Entropy, equation
from noprune_theory.verifier.obligations import Obligation, decide
from noprune_theory.verifier.provers import Balls, LimitValue, Monotone, Refutation, Shannon
from noprune_theory.verifier.provers.algebra import Sign
from noprune_theory.verifier.provers.refutation import decide as decide_by_z3

x, y = sp.symbols("x y", real=True)
v = sp.Symbol("v", nonnegative=True)
n = sp.Symbol("n", integer=True)
a = sp.Symbol("a", positive=True)
X, f = sp.Symbol("X"), sp.Function("f")
z3_prover = Refutation()


def status(conclusion, prover, hypotheses=()):
    return str(decide(Obligation("name", conclusion, prover, tuple(hypotheses))).status)


@pytest.mark.parametrize(
    ("conclusion", "variable", "end", "hypotheses"),
    [
        (sp.Ge(x**2 - 2 * x, 0), x, 0, (x >= 0, x >= 1)),
        (sp.Ge(v**2 - 2 * v, 0), v, 0, (v >= 1,)),
        (sp.Ge(v**2 - v, 0), v, -1, (sp.Ge(v, -1, evaluate=False),)),
        (sp.Ge((x - 10) / (1 + (x - 10) ** 2), 0), x, sp.oo, (x <= 5,)),
        (sp.Ge(n**2 - n, 0), n, 1, (n >= 1,)),
    ],
)
def test_the_end_belongs_to_the_range(conclusion, variable, end, hypotheses):
    with pytest.raises(ValueError, match="is not one end of the range"):
        status(conclusion, Monotone(variable, sp.sympify(end), z3_prover), hypotheses)


@pytest.mark.parametrize(
    ("function", "end", "then", "hypotheses"),
    [
        (sp.atan(1 / (1 - x)), 0, z3_prover, (x >= 0,)),
        (1 / (1 - x), 0, z3_prover, (x >= 0,)),
        (sp.Piecewise((1, x < 1), (-1, True)), 0, Sign(), (x >= 0,)),
        (1 - sp.floor(x), 0, Sign(), (x >= 0,)),
        (-sp.sign(x - 1), 0, Sign(), (x >= 0,)),
        (sp.log(x - 1) - sp.log(2 * x - 2) + 1, sp.oo, Sign(), ()),
    ],
)
def test_poles_jumps_and_logarithms_outside_their_domain(function, end, then, hypotheses):
    assert status(sp.Ge(function, 0), Monotone(x, sp.sympify(end), then), hypotheses) != "proved"


def test_quotients_and_logarithms_inside_their_domain():
    assert status(sp.Ge(sp.log(x - 1), 0), Monotone(x, sp.Integer(2), z3_prover), (x >= 2,)) == "proved"
    assert status(sp.Le(1 / (x - 1), 1), Monotone(x, sp.Integer(2), z3_prover), (x >= 2,)) == "proved"


def test_no_mean_value_theorem_where_the_function_is_undefined():
    box = (x >= -1, x <= 2)
    assert status(sp.Gt((x**3) ** sp.Rational(1, 3) / x, 0), Balls(max_boxes=500), box) == "open"


def test_a_box_is_refuted_at_a_point_of_all_hypotheses():
    unit = (x >= 0, x <= 1, y >= 0, y <= 1)
    true = sp.Gt(y - x, -sp.Rational(1, 2))
    assert status(true, Balls(), (*unit, sp.Lt(x, y))) == "open"
    assert status(true, Balls(), unit) == "refuted"
    assert status(sp.Ge((n - sp.S.Half) ** 2, sp.Rational(1, 5)), Balls(), (n >= 0, n <= 1)) == "open"


def test_symbols_of_one_name_stay_apart():
    positive = sp.Symbol("x", positive=True)
    assert status(sp.Gt(x, 0), z3_prover, (sp.Gt(positive, 1),)) == "refuted"
    assert status(sp.Or(sp.Symbol("A"), sp.Not(sp.Symbol("A", positive=True))), z3_prover) != "proved"
    named = (Entropy(sp.Symbol("W")), Entropy(sp.Dummy("W")))
    assert status(equation(*named), Shannon()) == "refuted"
    with pytest.raises(ValueError, match="have the same name"):
        status(equation(Entropy(X), Entropy(sp.Symbol("X", real=True))), Shannon())


def test_nothing_is_proved_from_hypotheses_not_shown_consistent():
    t = sp.Symbol("t", real=True)
    assert status(sp.Ge(t**2, 0, evaluate=False), Refutation(effort=1), (sp.Ge(t, 0),)) == "open"
    assert decide_by_z3([], True, 1)[0].status != "refuted"


def test_functions_of_variables_have_another_entropy():
    with pytest.raises(ValueError, match="random variables or tuples of them"):
        status(sp.Ge(Entropy(f(X)), Entropy(X)), Shannon())
    assert status(sp.Ge(Entropy(sp.Tuple(X, sp.Symbol("Y"))), Entropy(X)), Shannon()) == "proved"


def test_limits_are_refuted_only_by_a_difference():
    seventh = sp.cos(sp.pi / 7) - sp.cos(2 * sp.pi / 7) + sp.cos(3 * sp.pi / 7)
    limit = sp.Limit(x + seventh, x, 0)
    assert status(equation(limit, sp.S.Half), LimitValue()) != "refuted"
    assert status(equation(limit, sp.Rational(1, 3)), LimitValue()) == "refuted"
    assert status(equation(sp.Limit(a**x, x, sp.oo), 0), LimitValue(), (a < 1,)) != "refuted"
    assert status(equation(sp.Limit(1 / x, x, 0), 1), LimitValue()) == "refuted"
    below = decide(Obligation("name", equation(sp.Limit(1 / x, x, 0, "-"), -sp.oo), LimitValue()))
    assert str(below.status) == "proved"
    assert below.detail == "the limit from below is -oo; -t for t = -1/x → ∞; balls agree at 1 points"
