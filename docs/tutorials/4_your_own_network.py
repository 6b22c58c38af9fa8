"""
Your own pruned network
=======================

From the arrays that PyTorch saves to the masks, their bits, p_eff, and a certified Lipschitz bracket. The command line
does the same: ``noprune-theory inspect FILE``.
"""

# %%
# `torch.nn.utils.prune` keeps two entries for a pruned parameter, ``NAME_orig`` and ``NAME_mask``. A mapping of arrays
# with these names is a state dict as good as any; with the extra ``torch``, `networks.load("model.pt")` reads the file.
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from noprune_theory import covariates, networks, tasks

rng = np.random.default_rng(0)
widths = (4, 24, 16, 1)
state = {}
for layer, (inputs, outputs) in enumerate(pairwise(widths)):
    weight = rng.standard_normal((outputs, inputs)) / np.sqrt(inputs)
    state[f"{2 * layer}.weight_orig"] = weight
    state[f"{2 * layer}.weight_mask"] = (np.abs(weight) > np.quantile(np.abs(weight), 0.6)).astype(float)
    state[f"{2 * layer}.bias"] = 0.1 * rng.standard_normal(outputs)
model = networks.from_state_dict(state, activation="relu")
print(model.widths, int(model.mask.sum()), "weights kept")

# %%
# The report: what the masks can carry, dead units, the bracket and how it was found, and, with data, what the law of
# robustness says and what would have to change for it to say more.
data = tasks.random_signs(covariates.Gaussian(4), rng, 200)
report = networks.report(
    model,
    {"X": data.X, "y": data.y, "z": data.z, "sigma2": data.sigma2},
    inputs=covariates.Gaussian(4),
    max_seconds=10.0,
    rng=np.random.default_rng(1),
)
print("\n".join(networks.report_lines(report)))

# %%
# The mask layer by layer: a white row is a unit that nothing enters.
figure, axes = plt.subplots(1, len(model.widths) - 1)
networks.plot_masks(axes, model)
