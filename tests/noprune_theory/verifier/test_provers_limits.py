"""Limits are proved by leading terms whose orders the hypotheses settle, and by nothing else."""

from fractions import Fraction
from functools import reduce

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.verifier.notation import LogTwo, equation
from noprune_theory.verifier.obligations import Obligation, Status, decide
from noprune_theory.verifier.provers import LimitValue, limit_value, number_sign
from noprune_theory.verifier.provers import algebra as algebra_module
from noprune_theory.verifier.provers.consistency import approaches, samples
from noprune_theory.verifier.provers.knowledge import Knowledge

x, y = sp.symbols("x y", real=True)
a, b, c, p = sp.symbols("a b c p", positive=True)
v = sp.Symbol("v", nonnegative=True)
n = sp.Symbol("n", negative=True)
k = sp.Symbol("k", integer=True, positive=True)
f = sp.Function("f")
half, oo = sp.S.Half, sp.oo


def certificate(function, end, value, hypotheses=(), side="+", variable=x):
    limit = sp.Limit(function, variable, end, side)
    return decide(Obligation("limit", equation(limit, value), LimitValue(), tuple(hypotheses)))


def status(*arguments, **options):
    return str(certificate(*arguments, **options).status)


TWO_RATES = (a * sp.exp(-a * x) + b * sp.exp(-b * x)) * sp.exp(b * x)


@pytest.mark.parametrize(
    ("hypotheses", "value", "expected"),
    [
        ((), oo, "refuted"),
        ((), b, "refuted"),
        ((a > b,), b, "proved"),
        ((a > b,), oo, "refuted"),
        ((a < b,), oo, "proved"),
        ((a < b,), b, "refuted"),
        # At a = b the limit is 2b.
        ((a <= b,), oo, "refuted"),
        ((a >= b,), b, "refuted"),
        ((a >= b, a <= b), 2 * b, "proved"),
    ],
)
def test_two_exponentials_whose_order_has_to_be_known(hypotheses, value, expected):
    assert status(TWO_RATES, oo, value, hypotheses) == expected


def test_a_limit_is_refuted_where_the_parameters_settle_it():
    found = certificate(TWO_RATES, oo, oo)
    assert (found.status, found.detail[:9]) == (Status.REFUTED, "the limit")
    assert limit_value(TWO_RATES.subs({a: 2, b: 1}), x, oo) == 1


