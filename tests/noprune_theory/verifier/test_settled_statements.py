"""What keeps an obligation open, instances that count only when proved, vacuous hypotheses, needed hypotheses."""

import contextlib
import signal
import threading
from dataclasses import dataclass, replace

import pytest
import sympy as sp
import z3

from noprune_theory.verifier.evaluation import EvaluationError, Need, evaluate, worst_case
from noprune_theory.verifier.limits import TimeUpError, remaining, time_limit
from noprune_theory.verifier.notation import Entropy, Probability, equation, event
from noprune_theory.verifier.obligations import Certificate, Obligation, Outcome, Status, decide, instance, settle
from noprune_theory.verifier.provers import Balls, Events, Identity, LimitValue, Monotone, Refutation, Shannon
from noprune_theory.verifier.provers.consistency import contradiction
from noprune_theory.verifier.report import json_document
from noprune_theory.verifier.rules import RULES, FormalProof, Rule
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
    Statement,
    Step,
    Sweep,
    Verdict,
    Without,
)

x, y = sp.symbols("x y", real=True)
p, q = sp.symbols("p q", positive=True)
k = sp.Symbol("k", integer=True, positive=True)
z3_prover = Refutation()
QUICK = PROFILES["quick"]
THOROUGH = replace(QUICK, every_hypothesis=True)


def ge(a, b):
    return sp.Ge(a, b, evaluate=False)


def le(a, b):
    return sp.Le(a, b, evaluate=False)


def obligation(conclusion, prover=z3_prover, *hypotheses, name="name"):
    return Obligation(name, conclusion, prover, hypotheses)


TRUE = obligation(ge(x**2 + 1, 2 * x), name="square")
WRONG = obligation(ge(x**2, 2 * x), name="wrong")
UNDECIDED = obligation(ge(sp.cos(x), -1), name="cosine")


def models(*pairs, **options):
    return ExactCheck(
        "pairs", lambda profile: [Comparison(f"model {i}", *pair, model=i) for i, pair in enumerate(pairs)], **options
    )


FAULTS = (PlantedFault("a", WRONG), PlantedFault("b", models((2.0, 1.0))))


def statement(*obligations, claim=None, **changes):
    base = Statement(
        id="own",
        title="title",
        source="page 0",
        recorded=Verdict.HOLDS,
        claim=claim or Claim(ge(x**2 + 1, 2 * x)),
        derivation=(Step("step", obligations or (TRUE,)),),
        faults=FAULTS,
    )
    return replace(base, **changes)


def answer(*obligations, profile=QUICK, **changes):
    return evaluate(statement(*obligations, **changes), profile)


