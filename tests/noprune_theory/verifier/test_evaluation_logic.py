"""Every field of an answer, and every entry of the reports made from it, on a small statement of our own."""

import hashlib
import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, takewhile

import numpy as np
import pytest
import sympy as sp
from rich import box
from rich.console import Console

from noprune_theory.verifier.evaluation import ExactAnswer, evaluate
from noprune_theory.verifier.obligations import Obligation, Status
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.report import json_document, slack_text, table
from noprune_theory.verifier.statement import (
    PROFILES,
    RULES,
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    NumericAgreement,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Sweep,
    Verdict,
)
from noprune_theory.verifier.sweeps import clopper_pearson, compare_with_claim

x = sp.Symbol("x", real=True)
u, t = sp.symbols("u t", positive=True)
SMALL = Profile("small", random_models=3, search_steps=2, largest_n=5, trials=1000, agreement_points=7)
TRUE = Obligation("square", sp.Ge(x**2 + 1, 2 * x), Refutation(), (sp.Ge(x, 0),))
WRONG = Obligation("wrong square", sp.Ge(x**2, 2 * x), Refutation())
UNDECIDED = Obligation("cosine", sp.Ge(sp.cos(x), -1), Refutation())
UNDECIDED_ALIKE = Obligation("sine", sp.Ge(sp.sin(x), -1), Refutation())
OTHER_METHOD = Obligation("difference", sp.Eq(sp.Function("f")(x), 0), Identity())


def comparisons(*pairs):
    return ExactCheck("pairs", lambda profile: [Comparison(f"model {i}", *pair) for i, pair in enumerate(pairs)])


def example(target="claim", hypotheses=(True,), conclusion=False):
    return Counterexample(
        "example",
        target,
        {"atoms": (Fraction(1, 2), "half"), "law": {1: [2, Fraction(1, 3)], 2: "b"}, "word": "one"},
        lambda data: [Fact(f"hypothesis {i}", str(i), holds) for i, holds in enumerate(hypotheses)],
        lambda data: Fact("assertion", data["word"], conclusion),
    )


def sweep(share, claimed=0.5, name="draws"):
    return Sweep(name, lambda rng, trials: round(share * trials), claimed)


def agreement(relative=0.0, name="power"):
    return NumericAgreement(
        name, lambda u, t: u**t * (1 + relative), u**t, lambda rng: {"u": float(rng.uniform(1, 2)), "t": 2.0}
    )


FAULTS = (PlantedFault("a", WRONG), PlantedFault("b", comparisons((2.0, 1.0))))
PROVED = Step("proved step", (TRUE,), rests_on=("continuity", "volume"), expression=sp.Ge(x**2, 0, evaluate=False))
REPAIR = Repair(Claim(sp.Ge(x**2 + 1, 2 * x), words="better"), (Step("own", (TRUE,), role=Role.OURS),))


def statement(**changes):
    base = Statement(
        id="own",
        title="title",
        source="page 0",
        recorded=Verdict.HOLDS,
        claim=Claim(sp.Ge(x**2 + 1, 2 * x), (sp.Ge(x, 0),), "for every x"),
        derivation=(PROVED,),
        faults=FAULTS,
        remarks=("a remark",),
    )
    return replace(base, **changes)


def answer(**changes):
    return evaluate(statement(**changes), SMALL)


def step(*obligations, **options):
    return answer(derivation=(Step("step", obligations, **options),)).steps[0]


def test_plain_fields():
    found = answer()
    assert (found.id, found.title, found.source) == ("own", "title", "page 0")
    assert (found.recorded, found.verdict) == (Verdict.HOLDS, Verdict.HOLDS)
    assert found.claim.words == "for every x"
    assert [h.text for h in found.claim.hypotheses] == ["x >= 0"]
    assert found.claim.conclusion.text == "x**2 + 1 >= 2*x"
    assert "x^{2}" in found.claim.conclusion.latex
    assert found.claim.conclusion.mathml.startswith("<m")
    assert "<mi>x</mi>" in found.claim.conclusion.mathml
    assert found.remarks == ("a remark",)
    assert (found.counterexamples, found.exact, found.sweeps, found.agreement, found.repair) == ((), (), (), (), None)
    assert 0 <= found.seconds < 60