TRUE = [
    # powers, exponentials and logarithms
    ((1 + a * x) / x, oo, a, ()),
    (sp.exp(x) / x**a, oo, oo, ()),
    (x**a * sp.exp(-b * x), oo, 0, ()),
    (sp.log(x) ** a / x**b, oo, 0, ()),
    (sp.log(sp.log(x)) / sp.log(x), oo, 0, ()),
    (sp.exp(sp.exp(x)) / sp.exp(x**5), oo, oo, ()),
    (a * sp.exp(a * x) + b * sp.exp(b * x), oo, oo, ()),  # without an order of a and b
    (a * sp.exp(-a * x) + b * sp.exp(-b * x), oo, 0, ()),
    (v * x + p * sp.exp(x), oo, oo, ()),
    (x ** (a - b), oo, 0, (a < b,)),
    (a**x, oo, 0, (a < 1,)),
    (a**x / b**x, oo, 0, (a < b,)),
    ((2**x + 3**x) ** (1 / x), oo, 3, ()),
    ((a**x + b**x) ** (1 / x), oo, a, (a > b,)),
    # cancellation
    (x * (sp.sqrt(x**2 + 1) - x), oo, half, ()),
    (sp.sqrt(x**2 + a * x) - x, oo, a / 2, ()),
    (sp.exp(x + sp.exp(-x)) - sp.exp(x), oo, 1, ()),
    (sp.sqrt(x + sp.sqrt(x + sp.sqrt(x))) - sp.sqrt(x), oo, half, ()),
    ((sp.exp(x) - 1 - x) / x**2, 0, half, ()),
    ((sp.sin(x) - x) / x**3, 0, -sp.Rational(1, 6), ()),
    ((sp.tan(x) - x) / x**3, 0, sp.Rational(1, 3), ()),
    ((sp.sin(sp.tan(x)) - sp.tan(sp.sin(x))) / x**7, 0, -sp.Rational(1, 30), ()),
    (((1 + x) ** (1 / x) - sp.E) / x, 0, -sp.E / 2, ()),
    # continuous functions of limits
    ((1 + a / x) ** x, oo, sp.exp(a), ()),
    (x**x, 0, 1, ()),
    (x ** (1 / sp.log(x)), 0, sp.E, ()),
    (sp.cos(x) ** (x**-2), 0, sp.exp(-half), ()),
    (sp.log(1 + a * x) / x, 0, a, ()),
    (LogTwo(1 + x) / x, 0, 1 / sp.log(2), ()),
    ((x**a - 1) / (x - 1), 1, a, ()),
    (sp.log(x) / (x - 1), 1, 1, ()),
    (sp.sqrt(x) - sp.sqrt(a), a, 0, ()),
    (sp.atan(x), oo, sp.pi / 2, ()),
    (sp.atan(x), -oo, -sp.pi / 2, ()),
    (sp.tanh(x), -oo, -1, ()),
    (sp.erf(x), oo, 1, ()),
    (sp.erfc(x), -oo, 2, ()),
    (x * sp.exp(x**2) * sp.erfc(x), oo, 1 / sp.sqrt(sp.pi), ()),
    (sp.asinh(x) - sp.log(x), oo, sp.log(2), ()),
    (sp.asinh(x) + sp.log(-x), -oo, -sp.log(2), ()),
    # bounded factors, cases, absolute values
    (sp.sin(x) / x, oo, 0, ()),
    (x * sp.sin(1 / x), 0, 0, ()),
    ((x + sp.sin(x)) / (x - sp.cos(x)), oo, 1, ()),
    (x + sp.sin(x), oo, oo, ()),
    (sp.floor(x) / x, oo, 1, ()),
    (sp.ceiling(a * x) / x, oo, a, ()),
    (sp.sqrt(x**2) / x, -oo, -1, ()),
    (sp.Abs(x - a) / (x - a), -oo, -1, ()),
    (sp.sign(x) * x, -oo, oo, ()),
    (sp.Max(x, x**2) / x**2, oo, 1, ()),
    (sp.Min(a * x, b * x) / x, oo, a, (a < b,)),
    (sp.Piecewise((x, x < 5), (1 / x, True)), oo, 0, ()),
    (sp.Piecewise((2, sp.exp(-a * x) < half), (x, True)), oo, 2, ()),
    # values that are equal only after an argument
    ((x**2 - 1) / (x**2 + 1), oo, sp.sin(y) ** 2 + sp.cos(y) ** 2, ()),
    ((1 + x) / (2 + x), oo, sp.sqrt(3 + 2 * sp.sqrt(2)) - sp.sqrt(2), ()),
    (x / (1 + y**2 * x), oo, 1 / y**2, (y > 0,)),
    ((y - y) * x + 1, oo, 1, ()),
    ((sp.sin(y) ** 2 + sp.cos(y) ** 2 - 1) * x + 1, oo, 1, ()),
]


@pytest.mark.parametrize(("function", "end", "value", "hypotheses"), TRUE, ids=map(str, range(len(TRUE))))
def test_limits_that_hold_are_proved(function, end, value, hypotheses):
    found = certificate(function, sp.sympify(end), sp.sympify(value), hypotheses)
    assert str(found.status) == "proved", found.detail
    assert "balls agree" in found.detail
    wrong = sp.sympify(value)
    wrong = sp.S.Zero if wrong in (oo, -oo) else wrong + sp.Rational(1, 1000)
    assert status(function, sp.sympify(end), wrong, hypotheses) == "refuted"


