"""The paper "No Free Prune" (Kumar, Luo, Sellke, ICML 2024), statement by statement.

`PAPER` is the explicit list of statements, in the order of the report; ids that start with "sharp" are sharpened forms.
"""

from __future__ import annotations

from noprune_theory.verifier.paper import Paper

__all__ = ["PAPER", "STATEMENTS", "load"]

STATEMENTS: dict[str, str] = {
    "definition-1": "verification.no_free_prune.definition_1",
    "theorem-1": "verification.no_free_prune.theorem_1",
    "theorem-2": "verification.no_free_prune.theorem_2",
    "equation-1": "verification.no_free_prune.equation_1",
    "lemma-1": "verification.no_free_prune.lemma_1",
    "lemma-2": "verification.no_free_prune.lemma_2",
    "lemma-3": "verification.no_free_prune.lemma_3",
    "lemma-4": "verification.no_free_prune.lemma_4",
    "lemma-5": "verification.no_free_prune.lemma_5",
    "equation-5": "verification.no_free_prune.equation_5",
    "equation-7": "verification.no_free_prune.equation_7",
    "lemma-6": "verification.no_free_prune.lemma_6",
    "theorem-3": "verification.no_free_prune.theorem_3",
    "equation-8": "verification.no_free_prune.equation_8",
    "theorem-4": "verification.no_free_prune.theorem_4",
    "theorem-5": "verification.no_free_prune.theorem_5",
    "equation-13": "verification.no_free_prune.equation_13",
    "theorem-6": "verification.no_free_prune.theorem_6",
    "equation-12": "verification.no_free_prune.equation_12",
    "claim-p-eff-at-most-p": "verification.no_free_prune.claim_p_eff_at_most_p",
    "claim-ratio-diverges": "verification.no_free_prune.claim_ratio_diverges",
    "claim-brute-force-information": "verification.no_free_prune.claim_brute_force_information",
    "claim-data-encoding-mask": "verification.no_free_prune.claim_data_encoding_mask",
    "claim-correlation-lower-bound": "verification.no_free_prune.claim_correlation_lower_bound",
    "claim-cover-capacity": "verification.no_free_prune.claim_cover_capacity",
    "claim-toy-parameter-count": "verification.no_free_prune.claim_toy_parameter_count",
    "claim-toy-sampling": "verification.no_free_prune.claim_toy_sampling",
    "sharp-threshold": "verification.no_free_prune.sharp_threshold",
    "sharp-linear-class": "verification.no_free_prune.sharp_linear_class",
    "sharp-independent-noise": "verification.no_free_prune.sharp_independent_noise",
    "sharp-gaussian-width": "verification.no_free_prune.sharp_gaussian_width",
    "sharp-gordon": "verification.no_free_prune.sharp_gordon",
    "sharp-all-masks": "verification.no_free_prune.sharp_all_masks",
    "sharp-any-function": "verification.no_free_prune.sharp_any_function",
}


PAPER = Paper(
    name="no-free-prune",
    title="No Free Prune",
    source="T. Kumar, K. Luo, M. Sellke, Information-Theoretic Barriers to Pruning at Initialization, ICML 2024, arXiv "
    "2402.01089v1",
    statements=STATEMENTS,
    main_statement="theorem-4",
)

load = PAPER.load
