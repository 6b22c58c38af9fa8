"""Any function at all: cells of the inputs, with unlike labels close to one another, in the place of a class."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import sympy as sp

from noprune_theory._types import FloatArray
from noprune_theory.bounds import Noise, any_function_at_cells, any_function_probability
from noprune_theory.verifier.notation import equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Sweep,
    Verdict,
)

a, b, k, theta, w, s, p, beta = sp.symbols("a b k theta w s p beta", positive=True)
first, second, third, fourth, squares, total = sp.symbols("x y f g q t", real=True)
distance, gap, loss, level, rate, cubic = sp.symbols("r u l m alpha c", real=True)

PAIRS = Step(
    "The losses of k points with errors e_i = y_i - v_i are at least (1/k) Σ over pairs of (e_i - e_j)²",
    (
        Obligation(
            "a pair: (e_i - e_j)² = 2(e_i² + e_j²) - (e_i + e_j)²; summed, Σ over pairs = k Σe² - (Σe)²",
            equation(lambda: (first - second) ** 2, lambda: 2 * (first**2 + second**2) - (first + second) ** 2),
            Identity(),
        ),
        Obligation(
            "(k Σe² - (Σe)²)/k ≤ Σe²",
            sp.Le((k * squares - total**2) / k, squares),
            Refutation(),
        ),
    ),
    rests_on=("induction",),
)


def unlike(distance_apart: sp.Expr) -> Obligation:
    """Bound the difference of the errors of two unlike labels."""
    return Obligation(
        "labels 1 and -1 and v_i - v_j ≤ u: ((1 - v_i) - (-1 - v_j))² ≥ (2 - u)₊²",
        sp.Ge(((1 - first) - (-1 - second)) ** 2, sp.Max(distance_apart - gap, 0) ** 2),
        Refutation(),
        (sp.Le(first - second, gap), sp.Ge(gap, 0)),
    )


UNLIKE = Step(
    "Two points with unlike labels at a distance r differ in their errors by at least (2 - Lr)₊, and of k points, a of "
    "them with the label 1, a(k - a) pairs are unlike",
    (unlike(sp.Integer(2)),),
    rests_on=("induction",),
)
CHERNOFF = Step(
    "P(Σ losses ≤ ns) ≤ exp(θns) E exp(-θ Σ losses), and exp(-θH · mean) ≤ mean of exp(-θH ·) over the unlike pairs of "
    "a cell, H = a(k - a)/k; a smaller min(H, h) only raises it",
    (
        Obligation(
            "1 ≤ 1 + θ(ns - l), which is at most exp(θ(ns - l)), where l ≤ ns",
            sp.Ge(theta * (level - loss), 0),
            Refutation(),
            (sp.Le(loss, level),),
        ),
        Obligation(
            "exp is convex: its second derivative is itself",
            equation(sp.Derivative(sp.exp(first), (first, 2)), sp.exp(first)),
            Identity(),
        ),
    ),
    rests_on=("expectation", "power series", "independence"),
)
COUNTS = Step(
    "Given the counts cells are independent, each factor falls as its count grows, and counts of a multinomial law are "
    "such that E ΠQ_c(K_c) ≤ Π E Q_c(K_c), at most the N-th power of the mean of the factors",
    (
        Obligation(
            "H grows with a point more: (a + 1)b/(a + 1 + b) - ab/(a + b) = b²/((a + b)(a + b + 1))",
            equation(lambda: (a + 1) * b / (a + 1 + b) - a * b / (a + b), lambda: b**2 / ((a + b) * (a + b + 1))),
            Identity(),
        ),
        Obligation(
            "the covariance for two values of a count: p(1 - p)(f_1 - f_2)(g_1 - g_2)",
            equation(
                lambda: (
                    p * first * third
                    + (1 - p) * second * fourth
                    - (p * first + (1 - p) * second) * (p * third + (1 - p) * fourth)
                ),
                lambda: p * (1 - p) * (first - second) * (third - fourth),
            ),
            Identity(),
        ),
        Obligation(
            "it is at most 0 for a falling factor and a growing expectation of the others",
            sp.Le((first - second) * (third - fourth), 0),
            Refutation(),
            (sp.Ge(first, second), sp.Le(third, fourth)),
        ),
        Obligation(
            "the inequality of the means",
            sp.Le(first * second, ((first + second) / 2) ** 2),
            Refutation(),
        ),
    ),
    rests_on=("conditioning", "induction", "expectation"),
)


def bend(steepest: sp.Expr) -> Obligation:
    """Bound the sign of the second derivative by that of alpha u (2 - u)^2 - 1."""
    return Obligation(
        "α u(2 - u)² ≤ 1 for u(2 - u)² ≤ 32/27",
        sp.Le(rate * cubic, 1),
        Refutation(),
        (sp.Le(rate, steepest), sp.Ge(rate, 0), sp.Ge(cubic, 0), sp.Le(cubic, sp.Rational(32, 27))),
    )


CONCAVE = Step(
    "For α = θ min(H, h) ≤ 27/32, exp(-α(2 - √w)₊²) is concave in w = (Lr)², so that r² may be its mean over cells and "
    "pairs, 2D",
    (
        Obligation(
            "the second derivative is α exp(-α(2 - √w)²) (α√w(2 - √w)² - 1)/√w³",
            equation(
                sp.Derivative(sp.exp(-rate * (2 - sp.sqrt(w)) ** 2), (w, 2)),
                rate
                * sp.exp(-rate * (2 - sp.sqrt(w)) ** 2)
                * (rate * sp.sqrt(w) * (2 - sp.sqrt(w)) ** 2 - 1)
                / sp.sqrt(w) ** 3,
            ),
            Identity(),
        ),
        Obligation(
            "32/27 - u(2 - u)² = (u - 2/3)²(8/3 - u)",
            equation(
                lambda: sp.Rational(32, 27) - s * (2 - s) ** 2,
                lambda: (s - sp.Rational(2, 3)) ** 2 * (sp.Rational(8, 3) - s),
            ),
            Identity(),
        ),
        Obligation(
            "it is at least 0 on [0, 2]",
            sp.Ge((s - sp.Rational(2, 3)) ** 2 * (sp.Rational(8, 3) - s), 0),
            Refutation(),
            (sp.Le(s, 2),),
        ),
        bend(sp.Rational(27, 32)),
        Obligation(
            "the slope, a multiple of 2 - √w, is 0 at w = 4, where the constant 1 goes on",
            equation(lambda: 2 - sp.sqrt(4), lambda: sp.Integer(0)),
            Identity(),
        ),
    ),
    rests_on=("expectation",),
)
SPREAD = Step(
    "Two independent inputs of a cell are at 2E|x - Ex|² in the mean square; a component of isoperimetric inputs has "
    "E|x - Ex|² ≤ c in the moment form and ≤ 2(1 + log 2)c by Definition 1",
    (
        Obligation(
            "|x - y|² = x² + y² - 2xy, and the last has mean 0 for centred independent x, y",
            equation(lambda: (first - second) ** 2, lambda: first**2 + second**2 - 2 * first * second),
            Identity(),
        ),
        Obligation(
            "∫ min(1, 2exp(-dv/(2c))) dv a coordinate: 1 up to v_0 = (2c/d) log 2, then 2(2c/d)exp(-dv_0/(2c)) = 2c/d",
            equation(
                lambda: (2 * b / a) * sp.log(2) + 2 * (2 * b / a) * sp.exp(-sp.log(2)),
                lambda: 2 * (1 + sp.log(2)) * b / a,
            ),
            Identity(),
        ),
    ),
    rests_on=("independence", "expectation", "layer cake", "isoperimetry"),
)
MANY = Step(
    "For k points, H = (k - S²/k)/4 with S a sum of k fair signs, and E exp(βS²/(4k)) ≤ E exp(βg²/4) = "
    "(1 - β/2)^(-1/2), g normal, moment by moment",
    (
        Obligation(
            "a = (k + S)/2: a(k - a)/k = (k - S²/k)/4",
            equation(lambda: (k + total) / 2 * (k - (k + total) / 2) / k, lambda: (k - total**2 / k) / 4),
            Identity(),
        ),
        Obligation(
            "-x²/2 + βx²/4 = -(1 - β/2)x²/2",
            equation(lambda: -(first**2) / 2 + beta * first**2 / 4, lambda: -(1 - beta / 2) * first**2 / 2),
            Identity(),
        ),
    ),
    rests_on=("power series", "expectation"),
)


def least_loss(counts: FloatArray, slope: float) -> FloatArray:
    """Return the least loss over values that differ by at most `slope` at the two places of a cell.

    `counts` has shape (..., 2 places, 2 labels).
    """
    points = counts.sum(axis=-1)
    labels = counts[..., 0] - counts[..., 1]
    mean = labels / np.maximum(points, 1)
    apart = np.maximum(np.abs(mean[..., 0] - mean[..., 1]) - slope, 0.0)
    joint = points[..., 0] * points[..., 1] / np.maximum(points.sum(axis=-1), 1)
    return np.asarray(np.sum(points - labels * mean, axis=-1) + joint * apart**2)


def outcomes(n_samples: int, cells: int) -> tuple[FloatArray, FloatArray]:
    """Return all counts of samples by cell, place and label, with their probabilities."""
    kinds = 4 * cells
    bars = np.array(list(itertools.combinations(range(n_samples + kinds - 1), kinds - 1)))
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n_samples + kinds - 1)])
    counts = np.diff(edges, axis=1) - 1
    logarithm = math.lgamma(n_samples + 1) - n_samples * math.log(kinds)
    weights = np.exp(logarithm - np.sum([[math.lgamma(c + 1) for c in row] for row in counts], axis=1))
    return counts.reshape(-1, cells, 2, 2).astype(np.float64), weights


def two_places(name: str, spread: float) -> ExactCheck:
    """Compare the exact probability of a fit in cells of two places at a distance 1 (D = 1/4) with the bound."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for n_samples, cells in ((2, 1), (4, 1), (9, 1), (4, 2), (6, 2)):
            counts, weights = outcomes(n_samples, cells)
            for slope in (0.0, 0.5, 1.0, 1.9):
                losses = least_loss(counts, slope).sum(axis=-1)
                for share in (0.0, 0.1, 0.5):
                    exact = float(weights[losses <= n_samples * share + 1e-12].sum())
                    bound = min(
                        float(
                            any_function_probability(
                                n_samples,
                                1 - share,
                                slope,
                                spread,
                                cells=cells,
                                multiplier=multiplier,
                                noise=Noise(signs=True),
                            )
                        )
                        for multiplier in (0.2, 0.5, 1.0, 27 / 16)
                    )
                    if bound < 1:
                        yield Comparison(f"n = {n_samples}, N = {cells}, L = {slope}, s = {share}", exact, bound)

    return ExactCheck(name, compare, of_claim=True)


