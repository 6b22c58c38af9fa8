"""The benchmark command line and its timing rules, on cases made for the test."""

import importlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import benchmarks
from benchmarks import command_line as command
from benchmarks.baseline import Baseline, BaselineError, Then, interpreter
from benchmarks.readme import document, format_seconds
from benchmarks.timing import Case, Comparison, Contest, Growth, Scaling, compare, grow

ROOT = Path(__file__).resolve().parents[2]


class Clock:
    """A clock that work moves forward, so that ratios are known."""

    def __init__(self):
        self.now = 0.0
        self.log = []

    def work(self, name, seconds):
        def run():
            self.now += seconds
            self.log.append(name)
            return seconds

        return run


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("benchmarks.timing.time.perf_counter", lambda: made.now)
    return made


@pytest.fixture
def toy(monkeypatch, clock):
    """Replace the list of cases by a single made-up one."""

    def contests():
        yield Contest("slow peer", clock.work("ours", 1.0), clock.work("theirs", 3.0), {"n": 5}, lambda a, b: b - a)
        yield Contest("other", clock.work("ours", 1.0), clock.work("theirs", 2.0), {"n": 5}, lambda a, b: 0.0, 0.1)

    case = Case(
        "toy",
        "A toy.",
        "difference",
        contests,
        scalings=(Scaling("n", (1, 2, 4), 2.0, lambda n: clock.work("", n**2)),),
    )
    module = type(sys)("benchmarks.toy")
    module.CASE = case
    monkeypatch.setitem(sys.modules, "benchmarks.toy", module)
    monkeypatch.setattr(command, "CASES", ("toy",))
    return case


def test_ours_and_the_peer_alternate_and_the_ratio_is_peer_over_ours(clock):
    contest = Contest("peer", clock.work("ours", 2.0), clock.work("theirs", 5.0), {}, lambda a, b: 0.25)
    result = compare("case", contest)
    assert clock.log == ["ours", "theirs"] * (len(clock.log) // 2)
    assert (result.ratio, result.seconds, result.peer_seconds, result.accuracy) == (2.5, 2.0, 5.0, 0.25)
    assert len(clock.log) == 2 * (result.rounds + 1), "one warm-up round is not counted"


def test_a_shortened_peer_is_scaled_to_the_whole_work(clock):
    contest = Contest("peer", clock.work("ours", 2.0), clock.work("theirs", 5.0), {}, lambda a, b: 0.0, peer_share=0.1)
    assert compare("case", contest).ratio == pytest.approx(25.0)


def test_growth_exponent_is_the_slope_of_the_logarithms(clock):
    result = grow("case", Scaling("n", (10, 20, 40), 3.0, lambda n: clock.work("", 1e-3 * n**2)))
    assert result.exponent == pytest.approx(2.0)
    assert result.seconds == pytest.approx((0.1, 0.4, 1.6))


def test_json_follows_the_schema(toy, tmp_path):
    target = tmp_path / "out.json"
    assert command.main(["toy", "--json", str(target)]) == 0
    written = json.loads(target.read_text())
    assert written["schema"] == 1
    (case,) = written["cases"]
    assert {"name", "peer", "seconds", "peer_seconds", "ratio", "size", "accuracy"} <= set(case)
    assert (case["name"], case["peer"], case["ratio"], case["accuracy"]) == ("toy", "slow peer", 3.0, 2.0)
    assert [entry["ratio"] for entry in case["also"]] == [pytest.approx(20.0)]


def test_readme_shows_every_number(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "_README", tmp_path / "README.md")
    assert command.main(["--readme"]) == 0
    text = (tmp_path / "README.md").read_text()
    assert "| toy | n = 5 | slow peer | 1 s | 3 s | 3 | 2.0e+00 |" in text
    assert "| toy | n | 1, 2, 4 | 1 s, 4 s, 16 s | 2.00 | 2 |" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "unknown case nonsense; known: toy"),
        (["--jsno"], "unrecognized arguments: --jsno"),
        (["--json", "/nonexistent/folder/x.json"], "no folder"),
        (["--json", "/"], "it is a folder"),
        (["toy", "--readme"], "give no names"),
    ],
)
def test_bad_calls_get_one_line_and_exit_2(toy, capsys, arguments, words):
    try:
        code = command.main(arguments)
    except SystemExit as stop:
        code = stop.code
    complaint = capsys.readouterr().err
    assert code == 2
    assert words in complaint
    assert complaint.count("\n") == 1


