"""Which kernels are compiled by `warm-up`: every cached one that is called from Python."""

import subprocess
import sys

COLD = """
import importlib, pkgutil, noprune_theory
from numba.core.dispatcher import Dispatcher
from noprune_theory._compile import _Forgiving
from noprune_theory.command_line import _run

assert _run(["warm-up"]) == 0
for found in pkgutil.walk_packages(noprune_theory.__path__, "noprune_theory."):
    if not found.name.endswith("__main__"):
        for name, kernel in vars(importlib.import_module(found.name)).items():
            if isinstance(kernel, Dispatcher) and isinstance(kernel._cache, _Forgiving) and not name.startswith("_"):
                print("warm" if kernel.overloads else "cold", found.name, name)
"""


def test_no_kernel_that_python_calls_is_left_out():
    done = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True)
    kernels = done.stdout.splitlines()[1:]
    assert len(kernels) > 30
    assert [line for line in kernels if not line.startswith("warm")] == []
