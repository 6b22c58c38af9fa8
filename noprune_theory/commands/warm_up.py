"""`noprune-theory warm-up`: compile everything once, so that no later call waits for the compiler."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from itertools import product

from noprune_theory._console import OneLineParser

__all__ = ["DESCRIPTION", "SUMMARY", "add_arguments", "calls", "run"]

SUMMARY = "compile the kernels, so that no first call waits"
DESCRIPTION = (
    "Call every solver that has compiled kernels once, on small inputs. The compiled code is kept beside the sources "
    "or in NUMBA_CACHE_DIR; where it is already there, this takes seconds."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments: there are none."""


def run(parser: OneLineParser, arguments: argparse.Namespace) -> int:
    """Compile with a progress bar on standard error, if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from noprune_theory.solvers._blas import one_thread

    todo = calls()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("compiling", total=len(todo))
        for name, call in todo.items():
            progress.update(task, description=f"compiling: {name}")
            with one_thread():
                call()
            progress.advance(task)
    print(f"compiled the kernels of {len(todo)} solvers")
    return 0


def calls() -> dict[str, Callable[[], object]]:
    """Return small calls by the name of what they compile: together they reach the kernels of the library."""
    import numpy as np

    from noprune_theory import bounds, covariates, lipschitz, models, pruning, solvers
    from noprune_theory.models.losses import Loss

    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((9, 6)), rng.choice([-1.0, 1.0], 9)
    masks = rng.random((4, 6)) < 0.7
    inputs, labels = rng.standard_normal((6, 2)), np.array([1.0, -1.0, 1.0, -1.0, 1.0, 1.0])
    signs = bounds.Noise(signs=True)
    setting = bounds.LawSetting(40, covariates.Gaussian(80), signs, 0.9, 0.1, 50, bounds.MaximalLeakage(1.0), "linear")
    deep = models.MLP.draw(rng, (2, 4, 3, 1))
    lattice = np.array([w for w in product((-1.0, 0.0, 1.0), repeat=3) if any(w)])[::2]
    found: dict[str, Callable[[], object]] = {
        "masked least squares": lambda: (solvers.least_squares(X, y, masks), solvers.least_squares(X, y, ridge=0.1)),
        "nested paths": lambda: solvers.nested_path(X, y, np.arange(6)),
        "smoothest linear fit": lambda: solvers.smoothest_linear_fit(X, y, masks, max_mse=0.5),
        "law of robustness": partial(bounds.law_of_robustness, setting),
        "law for any function": lambda: (
            bounds.any_function_at_cells(100, 0.9, 0.05, 1e-4, cells=20, noise=signs),
            bounds.any_function_probability(100, 0.9, 1.0, 0.5, cells=20, multiplier=1.0, noise=signs),
        ),
        "Lipschitz bracket, deep network": partial(lipschitz.bracket, deep, max_seconds=2.0),
        "Lipschitz constant, many units in the plane": partial(
            lipschitz.exact_one_hidden, rng.standard_normal((1000, 2)), rng.standard_normal(1000)
        ),
        "Lipschitz bracket, many units": partial(
            lipschitz.bracket,
            models.RandomFeatures(rng.standard_normal((40, 8)), rng.standard_normal(40)),
            max_seconds=2.0,
        ),
        "Lipschitz bracket, cones": partial(
            lipschitz.branch_and_bound, rng.standard_normal((9, 3)), rng.standard_normal(9), max_seconds=2.0
        ),
        "Lipschitz constant, kinks that meet": partial(
            lipschitz.exact_one_hidden,
            lattice,
            rng.standard_normal(len(lattice)),
            np.resize([0.0, 1.0, -1.0], len(lattice)),
        ),
    }
    for points in (inputs, rng.standard_normal((30, 20))):
        name = f"smoothest function, {points.shape[1]} inputs"
        found[name] = partial(solvers.smoothest_function_fit, points, np.resize(labels, len(points)), max_mse=0.3)
    for dimension, offsets in product((1, 2, 3, 5), (False, True)):
        model = models.RandomFeatures(
            rng.standard_normal((9, dimension)), rng.standard_normal(9), rng.uniform(-1, 1, 9) if offsets else None
        )
        inputs_text = f"{dimension} inputs{', offsets' if offsets else ''}"
        found[f"Lipschitz bracket, {inputs_text}"] = partial(lipschitz.bracket, model)
        if dimension > 1 and offsets:
            fit = partial(solvers.smoothest_random_features_fit, model, rng.standard_normal((5, dimension)), labels[:5])
            found[f"smoothest random features, {inputs_text}"] = partial(fit, max_mse=0.5, max_seconds=5.0)
    network, data_sets = models.MLP.draw(rng, (2, 3, 1)), np.zeros((2, 3), dtype=np.int64)
    for method in ("snip", "grasp"):
        enumerate_masks = partial(pruning.enumerated_masks, method, network, data_sets, inputs, labels)
        found[f"masks of enumerated data, {method}"] = partial(enumerate_masks, keeps=[3], temperature=1.0)
    rules: tuple[solvers.GradientDescent | solvers.Adam, ...] = (solvers.GradientDescent(0.1), solvers.Adam(0.01))
    losses: tuple[Loss, ...] = ("mse", "binary_cross_entropy", "cross_entropy")
    for rule, loss, batch_size in product(rules, losses, (None, 2)):
        template = models.MLP.draw(rng, (2, 3, 3 if loss == "cross_entropy" else 1))
        starts = rng.standard_normal((9, template.n_weights))
        targets = np.arange(6.0) % 3 if loss == "cross_entropy" else labels
        training = solvers.Training(2, loss=loss, optimizer=rule, batch_size=batch_size)
        rngs = None if batch_size is None else [np.random.default_rng(i) for i in range(9)]
        name = f"training, {type(rule).__name__}, {loss}{'' if batch_size is None else ', batches'}"
        found[name] = partial(solvers.train_networks, template, starts, inputs, targets, training, rngs=rngs)
    tiny, cube = models.MLP.draw(rng, (3, 4, 1)), rng.choice([-1.0, 1.0], (6, 3))
    for rule in rules:
        found[f"training, one hidden layer, {type(rule).__name__}"] = partial(
            solvers.train_networks, tiny, tiny.weights[None], cube, labels, solvers.Training(2, optimizer=rule)
        )
    large = models.MLP.draw(rng, (2, 300, 300, 1))
    found["training, matrix products"] = partial(
        solvers.train_networks, large, large.weights[None], inputs, labels, solvers.Training(1)
    )
    return found
