"""Compiled listing of the connections of a masked network."""

from __future__ import annotations

import numpy as np

from noprune_theory._compile import njit


@njit(cache=True, nogil=True)
def list_connections(mask, widths, bias, live_only):  # type: ignore[no-untyped-def]
    """Return inputs, firsts, sources, biases and parameters of a masked network, as `train_lists` takes them.

    A unit is live if it can be reached from the inputs, or from a bias that is kept, and leads to an output.

    Parameters
    ----------
    mask : bool (p,)
        True where a parameter is kept; layer by layer, unit by unit, the bias last.
    widths : int64 (layers + 1,)
    bias : bool
        Whether units have biases.
    live_only : bool
        Leave out what no gradient reaches: units that are not live, and their connections.

    Returns
    -------
    inputs, firsts, sources, biases, parameters : int64
        See `train_lists`; `parameters` (q,) are the places of the connections and then of the biases among all p.
    """
    layers = len(widths) - 1
    first_unit = np.zeros(layers + 2, dtype=np.int64)  # of every layer of units, inputs included
    first_parameter = np.zeros(layers + 1, dtype=np.int64)
    extra = 1 if bias else 0
    for layer in range(layers + 1):
        first_unit[layer + 1] = first_unit[layer] + widths[layer]
    for layer in range(layers):
        first_parameter[layer + 1] = first_parameter[layer] + widths[layer + 1] * (widths[layer] + extra)
    live = np.ones(first_unit[layers + 1], dtype=np.bool_)
    if live_only:
        reached, needed = np.zeros(len(live), dtype=np.bool_), np.zeros(len(live), dtype=np.bool_)
        reached[: widths[0]] = True
        for layer in range(layers):
            row, below, above = widths[layer] + extra, first_unit[layer], first_unit[layer + 1]
            for o in range(widths[layer + 1]):
                k = first_parameter[layer] + o * row
                found = bias and mask[k + row - 1]
                for i in range(widths[layer]):
                    found = found or (mask[k + i] and reached[below + i])
                reached[above + o] = found
        needed[first_unit[layers] :] = True
        for layer in range(layers - 1, -1, -1):
            row, below, above = widths[layer] + extra, first_unit[layer], first_unit[layer + 1]
            for o in range(widths[layer + 1]):
                if needed[above + o]:
                    k = first_parameter[layer] + o * row
                    for i in range(widths[layer]):
                        needed[below + i] = needed[below + i] or mask[k + i]
        live = reached & needed
    live[first_unit[layers] :] = True
    for i in range(widths[0]):  # an input is used if a connection of a live unit comes from it
        used = False
        for o in range(widths[1]):
            used = used or (live[widths[0] + o] and mask[o * (widths[0] + extra) + i])
        live[i] = live[i] and used

    rows = np.cumsum(live) - 1  # of activations
    inputs = np.flatnonzero(live[: widths[0]])
    units = int(live[widths[0] :].sum())
    firsts, biases = np.zeros(units + 1, dtype=np.int64), np.full(units, -1, dtype=np.int64)
    sources, places = np.empty(len(mask), dtype=np.int64), np.empty(len(mask), dtype=np.int64)
    count, unit = 0, 0
    for layer in range(layers):
        row, below, above = widths[layer] + extra, first_unit[layer], first_unit[layer + 1]
        for o in range(widths[layer + 1]):
            if live[above + o]:
                k = first_parameter[layer] + o * row
                for i in range(widths[layer]):
                    if mask[k + i] and live[below + i]:
                        sources[count], places[count] = rows[below + i], k + i
                        count += 1
                unit += 1
                firsts[unit] = count
    connections, unit = count, 0
    for layer in range(layers):
        row = widths[layer] + extra
        for o in range(widths[layer + 1]):
            if live[first_unit[layer + 1] + o]:
                k = first_parameter[layer] + o * row + row - 1
                if bias and mask[k]:
                    biases[unit], places[count] = count, k
                    count += 1
                unit += 1
    return inputs, firsts, sources[:connections].copy(), biases, places[:count].copy()
