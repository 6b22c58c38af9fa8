"""The probability of fitting below the noise level in models where it is known exactly, and the forms that bound it.

*Sign model.* x and y are independent fair signs, d = k = 1, c = 1/(2 log 2), f_w(x) = w x with w in {-1/2, 1/2}, and
W is the better of the two on the data (ties to +1/2). MSE(f^W) = 5/4 - |mean x y|, so that P(MSE <= 1 - epsilon) is a
binomial tail. The mask is fixed, and I(W; D) <= log 2.

*Selection model.* D is uniform on N = 1e300 values, X_t(D) is u if D = t and next to 0 otherwise, and W equals D with
a given probability, else is uniform on the other values. The probability of X_W = u is that one, and I(W; D) is known,
so that Lemma 1 is compared with the truth at every information. (The printed form needs that many values to say
anything.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from figures.style import BLACK, BLUE, GREEN, GREY, VERMILLION, Look, draw_formula, legend_below, new_figure
from figures.table import ContradictionError, Table, formula
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    Constants,
    MaximalLeakage,
    bernoulli_relative_entropy,
    equation_7,
    lemma_1_tail,
    lemma_6,
    lemma_6_optimised,
    theorem_3,
)
from noprune_theory.sweeps import Execution

NAME = "check_tail"
TITLE = "Theorem 3 and Lemma 1 against exact probabilities"

WEIGHT, EPSILON = 0.5, 0.25
SIGN_CONSTANT = 1 / (2 * np.log(2))

EXACT = "exact"
CRUDE = "Equation (7), printed"
INVERSE = "exact inverse, printed"
RELATIVE = "relative entropy"
LEAKAGE = "maximal leakage"
SIGN, SELECTION = "sign model: ", "selection model: "
LOOKS = {
    EXACT: Look(BLACK),
    CRUDE: Look(GREY, line=(0, (1, 1.2))),
    INVERSE: Look(VERMILLION, line=(0, (6, 1.5))),
    RELATIVE: Look(BLUE, line=(0, (4, 1.2, 1, 1.2))),
    LEAKAGE: Look(GREEN, line=(0, (2.5, 1.2))),
}


@dataclass(frozen=True)
class Settings:
    """Points a curve, and the number of values of D in the selection model."""

    points: int
    atoms: float


SETTINGS = {"quick": Settings(80, 1e300), "paper": Settings(240, 1e300)}


def exact_sign_probability(n: FloatArray) -> FloatArray:
    """Return P(MSE(f^W) <= 1 - epsilon) of the sign model for n samples."""
    from scipy.stats import binom

    # |2 B - n| >= n threshold for B ~ Binomial(n, 1/2); the slack keeps integers on the right side of rounding.
    threshold = EPSILON + WEIGHT**2
    least = np.ceil(n * (1 + threshold) / 2 - 1e-9)
    return np.asarray(2 * binom.sf(least - 1, n, 0.5))


def _sign_model(n: FloatArray) -> dict[str, FloatArray]:
    """Return P(MSE(f^W) <= 1 - epsilon) for n samples, exactly and bounded."""
    arguments = (n, 1, 1, EPSILON, WEIGHT, SIGN_CONSTANT, np.log(2))
    return {
        EXACT: exact_sign_probability(n),
        CRUDE: np.asarray(theorem_3(*arguments, Constants.PAPER)),
        INVERSE: np.asarray(lemma_6(*arguments, Constants.PAPER)),
        RELATIVE: np.asarray(lemma_6(*arguments, Constants.SHARP)),
        LEAKAGE: np.asarray(
            lemma_6_optimised(n, 1, 1, EPSILON, WEIGHT, SIGN_CONSTANT, dependence=MaximalLeakage(np.log(2)))
        ),
    }


def _selection_model(hit: FloatArray, atoms: float) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return the information I(W; D) and P(X_W = u) = hit, exactly and bounded."""
    information = np.asarray(bernoulli_relative_entropy(hit, 1 / atoms))
    radius = 1 / 16
    # P(|X_t| >= u) = 1/N = 2 exp(-u^2 / C) fixes the subgaussian constant.
    proxy = radius**2 / np.log(2 * atoms)
    return information, {
        EXACT: hit,
        CRUDE: np.asarray(equation_7(8 * radius, proxy, information, Constants.PAPER)),
        INVERSE: np.asarray(lemma_1_tail(radius, proxy, information, Constants.PAPER)),
        RELATIVE: np.asarray(lemma_1_tail(radius, proxy, information, Constants.SHARP)),
    }


