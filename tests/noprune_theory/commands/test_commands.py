"""The command `noprune-theory`: verify, new-statement and list, from a folder without the checkout."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from noprune_theory.command_line import _run


def command(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "noprune_theory", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def one_line(done):
    """The single line on standard error of a call that ended with 2."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])  # the command adds folders
    return tmp_path


@pytest.fixture
def template(here, capsys):
    assert _run(["new-statement", "my_lemma"]) == 0
    capsys.readouterr()
    return here / "my_lemma.py"


def test_the_template_holds_and_its_faults_are_caught(template):
    done = command("verify", template.name, "--json", "a.json", "--html", "a.html", cwd=template.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert "my-lemma" in done.stdout
    document = json.loads((template.parent / "a.json").read_text("utf-8"))
    assert document["schema"] == 1
    (statement,) = document["statements"]
    assert (statement["paper"], statement["id"], statement["verdict"]) == ("my-lemma", "my-lemma", "holds")
    assert [step["status"] for step in statement["derivation"]] == ["proved"] * 3
    assert [fault["caught"] for fault in statement["faults"]] == [True, True]
    assert {e["status"] for e in statement["exact"]} == {"satisfied"}
    assert [s["status"] for s in statement["sweeps"]] == ["supported"]
    page = (template.parent / "a.html").read_text("utf-8")
    assert "<title>my-lemma, checked by machine</title>" in page
    assert "No Free Prune" not in page


def test_a_module_in_the_current_folder_is_found(template):
    done = command("verify", "my_lemma", "my-lemma", cwd=template.parent)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_part_of_the_template_can_fail(template, capsys):
    """A wrong constant in the claim's exact model, in a step, in the sweep: each is seen."""
    text = template.read_text("utf-8")
    for old, new in (
        ('enumerated("P(F) ≤ 1/(nu²)", Fraction(1))', 'enumerated("P(F) ≤ 1/(nu²)", Fraction(2, 3))'),
        ("(indicator_below_square(1),", "(indicator_below_square(3),"),
        ("((s + 1) ** 2 + (s - 1) ** 2) / 2, s**2 + 1", "((s + 1) ** 2 + (s - 1) ** 2) / 2, s**2 + 2"),
        ("claimed=1 / (10 * 0.5**2)", "claimed=0.01"),
    ):
        assert old in text
        broken = template.with_name(f"broken_{abs(hash(old))}.py")
        broken.write_text(text.replace(old, new), "utf-8")
        assert _run(["verify", broken.name]) == 1
        assert "differs from the recorded 'holds'" in capsys.readouterr().err


def test_a_fault_that_slips_through_exits_1(template, capsys):
    text = template.read_text("utf-8").replace("indicator_below_square(2)),", "indicator_below_square(1)),")
    template.with_name("slipping.py").write_text(text, "utf-8")
    assert _run(["verify", "slipping.py"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert errors == [
        "noprune-theory verify: my-lemma: planted fault not caught: constant 1 shrunk to 1/2 in the first step"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("yield Comparison(", "yield Missing(", "'P(F) ≤ 1/(nu²)': NameError: name 'Missing' is not defined"),
        ("    sums = 2 *", "    raise OSError('no\\nluck')\n    sums = 2 *", "'ten signs, u = 1/2': OSError: no luck"),
        ('"the average over the next sign", equation', '"next", equation', None),
    ],
    ids=["exact model", "sweep", "no mistake"],
)
def test_a_check_that_raises_is_one_line_and_exit_2(old, new, words, template, capsys):
    text = template.read_text("utf-8")
    assert old in text
    template.write_text(text.replace(old, new), "utf-8")
    status = _run_to_the_end(["verify", template.name])
    errors = capsys.readouterr().err
    if words is None:
        assert (status, errors) == (0, "")
    else:
        assert (status, errors) == (2, f"noprune-theory verify: my-lemma: {words}\n")


def _run_to_the_end(arguments):
    """The exit status, however the command ends."""
    try:
        return _run(arguments)
    except SystemExit as stopped:
        return stopped.code


def test_a_file_is_never_overwritten(template, capsys):
    template.write_text("mine", "utf-8")
    with pytest.raises(SystemExit) as stopped:
        _run(["new-statement", "my_lemma"])
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "noprune-theory new-statement: NAME: my_lemma.py exists already\n"
    assert template.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["", "1st", "a b", "../a", "a.py", "a--b", "-a"])
def test_names_that_are_no_names(name, here, capsys):
    with pytest.raises(SystemExit) as stopped:
        _run(["new-statement", "--", name])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("missing.py", "there is no file missing.py"),
        ("missing", "there is no module missing"),
        ("missing.inside", "there is no module missing.inside"),
        ("os", "holds neither a Paper nor a Statement"),
        ("a/b", "needs NAME.py"),
        ("empty.py", "holds neither a Paper nor a Statement"),
        ("syntax.py", "syntax.py: line 2: "),
        ("raises.py", "raises.py: line 3: ZeroDivisionError: division by zero"),
        ("needs.py", "needs.py: line 1: ModuleNotFoundError: No module named 'nowhere'"),
        ("twice.py", "twice.py: two statements have the id 'statement-name'"),
    ],
)
def test_sources_that_hold_no_statement(source, words, here, capsys):
    files = {
        "empty.py": "",
        "syntax.py": "x = 1\nx = = 2\n",
        "raises.py": "def f():\n    # in a function\n    return 1 / 0\n\nf()\n",
        "needs.py": "import nowhere\n",
        "twice.py": """
            from dataclasses import replace
            from noprune_theory.commands._statement_template import STATEMENT
            OTHER = replace(STATEMENT, title="another")
        """,
    }
    if source in files:
        (here / source).write_text(textwrap.dedent(files[source]), "utf-8")
    assert _run(["verify", source]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    (line,) = errors.splitlines()
    assert line.startswith("noprune-theory verify: ")
    assert words in line


def test_unknown_ids_are_named_with_the_known_ones(template, capsys):
    assert _run(["verify", template.name, "other"]) == 2
    assert capsys.readouterr().err == "noprune-theory verify: unknown statement other; known: my-lemma\n"


def package(folder, name, papers):
    """Install a package with papers by hand: modules, and the metadata that pip would write."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    for paper, title in papers.items():
        (folder / name / f"{paper.replace('-', '_')}.py").write_text(
            textwrap.dedent(f"""
                from noprune_theory.verifier import Paper
                PAPER = Paper(
                    name="{paper}",
                    title="{title}",
                    source="nobody",
                    statements={{"statement-name": "noprune_theory.commands._statement_template"}},
                )
            """)
        )
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    points = "\n".join(f"{paper} = {name}.{paper.replace('-', '_')}:PAPER" for paper in papers)
    (metadata / "entry_points.txt").write_text(f"[noprune_theory.papers]\n{points}\n")


def test_a_package_brings_its_own_paper(tmp_path):
    package(tmp_path / "site", "theirs", {"their-paper": "Their Paper"})
    environment = {"PYTHONPATH": str(tmp_path / "site")}
    listed = command("list", cwd=tmp_path, **environment)
    assert listed.stdout == "their-paper: Their Paper (nobody)\n  statement-name\n"
    done = command("verify", "their-paper", "their-paper/statement-name", cwd=tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Their Paper, statement by statement" in done.stdout
    one = one_line(command("verify", "their-paper", "other", cwd=tmp_path, **environment))
    assert one == "noprune-theory verify: unknown statement other; known: statement-name"


def test_two_packages_with_a_paper_of_one_name(tmp_path):
    for name in ("first", "second"):
        package(tmp_path / "site", name, {"paper": name})
    line = one_line(command("list", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site")))
    assert "two packages offer a paper named 'paper': first.paper:PAPER and second.paper:PAPER" in line


def test_an_entry_point_that_leads_nowhere(tmp_path):
    package(tmp_path / "site", "theirs", {"paper": "P"})
    (tmp_path / "site" / "theirs" / "paper.py").write_text("PAPER = 1\n")
    line = one_line(command("list", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site")))
    assert "entry point paper = theirs.paper:PAPER: must be a Paper, given int" in line


def test_without_papers_list_says_how_to_begin(here, capsys):
    assert _run(["list"]) == 0
    assert "new-statement" in capsys.readouterr().out


def test_help_loads_nothing_heavy(tmp_path):
    code = (
        "import sys\nfrom noprune_theory.command_line import _parser\n_parser().format_help()\n"
        "assert not {'numpy', 'sympy', 'z3', 'rich', 'joblib'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert command("--help", cwd=tmp_path).returncode == 0


WARMED = """
import numba.core.event as event, numpy as np
from noprune_theory import lipschitz, models, solvers
from noprune_theory.command_line import _run
assert _run(["warm-up"]) == 0
rng = np.random.default_rng(3)
with event.install_recorder("numba:compile") as compiled:
    for d in (2, 3):
        lipschitz.bracket(models.RandomFeatures(rng.standard_normal((40, d)), rng.standard_normal(40)))
    X, y = rng.standard_normal((30, 20)), rng.choice([-1.0, 1.0], 30)
    solvers.least_squares(X, y, rng.random((5, 20)) < 0.5)
    solvers.interpolation_robustness("linear", X, y, max_mse=0.5)
    solvers.interpolation_robustness("any", X, y, max_mse=0.5)
print(len(compiled.buffer))
"""


@pytest.mark.slow
def test_nothing_is_compiled_after_warm_up(tmp_path):
    """About a minute of compiling, in a cache of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WARMED],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
    )
    assert done.stdout.splitlines()[-1] == "0"
