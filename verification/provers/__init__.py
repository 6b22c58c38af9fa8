"""Provers: each decides one kind of obligation and says how.

- `Identity`, `LimitValue`: sympy, for equations and limits.
- `Monotone`: sign of a derivative from one end of a range, recursively.
- `Refutation`: z3 refutes the negation, for polynomial and rational (in)equalities and Boolean structure.
- `Balls`: python-flint encloses a transcendental inequality over a stated box by subdivision.
- `Events`: probabilities over the atoms of a finite event algebra, by z3.
- `Shannon`: entropies over subsets of variables (the elemental inequalities), by z3.

Nothing is proved of an expression without a value: `definedness` lists what every quotient, root, power and logarithm
needs, and it has to follow from the hypotheses. Ball arithmetic needs no such list, as an undefined value has no ball.
"""

from verification.provers.algebra import Identity, LimitValue, Monotone
from verification.provers.balls import Balls, enclose
from verification.provers.events import Events
from verification.provers.refutation import Refutation
from verification.provers.shannon import Shannon

__all__ = ["Balls", "Events", "Identity", "LimitValue", "Monotone", "Refutation", "Shannon", "enclose"]
