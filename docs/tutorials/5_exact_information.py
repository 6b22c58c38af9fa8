"""
Exact information in a toy, and why sampling misled
===================================================

How many bits does a mask know about its data? In the paper's toy there are few enough data sets that every one can be
enumerated, so the answer is exact; an estimate from a thousand sampled data sets is far below it.
"""

# %%
# A tanh network with three inputs on {-1, 1}^3, pruned by SNIP after looking at eight labelled points.
import numpy as np

from noprune_theory import information, models

network = models.MLP.draw(np.random.default_rng(0), (3, 4, 1), activation="tanh")
found = information.toy_information(network, "snip", sample_sizes=(100, 1000, 32000))
print(found)

# %%
# `information` is exact: a sum over all data sets. `plug_in[N]` is what the usual estimate from N sampled data sets
# would show on average, computed without sampling too. Results draw themselves, into axes of yours if you like.
axes = found.plot()
axes.set_title("SNIP in the toy")

# %%
# The remedy when enumeration is out of reach: estimators with intervals, and a guaranteed interval that holds for every
# distribution.
counts = np.random.default_rng(1).multinomial(1000, np.full(400, 1 / 400))
estimate = information.estimate_entropy(counts, unit="bits")
print(f"true {np.log2(400):.3f} bits; estimate {estimate.value:.3f} in [{estimate.lower:.3f}, {estimate.upper:.3f}]")
