"""The theory is compiled once for all tests that need Rocq."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from noprune_theory.verifier.rocq.certify import THEORY
from noprune_theory.verifier.rocq.sources import Sources, copy_sources


@pytest.fixture(scope="session")
def theory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled theory."""
    folder = tmp_path_factory.mktemp("certificates")
    assert not Sources(folder).compile(copy_sources(THEORY, folder / "theory"), 2)
    return folder


@pytest.fixture
def certificates(theory: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes a folder of certificates in which the theory is compiled."""
    return lambda name: shutil.copytree(theory, tmp_path / name)