NOT_SHOWN = [
    # an order or a sign that nothing settles
    (x ** (a - b), oo, 0, ()),
    ((a - b) * x, oo, oo, ()),
    (a**x, oo, 0, ()),
    (v * x, oo, oo, ()),
    (sp.exp(y * x), oo, oo, (y >= 0,)),
    ((x**a + x**b) / x**b, oo, 1, ()),
    ((a * x + 1) / (b * x + 1 + (c - 1) * x**2), oo, 0, ()),
    (sp.log(a + b * x**y), oo, oo, ()),
    (sp.sqrt(x**2 + a * x) - sp.sqrt(x**2 + b * x), oo, 0, ()),
    (sp.Max(x**a, x**b) / x**a, oo, 1, ()),
    (sp.Piecewise((1, x**a < x**b), (0, True)), oo, 1, ()),
    (sp.Abs(a - x * b) / (a - x * c), oo, -1, ()),
    ((c + (1 - c)) * sp.exp(-a * x) * sp.exp(b * x), oo, 0, ()),
    # no limit at all
    (sp.sin(x), oo, 0, ()),
    (sp.sin(1 / x), 0, 0, ()),
    (x * sp.cos(x), oo, oo, ()),
    (x - sp.floor(x), oo, 0, ()),
    (sp.sin(sp.exp(x)) * sp.exp(-x) * sp.exp(x), oo, 0, ()),
    (sp.exp(sp.sin(x)), oo, 1, ()),
    (f(x), oo, 0, ()),
    # no value near the limit
    (sp.log(x) * x, 0, 0, (), "-"),
    (sp.sqrt(x), 0, 0, (), "-"),
    (sp.sqrt(x), 0, 0, (), "+-"),
    ((-x) ** sp.Rational(1, 3), oo, -oo, ()),
    (sp.log(-x) / x, oo, 0, ()),
    (x**x, -oo, 0, ()),
    (sp.log(sp.sin(x) / x), oo, -oo, ()),
    # a parameter without a value
    (x / (x * (1 - y)), oo, 1 / (1 - y), ()),
    (sp.sqrt(y) + 1 / x, oo, sp.sqrt(y), ()),
    (sp.log(y) / x, oo, 0, ()),
    # contradictory hypotheses
    (1 / x, oo, 0, (a < b, b < a)),
]


@pytest.mark.parametrize("case", NOT_SHOWN, ids=map(str, range(len(NOT_SHOWN))))
def test_limits_that_nothing_settles_are_not_proved(case):
    function, end, value, hypotheses, *side = case
    found = certificate(function, sp.sympify(end), sp.sympify(value), hypotheses, *side)
    assert found.status is not Status.PROVED, found.detail


@pytest.mark.parametrize(
    ("function", "side", "value", "expected"),
    [
        (sp.Abs(x) / x, "+", 1, "proved"),
        (sp.Abs(x) / x, "-", -1, "proved"),
        (sp.Abs(x) / x, "+-", 1, "open"),
        (1 / x, "+", oo, "proved"),
        (1 / x, "-", oo, "refuted"),
        (1 / x, "+-", oo, "open"),
        (1 / x, "+-", sp.zoo, "open"),
        (1 / x**2, "+-", oo, "proved"),
        (sp.sin(x) / x, "+-", 1, "proved"),
        (sp.exp(-1 / x), "+-", 0, "open"),
        (sp.exp(-1 / x**2) / x**10, "+-", 0, "proved"),
        (sp.sign(x), "+-", 0, "open"),
        (sp.floor(x), "+", 0, "open"),
    ],
)
def test_both_sides_count(function, side, value, expected):
    assert status(function, sp.S.Zero, sp.sympify(value), side=side) == expected


@pytest.mark.parametrize(
    ("variable", "end", "side"),
    [
        (p, sp.S.Zero, "-"),
        (p, -oo, "+"),
        (p, sp.Integer(-1), "+"),
        (v, sp.S.Zero, "-"),
        (n, sp.S.Zero, "+"),
        (n, oo, "-"),
        (n, sp.S.One, "-"),
        (k, sp.S.One, "+"),
    ],
)
def test_a_variable_cannot_approach_what_its_assumptions_exclude(variable, end, side):
    """sympy simplifies by the assumptions: sqrt(p²) is p, and its limit at minus infinity would be a falsehood."""
    constant = sp.Abs(variable) / variable + 1 / (variable**2 + 1)
    assert status(constant, end, sp.sympify(1), side=side, variable=variable) == "open"


