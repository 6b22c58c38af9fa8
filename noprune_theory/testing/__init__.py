"""Hypothesis strategies that satisfy the theorems' hypotheses by construction (needs the `test` extra).

What they draw is what goes wrong: singular and badly scaled designs, ties, one sample, one column, loss levels at the
edge of what can be reached, networks with units that pruning has cut off.

Examples
--------
>>> from hypothesis import given
>>> from noprune_theory.testing import joint_distributions
>>> @given(joint_distributions())
... def test_information_is_nonnegative(joint):
...     assert joint.sum() > 0.99
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
