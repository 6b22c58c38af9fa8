"""
A sweep that survives a kill
============================

A grid of cells, a pure function of a cell, and a table that does not depend on the number of workers, on the order, or
on interruptions: finished cells are kept in a file, and a rerun computes only what is missing.
"""

# %%
# A cell is a named function of a generator and parameters. Its key holds a digest of its code, so an edit is noticed.
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from noprune_theory.sweeps import Execution, grid, run_sweep


def largest_singular_value(rng, n, d):
    if d == 40 and trouble:
        raise MemoryError("out of memory, as on a bad day")
    return {"value": float(np.linalg.norm(rng.standard_normal((n, d)), 2) / np.sqrt(n))}


trouble = True
store = Path(tempfile.mkdtemp()) / "results.sqlite"
cells = grid(n=[50, 100, 200], d=[10, 20, 40])
execution = Execution(store=store, progress=False)
first = run_sweep(largest_singular_value, cells, version=1, seeds=range(3), execution=execution)
print(first.computed, "computed,", len(first.failures), "failed:", first.failures[0].message.split("(")[0])

# %%
# The cells that failed have no result; the others are in the file. On a better day, only the missing ones are computed.
# A killed process loses the cells in flight, nothing else.
trouble = False
second = run_sweep(largest_singular_value, cells, version=1, seeds=range(3), execution=execution)
print(second.computed, "computed,", second.reused, "reused")
table = second.complete_table()
print(table.columns, len(table), "rows")

# %%
# Two workers give the same bits: ``Execution(jobs=2)``; so does a Dask cluster, ``Execution(backend="dask",
# scheduler="tcp://10.0.0.1:8786")``. The function has to stand in a module that the workers can import.
figure, axes = plt.subplots()
for d in (10, 20, 40):
    rows = table.where(d=d)
    axes.scatter(rows.column("n") + d / 20, rows.column("value"), label=f"d = {d}")
sizes = np.array([50, 100, 200])
axes.plot(sizes, 1 + np.sqrt(40 / sizes), "k:", label="1 + sqrt(d/n), d = 40")
axes.set(xlabel="n", ylabel="largest singular value / sqrt(n)")
axes.legend()
