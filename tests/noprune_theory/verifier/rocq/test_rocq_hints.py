"""What Python computes for Rocq, without Rocq: squares under quadratics, rates of decay, enclosed integrals."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, LimitValue
from noprune_theory.verifier.rocq.hints import _integral, decay_scripts, erf_script, square_hints
from noprune_theory.verifier.rocq.translate import Translator

t = sp.Symbol("t", positive=True)
u, v = sp.symbols("u v", real=True)


@pytest.mark.parametrize(
    ("expression", "squares"),
    [
        (sp.log(1 - u + u**2 / 3), ["2 * v_u + (- 3)"]),
        (2 * u**2 + 3 * u + 2, ["4 * v_u + 3"]),
        (-(u**2) + u - 1, ["(- 2) * v_u + 1"]),
        (u**2 - 2 * u + 1, []),
        (u**2 - 3 * u + 1, []),
        (u**2 + 1, []),
        (u**2 + u * v + v**2, []),
        (u**3 + u + 1, []),
    ],
)
def test_squares_under_quadratics_without_roots(expression: sp.Expr, squares: list[str]) -> None:
    expected = "".join(f"pose proof (pow2_ge_0 ({square})). " for square in squares)
    assert square_hints([expression], u, Translator()) == expected


@pytest.mark.parametrize(
    ("function", "script"),
    [
        (3 * sp.exp(-2 * t), "decay 2 3 0%nat."),
        (-sp.exp(-(t**2) / 2) / 5, "decay (1 / 2) (- 1 / 5) 1%nat."),
    ],
)
def test_rate_of_decay(function: sp.Expr, script: str) -> None:
    claim = Obligation("decay", equation(sp.Limit(function, t, sp.oo), 0), LimitValue())
    assert [s.partition("split_hypotheses. ")[2] for s in decay_scripts(claim, Translator())] == [script]


@pytest.mark.parametrize(
    ("function", "end", "value"),
    [
        (t * sp.exp(-t), sp.oo, 0),
        (sp.exp(-t) + sp.exp(-2 * t), sp.oo, 0),
        (sp.exp(-t - 1), sp.oo, 0),
        (sp.exp(-t), sp.oo, 1),
        (sp.exp(-t), sp.Integer(0), 1),
        (1 / t, sp.oo, 0),
    ],
)
def test_no_rate_of_decay(function: sp.Expr, end: sp.Expr, value: int) -> None:
    claim = Obligation("decay", equation(sp.Limit(function, t, end), value), LimitValue())
    assert list(decay_scripts(claim, Translator())) == []


@pytest.mark.parametrize("place", [sp.sqrt(sp.log(2)), sp.Rational(-1, 3), sp.Integer(4)])
def test_integrals_lie_between_their_bounds(place: sp.Expr) -> None:
    low, high = _integral(place)
    with mpmath.workdps(30):
        value = mpmath.quad(lambda x: mpmath.exp(-(x**2)), [0, mpmath.mpf(str(sp.N(place, 30)))])
        assert mpmath.mpf(low.p) / low.q < value < mpmath.mpf(high.p) / high.q
    assert high - low == sp.Rational(3, 10**6)


def test_erf_of_a_variable_is_not_enclosed() -> None:
    assert erf_script(Obligation("variable", sp.erf(u) <= 1, Balls()), Translator()) is None
    assert erf_script(Obligation("none", sp.exp(u) >= 0, Balls()), Translator()) is None
    assert "integral" in str(
        erf_script(Obligation("number", sp.Le(sp.erf(1), sp.Rational(9, 10), evaluate=False), Balls()), Translator())
    )
