"""Provers: each decides one kind of obligation and says how.

- `Identity`, `LimitValue`: sympy, for equations and limits.
- `Monotone`: sign of a derivative from one end of a range, recursively.
- `Refutation`: z3 refutes the negation, for polynomial and rational (in)equalities and Boolean structure.
- `Balls`: python-flint encloses a transcendental inequality over a stated box by subdivision.
- `Events`: probabilities over the atoms of a finite event algebra, by z3.
- `Shannon`: entropies over subsets of variables (the elemental inequalities), by z3.
"""

from verification.provers.algebra import Identity, LimitValue, Monotone
from verification.provers.balls import Balls, enclose
from verification.provers.events import Events
from verification.provers.refutation import Refutation
from verification.provers.shannon import Shannon

__all__ = ["Balls", "Events", "Identity", "LimitValue", "Monotone", "Refutation", "Shannon", "enclose"]
