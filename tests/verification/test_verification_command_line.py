"""The contract of `python -m verification`: schema, exit codes, one clear line, clean interruption."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from noprune_theory.verifier import command
from noprune_theory.verifier.evaluation import evaluate
from noprune_theory.verifier.page import html_page
from noprune_theory.verifier.report import json_document
from noprune_theory.verifier.statement import PROFILES, Verdict
from verification import command_line
from verification.no_free_prune import PAPER, load
from verification.papers import PAPERS
from verification.runner import run

ROOT = Path(__file__).resolve().parents[2]
FAST = ("equation-8", "equation-5")
VERDICTS = {"holds", "holds loose", "slip", "gap", "false"}


def verification(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "verification", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_json_has_the_agreed_form(tmp_path):
    target = tmp_path / "answers.json"
    assert command_line.main([*FAST, "--json", str(target)]) == 0
    document = json.loads(target.read_text(encoding="utf-8"))
    assert set(document) == {"schema", "statements"}
    assert document["schema"] == 1
    assert [s["id"] for s in document["statements"]] == list(FAST)
    for statement in document["statements"]:
        assert set(statement) == {
            "paper", "id", "title", "source", "verdict", "hypotheses", "derivation", "exact", "sweeps", "faults",
            "repaired",
        }  # fmt: skip
        assert statement["verdict"] in VERDICTS
        assert statement["paper"] == "no-free-prune"
        assert statement["derivation"]
        for step in statement["derivation"]:
            assert set(step) == {"step", "status", "method", "outcome", "rocq", "obligations", "rests_on"}
            assert step["status"] in {"proved", "refuted", "open"}
        assert len(statement["faults"]) >= 2
        for fault in statement["faults"]:
            assert set(fault) == {"name", "caught"}
            assert fault["caught"] is True


def test_repaired_carries_claim_and_verdict():
    repaired = json_document([evaluate(load("equation-7"), PROFILES["quick"])])["statements"][0]["repaired"]
    assert repaired["verdict"] == "holds"
    assert r"\delta^{*}" in repaired["claim"]


def test_answers_do_not_depend_on_the_number_of_workers():
    one, two = (json_document(run(FAST, "quick", workers)) for workers in (1, 2))
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lemma-99"], "unknown statement lemma-99"),
        (["--profile", "slow"], "slow"),
        (["--colour"], "--colour"),
        (["equation-8", "--json", "{missing}/answers.json"], "no folder"),
        (["equation-8", "--json", "{folder}"], "is a folder"),
        (["equation-8", "--html", "/proc/none/page.html"], "cannot write"),
        (["equation-8", "--figures", "{folder}"], "--html"),
        (["equation-8", "--html", "{folder}/page.html", "--figures", "{missing}"], "no folder"),
    ],
)
def test_bad_calls_get_one_line_and_exit_2(arguments, words, tmp_path, capsys):
    filled = [a.format(missing=tmp_path / "missing", folder=tmp_path) for a in arguments]
    with pytest.raises(SystemExit) as stopped:
        command_line.main(filled)
    captured = capsys.readouterr()
    assert stopped.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("verification: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_after_all(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "check_writable", lambda _: None)
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["equation-8", "--json", "/proc/answers.json"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith("verification: cannot write /proc/answers.json")


def test_a_wrong_record_exits_1(monkeypatch, capsys):
    wrong = replace(evaluate(load("equation-8"), PROFILES["quick"], PAPER.name), recorded=Verdict.FALSE)
    monkeypatch.setattr(command, "run_with_progress", lambda selection, profile: [wrong])
    assert command_line.main(["equation-8"]) == 1
    assert "differs from the recorded 'false'" in capsys.readouterr().err


def test_the_module_runs_and_prints_the_table():
    done = verification("equation-8")
    assert done.returncode == 0
    assert done.stderr == ""
    assert re.search(r"equation-8\s+holds\s+1✓", done.stdout)


def test_interruption_stops_cleanly():
    """Ctrl-C reaches the whole process group, as in a terminal, as soon as the program says that it has begun."""
    ours, theirs = os.openpty()  # progress is for terminals
    process = subprocess.Popen(
        [sys.executable, "-m", "verification", "lemma-1", "lemma-6", "--profile", "full"],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    errors = b""
    while b"checking statements" not in errors:
        errors += os.read(ours, 4096)
    os.killpg(process.pid, signal.SIGINT)
    with contextlib.suppress(OSError):  # the last process has closed its end
        while piece := os.read(ours, 4096):
            errors += piece
    os.close(ours)
    assert process.wait(timeout=60) == 130
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", errors.decode())
    assert "Traceback" not in said
    assert "Warning" not in said
    assert said.split("\n")[-2].strip() == "verification: interrupted"


INTERRUPTED = """
    import os, threading
    import verification.command_line as command_line
    import noprune_theory.verifier.runner as runner
    from noprune_theory._console import run_command

    def computing(identifier, profile):
        os.write(1, b"computing\\n")
        threading.Event().wait()

    runner._evaluate = computing
    if __name__ == "__main__":
        run_command("verification", command_line.main)
