"""The command line of the certification, without Rocq: bad calls, and when nothing has changed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from noprune_theory.verifier.rocq.__main__ import main
from noprune_theory.verifier.rocq.unchanged import note, unchanged


@pytest.fixture
def rocq(tmp_path, monkeypatch):
    """Programs of the names that are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("coqc", "coqtop", "csdp"):
        program = folder / name
        program.write_text("#!/bin/sh\necho 8.16.1\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--jobs", "0"], "--jobs: must be at least 1, given 0"),
        (["--library", "no/such/folder"], "--library: there is no folder no/such/folder"),
        (["--record"], "--record: needs --library"),
    ],
)
def test_bad_options_are_one_line(options, words, tmp_path, rocq, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["x.py", "--out", str(tmp_path / "out"), *options])
    line = capsys.readouterr().err
    assert words in line
    assert line.count("\n") == 1


@pytest.mark.parametrize("source", ["missing.py", "no_such_module", "Not a name"])
def test_bad_sources_are_one_line(source, tmp_path, rocq, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([source, "--out", str(tmp_path / "out")])
    assert capsys.readouterr().err.count("\n") == 1


def test_what_cannot_be_written_is_one_line(tmp_path, rocq, capsys):
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / "manifest.json").mkdir(parents=True)
    for out, words in ((tmp_path / "file", "cannot make the folder"), (tmp_path / "taken", "it is a folder")):
        with pytest.raises(SystemExit, match="2"):
            main(["x.py", "--out", str(out)])
        line = capsys.readouterr().err
        assert words in line
        assert line.count("\n") == 1


@pytest.mark.parametrize("missing", ["coqc", "coqtop", "csdp"])
def test_each_program_is_looked_for(missing, tmp_path, rocq, monkeypatch, capsys):
    (rocq / missing).unlink()
    monkeypatch.setenv("PATH", str(rocq))
    with pytest.raises(SystemExit, match="2"):
        main(["x.py", "--out", str(tmp_path / "out")])
    line = capsys.readouterr().err
    assert f"{missing} not found; install Rocq with `apt-get install" in line
    assert line.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_nothing_changed_until_a_file_does(tmp_path, rocq, monkeypatch):
    source, library, kept = tmp_path / "mine.py", tmp_path / "library", tmp_path / "unchanged.json"
    (library / "by_hand").mkdir(parents=True)
    source.write_text("x = 1\n")
    (library / "A.v").write_text("Lemma.")
    assert not unchanged(kept, str(source), library)
    note(kept, str(source), library)
    assert unchanged(kept, str(source), library)
    assert not unchanged(kept, str(source), None)
    assert not unchanged(kept, "other.py", library)
    for file, text in ((source, "x = 2\n"), (library / "A.v", "Axiom."), (library / "by_hand" / "B.v", "Lemma.")):
        note(kept, str(source), library)
        file.write_text(text)
        assert not unchanged(kept, str(source), library), file
    note(kept, str(source), library)
    (library / "A.v").unlink()
    assert not unchanged(kept, str(source), library)
    note(kept, str(source), library)
    (rocq / "coqc").write_text("#!/bin/sh\necho 9.0\n")
    assert not unchanged(kept, str(source), library)
    note(kept, str(source), library)
    source.unlink()
    assert not unchanged(kept, str(source), library)
    kept.write_text("[")
    assert not unchanged(kept, str(source), library)


def test_every_module_of_ours_counts(tmp_path, rocq):
    kept = tmp_path / "unchanged.json"
    program = (
        "import sys; from pathlib import Path; import noprune_theory.verifier.obligations; "
        "from noprune_theory.verifier.rocq.unchanged import note; note(Path(sys.argv[1]), 'x', None)"
    )
    subprocess.run([sys.executable, "-c", program, str(kept)], check=True)
    text = kept.read_text(encoding="utf-8")
    for name in ("obligations.py", "translate.py", "Portfolio.v"):
        assert name in text
    assert "sympy/core" not in text
    assert str(Path(os.__file__)) not in text