def test_fields_of_a_step():
    (found,) = answer().steps
    assert (found.text, found.role, found.status) == ("proved step", Role.PRINTED, Status.PROVED)
    assert found.method == "z3, negation refuted"
    assert found.expression.text == "x**2 >= 0"
    assert found.counterexample is None
    assert found.rests_on == (RULES["continuity"], RULES["volume"])
    assert found.reason == ""
    (obligation,) = found.obligations
    assert (obligation.name, obligation.status, obligation.method) == ("square", Status.PROVED, "z3, negation refuted")
    assert obligation.detail == "negation unsatisfiable; 1 assumptions, consistent"
    assert [h.text for h in obligation.hypotheses] == ["x >= 0"]
    assert obligation.conclusion.text == "x**2 + 1 >= 2*x"


@pytest.mark.parametrize(
    ("obligations", "options", "status", "method"),
    [
        ((TRUE,), {}, "proved", "z3, negation refuted"),
        ((TRUE, UNDECIDED), {}, "open", "z3, negation refuted"),
        ((UNDECIDED, UNDECIDED_ALIKE, OTHER_METHOD), {}, "open", "z3, negation refuted; identity by normal form"),
        ((OTHER_METHOD, WRONG), {}, "refuted", "z3, negation refuted"),
        ((), {"reason": "because"}, "open", "none"),
        ((TRUE,), {"counterexample": example("step")}, "refuted", "exact counterexample"),
        ((TRUE,), {"counterexample": example("step", conclusion=True)}, "proved", "z3, negation refuted"),
        ((TRUE,), {"counterexample": example("step", (True, False))}, "proved", "z3, negation refuted"),
        ((), {"counterexample": example("step")}, "refuted", "exact counterexample"),
    ],
)
def test_status_and_method_of_a_step(obligations, options, status, method):
    found = step(*obligations, **options)
    assert (str(found.status), found.method) == (status, method)
    assert found.reason == options.get("reason", "")
    assert (found.counterexample is None) == ("counterexample" not in options)


def test_fields_of_a_counterexample():
    (found,) = answer(counterexamples=(example(hypotheses=(True, True)),)).counterexamples
    assert (found.name, found.target, found.violates) == ("example", "claim", True)
    assert found.data == (("atoms", "(1/2, half)"), ("law", "{1: (2, 1/3), 2: b}"), ("word", "one"))
    assert found.facts == (("hypothesis 0", "0", True), ("hypothesis 1", "1", True), ("assertion", "one", False))


def exact(*pairs):
    return answer(exact=(comparisons(*pairs),)).exact[0]


def test_fields_of_an_exact_check():
    found = exact((1.0, 4.0), (3.0, 4.0), (1.0, 2.0))
    assert found == ExactAnswer("pairs", 3, 0, 0.75, "model 1", 3, False)
    assert found.satisfied
    assert exact((1.0, 1.0 - 1e-11), (2.0, 1.0), (1.0, 2.0)) == ExactAnswer("pairs", 3, 2, 2.0, "model 1", 3, False)
    assert exact((1.0, 1.0 - 5e-13)).violations == 0
    assert exact((1e6, 1e6 - 5e-7)).violations == 0
    assert exact((1e6, 1e6 - 5e-6)).violations == 1
    assert exact((-1e6, -1e6 - 5e-7)).violations == 0
    assert exact((1e-13, 0.0)) == ExactAnswer("pairs", 1, 1, math.inf, "model 0", 1, False)
    assert exact((0.0, 0.0), (-1.0, -2.0)) == ExactAnswer("pairs", 2, 1, -math.inf, "", 2, False)
    assert exact((0.0, 1.0), (0.5, 1.0), (0.0, 0.0)).informative == 2
    assert exact((1.0, -1.0)).violations == 1
    assert exact((1.0, 0.5), (0.5, 0.25)).where == "model 0"
    assert not exact().satisfied


def test_fractions_are_compared_without_rounding():
    tiny = Fraction(1, 10**30)
    assert exact((1 + tiny, Fraction(1))).violations == 1
    assert exact((Fraction(1), Fraction(1))).violations == 0
    assert exact((1 + tiny, 1.0)).violations == 0
    assert exact((Fraction(1, 3), Fraction(1, 2))).tightest == pytest.approx(2 / 3)


@pytest.mark.parametrize("pair", [(math.nan, 1.0), (1.0, math.nan)])
def test_a_comparison_without_a_number(pair):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        exact(pair)
    assert str(caught.value) == "own: 'pairs': ValueError: comparison: pairs is not a number on model 0"