"""


@pytest.mark.parametrize("identifiers", [["lemma-1"], ["lemma-1", "lemma-6"]], ids=["alone", "in workers"])
def test_an_interrupt_during_the_work_is_one_line(tmp_path, identifiers):
    """As a terminal sends it, to the whole process group, when the work has begun."""
    (tmp_path / "command.py").write_text(textwrap.dedent(INTERRUPTED), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, tmp_path / "command.py", *identifiers, "--profile", "full"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "computing\n"
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "verification: interrupted\n")


@pytest.mark.parametrize("encoding", ["ascii:strict", "cp1252"])
def test_a_console_that_lacks_a_character_gets_another_mark(tmp_path, encoding):
    """The table has straight columns in every encoding, and the files have the characters themselves."""
    targets = [tmp_path / name for name in ("answers.json", "page.html")]
    done = subprocess.run(
        [sys.executable, "-m", "verification", "equation-5", "--json", targets[0], "--html", targets[1]],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode(encoding.partition(":")[0]).splitlines()
    row = next(line for line in lines if "equation-5" in line)
    assert re.search(r"holds[ |]+4\+", row)
    assert ("2.67x" if encoding.startswith("ascii") else "2.67×") in row
    caption = next(k for k, line in enumerate(lines) if line.startswith("steps "))
    assert len({len(line) for line in lines[:caption]}) == 1
    assert lines[caption].startswith("steps + proved x refuted")
    assert "≤" in targets[0].read_text(encoding="utf-8")
    assert "≤" in targets[1].read_text(encoding="utf-8")


def test_complaints_reach_a_console_that_lacks_a_character(monkeypatch, capsys):
    wrong = replace(evaluate(load("equation-8"), PROFILES["quick"], PAPER.name), id="δ ≤ 1", recorded=Verdict.FALSE)
    monkeypatch.setattr(command, "run_with_progress", lambda selection, profile: [wrong])
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stderr", narrow)
    assert command_line.main(["equation-8"]) == 1
    narrow.flush()
    assert narrow.buffer.getvalue().startswith(b"verification: delta <= 1: computed verdict 'holds' differs")


def test_an_interrupt_during_the_imports_is_one_line():
    """The interpreter says when it has imported sympy; the statements are not imported yet."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "verification", "equation-8"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert any("sympy" in line for line in process.stderr)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    said = [line for line in errors.splitlines() if not line.startswith("import time:")]
    assert (process.returncode, said) == (130, ["verification: interrupted"])


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    figures = tmp_path_factory.mktemp("figures")
    (figures / "line.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (figures / "line.csv").write_text("figure,series,x,y,stderr,n\nline,a,1,2,,1\n", encoding="utf-8")
    (figures / "numbers.csv").write_text("figure,series,x,y,stderr,n\nnumbers,b,3,4,,1\n", encoding="utf-8")
    (figures / "captions.json").write_text('{"line": "A line & more."}', encoding="utf-8")
    return html_page([evaluate(load(i), PROFILES["quick"]) for i in ("equation-7", "lemma-3")], "quick", figures)


def test_page_is_self_contained(page):
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:|#)""", page)
    assert not re.search(r"url\(|@import", page)


def test_page_shows_mathematics_steps_and_faults(page):
    assert page.count("<math") > 20
    assert 'id="equation-7"' in page
    assert "two indices of one function" in page
    assert "Planted faults" in page


def test_page_embeds_figures_with_captions_and_numbers(page):
    assert "data:image/svg+xml;base64," in page
    assert "A line &amp; more." in page
    assert 'id="figure-numbers"' in page
    assert page.count("rows of numbers") == 2


def test_page_tags_are_balanced(page):
    for tag in ("details", "table", "math", "section", "ul", "ol", "li", "mrow", "figure"):
        assert len(re.findall(rf"<{tag}[ >]", page)) == page.count(f"</{tag}>"), tag


def test_every_listed_statement_loads():
    for paper in PAPERS:
        for identifier in paper.statements:
            assert paper.load(identifier).id == identifier
    with pytest.raises(ValueError, match="unknown statement"):
        load("lemma-99")


def test_missing_provers_are_named():
    """Without z3 or python-flint the call says what to install instead of showing a traceback."""
    code = (
        "import runpy, sys; sys.modules['z3'] = None; sys.argv = ['verification', 'equation-8'];"
        "runpy.run_module('verification', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "noprune-theory[verify]" in done.stderr
    assert done.stderr.count("\n") == 1
