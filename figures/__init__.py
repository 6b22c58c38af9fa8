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