def test_profiles_reach_the_checks():
    seen = []
    check = ExactCheck("seen", lambda profile: seen.append(profile) or [Comparison("one", 0.5, 1.0)])
    points = NumericAgreement("points", lambda u: u, u, lambda rng: seen.append(1) or {"u": 1.0})
    trials = Sweep("trials", lambda rng, trials: seen.append(trials) or 0, 0.5)
    found = answer(
        exact=(check,), agreement=(points,), sweeps=(trials,), repair=replace(REPAIR, exact=(check,), sweeps=(trials,))
    )
    assert seen.count(SMALL) == 2
    assert seen.count(1) == 7
    assert seen.count(1000) == 2
    assert found.agreement[0].points == 7
    assert found.sweeps[0].frequency.trials == 1000


def test_random_numbers_are_those_of_the_names():
    first, again, other, repaired = [], [], [], []
    for target, changes in ((first, {}), (again, {}), (other, {"id": "other"})):
        draws = Sweep("draws", lambda rng, trials, target=target: target.append(rng.integers(1 << 60)) or 0, 0.5)
        answer(sweeps=(draws,), **changes)
    draws = Sweep("draws", lambda rng, trials: repaired.append(rng.integers(1 << 60)) or 0, 0.5)
    answer(repair=replace(REPAIR, sweeps=(draws,)))
    assert first == again == repaired
    assert first != other
    digest = hashlib.sha256(b"own/draws").digest()
    assert first[0] == np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist()).integers(1 << 60)


def test_sweeps_are_judged_by_their_interval():
    for share, judgement in ((0.3, "supported"), (0.7, "violated"), (0.5, "undecided")):
        (found,) = answer(sweeps=(sweep(share),)).sweeps
        assert found.name == "draws"
        assert found.frequency == compare_with_claim(round(1000 * share), 1000, 0.5)
        assert found.frequency.judgement == judgement


def test_numeric_agreement_is_the_largest_difference():
    (found,) = answer(agreement=(agreement(1e-9),)).agreement
    assert found.name == "power"
    assert found.largest == pytest.approx(1e-9, rel=1e-4)
    assert found.where.startswith("u = 1.")
    assert found.where.endswith(", t = 2")
    assert not found.agrees
    assert replace(found, largest=1e-12).agrees
    assert not replace(found, points=0, largest=0.0).agrees
    growing = NumericAgreement("growing", lambda u: u * (1 + 1e-6 * u), u, iter_of([1.0, 3.0, 2.0] * 9))
    (found,) = answer(agreement=(growing,)).agreement
    assert (found.largest, found.where) == (pytest.approx(3e-6, rel=1e-6), "u = 3")
    infinite = NumericAgreement("infinite", lambda u: math.nan, u, iter_of([2.0] * 9))
    assert answer(agreement=(infinite,)).agreement[0].largest == math.inf


def iter_of(values):
    numbers = iter(values)
    return lambda rng: {"u": next(numbers)}


def test_agreement_where_the_claim_vanishes_is_absolute():
    check = NumericAgreement("zero", lambda u: 0.25, sp.log(u), iter_of([1.0] * 9))
    (found,) = answer(agreement=(check,)).agreement
    assert found.largest == 0.25


@pytest.mark.parametrize(
    ("broken", "caught", "by", "detail"),
    [
        (WRONG, True, "derivation", "refuted: counterexample x = …"),
        (TRUE, False, "derivation", "proved: negation unsatisfiable; 1 assumptions, consistent"),
        (
            comparisons((2.0, 1.0), (1.0, 2.0)),
            True,
            "exact models",
            "1 of 2 cases violate it; largest ratio 2 (model 0)",
        ),
        (comparisons((1.0, 3.0)), False, "exact models", "0 of 1 cases violate it; largest ratio 0.333333 (model 0)"),
        (sweep(1.0), True, "sweep", "frequency in [0.9924, 1] against 0.5"),
        (sweep(0.5), False, "sweep", "frequency in [0.4476, 0.5524] against 0.5"),
        (example(hypotheses=(True, False)), True, "counterexample", "hypothesis 1"),
        (example(conclusion=True), True, "counterexample", "the assertion holds there"),
        (example(), False, "counterexample", "the assertion holds there"),
        (agreement(1e-3), True, "numeric agreement", "differs by 0.001 relative"),
        (agreement(), False, "numeric agreement", None),
    ],
)
def test_fields_of_a_fault(broken, caught, by, detail):
    found = answer(faults=(*FAULTS, PlantedFault("planted", broken))).faults[-1]
    assert (found.name, found.caught, found.by) == ("planted", caught, by)
    if detail is not None and detail.endswith("…"):  # the point is z3's choice
        assert found.detail.startswith(detail[:-1])
    elif detail is not None:
        assert found.detail == detail


