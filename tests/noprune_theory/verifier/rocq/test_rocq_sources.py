"""What is compiled, in which order, and when it is compiled again: without Rocq, by a program that stands for it."""

import json
import os
import stat
import threading

import pytest

from noprune_theory.verifier.rocq import sources as module
from noprune_theory.verifier.rocq.certificates import compiled_seconds, failing
from noprune_theory.verifier.rocq.sources import CompileError, Sources, copy_sources, in_order
from noprune_theory.verifier.rocq.tasks import Task

COQC = """#!/bin/sh
for file; do :; done
echo "$file" >> compiled.log
if grep -q wrong "$file"; then echo 'File "x", line 2, characters 1-2:'; exit 1; fi
echo 'Chars 0 - 9 [Require] 1. secs (1.u,0.s)'
echo 'Chars 0 - 9 [Lemma~a_1~:~forall...] 0.1 secs (0.1u,0.s)'
echo 'Chars 0 - 9 [Qed.] 0.5 secs (0.25u,0.05s)'
: > "${file%.v}.vo"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of certificates, with a program that notes what it compiles."""
    program = tmp_path / "bin" / "coqc"
    program.parent.mkdir()
    program.write_text(COQC)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(module, "_version", lambda: "8.16.1")
    return tmp_path / "out"


def written(folder, **texts):
    files = []
    for name, text in texts.items():
        place, _, stem = name.partition("__")
        file = folder / place / f"{stem}.v"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        files.append(file)
    return files


CHAIN = {
    "theory__A": "Lemma.",
    "theory__B": "From Coq Require Import Reals.\nFrom Obligations Require Export A.\n",
    "by_hand__A": "From Obligations Require Import B. (* Require A. *)\n",
    "library__C": "From NoFreePrune Require Import D\n  E.\n",
    "library__D": "Require Import E.\n",
    "library__E": "(** Require Import C. *)\n",
    "obligations__a": "From ByHand Require Import A.\nLemma a_1 : 0 = 0.\n",
}


def compiled(folder, files, jobs=2):
    errors = Sources(folder).compile(files, jobs)
    log = folder / "compiled.log"
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names, errors


def test_everything_comes_after_what_it_requires(folder):
    files = written(folder, **CHAIN)
    ordered = [f"{f.parent.name}/{f.stem}" for f in in_order(files)]
    names, errors = compiled(folder, files)
    assert not errors
    for order in (ordered, [name.removesuffix(".v") for name in names]):
        assert sorted(order) == sorted(key.replace("__", "/") for key in CHAIN)
        for first, then in [("theory/A", "theory/B"), ("theory/B", "by_hand/A"), ("by_hand/A", "obligations/a")]:
            assert order.index(first) < order.index(then)
        assert order.index("library/E") < order.index("library/D") < order.index("library/C")


def test_what_changed_and_what_requires_it_is_compiled_again(folder):
    files = written(folder, **CHAIN)
    compiled(folder, files)
    assert compiled(folder, files)[0] == []
    written(folder, library__D="Require Import E. \n")
    assert sorted(compiled(folder, files)[0]) == ["library/C.v", "library/D.v"]
    written(folder, theory__B="From Obligations Require Export A.\n")
    assert sorted(compiled(folder, files)[0]) == ["by_hand/A.v", "obligations/a.v", "theory/B.v"]
    (folder / "library" / "E.vo").unlink()
    assert sorted(compiled(folder, files)[0]) == ["library/C.v", "library/D.v", "library/E.v"]


def test_another_rocq_compiles_everything_again(folder, monkeypatch):
    files = written(folder, **CHAIN)
    compiled(folder, files)
    monkeypatch.setattr(module, "_version", lambda: "9.0")
    assert len(compiled(folder, files)[0]) == len(CHAIN)


def test_what_requires_a_rejected_file_is_not_tried(folder):
    files = written(folder, **CHAIN | {"theory__B": "From Obligations Require Export A.\nwrong\n"})
    names, errors = compiled(folder, files)
    assert [file.stem for file in errors] == ["B"]
    assert "obligations/a.v" not in names
    assert "library/C.v" in names


def test_a_file_whose_compilation_was_interrupted_is_compiled_again(folder):
    files = written(folder, **CHAIN)
    compiled(folder, files)
    written(folder, library__D="wrong")
    compiled(folder, files)
    assert "library/D.v" not in json.loads((folder / "compiled.json").read_text())
    written(folder, **CHAIN)
    assert sorted(compiled(folder, files)[0]) == ["library/C.v", "library/D.v"]
    (folder / "compiled.json").write_text("{")
    assert len(compiled(folder, files)[0]) == len(CHAIN)


def test_an_interrupt_stops_what_runs_and_leaves_the_rest(folder):
    files = written(folder, **CHAIN)

    def stop(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Sources(folder).compile(files, 1, stop)
    assert threading.active_count() < 10
    (folder / "compiled.log").unlink()
    names, errors = compiled(folder, files)
    assert not errors
    assert 0 < len(names) < len(CHAIN)


def test_the_seconds_of_a_lemma_are_of_its_sentences(folder):
    files = written(folder, obligations__a="Lemma a_1 : 0 = 0.\n")
    compiled(folder, files)
    assert compiled_seconds(files[0]) == pytest.approx({"a_1": 0.4})


def test_the_lemma_that_fails_is_found_by_the_line(tmp_path):
    (file,) = written(tmp_path, obligations__a="Lemma a_1 : x.\nProof.\nQed.\nLemma a_2 : y.\nProof.\nlra.\n")
    tasks = [Task("a.1", "", ""), Task("a.2", "", "")]
    error = CompileError("a.v", 'File "a.v", line 3, characters 0-4:')
    assert failing(error, file, tasks).id == "a.1"
    assert failing(CompileError("a.v", "line 6, characters 0-4:"), file, tasks).id == "a.2"
    for output in ("killed", "line 1, characters 0-4:"):
        with pytest.raises(CompileError):
            failing(CompileError("a.v", output), file, tasks[1:])


def test_copies_follow_their_sources(tmp_path):
    written(tmp_path, theory__A="1", theory__B="2")
    copy_sources(tmp_path / "theory", tmp_path / "copy")
    (tmp_path / "copy" / "B.vo").write_text("compiled")
    (tmp_path / "theory" / "B.v").unlink()
    assert [f.name for f in copy_sources(tmp_path / "theory", tmp_path / "copy")] == ["A.v"]
    assert [f.name for f in (tmp_path / "copy").iterdir()] == ["A.v"]
