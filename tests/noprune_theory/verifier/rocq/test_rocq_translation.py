"""The text of exported goals, without Rocq: conventions, definedness, digests, what has no counterpart."""

from __future__ import annotations

import pytest
import sympy as sp

from noprune_theory.verifier.notation import Entropy, LogTwo, MutualInformation, Probability, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Events, Identity, LimitValue, Refutation, Shannon
from noprune_theory.verifier.rocq import UntranslatableError, export, obligation_digest
from noprune_theory.verifier.rocq.goals import definedness_goal
from noprune_theory.verifier.rocq.translate import Translator, opposite

x, y = sp.symbols("x y", positive=True)
u, v = sp.symbols("u v", real=True)


def term(expression: sp.Expr) -> str:
    return Translator().term(expression)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (sp.Rational(-3, 7), "(- 3 / 7)"),
        (sp.Integer(-2), "(- 2)"),
        (sp.Mul(sp.Rational(2, 3), u, evaluate=False), "((2 / 3) * v_u)"),
        (sp.Add(u, -v, evaluate=False), "(v_u - v_v)"),
        (u**2, "(v_u ^ 2)"),
        (x**-3, "(/ (v_x ^ 3))"),
        (u / x, "(v_u / v_x)"),
        (sp.sqrt(x), "(sqrt v_x)"),
        (x ** sp.Rational(-3, 2), "(/ ((sqrt v_x) ^ 3))"),
        (x**y, "(Rpower v_x v_y)"),
        (sp.exp(-u), "(exp (- v_u))"),
        (LogTwo(x), "(ln v_x / ln 2)"),
        (sp.Max(u, v), "(Rmax v_u v_v)"),
        (sp.Piecewise((u, u < v), (0, True)), "(if Rlt_dec v_u v_v then v_u else 0)"),
        (sp.Piecewise((u, u >= v), (0, True)), "(if Rle_dec v_v v_u then v_u else 0)"),
        (sp.erfc(u), "(1 - erf v_u)"),
        (sp.Derivative(sp.Function("M")(u), u), "(Derive v_M v_u)"),
        (
            sp.Derivative(u**3, (u, 2)),
            "(Derive (fun v_u : R => (Derive (fun v_u : R => (v_u ^ 3)) v_u)) v_u)",
        ),
    ],
)
def test_terms(expression: sp.Expr, text: str) -> None:
    assert term(expression) == text


def test_names_are_unique_identifiers() -> None:
    translator = Translator()
    symbols = [sp.Symbol("a'"), sp.Symbol("a_prime"), sp.Symbol("σ"), sp.Symbol("sigma"), sp.Symbol("||m||_1")]
    names = [translator.name(s) for s in symbols]
    assert names == ["v_a_prime", "v_a_prime_1", "v_sigma", "v_sigma_1", "v_m_1"]
    assert [translator.name(s) for s in symbols] == names
    same = [sp.Symbol("t", real=True), sp.Symbol("t", positive=True)]
    assert translator.name(same[0]) != translator.name(same[1])


def test_opposite_takes_the_leading_number_only() -> None:
    assert opposite(-2 * u) == sp.Mul(2, u, evaluate=False)
    assert opposite(sp.Integer(-3)) == 3
    assert opposite(u) is None


@pytest.mark.parametrize(
    "expression",
    [
        *(sp.gamma(x), sp.floor(u), sp.zoo, sp.I, sp.oo, sp.Integral(u, (u, 0, 1))),
        *(sp.Derivative(u**4, (u, 3)), sp.Derivative(u * v, u, v)),
    ],
)
def test_what_has_no_counterpart_says_so(expression: sp.Expr) -> None:
    with pytest.raises(UntranslatableError, match="counterpart"):
        term(expression)


def test_a_case_that_is_no_inequality_is_refused() -> None:
    with pytest.raises(UntranslatableError, match="inequality"):
        term(sp.Piecewise((u, sp.Eq(u, v)), (0, True)))
    with pytest.raises(UntranslatableError, match="last case"):
        term(sp.Piecewise((u, u < 0)))


def test_a_relation_between_propositions_is_refused() -> None:
    with pytest.raises(UntranslatableError, match="between propositions"):
        Translator().proposition(sp.Eq(u < v, v < 0, evaluate=False))


def test_domains_become_premises() -> None:
    n = sp.Symbol("n", positive=True, integer=True)
    stated = export(Obligation("", n * u >= -n, Refutation(), (u >= -1,))).statement
    assert stated.binders == ("(v_n : R)", "(v_u : R)")
    assert stated.premises == ("exists z : Z, v_n = IZR z", "0 < v_n", "v_u >= (- 1)")


@pytest.mark.parametrize("assumption", [{"prime": True}, {"even": True}, {"rational": False}, {"integer": False}])
def test_domains_that_are_not_known_are_refused(assumption: dict[str, bool]) -> None:
    odd = sp.Symbol("k", real=True, **assumption)
    with pytest.raises(UntranslatableError, match="k is assumed"):
        export(Obligation("", sp.Ge(odd, 5), Refutation()))


