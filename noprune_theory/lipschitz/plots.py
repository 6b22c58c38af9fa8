"""Many brackets in one picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._plots import axes_of, draw_brackets
from noprune_theory._validation import check_instance
from noprune_theory.lipschitz.result import Bracket

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_brackets"]


def plot_brackets(
    brackets: Iterable[Bracket], x: ArrayLike | None = None, *, ax: Axes | None = None, label: str | None = None
) -> Axes:
    """Draw brackets side by side, for example those of a sweep over sparsities.

    Parameters
    ----------
    brackets : iterable of Bracket
        Or of anything with `lower` and `upper`; none draws nothing.
    x : array_like, shape (n_brackets,), optional
        Where they stand; 0, 1, 2, ... by default.
    ax : matplotlib.axes.Axes, optional
        Those of a new figure by default.
    label : str, optional
        For the legend.

    Returns
    -------
    matplotlib.axes.Axes
        With a bar a bracket; a dot where it is exact, an arrow to the top edge where the upper end is infinite, and a
        cross at that edge where both are.

    Raises
    ------
    TypeError
        If `brackets` is not iterable, an item has no `lower` or `upper`, or `ax` is no axes.
    ValueError
        If `x` has not one finite entry a bracket.

    Examples
    --------
    >>> from noprune_theory.lipschitz import bracket, plot_brackets
    >>> from noprune_theory.models import LinearModel
    >>> axes = plot_brackets([bracket(LinearModel([1.0, 2.0])), bracket(LinearModel([3.0, 0.0]))])
    >>> axes.get_ylabel()
    'Lipschitz constant'
    """
    check_instance("brackets", brackets, Iterable)
    given = list(brackets)
    drawn = axes_of(ax, ylabel="Lipschitz constant")
    draw_brackets(drawn, np.arange(float(len(given))) if x is None else x, given, label)
    return drawn
