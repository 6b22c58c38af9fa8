"""The paper "The Price of Robustness" (von Berg, Fono, Datres, Maskey, Kutyniok, ICLR 2026), statement by statement.

What is restated is version 1 of 3 March 2026, in our words; the paper leaves its constants K, K1 and K2 open, and they
are given values here. `masked-law` and ids that start with "sharp" are ours.
"""

from __future__ import annotations

from noprune_theory.verifier.paper import Paper

__all__ = ["PAPER", "STATEMENTS", "load"]

STATEMENTS: dict[str, str] = {
    "definition-1": "verification.price_of_robustness.definition_1",
    "remark-2": "verification.price_of_robustness.remark_2",
    "fact-2": "verification.price_of_robustness.fact_2",
    "equation-1": "verification.price_of_robustness.equation_1",
    "equation-2": "verification.price_of_robustness.equation_2",
    "theorem-4": "verification.price_of_robustness.theorem_4",
    "corollary-6": "verification.price_of_robustness.corollary_6",
    "example-9": "verification.price_of_robustness.example_9",
    "definition-10": "verification.price_of_robustness.definition_10",
    "theorem-13": "verification.price_of_robustness.theorem_13",
    "corollary-15": "verification.price_of_robustness.corollary_15",
    "claim-massart-rate": "verification.price_of_robustness.claim_massart_rate",
    "claim-orders-of-stability": "verification.price_of_robustness.claim_orders_of_stability",
    "claim-halfspace": "verification.price_of_robustness.claim_halfspace",
    "sharp-nearly-constant": "verification.price_of_robustness.sharp_nearly_constant",
    "masked-law": "verification.price_of_robustness.masked_law",
}

PAPER = Paper(
    name="price-of-robustness",
    title="The Price of Robustness",
    source="J. von Berg, A. Fono, M. Datres, S. Maskey, G. Kutyniok, Stable Classifiers Need Overparameterization, "
    "ICLR 2026, arXiv 2603.02806v1",
    statements=STATEMENTS,
    main_statement="masked-law",
)

load = PAPER.load
