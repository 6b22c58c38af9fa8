"""Identities are proved by exact arithmetic on a normal form; sympy's word for it counts nothing."""

import math

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy.core.cache import clear_cache

from noprune_theory.verifier.notation import LogTwo, equation
from noprune_theory.verifier.obligations import Obligation, Status, decide, instance, unmet_assumption
from noprune_theory.verifier.provers import Identity, Monotone, Refutation
from noprune_theory.verifier.provers.algebra import Sign
from noprune_theory.verifier.provers.derivatives import derivative
from noprune_theory.verifier.provers.knowledge import Knowledge
from noprune_theory.verifier.signs import ANY, NONNEGATIVE, POSITIVE, signs

x, y, z = sp.symbols("x y z", real=True)
p, q = sp.symbols("p q", positive=True)
v = sp.Symbol("v", nonnegative=True)
n = sp.Symbol("n", negative=True)
w = sp.Symbol("w", real=True, nonzero=True)
k = sp.Symbol("k", integer=True)
c = sp.Symbol("c")
f = sp.Function("f")
third = sp.Rational(1, 3)


def certificate(left, right, hypotheses=(), prover=None):
    return decide(Obligation("identity", equation(left, right), prover or Identity(), tuple(hypotheses)))


TRUE = [
    (lambda: (x + 1) ** 3, lambda: x**3 + 3 * x**2 + 3 * x + 1, ()),
    (lambda: 1 / (p * (p + 1)), lambda: 1 / p - 1 / (p + 1), ()),
    (lambda: (x**2 - 1) / (x - 1), lambda: x + 1, (x > 1,)),
    (lambda: 1 / (1 + 1 / p), lambda: p / (p + 1), ()),
    # roots
    (lambda: sp.sqrt(x**2), lambda: sp.Abs(x), ()),
    (lambda: sp.sqrt(x**2), lambda: x, (x >= 0,)),
    (lambda: sp.sqrt(x**2), lambda: -x, (x <= 0,)),
    (lambda: sp.sqrt(n**2), lambda: -n, ()),
    (lambda: sp.sqrt(x**2 * p), lambda: sp.Abs(x) * sp.sqrt(p), ()),
    (lambda: sp.sqrt(x * y), lambda: sp.sqrt(x) * sp.sqrt(y), (x > 0, y > 0)),
    (lambda: sp.sqrt(x * y), lambda: sp.sqrt(-x) * sp.sqrt(-y), (x < 0, y < 0)),
    (lambda: sp.sqrt((x - y) ** 2), lambda: x - y, (x >= y,)),
    (lambda: sp.sqrt(x) ** 2, lambda: x, (x >= 0,)),
    (lambda: (x**3) ** third, lambda: x, (x >= 0,)),
    (lambda: sp.sqrt(1 - x**2), lambda: sp.sqrt(1 - x) * sp.sqrt(1 + x), (x > -1, x < 1)),
    (lambda: sp.sqrt(v**2 + 2 * v + 1), lambda: v + 1, ()),
    (lambda: sp.sqrt(5 + 2 * sp.sqrt(6)), lambda: sp.sqrt(2) + sp.sqrt(3), ()),
    (lambda: 1 / (sp.sqrt(3) - sp.sqrt(2)), lambda: sp.sqrt(3) + sp.sqrt(2), ()),
    (lambda: sp.Abs(x * y), lambda: sp.Abs(x) * sp.Abs(y), ()),
    # logarithms, exponentials and powers
    (lambda: sp.log(x * y), lambda: sp.log(x) + sp.log(y), (x > 0, y > 0)),
    (lambda: sp.log(x * y), lambda: sp.log(-x) + sp.log(-y), (x < 0, y < 0)),
    (lambda: sp.log(x**2), lambda: 2 * sp.log(x), (x > 0,)),
    (lambda: sp.log(x**2), lambda: 2 * sp.log(-x), (x < 0,)),
    (lambda: sp.log(w**4), lambda: 2 * sp.log(w**2), ()),
    (lambda: sp.log(sp.exp(x)), lambda: x, ()),
    (lambda: sp.exp(x + y), lambda: sp.exp(x) * sp.exp(y), ()),
    (lambda: sp.exp(y * sp.log(p)), lambda: p**y, ()),
    (lambda: p**x * q**x, lambda: (p * q) ** x, ()),
    (lambda: 2 ** (x + 3), lambda: 8 * 2**x, ()),
    (lambda: LogTwo(p**3), lambda: 3 * sp.log(p) / sp.log(2), ()),
    (lambda: sp.log(1 - p**2), lambda: sp.log(1 - p) + sp.log(1 + p), (p < 1,)),
    (lambda: sp.exp(x / (1 + x) + 1 / (1 + x)), lambda: sp.E, (x > 0,)),
    # circular and hyperbolic functions
    (lambda: sp.sin(x + y), lambda: sp.sin(x) * sp.cos(y) + sp.cos(x) * sp.sin(y), ()),
    (lambda: sp.cos(3 * x), lambda: 4 * sp.cos(x) ** 3 - 3 * sp.cos(x), ()),
    (lambda: sp.cos(sp.pi * x + sp.pi), lambda: -sp.cos(sp.pi * x), ()),
    (lambda: sp.cosh(x) ** 2 - sp.sinh(x) ** 2, lambda: 1, ()),
    (lambda: sp.tanh(x), lambda: (1 - sp.exp(-2 * x)) / (1 + sp.exp(-2 * x)), ()),
    (lambda: sp.erfc(-x), lambda: 1 + sp.erf(x), ()),
    # derivatives
    (lambda: sp.Derivative(sp.log(1 + x**2), x), lambda: 2 * x / (1 + x**2), ()),
    (lambda: sp.Derivative(x**p, x), lambda: p * x ** (p - 1), (x > 0,)),
    (lambda: sp.Derivative(p**x, x), lambda: p**x * sp.log(p), ()),
    (lambda: sp.Derivative(f(x) ** 2, x), lambda: 2 * f(x) * sp.Derivative(f(x), x), ()),
    # by cases, which z3 distinguishes
    (lambda: sp.Max(x, y) + sp.Min(x, y), lambda: x + y, ()),
    (lambda: sp.Max(x, -x), lambda: sp.Abs(x), ()),
    (lambda: sp.Piecewise((x, x > 0), (-x, True)), lambda: sp.Abs(x), ()),
    (lambda: x, lambda: 1, (sp.Eq(2 * x, 2),)),
]


