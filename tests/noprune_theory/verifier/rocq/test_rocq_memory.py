"""Remembered proofs: tactics and nothing else, of the statement as it is exported now."""

import json
from pathlib import Path

import pytest

from noprune_theory.verifier.rocq.collect import papers_obligations
from noprune_theory.verifier.rocq.manifest import KernelStatus
from noprune_theory.verifier.rocq.proofs import Proofs, differences, read_lemmas
from noprune_theory.verifier.rocq.tasks import Task, tasks_of
from verification.papers import PAPERS

RECORDED = Path(__file__).parents[4] / "verification" / "rocq" / "obligations"


def task(script="", method="", status=KernelStatus.OPEN, statement="forall x : R,\n  x = x", name="a-b.1"):
    return Task(
        name, "digest", "1 ≤ 2 (* [x] *)", statement, f"~ ({statement})", script=script, method=method, status=status
    )


def proved(script="lra.", status=KernelStatus.ACCEPTED, **more):
    return task(script, "linear arithmetic", status, **more)


def recorded(folder, *tasks):
    folder.mkdir(exist_ok=True)
    (folder / "a.v").write_text("From X Require Y.\n\n" + "\n".join(t.text for t in tasks), encoding="utf-8")
    return folder


def recalled(found, memory, statement="forall x : R,\n  x = x"):
    fresh = task(statement=statement)
    return (fresh.status, fresh.method, fresh.script) if Proofs(memory, found).recall(fresh) else None


@pytest.mark.parametrize(
    "script",
    [
        *(
            "nra.",
            "pose proof H as X. field; nonzero.",
            "split.\n- lra.\n- apply defined_root; posit.",
            "(intros; lra).",
        ),
        *("split; [ lra | ].\n{ intros x; lra. }\n1: field.", "match goal with H : ?x = 0 |- _ => rewrite H end. lra."),
    ],
)
def test_tactics_are_taken(script, tmp_path):
    assert recalled(recorded(tmp_path / "r", proved(script)), tmp_path / "p")[2] == script


@pytest.mark.parametrize(
    "script",
    [
        *("Admitted. Lemma x : True. exact I.", "admit.", "lra.\nAbort.", "intros; give_up.", "lra... Admitted."),
        *("nra. Qed. Axiom a : False. Goal True. exact I.", "lra.\n#[local] Axiom a : False.", "{ lra. } Admitted."),
        *("lra. (* a comment *) Admitted.", "(* *)Admitted.", "1: Admitted.", "- Admitted.", 'idtac "a". Admitted.'),
    ],
)
def test_commands_are_not(script, tmp_path):
    assert recalled(recorded(tmp_path / "r", proved(script)), tmp_path / "p") is None
    entry = {"method": "m", "script": script}
    (tmp_path / "p").write_text(json.dumps({"forall x : R,\n  x = x": entry}), encoding="utf-8")
    assert recalled(None, tmp_path / "p") is None


def test_a_recorded_proof_belongs_to_its_proposition(tmp_path):
    folder = recorded(tmp_path / "r", proved(), proved("nra.", KernelStatus.REFUTED, statement="0 < 0", name="c.1"))
    assert recalled(folder, tmp_path / "p") == ("accepted", "linear arithmetic", "lra.")
    assert recalled(folder, tmp_path / "p", "0 < 0") == ("refuted", "linear arithmetic", "nra.")
    assert recalled(folder, tmp_path / "p", "forall x : R,\n  x <= x") is None
    assert [lemma.name for lemma in read_lemmas(folder)] == ["a_b_1", "c_1"]


def test_what_was_found_counts_where_the_recorded_proof_was_rejected(tmp_path):
    folder, memory = recorded(tmp_path / "r", proved("lra.")), tmp_path / "p"
    Proofs(memory, folder).keep(proved("nra."))
    assert recalled(folder, memory)[2] == "nra."
    recorded(folder, proved("field."))  # another one was recorded since
    assert recalled(folder, memory)[2] == "field."
    Proofs(memory, folder).keep(task())
    assert recalled(None, memory) is None


def test_a_memory_that_is_no_json_is_empty(tmp_path):
    (tmp_path / "p").write_text('{"half', encoding="utf-8")
    assert recalled(None, tmp_path / "p") is None
    Proofs(tmp_path / "p").keep(proved())
    assert recalled(None, tmp_path / "p")[2] == "lra."


def test_what_is_not_as_recorded_is_named(tmp_path):
    before = recorded(tmp_path / "r", proved(), proved(name="a.2"), proved(name="a.3"), proved(name="a.4"))
    other = (proved("nra.", name="a.2"), proved(name="a.3", statement="0 = 0"), proved(name="a.5"))
    now = recorded(tmp_path / "n", proved(), *other)
    assert differences(before, before) == {}
    assert list(differences(before, now).items()) == [
        ("a_2", "has a recorded proof that is not taken"),
        ("a_3", "is recorded with another statement"),
        ("a_4", "is recorded and no longer proved"),
        ("a_5", "has no recorded proof"),
    ]


@pytest.mark.parametrize(
    ("name", "module", "lemma"),
    [
        ("theorem-4.12", "theorem", "theorem_4_12"),
        ("theorem-4.12.defined", "theorem", "theorem_4_12_defined"),
        ("a-paper.theorem-4.12", "a_paper", "a_paper_theorem_4_12"),
        ("a-paper.theorem-4.12.defined", "a_paper", "a_paper_theorem_4_12_defined"),
        ("2-sat.1", "s_2", "s_2_sat_1"),
    ],
)
def test_names_are_those_that_rocq_allows(name, module, lemma):
    assert (task(name=name).module, task(name=name).lemma) == (module, lemma)


@pytest.mark.rocq
def test_every_obligation_of_the_papers_has_a_recorded_proof(tmp_path):
    """A fresh clone only compiles; `make certify-record` records what was found since."""
    proofs = Proofs(tmp_path / "none", RECORDED)
    lemmas = [lemma.name for lemma in read_lemmas(RECORDED)]
    tasks = [t for name, obligation in papers_obligations(PAPERS).items() for t in tasks_of(name, obligation, ())]
    assert [t.id for t in tasks if not proofs.recall(t)] == []
    assert sorted(lemmas) == sorted(t.lemma for t in tasks)
