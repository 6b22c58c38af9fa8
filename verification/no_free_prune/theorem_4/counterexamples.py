"""The printed proof: the steps that do not follow, each with the object that refutes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from noprune_theory.verifier.exact_models import information_bits
from noprune_theory.verifier.notation import MutualInformation
from noprune_theory.verifier.provers import enclose
from noprune_theory.verifier.statement import Counterexample, Fact, Step
from verification.no_free_prune.theorem_4.symbols import D


def _rounding_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    fitted, margin, noise = data["f^{W_L}(x_i)/y_i"], data["ε"], data["σ²"]
    required = enclose(512 * sp.log(8 / sp.Rational(1, 2)), {})
    available = data["n"] * margin**2
    yield Fact(
        "8³ k log(8k/δ) ≤ nε² with k = 1, δ = 1/2",
        f"{float(required):.2f} ≤ {available}",
        bool(required <= int(available)),
    )
    yield Fact("values in [-1, 1]", str(fitted), abs(fitted) <= 1)
    distance = abs(fitted - data["f^{W'}(x_i)/y_i"])
    yield Fact("|f^{W_L} - f^{W'}| ≤ ε/8", f"{distance} ≤ {margin / 8}", distance <= margin / 8)
    error = (fitted - 1) ** 2
    yield Fact("both mean square errors are the same on every sample", str(error), 0 <= error <= noise)


def _rounding_conclusion(data: Mapping[str, Any]) -> Fact:
    start, end = data["margins (from, to)"]
    before = Fraction(int((data["f^{W_L}(x_i)/y_i"] - 1) ** 2 <= data["σ²"] - start))
    after = Fraction(int((data["f^{W'}(x_i)/y_i"] - 1) ** 2 <= data["σ²"] - end))
    text = f"P(MSE(f^{{W_L}}) ≤ σ² - {start}) ≤ P(MSE(f^{{W'}}) ≤ σ² - {end})"
    return Fact(text, f"{before} against {after}", before <= after)


def rounding(start: Fraction, end: Fraction) -> Counterexample:
    """Labels are independent fair signs, the learner returns a fifth of each label; it lies on the net already."""
    return Counterexample(
        name="one fifth of each label",
        target="step 4",
        data={
            "n": Fraction(6_000),
            "labels": "independent fair signs, g = 0",
            "σ²": Fraction(1),
            "ε": Fraction(1, 2),
            "f^{W_L}(x_i)/y_i": Fraction(1, 5),
            "f^{W'}(x_i)/y_i": Fraction(1, 5),
            "margins (from, to)": (start, end),
        },
        hypotheses=_rounding_hypotheses,
        conclusion=_rounding_conclusion,
    )


ROUNDING = Step(
    "“meaning (9) is again bounded by” P(MSE(f^{W'}) ≤ σ² - ε): a step from σ² - ε/2 to σ² - ε",
    counterexample=rounding(Fraction(1, 4), Fraction(1, 2)),
)


def _monotone_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    low, high = data["δ₁"], data["δ₂"]
    yield Fact("0 < δ₁ < δ₂ < 1", f"{low} < {high}", 0 < low < high < 1)


def _monotone_conclusion(data: Mapping[str, Any]) -> Fact:
    squares = [
        enclose(1 / sp.Rational(q.numerator, q.denominator) + sp.log(2 / sp.Rational(q.numerator, q.denominator)), {})
        for q in (data["δ₁"], data["δ₂"])
    ]
    sign = data["direction"]
    holds = bool(squares[0] < squares[1]) if sign == "<" else bool(squares[0] > squares[1])
    shown = " against ".join(f"{float(x):.6f}" for x in squares)
    return Fact(f"s(δ₁) {sign} s(δ₂), squared over a1² C0, I = 1", shown, holds)


def direction(sign: str) -> Counterexample:
    """Compare the radius s at two failure probabilities."""
    return Counterexample(
        name="s at two probabilities",
        target="step 6",
        data={"δ₁": Fraction(1, 4), "δ₂": Fraction(1, 2), "direction": sign},
        hypotheses=_monotone_hypotheses,
        conclusion=_monotone_conclusion,
    )


INCREASING = Step("“s^{-1} is monotone increasing”", counterexample=direction("<"))


def _joint(law: Mapping[int, Mapping[tuple[int, ...], Fraction]]) -> dict[tuple[int, tuple[int, ...]], Fraction]:
    return {(bit, mask): Fraction(1, 2) * p for bit, masks in law.items() for mask, p in masks.items()}


def _mean_size(law: Mapping[int, Mapping[tuple[int, ...], Fraction]]) -> Fraction:
    return sum((p * sum(mask) for (_, mask), p in _joint(law).items()), Fraction(0))


def _with_fallback(data: Mapping[str, Any], mask: tuple[int, ...]) -> dict[int, dict[tuple[int, ...], Fraction]]:
    """Conditional law of the mask of W_L: the fallback where the function is steeper than L."""
    steep = {bit: data["Lip(f^W) given D"][bit] > data["L"] for bit in (0, 1)}
    return {bit: {mask: Fraction(1)} if steep[bit] else dict(data["mask given D"][bit]) for bit in (0, 1)}


def _mask_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    mutual = information_bits(_joint(data["mask given D"]))
    yield Fact("I(m^W; D) = 0: the mask does not depend on the data", f"{mutual} bit", mutual == 0)
    size = _mean_size(data["mask given D"])
    yield Fact("E||m^W||₁ = 1", str(size), size == 1)


def _fallback_conclusion(data: Mapping[str, Any]) -> Fact:
    law = _with_fallback(data, data["fallback mask"])
    mutual, size = information_bits(_joint(law)), _mean_size(law)
    holds = mutual == 0 and size <= 1
    text = "I(m^{W_L}; D) + K E||m^{W_L}||₁ ≤ I(m^W; D) + K E||m^W||₁ for K = log2(1 + 60WJ/ε)"
    return Fact(text, f"{mutual} + {size} K against 0 + 1 K", holds)


def fallback_mask(limit: int) -> Counterexample:
    """One fair data bit, always the same mask, weight 1 or 10: the fallback mask tells the bit."""
    one = Fraction(1)
    return Counterexample(
        name="the fallback tells the data",
        target="step 7",
        data={
            "D": "a fair bit",
            "f^W": "w x with mask (1, 0); w = 1 if D = 0 and w = 10 if D = 1",
            "mask given D": {0: {(1, 0): one}, 1: {(1, 0): one}},
            "Lip(f^W) given D": {0: Fraction(1), 1: Fraction(10)},
            "L": Fraction(limit),
            "fallback mask": (0, 1),
        },
        hypotheses=_mask_hypotheses,
        conclusion=_fallback_conclusion,
    )


def _every_fallback_conclusion(data: Mapping[str, Any]) -> Fact:
    diameter, lipschitz, margin = data["W"], data["J"], data["ε"]
    slack = enclose(
        sp.log(1 + 60 * diameter * lipschitz / sp.Rational(margin.numerator, margin.denominator)) / sp.log(2), {}
    )
    informations = [information_bits(_joint(_with_fallback(data, mask))) for mask in product((0, 1), repeat=2)]
    smallest = min(enclose(sp.sympify(i), {}) for i in informations)
    text = "I(m^{W_L}; D) ≤ I(m^W; D) + E||m^W||₁ log2(1 + 60WJ/ε) for some fallback mask"
    return Fact(text, f"at least {float(smallest):.4f} bit against {float(slack):.4f} bit", bool(smallest <= slack))


def every_fallback(frequency: int) -> Counterexample:
    """Two sine features, one kept at random; the size of the weight tells the bit, whatever the fallback."""
    half = Fraction(1, 2)
    return Counterexample(
        name="two fast sines",
        target="step 7, for every fallback and with the slack of 60",
        data={
            "D": "a fair bit",
            "f^W": f"w₁ sin({frequency} x₁) + w₂ sin({frequency} x₂), one weight kept at random",
            "weight": "|w| = 10⁻⁶ if D = 0, 10⁻⁵ if D = 1",
            "mask given D": {bit: {(1, 0): half, (0, 1): half} for bit in (0, 1)},
            "Lip(f^W) given D": {0: Fraction(frequency, 10**6), 1: Fraction(frequency, 10**5)},
            "L": Fraction(5),
            "ε": Fraction(1, 2),
            "W": sp.Rational(2, 10**5),
            "J": sp.sqrt(2),
        },
        hypotheses=_mask_hypotheses,
        conclusion=_every_fallback_conclusion,
    )


MASK = Step(
    "I({X_t}; W'_L) ≤ I(m^{W'_L}; D) + E log2 N ≤ I(m^W; D) + E||m||₁ log2(1 + 60WJ/ε): the second inequality",
    expression=sp.Le(MutualInformation(sp.Symbol("m^W_L"), D), MutualInformation(sp.Symbol("m^W"), D)),
    counterexample=fallback_mask(1),
)


def _scope_hypotheses(data: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("J is finite and positive", str(data["J"]), data["J"] > 0)


def _scope_conclusion(data: Mapping[str, Any]) -> Fact:
    weight, point = data["w'"], data["x"]
    gap = max(Fraction(-1), min(Fraction(1), weight * point))
    return Fact("|f_0(x) - f_{w'}(x)| ≤ J |w'|", f"{gap} against {data['J'] * weight}", gap <= data["J"] * weight)


def scope(lipschitz: Fraction, point: Fraction) -> Counterexample:
    """Clipped linear functions: far out, an arbitrarily small weight changes the function by one."""
    return Counterexample(
        name="clip(w x)",
        target="scope of Equation (4): the supremum over all x admits no finite J",
        data={"f_w": "clip(w x) to [-1, 1]", "J": lipschitz, "w'": 1 / (2 * lipschitz), "x": point},
        hypotheses=_scope_hypotheses,
        conclusion=_scope_conclusion,
    )
