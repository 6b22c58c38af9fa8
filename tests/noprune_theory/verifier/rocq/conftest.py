"""The marker of the tests that run Rocq: they need it installed, and minutes."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "rocq: needs Rocq with Interval, Coquelicot and csdp; run with `-m rocq`")
