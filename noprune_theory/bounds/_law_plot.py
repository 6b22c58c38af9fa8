"""The versions of the law of robustness in one picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._plots import axes_of, draw_curve
from noprune_theory._validation import as_float_array, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_law(law: Any, ax: Axes | None, x: ArrayLike | None, measured: Any) -> Axes:
    """Draw a `LawBound`; see its method `plot`."""
    shape = np.shape(law.lipschitz)
    if len(shape) > 1:
        raise ValueError(f"bounds of one axis at most can be drawn, got shape {shape}")
    if measured is not None and not (hasattr(measured, "lower") and hasattr(measured, "upper")):
        raise TypeError(f"measured must have lower and upper, got {shown(measured)} of type {type(measured).__name__}")
    if not shape:
        if x is not None:
            raise ValueError(f"x is for bounds that are arrays, got x={shown(x)} for numbers")
        drawn = axes_of(ax, xlabel="Lipschitz constant")
        _bars(drawn, law)
        _band(drawn, measured, vertical=True)
        return drawn
    at = np.arange(float(shape[0])) if x is None else as_float_array("x", x, ndim=1, allow_empty=True)
    if at.shape != shape:
        raise ValueError(f"x must have shape {shape} as the bounds have, got {at.shape}")
    drawn = axes_of(ax, ylabel="Lipschitz constant")
    for name, values in law.versions.items():
        finite = np.where(np.isfinite(values), values, np.nan)
        draw_curve(drawn, at, np.broadcast_to(finite, shape), None, name)
    _band(drawn, measured, vertical=False)
    drawn.legend()
    return drawn


def _bars(ax: Axes, law: Any) -> None:
    """Draw one bar a version, the largest bound darkest; an infinite one is an arrow to the edge."""
    names = list(law.versions)
    bounds = [float(law.versions[name]) for name in names]
    lengths = [bound if math.isfinite(bound) else 0.0 for bound in bounds]
    bars = ax.barh(range(len(names)), lengths, color="C0", tick_label=names)
    for place, (name, bar, bound) in enumerate(zip(names, bars, bounds, strict=True)):
        bar.set_alpha(1.0 if name == law.theorem else 0.4)
        if math.isinf(bound):
            edge = ("axes fraction", "data")
            ax.annotate(
                "", (1.0, place), (0.0, place), xycoords=edge, textcoords="data", arrowprops={"arrowstyle": "->"}
            )


def _band(ax: Axes, measured: Any, *, vertical: bool) -> None:
    """Draw what was measured; a bracket without upper end is its lower end alone."""
    if measured is None or not math.isfinite(measured.lower):
        return
    line, span = (ax.axvline, ax.axvspan) if vertical else (ax.axhline, ax.axhspan)
    line(measured.lower, color="C3", label="measured")
    if math.isfinite(measured.upper):
        span(measured.lower, measured.upper, color="C3", alpha=0.3, linewidth=0)
