"""Obligations in SMT-LIB 2, and what an answer of a solver is worth."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy as sp
import z3

from noprune_theory.verifier.notation import LogTwo, Probability
from noprune_theory.verifier.obligations import Obligation, Status
from noprune_theory.verifier.provers import Balls, Identity, LimitValue, Refutation
from noprune_theory.verifier.smtlib import Answer, NoSmtError, Opinion, agreement, all_opinions, opinion, smt_script
from noprune_theory.verifier.smtlib.__main__ import main
from noprune_theory.verifier.smtlib.page import contradictions, page

u, v = sp.symbols("u v", real=True)
x = sp.Symbol("x", positive=True)
n = sp.Symbol("n", positive=True, integer=True)

PROVABLE = (
    Obligation("a square", u**2 + v**2 >= 2 * u * v, Refutation()),
    Obligation("a maximum", sp.Max(u, v) >= u, Refutation()),
    Obligation("cases", sp.Piecewise((u, u > 0), (-u, True)) >= sp.Abs(u), Refutation()),
    Obligation("a root", sp.Ge(1 + x, 2 * sp.sqrt(x)), Refutation()),
    Obligation("a quotient", x / (1 + x) <= 1, Refutation()),
    Obligation("whole numbers", n >= 1, Refutation()),
    Obligation("logic", sp.Or(u > 0, u <= 0, evaluate=False), Refutation()),
)
FALSE = (
    Obligation("a square", u**2 >= u, Refutation(), (u >= 0, u <= 1)),
    Obligation("a root", sp.Ge(x, 2 * sp.sqrt(x)), Refutation()),
    Obligation("strict", u**2 > 0, Refutation()),
)


@pytest.mark.parametrize("obligation", PROVABLE, ids=lambda o: o.name)
def test_what_holds_is_proved(obligation: Obligation) -> None:
    assert opinion(obligation, "z3").answer is Answer.PROVED


@pytest.mark.parametrize("obligation", FALSE, ids=lambda o: o.name)
def test_what_is_false_is_refuted_at_a_point_or_not_at_all(obligation: Obligation) -> None:
    assert opinion(obligation, "z3").answer in (Answer.REFUTED, Answer.UNCONFIRMED)
    assert opinion(FALSE[0], "z3").answer is Answer.REFUTED


def test_a_sat_counts_only_if_balls_confirm_its_point() -> None:
    """A logarithm is any number to z3, which answers sat of what holds."""
    true = Obligation("", sp.log(x) <= x - 1, Balls())
    assert opinion(true, "z3").answer is Answer.UNCONFIRMED
    false = Obligation("", sp.log(x) >= 1, Balls(), (x >= 2, x <= sp.Rational(5, 2)))
    assert opinion(false, "z3").answer is Answer.REFUTED


def test_scripts_are_read_by_a_solver_and_declare_what_they_use() -> None:
    obligation = Obligation("", LogTwo(x) * sp.sqrt(x) + sp.exp(u) + sp.pi >= sp.sin(v) ** 2, Balls(), (u < 1,))
    script, variables = smt_script(obligation)
    assert set(variables.values()) == {u, v, x}
    assert len(z3.parse_smt2_string(script)) == script.count("(assert ")
    assert "(declare-fun the.exp (Real) Real)" in script
    assert "the.exp" not in smt_script(obligation, ("exp", "sin"))[0]


def test_different_symbols_of_one_name_stay_apart() -> None:
    first, second = sp.Symbol("t", real=True), sp.Symbol("t", positive=True)
    assert opinion(Obligation("", first >= second, Refutation(), (first > 0,)), "z3").answer is Answer.REFUTED


@pytest.mark.parametrize(
    "obligation",
    [
        Obligation("", sp.Ge(sp.gamma(u), 2), Refutation()),
        Obligation("", x ** sp.Rational(1, 3) <= 1, Refutation()),
        Obligation("", x**u <= 1, Refutation()),
        Obligation("", sp.Eq(sp.Limit(u, u, 0, "+"), 0, evaluate=False), LimitValue()),
        Obligation("", Probability(sp.Symbol("A")) <= 1, Refutation()),
        Obligation("", sp.Eq(sp.Derivative(u**2, u), 2 * u), Identity()),
    ],
)
def test_what_has_no_counterpart_says_so(obligation: Obligation) -> None:
    with pytest.raises(NoSmtError, match="no counterpart"):
        smt_script(obligation)
    assert opinion(obligation, "z3").answer is Answer.NOT_EXPRESSED


def test_unknown_solvers_are_named() -> None:
    with pytest.raises(ValueError, match="solver: must be one of z3, cvc5, given 'yices'"):
        opinion(FALSE[0], "yices")


def test_the_table_counts_pairs() -> None:
    found = all_opinions({"a": PROVABLE[0], "b": PROVABLE[1], "c": FALSE[0]}, ("z3",))
    assert agreement(found) == {("z3", Status.PROVED, Answer.PROVED): 2, ("z3", Status.REFUTED, Answer.REFUTED): 1}


def test_names_begin_with_no_digit() -> None:
    """A symbol such as ``1_A`` made a script that z3 does not read."""
    digit = sp.Symbol("1_A", nonnegative=True)
    assert opinion(Obligation("", digit + 1 > digit, Refutation()), "z3").answer is Answer.PROVED


def test_a_script_that_is_not_read_is_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("noprune_theory.verifier.smtlib.opinions.smt_script", lambda *_: ("(assert (= 1_A 0))", {}))
    found = all_opinions({"a": PROVABLE[0]}, ("z3",))
    assert found["a", "z3"][1].answer is Answer.REJECTED
    (line,) = contradictions(found)
    assert line.startswith("a: proved by the provers, not read by z3: ")


def test_the_page_counts_and_names_what_contradicts() -> None:
    found = {
        ("a", "z3"): (Status.PROVED, Opinion(Answer.PROVED)),
        ("b", "z3"): (Status.PROVED, Opinion(Answer.UNCONFIRMED, "x = 1")),
        ("c", "z3"): (Status.REFUTED, Opinion(Answer.REFUTED, "x = 1")),
    }
    text = page("the command", found, ("z3",))
    assert f"`the command` writes this page:\n3 obligations, z3 {z3.get_version_string()}." in text
    assert "| z3 | proved | 1 | 0 |\n| z3 | refuted | 0 | 1 |\n| z3 | sat, not confirmed | 1 | 0 |\n" in text
    assert text.endswith("No solver contradicts the provers.\n")
    wrong = {**found, ("d", "z3"): (Status.PROVED, Opinion(Answer.REFUTED, "x = 2"))}
    assert page("", wrong, ("z3",)).endswith("- d: proved by the provers, refuted by z3: x = 2\n")


@pytest.mark.parametrize("arguments", [["missing.py"], ["no.such.module"]])
def test_the_command_refuses_what_it_cannot_read(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*arguments, "--out", str(tmp_path)])
    assert capsys.readouterr().err.count("\n") == 1


def test_the_command_refuses_what_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    for options in (["--out", str(tmp_path / "file")], ["--out", str(tmp_path), "--page", str(tmp_path / "no" / "p")]):
        with pytest.raises(SystemExit, match="2"):
            main(["verification.no_free_prune", *options])
        assert capsys.readouterr().err.count("\n") == 1
