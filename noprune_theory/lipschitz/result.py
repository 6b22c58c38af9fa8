"""The result type of every Lipschitz computation: a certified interval and a witness for its lower end."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noprune_theory._display import ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of, draw_brackets
from noprune_theory._types import BoolArray, FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Witness(ShortRepr):
    """A point and the gradient there; the norm of the gradient, rounded down, is the lower end of a bracket.

    Before it is returned it is re-evaluated from the point alone: the sign of every pre-activation in exact or outward
    arithmetic, then the gradient of that pattern; slopes of tanh are enclosed. Anyone can do the same:
    `model.input_gradient(witness.point[None])` returns `witness.gradient` up to rounding.

    Attributes
    ----------
    point : ndarray, shape (d,), or None
        A point at which the model has that gradient. For ReLU models it lies in the interior of a linear region. None
        when the region is too thin to hold a float64 point; its `pattern` was then confirmed at a rational point.
    gradient : ndarray, shape (d,)
        The gradient there, from the weights as given, rounded; its rounding error is accounted for in the bracket. With
        several outputs that of <v, f>, v a unit vector.
    pattern : ndarray of bool, shape (n_units,), or None
        The active hidden units at the point, in the order given (all layers one after the other for a deep network);
        None where the model has no ReLU units.
    """

    point: FloatArray | None
    gradient: FloatArray
    pattern: BoolArray | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bracket(ShortRepr):
    """A certified interval around the global Euclidean Lipschitz constant of a model.

    `lower <= constant <= upper` holds for the weights as given, rounding included: both ends are rounded outward.

    Attributes
    ----------
    lower : float
        At most the constant. Evidence: `witness`.
    upper : float
        At least the constant; infinite where that exceeds the largest float64.
    exact : bool
        True when the method determines the constant and the two ends differ by rounding margins alone.
    witness : Witness or None
        A gradient of the model whose norm is `lower`; None only where `lower` is 0.
    method : str
        What was computed, and why this method was picked.
    effort : dict
        Work done: seconds, cells, cones, sweeps, ..., and `status` ("complete", "out of time", "interrupted").
    """

    lower: float
    upper: float
    exact: bool
    witness: Witness | None
    method: str
    effort: dict[str, float | int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper:
            raise ValueError(f"a bracket needs 0 <= lower <= upper, got lower={self.lower}, upper={self.upper}")

    @property
    def relative_gap(self) -> float:
        """`(upper - lower) / upper`; 0 for the constant function."""
        if self.upper == 0:
            return 0.0
        return 1.0 if math.isinf(self.upper) else (self.upper - self.lower) / self.upper

    def plot(self, ax: Axes | None = None, *, x: float = 0.0, label: str | None = None) -> Axes:
        """Draw the interval as a bar at `x`: a dot if it is exact, an arrow to the top edge if `upper` is infinite.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.
        x : float
        label : str, optional
            For the legend.

        Returns
        -------
        matplotlib.axes.Axes
        """
        drawn = axes_of(ax, ylabel="Lipschitz constant")
        draw_brackets(drawn, [x], [self], label)
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame of one row: lower, upper, exact and method; many are put together by `pandas.concat`."""
        return data_frame(
            {
                "lower": [self.lower],
                "upper": [self.upper],
                "exact": [self.exact],
                "method": [self.method],
            }
        )
