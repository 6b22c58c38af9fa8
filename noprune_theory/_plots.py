"""Drawing of results into matplotlib axes; matplotlib is imported when something is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._types import FloatArray, IntArray
from noprune_theory._validation import as_float_array, check_instance, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def axes_of(ax: Axes | None, **labels: str) -> Axes:
    """Return `ax`, or the axes of a new figure; what has no label yet (`xlabel`, `ylabel`) gets the one given."""
    if ax is None:
        from matplotlib import pyplot

        ax = pyplot.subplots()[1]
    else:
        from matplotlib.axes import Axes

        check_instance("ax", ax, Axes)
    ax.set(**{name: text for name, text in labels.items() if not getattr(ax, f"get_{name}")()})
    return ax


def draw_brackets(ax: Axes, x: ArrayLike, brackets: list[Any], label: str | None) -> None:
    """Draw intervals as bars at `x`; an infinite upper end is an arrow to the top edge, an infinite lower end a cross.

    Exact ones are dots.
    """
    for index, item in enumerate(brackets):
        if not (hasattr(item, "lower") and hasattr(item, "upper")):
            raise TypeError(
                f"brackets[{index}] must have lower and upper, got {shown(item)} of type {type(item).__name__}"
            )
    at = as_float_array("x", x, ndim=1, allow_empty=True)
    if at.size != len(brackets):
        raise ValueError(f"x must have one entry a bracket, {len(brackets)}, got shape {at.shape}")
    lower, upper = (np.array([float(getattr(item, end)) for item in brackets]) for end in ("lower", "upper"))
    exact = np.array([bool(getattr(item, "exact", False)) for item in brackets], dtype=bool)
    below, above = np.isfinite(lower), np.isfinite(upper)
    ends = np.concatenate([at[below], at[above]]), np.concatenate([lower[below], upper[above]])
    (marks,) = ax.plot(*ends, "_", markersize=9, label=label)
    colour = marks.get_color()
    ax.vlines(at[above], lower[above], upper[above], color=colour)
    ax.plot(at[above & exact], upper[above & exact], "o", color=colour, markersize=5)
    ax.plot(at[~below], np.ones(at[~below].size), "x", color=colour, transform=ax.get_xaxis_transform(), clip_on=False)
    for place, start in zip(at[below & ~above], lower[below & ~above], strict=True):
        arrow = {"arrowstyle": "->", "color": colour, "shrinkA": 0, "shrinkB": 0}
        top = ("data", "axes fraction")
        ax.annotate("", (place, 1.0), (place, start), xycoords=top, textcoords="data", arrowprops=arrow)


def draw_curve(ax: Axes, x: FloatArray | IntArray, y: FloatArray, error: FloatArray | None, label: str | None) -> None:
    """Draw a line with points, and error bars where they are known (not NaN)."""
    if error is None or not np.isfinite(error).any():
        ax.plot(x, y, "o-", markersize=4, label=label)
    else:
        ax.errorbar(x, y, yerr=np.where(np.isfinite(error), error, 0.0), fmt="o-", markersize=4, capsize=2, label=label)
