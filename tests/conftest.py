"""Settings of the whole suite."""

import os

# Small solves in two worker processes: one BLAS thread each. Read when numpy first loads.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import sys
from pathlib import Path

from hypothesis import Phase, settings

# The verification, the figures and the benchmarks run from the checkout and are not installed.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30, database=None)
# Mutation testing asks whether a test fails, not for the smallest example.
settings.register_profile("mutation", settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate))
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
