"""The README's table theorem -> module -> figure -> verdict: `python -m verification.readme_table` rewrites it.

The verdicts are the recorded ones; `python -m verification` exits with 0 only when the computed ones equal them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from noprune_theory.verifier.command import chosen, known_names
from verification.papers import PAPERS, UNPREFIXED

__all__ = ["BEGIN", "END", "PLACES", "README", "replace_block", "table"]

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- begin: statements (python -m verification.readme_table) -->"
END = "<!-- end: statements -->"

#: Statement, as on the command line -> (its function or class in the library, the figure that shows it), or None.
PLACES: dict[str, tuple[str | None, str | None]] = {
    "definition-1": ("covariates.Covariate", "check_isoperimetry"),
    "theorem-1": ("bounds.theorem_1", None),
    "theorem-2": ("bounds.theorem_2_order", "check_law_of_robustness"),
    "equation-1": ("bounds.equation_1", "check_effective_ratio"),
    "lemma-1": ("bounds.lemma_1", "check_tail"),
    "lemma-2": ("bounds.lemma_2_concentration", None),
    "lemma-3": ("information.finite_class_parameter_count", None),
    "lemma-4": ("bounds.lemma_4_failure", None),
    "lemma-5": ("bounds.lemma_5_failure", None),
    "lemma-6": ("bounds.lemma_6", "check_tail"),
    "equation-5": (None, None),
    "equation-7": ("bounds.equation_7", "check_tail"),
    "equation-8": (None, None),
    "theorem-3": ("bounds.theorem_3", "check_tail"),
    "theorem-4": ("bounds.theorem_4", "check_law_of_robustness"),
    "theorem-5": ("bounds.theorem_5", "check_generalization"),
    "theorem-6": ("bounds.theorem_6", "check_generalization"),
    "equation-12": ("bounds.massart", None),
    "equation-13": ("bounds.mcdiarmid_tail", None),
    "claim-p-eff-at-most-p": ("information.worst_case_effective_parameter_count", None),
    "claim-ratio-diverges": ("bounds.effective_count_ratio", "check_effective_ratio"),
    "claim-brute-force-information": ("pruning.prune_exhaustive", "check_information_capacity"),
    "claim-data-encoding-mask": ("pruning.prune_data_encoding", None),
    "claim-correlation-lower-bound": ("information.bound_from_correlation", None),
    "claim-cover-capacity": (None, None),
    "claim-toy-parameter-count": ("tasks.cube_atoms", "fig4_classification"),
    "claim-toy-sampling": ("information.toy_information", "fig4_regression"),
    "sharp-threshold": ("bounds.exact_threshold", "check_slack"),
    "sharp-linear-class": ("bounds.linear_class_law", "check_slack"),
    "sharp-independent-noise": ("bounds.linear_class_law", "check_slack"),
    "sharp-gaussian-width": ("bounds.gaussian_width_law", "check_slack"),
    "sharp-gordon": ("bounds.gordon_law", "check_sharpness"),
    "sharp-all-masks": ("bounds.all_masks_gordon_law", "check_sharpness"),
    "sharp-any-function": ("bounds.any_function_law", "check_slack"),
    "price-of-robustness/definition-1": ("class_stability.bracket", "check_class_stability"),
    "price-of-robustness/remark-2": (None, None),
    "price-of-robustness/fact-2": ("bounds.price_fact_2", None),
    "price-of-robustness/equation-1": ("bounds.uniform_deviation", None),
    "price-of-robustness/equation-2": (None, None),
    "price-of-robustness/theorem-4": ("bounds.price_theorem_4", None),
    "price-of-robustness/corollary-6": ("bounds.price_corollary_6", None),
    "price-of-robustness/example-9": (None, None),
    "price-of-robustness/definition-10": ("class_stability.bracket", "check_class_stability"),
    "price-of-robustness/theorem-13": ("bounds.price_theorem_13", None),
    "price-of-robustness/corollary-15": ("bounds.price_corollary_15", None),
    "price-of-robustness/claim-massart-rate": ("bounds.stable_class_rademacher", None),
    "price-of-robustness/claim-orders-of-stability": ("bounds.price_corollary_6", "check_class_stability"),
    "price-of-robustness/claim-halfspace": ("class_stability.gaussian_halfspace_stability", None),
    "price-of-robustness/sharp-nearly-constant": ("bounds.class_stability_law", None),
    "price-of-robustness/masked-law": ("bounds.class_stability_law", "check_class_stability"),
}


def table() -> str:
    """Return the table in Markdown, one row a statement in the order of the report."""
    lines = ["| statement | title | library | figure | verdict |", "|---|---|---|---|---|"]
    for name, selected in zip(known_names(PAPERS, UNPREFIXED), chosen(PAPERS, ()), strict=True):
        statement = selected.paper.load(selected.identifier)
        place, figure = PLACES[name]
        library = f"`{place}`" if place else ""
        shown = f"`{figure}`" if figure else ""
        verdict = str(statement.recorded)
        if statement.repair is not None:
            verdict += ", sharpened" if statement.repair.sharpens else ", repaired"
        title = statement.title.replace("|", "\\|")
        lines.append(f"| `{name}` | {title} | {library} | {shown} | {verdict} |")
    return "\n".join(lines)


def replace_block(text: str, block: str) -> str:
    """Return `text` with what stands between the two markers replaced by `block`.

    Raises
    ------
    ValueError
        If the markers are not both there, in order.
    """
    start, end = text.find(BEGIN), text.find(END)
    if not 0 <= start < end:
        raise ValueError(f"the text must hold {BEGIN!r} before {END!r}")
    return f"{text[: start + len(BEGIN)]}\n{block}\n{text[end:]}"


def main() -> int:
    """Rewrite the table in README.md."""
    README.write_text(replace_block(README.read_text(encoding="utf-8"), table()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
