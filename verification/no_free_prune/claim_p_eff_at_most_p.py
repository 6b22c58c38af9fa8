"""Claim of Section 4: the effective parameter count is never larger than p, up to logarithms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import sympy as sp

from noprune_theory.verifier.exact_models import mutual_information
from noprune_theory.verifier.notation import Entropy, Expectation, MutualInformation, Norm, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Monotone, Refutation, Shannon
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.no_free_prune.lemma_1 import GIBBS_ABOVE, GIBBS_BELOW

p, K, a, b, q, t, z = sp.symbols("p K a b q t z", positive=True)  # z = exp(K), the points of the net per kept weight
m1, m2, D, m = sp.Symbol("m_1"), sp.Symbol("m_2"), sp.Symbol("D"), sp.Symbol("m")
size = sp.Symbol("M", nonnegative=True)
mask_entropy, information, log_two = sp.symbols("H I l2", nonnegative=True)

INFORMATION = Step(
    "I(m; D) ≤ H(m) ≤ Σ_i H(m_i)",
    (
        Obligation("I(m; D) ≤ H(m)", sp.Le(MutualInformation(m, D), Entropy(m)), Shannon()),
        Obligation(
            "two coordinates, more by induction",
            sp.Le(Entropy(sp.Tuple(m1, m2)), Entropy(m1) + Entropy(m2)),
            Shannon(),
        ),
    ),
    rests_on=("induction", "partitions"),
)
log_q, log_1q = sp.symbols("L_q L_1", real=True)


def one_bit(constant: sp.Expr) -> Obligation:
    """State that the entropy of one coordinate is at most a constant, away from the ends of [0, 1]."""
    return Obligation(
        f"h(q) ≤ {constant} for q in [1/10, 2/5]",
        sp.Le(-q * sp.log(q) - (1 - q) * sp.log(1 - q), constant),
        Balls(),
        (sp.Ge(q, sp.Rational(1, 10)), sp.Le(q, sp.Rational(2, 5))),
    )


WEIGHTED_GIBBS = Obligation(
    "with odds a of q and b = z: log(1 + z) - h(q) - q log z = kl(q ‖ z/(1 + z)), logarithms split",
    equation(
        sp.log(1 + b)
        + a / (1 + a) * (sp.log(a) - sp.log(1 + a))
        - 1 / (1 + a) * sp.log(1 + a)
        - a / (1 + a) * sp.log(b),
        a / (1 + a) * (sp.log(a) - sp.log(1 + a) - sp.log(b) + sp.log(1 + b))
        + 1 / (1 + a) * (sp.log(1 + b) - sp.log(1 + a)),
    ),
    Identity(),
)
ratio, rest, weight = sp.symbols("r s v", positive=True)
DIVERGENCE = Obligation(
    "kl(q ‖ v) = v φ(q/v) + (1-v) φ((1-q)/(1-v)) ≥ 0, φ ≥ 0: r and s stand for its two values",
    sp.Ge(weight * ratio + (1 - weight) * rest, 0),
    Refutation(),
    (sp.Lt(weight, 1),),
)
PER_COORDINATE = Step(
    "h(q) + q log z ≤ log(1 + z) for each coordinate kept with probability q (Gibbs)",
    (GIBBS_ABOVE, GIBBS_BELOW, WEIGHTED_GIBBS, DIVERGENCE),
    role=Role.OURS,
)
COUNT = Step(
    "so p_eff = I(m; D) + E||m|| log z ≤ p log(1 + z) ≤ p (log 2 + log z): at most p up to the logarithm of the net, "
    "z ≥ 1",
    (
        GIBBS_ABOVE,
        GIBBS_BELOW,
        WEIGHTED_GIBBS,
        DIVERGENCE,
        Obligation("1 + z ≤ 2z", sp.Le(1 + z, 2 * z), Refutation(), (sp.Ge(z, 1),)),
        Obligation(
            "log is increasing: log t ≥ 0 for t = 2z/(1 + z) ≥ 1",
            sp.Ge(sp.log(t), 0),
            Monotone(t, sp.S.One, then=Refutation()),
            (sp.Ge(t, 1),),
        ),
    ),
    rests_on=("expectation",),
)
STRICTLY_LESS = Obligation("1 + z < 2z", sp.Lt(1 + z, 2 * z), Refutation(), (sp.Gt(z, 1),))


def laws(profile: Profile) -> Iterator[tuple[str, np.ndarray, np.ndarray, float]]:
    """Yield joint laws of D and of all masks of 1 to 3 weights, mask sizes, and K: random ones and the maximal one."""
    rng = np.random.default_rng(4)
    for weights in (1, 2, 3):
        sizes = np.array([sum(bits) for bits in product((0, 1), repeat=weights)], dtype=float)
        for net in (0.1, 1.0, 5.0):
            maximal = np.exp(net * sizes)
            yield f"p = {weights}, K = {net}, maximal", np.diag(maximal / maximal.sum()), sizes, net
        for index in range(profile.random_models // 3):
            table = rng.dirichlet(np.full(2**weights, 10 ** rng.uniform(-2, 1)), size=rng.integers(2, 7))
            law = rng.dirichlet(np.ones(len(table)))
            yield f"p = {weights}, random {index}", law[:, None] * table, sizes, float(rng.uniform(0, 6))


def check(name: str, per_weight: str) -> ExactCheck:
    """Compare p_eff of enumerated laws of (D, m) with p times a value."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, joint, sizes, net in laws(profile):
            values = {"log(1 + z)": np.logaddexp(0, net), "K": net, "log(1 + z) - 1/100": np.logaddexp(0, net) - 0.01}
            count = mutual_information(joint) + net * float(joint.sum(axis=0) @ sizes)
            yield Comparison(label, count, np.log2(len(sizes)) * float(values[per_weight]))

    return ExactCheck(name, compare)


