from . import (
    bounds,
    covariates,
    information,
    lipschitz,
    models,
    networks,
    pruning,
    solvers,
    sweeps,
    tasks,
    testing,
    verifier,
)

__all__ = [
    "bounds",
    "covariates",
    "information",
    "lipschitz",
    "models",
    "networks",
    "pruning",
    "solvers",
    "sweeps",
    "tasks",
    "testing",
    "verifier",
]
__version__: str
