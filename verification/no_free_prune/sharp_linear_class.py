"""Classes linear in their weights need no net of the weights: log(1 + 2/eta) a weight, no J, no W, no ball."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from noprune_theory.bounds import MaximalLeakage, Noise, Split, linear_class_at_split
from noprune_theory.verifier.exact_models import binomial_law
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
from verification.facts.concentration import NOISE_PRODUCT, SHARP_AVERAGE, WORST_NOISE
from verification.no_free_prune.lemma_6 import SHARP_TAIL

L, n, d, c, tau, M, dimension, exponent = sp.symbols("L n d c tau M r R", positive=True)
eta = sp.Symbol("eta", positive=True)
S, S_net, value, size, first, second = sp.symbols("S S_0 X N N_1 N_2", real=True)
epsilon, delta = sp.symbols("epsilon delta", positive=True)


def net_size(half: sp.Rational) -> Obligation:
    """Compare volumes: (1 + eta/2)^r balls of radius eta/2 fit into the ball of radius 1 + eta/2."""
    return Obligation(
        "(1 + η/2)^r/(η/2)^r = (1 + 2/η)^r",
        equation(((1 + eta * half) / (eta * half)) ** dimension, (1 + 2 / eta) ** dimension),
        Identity(),
    )


NET = Step(
    "The unit ball of the seminorm N = Lip(f_w), on R^m modulo its kernel, of dimension r ≤ |m|, has an η-net of at "
    "most (1 + 2/η)^r points: balls of radius η/2 of the norm itself around separated points are disjoint",
    (
        Obligation(
            "a point of two balls of radius η/2 would bring their centres within η",
            sp.Le(size, eta),
            Refutation(),
            (sp.Le(size, first + second), sp.Le(first, eta / 2), sp.Le(second, eta / 2)),
        ),
        Obligation(
            "they lie in the ball of radius 1 + η/2",
            sp.Le(size, 1 + eta / 2),
            Refutation(),
            (sp.Le(size, first + second), sp.Le(first, 1), sp.Le(second, eta / 2)),
        ),
        net_size(sp.Rational(1, 2)),
    ),
    rests_on=("volume", "induction"),
)


def supremum(shrink: sp.Expr) -> Obligation:
    """Bound the supremum of a linear function over the ball by its maximum over the net."""
    return Obligation(
        "S ≤ S₀/(1 - η)",
        sp.Le(S, S_net / shrink),
        Refutation(),
        (sp.Le(S, S_net + eta * S), sp.Lt(eta, 1), sp.Ge(S, 0)),
    )


SUPREMUM = Step(
    "X_w is linear in w and vanishes where N does, so its supremum S over the unit ball is at most the maximum S₀ over "
    "the net plus ηS",
    (supremum(1 - eta),),
    rests_on=("expectation",),
)
UNION = Step(
    "P(sup over {N ≤ L} of X ≥ τ) ≤ (1 + 2/η)^M exp(-(1 - η)²τ²nd/(8cL²))",
    (
        *WORST_NOISE.obligations,
        *NOISE_PRODUCT.obligations,
        *SHARP_AVERAGE.obligations,
        *SHARP_TAIL.obligations,
        Obligation(
            "the net of radius L scales: u = (1 - η)τ for L-Lipschitz points",
            equation(
                lambda: ((1 - eta) * tau) ** 2 * n * d / (8 * c * L**2),
                lambda: (1 - eta) ** 2 * tau**2 * n * d / (8 * c * L**2),
            ),
            Identity(),
        ),
    ),
    rests_on=("union bound", "induction", "isoperimetry", "independence", "expectation"),
)
SOLVED = Step(
    "The event at the learned mask has probability at most δ' as soon as the exponent reaches R: at L = (1 - η)τ "
    "√(nd/(8cR)) it is R",
    (
        Obligation(
            "(1 - η)²τ²nd/(8cL²) = R there",
            equation(
                lambda: (
                    (1 - eta) ** 2 * tau**2 * n * d / (8 * c * ((1 - eta) ** 2 * tau**2 * n * d / (8 * c * exponent)))
                ),
                lambda: exponent,
            ),
            Identity(),
            (sp.Lt(eta, 1),),
        ),
    ),
    rests_on=("decoupling",),
)


def one_dimensional(n_samples: int, lipschitz: float, threshold: float) -> float:
    """Exact P(sup over |w| <= L of mean z w x >= tau): x and z fair signs in R, f = w x, d = 1."""
    share = 2 * np.arange(n_samples + 1) / n_samples - 1
    return float(binomial_law(n_samples, 0.5)[lipschitz * np.abs(share) >= threshold - 1e-12].sum())


def check(name: str, proxy: float) -> ExactCheck:
    """Compare it with the union for one weight, c = 1/(2 log 2) being the constant of fair signs in R."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        constant = 1 / (2 * np.log(2))
        for n_samples in (10, 100, 1_000, profile.largest_n):
            for lipschitz in (0.05, 0.2, 0.5, 1.0):
                for net in (0.05, 0.2, 0.5):
                    for threshold in (0.1, 0.3, 0.6):
                        rate = ((1 - net) * threshold) ** 2 * n_samples / (proxy * constant * lipschitz**2)
                        bound = (1 + 2 / net) * float(np.exp(-rate))
                        if bound < 1:
                            label = f"n = {n_samples}, L = {lipschitz}, η = {net}, τ = {threshold}"
                            yield Comparison(label, one_dimensional(n_samples, lipschitz, threshold), bound)

    return ExactCheck(name, compare, of_claim=True)


