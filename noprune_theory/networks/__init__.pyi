from ._layers import NetworkFormatError
from .files import load, save
from .layer_counts import LayerReport
from .page import plot_bracket, plot_masks, report_html, report_lines
from .report import Change, DataReport, NetworkReport, report
from .sklearn import from_sklearn
from .state_dict import from_state_dict

__all__ = [
    "load",
    "save",
    "from_state_dict",
    "from_sklearn",
    "NetworkFormatError",
    "report",
    "NetworkReport",
    "LayerReport",
    "DataReport",
    "Change",
    "report_lines",
    "report_html",
    "plot_masks",
    "plot_bracket",
]
