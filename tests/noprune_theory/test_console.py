"""Consoles that cannot write every character, and Ctrl-C at any time."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from noprune_theory._console import plain

MARKS = "1✓ 2✗ ≤ δ Σ é ½ → – \u2212 ‖x‖ 日 🎈"
IN_ASCII = "1+ 2x <= delta Sigma e 12 -> - - ||x|| ? ?"


def run(program, *, group=False, **environment):
    """Run a program that ends by itself."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        encoding="latin-1",
        env={**os.environ, **environment},
        start_new_session=group,
        timeout=120,
    )


def test_marks_resemble_the_characters_that_are_missing():
    assert plain(MARKS, "ascii") == IN_ASCII
    assert plain(MARKS, None) == plain(MARKS, "ascii")
    assert plain(MARKS, "utf-8") == MARKS
    assert plain("é ½ × ✓", "latin-1") == "é ½ × +"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_no_console_stops_a_command(encoding):
    program = f"""
        import sys, warnings
        from noprune_theory._console import run_command

        def main(arguments):
            print({MARKS!r})
            print({MARKS!r}, file=sys.stderr)
            warnings.warn("not so " + {MARKS!r})
            return 3

        run_command("command", main)
    """
    done = run(program, PYTHONIOENCODING=f"{encoding}:strict", PYTHONUTF8="0")
    expected = plain(MARKS, encoding).encode(encoding).decode("latin-1")
    assert (done.returncode, done.stdout) == (3, f"{expected}\n")
    assert done.stderr.splitlines() == [expected, f"command: warning: not so {expected}"]


def test_streams_that_are_closed_or_replaced_are_left_alone():
    program = """
        import io, sys
        from noprune_theory._console import replace_missing_marks
        sys.stderr, sys.stdout = None, io.StringIO()
        replace_missing_marks()
    """
    assert run(program).returncode == 0


INTERRUPTED = """
    import signal, sys, threading, time
    from noprune_theory._console import run_command

    class Held:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    def at_once(arguments):
        signal.raise_signal(signal.SIGINT)

    def inside_exec(arguments):
        exec("import signal; signal.raise_signal(signal.SIGINT)")

    def inside_exec_and_caught(arguments):
        try:
            inside_exec(arguments)
        except KeyboardInterrupt:
            print("command: interrupted", file=sys.stderr)
            return 130

    def where_python_cannot_raise(arguments):
        held = Held()
        del held
        signal.pause()

    run_command("command", {})
"""


@pytest.mark.parametrize("place", ["at_once", "inside_exec", "inside_exec_and_caught", "where_python_cannot_raise"])
def test_an_interrupt_is_one_line_and_130(place):
    done = run(INTERRUPTED.format(place))
    assert (done.returncode, done.stderr) == (130, "command: interrupted\n")


def test_other_lost_errors_are_reported():
    program = """
        from noprune_theory._console import run_command

        class Held:
            def __del__(self):
                raise ArithmeticError("lost")

        def main(arguments):
            Held()
            return 0

        run_command("command", main)
    """
    done = run(program)
    assert done.returncode == 0
    assert "ArithmeticError: lost" in done.stderr


def test_a_command_in_the_background_goes_on():
    program = """
        import signal
        from noprune_theory._console import run_command
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        def main(arguments):
            signal.raise_signal(signal.SIGINT)
            print("done")
            return 0

        run_command("command", main)
    """
    assert run(program).stdout == "done\n"


SWEEP = """
    import os, signal, sys
    from noprune_theory.sweeps import Execution, grid, run_sweep

    def blocked(rng, number):
        return {"blocked": signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])}

    if __name__ == "__main__":
        result = run_sweep(blocked, grid(number=range(6)), version=1, execution=Execution(jobs=2))
        print(result.table.column("blocked").tolist(), blocked(None, 0)["blocked"])
"""


def test_workers_do_not_see_ctrl_c_from_their_first_moment(tmp_path):
    (tmp_path / "sweep.py").write_text(textwrap.dedent(SWEEP))
    done = subprocess.run([sys.executable, tmp_path / "sweep.py"], capture_output=True, text=True, timeout=120)
    assert done.stdout == f"{[True] * 6} False\n"


GROUP = """
    import os, signal, sys
    import joblib.externals.loky.backend.popen_loky_posix as starting
    from noprune_theory._console import run_command
    from noprune_theory.sweeps import Execution, grid, run_sweep

    launch = starting.Popen._launch

    def launch_and_interrupt(self, process):
        launch(self, process)
        os.killpg(os.getpgrp(), signal.SIGINT)  # the worker has not come to its first line

    def cell(rng, number):
        return {"value": number}

    def main(arguments):
        starting.Popen._launch = launch_and_interrupt
        run_sweep(cell, grid(number=range(6)), version=1, execution=Execution(jobs=2))
        return 0

    if __name__ == "__main__":
        run_command("command", main)
"""


def test_an_interrupt_while_workers_start_shows_no_traceback_of_theirs(tmp_path):
    """As a terminal sends it: to the whole process group."""
    (tmp_path / "sweep.py").write_text(textwrap.dedent(GROUP))
    done = subprocess.run(
        [sys.executable, tmp_path / "sweep.py"], capture_output=True, text=True, timeout=120, start_new_session=True
    )
    assert (done.returncode, done.stderr) == (130, "command: interrupted\n")


# ----------------------------------------------------------------------------------------------- programs that start up

PROGRAMS = {
    "figures": ["--list", "check_isoperimetry"],
    "benchmarks": ["--list"],
    "verification": ["equation-8"],
}


def start(program, **options):
    """Start a program that prints each import when it is done."""
    return subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", program, *PROGRAMS[program]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
        start_new_session=True,
        **options,
    )


def read_until(stream, module):
    """Read lines of `-X importtime` until one of this module's."""
    for line in stream:
        if line.rpartition("|")[2].strip().startswith(module):
            return
    raise AssertionError(f"{module} was never imported")


@pytest.mark.parametrize("module", ["noprune_theory", "numpy."])
@pytest.mark.parametrize("program", PROGRAMS)
def test_an_interrupt_during_the_imports_is_one_line(program, module):
    process = start(program)
    read_until(process.stderr, module)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    said = [line for line in err.splitlines() if not line.startswith("import time:")]
    assert (process.returncode, out, said) == (130, "", [f"{program}: interrupted"])


@pytest.mark.parametrize("program", ["figures", "benchmarks"])
def test_a_program_in_the_background_finishes(program):
    process = start(program, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    read_until(process.stderr, "numpy.")
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert out
