"""The explicit list of papers."""

from __future__ import annotations

from noprune_theory.verifier.paper import Paper
from verification import no_free_prune, price_of_robustness

__all__ = ["PAPERS", "UNPREFIXED"]

#: Its statements are called by their ids alone, those of the others "paper/id".
UNPREFIXED: Paper = no_free_prune.PAPER

PAPERS: tuple[Paper, ...] = (no_free_prune.PAPER, price_of_robustness.PAPER)
