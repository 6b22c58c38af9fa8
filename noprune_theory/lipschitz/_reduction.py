"""The part of a network that varies: an equal function, up to a constant, of fewer units.

Pruned networks hold units that are constant (no incoming weights, or no input that varies), that never turn on, that
reach no output, that are copies of one another, and layers that never turn off. Constants move into the biases of the
next layer and the rest goes, all of it in exact arithmetic: the smaller network has the same gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic

_LARGEST_PRODUCT = 1_000_000  # multiplications in exact arithmetic for merging two layers


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """A network with the gradients of another.

    Attributes
    ----------
    weights : list of ndarray
        W_1, ..., W_m, exactly; every unit varies and reaches an output, no output is constant.
    biases : list of ndarray
        b_1, ..., b_{m-1}, rounded to float64.
    exact : bool
        Whether nothing was rounded.
    """

    weights: list[FloatArray]
    biases: list[FloatArray]
    exact: bool


@dataclass(slots=True, eq=False)
class _Units:
    """What is known of the values of a layer (of the inputs, at first).

    `constants` holds those of units that do not vary. Values of the others lie in [lows, highs] where `bounded_below`
    and `bounded_above`; `linear` are units that never turn off.
    """

    varies: BoolArray
    constants: Dyadic
    lows: Dyadic
    highs: Dyadic
    bounded_below: BoolArray
    bounded_above: BoolArray
    linear: BoolArray


def reduced(weights: Sequence[FloatArray], biases: Sequence[FloatArray], activation: str) -> Reduced | None:
    """Return the reduced network; None when the function is constant.

    Parameters
    ----------
    weights : sequence of ndarray
        W_1 (h_1, d), ..., W_m (c, h_{m-1}).
    biases : sequence of ndarray
        b_1 (h_1,), ..., b_{m-1} (h_{m-1},); what follows is not used.
    activation : {"relu", "tanh"}
    """
    layers = [layer + 0.0 for layer in weights]  # no negative zeros: equal rows are equal bytes
    units = _inputs(layers[0].shape[1])
    stages, shifts, exact = [units], list[Dyadic](), True
    for index, bias in enumerate(biases[: len(layers) - 1]):
        shift = _shift(layers[index], bias, units)
        exact &= activation == "relu" or not units.constants.digits.any()
        following = (_relu_units if activation == "relu" else _tanh_units)(layers[index], shift, units)
        keys = shift.digits.tolist() if activation == "relu" else bias.tolist()
        compared = np.where(units.varies, layers[index], 0.0) if activation == "relu" else layers[index]
        layers[index + 1] = _without_copies(layers[index + 1], compared, keys, following.varies)
        units = following
        stages.append(units)
        shifts.append(shift)
    live = _live(layers, stages)
    if not all(kept.any() for kept in live):
        return None
    layers = [layer[np.ix_(rows, columns)] for layer, rows, columns in zip(layers, live[1:], live[:-1], strict=True)]
    shifts = [shift.take(kept) for shift, kept in zip(shifts, live[1:], strict=False)]
    _merge_linear(layers, shifts, [bool(u.linear[kept].all()) for u, kept in zip(stages[1:], live[1:], strict=False)])
    return Reduced(layers, [shift.floats() for shift in shifts], exact and all(s.fits_float64() for s in shifts))


def _inputs(count: int) -> _Units:
    zeros, nothing = dyadic(np.zeros(count)), np.zeros(count, dtype=bool)
    return _Units(~nothing, zeros, zeros, zeros, nothing, nothing, nothing)


def _shift(W: FloatArray, bias: FloatArray, units: _Units) -> Dyadic:
    """Return the biases with the constants among the inputs moved into them."""
    fixed = np.flatnonzero(units.constants.digits != 0)
    return (dyadic(W[:, fixed]) @ units.constants.take(fixed)).plus(dyadic(bias))


def _relu_units(W: FloatArray, shift: Dyadic, units: _Units) -> _Units:
    moving = (W[:, units.varies] != 0).any(axis=1)
    open_above, open_below = units.varies & ~units.bounded_above, units.varies & ~units.bounded_below
    up, down = W > 0, W < 0
    bounded_above = moving & ~(up[:, open_above].any(axis=1) | down[:, open_below].any(axis=1))
    bounded_below = moving & ~(down[:, open_above].any(axis=1) | up[:, open_below].any(axis=1))
    highs = _extreme(W, shift, units.highs, units.lows, units.varies, bounded_above)
    lows = _extreme(W, shift, units.lows, units.highs, units.varies, bounded_below)
    never = bounded_above & np.asarray(highs.digits <= 0, dtype=bool)
    always = bounded_below & np.asarray(lows.digits >= 0, dtype=bool)
    varies = moving & ~never
    constants = Dyadic(np.where(moving, 0, np.maximum(shift.digits, 0)), shift.exponent)
    return _Units(
        varies,
        constants,
        Dyadic(np.maximum(lows.digits, 0), lows.exponent),
        Dyadic(np.maximum(highs.digits, 0), highs.exponent),
        np.ones_like(varies),
        bounded_above,
        always,
    )


def _extreme(
    W: FloatArray, shift: Dyadic, rising: Dyadic, falling: Dyadic, varies: BoolArray, wanted: BoolArray
) -> Dyadic:
    """Return shift + max(W, 0) rising + min(W, 0) falling over the inputs that vary for the wanted rows, else 0."""
    digits = np.zeros(W.shape[0], dtype=object)
    rows = np.flatnonzero(wanted)
    if rows.size == 0:
        return Dyadic(digits, 0)
    total = shift.take(rows)
    for part, ends in ((np.maximum(W[rows], 0.0), rising), (np.minimum(W[rows], 0.0), falling)):
        # Most ends are 0: the least value of a ReLU.
        columns = np.flatnonzero(varies & (ends.digits != 0))
        total = total.plus(dyadic(part[:, columns]) @ ends.take(columns))
    digits[rows] = total.digits
    return Dyadic(digits, total.exponent)


def _tanh_units(W: FloatArray, shift: Dyadic, units: _Units) -> _Units:
    moving = (W[:, units.varies] != 0).any(axis=1)
    # Rounded: `reduced` keeps account of that.
    constants = dyadic(np.where(moving, 0.0, np.tanh(np.clip(shift.floats(), -1e3, 1e3))))
    nothing = np.zeros_like(moving)
    return _Units(moving, constants, constants, constants, nothing, nothing, nothing)


def _without_copies(following: FloatArray, rows: FloatArray, keys: Sequence[object], varies: BoolArray) -> FloatArray:
    """Return the next layer with the weights out of equal units gathered at the first, where their sum is exact."""
    first: dict[tuple[bytes, object], int] = {}
    gathered = following
    for unit in np.flatnonzero(varies).tolist():
        leader = first.setdefault((rows[unit].tobytes(), keys[unit]), unit)
        if leader == unit:
            continue
        a, b = gathered[:, leader], gathered[:, unit]
        with np.errstate(over="ignore", invalid="ignore"):
            total = a + b
            rest = total - a
            lost = (a - (total - rest)) + (b - rest)
        if np.array_equal(lost, np.zeros_like(lost)):
            gathered = gathered.copy() if gathered is following else gathered
            gathered[:, leader], gathered[:, unit] = total, 0.0
    return gathered


def _live(layers: Sequence[FloatArray], stages: Sequence[_Units]) -> list[BoolArray]:
    """Return inputs (all), hidden units that vary and reach an output, and outputs that vary."""
    varying = [stage.varies for stage in stages]
    needed = (layers[-1][:, varying[-1]] != 0).any(axis=1)
    live = [needed]
    for layer, varies in zip(layers[:0:-1], varying[:0:-1], strict=True):
        needed = (layer[needed] != 0).any(axis=0) & varies
        live.append(needed)
    return [varying[0], *live[::-1]]


def _merge_linear(layers: list[FloatArray], shifts: list[Dyadic], linear: list[bool]) -> None:
    """Replace a hidden layer whose units never turn off, and the next, by their product where that is exact."""
    index = 0
    while index < len(shifts):
        inner, outer = layers[index], layers[index + 1]
        if linear[index] and outer.shape[0] * inner.size <= _LARGEST_PRODUCT:
            exact_outer = dyadic(outer)
            product = exact_outer @ dyadic(inner)
            if product.fits_float64():
                if index + 1 < len(shifts):
                    shifts[index + 1] = (exact_outer @ shifts[index]).plus(shifts[index + 1])
                layers[index : index + 2] = [product.floats()]
                del shifts[index], linear[index]
                continue
        index += 1