def test_a_hypothesis_on_the_variable_is_none_on_the_limit():
    """The variable of a limit is bound; another one of its name has the hypotheses."""
    assert status(1 / x, oo, sp.S.Zero, (x > 2,)) == "proved"
    assert status(x ** (a - b), oo, sp.S.Zero, (x > 2, a < b)) == "proved"
    assert status(x ** (a - b), oo, sp.S.Zero, (x > 2,)) == "refuted"
    assert status(1 / x, oo, x, (x >= 0, x <= 0)) == "open"
    assert status((a - b) * x + sp.sin(x), oo, oo, (sp.Eq(a, b),)) != "proved"
    assert status(1 / ((a - b) * x + 1 / x), oo, sp.S.Zero, (sp.Eq(a, b),)) != "proved"


def test_a_variable_that_is_whole_or_positive_tends_to_infinity():
    assert status(1 / k, oo, sp.S.Zero, variable=k) == "proved"
    assert status(1 / p, oo, sp.S.Zero, variable=p) == "proved"
    assert status(p * sp.log(p), sp.S.Zero, sp.S.Zero, variable=p) == "proved"
    assert status(1 / (p - a), a, oo, variable=p) == "proved"


def test_the_certificate_can_be_repeated():
    found = certificate((y * x - 1) ** 2 / (x * (2 * (2 - y) * x - 2)), oo, y**2 / (2 * (2 - y)), (y > 0, y < 1))
    assert str(found.status) == "proved"
    assert "for t = x → ∞" in found.detail
    assert "as 4 - 2*y > 0" in found.detail
    assert "defined, as" in found.detail
    assert "balls agree at" in found.detail


def test_balls_have_to_agree(monkeypatch):
    """A limit that the leading terms got wrong is not proved: what is computed close to it speaks against it."""
    right = algebra_module._limit_of

    def wrong(limit, knowledge):
        found = right(limit, knowledge)
        return type(found)(found.value + sp.Rational(1, 10**6), found.germ)

    monkeypatch.setattr(algebra_module, "_limit_of", wrong)
    found = certificate(sp.sin(x) / x + 7, sp.S.Zero, 8 + sp.Rational(1, 10**6))
    assert found.detail == "balls do not approach 8000001/1000000"
    assert str(found.status) == "open"


@pytest.mark.parametrize(
    ("function", "claimed", "consistent"),
    [
        (1 / sp.log(sp.log(x)), 0, True),
        (sp.log(sp.log(sp.log(x))), oo, True),
        (1 + 1 / sp.log(x), 1, True),
        (1 + 1 / sp.log(x), 2, False),
        (1 - 1 / x, oo, False),
        (1 - 1 / sp.log(x), oo, False),
        (x, -oo, False),
        (-x, -oo, True),
        (-x, oo, False),
        (sp.exp(-x) * x**50, 0, True),
        (x, 1, False),
        (x * (sp.sqrt(x**2 + 1) - x), half, True),
        (x * (sp.sqrt(x**2 + 1) - x), half + sp.Rational(1, 10**9), False),
        (sp.S.One * 3 + 0 * x, 3, True),
        (sp.log(-x), 0, False),
        (f(x), 0, False),
    ],
)
def test_what_balls_say_of_a_limit(function, claimed, consistent):
    assert approaches(sp.sympify(function), x, oo, "", sp.sympify(claimed), {}) is consistent


def test_samples_meet_the_hypotheses():
    for point in samples((a < b, a + b < 1), (a, b)):
        assert point[a] < point[b]
        assert point[a] + point[b] < 1
    # Far from every test point, z3 chooses.
    (point,) = samples((sp.Gt(a, 1000), sp.Lt(a, 1001)), (a,))
    assert 1000 < point[a] < 1001
    assert samples((a < b, b < a), (a, b)) == []


def test_a_limit_needs_a_sample_of_its_parameters():
    """Only the square root of two meets the hypothesis, which no rational number does."""
    found = certificate(a / x, oo, sp.S.Zero, (sp.Eq(a**2, 2),))
    assert str(found.status) == "open"
    assert "no values of the parameters" in found.detail


def test_limits_and_signs_for_the_statements():
    assert limit_value(sp.log(p + 1) / p, p, oo) == 0
    with pytest.raises(ValueError, match="no limit of sin"):
        limit_value(sp.sin(x), x, oo)
    assert [number_sign(s) for s in (sp.sqrt(2) - 1, 1 - sp.log(3), sp.log(8) - 3 * sp.log(2))] == [1, -1, 0]
    with pytest.raises(ValueError, match="is not decided"):
        number_sign(x)
    with pytest.raises(ValueError, match="is not decided"):
        number_sign(sp.cos(sp.pi / 7) - sp.cos(2 * sp.pi / 7) + sp.cos(3 * sp.pi / 7) - half)


