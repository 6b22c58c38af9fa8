"""The coverage study: `python -m noprune_theory.information.study > docs/entropy_estimators.md`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.information.coverage import CoverageRow, coverage_study, zipf_distribution
from noprune_theory.information.estimators import (
    DEFAULT_ENTROPY_ESTIMATOR,
    ENTROPY_ESTIMATORS,
    MINIMUM_COVERAGE,
    unseen_limit,
)
from noprune_theory.information.toy import toy_mask_probabilities
from noprune_theory.models.mlp import MLP
from noprune_theory.solvers.training import GradientDescent, Training

_SEED = 20240201
REPETITIONS = 200
CONFIDENCE = 0.95


def _toy_masks(method: str) -> FloatArray:
    network = MLP.draw(np.random.default_rng(_SEED), (3, 4, 1), prune_biases=True)
    training = Training(epochs=1000, optimizer=GradientDescent(0.1))
    return toy_mask_probabilities(network, method, 10, training=training)


#: The distributions of the study, by name, and the numbers of samples drawn from each.
DISTRIBUTIONS: dict[str, tuple[Callable[[], FloatArray], tuple[int, ...]]] = {
    "uniform, 100 classes": (lambda: np.full(100, 1 / 100), (100, 1000)),
    "uniform, 877 classes": (lambda: np.full(877, 1 / 877), (1000, 10_000)),
    "uniform, 5000 classes": (lambda: np.full(5000, 1 / 5000), (1000,)),
    "Zipf 1, 877 classes": (lambda: zipf_distribution(877, 1.0), (1000, 10_000)),
    "Zipf 1, 100000 classes": (lambda: zipf_distribution(100_000, 1.0), (1000, 10_000)),
    "Zipf 1.2, 100000 classes": (lambda: zipf_distribution(100_000, 1.2), (1000, 10_000)),
    "Zipf 2, 100000 classes": (lambda: zipf_distribution(100_000, 2.0), (1000,)),
    "toy masks, SNIP": (lambda: _toy_masks("snip"), (1000, 32_000)),
    "toy masks, MagAfter": (lambda: _toy_masks("magnitude_after"), (1000, 32_000)),
    "Bernoulli 0.1": (lambda: np.array([0.1, 0.9]), (5, 20, 200)),
    "Bernoulli 0.02": (lambda: np.array([0.02, 0.98]), (20, 50)),
    "Bernoulli 0.005": (lambda: np.array([0.005, 0.995]), (50, 200)),
}


def study_cell(name: str, size: int, repetitions: int = REPETITIONS) -> tuple[CoverageRow, ...]:
    """Run one cell of the study; its random numbers depend on the cell alone.

    Parameters
    ----------
    name : str
        One of `DISTRIBUTIONS`.
    size : int
        Number of samples.
    repetitions : int
    """
    build, _ = DISTRIBUTIONS[name]
    rng = np.random.default_rng([_SEED, list(DISTRIBUTIONS).index(name), size])
    return coverage_study({name: build()}, [size], repetitions=repetitions, rng=rng, confidence=CONFIDENCE)


def cell_line(row: CoverageRow) -> str:
    """Return one row of the table of cells: what does not depend on the method."""
    return (
        f"| {row.distribution} | {row.n_samples} | {row.sample_coverage:.2f} | {row.entropy:.3f} | "
        f"{row.guaranteed_coverage:.2f} | {row.guaranteed_width:.3f} |"
    )


def method_line(row: CoverageRow) -> str:
    """Return one row of the table of methods."""
    return (
        f"| {row.distribution} | {row.n_samples} | `{row.method}` | {row.bias:+.4f} | "
        f"{row.root_mean_square_error:.4f} | {row.nominal_coverage:.2f} | {row.coverage:.2f} | {row.width:.3f} |"
    )


def _summary(rows: Sequence[CoverageRow]) -> list[str]:
    lines = ["| method | mean RMSE | largest bias | worst nominal | worst interval |", "|---|---|---|---|---|"]
    for method in ENTROPY_ESTIMATORS:
        own = [row for row in rows if row.method == method]
        bias = max((row.bias for row in own), key=abs)
        lines.append(
            f"| `{method}` | {_mean_error(rows, method):.3f} | {bias:+.2f} | "
            f"{min(row.nominal_coverage for row in own):.2f} | {min(row.coverage for row in own):.2f} |"
        )
    return lines


def _mean_error(rows: Sequence[CoverageRow], method: str) -> float:
    return float(np.mean([row.root_mean_square_error for row in rows if row.method == method]))


def _warned(row: CoverageRow) -> bool:
    return min(row.sample_coverage, 1 - unseen_limit(row.n_samples, CONFIDENCE)) < MINIMUM_COVERAGE


def document(rows: Sequence[CoverageRow], repetitions: int) -> str:
    """Return the page.

    Raises
    ------
    ValueError
        If the study does not justify the default estimator: another one that is not told the number of classes has a
        smaller mean error.
    """
    told_nothing = [method for method in ENTROPY_ESTIMATORS if method != "nsb"]
    best = min(told_nothing, key=lambda method: _mean_error(rows, method))
    if best != DEFAULT_ENTROPY_ESTIMATOR:
        raise ValueError(f"the study prefers {best}, the default is {DEFAULT_ENTROPY_ESTIMATOR}")
    own = [row for row in rows if row.method == best]
    seen = max(row.root_mean_square_error for row in own if not _warned(row))
    unseen = max(row.root_mean_square_error for row in own if _warned(row))
    head = f"""# Entropy estimators: error and coverage

