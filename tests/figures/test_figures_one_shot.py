"""Masks of several sparsities from scores computed once are those of the methods called for each."""

import numpy as np
import pytest

from figures.one_shot import one_shot_masks
from noprune_theory.covariates import Gaussian
from noprune_theory.models import MLP
from noprune_theory.pruning import prune_grasp, prune_snip, prune_synflow
from noprune_theory.tasks import random_signs

METHODS = {"SNIP": prune_snip, "GraSP": prune_grasp, "SynFlow": prune_synflow}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("compat", ["exact", "threshold"])
def test_masks_of_all_sparsities(method, compat):
    kept = [60, 31, 8, 1, 0]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        network, data = MLP.draw(rng, (6, 8, 1)), random_signs(Gaussian(6), rng, 10)
        options = {} if method == "SynFlow" else {"loss": "binary_cross_entropy"}
        kept[0] = int(network.prunable.sum())
        masks = one_shot_masks(method, network, data, kept, "binary_cross_entropy", compat)
        for keep, mask in zip(kept, masks, strict=True):
            expected = METHODS[method](network, data, keep=keep, compat=compat, **options).mask
            np.testing.assert_array_equal(mask, expected)
