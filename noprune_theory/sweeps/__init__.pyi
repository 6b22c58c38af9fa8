from .cells import Cell, grid
from .errors import StoreError, StoreWarning, SweepError
from .execution import Execution
from .run import CellFailure, SweepResult, run_sweep
from .store import ResultStore
from .table import SweepTable

__all__ = [
    "Cell",
    "CellFailure",
    "Execution",
    "ResultStore",
    "StoreError",
    "StoreWarning",
    "SweepError",
    "SweepResult",
    "SweepTable",
    "grid",
    "run_sweep",
]
