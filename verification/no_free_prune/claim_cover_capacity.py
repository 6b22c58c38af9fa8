"""Claim of Section 6.1: a linear model memorises 2d random labels and no more (Cover)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import comb

import numpy as np
import sympy as sp

from noprune_theory.verifier.notation import Probability, equation, event
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Events, Identity, LimitValue, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    PlantedFault,
    Profile,
    Statement,
    Step,
    Sweep,
    Verdict,
)
from verification.facts.concentration import HOEFFDING

d, n, epsilon, u, size = sp.symbols("d n epsilon u m", positive=True)
i = sp.Symbol("i", positive=True, integer=True)
cells, through, miss = sp.symbols("A B C", nonnegative=True)
memorised, few, many = event("M"), event("F"), event("G")

SPLIT = Step(
    "A new point in general position splits exactly those dichotomies that a hyperplane through it can realise, which "
    "are dichotomies of n points in dimension d - 1: C(n+1, d) = C(n, d) + C(n, d-1) (Cover 1965)",
    (
        Obligation(
            "split cells count twice: with B of A = B + C cells split, 2B + C = A + B",
            equation(2 * through + miss, cells + through),
            Refutation(),
            (equation(cells, through + miss),),
        ),
    ),
    rests_on=("general position",),
)


def pascal(shift: int) -> Obligation:
    """State that the counts 2 sum_{j<d} C(n-1, j) satisfy the recursion, term by term."""
    return Obligation(
        f"C(n, i) = C(n-1, i) + C(n-1, i-{shift}), as ratios to C(n-1, i): n/(n-i) = 1 + i/(n-i)",
        equation(sp.gammasimp(sp.binomial(n, i) / sp.binomial(n - 1, i)), 1 + (i / (n - i) if shift == 1 else 1)),
        Identity(),
        (sp.Lt(i, n),),
    )


COUNT = Step(
    "so n points have 2 Σ_{j<d} C(n-1, j) of 2^n dichotomies, and P(memorised) = P(B ≤ d - 1), B binomial(n-1, 1/2)",
    (
        pascal(1),
        Obligation("2/2^n = 2^-(n-1)", equation(2 / 2**n, 2 ** (1 - n)), Identity()),
    ),
)


def margin(sign: int) -> Obligation:
    """State the distance of d - 1 from the mean of the binomial at n - 1 = (2 - sign eps) d - 1, doubled."""
    return Obligation(
        f"2(d - 1) - (n - 1) = {'+' if sign > 0 else '-'}εd - 1 at n = (2 {'-' if sign > 0 else '+'} ε)d",
        equation((2 * (d - 1) - (n - 1)).subs(n, (2 - sign * epsilon) * d), sign * epsilon * d - 1),
        Identity(),
    )


TAILS = Step(
    "By Hoeffding, P(not memorised) ≤ exp(-(εd - 1)²/(2(n-1))) at n = (2-ε)d and P(memorised) ≤ exp(-(εd + "
    "1)²/(2(n-1))) at n = (2+ε)d",
    (
        *HOEFFDING.obligations,
        margin(1),
        margin(-1),
        Obligation(
            "m fair bits at distance u/2 from the mean: 2m(u/(2m))² = u²/(2m)",
            equation(lambda: 2 * size * (u / (2 * size)) ** 2, lambda: u**2 / (2 * size)),
            Identity(),
        ),
        Obligation("complement", equation(Probability(memorised) + Probability(sp.Not(memorised)), 1), Events()),
    ),
    rests_on=("independence", "expectation"),
)
VANISH = Step(
    "Both tend to zero with d, for every ε in (0, 1)",
    (
        Obligation(
            "(εd - 1)²/(2((2-ε)d - 1)) → ∞ : divided by d it tends to ε²/(2(2-ε)) > 0",
            equation(
                sp.Limit((epsilon * d - 1) ** 2 / (2 * ((2 - epsilon) * d - 1)) / d, d, sp.oo),
                epsilon**2 / (2 * (2 - epsilon)),
            ),
            LimitValue(),
            (sp.Lt(epsilon, 1),),
        ),
        Obligation(
            "(εd + 1)²/(2((2+ε)d - 1))/d → ε²/(2(2+ε))",
            equation(
                sp.Limit((epsilon * d + 1) ** 2 / (2 * ((2 + epsilon) * d - 1)) / d, d, sp.oo),
                epsilon**2 / (2 * (2 + epsilon)),
            ),
            LimitValue(),
        ),
    ),
)


def memorised_share(points: int, dimension: int) -> Fraction:
    """Return Cover's probability that random labels of points in general position are linearly separable."""
    return Fraction(sum(comb(points - 1, j) for j in range(dimension)), 2 ** (points - 1))