def simulate(shrink: float) -> Sweep:
    """Twenty samples in 14 cells of two places: how often some function with L = the bound at delta = 0.3 reaches 0.1.

    `shrink` divides the probability that is claimed.
    """
    n_samples, cells, share, failure = 20, 14, 0.1, 0.3
    slope = float(any_function_at_cells(n_samples, 1 - share, failure, 0.25, cells=cells, noise=Noise(signs=True)))

    def count(rng: np.random.Generator, trials: int) -> int:
        happened = 0
        for first_trial in range(0, trials, 4000):
            batch = min(4000, trials - first_trial)
            counts = rng.multinomial(n_samples, np.full(4 * cells, 1 / (4 * cells)), size=batch)
            losses = least_loss(counts.reshape(batch, cells, 2, 2).astype(np.float64), slope)
            happened += int(np.sum(losses.sum(axis=1) <= n_samples * share))
        return happened

    return Sweep(f"P(some function with Lip = bound has MSE ≤ 0.1) ≤ {failure / shrink:g}", count, failure / shrink)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments for three samples, with a multiplier at which no cost is clipped."""
    return {
        "N": float(rng.integers(1, 100)),
        "q": float(rng.uniform(0.05, 1)),
        "epsilon": float(rng.uniform(0.5, 1)),
        "theta": float(rng.uniform(0.01, 1.2)),
        "L": float(rng.uniform(0, 1)),
        "D": float(rng.uniform(0.01, 1.9)),
    }


N, q, epsilon, L, D = sp.symbols("N q epsilon L D", positive=True)
COST = (2 - L * sp.sqrt(2 * D)) ** 2
THREE = sp.Min(
    1,
    sp.exp(3 * theta * (1 - epsilon))
    * (
        1
        - 3 * (q / N) ** 2 * (1 - q / N) * (1 - sp.exp(-theta * COST / 2)) / 2
        - (q / N) ** 3 * sp.Rational(3, 4) * (1 - sp.exp(-theta * COST * sp.Rational(2, 3)))
    )
    ** N,
)

with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.Le(
            sp.Symbol("P"),
            sp.exp(theta * sp.Symbol("n") * (1 - epsilon)) * sp.Symbol("E") ** sp.Symbol("N"),
        ),
        hypotheses=(
            equation(
                sp.Symbol("E"),
                sp.Function("E")(
                    sp.exp(-theta * sp.Min(sp.Symbol("H"), sp.Rational(27, 32) / theta) * (2 - L * sp.sqrt(2 * D)) ** 2)
                ),
            ),
            sp.Le(L * sp.sqrt(2 * D), 2),
        ),
        words="P is the probability that some f with Lip(f) ≤ L has MSE ≤ 1 - ε; n fair signs independent of the "
        "inputs; N cells of equal probability q/N, distortion D; K binomial (n, q/N), a binomial (K, 1/2), "
        "H = a(K - a)/K. Nothing is asked of f, of a class or of a mask.",
    )

STATEMENT = Statement(
    id="sharp-any-function",
    title="The law for any function at all",
    source="What Theorems 1 and 4 tend to as parameters grow; Wu, Huang, Zhang (ICML 2023) prove the order n^(1/d)",
    recorded=Verdict.HOLDS,
    claim=CLAIM,
    derivation=(PAIRS, UNLIKE, CHERNOFF, COUNTS, CONCAVE, SPREAD, MANY),
    exact=(two_places("P(some f with Lip(f) ≤ L has MSE ≤ s), cells of two places, enumerated", 0.25),),
    sweeps=(simulate(1.0),),
    agreement=(
        NumericAgreement(
            "bounds.any_function_probability, three samples",
            lambda N, q, epsilon, theta, L, D: float(
                any_function_probability(
                    3, epsilon, L, D, cells=int(N), mass=q, multiplier=theta, noise=Noise(signs=True)
                )
            ),
            THREE,
            sample,
        ),
    ),
    faults=(
        PlantedFault("unlike labels counted 3 apart", unlike(sp.Integer(3))),
        PlantedFault("concave up to 1", bend(sp.Integer(1))),
        PlantedFault("distortion a hundredth", two_places("D shrunk to 1/400", 0.25 / 100)),
        PlantedFault("failure probability divided by 30, simulated", simulate(30.0)),
    ),
    remarks=(
        "For inputs N(0, I/d) or uniform on a cube, cells that are products of intervals have D of the order N^(-2/d): "
        "the bound grows like n^(1/d), at interpolation like n^(2/d).",
        "What is lost against the smoothest function on the data: only pairs inside a cell count, at the mean square "
        "of their distances.",
    ),
)