def test_missing_peers_name_the_extra(toy, monkeypatch, capsys):
    monkeypatch.setattr(
        sys.modules["benchmarks.toy"], "CASE", Case("toy", "", "", toy.contests, requires=("no_such_package",))
    )
    assert command.main(["toy"]) == 2
    assert capsys.readouterr().err == (
        "benchmarks: toy needs no_such_package: install with pip install 'noprune-theory[dev]'\n"
    )


def test_interruption_is_clean():
    running = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", "masked_least_squares"], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert running.stderr.readline().startswith("[1/1] masked_least_squares")
    running.send_signal(signal.SIGINT)
    complaint = running.communicate(timeout=60)[1]
    assert running.returncode == 130
    assert complaint.endswith("benchmarks: interrupted\n")
    assert "Traceback" not in complaint


def test_every_listed_case_exposes_itself_under_its_name():
    for name in benchmarks.CASES:
        case = importlib.import_module(f"benchmarks.{name}").CASE
        assert case.name == name
        assert case.summary.endswith(".")


def test_list_names_the_cases():
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed.split() == list(benchmarks.CASES)


def test_times_are_readable():
    assert [format_seconds(s) for s in (12.345, 0.0123, 4.2e-6)] == ["12.3 s", "12.3 ms", "4.2 us"]


def test_document_without_growth_has_no_growth_table():
    result = Comparison("toy", "peer", 1.0, 2.0, 2.0, {"n": 1}, 0.0, 3)
    growth = Growth("toy", "n", (1, 2), (1.0, 2.0), 1.0, 1.0)
    case = Case("toy", "A toy.", "difference", lambda: iter(()))
    assert "## Growth" not in document([case], [result], [])
    assert "## Growth" in document([case], [result], [growth])


def test_the_baseline_takes_its_turn_and_gives_today_over_now(clock):
    contest = Contest("peer", clock.work("ours", 2.0), clock.work("theirs", 5.0), {}, lambda a, b: 0.25)
    other = Baseline.__new__(Baseline)
    other.path, other.name, asked = Path("there"), "case", []

    def ask(request):
        asked.append(request)
        return {"next": 0.0, "run": 6.0, "accuracy": 0.5}[request]

    other.ask = ask
    result = compare("case", contest, other)
    assert result.baseline == Then("there", 6.0, 3.0, 0.5)
    assert asked == ["next", *["run"] * result.rounds, "accuracy"]


def test_what_a_baseline_may_be(tmp_path):
    assert interpreter(ROOT)[1] == [str(ROOT)]
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text("")
    assert interpreter(tmp_path) == interpreter(python) == (str(python), [])
    with pytest.raises(BaselineError, match="--baseline must be a checkout"):
        interpreter(tmp_path / "nothing")


def test_a_bad_baseline_is_one_line_and_exit_2(toy, capsys, tmp_path):
    assert command.main(["toy", "--baseline", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("benchmarks: --baseline must be a checkout")


def test_requests_are_served_by_the_other_build(tmp_path):
    """A checkout with a library of its own: the case is ours, `noprune_theory` the other's."""
    package = tmp_path / "noprune_theory"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('of the other build')")
    with Baseline(tmp_path, "masked_least_squares") as other, pytest.raises(BaselineError, match="of the other build"):
        other.ask("next")
    with Baseline(tmp_path, "no_such_case") as other, pytest.raises(BaselineError, match="cannot run no_such_case"):
        other.ask("next")