# --- a second program: sums of c exp(g x) x^a log(x)^b, whose order is that of (g, a, b) ------------------------------

exponents = st.tuples(*[st.sampled_from([Fraction(i, 2) for i in range(-3, 4)])] * 3)
terms = st.tuples(st.integers(-3, 3).filter(bool).map(Fraction), exponents)


def expression(found):
    def one(coefficient, rates):
        g, e, d = (sp.Rational(r.numerator, r.denominator) for r in rates)
        return sp.Rational(coefficient.numerator, coefficient.denominator) * sp.exp(g * x) * x**e * sp.log(x) ** d

    return reduce(lambda u, w: u + w, (one(*t) for t in found))


def collected(found):
    total = {}
    for coefficient, rates in found:
        total[rates] = total.get(rates, 0) + coefficient
    return {rates: value for rates, value in total.items() if value}


def oracle(numerator, denominator):
    """Limit of the quotient by the largest exponents: infinite, zero or the quotient of two coefficients."""
    if not numerator:
        return sp.S.Zero
    (above, c), (below, d) = (max(part.items()) for part in (numerator, denominator))
    order = tuple(s - t for s, t in zip(above, below, strict=True))
    quotient = c / d
    if order == (0, 0, 0):
        return sp.Rational(quotient.numerator, quotient.denominator)
    return sp.S.Zero if order < (0, 0, 0) else oo * sp.sign(sp.Integer(quotient.numerator))


@settings(max_examples=40, deadline=None)
@given(st.lists(terms, min_size=1, max_size=4), st.lists(terms, min_size=1, max_size=3))
def test_quotients_of_sums_against_exact_orders(numerator, denominator):
    above, below = collected(numerator), collected(denominator)
    if not below:
        return
    assert limit_value(expression(numerator) / expression(denominator), x, oo) == oracle(above, below)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([a, b, c, a + b]), st.tuples(*[st.integers(-2, 2)] * 3)), min_size=1, max_size=3
    ),
    st.permutations([a, b, c]),
    st.sampled_from([sp.S.Zero, oo]),
)
def test_what_is_proved_with_parameters_holds_for_each(found, order, claimed):
    """Rates are integer combinations of a, b, c in a stated order; a proved limit is the one at every sample."""
    function = sum(
        (g * sp.exp((i * a + j * b + m * c) * x) for g, (i, j, m) in found),
        sp.S.Zero,
    )
    hypotheses = (sp.Lt(order[0], order[1]), sp.Lt(order[1], order[2]))
    if x not in function.free_symbols:
        return
    answer = status(function, oo, claimed, hypotheses)
    for values in ((1, 2, 4), (1, 10, 11), (sp.Rational(1, 2), sp.Rational(3, 5), 7)):
        point = dict(zip(order, map(sp.sympify, values), strict=True))
        largest = max((i * point[a] + j * point[b] + m * point[c] for _, (i, j, m) in found))
        limit = oo if largest > 0 else sp.S.Zero if largest < 0 else None
        if answer == "proved":
            assert limit == claimed


def test_long_expansions_are_given_up():
    tangle = (x ** (b - c) + sp.exp(-a * x)) / (a * (1 + (a - b) / x) ** x + sp.exp(-2 * a * x)) ** y
    with pytest.raises(ValueError, match=r"too many terms|too long"):
        limit_value(tangle**y, x, oo)


def test_signs_that_decide_an_order_are_named():
    knowledge = Knowledge((a < b,))
    assert knowledge.sign(a - b) == -1
    assert knowledge.sign(sp.log(b) - sp.log(a)) == 1
    assert knowledge.sign(sp.exp(a) - sp.exp(b)) == -1
    assert knowledge.sign(b - 2 * a) is None
    assert knowledge.sign(a - a + 0 * b) == 0
    assert [str(relation) for relation in knowledge.used] == ["a - b < 0", "-a + b > 0"]
