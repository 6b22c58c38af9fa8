"""Figure 4 (left): exact mutual information of the mask of a toy network, regression."""

from __future__ import annotations

from figures import fig4
from figures.fig4 import Settings
from figures.table import Table
from noprune_theory.sweeps import Execution

NAME = "fig4_regression"
TITLE = "Figure 4 (left): information of the mask, toy regression"
SETTINGS = {
    "quick": Settings("mse", hidden=4, trained_seeds=4, scored_seeds=24, distinct=True),
    "paper": Settings("mse", hidden=4, trained_seeds=8, scored_seeds=100, distinct=False),
}


def compute(settings: Settings, execution: Execution) -> Table:
    """Enumerate all data sets."""
    return fig4.compute_panel(NAME, settings, execution)


check, caption, draw = fig4.check_panel, fig4.caption_panel, fig4.draw_panel