@pytest.mark.parametrize(("left", "right", "hypotheses"), TRUE, ids=map(str, range(len(TRUE))))
def test_identities_that_hold_are_proved(left, right, hypotheses):
    found = certificate(left, right, hypotheses)
    assert str(found.status) == "proved", found.detail


FALSE = [
    (lambda: sp.sqrt(x**2), lambda: x, ()),
    (lambda: sp.sqrt(x**2), lambda: x, (x >= -1,)),
    (lambda: sp.sqrt(n**2), lambda: n, ()),
    (lambda: sp.sqrt((x - 1) ** 2), lambda: x - 1, (x > 0,)),
    (lambda: (x**3) ** third, lambda: x, ()),
    (lambda: (x**2) ** third, lambda: x ** (2 * third), ()),
    (lambda: sp.sqrt(x) ** 2, lambda: x, ()),
    (lambda: sp.sqrt(x * y), lambda: sp.sqrt(x) * sp.sqrt(y), ()),
    (lambda: sp.sqrt(x * y), lambda: sp.sqrt(x) * sp.sqrt(y), (x * y >= 0,)),
    (lambda: sp.sqrt(1 - sp.sin(x) ** 2), lambda: sp.cos(x), ()),
    (lambda: sp.sqrt(x**2 + y**2), lambda: x + y, (x >= 0, y >= 0)),
    (lambda: sp.sqrt(5 + 2 * sp.sqrt(6)), lambda: sp.sqrt(2) - sp.sqrt(3), ()),
    (lambda: sp.sqrt(c**2), lambda: c, ()),
    (lambda: sp.log(x * y), lambda: sp.log(x) + sp.log(y), ()),
    (lambda: sp.log(x * y), lambda: sp.log(x) + sp.log(y), (x * y > 0,)),
    (lambda: sp.log(x**2), lambda: 2 * sp.log(x), ()),
    (lambda: sp.log(x**2), lambda: 2 * sp.log(x), (x > -1,)),
    (lambda: sp.log(c * y), lambda: sp.log(c) + sp.log(y), ()),
    (lambda: sp.exp(sp.log(x)), lambda: x, ()),
    (lambda: (x**y) ** z, lambda: x ** (y * z), ()),
    (lambda: (x * y) ** z, lambda: x**z * y**z, ()),
    (lambda: (-1) ** x, lambda: 1, ()),
    (lambda: sp.exp(x) * sp.exp(y), lambda: sp.exp(x * y), ()),
    (lambda: sp.atan(sp.tan(x)), lambda: x, ()),
    (lambda: sp.asin(sp.sin(x)), lambda: x, ()),
    (lambda: sp.acos(sp.cos(x)), lambda: x, ()),
    (lambda: sp.atan(x) + sp.atan(1 / x), lambda: sp.pi / 2, ()),
    (lambda: sp.cos(sp.pi * x), lambda: 1, ()),
    (lambda: sp.sin(sp.pi * x), lambda: 0, ()),
    (lambda: sp.Abs(x), lambda: x, ()),
    (lambda: sp.Abs(x + y), lambda: sp.Abs(x) + sp.Abs(y), ()),
    (lambda: sp.Max(x, y), lambda: x, ()),
    (lambda: sp.floor(x), lambda: x, ()),
    (lambda: sp.floor(x + y), lambda: sp.floor(x) + sp.floor(y), ()),
    (lambda: sp.sign(x), lambda: 1, (x >= 0,)),
    (lambda: sp.Piecewise((1, x > 0), (0, True)), lambda: 1, (x >= 0,)),
    # without a value somewhere
    (lambda: x / x, lambda: 1, ()),
    (lambda: (x**2 - 1) / (x - 1), lambda: x + 1, ()),
    (lambda: 1 / x - 1 / x, lambda: 0, ()),
    (lambda: 0 * sp.log(x), lambda: 0, (x >= 0,)),
    (lambda: x**0 * (1 / x), lambda: 1 / x, ()),
    (lambda: sp.log(x) - sp.log(x), lambda: 0, ()),
    (lambda: sp.tan(x) * sp.cos(x), lambda: sp.sin(x), ()),
    (lambda: sp.Pow(0, v), lambda: 0, ()),
    (lambda: sp.Pow(x, 0) * sp.Pow(0, v), lambda: 0, ()),
    (lambda: sp.asin(x) + sp.acos(x), lambda: sp.pi / 2, ()),
    # derivatives at corners, and of what has none
    (lambda: sp.Derivative(sp.Abs(x), x), lambda: 1, (x >= 0,)),
    (lambda: sp.Derivative(sp.Abs(x), x), lambda: sp.sign(x), ()),
    (lambda: sp.Derivative(sp.sqrt(x), x), lambda: 1 / (2 * sp.sqrt(x)), (x >= 0,)),
    (lambda: sp.Derivative(sp.log(x), x), lambda: 1 / x, ()),
    (lambda: sp.Derivative(sp.floor(x), x), lambda: 0, ()),
    (lambda: sp.Derivative(sp.Max(x, 0), x), lambda: 1, (x >= 0,)),
    (lambda: sp.Derivative(x * sp.Abs(x), x), lambda: 2 * x, ()),
    # what is a limit itself
    (lambda: sp.Limit(1 / x, x, 0), lambda: sp.Limit(1 / x, x, 0), ()),
    (lambda: sp.Integral(1 / x, (x, -1, 1)), lambda: 0, ()),
    (lambda: sp.Sum(y**k, (k, 0, sp.oo)), lambda: 1 / (1 - y), ()),
    (lambda: sp.I * x, lambda: sp.I * x, ()),
    (lambda: sp.I**2 * x, lambda: -x, ()),
    # from a contradiction
    (lambda: x, lambda: x + 0 * y, (x > 1, x < 0)),
]


