"""Moved to `noprune_theory.solvers.regression.nested`."""

from noprune_theory.solvers._moved import warn_moved
from noprune_theory.solvers.regression.nested import *  # noqa: F403

warn_moved(__name__, "noprune_theory.solvers.regression.nested")
