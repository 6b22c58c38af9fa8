"""A class that remembers its samples: functions with spikes at n points of the sphere.

g_w(x) = clip(4 min_j |x - w_j| - 1) to [-1, 1], w = (w_1, ..., w_n) with |w_j| ≤ 1, so p = nd parameters, L(g) ≤ 4 and
|g_w - g_w'| ≤ 4 |w - w'|, diameter 2√n; x uniform on the unit sphere. Measured in units of 1/α the parameters have
diameter W = 2α√n and J = 4/α: WJ = 8√n stays, J does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from noprune_theory.verifier.provers import enclose
from noprune_theory.verifier.statement import Fact

__all__ = ["DIMENSION", "facts", "isoperimetry", "memoriser", "missed", "ratio", "terms"]

DIMENSION = 20_000
RATIO = sp.Rational(1, 8)  # S*(g)/L(g) ≥ (1/2)/4


def memoriser(constant: int, radius: sp.Expr | None = None) -> dict[str, Any]:
    """Return the data that refute the constant K: n and the radius e grow with it, the unit of the weights with e."""
    size = (100 * constant) ** 2
    e = sp.Integer(10) ** 12 * size if radius is None else radius
    return {
        "x": "uniform on the unit sphere",
        "g_w": "clip(4 min_j |x - w_j| - 1)",
        "n": size,
        "d": DIMENSION,
        "p": size * DIMENSION,
        "K": constant,
        "e": e,
        "J": 4 / (e * size),
        "W J": 8 * sp.sqrt(size),
    }


def isoperimetry(data: Mapping[str, Any]) -> sp.Rational:
    """Return c = d/(d - 1) of the sphere."""
    return sp.Rational(data["d"], data["d"] - 1)


def missed(data: Mapping[str, Any]) -> sp.Expr:
    """Return a bound on the probability that two of the n samples are less than 1 apart.

    <x_i, x_j> > 1/2 given x_j is a deviation of a 1-Lipschitz function: 2 exp(-(d-1)/8), for n²/2 pairs.
    """
    return data["n"] ** 2 * sp.exp(-sp.Rational(data["d"] - 1, 8))


def facts(data: Mapping[str, Any]) -> Iterable[Fact]:
    """Yield what makes it admissible."""
    near = data["n"] * 2 * sp.exp(-sp.Rational(data["d"] - 1, 2) * sp.Rational(7, 8) ** 2)
    yield Fact(
        "S*(g) ≥ 1 - 2n exp(-(d-1)(7/8)²/2) ≥ 1/2: |x - w_j| < 1/2 means <x, w_j> > 7/8 |w_j|",
        f"{float(1 - enclose(near, {})):.6f}",
        bool(enclose(near, {}) < 0.5),
    )
    yield Fact(
        "samples are 1 apart but for n² exp(-(d-1)/8), and then every pattern occurs",
        f"{float(enclose(missed(data), {})):.3g}",
        bool(enclose(missed(data), {}) < 0.25),
    )
    yield Fact("p ≥ n", f"{data['p']} ≥ {data['n']}", data["p"] >= data["n"])


def terms(data: Mapping[str, Any]) -> tuple[sp.Expr, sp.Expr]:
    """Return (L/S*)√(p/(nd))√(c log(1 + 60WJ/e)) and 2 exp(-dS*²/(8cL²)) at S*/L = 1/8, their largest values."""
    c = isoperimetry(data)
    rate = sp.sqrt(sp.Rational(data["p"], data["n"] * data["d"]) * c * sp.log(1 + 60 * data["W J"] / data["e"])) / RATIO
    return rate, 2 * sp.exp(-data["d"] * RATIO**2 / (8 * c))


def ratio() -> sp.Rational:
    """Return the lower bound on S*(g)/L(g)."""
    return RATIO