# --- Outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "outcome", "reason"),
    [
        (TRUE, "proved", "negation unsatisfiable"),
        (WRONG, "refuted", "counterexample"),
        (UNDECIDED, "inconclusive", "z3 finds no contradiction"),
        (obligation(ge(1 / x, 1 / x - 1)), "outside its domain", "not shown to be defined, which needs Ne(x, 0)"),
        (obligation(equation(1 / x, 1 / x), Identity()), "outside its domain", "needs Ne(x, 0)"),
        (obligation(ge(x**2, 0), Identity()), "unsupported", "an equation is needed"),
        (obligation(ge(x, 0), LimitValue()), "unsupported", "Eq(Limit(...), value) is needed"),
        (obligation(ge(sp.zeta(x), 0), Balls(), x >= 2, x <= 3), "unsupported", "no enclosure for zeta"),
        (obligation(ge(sp.exp(x), 0), Balls()), "unsupported", "lower and upper bound"),
        (obligation(ge(x, 0), Monotone(x, sp.Integer(0), then=z3_prover)), "unsupported", "is not one end"),
        (obligation(equation(x, x + 1 - 1), Monotone(x, sp.oo, then=z3_prover)), "unsupported", "inequality is needed"),
        (
            obligation(ge(sp.gamma(p), -1), Monotone(p, sp.Integer(0), then=z3_prover)),
            "unsupported",
            "not shown differentiable on the range: gamma(p)",
        ),
        (
            obligation(ge(sp.sqrt(x), 0), Monotone(x, sp.Integer(0), then=z3_prover), x >= 0),
            "outside its domain",
            "not shown differentiable on the range: x > 0",
        ),
        (obligation(ge(Entropy(sp.Function("g")(x)), 0), Shannon()), "unsupported", "random variables"),
        (
            obligation(ge(Probability(event("A")), sp.exp(p)), Events(), sp.Ge(p, 1)),
            "unsupported",
            "uninterpreted functions",
        ),
        (
            obligation(ge(sp.exp(x), sp.E * x), Balls(max_boxes=30), x >= 0, x <= 3),
            "inconclusive",
            "30 sub-boxes",
        ),
        (
            obligation(sp.Lt(x**6 + y**6 + x * y, 10**9), Refutation(effort=10), x + y < 3),
            "timed out",
            "z3 answers unknown",
        ),
    ],
)
def test_the_outcome_says_what_kept_an_obligation_open(case, outcome, reason):
    found = settle(case, 60)
    assert str(found.outcome) == outcome
    assert reason in found.detail
    assert str(found.status) == outcome if outcome in ("proved", "refuted") else found.status is Status.OPEN
    step = answer(case, recorded=Verdict.GAP).steps[0]
    assert step.outcome is step.obligations[0].outcome is found.outcome


def test_an_outcome_agrees_with_its_status():
    assert Certificate(Status.PROVED, "because").outcome is Outcome.PROVED
    assert Certificate(Status.OPEN, "because").outcome is Outcome.INCONCLUSIVE
    with pytest.raises(ValueError, match="outcome: 'proved' is none of an open obligation"):
        Certificate(Status.OPEN, "because", Outcome.PROVED)


@dataclass(frozen=True)
class Endless:
    """Never comes to an end, and takes every error for its own."""

    method: str = "patience"

    def prove(self, obligation):
        while True:
            with contextlib.suppress(Exception):
                sum(range(1000))


@dataclass
class Broken:
    """A prover of the author's that raises; without a hash."""

    method: str = "luck"

    def prove(self, obligation):
        raise TypeError("unsupported operand\nin line 2")


def test_a_prover_that_does_not_end_is_stopped():
    before = signal.getsignal(signal.SIGALRM)
    found = answer(obligation(ge(x**4, x), Endless()), profile=replace(QUICK, seconds=0.05))
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert (found.verdict, str(found.steps[0].outcome)) == (Verdict.GAP, "timed out")
    assert found.steps[0].obligations[0].detail == "not decided within 0.05 s"
    assert found.complaints == ("computed verdict 'gap' differs from the recorded 'holds'",)


def test_z3_is_told_how_long_it_may_take(monkeypatch):
    """A signal does not reach z3's own code, so it gets what is left of the limit; without one it gets none."""
    told = []
    give = z3.Solver.set
    monkeypatch.setattr(
        z3.Solver, "set", lambda solver, *options, **k: (told.append(options), give(solver, *options, **k))
    )
    question = obligation(sp.Ge(x**2 + 1, 2 * x), Refutation(), sp.Gt(x**3, 2))
    assert settle(question, 30.0).outcome is Outcome.PROVED
    limits = [options[1] for options in told if options[:1] == ("timeout",)]
    assert limits
    assert all(0 < limit <= 30_001 for limit in limits)
    told.clear()
    assert Refutation().prove(question).outcome is Outcome.PROVED
    assert not any(options[:1] == ("timeout",) for options in told)