def test_definedness_is_a_goal_of_its_own() -> None:
    obligation = Obligation("", sp.log(u) / (u - v) >= 0, Balls(), (u > v,))
    goal = definedness_goal(obligation, Translator())
    assert goal is not None
    assert "v_u > 0" in goal.conclusion
    assert "<> 0" in goal.conclusion
    assert goal.premises == ()  # what a condition may be derived from stands before it, not in front of all
    assert goal.conclusion.count("(v_u > v_v) ->") == 2


def test_nothing_partial_needs_no_definedness() -> None:
    assert export(Obligation("", u**2 >= 0, Refutation())).defined is None
    assert export(Obligation("", sp.log(x) / y <= x / y, Refutation())).defined is None


def test_rpower_needs_a_positive_base_even_where_our_power_of_zero_is_defined() -> None:
    base = sp.Symbol("b", nonnegative=True)
    obligation = Obligation("", base ** sp.Rational(1, 3) <= 2, Refutation())
    translator = Translator()
    exported = export(obligation)
    assert exported.defined is not None
    assert exported.defined.conclusion == f"{translator.name(base)} > 0"


def test_a_part_without_any_value_is_refused() -> None:
    with pytest.raises(UntranslatableError):
        export(Obligation("", sp.Ge(sp.gamma(u), 0, evaluate=False), Refutation()))


def test_limits() -> None:
    obligation = Obligation("", sp.Eq(sp.Limit(sp.log(1 + u) / u, u, 0, "+"), 1, evaluate=False), LimitValue())
    exported = export(obligation)
    assert exported.statement.conclusion == (
        "filterlim (fun v_u : R => ((ln (1 + v_u)) / v_u)) (at_right 0) (locally 1)"
    )
    assert exported.defined is not None
    assert exported.defined.conclusion.startswith("(at_right 0) (fun ")
    infinite = equation(lambda: sp.Limit(x, x, sp.oo, "-"), lambda: sp.oo)
    assert export(Obligation("", infinite, LimitValue())).statement.conclusion.endswith(
        "(Rbar_locally p_infty) (Rbar_locally p_infty)"
    )


def test_a_hypothesis_about_the_variable_of_a_limit_is_refused() -> None:
    obligation = Obligation("", sp.Eq(sp.Limit(u, u, 0, "+"), 0, evaluate=False), LimitValue(), (u > 1,))
    with pytest.raises(UntranslatableError, match="variable of a limit"):
        export(obligation)


def test_unknown_functions_under_a_derivative_are_differentiable_by_a_premise() -> None:
    function = sp.Function("M")
    derivative = sp.Derivative(function(u) ** 2, u)
    obligation = Obligation("", sp.Eq(derivative, 2 * function(u) * sp.Derivative(function(u), u)), Identity())
    exported = export(obligation)
    assert "forall x : R, ex_derive v_M x" in exported.statement.premises
    assert exported.defined is not None
    assert "ex_derive (fun v_u : R =>" in exported.defined.conclusion


def test_events_are_boolean_functions() -> None:
    a, b = sp.symbols("A B")
    claim = Probability(a) <= Probability(b)
    exported = export(Obligation("", claim, Events(), (sp.Implies(a, b),)))
    assert exported.statement.premises == ("probability P", "forall w, (implb (v_A w) (v_B w)) = true")
    assert exported.statement.conclusion == "(P (fun w => (v_A w))) <= (P (fun w => (v_B w)))"


def test_entropies_are_joint_entropies_with_the_elemental_inequalities() -> None:
    a, b = sp.symbols("A B")
    exported = export(Obligation("", MutualInformation(a, b) <= Entropy(a), Shannon()))
    assert exported.statement.binders == ("(h_A : R)", "(h_B : R)", "(h_A_B : R)")
    assert exported.statement.conclusion == "(h_A + h_B - h_A_B - 0) <= (h_A - 0)"
    assert "0 <= h_A + h_B - h_A_B - 0" in exported.statement.premises


def test_entropy_of_a_function_is_refused() -> None:
    a = sp.Symbol("A")
    with pytest.raises(UntranslatableError, match="entropy of a function"):
        export(Obligation("", Entropy(sp.Function("f")(a)) <= 1, Shannon()))


def test_the_digest_changes_with_the_mathematics_and_not_with_the_name() -> None:
    one = Obligation("a name", u <= v, Refutation(), (v >= 0,))
    assert obligation_digest(one) == obligation_digest(Obligation("another", u <= v, Refutation(), (v >= 0,)))
    altered = [
        Obligation("a name", u < v, Refutation(), (v >= 0,)),
        Obligation("a name", u <= v, Refutation(), (v > 0,)),
        Obligation("a name", u <= v, Refutation()),
        Obligation("a name", u <= 2 * v, Refutation(), (v >= 0,)),
        Obligation("a name", u <= x, Refutation(), (x >= 0,)),
    ]
    assert len({obligation_digest(o) for o in (one, *altered)}) == len(altered) + 1
