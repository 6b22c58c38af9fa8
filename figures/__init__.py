"""The figures of the project: one module a figure, listed here.

A figure module offers

- `TITLE`: one line;
- `SETTINGS`: its settings for each profile, "quick" and "paper";
- `compute(settings, execution) -> Table`: every number that is drawn;
- `check(table)`: raises `ContradictionError` if the table contradicts the verified statement that the figure is about;
- `caption(table) -> str`: the question that the figure answers, and the answer with its numbers;
- `draw(table) -> matplotlib.figure.Figure`: from the table alone.

A new figure is a new file and one line in `FIGURES`.
"""

#: Names of all figures, in the order of the report.
FIGURES: tuple[str, ...] = (
    "check_law_of_robustness",
    "check_slack",
    "check_sharpness",
    "check_class_stability",
    "check_tail",
    "check_generalization",
    "check_effective_ratio",
    "check_isoperimetry",
    "check_information_capacity",
    "check_pruning_frontier",
    "check_entropy_estimators",
    "fig1a",
    "fig1b",
    "fig2a",
    "fig2b",
    "fig2c",
    "fig3",
    "fig4_regression",
    "fig4_classification",
)

#: The figures of which single cells take longest come first: begun in this order, before all others, no worker is left
#: with one of them at the end. Those without cells are made while the workers have long ones.
LONGEST_FIRST: tuple[str, ...] = (
    "fig3",
    "fig1b",
    "check_tail",
    "check_generalization",
    "check_effective_ratio",
    "check_law_of_robustness",
    "check_slack",
    "check_class_stability",
    "check_sharpness",
    "check_isoperimetry",
    "fig4_regression",
    "fig4_classification",
    "fig2b",
    "fig1a",
    "fig2c",
    "check_entropy_estimators",
    "check_pruning_frontier",
)

#: Figures some of whose cells are those of another one: begun when that is done.
SHARED_CELLS: dict[str, str] = {"fig2a": "fig3", "fig2c": "fig2b"}

#: What workers import while the first cells are prepared.
WORKERS_IMPORT: tuple[str, ...] = ("figures.fig3", "figures.fig1b", "figures.check_law_of_robustness")