def test_a_limit_applies_in_the_main_thread_alone_and_once():
    with time_limit(60):
        outer = remaining()
        with time_limit(1e-3):
            assert remaining() > 50
    assert 0 < outer <= 60
    assert remaining() is None
    seen = []
    thread = threading.Thread(target=lambda: seen.append(settle(TRUE, 1e-3).status))
    thread.start()
    thread.join()
    assert seen == [Status.PROVED]
    with pytest.raises(ValueError, match="seconds: must be positive, given 0"), time_limit(0):
        pass
    with pytest.raises(TimeUpError), time_limit(0.01):
        Endless().prove(TRUE)
    former = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        signal.setitimer(signal.ITIMER_REAL, 100)
        with time_limit(0.01):
            assert remaining() is None
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def raising(*_, **__):
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"derivation": (Step("s", (obligation(ge(x**4, x), Broken(), name="mine"),)),)},
            "own: 'mine': TypeError: unsupported operand in line 2",
        ),
        ({"exact": (ExactCheck("sums", raising),)}, "own: 'sums': ZeroDivisionError: division by zero"),
        ({"sweeps": (Sweep("draws", raising, 0.5),)}, "own: 'draws': ZeroDivisionError: division by zero"),
        (
            {"agreement": (NumericAgreement("f", raising, p, lambda rng: {"p": 1.0}),)},
            "own: 'f': ZeroDivisionError: division by zero",
        ),
        (
            {"counterexamples": (Counterexample("c", "claim", {}, raising, raising),)},
            "own: 'c': ZeroDivisionError: division by zero",
        ),
        (
            {"faults": (*FAULTS, PlantedFault("worse", ExactCheck("sums", raising)))},
            "own: 'worse': ZeroDivisionError: division by zero",
        ),
        ({"exact": (models((float("nan"), 1.0)),)}, "own: 'pairs': ValueError: comparison: pairs is not a number"),
    ],
)
def test_what_fails_to_run_is_named_in_one_line(changes, line):
    with pytest.raises(EvaluationError) as caught:
        answer(**changes)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


# --- Instances --------------------------------------------------------------------------------------------------------


def test_an_obligation_rests_on_what_it_cites():
    used = obligation(ge(sp.cos(x) + 1, 0), z3_prover, instance(UNDECIDED))
    assert used.hypotheses == (ge(sp.cos(x), -1),)
    assert used.cites == (UNDECIDED,)
    found = decide(used)
    assert found.status is Status.OPEN
    assert found.detail.startswith("rests on 'cosine', which is open (inconclusive): z3 finds no contradiction")
    exponential = obligation(ge(sp.exp(p), 1 + p), Monotone(p, sp.S.Zero, then=Monotone(p, sp.S.Zero, z3_prover)))
    assert decide(obligation(ge(sp.exp(2 * q), 1), z3_prover, instance(exponential, {p: 2 * q}))).status is (
        Status.PROVED
    )
    refuted = decide(obligation(ge(x**2, 2 * x - 1), z3_prover, instance(WRONG)))
    assert refuted.detail.startswith("rests on 'wrong', which is refuted: counterexample")
    unread = decide(obligation(ge(x**2, -1), z3_prover, instance(obligation(ge(x**2, 0), Identity(), name="unread"))))
    assert unread.detail.startswith("rests on 'unread', which is open (unsupported)")


def test_a_cycle_of_instances_proves_nothing():
    first = UNDECIDED
    second = obligation(ge(sp.cos(x) + 1, 0), z3_prover, instance(first), name="second")
    third = obligation(ge(sp.cos(x), -1), z3_prover, instance(second), instance(first), name="third")
    assert decide(third).detail.startswith("rests on 'second', which is open (inconclusive): rests on 'cosine', which")
    found = answer(third)
    assert found.verdict is Verdict.GAP
    assert found.steps[0].obligations[0].cites == ("second", "cosine")
    assert len(found.complaints) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.subs(y, 2),
        lambda said: said.xreplace({y: sp.Integer(2)}),
        lambda said: sp.And(said, x > 1),
        lambda said: sp.And(x > 1, sp.Or(said, x < 0)).subs(y, 3),
        lambda said: sp.Implies(x > 1, said),
        lambda said: sp.Not(sp.Not(said)),
    ],
)
def test_the_source_of_an_instance_survives_what_is_done_to_it(change):
    source = obligation(ge(sp.cos(x * y), -1), name="source")
    built = obligation(ge(x, -1), z3_prover, change(instance(source)))
    assert built.cites == (source,)
    assert "source" not in str(built.hypotheses)
    assert decide(replace(built, conclusion=ge(x, x - 1))).status is Status.OPEN