@pytest.mark.parametrize(("left", "right", "hypotheses"), FALSE, ids=map(str, range(len(FALSE))))
def test_identities_that_fail_somewhere_are_not_proved(left, right, hypotheses):
    found = certificate(left, right, hypotheses)
    assert found.status is not Status.PROVED, found.detail


@pytest.fixture
def forgotten():
    """Have sympy forget afterwards what it has cached under rules that a test has broken."""
    yield
    clear_cache()


def test_sympy_is_not_believed(forgotten, monkeypatch):
    """A simplification that turns everything into zero, limits that are all one, signs that are all positive."""
    x = sp.Symbol("symbol_of_this_test", real=True)  # what our own caches remember of it meets nobody else
    monkeypatch.setattr(sp, "simplify", lambda expression, **options: sp.S.Zero)
    monkeypatch.setattr(sp, "factor", lambda expression, **options: sp.S.Zero)
    monkeypatch.setattr(sp, "expand", lambda expression, **options: sp.S.Zero)
    monkeypatch.setattr(sp, "limit", lambda *arguments, **options: sp.S.One)
    monkeypatch.setattr(sp.Expr, "is_positive", True, raising=False)
    monkeypatch.setattr(sp.Expr, "is_nonnegative", True, raising=False)
    monkeypatch.setattr(sp.Expr, "is_zero", True, raising=False)
    assert certificate(sp.sin(x), x).status is not Status.PROVED
    assert decide(Obligation("sign", sp.Gt(sp.sin(x) - 2, 0, evaluate=False), Sign())).status is not Status.PROVED
    falls = Obligation("slope", sp.Ge(-(x**2), 0, evaluate=False), Monotone(x, sp.S.Zero, Refutation()), (x >= 0,))
    assert decide(falls).status is not Status.PROVED


