"""Check a theorem by machine: claim, derivation, exact models, simulations, planted faults.

A `Statement` carries what is claimed and how it is to be checked; `evaluate` answers and computes the verdict from the
answers; a `Paper` lists statements. The provers are those of `noprune_theory.verifier.provers` (extra `verify`). No
paper is known here: those of this project are in the checkout's `verification` folder, and yours can be anywhere
(`noprune-theory new-statement NAME` writes a file to start from).
"""

import lazy_loader as _lazy

# The public names are the explicit list in __init__.pyi, which type checkers read too.
__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
