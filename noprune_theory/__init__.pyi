from . import bounds, covariates, information, lipschitz, models, networks, pruning, solvers, sweeps, tasks, testing

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
]
__version__: str
