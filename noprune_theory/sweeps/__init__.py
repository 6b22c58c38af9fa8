"""Sweeps: a grid of cells, a pure function of a cell, a tidy table.

A *cell* is a function, its declared version, named parameters and a seed. `run_sweep` evaluates

    rows = function(rng, **parameters),      rng = numpy.random.default_rng(seed)

for every cell and returns one table whose rows stand in the order of the cells. The function returns one mapping of
column names to scalars, or a sequence of them. The generator depends on the seed alone, so cells that share a seed
share their random numbers, and a table does not depend on the number of workers, the backend, the order, or an
interruption.

With a store (`Execution.store`) finished cells are kept in an SQLite file: one writer, a commit for every cell (on
Dask for every message of short cells), write-ahead log. A killed sweep loses only the cells in flight; a rerun
computes only what is missing. The key of a cell is the SHA-256 of its function name, version, parameters, seed and
code as canonical JSON. The code is a digest of the source of the function and of all that it calls in its own project
and in this package, with the package's version, so neither an edit there nor another function of the same name in the
same store is taken for the same. The *declared* version is part of the key too, because no tool can see every edit
that changes a result: a computed constant, another NumPy.
Cells whose stored results come from other code, or from a time when the code was not recorded, are computed anew with
a `StoreWarning` that counts them; the old records stay in the file. Values are JSON text, never pickles: opening a
foreign file runs no code.

Example
-------
>>> from noprune_theory.sweeps import grid, run_sweep
>>> def mean_square(rng, n, scale):
...     return {"mean_square": float(((scale * rng.standard_normal(n)) ** 2).mean())}
>>> table = run_sweep(mean_square, grid(n=[10, 1000], scale=[1.0]), version=1, seeds=range(2)).table
>>> table.columns
('n', 'scale', 'seed', 'mean_square')
>>> table.column("n").tolist()
[10, 10, 1000, 1000]
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