def test_complaints_word_for_word():
    bad = replace(
        REPAIR,
        derivation=(Step("own", (UNDECIDED,), role=Role.OURS),),
        agreement=(agreement(1e-9, "repaired power"),),
        faults=(PlantedFault("blind", TRUE),),
    )
    found = answer(recorded=Verdict.GAP, agreement=(agreement(1e-9),), repair=bad)
    where, other = found.agreement[0].where, found.repair.agreement[0].where
    assert found.complaints == (
        "computed verdict 'holds' differs from the recorded 'gap'",
        "planted fault not caught: blind",
        f"function and claim differ by 1.00e-09 relative: power at {where}",
        f"function and claim differ by 1.00e-09 relative: repaired power at {other}",
        "the repaired statement is not established: gap",
    )
    assert [f.name for f in found.all_faults] == ["a", "b", "blind"]


def test_own_steps_count_towards_a_claim_that_holds():
    own = [Step("own", (o,), role=Role.OURS) for o in (WRONG, UNDECIDED)]
    refuted, undecided = (answer(recorded=Verdict.GAP, derivation=(PROVED, step)) for step in own)
    assert refuted.verdict is undecided.verdict is Verdict.GAP
    assert refuted.complaints == ("our own step is refuted: own",)
    assert undecided.complaints == ()
    assert answer(derivation=(PROVED, Step("use", (UNDECIDED,), role=Role.USE))).verdict is Verdict.GAP


def test_counterexamples_that_no_longer_violate():
    dead = example(conclusion=True)
    complaint = ("counterexample does not violate: example",)
    assert answer(counterexamples=(dead,)).complaints == complaint
    assert answer(counterexamples=(example(hypotheses=(False,)),)).complaints == complaint
    assert answer(derivation=(replace(PROVED, counterexample=dead),)).complaints == complaint
    own = Step("own", (TRUE,), role=Role.OURS, counterexample=dead)
    assert answer(repair=replace(REPAIR, derivation=(own,))).complaints == complaint
    open_step = Step("step", counterexample=dead)
    assert answer(recorded=Verdict.GAP, derivation=(open_step,)).complaints == complaint
    assert answer(recorded=Verdict.FALSE, counterexamples=(example(),)).complaints == ()


def test_checks_that_compare_zero_with_positive_numbers_alone():
    blind = comparisons((0.0, 1.0), (0.0, 2.0))
    complaint = ("the smaller side is zero on every model: pairs",)
    assert answer(exact=(blind,)).complaints == complaint
    assert answer(repair=replace(REPAIR, exact=(blind,))).complaints == complaint
    assert answer(exact=(comparisons((0.0, 1.0), (1.0, 2.0)),)).complaints == ()


def test_a_broken_claim_that_is_only_not_proved_is_not_caught():
    found = answer(faults=(PlantedFault("a", UNDECIDED), PlantedFault("b", WRONG)))
    assert [f.caught for f in found.faults] == [False, True]
    assert found.complaints == ("planted fault not caught: a",)
    assert list(table([found]).columns[5].cells) == ["1/2"]


def test_fields_of_a_repair():
    repair = replace(REPAIR, exact=(comparisons((1.0, 2.0)),), sweeps=(sweep(0.1),), agreement=(agreement(),))
    found = answer(repair=repair).repair
    assert (found.kind, found.verdict) == ("repaired", Verdict.HOLDS)
    assert found.claim.words == "better"
    assert [s.text for s in found.steps] == ["own"]
    assert found.exact[0].models == 1
    assert found.sweeps[0].frequency.judgement == "supported"
    assert found.agreement[0].agrees
    assert (found.faults, found.sharpens) == ((), ())
    sharpened = answer(repair=replace(repair, sharpens=(TRUE,))).repair
    assert (sharpened.kind, sharpened.sharpens[0].name) == ("sharpened", "square")


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"exact": (comparisons((2.0, 1.0)),)}, Verdict.FALSE),
        ({"sweeps": (sweep(0.9),)}, Verdict.GAP),
        ({"sweeps": (sweep(0.5),)}, Verdict.HOLDS),
        ({"sharpens": (WRONG,)}, Verdict.GAP),
        ({"derivation": (Step("a", (TRUE,), role=Role.OURS), Step("b", (WRONG,), role=Role.OURS))}, Verdict.GAP),
        ({"derivation": ()}, Verdict.GAP),
    ],
)
def test_verdict_of_a_repair(changes, verdict):
    assert answer(repair=replace(REPAIR, **changes)).repair.verdict is verdict