def test_an_equal_hypothesis_of_ones_own_is_no_instance():
    instance(UNDECIDED)
    own = obligation(ge(sp.cos(x) + 1, 0), z3_prover, sp.And(ge(sp.cos(x), -1), x > 0))
    assert own.cites == ()
    assert decide(own).status is Status.PROVED
    cited = obligation(ge(sp.cos(x) + 1, 0), z3_prover, sp.And(instance(UNDECIDED), x > 0))
    assert cited.cites == (UNDECIDED,)
    assert cited.hypotheses == own.hypotheses


def test_a_later_substitution_meets_the_assumptions_too():
    source = obligation(ge(sp.exp(p), 1 + p))
    for change in (lambda said: said.subs(p, x), lambda said: sp.And(said, y > 0).xreplace({p: x})):
        with pytest.raises(ValueError, match="substitution: x is not known to be positive, as p is"):
            change(instance(source))
    assert instance(source).subs(p, 2 * q) == ge(sp.exp(2 * q), 1 + 2 * q)


# --- Vacuous hypotheses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hypotheses",
    [
        (x > 3, x < 2),
        (ge(p, 1), le(p, sp.Rational(1, 2))),
        (le(p, -1),),
        (sp.Gt(k, 2), sp.Lt(k, 3)),
        (sp.Eq(x, 2, evaluate=False), x > 3),
        (sp.Eq(p, y), y < 0),
        (sp.Eq(y, sp.sqrt(2)), y > 3),
        (x > 1, sp.log(x) < 0),
        (x >= 0, x <= 2, sp.sin(x) < -sp.Rational(1, 10)),
        (x >= 0, x <= 1, sp.Eq(sp.exp(x), 4)),
        (sp.false,),
        (event("A"), sp.Not(event("A"))),
    ],
)
def test_hypotheses_that_contradict_each_other_are_a_complaint(hypotheses):
    assert contradiction(hypotheses)
    case = obligation(ge(x**2 + 1, 2 * x), z3_prover, *hypotheses, name="vacuous")
    found = answer(case)
    assert found.verdict is Verdict.GAP
    assert "the hypotheses contradict each other: vacuous" in found.complaints
    assert found.steps[0].obligations[0].vacuous
    for recorded in Verdict:
        claimed = answer(claim=Claim(ge(x**2 + 1, 2 * x), hypotheses), recorded=recorded)
        assert claimed.verdict is Verdict.GAP
        assert "the hypotheses contradict each other: the claim" in claimed.complaints


def test_a_vacuous_repair_and_a_conclusion_that_sympy_evaluates():
    repair = Repair(Claim(ge(x**2 + 1, 2 * x), (x > 3, x < 2)), (Step("own", (TRUE,)),))
    found = answer(repair=repair)
    assert found.repair.verdict is Verdict.GAP
    assert "the hypotheses contradict each other: the repaired claim" in found.complaints
    assert decide(obligation(sp.true, z3_prover, x > 3, x < 2)).vacuous
    assert decide(obligation(sp.true, z3_prover, x > 3)).status is Status.PROVED


@pytest.mark.parametrize(
    "hypotheses",
    [
        (),
        (x > 10**9,),
        (x > 10**9, sp.log(x) > 30),
        (sp.Eq(p, sp.exp(q)), p > 2),
        (sp.Eq(x, sp.sqrt(2)), x > 1),
        (sp.Eq(x**2, 2),),
        (sp.sin(x) > 1 - sp.Rational(1, 10**9),),
        (event("A"), sp.Or(event("B"), event("C"))),
    ],
)
def test_hypotheses_that_can_be_met_are_none(hypotheses):
    assert not contradiction(hypotheses)


