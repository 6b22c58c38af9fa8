"""Compute the answers of a statement and its verdict.

- `answers`: what comes back, plain data that other processes send and reports show.
- `checks`: counterexamples, exact models, simulations, agreement with functions, planted faults.
- `hypotheses`: which hypotheses are needed.
- `worst`: the model closest to equality, as an object.
- `statements`: all of it for one statement, and the verdict.
"""

from noprune_theory.verifier.evaluation.answers import (
    AgreementAnswer,
    ClaimText,
    CounterexampleAnswer,
    ExactAnswer,
    FaultAnswer,
    Formula,
    HypothesisAnswer,
    Need,
    ObligationAnswer,
    RepairAnswer,
    StatementAnswer,
    StepAnswer,
    SweepAnswer,
)
from noprune_theory.verifier.evaluation.checks import EvaluationError
from noprune_theory.verifier.evaluation.statements import evaluate
from noprune_theory.verifier.evaluation.worst import WorstCase, worst_case

__all__ = [
    "AgreementAnswer",
    "ClaimText",
    "CounterexampleAnswer",
    "EvaluationError",
    "ExactAnswer",
    "FaultAnswer",
    "Formula",
    "HypothesisAnswer",
    "Need",
    "ObligationAnswer",
    "RepairAnswer",
    "StatementAnswer",
    "StepAnswer",
    "SweepAnswer",
    "WorstCase",
    "evaluate",
    "worst_case",
]
