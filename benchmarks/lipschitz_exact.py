"""Exact Lipschitz constants of one-hidden-layer ReLU models, against the same sweep in batched numpy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from benchmarks.timing import Case, Contest, Scaling
from noprune_theory._types import FloatArray, IntArray
from noprune_theory.lipschitz import Bracket, exact_one_hidden


def hidden_layer(n_units: int, dimension: int) -> tuple[FloatArray, FloatArray]:
    """Return Gaussian directions (N, d) and output weights (N,)."""
    rng = np.random.default_rng(n_units + dimension)
    return rng.standard_normal((n_units, dimension)), rng.standard_normal(n_units)


def planar_numpy(W: FloatArray, a: FloatArray) -> float:
    """Return the constant for d = 2 by one argsort and one cumsum; no rounding margins, no witness."""
    jumps = np.where(W[:, 1] < 0, -1.0, 1.0)[:, None] * a[:, None] * W
    arcs = np.cumsum(jumps[np.argsort(-W[:, 0] / W[:, 1])], axis=0)
    arcs -= 0.5 * arcs[-1]
    center = 0.5 * a @ W
    squares = np.einsum("ij,ij->i", arcs, arcs) + 2 * np.abs(arcs @ center)
    return float(np.sqrt(squares.max() + center @ center))


def circles_numpy(W: FloatArray, a: FloatArray, tuples: IntArray) -> float:
    """Return the largest gradient norm next to the circles cut out by tuples of d - 2 kinks, in batched numpy.

    Null spaces by batched QR, kinks sorted by angle, prefix sums, all 2^(d - 2) sides of the kinks of the tuple.
    """
    dimension, size = W.shape[1], tuples.shape[1]
    jumps, center = a[:, None] * W, 0.5 * a @ W
    patterns = np.array(np.meshgrid(*[[-0.5, 0.5]] * size)).reshape(size, -1).T
    best = 0.0
    for start in range(0, tuples.shape[0], 64):
        members = tuples[start : start + 64]
        frames = np.linalg.qr(np.swapaxes(W[members], 1, 2), mode="complete")[0][:, :, dimension - 2 :]
        alpha, beta = np.moveaxis(W @ frames, 2, 0)
        rows = np.arange(members.shape[0])[:, None]
        signs = np.where(beta < 0, -1.0, 1.0)
        signs[rows, members] = 0.0
        order = np.argsort(-alpha / beta, axis=1)
        steps = np.take_along_axis(signs, order, axis=1)[:, :, None] * jumps[order]
        arcs = np.cumsum(steps, axis=1)
        arcs -= 0.5 * arcs[:, -1:]
        for pattern in patterns:
            shifted = arcs + np.einsum("k,mkd->md", pattern, jumps[members])[:, None]
            squares = np.einsum("mnd,mnd->mn", shifted, shifted) + 2 * np.abs(shifted @ center)
            best = max(best, float(squares.max()))
    return float(np.sqrt(best + center @ center))


def _width(ours: Bracket, _: Any) -> float:
    if not ours.exact:
        raise AssertionError(f"the enumeration did not finish: {ours}")
    return (ours.upper - ours.lower) / ours.upper


def _contest(n_units: int, dimension: int, n_circles: int) -> Contest:
    W, a = hidden_layer(n_units, dimension)
    tuples = np.array(list(combinations(range(n_units), dimension - 2)), dtype=np.int64)
    chosen = tuples[:: max(1, tuples.shape[0] // n_circles)]
    share = chosen.shape[0] / tuples.shape[0]
    return Contest(
        "the same sweep of all circles in batched numpy" + ("" if share == 1 else f", timed on {share:.2%} of them"),
        lambda: exact_one_hidden(W, a),
        lambda: circles_numpy(W, a, chosen),
        {"d": dimension, "N": n_units},
        _width,
        peer_share=share,
    )


def _planar_contest(n_units: int) -> Contest:
    W, a = hidden_layer(n_units, 2)
    return Contest(
        "numpy argsort and cumsum, not certified",
        lambda: exact_one_hidden(W, a),
        lambda: planar_numpy(W, a),
        {"d": 2, "N": n_units},
        _width,
    )


def _contests() -> Iterator[Contest]:
    yield _contest(500, 4, 1000)
    yield _contest(2000, 3, 200)
    yield _contest(200, 5, 1000)
    yield _planar_contest(200_000)


def _scaling(dimension: int, values: tuple[int, ...]) -> Scaling:
    def prepare(n_units: int) -> Callable[[], Bracket]:
        W, a = hidden_layer(n_units, dimension)
        return lambda: exact_one_hidden(W, a)

    return Scaling(f"N (d = {dimension})", values, float(max(1, dimension - 1)), prepare)


CASE = Case(
    name="lipschitz_exact",
    summary="Exact constant of a one-hidden-layer ReLU model by enumeration of its linear regions.",
    accuracy="relative width of our certified bracket",
    contests=_contests,
    scalings=(
        _scaling(2, (50_000, 100_000, 200_000, 400_000)),
        _scaling(3, (1000, 2000, 4000)),
        _scaling(4, (200, 400, 800)),
        _scaling(5, (80, 120, 180)),
    ),
)