# --- Needed hypotheses ------------------------------------------------------------------------------------------------


def needs_of(answers):
    return {a.hypothesis: str(a.need) for a in answers}


def test_each_hypothesis_of_a_claim_is_dropped_in_turn():
    claim = Claim(ge(x**2, x), (ge(x, 1), ge(x, -5)), prover=z3_prover)
    found = answer(claim=claim).claim
    assert found.decided.status is Status.PROVED
    assert needs_of(found.needs) == {"x >= 1": "needed (counterexample)", "x >= -5": "not needed (still proved)"}
    assert found.needs[0].detail == "violated at x = 1/2"
    assert answer(claim=Claim(ge(x**2, x), prover=z3_prover)).verdict is Verdict.FALSE


def test_the_prover_of_a_step_decides_the_same_claim():
    step = obligation(ge(p * q, q), z3_prover, ge(p, 1))
    found = answer(step, claim=Claim(ge(p * q, q), (ge(p, 1),)))
    assert needs_of(found.claim.needs) == {
        "p >= 1": "needed (counterexample)",
        "p > 0": "not needed (still proved)",
        "q > 0": "needed (counterexample)",
    }
    assert json_document([found])["statements"][0]["hypotheses"][0] == {
        "hypothesis": "p >= 1", "answer": "needed (counterexample)", "reason": None,
    }  # fmt: skip


def test_signs_are_dropped_from_provers_too_and_lemmas_stay():
    exponential = obligation(ge(sp.exp(p), 1 + p), Monotone(p, sp.S.Zero, then=Monotone(p, sp.S.Zero, z3_prover)))
    used = obligation(ge(sp.exp(p), 1), z3_prover, instance(exponential))
    (step,) = answer(used, exponential, profile=THOROUGH).steps
    assert needs_of(step.obligations[0].needs) == {"p > 0": "needed (counterexample)"}
    assert step.obligations[0].needs[0].detail == "violated at p = -1/3"
    # exp(p) ≥ 1 + p on the whole line: no point violates it, and this prover starts at zero.
    assert needs_of(step.obligations[1].needs) == {"p > 0": "open"}
    assert answer(used).steps[0].obligations[0].needs == ()


def test_an_author_can_show_what_a_hypothesis_is_for():
    def example(holds):
        fact = Fact("hypothesis", "1", True)
        return Counterexample("two coins", "claim", {}, lambda _: [fact], lambda _: Fact("claim", "0", holds))

    claim = Claim(
        sp.Ge(Probability(event("A")), p),
        (ge(p, 1), le(q, 3)),
        without=(
            Without("independence", example(False)),
            Without("a density", example(True)),
            Without("finite mean", models((2.0, 1.0))),
            Without("symmetry", TRUE),
            Without("continuity", WRONG),
            Without(ge(p, 1), UNDECIDED),
        ),
    )
    found = answer(claim=claim).claim
    assert [str(n.need) for n in found.needs] == [
        "needed (counterexample)",
        "open",
        "needed (counterexample)",
        "not needed (still proved)",
        "needed (counterexample)",
        "open",
        "open",
    ]
    assert found.needs[-1].hypothesis == "q <= 3"
    assert found.needs[-1].detail == "no prover reads the claim; no obligation has it as a hypothesis"


def test_a_derivation_that_needs_a_hypothesis_is_named():
    step = obligation(ge(x**2, x), z3_prover, ge(x, 1), name="power")
    claim = Claim(sp.Ge(Probability(event("A")), x), (ge(x, 1),))
    found = evaluate(statement(step, claim=claim), THOROUGH).claim.needs[0]
    assert found.need is Need.OPEN
    assert found.detail.startswith("the derivation needs it: 'power' is violated at x = 1/2")
    assert evaluate(statement(step, claim=claim), QUICK).claim.needs[0].detail.endswith("1 obligations use it")