USE = Step("use", (TRUE,), role=Role.USE)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"exact": (comparisons((2.0, 1.0)),), "derivation": (USE,), "repair": REPAIR}, Verdict.SLIP),
        ({"exact": (comparisons((2.0, 1.0)),), "derivation": (PROVED,), "repair": REPAIR}, Verdict.FALSE),
        (
            {
                "exact": (comparisons((2.0, 1.0)),),
                "derivation": (USE, replace(USE, obligations=(UNDECIDED,))),
                "repair": REPAIR,
            },
            Verdict.FALSE,
        ),
        ({"counterexamples": (example("a step"),), "derivation": (PROVED, USE)}, Verdict.HOLDS),
        ({"derivation": (USE,)}, Verdict.GAP),
        ({"sweeps": (sweep(0.9),)}, Verdict.GAP),
        ({"sweeps": (sweep(0.5),)}, Verdict.HOLDS),
        ({"repair": replace(REPAIR, sharpens=(TRUE,))}, Verdict.HOLDS_LOOSE),
        ({"repair": replace(REPAIR, sharpens=(UNDECIDED,))}, Verdict.HOLDS),
    ],
)
def test_verdict(changes, verdict):
    assert answer(**changes).verdict is verdict


def test_slack_is_the_largest_finite_ratio():
    assert answer().slack is None
    assert answer(exact=(comparisons((1.0, 4.0)), comparisons((1.0, 2.0)))).slack == 0.5
    assert answer(exact=(comparisons((1e-13, 0.0)), comparisons((1.0, 4.0)))).slack == 0.25
    claimed = replace(comparisons((1.0, 8.0)), of_claim=True)
    assert answer(exact=(comparisons((1.0, 2.0)), claimed)).slack == 0.125
    assert answer(exact=(comparisons((1.0, 2.0)),), repair=replace(REPAIR, exact=(claimed,))).slack == 0.125
    assert answer(exact=(comparisons((1e-13, 0.0)),)).slack is None
    assert answer(repair=replace(REPAIR, exact=(comparisons((1.0, 8.0)),))).slack == 0.125
    both = answer(exact=(comparisons((1.0, 4.0)),), repair=replace(REPAIR, exact=(comparisons((1.0, 2.0)),)))
    assert both.slack == 0.25


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (-1.0, "–"),
        (1e-7, "> 10⁶×"),
        (1e-6, "> 10⁶×"),
        (1.1e-6, "9.09e+05×"),
        (0.25, "4×"),
        (0.4999, "2×"),
        (0.5, "within 50%"),
        (0.515, "within 48%"),
        (0.93, "within 7%"),
        (0.995, "within 1%"),
        (0.9951, "attained"),
        (1.0, "attained"),
        (1 + 5e-10, "attained"),
        (1 + 1e-9, "attained"),
        (1 + 5e-9, "exceeded 1×"),
        (1.5, "exceeded 1.5×"),
    ],
)
def test_slack_in_words(ratio, text):
    found = answer(exact=(comparisons((1.0, 2.0)),))
    exact_answer = replace(found.exact[0], tightest=ratio)
    assert slack_text(replace(found, exact=(exact_answer,))) == text


def test_slack_without_models_and_of_zero():
    assert slack_text(answer()) == "–"
    found = answer(exact=(comparisons((1.0, 2.0)),))
    assert slack_text(replace(found, exact=(replace(found.exact[0], tightest=0.0),))) == "–"


# --- Reports ----------------------------------------------------------------------------------------------------------


def full():
    repair = replace(
        REPAIR,
        exact=(comparisons((0.0, 0.0)),),
        sweeps=(sweep(0.1, name="repaired draws"),),
        faults=(PlantedFault("c", comparisons((2.0, 1.0))),),
    )
    return answer(
        derivation=(PROVED, Step("other", (TRUE,), counterexample=example("step"))),
        counterexamples=(example("scope"), example("scope", conclusion=True)),
        exact=(comparisons((1.0, 4.0)), comparisons((2.0, 1.0)), comparisons((0.0, 0.0))),
        sweeps=(sweep(0.3),),
        agreement=(agreement(1e-3), NumericAgreement("infinite", lambda u: math.nan, u, iter_of([2.0] * 9))),
        repair=repair,
    )


def step_entry(text, status, method, *rules):
    obligation = {
        "name": TRUE.name,
        "status": "proved",
        "outcome": "proved",
        "method": "z3, negation refuted",
        "reason": None,
        "cites": [],
        "rocq": None,
        "hypotheses": [],
    }
    entry = {"step": text, "status": status, "method": method, "outcome": status, "rocq": None}
    facts = [{"fact": str(RULES[rule]), "formal_proofs": []} for rule in rules]
    return {**entry, "obligations": [obligation], "rests_on": facts}


