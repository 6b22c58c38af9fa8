"""The verdict follows from the answers, and a check that cannot see its own fault is reported."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from noprune_theory.verifier.evaluation import evaluate
from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.report import json_document, slack_text
from noprune_theory.verifier.statement import (
    PROFILES,
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    NumericAgreement,
    PlantedFault,
    Repair,
    Role,
    Statement,
    Step,
    Sweep,
    Verdict,
)

x = sp.Symbol("x", real=True)
u = sp.Symbol("u", positive=True)
TRUE = Obligation("square", sp.Ge(x**2 + 1, 2 * x), Refutation())
WRONG = Obligation("square", sp.Ge(x**2, 2 * x), Refutation())
UNDECIDED = Obligation("cosine", sp.Ge(sp.cos(x), -1), Refutation())


def constant_check(smaller, larger):
    return ExactCheck("constant", lambda profile: [Comparison("only", smaller, larger)])


def example(target, holds):
    return Counterexample(
        "example", target, {"a": 1}, lambda data: [Fact("a is 1", "1", True)], lambda data: Fact("claim", "0", holds)
    )


FAULTS = (PlantedFault("wrong", WRONG), PlantedFault("turned", constant_check(2.0, 1.0)))
PROVED, OPEN, REFUTED = (Step(n, (o,)) for n, o in (("p", TRUE), ("o", UNDECIDED), ("r", WRONG)))
USED = Step("used", (TRUE,), role=Role.USE)
REPAIRED = Repair(Claim(sp.Ge(x**2 + 1, 2 * x)), (Step("own", (TRUE,), role=Role.OURS),))
SHARPENED = replace(REPAIRED, sharpens=(TRUE,))
BAD_REPAIR = replace(REPAIRED, derivation=(Step("own", (UNDECIDED,), role=Role.OURS),))


def statement(**changes):
    base = Statement(
        id="test",
        title="test",
        source="nowhere",
        recorded=Verdict.HOLDS,
        claim=Claim(sp.Ge(x**2 + 1, 2 * x)),
        derivation=(PROVED,),
        faults=FAULTS,
    )
    return replace(base, **changes)


def answer(**changes):
    return evaluate(statement(**changes), PROFILES["quick"])


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict.HOLDS),
        ({"repair": SHARPENED}, Verdict.HOLDS_LOOSE),
        ({"repair": REPAIRED}, Verdict.HOLDS),
        ({"derivation": (PROVED, OPEN)}, Verdict.GAP),
        ({"derivation": (PROVED, REFUTED), "repair": REPAIRED}, Verdict.GAP),
        ({"derivation": (replace(PROVED, role=Role.OURS),)}, Verdict.GAP),
        ({"derivation": (replace(PROVED, counterexample=example("step", False)),)}, Verdict.GAP),
        ({"derivation": (replace(PROVED, counterexample=example("step", True)),)}, Verdict.HOLDS),
        ({"counterexamples": (example("scope", False),)}, Verdict.HOLDS),
        ({"counterexamples": (example("claim", False),)}, Verdict.FALSE),
        ({"counterexamples": (example("claim", False),), "derivation": (USED,), "repair": REPAIRED}, Verdict.SLIP),
        ({"counterexamples": (example("claim", False),), "derivation": (USED,), "repair": BAD_REPAIR}, Verdict.FALSE),
        ({"counterexamples": (example("claim", False),), "derivation": (USED,)}, Verdict.FALSE),
        ({"exact": (constant_check(1.0, 1.0),)}, Verdict.HOLDS),
        ({"exact": (constant_check(1.01, 1.0),)}, Verdict.FALSE),
        ({"exact": (ExactCheck("empty", lambda profile: []),)}, Verdict.FALSE),
        ({"sweeps": (Sweep("always", lambda rng, trials: trials, 0.5),)}, Verdict.GAP),
        ({"sweeps": (Sweep("never", lambda rng, trials: 0, 0.5),)}, Verdict.HOLDS),
    ],
)
def test_verdict_follows_from_the_answers(changes, verdict):
    assert answer(**changes).verdict is verdict


def test_a_statement_as_recorded_has_no_complaint():
    assert answer().complaints == ()


def test_a_verdict_that_differs_is_a_complaint():
    assert any("differs" in c for c in answer(recorded=Verdict.GAP).complaints)


@pytest.mark.parametrize(
    "harmless",
    [
        TRUE,
        constant_check(1.0, 2.0),
        Sweep("never", lambda rng, trials: 0, 0.5),
        example("step", False),
        NumericAgreement("identity", lambda u: u, u, lambda rng: {"u": float(rng.uniform(1, 2))}),
    ],
)
def test_a_fault_that_slips_through_is_a_complaint(harmless):
    """A planted fault whose check passes means that the check is blind."""
    found = answer(faults=(*FAULTS, PlantedFault("harmless", harmless)))
    assert found.complaints == ("planted fault not caught: harmless",)


def test_a_repair_that_is_not_established_is_a_complaint():
    assert any("repaired" in c for c in answer(repair=BAD_REPAIR).complaints)


@pytest.mark.parametrize(("error", "complaints"), [(0.0, 0), (1e-14, 0), (1e-11, 1), (float("nan"), 1)])
def test_numeric_agreement_is_to_twelve_digits(error, complaints):
    agreement = NumericAgreement(
        "exponential",
        lambda u: float(np.exp(u)) * (1 + error),
        sp.exp(u),
        lambda rng: {"u": float(rng.uniform(0.5, 1.5))},
    )
    found = answer(agreement=(agreement,))
    assert len(found.complaints) == complaints
    json_document([found])


def test_a_comparison_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="not a number"):
        answer(exact=(constant_check(float("nan"), 1.0),))


def test_two_faults_are_required():
    with pytest.raises(ValueError, match="two planted faults"):
        statement(faults=FAULTS[:1])


def test_a_step_without_anything_to_check_must_say_why():
    with pytest.raises(ValueError, match="reason"):
        Step("nothing")
    assert evaluate(
        statement(derivation=(Step("nothing", reason="no finite proof known"),)), PROFILES["quick"]
    ).verdict is (Verdict.GAP)


def test_unknown_rules_are_refused():
    with pytest.raises(ValueError, match="rests_on"):
        Step("magic", (TRUE,), rests_on=("wishful thinking",))


def test_sweeps_that_cannot_fail_are_refused():
    with pytest.raises(ValueError, match="claimed"):
        Sweep("trivial", lambda rng, trials: 0, 1.0)


def test_random_numbers_depend_on_names_alone():
    seen = []
    sweep = Sweep("draws", lambda rng, trials: seen.append(rng.integers(1 << 60)) or 0, 0.5)
    for _ in range(2):
        answer(sweeps=(sweep,))
    assert seen[0] == seen[1]
    answer(sweeps=(replace(sweep, name="other"),))
    assert seen[2] != seen[0]


@pytest.mark.parametrize(
    ("smaller", "text"),
    [(0.001, "1e+03×"), (0.93, "within 7%"), (1.0, "attained"), (1.5, "exceeded 1.5×"), (1e-9, "> 10⁶×")],
)
def test_slack_is_shown_in_words(smaller, text):
    assert slack_text(answer(exact=(constant_check(smaller, 1.0),))) == text


def test_identities_are_shown_as_written():
    step = Step("written", (Obligation("sum", equation(sp.Integer(2) + 2, 4), Identity()),))
    assert (
        evaluate(statement(derivation=(step,)), PROFILES["quick"]).steps[0].obligations[0].conclusion.text == "Eq(4, 4)"
    )
