"""Settings of the whole suite."""

import os

# Small solves in two worker processes: one BLAS thread each. Read when numpy first loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import importlib
import pkgutil
import re
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

# The verification, the figures and the benchmarks run from the checkout and are not installed.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

# A shell that runs the suite in the background has Ctrl-C ignored, which programs that the tests start would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30, database=None)
# Mutation testing asks whether a test fails, not for the smallest example.
settings.register_profile("mutation", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_finish() -> None:
    """Import all modules, so that a test draws the same examples whatever ran before it in its worker.

    hypothesis also draws the constants that stand in the local modules imported so far, even with `derandomize`.
    """
    for package in ("noprune_theory", "verification", "figures"):
        for module in pkgutil.walk_packages([str(Path(ROOT) / package)], f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)


# Tests that share evaluated statements, the table of a figure, or a cluster, which are then made once.
TOGETHER = re.compile(
    r"tests/verification/test_(?:verification_verdicts|verification_claims|price_of_robustness)\.py"
    r"|tests/noprune_theory/sweeps/test_sweeps_survive\.py::TestOnACluster"
    r"|tests/figures/test_figures_tables\.py::\w+\[(?:check|fig)\w+"
)


def _group(nodeid: str) -> str:
    found = TOGETHER.match(nodeid)
    return nodeid if found is None else found[0].rpartition("[")[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Send the tests of a group to one worker; pytest-xdist 3.8 does not see its marks for that beside pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Together(config, log) if config.getoption("dist") == "load" else None


# `make setup` installs every extra but `dev`: a test that is skipped because it cannot import a package is never run by
# anybody, and counts as failed. The tests against peers, which need `dev`, may be skipped when they are asked for.


def _fail_where_a_package_is_missing(report: Any) -> None:
    reason = report.longrepr[-1] if report.skipped and isinstance(report.longrepr, tuple) else ""
    if "could not import" in reason:
        report.outcome = "failed"
        report.longrepr = f"{reason.removeprefix('Skipped: ')}; `make setup` installs what the tests need"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if item.get_closest_marker("peers") is None:
        _fail_where_a_package_is_missing(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[Any]:
    report = yield
    _fail_where_a_package_is_missing(report)
    return report
