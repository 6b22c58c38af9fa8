"""SynFlow in plain float64, where nothing leaves its range, against numbers with exponents of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noprune_theory.models import MLP
from noprune_theory.pruning import prune_synflow, synflow


def both(monkeypatch, network, **options):
    """Prune as it is done, and with exponents whatever the range."""
    plain = prune_synflow(network, **options)
    with monkeypatch.context() as patch:
        patch.setattr(synflow, "_in_plain_range", lambda network: False)
        return plain, prune_synflow(network, **options)


@settings(max_examples=60, deadline=None)
@given(
    widths=st.lists(st.integers(1, 7), min_size=2, max_size=5),
    biases=st.booleans(),
    compat=st.sampled_from(["exact", "threshold"]),
    rounds=st.sampled_from([1, 2, 7, 100]),
    share=st.floats(0, 1),
    scale=st.sampled_from([1.0, 1e-60, 1e40, "ties", "zeros"]),
    seed=st.integers(0, 10**6),
)
def test_the_same_masks_and_scores(widths, biases, compat, rounds, share, scale, seed):
    rng = np.random.default_rng(seed)
    network = MLP.draw(rng, widths, biases=biases)
    weights = network.weights
    if scale == "ties":
        weights = np.round(2 * weights) / 2
    elif scale == "zeros":
        weights = np.where(rng.random(weights.size) < 0.4, 0.0, weights)
    else:
        weights = scale * weights
    network = network.with_weights(weights).masked((rng.random(weights.size) < 0.8) | ~network.prunable)
    keep = int(share * (network.prunable & network.mask).sum())
    with pytest.MonkeyPatch.context() as monkeypatch:
        plain, wide = both(monkeypatch, network, keep=keep, compat=compat, rounds=rounds)
    np.testing.assert_array_equal(plain.mask, wide.mask)
    np.testing.assert_array_equal(plain.scores, wide.scores)
    assert plain.scores_exponent == wide.scores_exponent


def test_weights_whose_products_leave_the_range_are_not_taken_plainly():
    network = MLP.draw(np.random.default_rng(0), (4, 5, 5, 1))
    assert synflow._in_plain_range(network)
    for scale in (1e-110, 1e110):
        assert not synflow._in_plain_range(network.with_weights(scale * network.weights))