def simulate(proxy: float) -> Sweep:
    """Ten Gaussian inputs in R^40, all weights kept: the largest X over |w| <= L is L |mean z x|."""
    n_samples, kept, dim, net, threshold = 60, 4, 40, 0.2, 0.6
    claimed = 0.2
    rate = np.log((1 + 2 / net) ** kept / claimed)
    lipschitz = (1 - net) * threshold * np.sqrt(n_samples * dim / (proxy * rate))

    def count(rng: np.random.Generator, trials: int) -> int:
        happened = 0
        for first_trial in range(0, trials, 2000):
            batch = min(2000, trials - first_trial)
            x = rng.standard_normal((batch, n_samples, kept)) / np.sqrt(dim)
            z = rng.choice([-1.0, 1.0], (batch, n_samples))
            largest = lipschitz * np.linalg.norm(np.einsum("tn,tnk->tk", z, x), axis=1) / n_samples
            happened += int(np.sum(largest >= threshold))
        return happened

    return Sweep(f"P(sup X ≥ τ), linear functions, M = {kept}, η = {net}, proxy {proxy:g}", count, claimed)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments, fair signs and a centred class."""
    return {
        "n": float(rng.integers(1, 10_000)),
        "d": float(rng.integers(1, 5_000)),
        "c": float(rng.uniform(0.1, 5)),
        "M": float(rng.integers(1, 3_000)),
        "epsilon": float(rng.uniform(0.01, 1)),
        "eta": float(rng.uniform(0.01, 0.9)),
        "I": float(10 ** rng.uniform(-2, 4)),
    }


SHARE = 1e-12
FORMULA = (
    (1 - eta)
    * (1 - sp.sqrt(1 - epsilon))
    * sp.sqrt(n * d / (8 * c * (M * sp.log(1 + 2 / eta) + sp.Symbol("I") - sp.log((1 - sp.Float(SHARE)) / 10))))
)

with sp.evaluate(False):
    CLAIM = Claim(
        conclusion=sp.Ge(
            sp.Symbol("Lip"), (1 - eta) * tau * sp.sqrt(n * d / (8 * c * (M * sp.log(1 + 2 / eta) + exponent)))
        ),
        hypotheses=(sp.Lt(eta, 1), sp.Le(sp.Symbol("MSE"), sp.Symbol("sigma^2") - epsilon)),
        words="f_{m,w} = Σ_{j in m} w_j φ_j plus a constant, at most M weights kept; component means of f in [-1, 1], "
        "or all zero; τ the exact threshold, R the exponent that the dependence of the mask on the data asks for at "
        "what is left of δ.",
    )

STATEMENT = Statement(
    id="sharp-linear-class",
    title="The law for classes linear in their weights",
    source="Sharpens Theorem 4",
    recorded=Verdict.HOLDS,
    claim=CLAIM,
    derivation=(NET, SUPREMUM, UNION, SOLVED),
    exact=(check("P(sup X ≥ τ) ≤ (1 + 2/η) exp(-(1 - η)²τ²n/(8cL²)), signs in R, by binomials", 8.0),),
    sweeps=(simulate(8.0),),
    agreement=(
        NumericAgreement(
            "bounds.linear_class_at_split",
            lambda n, d, c, M, epsilon, eta, I: float(  # noqa: E741
                linear_class_at_split(
                    int(n),
                    int(d),
                    1,
                    epsilon,
                    0.1,
                    c,
                    mask_size=int(M),
                    dependence=MaximalLeakage(I),
                    noise=Noise(signs=True),
                    centred=True,
                    moment_form=False,
                    split=Split(SHARE, eta),
                )
            ),
            FORMULA,
            sample,
        ),
    ),
    faults=(
        PlantedFault("balls of radius η/3 counted as η/2", net_size(sp.Rational(1, 3))),
        PlantedFault("1/(1 - η) shrunk to 1/(1 - η/2)", supremum(1 - eta / 2)),
        PlantedFault("proxy 8c shrunk to c/2", check("P ≤ (1 + 2/η) exp(-2(1 - η)²τ²n/(cL²))", 0.5)),
        PlantedFault("proxy 8c shrunk to c/20, simulated", simulate(0.05)),
    ),
    remarks=(
        "The logarithm of the net, log(1 + 8WJ/ε) a weight, becomes log(1 + 2/η) with the loss 1 - η; J, W and the "
        "balls that hold inputs and weights are gone, and only the mask has to be paid for.",
    ),
)
