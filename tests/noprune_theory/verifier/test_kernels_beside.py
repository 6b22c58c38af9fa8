"""What Rocq decided stands beside the answers: by the digest of what is asserted, and nowhere else."""

import json

import pytest
import sympy as sp

from noprune_theory.commands._statement_template import STATEMENT
from noprune_theory.verifier.evaluation import evaluate
from noprune_theory.verifier.kernels import with_rocq
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.page import html_page
from noprune_theory.verifier.provers import Refutation
from noprune_theory.verifier.report import json_document
from noprune_theory.verifier.rocq import obligation_digest
from noprune_theory.verifier.statement import PROFILES
from verification import command_line

x = sp.Symbol("x", positive=True)


@pytest.fixture(scope="module")
def answer():
    return evaluate(STATEMENT, PROFILES["quick"])


def digests(answer):
    return [[o.digest for o in step.obligations] for step in answer.steps]


def test_the_digest_is_that_of_what_is_asserted():
    one = Obligation("one", sp.Ge(x, 2), Refutation())
    assert one.digest == Obligation("other name", sp.Ge(x, 2), Refutation()).digest == obligation_digest(one)
    altered = (
        Obligation("one", sp.Gt(x, 2), Refutation()),
        Obligation("one", sp.Ge(x, 2), Refutation(), (sp.Ge(x, 1),)),
        Obligation("one", sp.Ge(sp.Symbol("x", real=True), 2), Refutation()),
    )
    assert len({one.digest, *(o.digest for o in altered)}) == 4


def test_a_step_is_accepted_when_all_of_it_is(answer):
    first, second, third = digests(answer)
    statuses = dict.fromkeys(first + second, "accepted") | {second[0]: "open"}
    found = with_rocq(answer, statuses)
    assert [step.rocq for step in found.steps] == ["accepted", "open", None]
    assert [o.rocq for o in found.steps[0].obligations] == ["accepted"] * len(first)
    assert with_rocq(answer, {third[0]: "refuted"}).steps[2].rocq == "refuted"
    assert [step.rocq for step in answer.steps] == [None] * 3
    steps = json_document([found])["statements"][0]["derivation"]
    assert [step["rocq"] for step in steps] == ["accepted", "open", None]
    assert html_page([found], "quick").count("Rocq: accepted") == 1 + len(first)


def test_an_altered_obligation_has_no_certificate(answer):
    statuses = dict.fromkeys((d[::-1] for step in digests(answer) for d in step), "accepted")
    assert [step.rocq for step in with_rocq(answer, statuses).steps] == [None] * 3


@pytest.mark.parametrize(("content", "words"), [(None, "manifest.json"), ("{}", "is no manifest")])
def test_a_folder_without_a_manifest_is_one_line(content, words, tmp_path, capsys):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["equation-8", "--certificates", str(tmp_path)])
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert line.startswith("verification: --certificates: ")
    assert words in line
    assert line.count("\n") == 1


def test_the_command_counts_what_rocq_decided(tmp_path, capsys):
    from verification.no_free_prune import load

    (obligation,) = load("equation-8").derivation[0].obligations
    entry = {
        "id": "equation-8.0", "statement": "True", "digest": obligation.digest, "status": "accepted", "method": "m",
        "seconds": 0.1,
    }  # fmt: skip
    (tmp_path / "manifest.json").write_text(json.dumps({"obligations": [entry], "theorems": []}))
    assert command_line.main(["equation-8", "--certificates", str(tmp_path)]) == 0
    assert "Rocq: of 1 obligations 1 accepted" in capsys.readouterr().out