effective = MutualInformation(m, D) + Expectation(Norm(m)) * K
STATEMENT = Statement(
    id="claim-p-eff-at-most-p",
    title="The effective parameter count is at most p, up to logarithms",
    source="Section 4, after Theorem 2",
    recorded=Verdict.HOLDS_LOOSE,
    claim=Claim(
        conclusion=sp.Le(effective, p * (sp.log(2) + K)),
        words="p_eff is counted in nats; K = log z ≥ 0 is what the net contributes per kept weight, the logarithm "
        "that the claim allows.",
    ),
    derivation=(INFORMATION, COUNT),
    exact=(check("I(m; D) + K E||m|| ≤ p log(1 + exp K), enumerated", "log(1 + z)"),),
    faults=(
        PlantedFault("without the extra log 2: p_eff ≤ pK, the count of the dense network", check("p_eff ≤ pK", "K")),
        PlantedFault("a hundredth less than log(1 + z)", check("p_eff ≤ p (log(1+z) - 1/100)", "log(1 + z) - 1/100")),
        PlantedFault("entropy of a coordinate at most 3/5", one_bit(sp.Rational(3, 5))),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.Le(effective, p * sp.log(1 + sp.exp(K))),
            words="With equality for independent coordinates, each kept with probability exp(K)/(1 + exp K), and a "
            "mask that the data determine. In units of K the count can exceed that of the dense network, which is pK.",
        ),
        derivation=(
            Step(INFORMATION.text, INFORMATION.obligations, role=Role.OURS, rests_on=INFORMATION.rests_on),
            PER_COORDINATE,
        ),
        exact=(check("p_eff ≤ p log(1 + exp K), with equality at the maximal law", "log(1 + z)"),),
        faults=(
            PlantedFault("a hundredth less", check("p_eff ≤ p (log(1+z) - 1/100)", "log(1 + z) - 1/100")),
            PlantedFault(
                "Gibbs with the wrong sign",
                Obligation("φ ≤ 0", sp.Le(a * sp.log(a) - a + 1, 0), Balls(), (sp.Ge(a, 2), sp.Le(a, 3))),
            ),
        ),
        sharpens=(STRICTLY_LESS,),
    ),
    remarks=(
        "Literally, with the logarithm K counted on both sides, a mask can have p_eff above the dense network's pK: "
        "by log(1 + exp(-K)) a weight, at most log 2.",
    ),
)
