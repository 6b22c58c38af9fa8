"""The connections of a masked network that training lists, against a walk along every path."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.solvers.training.kernels.connections import list_connections


def listed(mask, widths, biases, live_only):
    """Return, of every unit that is kept, its (layer, number), its sources, its parameters and that of its bias."""
    kept, places = {}, itertools.count()
    for layer, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        for o in range(outputs):
            for i in [*range(inputs), *(["bias"] if biases else [])]:
                place = next(places)
                if mask[place]:
                    kept[(layer, i), (layer + 1, o)] = place

    def fed(unit):
        return unit[0] == 0 or any(i == "bias" or fed((j, i)) for (j, i), to in kept if to == unit)

    def leads_out(unit):
        return unit[0] == len(widths) - 1 or any(leads_out(to) for source, to in kept if source == unit)

    last = len(widths) - 1
    units = [(layer, o) for layer in range(1, last + 1) for o in range(widths[layer])]
    live = [unit for unit in units if unit[0] == last or not live_only or (fed(unit) and leads_out(unit))]
    used = [(0, i) for i in range(widths[0]) if any(((0, i), unit) in kept for unit in live)]
    rows = {unit: row for row, unit in enumerate([*used, *live])}
    sources = {unit: [source for source in rows if (source, unit) in kept] for unit in live}
    connections = [(rows[source], kept[source, unit]) for unit in live for source in sources[unit]]
    with_bias = [unit for unit in live if ((unit[0] - 1, "bias"), unit) in kept]
    return (
        [i for _, i in used],
        np.cumsum([0, *(len(sources[unit]) for unit in live)]).tolist(),
        [row for row, _ in connections],
        [len(connections) + with_bias.index(unit) if unit in with_bias else -1 for unit in live],
        [place for _, place in connections] + [kept[(unit[0] - 1, "bias"), unit] for unit in with_bias],
    )


@settings(max_examples=150, deadline=None)
@given(
    widths=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    biases=st.booleans(),
    live_only=st.booleans(),
    share=st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]),
    seed=st.integers(0, 10**6),
)
def test_connections_are_those_on_paths_from_inputs_or_biases_to_outputs(widths, biases, live_only, share, seed):
    p = sum(outputs * (inputs + biases) for inputs, outputs in itertools.pairwise(widths))
    mask = np.random.default_rng(seed).random(p) < share
    found = list_connections(mask, np.array(widths), biases, live_only)
    assert [array.tolist() for array in found] == list(listed(mask, widths, biases, live_only))
    assert all(array.dtype == np.int64 for array in found)


@pytest.mark.parametrize("live_only", [True, False])
def test_a_unit_without_inputs_lives_by_its_bias(live_only):
    # 1 - 2 - 1: the first hidden unit has a bias only and leads on, the second is fed but leads nowhere.
    mask = np.array([False, True, True, False, True, False, False])
    inputs, firsts, sources, biases, parameters = (
        array.tolist() for array in list_connections(mask, np.array([1, 2, 1]), True, live_only)
    )
    if live_only:
        assert (inputs, firsts, sources, biases, parameters) == ([], [0, 0, 1], [0], [1, -1], [4, 1])
    else:
        assert (inputs, firsts, sources, biases) == ([0], [0, 0, 1, 2], [0, 1], [2, -1, -1])
        assert parameters == [2, 4, 1]
