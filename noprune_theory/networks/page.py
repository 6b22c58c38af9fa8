"""The report on a network for people: lines for a terminal, and one self-contained HTML page with plots."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from noprune_theory._validation import check_instance
from noprune_theory.lipschitz import Bracket
from noprune_theory.models import MLP
from noprune_theory.models.parameters import layer_matrices
from noprune_theory.networks.report import NetworkReport

_LARGEST_PICTURE = 1500


def report_lines(found: NetworkReport) -> list[str]:
    """Return the report as lines of text.

    Parameters
    ----------
    found : NetworkReport
        What `report` returned.

    Returns
    -------
    list of str
        Without line ends; masks in bits, p_eff in nats.

    Raises
    ------
    TypeError
        If `found` is no `NetworkReport`.
    """
    check_instance("found", found, NetworkReport)
    lines = [
        f"network          {' -> '.join(map(str, found.widths))}, {found.activation}, {found.parameters} parameters",
        f"kept             {found.kept}, sparsity {found.sparsity:.4f} of the {found.prunable} that pruning may remove",
    ]
    for index, layer in enumerate(found.layers, start=1):
        units = f", {layer.inactive} of {layer.outputs} units inactive" if layer.inactive else ""
        units += f" ({layer.constant} constant)" if layer.constant else ""
        lines.append(
            f"  layer {index:<9}{layer.kept} of {layer.weights} weights, {layer.log2_masks:,.1f} bits of masks{units}"
        )
    if found.collapsed:
        lines.append(
            f"collapsed        hidden layer(s) {', '.join(map(str, found.collapsed))}: the network is constant"
        )
    lines += [
        f"mask             at most {found.log2_masks:,.2f} bits; {found.log2_masks_layout_known:,.2f} with the counts "
        "of each layer known",
        f"p_eff            at most {found.effective_parameters_ceiling:,.1f} nats",
        f"Theorem 4        J = {found.constants.parameter_lipschitz:.4g}, W = {found.constants.diameter:.4g} for "
        f"|x| <= {found.constants.data_radius:.4g}, |w| <= {found.constants.weight_radius:.4g}",
        f"Lipschitz        {_shown(found.lipschitz)}",
    ]
    if found.lipschitz_on_ball is not None:
        lines.append(f"  on the ball    {_shown(found.lipschitz_on_ball)}, |x| <= {found.constants.data_radius:.4g}")
    data = found.data
    if data is not None:
        lines.append(
            f"data             n = {data.n}, mean squared error {data.mse:.6g}" + (", interpolates" * data.interpolates)
        )
        if data.noise_correlation is not None:
            lines.append(f"                 correlation with the noise {data.noise_correlation:.6g}")
        if data.law is not None:
            lines.append(
                f"law              Lipschitz >= {float(data.law.lipschitz):.6g} by {data.law.theorem or 'nothing'}"
            )
            lines += [f"                 uses: {fact}" for fact in data.law.hypotheses]
        if data.reason:
            lines.append(f"law              {data.reason}")
        lines += [f"                 {change.bound:.6g} if {change.what}" for change in data.changes]
    return lines


def _shown(bracket: Bracket) -> str:
    return f"[{bracket.lower:.6g}, {bracket.upper:.6g}]{' exact' if bracket.exact else ''}: {bracket.method}"


def plot_masks(axes: Sequence[Axes], model: MLP) -> None:
    """Draw the mask of each layer into one axes a layer: dark where a weight is kept, units down, inputs across.

    Parameters
    ----------
    axes : sequence of matplotlib.axes.Axes
        One a layer.
    model : MLP
        Masks of biases are not drawn, and of a side longer than 1500 not every line.

    Raises
    ------
    TypeError
        If `model` is no `MLP`, or `axes` holds anything but axes.
    ValueError
        If there is not one axes a layer.
    """
    check_instance("model", model, MLP)
    check_instance("axes", axes, Iterable)
    given, layers = list(axes), len(model.widths) - 1
    for index, axis in enumerate(given):
        check_instance(f"axes[{index}]", axis, Axes)
    if len(given) != layers:
        raise ValueError(f"axes must be one for each of the {layers} layers, got {len(given)}")
    for index, (axis, mask, inputs) in enumerate(
        zip(given, layer_matrices(model.mask, model.widths, model.biases), model.widths[:-1], strict=True), start=1
    ):
        weights = mask[:, :inputs]
        step = [max(1, -(-size // _LARGEST_PICTURE)) for size in weights.shape]
        axis.imshow(
            weights[:: step[0], :: step[1]], cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
        )
        axis.set(title=f"layer {index}", xlabel="inputs", xticks=[], yticks=[])


def plot_bracket(axes: Axes, found: NetworkReport) -> None:
    """Draw the Lipschitz bracket, and the law's bound below it where there is one.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    found : NetworkReport
        What `report` returned; its `lipschitz` is drawn, the constant over all of R^d.

    Raises
    ------
    TypeError
        If `axes` is no axes, or `found` no `NetworkReport`.
    """
    check_instance("axes", axes, Axes)
    check_instance("found", found, NetworkReport)
    lower, upper = found.lipschitz.lower, found.lipschitz.upper
    ends = [end for end in (lower, upper) if np.isfinite(end)]
    axes.plot(ends, [1.0] * len(ends), color="#0072B2", linewidth=6, solid_capstyle="butt", label="Lipschitz bracket")
    axes.plot(ends, [1.0] * len(ends), color="#0072B2", marker="|", markersize=18, linestyle="none")
    if len(ends) == 1:  # no upper end
        arrow = {"arrowstyle": "->", "color": "#0072B2", "shrinkA": 0, "shrinkB": 0}
        edge = ("axes fraction", "data")
        axes.annotate("", (1.0, 1.0), (lower, 1.0), xycoords=edge, textcoords="data", arrowprops=arrow)
    if found.data is not None and found.data.law is not None and float(found.data.law.lipschitz) > 0:
        axes.plot([float(found.data.law.lipschitz)], [1], "D", color="#D55E00", label=f"law ({found.data.law.theorem})")
    if lower > 0 and np.isfinite(upper):
        axes.set_xscale("log")
    axes.set(yticks=[], ylim=(0.8, 1.2), xlabel="Lipschitz constant")
    axes.legend(loc="upper left", frameon=False)


def _picture(figure: Figure) -> str:
    buffer = io.BytesIO()
    # Names inside an SVG are random unless salted; the page is the same each time.
    with matplotlib.rc_context({"svg.hashsalt": "noprune-theory"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return base64.b64encode(buffer.getvalue()).decode()


_STYLE = """
:root { color-scheme: light dark; } body { font: 16px/1.5 Georgia, serif; max-width: 60rem; margin: 0 auto;
padding: 2rem 1rem; } pre { overflow-x: auto; font-size: 13px; } img { max-width: 100%; background: #fff; }
h1 { font-weight: 500; }
"""


def report_html(found: NetworkReport, model: MLP, title: str) -> str:
    """Return the report as one self-contained HTML page with the masks, the bracket and the bound.

    Parameters
    ----------
    found : NetworkReport
        What `report` returned of `model`.
    model : MLP
    title : str
        Heads the page; it is escaped.

    Returns
    -------
    str
        The same for equal arguments.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If the widths of `model` are not those of the report.
    """
    check_instance("found", found, NetworkReport)
    check_instance("model", model, MLP)
    check_instance("title", title, str)
    if model.widths != found.widths:
        raise ValueError(f"model must have the widths {found.widths} of the report, got {model.widths}")
    masks = Figure(figsize=(min(2.6 * len(found.layers), 14), 2.8), layout="constrained")
    plot_masks(list(masks.subplots(1, len(found.layers), squeeze=False).flat), model)
    interval = Figure(figsize=(7, 1.6), layout="constrained")
    plot_bracket(interval.subplots(), found)
    pictures = "".join(
        f'<h2>{name}</h2><img alt="{name}" src="data:image/svg+xml;base64,{_picture(figure)}">'
        for name, figure in (("Masks", masks), ("Lipschitz bracket and bound", interval))
    )
    text = html.escape("\n".join(report_lines(found)))
    heading = html.escape(title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{heading}</title><style>{_STYLE}</style></head><body><h1>{heading}</h1><pre>{text}</pre>{pictures}"
        "</body></html>\n"
    )
