"""
Property-based tests of your bound
==================================

`noprune_theory.testing` draws data, masks and networks that satisfy the hypotheses of the theorems by construction, so
that a bound can be tested on thousands of cases that nobody thought of.
"""

# %%
# A candidate bound: the Lipschitz constant of a pruned ReLU network is at most the product of the spectral norms of its
# layers. Hypothesis looks for a counterexample among small pruned networks with dead, constant and copied units. With
# one hidden layer and one output the bracket enumerates the linear regions, so that both ends agree up to rounding.
import numpy as np
from hypothesis import given, settings

from noprune_theory import lipschitz
from noprune_theory.testing import pruned_networks


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(pruned_networks(max_hidden_layers=1, max_outputs=1, biases=False))
def product_of_norms_is_a_bound(network):
    weights, _ = network.to_layers()[:2]
    product = np.prod([np.linalg.norm(w, 2) for w in weights])
    assert lipschitz.bracket(network).lower <= product * (1 + 1e-9)


product_of_norms_is_a_bound()
print("no counterexample among 100 networks")

# %%
# And a bound that is wrong: the norm of the product of the matrices, which ignores that units switch. Hypothesis finds
# a network that breaks it, and shrinks it to a small one.


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(pruned_networks(max_hidden_layers=1, max_outputs=1, biases=False))
def norm_of_the_product_is_a_bound(network):
    weights, _ = network.to_layers()[:2]
    product = weights[0]
    for weight in weights[1:]:
        product = weight @ product
    assert lipschitz.bracket(network).lower <= np.linalg.norm(product, 2) * (1 + 1e-9), [w.tolist() for w in weights]


try:
    norm_of_the_product_is_a_bound()
except AssertionError as error:
    print("refuted by the weights", str(error).splitlines()[0])
