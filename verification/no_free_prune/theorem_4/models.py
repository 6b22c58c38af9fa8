"""Exact models, simulation and functions that Theorem 4 is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product

import mpmath
import numpy as np

from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    Constants,
    information_exponent,
    log_net_size_per_weight,
    theorem_4,
    theorem_4_condition,
)
from noprune_theory.verifier.exact_models import SignModel, mutual_information
from noprune_theory.verifier.statement import Comparison, ExactCheck, Profile, Sweep


def packing_check(name: str, factor: float) -> ExactCheck:
    """Compare greedy r-separated sets of lattice points in balls and cubes with (1 + factor W/r)^kappa."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for shape, dimension, separation, count in _packings():
            label = f"{shape} of diameter 1 in dimension {dimension}, r = {separation}"
            yield Comparison(label, float(count), (1 + factor / separation) ** dimension)

    return ExactCheck(name, compare)


@cache
def _packings() -> tuple[tuple[str, int, float, int], ...]:
    """Return shape, dimension, separation and the number of points of the greedy set, the same for every check."""
    found: list[tuple[str, int, float, int]] = []
    for dimension, steps in ((1, 60), (2, 24), (3, 10)):
        axis = np.linspace(-0.5, 0.5, steps + 1)
        lattice = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
        shapes = {
            "ball": lattice[np.linalg.norm(lattice, axis=1) <= 0.5],
            "cube": lattice / np.sqrt(dimension),
        }
        for shape, candidates in shapes.items():
            found += [(shape, dimension, r, _greedy_packing(candidates, r)) for r in (1.0, 0.5, 0.25, 0.2)]
    return tuple(found)


def _greedy_packing(candidates: FloatArray, separation: float) -> int:
    """Count the points that are kept when each is kept unless it is too near one that was kept before it."""
    count = 0
    while len(candidates):
        count += 1
        candidates = candidates[np.linalg.norm(candidates - candidates[0], axis=1) >= separation - 1e-12]
    return count


