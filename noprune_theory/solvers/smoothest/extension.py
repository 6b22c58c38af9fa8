"""Moved to `noprune_theory.solvers.smoothest.any_function.extension`."""

from noprune_theory.solvers._moved import warn_moved
from noprune_theory.solvers.smoothest.any_function.extension import *  # noqa: F403

warn_moved(__name__, "noprune_theory.solvers.smoothest.any_function.extension")
