"""The table of cited facts that others have proved formally: their constant, ours, and how close to equality it comes.

`python -m verification.formal_proofs` writes docs/formal_proofs.md. The slack is computed: the largest ratio of the
two sides over finite models, or over functions whose integrals are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import product
from math import comb
from pathlib import Path

import numpy as np

from noprune_theory.verifier import worst_case
from noprune_theory.verifier.rules import RULES
from verification.no_free_prune import load

__all__ = ["DOCUMENT", "MEASURED", "document", "measured"]

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "formal_proofs.md"


def _worst(statement: str, check: str) -> Callable[[], float]:
    return lambda: worst_case(load(statement), check).ratio


def _sauer() -> float:
    """Patterns on m points of the sets with at most d of them, against the sum of binomials: equal."""
    ratios = []
    for points in range(1, 8):
        for dimension in range(points + 1):
            patterns = sum(sum(row) <= dimension for row in product((0, 1), repeat=points))
            ratios.append(Fraction(patterns, sum(comb(points, i) for i in range(dimension + 1))))
    return float(max(ratios))


def _donsker_varadhan() -> float:
    """∫ h dρ against KL(ρ ‖ ν) + log ∫ exp h dν on finite laws: random ρ, and the Gibbs measure."""
    rng = np.random.default_rng(3)
    largest = 0.0
    for _ in range(200):
        reference, h = rng.dirichlet(np.ones(5)), np.abs(rng.standard_normal(5))
        gibbs = reference * np.exp(h)
        for law in (rng.dirichlet(np.ones(5)), gibbs / gibbs.sum()):
            divergence = float(law @ np.log(law / reference))
            largest = max(largest, float(law @ h) / (divergence + float(np.log(gibbs.sum()))))
    return largest


def _logarithmic_sobolev() -> float:
    """Ent(g²) against 2 ∫ g'² under N(0, 1), by Gauss and Hermite's rule: g = exp(ax/2) and polynomials."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()
    ratios = []
    for slope in (0.5, 1.0, 2.0):
        square = np.exp(slope * nodes)
        mean = float(weights @ square)
        ratios.append(float(weights @ (square * np.log(square / mean))) / (2 * float(weights @ square) * slope**2 / 4))
    for shift in (0.5, 2.0, 10.0):
        square = (nodes**2 + shift) ** 2
        mean = float(weights @ square)
        energy = 2 * float(weights @ (2 * nodes) ** 2)
        ratios.append(float(weights @ (square * np.log(square / mean))) / energy)
    return max(ratios)


def _layer_cake() -> float:
    """E X² against the sum over the pieces of 2t P(X ≥ t) on a finite law, in fractions: equal."""
    law = {Fraction(1, 3): Fraction(1, 2), Fraction(2): Fraction(1, 3), Fraction(7, 2): Fraction(1, 6)}
    ends = [Fraction(0), *sorted(law)]
    tails = [sum(p for value, p in law.items() if value >= upper) for upper in ends[1:]]
    pieces = zip(ends, ends[1:], tails, strict=False)
    integral = sum((upper**2 - lower**2) * tail for lower, upper, tail in pieces)
    return float(sum(p * value**2 for value, p in law.items()) / integral)


# By the name of the fact: what is used or proved here, where, and the ratio smaller / larger at the closest model.
MEASURED: dict[str, tuple[str, Callable[[], float] | None]] = {
    "layer cake": ("an equation, used for moments (Lemma 1, Theorem 4)", _layer_cake),
    "data processing": (
        "I(W; X) ≤ I(W; D), proved by Shannon's inequalities (`lemma-3`)",
        _worst("lemma-3", "I(W; {X_t}) ≤ I(W; D) on random finite models"),
    ),
    "Donsker-Varadhan": ("the event form kl(P ‖ q) ≤ I is proved (`lemma-1`)", _donsker_varadhan),
    "logarithmic Sobolev": (
        "Ent(g²) ≤ 2 λ_max(S) ∫ |∇g|² under N(m, S), cited: c = d λ_max (`definition-1`)",
        _logarithmic_sobolev,
    ),
    "central limit": ("weak convergence for fair signs, cited (`definition-1`); no constant", None),
    "Massart": (
        "b √(2 log N)/√m, proved (`equation-12`)",
        _worst("equation-12", "Rad ≤ √(2 log N/m) on enumerated classes"),
    ),
    "McDiarmid": (
        "P(abs(Y - EY) ≥ ε) ≤ 2 exp(-2mε²), differences 1/m, proved (`equation-13`)",
        _worst("equation-13", "P(|S/m - 1/2| ≥ r) ≤ 2 exp(-2mr²), S binomial"),
    ),
    "Sauer": ("Σ C(m, i), i ≤ d, cited (`theorem-5`)", _sauer),
}


@cache
def measured(name: str) -> float | None:
    """Return the closest ratio of a fact, or None for one without a constant."""
    measure = MEASURED[name][1]
    return None if measure is None else measure()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def document() -> str:
    """Return the page in Markdown."""
    lines = [
        "# Cited facts with a formal proof",
        "",
        "Facts that steps of the statements rest on (`noprune_theory.verifier.RULES`), or that are proved here too,",
        "and that others have proved in a proof assistant. The declarations were read in their sources at the commits",
        "named. The last column is computed: the largest ratio of the smaller to the larger side over finite models or",
        "functions with exact integrals; 1 is equality. `python -m verification.formal_proofs` writes this page.",
        "",
        "| fact | formal theorem | its constant | ours | closest ratio |",
        "|---|---|---|---|---|",
    ]
    for name, rule in RULES.items():
        if not rule.formal:
            continue
        ours = MEASURED[name][0]
        closest = measured(name)
        ratio = "" if closest is None else f"{closest:.3f}"
        for place, proof in enumerate(rule.formal):
            source = f"https://github.com/{proof.repository}/blob/{proof.commit}/{proof.path}"
            theorem = f"[`{proof.declaration}`]({source}) ({proof.system}, {proof.repository})"
            own = (name, _cell(ours), ratio) if place == 0 else ("", "", "")
            lines.append(f"| {own[0]} | {theorem} | {_cell(proof.constant)} | {own[1]} | {own[2]} |")
    without = ", ".join(name for name, rule in RULES.items() if not rule.formal)
    lines += ["", f"No formal proof is named for: {without}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
