"""Claim of Appendix C.2: the sampled mutual information does not change with the sample size, so it is exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from noprune_theory._types import FloatArray
from noprune_theory.information import expected_plug_in_entropy, toy_information
from noprune_theory.models import MLP
from noprune_theory.solvers import Training
from noprune_theory.verifier.exact_models import entropy
from noprune_theory.verifier.notation import Entropy, Expectation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, Monotone, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    Counterexample,
    ExactCheck,
    Fact,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.no_free_prune.lemma_1 import GIBBS_ABOVE, GIBBS_BELOW

FEW, MANY = 1_000, 32_000
KEPT = (14, 10, 6)
s, t, r, N, q = sp.symbols("s t r N q", positive=True)
m, estimate = sp.Symbol("m"), sp.Symbol("Hhat", real=True)


@lru_cache(maxsize=1)
def toy_values(profile: str) -> tuple[tuple[str, float, float, float], ...]:
    """Return label, exact information and exact expected estimates in bits, one initialisation of the left network."""
    network = MLP.draw(np.random.default_rng(0), (3, 4, 1), prune_biases=True)
    methods: list[tuple[str, Training | None]] = [("snip", None), ("grasp", None)]
    if profile == "full":
        methods.append(("magnitude_after", Training(epochs=300)))
    rows = []
    for method, training in methods:
        result = toy_information(network, method, kept=list(KEPT), training=training, sample_sizes=(FEW, MANY))
        for index, kept in enumerate(KEPT):
            exact, few, many = result.information[index], result.plug_in[FEW][index], result.plug_in[MANY][index]
            rows.append((f"{method}, {kept} of 21 kept", float(exact), float(few), float(many)))
    return tuple(rows)


def toy(name: str, sides: Callable[[float, float, float], tuple[float, float]]) -> ExactCheck:
    """Compare two functions of (exact, from 1,000, from 32,000) on the toy, all 54,264 data sets enumerated."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, exact, few, many in toy_values(profile.name):
            yield Comparison(label, *sides(exact, few, many))

    return ExactCheck(name, compare)


# A law whose sampled information does not change and is far from exact.


