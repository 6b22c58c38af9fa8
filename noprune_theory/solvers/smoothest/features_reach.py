"""Moved to `noprune_theory.solvers.smoothest.features.reach`."""

from noprune_theory.solvers._moved import warn_moved
from noprune_theory.solvers.smoothest.features.reach import *  # noqa: F403

warn_moved(__name__, "noprune_theory.solvers.smoothest.features.reach")
