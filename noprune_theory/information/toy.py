"""The toy of Appendix C.2, exactly: what a mask knows about six labelled points of {-1, +1}^3.

Six i.i.d. draws from 16 equally likely pairs (x, y) are 54,264 multisets, and full-batch training ignores the order.
Every multiset is pruned (and trained, where the method trains) once; the pruning methods are deterministic given the
initialisation, so I(m; D | init) = H(m | init) is a finite sum with integer weights. Nothing is sampled: even the
values that the plug-in estimator shows on average from a number of sampled data sets are computed exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from noprune_theory._display import ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of, draw_curve
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import check_choice, check_flag, check_generator, check_instance, check_integer, shown
from noprune_theory.information._arithmetic import Unit, entropy_nats, in_unit
from noprune_theory.information.enumeration import EnumeratedDatasets, enumerate_datasets, expected_plug_in_entropy
from noprune_theory.models.losses import Loss
from noprune_theory.models.mlp import MLP
from noprune_theory.models.parameters import Initialisation
from noprune_theory.pruning.enumerated import ENUMERATED_METHODS, MAX_PARAMETERS, EnumeratedMasks, enumerated_masks
from noprune_theory.solvers.training import Training
from noprune_theory.tasks import cube_atoms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

#: Points in a data set of the toy, and the dimension of the cube.
TOY_POINTS = 6
TOY_DIMENSION = 3
#: Sample sizes of the paper's Figure 4.
PAPER_SAMPLE_SIZES = (1000, 32000)

#: Methods of the toy; "random" draws its mask with the initial weights.
TOY_METHODS = ("random", *ENUMERATED_METHODS)
_TRAINED_METHODS = ("magnitude_after", "iterative_magnitude")


@dataclass(frozen=True, eq=False, repr=False)
class ToyInformation(ShortRepr):
    """Exact information of the toy's masks, one entry for each number of weights kept, in `unit`.

    Attributes
    ----------
    method : str
    kept : int array, shape (m,)
        Number of parameters kept.
    information : array, shape (m,)
        I(m; D | init) = H(m | init): exactly 0.0 for a method that does not look at the data.
    maximal_leakage : array, shape (m,)
        Log of the number of distinct masks.
    plug_in : dict of int to array, shape (m,)
        Exact expectation of the plug-in estimate from that many sampled data sets.
    data_entropy : float
        H(D), which bounds the information.
    n_datasets, n_diverged : int
        Number of data sets, and how many of the trainings diverged.
    unit : {"nats", "bits"}
    """

    method: str
    kept: IntArray
    information: FloatArray
    maximal_leakage: FloatArray
    plug_in: dict[int, FloatArray]
    data_entropy: float
    n_datasets: int
    n_diverged: int
    unit: Unit

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the exact information, its ceiling by the number of masks, and what the plug-in estimator would show.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `ax` is no axes.
        """
        drawn = axes_of(ax, xlabel="parameters kept", ylabel=f"information in {self.unit}")
        draw_curve(drawn, self.kept, self.information, None, f"{self.method}, exact")
        draw_curve(drawn, self.kept, self.maximal_leakage, None, "maximal leakage")
        for size, values in self.plug_in.items():
            draw_curve(drawn, self.kept, values, None, f"plug-in from {size}")
        drawn.legend()
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame, one row a number of parameters kept (needs pandas, extra `pandas`)."""
        leakage = {"information": self.information, "maximal_leakage": self.maximal_leakage}
        plug_in = {f"plug_in_{size}": values for size, values in self.plug_in.items()}
        return data_frame({"kept": self.kept, **leakage, **plug_in})


@dataclass(frozen=True, eq=False, repr=False)
class ToyCurve(ShortRepr):
    """Averages of `ToyInformation` over initialisations, in `unit`.

    Attributes
    ----------
    method : str
    pruned : int array, shape (m,)
        Number of parameters removed, increasing: the horizontal axis of Figure 4.
    information, standard_error : array, shape (m,)
        Mean of the exact I(m; D | init), and its standard error over the initialisations (NaN for one).
    plug_in : dict of int to array, shape (m,)
        Mean of the exact expectations of the plug-in estimate.
    per_initialisation : array, shape (n_init, m)
    n_diverged : int
        Trainings that diverged, over all initialisations.
    unit : {"nats", "bits"}
    """

    method: str
    pruned: IntArray
    information: FloatArray
    standard_error: FloatArray
    plug_in: dict[int, FloatArray]
    per_initialisation: FloatArray
    n_diverged: int
    unit: Unit

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the exact information with standard errors over initialisations, and the plug-in estimates' means.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `ax` is no axes.
        """
        drawn = axes_of(ax, xlabel="parameters removed", ylabel=f"information in {self.unit}")
        draw_curve(drawn, self.pruned, self.information, self.standard_error, f"{self.method}, exact")
        for size, values in self.plug_in.items():
            draw_curve(drawn, self.pruned, values, None, f"plug-in from {size}")
        drawn.legend()
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame, one row a number of parameters removed (needs pandas, extra `pandas`)."""
        mean = {"information": self.information, "standard_error": self.standard_error}
        plug_in = {f"plug_in_{size}": values for size, values in self.plug_in.items()}
        return data_frame({"pruned": self.pruned, **mean, **plug_in})


def toy_datasets(*, distinct_inputs: bool = False, n: int = TOY_POINTS) -> EnumeratedDatasets:
    """Return the data sets of the toy: multisets of the 16 atoms of `tasks.cube_atoms(3)`.

    Parameters
    ----------
    distinct_inputs : bool
        False: n i.i.d. draws, 54,264 multisets for n = 6. True: conditioned on distinct inputs, 1,792 data sets.
    n : int
        Number of draws, >= 1.

    Returns
    -------
    EnumeratedDatasets
        Kept for the next call: not to be changed.

    Raises
    ------
    TypeError
        If `distinct_inputs` is no bool, or `n` not an integer.
    ValueError
        If `n` is below 1, there are more than `MAX_DATASETS` data sets, or none (more than 8 distinct inputs).
    """
    return _enumerated(check_flag("distinct_inputs", distinct_inputs), check_integer("n", n, 1))


@lru_cache(maxsize=4)
def _enumerated(distinct_inputs: bool, n: int) -> EnumeratedDatasets:
    atoms = 2 ** (TOY_DIMENSION + 1)
    inputs = np.arange(atoms) // 2 if distinct_inputs else None
    return enumerate_datasets(np.ones(atoms, dtype=np.int64), n, distinct=inputs)


def _toy_masks(
    network: MLP,
    method: str,
    keeps: Sequence[int],
    training: Training | None,
    loss: Loss,
    datasets: EnumeratedDatasets,
    workers: int,
) -> EnumeratedMasks:
    check_choice("method", method, TOY_METHODS)
    check_instance("network", network, MLP)
    if network.dimension != TOY_DIMENSION:
        raise ValueError(f"network must have {TOY_DIMENSION} inputs, got {network.dimension}")
    X, y = cube_atoms(TOY_DIMENSION)
    if training is not None:
        check_instance("training", training, Training)
    used = training if method in _TRAINED_METHODS else None
    # A random mask is drawn with the weights, before the data. Given both it is one mask, and only that it is matters.
    enumerated = "magnitude_initial" if method == "random" else method
    return enumerated_masks(
        enumerated, network, datasets.indices, X, y, keeps=keeps, loss=loss, training=used, workers=workers
    )


def _integers(name: str, values: Sequence[int], minimum: int, maximum: int | None = None) -> list[int]:
    check_instance(name, values, Iterable)
    if isinstance(values, bytes):
        raise TypeError(f"{name} must be a sequence of integers, got {shown(values)} of type bytes")
    return [check_integer(f"{name}[{index}]", value, minimum, maximum) for index, value in enumerate(values)]


def toy_mask_probabilities(
    network: MLP,
    method: str,
    kept: int,
    *,
    training: Training | None = None,
    loss: Loss = "mse",
    distinct_inputs: bool = False,
    workers: int = 1,
) -> FloatArray:
    """Return the exact probability of each mask that the toy gives, a distribution that real masks follow.

    Parameters
    ----------
    network, method
        As in `toy_information`.
    kept : int
        Number of parameters kept, in [0, p].
    training, loss, distinct_inputs, workers
        As in `toy_information`.

    Returns
    -------
    array, shape (n_masks,)
        Positive, with sum 1; given the initial weights, and for "random" the mask drawn with them.

    Raises
    ------
    TypeError, ValueError
        As `toy_information`.
    """
    check_instance("network", network, MLP)
    kept = check_integer("kept", kept, 0, int(network.prunable.sum()))
    datasets = toy_datasets(distinct_inputs=distinct_inputs)
    masks = _toy_masks(network, method, [kept], training, loss, datasets, workers)
    return datasets.output_probabilities(masks.codes[:, 0])


def toy_information(
    network: MLP,
    method: str,
    *,
    training: Training | None = None,
    loss: Loss = "mse",
    kept: Sequence[int] | None = None,
    distinct_inputs: bool = False,
    sample_sizes: Sequence[int] = PAPER_SAMPLE_SIZES,
    workers: int = 1,
    unit: Unit = "bits",
) -> ToyInformation:
    """Compute I(m; D | init) for one initialisation of the toy, exactly.

    Parameters
    ----------
    network : MLP
        At initialisation, with three inputs; Figure 4 prunes biases too.
    method : str
        One of `pruning.enumerated.ENUMERATED_METHODS`, or "random": a mask drawn with the initial weights, before the
        data, of which it knows exactly nothing.
    training : Training, optional
        For the methods that train ("magnitude_after", "iterative_magnitude"); not used by the others.
    loss : {"mse", "binary_cross_entropy"}
        For the methods that look at gradients ("snip", "grasp"); the trained methods use that of `training`.
    kept : sequence of int, optional
        Numbers of parameters kept, strictly decreasing; by default all from p - 1 to 1.
    distinct_inputs : bool
        See `toy_datasets`.
    sample_sizes : sequence of int
        Numbers of sampled data sets, in [1, 2^1000], for which the expected plug-in estimate is wanted; may be empty.
    workers : int
        Threads for training, >= 1; the result does not depend on their number.
    unit : {"nats", "bits"}

    Returns
    -------
    ToyInformation
        In `unit`.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If the network has not three inputs, an argument is outside its range, or `enumerated_masks` refuses it.
    """
    check_instance("network", network, MLP)
    sizes = _integers("sample_sizes", sample_sizes, 1)
    if max(sizes, default=1) > 2**1000:
        raise ValueError(f"sample_sizes must be at most 2^1000, got {shown(max(sizes))}")
    left = int(network.prunable.sum())
    keeps = list(range(left - 1, 0, -1)) if kept is None else _integers("kept", kept, 0, left)
    if not keeps:
        raise ValueError("kept must not be empty")
    datasets = toy_datasets(distinct_inputs=distinct_inputs)
    masks = _toy_masks(network, method, keeps, training, loss, datasets, workers)
    distributions = [datasets.output_probabilities(masks.codes[:, column]) for column in range(len(keeps))]
    return ToyInformation(
        method=method,
        kept=masks.keeps,
        information=np.array([in_unit(entropy_nats(p), unit) for p in distributions]),
        maximal_leakage=np.array([in_unit(math.log(p.size), unit) for p in distributions]),
        plug_in={
            size: np.array([expected_plug_in_entropy(p, size, unit=unit) for p in distributions]) for size in sizes
        },
        data_entropy=datasets.entropy(unit=unit),
        n_datasets=datasets.n_datasets,
        n_diverged=int(masks.diverged.sum()),
        unit=unit,
    )


def toy_curve(
    method: str,
    *,
    width: int,
    n_init: int,
    rng: RNG,
    training: Training | None = None,
    loss: Loss = "mse",
    kept: Sequence[int] | None = None,
    distinct_inputs: bool = False,
    initialisation: Initialisation = "pytorch",
    sample_sizes: Sequence[int] = PAPER_SAMPLE_SIZES,
    workers: int = 1,
    unit: Unit = "bits",
) -> ToyCurve:
    """Average `toy_information` over random initialisations: one exact series of Figure 4.

    Parameters
    ----------
    method : str
        One of `TOY_METHODS`; see `toy_information`.
    width : int
        Hidden units, in [1, 12]: 4 for the regression panel, 3 for the classification panel; one output.
    n_init : int
        Number of initialisations, >= 1.
    rng : numpy.random.Generator or seed
        Draws the initialisations, one after the other: equal seeds give equal initialisations for every method.
    training, loss, kept, distinct_inputs
        As in `toy_information`.
    initialisation : str
        See `models.MLP.draw`.
    sample_sizes, workers, unit
        As in `toy_information`.

    Returns
    -------
    ToyCurve
        In `unit`.

    Raises
    ------
    TypeError, ValueError
        As `toy_information`, or if `width`, `n_init`, `rng` or `initialisation` is none that is allowed.
    """
    rng = check_generator("rng", rng)
    widths = (TOY_DIMENSION, check_integer("width", width, 1, (MAX_PARAMETERS - 1) // (TOY_DIMENSION + 2)), 1)
    runs = [
        toy_information(
            MLP.draw(rng, widths, initialisation=initialisation, prune_biases=True),
            method,
            training=training,
            loss=loss,
            kept=kept,
            distinct_inputs=distinct_inputs,
            sample_sizes=sample_sizes,
            workers=workers,
            unit=unit,
        )
        for _ in range(check_integer("n_init", n_init, 1))
    ]
    values = np.array([run.information for run in runs])
    parameters = (TOY_DIMENSION + 2) * width + 1
    deviation = values.std(axis=0, ddof=1) if n_init > 1 else np.full(values.shape[1], math.nan)
    return ToyCurve(
        method=method,
        pruned=parameters - runs[0].kept,
        information=values.mean(axis=0),
        standard_error=deviation / math.sqrt(n_init),
        plug_in={size: np.mean([run.plug_in[size] for run in runs], axis=0) for size in runs[0].plug_in},
        per_initialisation=values,
        n_diverged=sum(run.n_diverged for run in runs),
        unit=unit,
    )