def test_a_factorisation_is_multiplied_out(monkeypatch):
    square = sp.log(p**2 + 2 * p * q + q**2)
    assert Knowledge().vanishes(square, -2 * sp.log(p + q))
    monkeypatch.setattr(sp, "factor_list", lambda polynomial: (sp.S.One, [(min(polynomial.free_symbols, key=str), 2)]))
    assert not Knowledge().vanishes(square, -2 * sp.log(p + q))


def test_a_proof_that_a_point_contradicts_is_none():
    class Careless:
        method = "careless"

        def prove(self, obligation):
            from noprune_theory.verifier.obligations import Certificate

            return Certificate(Status.PROVED, "believe me")

    found = decide(Obligation("careless", sp.Ge(x, 0, evaluate=False), Careless()))
    assert (found.status, found.detail) == (Status.OPEN, "believe me; but violated at x = -1/3")
    assert decide(Obligation("lucky", sp.Ge(x**2, 0, evaluate=False), Careless())).status is Status.PROVED


# --- a second program: values of random expressions by mpmath ---------------------------------------------------------

SYMBOLS = (x, y, p, q, n, v)
leaves = st.sampled_from([*SYMBOLS, sp.Integer(2), -sp.S.One, sp.S.Half, sp.sqrt(2)])


def grow(inner):
    def unary(u, function):
        return function(u)

    functions = [
        *(sp.exp, sp.log, sp.sqrt, sp.Abs, sp.sin, sp.cos, sp.sinh, sp.tanh, sp.erf, sp.atan),
        *(lambda u: u**2, lambda u: u**3, lambda u: 1 / u, lambda u: u**third, lambda u: u ** sp.Rational(3, 2)),
    ]
    return st.one_of(
        st.builds(lambda u, s: u + s, inner, inner),
        st.builds(lambda u, s: u * s, inner, inner),
        st.builds(unary, inner, st.sampled_from(functions)),
    )


expressions = st.recursive(leaves, grow, max_leaves=5)
REWRITINGS = {
    "expand": sp.expand,
    "split logarithms": lambda e: sp.expand_log(e, force=True),
    "join logarithms": lambda e: sp.logcombine(e, force=True),
    "split powers": lambda e: sp.expand_power_base(e, force=True),
    "join powers": lambda e: sp.powdenest(e, force=True),
    "multiply angles": sp.expand_trig,
    "forget absolute values": lambda e: e.replace(sp.Abs, lambda u: u),
    "square and take the root": lambda e: sp.Pow(sp.Pow(e, 2, evaluate=False), sp.S.Half, evaluate=False),
}