# --- Worst cases ------------------------------------------------------------------------------------------------------


def test_the_worst_case_is_an_object_that_evaluates_to_the_same_ratio():
    sides = ((1.0, 4.0), (3.0, 4.0), (1.0, 2.0))
    own = statement(exact=(models(*sides, sides=lambda i: sides[i]),))
    found = worst_case(own, "pairs", QUICK)
    assert (found.label, found.model, found.smaller, found.larger, found.ratio) == ("model 1", 1, 3.0, 4.0, 0.75)
    assert found.evaluate() == 0.75
    assert found.sides.tolist() == [list(pair) for pair in sides]
    enumerated = worst_case(statement(exact=(models(*sides),)), "pairs")
    assert enumerated.evaluate() == 0.75
    repaired = Repair(Claim(ge(x**2, 0)), (Step("own", (TRUE,)),), exact=(models(*sides),))
    assert worst_case(statement(repair=repaired), "pairs", "full").position == 1
    evaluated = evaluate(own, QUICK)
    assert evaluated.exact[0].worst == "1"
    assert json_document([evaluated])["statements"][0]["exact"][0]["worst"] == "1"


@pytest.mark.parametrize(
    ("name", "profile", "words"),
    [("sums", "quick", "has no exact check 'sums'; it has"), ("pairs", "slow", "profile: unknown 'slow'")],
)
def test_a_worst_case_that_does_not_exist(name, profile, words):
    with pytest.raises(ValueError, match=words):
        worst_case(statement(exact=(models((1.0, 2.0)),)), name, profile)
    with pytest.raises(ValueError, match="no model of 'pairs' has a positive side"):
        worst_case(statement(exact=(models((0.0, 0.0)),)), "pairs")


def test_a_worst_case_is_drawn():
    figure = pytest.importorskip("matplotlib.figure")
    axes = figure.Figure().subplots()
    worst_case(statement(exact=(models((1.0, 4.0), (3.0, 4.0)),)), "pairs").plot(axes)
    assert [line.get_ydata().tolist() for line in axes.lines[:2]] == [[4.0, 4.0], [1.0, 3.0]]
    assert "ratio 0.75" in axes.get_legend().get_texts()[-1].get_text()


# --- Cited facts ------------------------------------------------------------------------------------------------------


def test_an_author_cites_facts_of_their_own():
    proof = FormalProof("Lean 4", "the_fact", "someone/library", "Fact.lean", "0" * 40, "constant 1")
    own = Rule("whatever is true is true", (proof,))
    found = answer(derivation=(Step("step", (TRUE,), rests_on=("induction", own)),)).steps[0]
    assert found.rests_on == (RULES["induction"], "whatever is true is true")
    assert found.rests_on[1].formal == (proof,)
    written = json_document([answer(derivation=(Step("step", (TRUE,), rests_on=(own,)),))])["statements"][0]
    assert written["derivation"][0]["rests_on"][0]["formal_proofs"][0]["declaration"] == "the_fact"
    with pytest.raises(ValueError, match="text: must say what the fact is"):
        Rule(" ")


def test_rules_read_as_text_and_name_a_version():
    assert RULES["McDiarmid"] == "the inequality of bounded differences (Equation (13))"
    proofs = [proof for rule in RULES.values() for proof in rule.formal]
    assert len(proofs) >= 10
    for proof in proofs:
        assert len(proof.commit) == 40
        assert proof.repository.count("/") == 1


def test_a_search_steps_over_points_where_nothing_is_real():
    """The logarithm of a negative test point has no place in a comparison."""
    found = settle(obligation(ge(sp.log(x) * y, 2), z3_prover, ge(sp.log(x) * y, 1)), 60)
    assert found.status is Status.REFUTED
