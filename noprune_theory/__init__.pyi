from . import (
    bounds,
    class_stability,
    covariates,
    estimators,
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
    "class_stability",
    "covariates",
    "estimators",
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
