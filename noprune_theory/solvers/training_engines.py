"""Moved to `noprune_theory.solvers.training.engines`."""

from noprune_theory.solvers._moved import warn_moved
from noprune_theory.solvers.training.engines import *  # noqa: F403

warn_moved(__name__, "noprune_theory.solvers.training.engines")
