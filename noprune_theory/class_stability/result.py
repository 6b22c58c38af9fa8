"""The result type: certified margins at a sample, and points of the other class."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noprune_theory._display import ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of, draw_brackets
from noprune_theory._types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StabilityBracket(ShortRepr):
    """A certified interval around the mean margin of a classifier sgn(g) over a sample.

    `margins[i, 0] <= h_f(x_i) <= margins[i, 1]` for the weights as given, rounding included.

    Attributes
    ----------
    lower, upper : float
        The means of the two columns of `margins`, rounded outward; infinite where a margin is.
    exact : bool
        True when the method determines the margins and the ends differ by rounding alone.
    witness : ndarray, shape (n, d)
        Points of the other class, at most `margins[:, 1]` away (up to rounding, where `exact`); nan where none is
        known. Their class has been decided by float64 with a bound on its error, or exactly.
    margins : ndarray, shape (n, 2)
        The interval of each margin; infinite where there is no other class, or no point of it was found.
    lipschitz : float
        The upper end of the Lipschitz constant of g that the lower ends rest on; nan where they do not.
    method : str
        What was computed.
    effort : dict
        Work done: seconds, samples, cells.
    """

    lower: float
    upper: float
    exact: bool
    witness: FloatArray
    margins: FloatArray
    lipschitz: float
    method: str
    effort: dict[str, float | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper:
            raise ValueError(f"a bracket needs 0 <= lower <= upper, got lower={self.lower}, upper={self.upper}")

    def plot(self, ax: Axes | None = None, *, x: float = 0.0, label: str | None = None) -> Axes:
        """Draw the interval as a bar at `x`: a dot if it is exact, an arrow to the top edge if `upper` is infinite.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.
        x : float
            Where the bar stands.
        label : str, optional
            For the legend.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `x` is no number, or `ax` not of matplotlib.
        ValueError
            If `x` is not finite.
        """
        drawn = axes_of(ax, ylabel="mean margin")
        draw_brackets(drawn, [x], [self], label)
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame of the margins, one row a sample: lower and upper end.

        Returns
        -------
        pandas.DataFrame, shape (n, 2)
            Columns `lower` and `upper`.

        Raises
        ------
        ImportError
            Without pandas.
        """
        return data_frame({"lower": self.margins[:, 0], "upper": self.margins[:, 1]})
