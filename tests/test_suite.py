"""The suite itself: no test of it is left out because a package is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MISSING = """
import pytest

def test_skipped():
    pytest.importorskip("no_such_package")

@pytest.fixture
def missing():
    pytest.importorskip("no_such_package")

def test_skipped_by_its_fixture(missing):
    pass

@pytest.mark.peers
def test_of_a_peer():
    pytest.importorskip("no_such_package")

def test_skipped_for_another_reason():
    pytest.skip("not on this platform")

@pytest.mark.xfail(reason="could not import", strict=True)
def test_expected_to_fail():
    raise AssertionError
"""
MODULE = """
import pytest

pytest.importorskip("no_such_package")
"""


@pytest.mark.parametrize(
    ("text", "counts"),
    [(MISSING, "1 failed, 2 skipped, 1 xfailed, 1 error"), (MODULE, "1 error")],
)
def test_a_test_that_lacks_a_package_fails(tmp_path, text, counts):
    (tmp_path / "test_there.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    peers: needs more\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", "test_there.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HERE)},
    )
    assert done.stdout.splitlines()[-1].startswith(f"{counts} in "), done.stdout
    assert "could not import 'no_such_package'" in done.stdout
    assert "`make setup` installs what the tests need" in done.stdout
