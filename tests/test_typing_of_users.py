"""Users who check their own code with `mypy --strict` get no complaint about ours, and types that say something."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = '''
"""A project of somebody who reads types."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import assert_type

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

import noprune_theory
from noprune_theory import bounds, class_stability, covariates, information, lipschitz, models, networks, pruning
from noprune_theory import solvers, sweeps, tasks, verifier
from noprune_theory.estimators import MaskedLinearRegression, SmoothestRandomFeatures
from noprune_theory.solvers import Training, train


class Shifted:
    """A covariate of one's own."""

    dimension = 2
    components = 1
    isoperimetry = 2.0
    moment_isoperimetry = 2.0

    def sample(self, rng: np.random.Generator, n: int) -> covariates.Covariates:
        return covariates.Covariates(rng.standard_normal((n, 2)) + 1, np.zeros(n, dtype=np.int64))


def data(seed: int) -> tasks.Dataset:
    mine: covariates.Covariate = Shifted()
    tasks.random_signs(mine, [seed, 1], 10)
    tasks.random_signs(mine, np.random.SeedSequence(seed), 10)
    return tasks.random_signs(covariates.Gaussian(2), np.random.default_rng(seed), 10)


def fits(drawn: tasks.Dataset) -> float:
    mask = np.array([True, False])
    fit = solvers.least_squares(drawn.X, drawn.y, mask, ridge=0.1)
    robustness = solvers.interpolation_robustness("linear", drawn.X.tolist(), drawn.y, mask, max_mse=0.9, rng=3)
    assert_type(robustness.lipschitz, lipschitz.Bracket)
    assert_type(robustness.lipschitz.upper, float)
    features = models.RandomFeatures.draw(0, 50, 2, offset_scale=1.0)
    assert_type(features, models.RandomFeatures)
    smoothest = solvers.smoothest_random_features_fit(features, drawn.X, drawn.y, max_mse=0.1)
    trained = train(models.MLP.draw(1, (2, 3, 1)), drawn, Training(10, batch_size=2), rng=2)
    assert_type(trained.model(), models.MLP)
    pruned = pruning.prune_random(trained.model(), keep=3, rng=np.int64(4))
    masked: NDArray[np.bool_] = pruned.mask
    pruning.METHODS["snip"](trained.model(), drawn, keep=2)
    return float(np.sum(fit.weights)) + smoothest.mse + int(masked.sum())


def drawings(drawn: tasks.Dataset, ax: Axes) -> None:
    found = lipschitz.bracket(models.LinearModel([3.0, 4.0]), ball=([0.0, 0.0], 1.0))
    assert_type(found.plot(ax), Axes)
    assert_type(lipschitz.plot_brackets([found], ax=ax), Axes)
    margins = class_stability.bracket(models.LinearModel([3.0, 4.0]), drawn.X)
    margins.plot()
    text: str = found._repr_html_()
    frame = found.to_pandas()
    print(text, frame)


def law(n: NDArray[np.int64]) -> str:
    setting = bounds.LawSetting(
        n, covariates.Gaussian(300), bounds.Noise(signs=True), 1.0, 0.05, 150, bounds.MaximalLeakage(0.0), "linear"
    )
    found = bounds.law_of_robustness(setting)
    assert_type(found.hypotheses, tuple[str, ...])
    found.plot(x=n)
    return str(found.theorem)


def facts() -> float:
    joint = information.JointDistribution([[0.4, 0.1], [0.1, 0.4]])
    estimate = information.estimate_entropy([3, 4, 5])
    assert_type(information.entropy([0.5, 0.5], unit="bits"), float)
    return joint.mutual_information() + estimate.value


def cell(rng: np.random.Generator, n: int) -> Mapping[str, float]:
    return {"mean": float(rng.standard_normal(n).mean())}


def swept(folder: Path) -> sweeps.SweepTable:
    execution = sweeps.Execution(store=folder / "results.sqlite", jobs=2)
    result = sweeps.run_sweep(cell, sweeps.grid(n=[1, 2]), version=1, seeds=range(3), execution=execution)
    assert_type(result.failures, tuple[sweeps.CellFailure, ...])
    result.plot("n", "mean")
    return result.complete_table()


def files(path: Path) -> networks.NetworkReport:
    loaded = networks.load(path)
    return networks.report(loaded)


def estimators(drawn: tasks.Dataset) -> NDArray[np.floating]:
    fit = MaskedLinearRegression([True, False], ridge=1.0).fit(drawn.X, drawn.y)
    assert_type(fit.lipschitz_, lipschitz.Bracket)
    rough = SmoothestRandomFeatures(20, max_mse=0.5, random_state=0).fit(drawn.X, drawn.y)
    return fit.predict(drawn.X) + rough.predict(drawn.X)


def papers() -> list[str]:
    found = verifier.installed_papers()
    return [str(name) for name in found]


print(noprune_theory.__version__, Fraction(1, 2))
'''
WRONG = """
from noprune_theory import bounds, lipschitz, solvers

lipschitz.bracket("model")
solvers.least_squares([[1.0]], [1.0], rigde=1.0)
solvers.train
bounds.no_such_bound
x: str = lipschitz.Bracket(1.0, 2.0, True, None, "m").upper
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a copy of the package, and mypy's cache."""
    made = tmp_path_factory.mktemp("typed")
    shutil.copytree(ROOT / "noprune_theory", made / "site" / "noprune_theory", ignore=shutil.ignore_patterns("*.nb?"))
    return made


def checked(folder, text):
    """Check a project; of the package, as of one that is installed, no line is reported."""
    (folder / "project.py").write_text(text)
    options = ["--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={folder / 'cache'}"]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *options, "project.py"],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(folder / "site")},
    )


@pytest.mark.slow
def test_a_project_in_strict_mypy(folder):
    done = checked(folder, PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_what_is_wrong_is_found(folder):
    lines = [line for line in checked(folder, WRONG).stdout.splitlines() if ": error: " in line]
    assert [line.split(":")[1] for line in lines] == ["4", "5", "7", "8"]