def replacement_check(name: str, keep_mask: bool) -> ExactCheck:
    """Information of the replaced learner against I(m^W; D) + E log N on random learners of two to four masks.

    Weights are rounded to at most two net points a mask; where a function is too steep, the replacement takes a net
    point of the same mask, or of the first mask (the printed fallback).
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        rng = np.random.default_rng(7)
        for i in range(profile.random_models):
            n_data, masks, weights = (int(v) for v in rng.integers(2, 5, size=3))
            points = rng.integers(1, 3, size=masks)
            shape = (n_data, masks, weights)
            joint = (
                rng.dirichlet(np.full(masks * weights, 10.0 ** rng.uniform(-1.5, 1)), size=n_data).reshape(shape)
                / n_data
            )
            if i % 2:  # the mask does not depend on the data, the weight does
                share = joint.sum(axis=2, keepdims=True)
                joint = joint / share * share.sum(axis=0, keepdims=True) / n_data
            steep = rng.random((masks, weights)) < 0.4
            rounded = rng.integers(0, 2, size=(masks, weights)) % points[:, None]
            replaced = np.zeros((n_data, masks, 2))
            for m_index, w_index in product(range(masks), range(weights)):
                target = m_index if keep_mask or not steep[m_index, w_index] else 0
                point = 0 if steep[m_index, w_index] else rounded[m_index, w_index]
                replaced[:, target, point] += joint[:, m_index, w_index]
            allowed = mutual_information(joint.sum(axis=2)) + float(joint.sum(axis=(0, 2)) @ np.log(points))
            label = f"model {i}: {n_data} data values, masks with {tuple(int(v) for v in points)} net points"
            yield Comparison(label, mutual_information(replaced.reshape(n_data, -1)), allowed)

    return ExactCheck(name, compare, rounding=1e-14)


def constants_check(name: str, slowdown: float) -> ExactCheck:
    """Sign model with every weight in [-1, 1]: P(some constant fits), at the smallest n of the condition over slowdown.

    Constants have slope zero, so that the theorem asks for the probability to be at most delta/2. Compared are
    log(2/delta) and -log P, because P is tiny.
    """

    def compare(profile: Profile) -> Iterator[Comparison]:
        for margin, failure in product((0.2, 0.5, 1.0), (0.01, 0.1, 0.5)):
            size = int(np.ceil(float(theorem_4_condition(1, failure, Constants.SHARP)) / (slowdown * margin**2)))
            probability = SignModel(size, 1.0).tail(size * margin**0.5)
            if size <= 100 * profile.largest_n and probability > 0:
                label = f"n = {size}, ε = {margin}, δ = {failure}"
                yield Comparison(label, float(np.log(2 / failure)), -float(np.log(probability)))

    return ExactCheck(name, compare, of_claim=True)


def simulate(enlarged: float) -> Sweep:
    """Linear functions clipped to [-1, 1], Gaussian inputs, fair signs, the learner that follows the correlation.

    With `v = mean(y x)` and the direction `v/|v|`, `|v|^2` is chi-square(d)/(n d) and the mean square of the inputs
    along it is `|v|^2` plus chi-square(n - 1)/(n d), so a data set is drawn through two numbers. The learner takes the
    shortest weight vector in that direction that fits; the event is that it fits with length below the bound.
    """
    n_samples, dimension, margin, delta_value = 4_000, 40_000, 0.5, 0.1
    effective = dimension * float(log_net_size_per_weight(4.0 * n_samples**0.5, 2.0, margin, Constants.CLOSED_FORM))
    bound = enlarged * float(
        theorem_4(n_samples, dimension, 1, margin, delta_value, 1.0, effective, Constants.CLOSED_FORM)
    )

    def count(rng: np.random.Generator, trials: int) -> int:
        square = rng.chisquare(dimension, trials) / (n_samples * dimension)
        second_moment = square + rng.chisquare(n_samples - 1, trials) / (n_samples * dimension)
        # 1 - 2 t |v| + t^2 second_moment <= 1 - margin: the smaller root.
        discriminant = square - margin * second_moment
        fits = discriminant >= 0
        length = (np.sqrt(square) - np.sqrt(np.maximum(discriminant, 0))) / second_moment
        return int(np.sum(fits & (length < bound)))

    name = "P(fit with Lip below the bound), clipped linear functions, |x| ≤ 2"
    if enlarged != 1:
        name += f", bound enlarged {enlarged:g} times"
    return Sweep(f"{name}, n = {n_samples}, d = {dimension}, ε = {margin}", count, delta_value)


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Admissible arguments: n meets the printed condition, hence both."""
    components, margin, failure = float(rng.integers(1, 6)), float(rng.uniform(0.05, 1)), float(rng.uniform(1e-4, 0.99))
    required = 512 * components * np.log(8 * components / failure) / margin**2
    return {
        "n": float(np.ceil(required * rng.uniform(1.01, 50))),
        "d": float(rng.integers(1, 10_000)),
        "k": components,
        "epsilon": margin,
        "delta": failure,
        "c": float(rng.uniform(0.3, 5)),
        "p_eff": float(10 ** rng.uniform(-3, 7)),
    }


def bound_function(constants: Constants) -> Callable[..., float]:
    """`noprune_theory.bounds.theorem_4` with the argument names of the claim."""

    def function(n: float, d: float, k: float, epsilon: float, delta: float, c: float, p_eff: float) -> float:
        return float(theorem_4(int(n), int(d), int(k), epsilon, delta, c, p_eff, constants))

    return function


def relative_entropy_at_radius(delta: float, p_eff: float) -> float:
    """kl(delta/2 || q) at the exponent log(1/q) that the sharp theorem uses, in 50 digits; it has to return p_eff."""
    with mpmath.workdps(50):
        half, q = mpmath.mpf(delta) / 2, mpmath.exp(-mpmath.mpf(float(information_exponent(delta / 2, p_eff))))
        return float(half * mpmath.log(half / q) + (1 - half) * mpmath.log((1 - half) / (1 - q)))
