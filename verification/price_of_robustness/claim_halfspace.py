"""In passing: sgn(x_1) has class stability √(2/(πd)) under N(0, I/d)."""

from __future__ import annotations

import numpy as np
import sympy as sp

from noprune_theory.class_stability import gaussian_halfspace_stability
from noprune_theory.verifier.notation import Expectation, equation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Identity, LimitValue
from noprune_theory.verifier.statement import (
    Claim,
    NumericAgreement,
    PlantedFault,
    Statement,
    Step,
    Sweep,
    Verdict,
)

d, v, m, t = sp.symbols("d v m t", positive=True)
antiderivative = -sp.sqrt(2 / sp.pi) * sp.exp(-(v**2) / 2)


def value(factor: sp.Expr) -> Obligation:
    """State the mean of |x_1| for x_1 ~ N(0, 1/d)."""
    return Obligation(
        "0 + √(2/π), over √d",
        equation(lambda: (0 + sp.sqrt(2 / sp.pi)) / sp.sqrt(d), lambda: sp.sqrt(factor / d)),
        Identity(),
    )


MEAN = Step(
    "h_f = |x_1| (Definition 1), and √d|x_1| has the density √(2/π) exp(-v²/2)",
    (
        Obligation(
            "v √(2/π) exp(-v²/2) has the antiderivative -√(2/π) exp(-v²/2)",
            equation(sp.Derivative(antiderivative, v), v * sp.sqrt(2 / sp.pi) * sp.exp(-(v**2) / 2)),
            Identity(),
        ),
        Obligation("which tends to 0", equation(sp.Limit(antiderivative, v, sp.oo), 0), LimitValue()),
        value(2 / sp.pi),
    ),
    rests_on=("expectation",),
)


def simulate(factor: float) -> Sweep:
    """Draw means of 400 margins: they exceed factor √(2/π) by four standard errors at most this often."""
    size, error = 400, float(np.sqrt((1 - 2 / np.pi) / 400))

    def count(rng: np.random.Generator, trials: int) -> int:
        exceeded = 0
        for first in range(0, trials, 1_000):
            means = np.abs(rng.standard_normal((min(1_000, trials - first), size))).mean(axis=1)
            exceeded += int(np.sum(means > factor * np.sqrt(2 / np.pi) + 3 * error))
        return exceeded

    return Sweep(f"P(mean of 400 margins √d|x_1| > {factor:g}√(2/π) + 3 standard errors)", count, 0.01)


STATEMENT = Statement(
    id="claim-halfspace",
    title="Halfspaces under the Gaussian",
    source="Section 2, example after Definition 1",
    recorded=Verdict.HOLDS,
    claim=Claim(
        conclusion=equation(Expectation(sp.Abs(sp.Symbol("x_1", real=True))), sp.sqrt(2 / (sp.pi * d))),
        words="x ~ N(0, I/d), f = sgn(x_1): S(f) = E|x_1|.",
    ),
    derivation=(MEAN,),
    sweeps=(simulate(1.0),),
    agreement=(
        NumericAgreement(
            "class_stability.gaussian_halfspace_stability",
            lambda d: float(gaussian_halfspace_stability(np.eye(int(d))[0])),
            sp.sqrt(2 / (sp.pi * d)),
            lambda rng: {"d": float(rng.integers(1, 200))},
        ),
        NumericAgreement(
            "class_stability.gaussian_halfspace_stability, off the origin",
            lambda m, t: float(gaussian_halfspace_stability([1.0], m, covariance=[[t * t]])),
            t * sp.sqrt(2 / sp.pi) * sp.exp(-((m / t) ** 2) / 2) + m * sp.erf(m / (t * sp.sqrt(2))),
            lambda rng: {"m": float(rng.uniform(0.1, 3)), "t": float(rng.uniform(0.3, 3))},
        ),
    ),
    faults=(
        PlantedFault("√(1/d)", value(sp.S.One)),
        PlantedFault("nine tenths of it", simulate(0.9)),
    ),
    remarks=("The Gaussian is not supported in a bounded domain, which the paper asks for; nothing here needs one.",),
)