def value(expression, point):
    """Return the real value of an expression in 40 digits, or None."""
    with mpmath.workdps(40):
        try:
            found = sp.lambdify(SYMBOLS, expression, modules="mpmath")(*(mpmath.mpf(v.p) / v.q for v in point))
        except (ZeroDivisionError, ValueError, TypeError, OverflowError):
            return None
        found = mpmath.mpmathify(found)
        if isinstance(found, mpmath.mpc):
            if abs(found.imag) > mpmath.mpf(10) ** -30 * (1 + abs(found.real)):
                return None
            found = found.real
        return found if mpmath.isfinite(found) and abs(found) < 1e30 else None


POINTS = [
    tuple(map(sp.Rational, row))
    for row in (
        ("3/7", "-5/3", "2", "1/2", "-1/3", "0"),
        ("-9/4", "1/5", "3", "7/3", "-2", "4"),
        ("-1/8", "-7/2", "1/9", "5", "-7", "1/6"),
        ("5", "4/3", "1", "1/5", "-1/2", "2"),
        ("0", "1", "7/5", "3/2", "-6/5", "1"),
    )
]


@settings(max_examples=60, deadline=None)
@given(expressions, st.sampled_from(list(REWRITINGS)))
def test_what_the_normal_form_calls_equal_is_equal(expression, name):
    assume(not expression.has(sp.zoo, sp.nan, sp.I, sp.oo))
    other = REWRITINGS[name](expression)
    assume(not other.has(sp.zoo, sp.nan, sp.I, sp.oo))
    if Knowledge().vanishes(expression, sp.Mul(-1, other, evaluate=False)):
        for point in POINTS:
            left, right = value(expression, point), value(other, point)
            if left is not None and right is not None:
                assert abs(left - right) <= mpmath.mpf(10) ** -25 * (1 + abs(left))


@settings(max_examples=60, deadline=None)
@given(expressions)
def test_signs_contain_the_sign_of_every_value(expression):
    assume(not expression.has(sp.zoo, sp.nan, sp.I, sp.oo))
    found = signs(expression)
    for point in POINTS:
        at = value(expression, point)
        if at is not None and abs(at) > 1e-25:
            assert int(mpmath.sign(at)) in found


@settings(max_examples=60, deadline=None)
@given(expressions)
def test_derivatives_agree_with_difference_quotients(expression):
    """At a point inside of the domain, by Richardson's extrapolation in mpmath."""
    assume(not expression.has(sp.zoo, sp.nan, sp.I, sp.oo, sp.Abs))
    found = derivative(expression, x)
    assert found is not None
    point = dict(zip(SYMBOLS[1:], POINTS[1][1:], strict=True))
    function, slope = (sp.lambdify(x, e.subs(point), modules="mpmath") for e in (expression, found))
    with mpmath.workdps(40):
        try:
            exact, near = mpmath.mpmathify(slope(mpmath.mpf(13) / 7)), mpmath.diff(function, mpmath.mpf(13) / 7)
        except (ZeroDivisionError, ValueError, OverflowError):
            return
        if math.isfinite(abs(exact)) and abs(exact) < 1e15:
            assert abs(exact - near) <= 1e-8 * (1 + abs(exact))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (p + v, POSITIVE),
        (v + v**2, NONNEGATIVE),
        (x**2, NONNEGATIVE),
        (w**2, POSITIVE),
        (w**-3, frozenset((-1, 1))),
        (n**3, frozenset((-1,))),
        (-p * n, POSITIVE),
        (p - q, ANY),
        (sp.exp(x) + v, POSITIVE),
        (sp.log(1 + v), NONNEGATIVE),
        (sp.log(2), POSITIVE),
        (sp.log(p), ANY),
        (sp.sqrt(x), NONNEGATIVE),
        (1 / sp.sqrt(x), POSITIVE),
        (sp.Abs(w), POSITIVE),
        (sp.atan(n), frozenset((-1,))),
        (sp.Max(x, p), POSITIVE),
        (sp.Min(x, n), frozenset((-1,))),
        (sp.Piecewise((p, x > 0), (v, True)), NONNEGATIVE),
        (sp.Function("g", positive=True)(x), POSITIVE),
        (f(x), ANY),
        (sp.exp(sp.I * x), ANY),
        (x**k, ANY),
        (p**k, POSITIVE),
    ],
)
def test_signs_by_structure(expression, expected):
    assert signs(expression) == expected