def test_json_document_entry_by_entry():
    found = full()
    document = json_document([found, found])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["schema"] == 1
    assert len(document["statements"]) == 2
    lower, upper = clopper_pearson(300, 1000)
    example_entry = {
        "name": "example",
        "kind": "counterexample",
        "data": {"atoms": "(1/2, half)", "law": "{1: (2, 1/3), 2: b}", "word": "one"},
    }
    facts = [
        {"fact": "hypothesis 0", "value": "0", "holds": True},
        {"fact": "assertion", "value": "one", "holds": False},
    ]
    true_facts = [facts[0], {**facts[1], "holds": True}]
    models = {"kind": "finite models", "name": "pairs"}
    assert document["statements"][0] == {
        "paper": "",
        "id": "own",
        "title": "title",
        "source": "page 0",
        "verdict": "false",
        "hypotheses": [{"hypothesis": "x >= 0", "answer": "not needed (still proved)", "reason": None}],
        "derivation": [
            step_entry("proved step", "proved", "z3, negation refuted", "continuity", "volume"),
            step_entry("other", "refuted", "exact counterexample"),
        ],
        "exact": [
            {
                **models,
                "models": 1,
                "informative": 1,
                "violations": 0,
                "tightest": 0.25,
                "where": "model 0",
                "worst": "",
                "status": "satisfied",
            },
            {
                **models,
                "models": 1,
                "informative": 1,
                "violations": 1,
                "tightest": 2.0,
                "where": "model 0",
                "worst": "",
                "status": "violated",
            },
            {
                **models,
                "models": 1,
                "informative": 1,
                "violations": 0,
                "tightest": None,
                "where": "",
                "worst": "",
                "status": "satisfied",
            },
            {**example_entry, "refutes": "scope", "facts": facts, "status": "violated"},
            {**example_entry, "refutes": "scope", "facts": true_facts, "status": "satisfied"},
            {**example_entry, "refutes": "step", "facts": facts, "status": "violated"},
            {
                "name": "power",
                "kind": "numeric agreement",
                "points": 7,
                "largest_relative_difference": found.agreement[0].largest,
                "status": "violated",
            },
            {
                "name": "infinite",
                "kind": "numeric agreement",
                "points": 7,
                "largest_relative_difference": None,
                "status": "violated",
            },
        ],
        "sweeps": [
            {
                "name": "draws",
                "successes": 300,
                "trials": 1000,
                "interval": [lower, upper],
                "claimed": 0.5,
                "status": "supported",
            }
        ],
        "faults": [{"name": name, "caught": True} for name in "abc"],
        "repaired": document["statements"][0]["repaired"],
    }
    repaired = document["statements"][0]["repaired"]
    assert repaired == {
        "claim": found.repair.claim.conclusion.latex,
        "verdict": "holds",
        "kind": "repaired",
        "hypotheses": [],
        "words": "better",
        "needed": [],
        "derivation": [step_entry("own", "proved", "z3, negation refuted")],
        "exact": [
            {
                **models,
                "models": 1,
                "informative": 1,
                "violations": 0,
                "tightest": None,
                "where": "",
                "worst": "",
                "status": "satisfied",
            }
        ],
        "sweeps": [
            {
                "name": "repaired draws",
                "successes": 100,
                "trials": 1000,
                "interval": list(clopper_pearson(100, 1000)),
                "claimed": 0.5,
                "status": "supported",
            }
        ],
        "faults": [{"name": "c", "caught": True}],
    }
    assert json_document([answer()])["statements"][0]["repaired"] is None
    agreeing = json_document([answer(agreement=(agreement(),))])["statements"][0]["exact"][0]
    assert agreeing["status"] == "satisfied"


