"""A million bounds in one call, against a loop over mpmath at equal digits, and against scipy's quantile of chi."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    MaximalLeakage,
    Noise,
    all_masks_width_law,
    any_function_law,
    gaussian_width_law,
    linear_class_law,
)

SIGNS = Noise(signs=True)
TUPLES = 1_000_000


def arguments(tuples: int, largest_exponent: float) -> dict[str, FloatArray]:
    """Return argument tuples of the law for linear functions of Gaussian inputs, leakages up to `largest_exponent`."""
    rng = np.random.default_rng(0)
    kept = rng.integers(1, 5_000, tuples).astype(np.float64)
    return {
        "n": rng.integers(10, 100_000, tuples).astype(np.float64),
        "d": kept + rng.integers(0, 5_000, tuples),
        "epsilon": rng.uniform(0.1, 1.0, tuples),
        "delta": 10.0 ** rng.uniform(-6, -0.1, tuples),
        "kept": kept,
        "leakage": 10.0 ** rng.uniform(-1, np.log10(largest_exponent), tuples),
    }


def width_law(at: dict[str, FloatArray]) -> FloatArray:
    """Return the law by the Gaussian width for every tuple."""
    learner: dict[str, Any] = {"mask_size": at["kept"], "dependence": MaximalLeakage(at["leakage"]), "noise": SIGNS}
    return np.asarray(gaussian_width_law(at["n"], at["d"], at["epsilon"], at["delta"], **learner).lipschitz)


def by_mpmath(at: dict[str, FloatArray]) -> FloatArray:
    """Return the same, a tuple at a time: the root of log Q(k/2, q^2/2) = -exponent at 25 digits.

    Terms of the continued fraction and of the series cancel digits, so that 16 digits of the result ask for these.
    """
    import mpmath

    found = []
    with mpmath.workdps(25):
        for n, d, epsilon, delta, kept, leakage in zip(*(at[name].tolist() for name in at), strict=True):
            exponent = mpmath.mpf(leakage) - mpmath.log(mpmath.mpf(delta) * (1 - mpmath.mpf(1e-15)))
            a = mpmath.mpf(kept) / 2

            def excess(x: Any, a: Any = a, exponent: Any = exponent) -> Any:
                return mpmath.log(mpmath.gammainc(a, x, regularized=True)) + exponent

            start = (mpmath.sqrt(kept) + mpmath.sqrt(2 * exponent)) ** 2 / 2
            x = mpmath.findroot(excess, (start, start * mpmath.mpf("0.99")), solver="secant", tol=1e-30, maxsteps=60)
            threshold = 1 - mpmath.sqrt(1 - mpmath.mpf(epsilon))
            found.append(float(threshold * mpmath.sqrt(n * d) / mpmath.sqrt(2 * x)))
    return np.array(found)


def by_scipy(at: dict[str, FloatArray]) -> FloatArray:
    """Return the same by scipy.stats.chi.isf, for exponents at which exp(-exponent) does not underflow."""
    from scipy.stats import chi

    exponent = at["leakage"] - np.log(at["delta"] * (1 - 1e-15))
    quantile = chi.isf(np.exp(-exponent), at["kept"])
    return np.asarray((1 - np.sqrt(1 - at["epsilon"])) * np.sqrt(at["n"] * at["d"]) / quantile)


def _first(at: dict[str, FloatArray], tuples: int) -> dict[str, FloatArray]:
    return {name: values[:tuples] for name, values in at.items()}


def _error(ours: FloatArray, theirs: FloatArray) -> float:
    return float(np.max(np.abs(ours[: theirs.size] / theirs - 1)))


def _contests() -> Iterator[Contest]:
    moderate, wide = arguments(TUPLES, 600.0), arguments(TUPLES, 1e5)
    timed = 30
    yield Contest(
        "scipy.stats.chi.isf in numpy, exponents up to 600 (beyond 745 it is infinite)",
        lambda: width_law(moderate),
        lambda: by_scipy(moderate),
        {"tuples": TUPLES},
        _error,
    )
    yield Contest(
        f"a loop over mpmath, 25 digits, exponents up to 1e5 ({timed} of {TUPLES} timed)",
        lambda: width_law(wide),
        lambda: by_mpmath(_first(wide, timed)),
        {"tuples": TUPLES},
        _error,
        peer_share=timed / TUPLES,
    )


def _every(tuples: int) -> Callable[[], list[FloatArray]]:
    """Return the laws that are evaluated without an integral, at once."""
    at = arguments(tuples, 1e5)
    law = (at["n"], at["d"], 1, at["epsilon"], at["delta"], 1.0)
    learner: dict[str, Any] = {"mask_size": at["kept"], "dependence": MaximalLeakage(at["leakage"]), "noise": SIGNS}

    def evaluate() -> list[FloatArray]:
        chosen: dict[str, Any] = {"mask_size": at["kept"], "n_weights": at["d"], "noise": SIGNS}
        return [
            width_law(at),
            np.asarray(all_masks_width_law(at["n"], at["d"], at["epsilon"], at["delta"], **chosen).lipschitz),
            np.asarray(linear_class_law(*law, **learner, centred=True, moment_form=True).lipschitz),
            np.asarray(any_function_law(*law, noise=SIGNS, inputs="moment")),
        ]

    return evaluate


CASE = Case(
    name="evaluate_bounds",
    summary="The law for linear functions of Gaussian inputs, by the quantile of chi, at a million argument tuples.",
    accuracy="largest relative distance of the bound from the peer's",
    contests=_contests,
    scalings=(Scaling("tuples (four laws)", (500, 1000, 2000, 4000), 1.0, _every),),
)
