"""The explicit list of statements: command-line id to module, in the order of the report."""

from __future__ import annotations

import importlib

from verification.statement import Statement

__all__ = ["STATEMENTS", "load"]

STATEMENTS: dict[str, str] = {
    "definition-1": "verification.statements.definition_1",
    "theorem-1": "verification.statements.theorem_1",
    "theorem-2": "verification.statements.theorem_2",
    "equation-1": "verification.statements.equation_1",
    "lemma-1": "verification.statements.lemma_1",
    "lemma-2": "verification.statements.lemma_2",
    "lemma-3": "verification.statements.lemma_3",
    "lemma-4": "verification.statements.lemma_4",
    "lemma-5": "verification.statements.lemma_5",
    "equation-5": "verification.statements.equation_5",
    "equation-7": "verification.statements.equation_7",
    "lemma-6": "verification.statements.lemma_6",
    "theorem-3": "verification.statements.theorem_3",
    "equation-8": "verification.statements.equation_8",
    "theorem-4": "verification.statements.theorem_4",
    "theorem-5": "verification.statements.theorem_5",
    "equation-13": "verification.statements.equation_13",
    "theorem-6": "verification.statements.theorem_6",
    "equation-12": "verification.statements.equation_12",
    "claim-p-eff-at-most-p": "verification.statements.claim_p_eff_at_most_p",
    "claim-ratio-diverges": "verification.statements.claim_ratio_diverges",
    "claim-brute-force-information": "verification.statements.claim_brute_force_information",
    "claim-data-encoding-mask": "verification.statements.claim_data_encoding_mask",
    "claim-correlation-lower-bound": "verification.statements.claim_correlation_lower_bound",
    "claim-cover-capacity": "verification.statements.claim_cover_capacity",
    "claim-toy-parameter-count": "verification.statements.claim_toy_parameter_count",
    "claim-toy-sampling": "verification.statements.claim_toy_sampling",
    "sharp-threshold": "verification.statements.sharp_threshold",
    "sharp-linear-class": "verification.statements.sharp_linear_class",
    "sharp-independent-noise": "verification.statements.sharp_independent_noise",
    "sharp-gaussian-width": "verification.statements.sharp_gaussian_width",
    "sharp-gordon": "verification.statements.sharp_gordon",
    "sharp-all-masks": "verification.statements.sharp_all_masks",
}


def load(identifier: str) -> Statement:
    """Import the module of a statement and return its `STATEMENT`.

    Raises
    ------
    ValueError
        If the id is not in `STATEMENTS`, or the module carries another id.
    """
    if identifier not in STATEMENTS:
        raise ValueError(f"id: unknown statement '{identifier}'; known: {', '.join(STATEMENTS)}")
    statement = importlib.import_module(STATEMENTS[identifier]).STATEMENT
    if not isinstance(statement, Statement) or statement.id != identifier:
        raise ValueError(f"id: {STATEMENTS[identifier]} does not define STATEMENT with id '{identifier}'")
    return statement