def tails(name: str, capacity: Fraction) -> ExactCheck:
    """Compare Cover's exact probability with the two exponential bounds, at distance eps = 1/4 from the capacity."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for dimension in (8, 20, 60, 100, 200):
            below, above = int((capacity - Fraction(1, 4)) * dimension), int((capacity + Fraction(1, 4)) * dimension)
            low = float(np.exp(-((dimension / 4 - 1) ** 2) / (2 * (below - 1))))
            high = float(np.exp(-((dimension / 4 + 1) ** 2) / (2 * (above - 1))))
            yield Comparison(f"d = {dimension}, n = {below}", float(1 - memorised_share(below, dimension)), low)
            yield Comparison(f"d = {dimension}, n = {above}", float(memorised_share(above, dimension)), high)

    return ExactCheck(name, compare)


def one_half(name: str, share: Callable[[int, int], Fraction]) -> ExactCheck:
    """Compare the probability at n = 2d with one half, in fractions."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for dimension in range(1, 60):
            yield Comparison(f"d = {dimension}", abs(share(2 * dimension, dimension) - Fraction(1, 2)), Fraction(0))

    return ExactCheck(name, compare)


def recursion(name: str, base: int) -> ExactCheck:
    """Count dichotomies by Cover's recursion from one point, and compare with the sum of binomials, in integers."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        table = {(1, dimension): base for dimension in range(1, 15)}
        for points in range(1, 25):
            for dimension in range(1, 15):
                smaller = table[(points, dimension - 1)] if dimension > 1 else 0
                table[(points + 1, dimension)] = table[(points, dimension)] + smaller
        for (points, dimension), counted in table.items():
            expected = memorised_share(points, dimension) * 2**points
            yield Comparison(f"n = {points}, d = {dimension}", abs(counted - expected), Fraction(0))

    return ExactCheck(name, compare)


def circle(points: int, claimed: float) -> Sweep:
    """Random labels of random points on the circle: separable if and only if all y_i x_i lie in an open half-plane."""

    def count(rng: np.random.Generator, trials: int) -> int:
        angles = np.sort(rng.uniform(0, 2 * np.pi, (trials, points)), axis=1)
        gaps = np.diff(np.concatenate([angles, angles[:, :1] + 2 * np.pi], axis=1), axis=1)
        return int(np.sum(gaps.max(axis=1) > np.pi))

    return Sweep(f"{points} random labels memorised on the circle (d = 2)", count, claimed)


with sp.evaluate(False):  # shown as written
    SHOWN = sp.And(
        sp.Ge(Probability(few), 1 - sp.exp(-((epsilon * d - 1) ** 2 / (2 * ((2 - epsilon) * d - 1))))),
        sp.Le(Probability(many), sp.exp(-((epsilon * d + 1) ** 2 / (2 * ((2 + epsilon) * d - 1))))),
    )

STATEMENT = Statement(
    id="claim-cover-capacity",
    title="A linear model memorises (2 - ε)d random labels and not (2 + ε)d",
    source="Section 6.1",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=SHOWN,
        hypotheses=(sp.Lt(epsilon, 1), sp.Gt(epsilon * d, 1)),
        words="F and G are the events that a linear classifier without offset reproduces the signs of (2 - ε)d and of "
        "(2 + ε)d random labels; points uniform on the sphere in R^d are in general position with probability one.",
    ),
    derivation=(SPLIT, COUNT, TAILS, VANISH),
    exact=(
        tails("Cover's probability against the tails, ε = 1/4", Fraction(2)),
        one_half("P(2d labels memorised) = 1/2, in fractions", memorised_share),
        recursion("Cover's recursion counts 2 Σ C(n-1, j), in integers", 2),
    ),
    sweeps=(circle(12, float(memorised_share(12, 2)) * 1.6),),
    faults=(
        PlantedFault("capacity d instead of 2d", tails("capacity 1", Fraction(1))),
        PlantedFault("capacity 3d instead of 2d", tails("capacity 3", Fraction(3))),
        PlantedFault("one dimension too many", one_half("P = 1/2 with d + 1", lambda a, b: memorised_share(a, b + 1))),
        PlantedFault("Pascal's rule with the wrong neighbour", pascal(0)),
        PlantedFault("half of Cover's probability on the circle", circle(12, float(memorised_share(12, 2)) / 2)),
    ),
    remarks=(
        "The claim is about signs. For exact interpolation of the labels by least squares the capacity is d.",
        "The word memorisable is meant with probability tending to one: for every n > d some labelling is not "
        "separable.",
    ),
)