@pytest.mark.parametrize(
    ("symbol", "expression", "unmet"),
    [
        (p, x**2, "positive"),
        (p, 1 + x**2, None),
        (p, sp.exp(x), None),
        (p, sp.log(2), None),
        (p, sp.sqrt(q), None),
        (p, sp.sqrt(x), "real"),
        (x, 1 / y, "real"),
        (x, 1 / w, None),
        (x, sp.tan(y), "real"),
        (x, f(y), "real"),
        (k, 2 * k**2 - 1, None),
        (k, k / 2, "integer"),
        (k, 2**k, "integer"),
        (sp.Symbol("e", even=True), 2 * k, "even"),
    ],
)
def test_assumptions_are_confirmed_by_structure(symbol, expression, unmet):
    """What the rules do not confirm counts as unmet, though sympy may know it: twice an integer is even."""
    assert unmet_assumption(symbol, expression) == unmet


def test_an_instance_needs_a_confirmed_assumption():
    obligation = Obligation("tangent", sp.Ge(sp.exp(p), 1 + p), Refutation())
    assert instance(obligation, {p: 1 + x**2}) == sp.Ge(sp.exp(1 + x**2), 2 + x**2)
    with pytest.raises(ValueError, match="positive"):
        instance(obligation, {p: x**2})


@pytest.mark.parametrize(
    ("function", "slope_proved"),
    [
        (x**3, False),  # the slope vanishes at zero, an inner point of the range
        (x + x**3, True),
        (x - sp.sin(x) + x / 1000, True),
    ],
)
def test_strict_slopes_at_isolated_points(function, slope_proved):
    slope = sp.Gt(sp.Derivative(function, x), 0, evaluate=False)
    direct = sp.Gt(derivative(function, x), 0, evaluate=False)
    assert decide(Obligation("slope", slope, Refutation(), (x >= -1, x <= 1))).status is not Status.PROVED
    answer = decide(Obligation("slope", direct, Sign(), (x >= -1, x <= 1)))
    if not slope_proved:
        assert answer.status is Status.OPEN


@pytest.mark.parametrize(
    "function",
    [
        sp.Abs(x - 1) - 1 + x,
        sp.floor(x),
        sp.sign(x),
        sp.Max(0, x - 1) - sp.Max(0, x - 2) * 2,
        sp.Piecewise((0, x < 1), (-1, True)),
        sp.sqrt((x - 1) ** 2, evaluate=False) - 1,
        f(x),
        1 / (2 - x),
        sp.log(sp.Abs(1 - x)),
        sp.tan(x),
        sp.gamma(x),
        sp.Derivative(f(x), x),
    ],
)
def test_no_slope_where_a_function_is_not_smooth(function):
    prover = Monotone(x, sp.S.Zero, then=Sign())
    found = decide(Obligation("rises", sp.Ge(function, function.subs(x, 0), evaluate=False), prover, (x >= 0,)))
    assert found.status is not Status.PROVED


@pytest.mark.parametrize(
    ("function", "end", "value"),
    [
        # What substitution into sympy's own simplification would get wrong, or leave without a value.
        (p ** (1 / sp.log(p)), 0, "E"),
        (p**p, 0, "1"),
        (sp.exp(-1 / p), 0, "0"),
        ((p**2 - 1) / (p - 1), 1, "2"),
        (sp.sin(p) / p, 0, "1"),
        (sp.sqrt(p), 0, "0"),
        (sp.atan(p), sp.oo, "pi/2"),
    ],
)
def test_the_value_at_the_end_is_the_limit(function, end, value):
    """The end is one of the range; a wrong value there would start a false chain."""
    prover = Monotone(p, sp.sympify(end), then=Refutation())
    hypotheses = (p >= 1,) if end == 1 else ()
    found = prover._value_at_end(function, "-" if end == sp.oo else "+", hypotheses[1:])
    assert str(found) == value