def test_terminal_table_cell_by_cell():
    shown = table(
        [full(), answer(recorded=Verdict.GAP), answer(sweeps=(sweep(0.3), sweep(0.2), sweep(0.5)))], title="A Paper"
    )
    assert [column.header for column in shown.columns] == [
        "statement", "verdict", "steps", "slack", "sweeps", "faults", "repair", "time",
    ]  # fmt: skip
    assert [column.justify for column in shown.columns] == ["left"] * 7 + ["right"]
    assert all(column.overflow == "fold" for column in shown.columns)
    assert (shown.title, shown.title_justify) == ("A Paper, statement by statement", "left")
    assert shown.caption == (
        "steps ✓ proved ✗ refuted ? open; slack: how close the exact models come to equality; faults: planted ones "
        "caught; repair: verdict on the repaired or sharpened statement"
    )
    assert shown.caption_justify == "left"
    assert shown.box is box.SIMPLE_HEAD
    cells = [[str(cell) for cell in column.cells] for column in shown.columns]
    assert cells[:7] == [
        ["own", "own", "own"],
        ["false", "holds", "holds"],
        ["1✓ 1✗", "1✓", "1✓"],
        ["exceeded 2×", "–", "–"],
        ["supported", "–", "supported, undecided"],
        ["3/3", "2/2", "2/2"],
        ["holds", "–", "–"],
    ]
    assert all(cell.endswith(" s") and len(cell.split(".")[1]) == 3 for cell in cells[7])
    verdicts = [cell.style for cell in shown.columns[1]._cells]
    assert verdicts == ["bold red", "bold red", "green"]
    assert [str(span.style) for span in shown.columns[2]._cells[0].spans] == ["green", "red"]
    console = Console(width=200)
    with console.capture() as capture:
        console.print(shown)
    assert "statement by statement" in capture.get()
    assert "│" not in capture.get()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "koi8-r", "shift_jis", "utf-8", "utf-16"])
def test_the_table_has_the_characters_of_its_encoding(encoding):
    """What it lacks is spelled out before the columns are laid out; ten to the sixth is not a hundred and six."""
    far = answer(exact=(ExactCheck("far", lambda profile: [Comparison("only", 1e-9, 1.0)]),))
    shown = table([full(), far], 120, encoding)
    cells = [[str(cell) for cell in column.cells] for column in shown.columns]
    for text in (shown.caption, *(cell for column in cells for cell in column)):
        text.encode(encoding)
    unicode = encoding.startswith("utf")
    assert cells[2] == (["1✓ 1✗", "1✓"] if unicode else ["1+ 1x", "1+"])
    times = "×" if encoding not in ("ascii", "koi8-r") else "x"
    assert cells[3] == [f"exceeded 2{times}", f"> 10⁶{times}" if unicode else f"> 1e6{times}"]


def rendered(answers, width):
    console = Console(width=width)
    with console.capture() as capture:
        console.print(table(answers, width))
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 99, 100, 120])
def test_no_cell_of_the_table_is_cut(width):
    """Each column, read from top to bottom, holds every name and number in full."""
    judged = answer(sweeps=(sweep(0.3), sweep(0.2), sweep(0.5)))
    judged = replace(judged, id="claim-brute-force-information", verdict=Verdict.HOLDS_LOOSE, seconds=45.4)
    lines = rendered([judged, replace(full(), id="claim-correlation-lower-bound", seconds=0.5)], width)
    assert all(len(line) <= width for line in lines)
    assert not any("…" in line for line in lines)
    starts = [lines[2].index(word) for word in lines[2].split()]
    body = takewhile(str.strip, lines[4:])
    columns = zip(*[[line[a:b].strip() for a, b in pairwise([*starts[:-1], None])] for line in body], strict=True)
    assert ["".join("".join(column).split()) for column in columns] == [
        "claim-brute-force-informationclaim-correlation-lower-bound",
        "holdsloosefalse",
        "1✓1✓1✗",
        "–exceeded2×",
        "supported,undecidedsupported",
        "2/23/3",
        "–45.4sholds0.5s",  # the two last columns, row by row
    ]


def test_names_break_after_hyphens_on_a_narrow_terminal():
    named = [replace(full(), id="claim-brute-force-information")]
    parts = [line.split()[0] for line in takewhile(str.strip, rendered(named, 80)[4:])]
    assert len(parts) > 1
    assert "".join(parts) == "claim-brute-force-information"
    assert all(part.endswith("-") for part in parts[:-1])
    assert rendered(named, 120)[4].split()[0] == "claim-brute-force-information"


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        ({"recorded": Verdict.GAP, "derivation": (replace(PROVED, obligations=(UNDECIDED,)),)}, "yellow"),
        ({"recorded": Verdict.FALSE, "counterexamples": (example(),)}, "red"),
        ({"recorded": Verdict.SLIP, "counterexamples": (example(),), "derivation": (USE,), "repair": REPAIR}, "yellow"),
        ({"recorded": Verdict.HOLDS_LOOSE, "repair": replace(REPAIR, sharpens=(TRUE,))}, "green"),
    ],
)
def test_colours_of_verdicts(changes, colour):
    (cell,) = table([answer(**changes)]).columns[1]._cells
    assert cell.style == colour


# --- Intervals --------------------------------------------------------------------------------------------------------


