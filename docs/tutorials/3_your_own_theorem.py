"""
Verify your own theorem
=======================

A theorem becomes a `Statement`: a claim, a derivation, exact models, a simulation, and planted faults. On the command
line ``noprune-theory new-statement NAME`` writes a file to start from and ``noprune-theory verify NAME.py`` checks it;
here the same is done from Python.
"""

# %%
# The claim: among n fair coins, the probability that all agree is at most 2/n. The proof is 2^(1-n) <= 2/n, by
# n <= 2^(n-1). The step is proved by the sign of a derivative, from n = 2 upwards.
from dataclasses import replace
from fractions import Fraction

import sympy as sp
from rich.console import Console

from noprune_theory.verifier import (
    PROFILES,
    Claim,
    Comparison,
    ExactCheck,
    Monotone,
    Obligation,
    PlantedFault,
    Probability,
    Refutation,
    Statement,
    Step,
    Verdict,
    evaluate,
    event,
    table,
)

x = sp.Symbol("x", positive=True)
n = sp.Symbol("n", integer=True, positive=True)


def growth(factor):
    return Obligation(
        f"{factor} exp((x - 1) log 2) ≥ x for x ≥ 2",
        sp.Ge(factor * sp.exp((x - 1) * sp.log(2)), x),
        Monotone(x, sp.Integer(2), then=Monotone(x, sp.Integer(2), then=Refutation())),
        (sp.Ge(x, 2),),
    )


def enumerated(name, bound):
    def compare(profile):
        for coins in range(2, 40):
            yield Comparison(f"n = {coins}", Fraction(2, 2**coins), bound(coins))

    return ExactCheck(name, compare, of_claim=True)


AGREE = event("A")
coins = Statement(
    id="coins",
    title="All coins agree",
    source="this page",
    recorded=Verdict.HOLDS,
    claim=Claim(sp.Le(Probability(AGREE), 2 / n), words="A is the event that n ≥ 2 fair coins all agree."),
    derivation=(Step("P(A) = 2 · 2^{-n} ≤ 2/n", (growth(1),), rests_on=("independence",)),),
    exact=(enumerated("2^{1-n} ≤ 2/n", lambda m: Fraction(2, m)),),
    faults=(
        PlantedFault("a quarter of the bound", enumerated("2^{1-n} ≤ 1/(2n)", lambda m: Fraction(1, 2 * m))),
        PlantedFault("half of the exponential", growth(sp.Rational(1, 2))),
    ),
)
answer = evaluate(coins, PROFILES["quick"])
Console(width=100).print(table([answer], 100, title="Coins"))

# %%
# Every answer can be read: which prover discharged a step, how close the exact models come to equality, what caught
# each planted fault.
for step in answer.steps:
    print(step.status, "-", step.text, "-", step.method)
for check in answer.exact:
    print(f"{check.models} models, closest ratio {check.tightest:.3g} at {check.where}")
for fault in answer.faults:
    print("caught" if fault.caught else "missed", "-", fault.name, "-", fault.detail)

# %%
# Claim too much, and the exact models refute it; the verdict is computed, so it no longer is the recorded one, and the
# command line would exit with 1.
wrong = replace(coins, exact=(enumerated("2^{1-n} ≤ 1/n²", lambda m: Fraction(1, m**2)),))
print(evaluate(wrong, PROFILES["quick"]).complaints)
