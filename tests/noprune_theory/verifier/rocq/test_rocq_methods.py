"""Rocq with the hints: each method proves an obligation of its kind, and none proves one that is slightly false."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sympy as sp

from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, LimitValue, Refutation
from noprune_theory.verifier.rocq import KernelStatus, certify, obligation_digest

pytestmark = pytest.mark.rocq

a, b, d, k, t, x, y = sp.symbols("a b d k t x y", positive=True)
erf_at_1 = sp.erf(sp.Integer(1), evaluate=False)
numerals = sp.exp(sp.log(2) - sp.log(16 / d, evaluate=False), evaluate=False)


def slope(exponent: sp.Expr) -> Obligation:
    """Return the derivative of a real power, which is right for the exponent k."""
    power = sp.Derivative((x + y) ** k, y)
    return Obligation("a real power", equation(power, exponent * (x + y) ** (k - 1)), Identity())


def decay(speed: sp.Expr) -> Obligation:
    """Return that an exponential vanishes, which is right for a positive speed."""
    limit = sp.Limit(a * sp.exp(-speed * t**2), t, sp.oo)
    return Obligation("decay", equation(limit, 0), LimitValue())


RIGHT = {
    "part by part": Obligation("parts", (x + a / d) * a**2 <= (x + b / d) * b**2, Refutation(), (a <= b,)),
    "exponential decay": decay(k),
    "interval arithmetic, erf by its integral": Obligation(
        "erf", sp.Le(erf_at_1, sp.Rational(8428, 10000), evaluate=False), Balls()
    ),
    "powers of atoms": Obligation("numerals", equation(numerals, d / 8), Identity()),
}
WRONG = {
    "parts": Obligation("parts", (x + a / d) * a**2 <= (x + b / d) * b**2, Refutation(), (a <= 2 * b,)),
    "decay": decay(k - 1),
    "erf": Obligation("erf", sp.Le(erf_at_1, sp.Rational(8427, 10000), evaluate=False), Balls()),
    "numerals": Obligation("numerals", equation(numerals, d / 4), Identity()),
    "slope": slope(k + 1),
}


def test_each_method_proves_its_kind_and_nothing_false(certificates: Callable[[str], Path]) -> None:
    cases = {**{f"right.{n}": o for n, o in enumerate(RIGHT.values())}, "right.slope": slope(k)}
    cases |= {f"wrong.{n}": o for n, o in enumerate(WRONG.values())}
    manifest = certify(cases, certificates("a"))
    methods = {e.id: e.method for e in manifest.obligations if not e.id.endswith(".defined")}
    assert [methods[f"right.{n}"] for n in range(len(RIGHT))] == list(RIGHT)
    statuses = manifest.statuses()
    for name, obligation in cases.items():
        accepted = statuses[obligation_digest(obligation)] is KernelStatus.ACCEPTED
        assert accepted is name.startswith("right"), (name, obligation.conclusion)


def test_a_quadratic_has_a_logarithm_where_its_square_says_so(certificates: Callable[[str], Path]) -> None:
    bound = -x - x**2 / 6
    right = Obligation("defined", sp.log(1 - x + x**2 / 3) >= bound, Balls(), (x >= 1, x <= 2))
    wrong = Obligation("undefined at 2", sp.log(1 - x + x**2 / 4) >= bound, Balls(), (x >= 1, x <= 2))
    manifest = certify({"q.1": right, "q.2": wrong}, certificates("a"))
    found = {e.id: e.status for e in manifest.obligations}
    assert found["q.1.defined"] is KernelStatus.ACCEPTED
    assert found["q.2.defined"] is KernelStatus.OPEN


def test_another_proof_is_sought_where_the_remembered_one_no_longer_compiles(
    certificates: Callable[[str], Path],
) -> None:
    folder = certificates("a")
    one = {"t.1": RIGHT["part by part"]}
    certify(one, folder)
    proofs = folder / "proofs.json"
    proofs.write_text(proofs.read_text().replace("part_by_part.", "a_tactic_of_old."))
    assert certify(one, folder).obligations[0].status is KernelStatus.ACCEPTED
    assert "a_tactic_of_old" not in proofs.read_text()
