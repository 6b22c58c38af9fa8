"""Moved to `noprune_theory.solvers.smoothest.features.verified`."""

from noprune_theory.solvers._moved import warn_moved
from noprune_theory.solvers.smoothest.features.verified import *  # noqa: F403

warn_moved(__name__, "noprune_theory.solvers.smoothest.features.verified")