Generated by `python -m noprune_theory.information.study`; entropies in nats, {repetitions} samples for each cell,
intervals of nominal level {CONFIDENCE:.0%}.

- *nominal*: value ± 1.96 jackknife standard errors (NSB: posterior standard deviations).
- *interval*: `lower`, `upper` of `estimate_entropy`, which allow for the bias that is still visible when the sample is
  halved and quartered, and for rare and unseen classes.
- *guaranteed*: `guaranteed_lower`, `guaranteed_upper`, proved for every distribution given a bound on the number of
  classes (here the true number). It is the same for every method.
- *seen*: mean estimate of the probability of the classes that the sample has seen (Chao & Jost 2012).

NSB and the upper ends are told the number of classes; nothing else is told more than the sample. The toy masks are
those of Appendix C.2 with 11 of 21 parameters removed, all 54,264 data sets enumerated.

**Default: `{best}`.** It has the smallest mean error of the estimators that need not be told the number of
classes. Its interval held the truth in at least {min(row.coverage for row in own):.1%} of the samples of every cell.
No nominal interval is safe: the bias of every estimator exceeds its standard error somewhere.

**Warning below {MINIMUM_COVERAGE:g} seen**, and for samples too small to tell (12 or fewer). Without the warning, the
root mean squared error of the default is at most {seen:.2f} nats over the study; with it, it reaches {unseen:.2f} nats,
and only the intervals say something. Where the model is finite, enumerate it instead.
"""
    cells = [row for row in rows if row.method == best]
    lines = [head, *_summary(rows), ""]
    lines += [
        "| distribution | samples | seen | entropy | guaranteed | width |",
        "|" + "---|" * 6,
        *map(cell_line, cells),
    ]
    lines += ["", "| distribution | samples | method | bias | RMSE | nominal | interval | width |", "|" + "---|" * 8]
    return "\n".join([*lines, *map(method_line, rows)]) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="python -m noprune_theory.information.study", description=__doc__)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="samples for each cell")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions must be >= 1, got {options.repetitions}")
    rows: list[CoverageRow] = []
    for name, (_, sizes) in DISTRIBUTIONS.items():
        for size in sizes:
            print(f"{name}, {size} samples", file=sys.stderr)
            rows += study_cell(name, size, options.repetitions)
    sys.stdout.write(document(rows, options.repetitions))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