def test_intervals_at_the_ends():
    assert clopper_pearson(0, 10, 0.9) == (0.0, pytest.approx(1 - 0.05 ** (1 / 10), rel=1e-12))
    assert clopper_pearson(10, 10, 0.9) == (pytest.approx(0.05 ** (1 / 10), rel=1e-12), 1.0)
    assert clopper_pearson(0, 1, 0.9) == (0.0, pytest.approx(0.95, rel=1e-12))
    lower, upper = clopper_pearson(1, 2, 0.9)
    assert lower == pytest.approx(1 - math.sqrt(0.95), rel=1e-12)
    assert upper == pytest.approx(math.sqrt(0.95), rel=1e-12)
    assert clopper_pearson(3, 10) == clopper_pearson(3, 10, 0.999)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 10), (11, 10), (0, 0), (1, -1)])
def test_impossible_counts(successes, trials):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        clopper_pearson(successes, trials)
    assert str(caught.value) == (
        f"successes, trials: need 0 <= successes <= trials and trials >= 1, given {successes}, {trials}"
    )


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.5, 1.5])
def test_impossible_confidence(confidence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the whole message is compared)
        clopper_pearson(1, 2, confidence)
    assert str(caught.value) == f"confidence: must lie in (0, 1), given {confidence}"


def test_judgement_at_the_border():
    lower, upper = clopper_pearson(3, 10)
    assert compare_with_claim(3, 10, upper).judgement == "supported"
    assert compare_with_claim(3, 10, math.nextafter(upper, 0)).judgement == "undecided"
    assert compare_with_claim(3, 10, lower).judgement == "undecided"
    found = compare_with_claim(3, 10, math.nextafter(lower, 0))
    assert found.judgement == "violated"
    assert (found.successes, found.trials, found.lower, found.upper) == (3, 10, lower, upper)


def test_profiles_by_name():
    assert all(name == profile.name for name, profile in PROFILES.items())


# --- What is handed on ------------------------------------------------------------------------------------------------


def test_a_proved_step_names_every_method_once():
    identity = Obligation("identity", sp.Eq((x + 1) ** 2, x**2 + 2 * x + 1, evaluate=False), Identity())
    assert step(TRUE, identity, TRUE).method == "z3, negation refuted; identity by normal form"
    assert step(TRUE).expression is None


def test_a_counterexample_sees_its_data():
    seen = []
    given = replace(example(), hypotheses=lambda data: seen.append(data) or [Fact("a", "b", True)])
    answer(counterexamples=(given,))
    assert seen == [given.data]


def test_agreement_draws_by_both_names_and_tells_no_place_when_exact():
    def drawn(name, **changes):
        seen = []
        check = NumericAgreement(
            name, lambda u: u, u, lambda rng: seen.append(float(rng.uniform(1, 2))) or {"u": seen[-1]}
        )
        (found,) = answer(agreement=(check,), **changes).agreement
        assert (found.largest, found.where) == (0.0, "")
        return seen

    assert drawn("one") == drawn("one")
    assert drawn("one") != drawn("two")
    assert drawn("one") != drawn("one", id="other")


def test_faults_of_a_repair_run_with_its_profile_and_name():
    seen = []
    broken = Sweep("broken", lambda rng, trials: seen.append((trials, rng.integers(1 << 60))) or trials, 0.5)
    answer(repair=replace(REPAIR, faults=(PlantedFault("c", broken),)), faults=(*FAULTS, PlantedFault("d", broken)))
    assert seen[0] == seen[1]
    assert seen[0][0] == 1000


def test_an_exact_fault_runs_with_the_profile():
    seen = []
    broken = ExactCheck("broken", lambda profile: seen.append(profile) or [Comparison("one", 2.0, 1.0)])
    answer(faults=(*FAULTS, PlantedFault("c", broken)))
    assert seen == [SMALL]


def test_rounding_is_forgiven_up_to_its_limit():
    assert exact((1e-12, 0.0)).violations == 1
    assert exact((9e-13, 1e-30)).violations == 1
    assert exact((1e-30 * (1 + 5e-13), 1e-30)).violations == 0
    differences = replace(comparisons((9e-15, 0.0), (2e-14, 0.0), (0.0, 1.0), (1e-15, 1.0)), rounding=1e-14)
    (found,) = answer(exact=(differences,)).exact
    assert (found.violations, found.informative) == (1, 2)
    assert exact((0.5 + 1.5e-12, 0.5)).violations == 1
    assert exact((0.5 + 0.5e-12, 0.5)).violations == 0
