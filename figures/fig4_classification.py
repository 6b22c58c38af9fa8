"""Figure 4 (right): exact mutual information of the mask of a toy network, classification."""

from __future__ import annotations

from figures import fig4
from figures.fig4 import Settings
from figures.table import Table
from noprune_theory.sweeps import Execution

NAME = "fig4_classification"
TITLE = "Figure 4 (right): information of the mask, toy classification"
SETTINGS = {
    "quick": Settings("binary_cross_entropy", hidden=3, trained_seeds=4, scored_seeds=24, distinct=True),
    "paper": Settings("binary_cross_entropy", hidden=3, trained_seeds=8, scored_seeds=100, distinct=False),
}


def compute(settings: Settings, execution: Execution) -> Table:
    """Enumerate all data sets."""
    return fig4.compute_panel(NAME, settings, execution)


check, caption, draw = fig4.check_panel, fig4.caption_panel, fig4.draw_panel