def compute(settings: Settings, execution: Execution) -> Table:
    """Evaluate both models; nothing is sampled."""
    n = np.unique(np.round(np.geomspace(2, 1e8, settings.points)))
    rows = []
    for name, values in _sign_model(n).items():
        rows += formula(SIGN + name, n[values > 1e-12], values[values > 1e-12])
    information, curves = _selection_model(np.geomspace(1e-6, 0.98, settings.points), settings.atoms)
    for name, values in curves.items():
        rows += formula(SELECTION + name, information, values)
    return Table.of(NAME, rows)


def check(table: Table) -> None:
    """Every bound is above the exact probability, and the relative-entropy form equals it in the selection model."""
    for model in (SIGN, SELECTION):
        exact = table.points(model + EXACT)
        for name in (CRUDE, INVERSE, RELATIVE, LEAKAGE):
            if model + name not in table.series:
                continue
            bound = table.points(model + name)
            values = dict(zip(bound.x, bound.y, strict=True))
            for x, y in zip(exact.x, exact.y, strict=True):
                if values[x] < y * (1 - 1e-9):
                    raise ContradictionError(f"{model}{name} = {values[x]:.6g} is below the exact probability {y:.6g}")
    crude, inverse = table.points(SELECTION + CRUDE).y, table.points(SELECTION + INVERSE).y
    if (crude < inverse * (1 - 1e-9)).any():
        raise ContradictionError("Equation (7) is below the exact inverse that it is to bound")
    gap = table.points(SELECTION + RELATIVE).y / table.points(SELECTION + EXACT).y - 1
    if np.abs(gap).max() > 1e-6:
        raise ContradictionError(f"the relative-entropy form misses the selection model by {np.abs(gap).max():.3g}")


def _needed(table: Table, name: str, level: float = 0.01) -> str:
    """Return, in words, the first number of samples from which the probability is at most `level`."""
    points = table.points(SIGN + name)
    above = points.x[points.y > level].max()
    if above == points.x.max():
        return f"more than {above:.0e} ({name})"
    return f"{points.x[points.x > above].min():.2g} ({name})"


def caption(table: Table) -> str:
    """State the questions and the numbers."""
    samples = ", ".join(_needed(table, name) for name in LOOKS)
    exact = table.points(SELECTION + EXACT).y
    informative = table.points(SELECTION + INVERSE).y < 1
    ratios = {name: (table.points(SELECTION + name).y / exact)[informative] for name in (CRUDE, INVERSE)}
    return (
        "How close are the bounds to a probability that is known exactly? Left, sign model: probability that the "
        f"better of f = x/2 and f = -x/2 fits pure noise with ε = {EPSILON}; samples after which it is at most 0.01: "
        f"{samples}. Bounds by mutual information fall as 1/n, the truth and the leakage bound exponentially. Right, "
        "selection model: probability that the chosen statistic is extreme, against the information of the choice. The "
        "relative-entropy form of Lemma 1 is the truth; the printed form is "
        f"{ratios[INVERSE].min():.0f} to {ratios[INVERSE].max():.0f} times above it where it is below 1, and "
        f"Equation (7) up to {(ratios[CRUDE] / ratios[INVERSE]).max():.0f} times above that. Nothing is sampled."
    )


def draw(table: Table) -> Figure:
    """Draw both models."""
    figure, (left, right) = new_figure(2, width=7.4, height=3.6)
    for name, look in LOOKS.items():
        draw_formula(left, table.points(SIGN + name), look, name)
        if SELECTION + name in table.series:
            draw_formula(right, table.points(SELECTION + name), look, name)
    right.lines[0].set_linewidth(4.5)  # the relative-entropy form lies on top of the truth
    right.lines[0].set_alpha(0.3)
    left.set(xscale="log", yscale="log", ylim=(1e-7, 2), xlabel="samples $n$", ylabel="probability")
    left.set_title("sign model: fit below the noise", loc="left")
    right.set(xscale="log", yscale="log", ylim=(5e-7, 2), xlabel="information $I(W; D)$ (nats)")
    right.set_title("selection model: Lemma 1", loc="left")
    legend_below(figure, left, columns=5)
    return figure
