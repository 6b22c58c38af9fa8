"""What searches for the smoothest fit begin with and hand on."""

from __future__ import annotations

from dataclasses import dataclass

from noprune_theory._types import FloatArray
from noprune_theory.models import RandomFeatures
from noprune_theory.solvers.smoothest.features.certificate import SmoothnessCertificate
from noprune_theory.solvers.smoothest.features.problem import Evaluated, FeaturesProblem


def layer(problem: FeaturesProblem, weights: FloatArray) -> RandomFeatures:
    """Return the scaled model with given weights (K,), without its constant."""
    sloped = problem.sloped
    offsets = None if problem.offsets is None else problem.offsets[:sloped]
    return RandomFeatures(problem.slopes[:sloped], weights[:sloped], offsets)


@dataclass(frozen=True, eq=False)
class Multipliers:
    """A point of the dual: weights of the cells (>= 0), and weight and centre of the ball that stands for the loss."""

    points: FloatArray
    cells: FloatArray
    loss: float
    centre: FloatArray


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search reached.

    Attributes
    ----------
    problem : FeaturesProblem
        The scaled problem of `fit` and `upper`.
    fit : Evaluated
    lower : float
        In the units of the data.
    upper : float
        Scaled.
    evidence : str
        How `upper` was found.
    certificate : SmoothnessCertificate or None
        The evidence for `lower`.
    undecided : bool
        Whether the weights miss the level by more than rounding.
    effort : dict
    """

    problem: FeaturesProblem
    fit: Evaluated
    lower: float
    upper: float
    evidence: str
    certificate: SmoothnessCertificate | None
    undecided: bool
    effort: dict[str, float | int | str]


@dataclass(frozen=True, eq=False)
class Start:
    """What a search may begin with.

    Attributes
    ----------
    points : ndarray, shape (m, d)
        Inputs in regions that may matter, in the units of the data.
    weights : ndarray, shape (K,), or None
        Scaled weights, which need not meet the level.
    """

    points: FloatArray
    weights: FloatArray | None
