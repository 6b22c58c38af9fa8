"""How the cells of a sweep are computed."""

from __future__ import annotations

import os
from dataclasses import dataclass

from noprune_theory._validation import check_integer, shown

__all__ = ["Execution"]


@dataclass(frozen=True, slots=True)
class Execution:
    """How the cells of a sweep are computed; changes no digit of the table.

    Attributes
    ----------
    jobs : int
        Number of workers; 1 computes in this process. Ignored by Dask, which uses all workers of the scheduler.
    backend : str
        "loky" (processes, the default), "threading", "sequential", "dask", or a backend registered with joblib. Not
        "multiprocessing": it hands results back at the end only, and hangs when a worker dies.
        On Dask, short cells share messages: what a worker has finished in the last 0.2 s, or before a long cell of the
        same message, is not in the store yet.
    scheduler : str, optional
        Address of a running Dask scheduler, for example "tcp://10.0.0.1:8786". Needed by and only for "dask". The
        scheduler and the workers must be able to import the module of the function.
    store : path, optional
        SQLite file that keeps finished cells; without it nothing is kept.
    progress : bool
        Show a progress bar with rate and time left, if standard error is a terminal.
    """

    jobs: int = 1
    backend: str = "loky"
    scheduler: str | None = None
    store: str | os.PathLike[str] | None = None
    progress: bool = True

    def __post_init__(self) -> None:
        check_integer("jobs", self.jobs, 1)
        if not isinstance(self.backend, str) or self.backend not in (
            "loky",
            "dask",
        ):  # the rest needs joblib, which takes a while to import
            from joblib.parallel import BACKENDS

            known = sorted({*BACKENDS, "dask"} - {"multiprocessing"})
            if not isinstance(self.backend, str) or self.backend not in known:
                raise ValueError(f"backend must be one of {', '.join(known)}, got {shown(self.backend)}")
        if (self.backend == "dask") != (self.scheduler is not None):
            raise ValueError(
                "backend 'dask' and a scheduler address go together, "
                f"got backend={self.backend!r} and scheduler={self.scheduler!r}"
            )