def rare_branch_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Check that both samples are constant, with probability at least 1 - N eta (Bernoulli's inequality)."""
    rare = data["P(rare branch)"]
    for size in (FEW, MANY):
        constant = 1 - size * rare
        yield Fact(
            f"from {size} samples the estimate is 0 bits with probability ≥ 99/100",
            f"≥ {constant}",
            constant >= Fraction(99, 100),
        )


def sampled_is_exact(data: Mapping[str, Any]) -> Fact:
    """Compare the estimate 0 with the entropy, which is at least P(rare branch) times the bits of that branch."""
    bits = data["P(rare branch)"] * data["bits of the rare branch"]
    return Fact("H(m) ≤ 1 bit", f"H(m) ≥ {bits} bits", bits <= 1)


def rare_branch(bits: int) -> dict[str, Any]:
    """Return a mask that is constant but for a rare branch in which it is uniform over 2^bits masks."""
    return {"P(rare branch)": Fraction(1, 10**7), "bits of the rare branch": bits}


RARE_BRANCH = Counterexample(
    "rare branch", "no change means exact", rare_branch(10**9), rare_branch_hypotheses, sampled_is_exact
)
NO_CHANGE = Step(
    "An estimate that does not change between 1,000 and 32,000 samples is exact", counterexample=RARE_BRANCH
)
TANGENT = Obligation(
    "-t log t = -s log s - (1 + log s)(t - s) - s φ(t/s), φ(r) = r log r - r + 1",
    equation(
        -t * sp.log(t),
        -s * sp.log(s) - (1 + sp.log(s)) * (t - s) - s * (t / s * (sp.log(t) - sp.log(s)) - t / s + 1),
    ),
    Identity(),
)
BIASED_LOW = Step(
    "The estimate is too small on average: -t log t lies below its tangents, so E Ĥ ≤ H (sum over masks, t the "
    "frequency, s = E t)",
    (GIBBS_ABOVE, GIBBS_BELOW, TANGENT),
    role=Role.OURS,
    rests_on=("expectation",),
)


seen = sp.Symbol("K", positive=True)


def ceiling(values: sp.Expr) -> Obligation:
    """Sum the tangents at 1/K over the K masks seen, whose frequencies sum to one."""
    at = 1 / seen
    return Obligation(
        f"the tangents at s = 1/K, summed over {values} frequencies with sum one: log K",
        equation(values * (-at * sp.log(at)) - (1 + sp.log(at)) * (1 - values * at), sp.log(seen)),
        Identity(),
    )


CEILING = Step(
    "and it cannot exceed log N: at most N different masks are seen, and log N is the largest entropy of N values",
    (
        GIBBS_ABOVE,
        GIBBS_BELOW,
        ceiling(seen),
        Obligation(
            "fewer masks have a smaller largest entropy: log r ≥ 0 for r = N/K ≥ 1",
            sp.Ge(sp.log(r), 0),
            Monotone(r, sp.S.One, then=Refutation()),
            (sp.Ge(r, 1),),
        ),
    ),
    role=Role.OURS,
)


def laws(profile: Profile) -> Iterator[tuple[str, FloatArray]]:
    """Yield uniform, geometric and random laws on 2 to 4 values."""
    rng = np.random.default_rng(21)
    for atoms in (2, 3, 4):
        yield f"uniform on {atoms}", np.full(atoms, 1 / atoms)
        for index in range(profile.random_models // 20):
            yield f"random {index} on {atoms}", rng.dirichlet(np.full(atoms, 0.7))


def enumerated_estimate(law: FloatArray, size: int) -> float:
    """Average the plug-in entropy over all samples, one by one."""
    total = 0.0
    for sample in product(range(len(law)), repeat=size):
        counts = np.bincount(sample, minlength=len(law)) / size
        total += float(np.prod(law[list(sample)])) * entropy(counts)
    return total


def estimates(name: str, sides: Callable[[FloatArray, int, float], tuple[float, float]]) -> ExactCheck:
    """Compare two functions of (law, sample size, enumerated mean estimate)."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, law in laws(profile):
            for size in (1, 2, 4):
                yield Comparison(f"{label}, N = {size}", *sides(law, size, enumerated_estimate(law, size)))

    return ExactCheck(name, compare)


STATEMENT = Statement(
    id="claim-toy-sampling",
    title="The sampled mutual information of the toy is exact",
    source="Appendix C.2",
    recorded=Verdict.FALSE,
    claim=Claim(
        conclusion=sp.And(
            equation(Expectation(sp.Function("Hhat")(FEW)), Expectation(sp.Function("Hhat")(MANY))),
            equation(Expectation(sp.Function("Hhat")(MANY)), Entropy(m)),
        ),
        words="Ĥ(N) is the plug-in entropy in bits of the masks of N sampled data sets; the values from 1,000 and "
        "32,000 are said not to change, and therefore to be exact. Read here with a tolerance of a tenth of a bit.",
    ),
    derivation=(NO_CHANGE, BIASED_LOW, CEILING),
    exact=(
        toy("from 32,000 ≤ from 1,000 + 0.1 bits", lambda exact, few, many: (many, few + 0.1)),
        toy("exact ≤ from 1,000 + 0.1 bits", lambda exact, few, many: (exact, few + 0.1)),
    ),
    faults=(
        PlantedFault(
            "counterexample with 2^1000000 masks in the rare branch",
            Counterexample(
                "rare branch too small",
                "no change means exact",
                rare_branch(10**6),
                rare_branch_hypotheses,
                sampled_is_exact,
            ),
        ),
        PlantedFault("tangents summed over K + 1 masks", ceiling(seen + 1)),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=sp.And(
                sp.Le(Expectation(sp.Function("Hhat")(N)), Entropy(m)),
                sp.Le(sp.Function("Hhat")(N), sp.log(N, 2)),
            ),
            words="The plug-in estimate errs on the small side, and 1,000 samples cannot show ten bits. The toy has "
            "54,264 data sets as multisets: its information is a finite sum.",
        ),
        derivation=(BIASED_LOW, CEILING),
        exact=(
            toy("from 1,000 ≤ from 32,000, the toy", lambda exact, few, many: (few, many)),
            toy("from 32,000 ≤ exact, the toy", lambda exact, few, many: (many, exact)),
            estimates("E Ĥ ≤ H, all samples enumerated", lambda law, size, mean: (mean, entropy(law))),
            estimates("E Ĥ ≤ log N, all samples enumerated", lambda law, size, mean: (mean, float(np.log(size)))),
            estimates(
                "enumerated E Ĥ ≤ the library's expected estimate (they are equal)",
                lambda law, size, mean: (mean, expected_plug_in_entropy(law, size)),
            ),
        ),
        faults=(
            PlantedFault(
                "turned: exact ≤ from 32,000", toy("exact ≤ from 32,000", lambda exact, few, many: (exact, many))
            ),
            PlantedFault("turned: H ≤ E Ĥ", estimates("H ≤ E Ĥ", lambda law, size, mean: (entropy(law), mean))),
            PlantedFault(
                "log N shrunk to 2/5 of it",
                estimates("E Ĥ ≤ 0.4 log N", lambda law, size, mean: (mean, 0.4 * float(np.log(size)))),
            ),
        ),
    ),
)
