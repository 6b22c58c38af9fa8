"""Provers: each decides one kind of obligation and says how.

- `Identity`: a normal form in exact arithmetic, for equations.
- `LimitValue`: leading terms whose orders the hypotheses settle, for limits; compared with balls.
- `Monotone`: sign of a derivative from one end of a range, recursively.
- `Refutation`: z3 refutes the negation, for polynomial and rational (in)equalities and Boolean structure.
- `Balls`: python-flint encloses a transcendental inequality over a stated box by subdivision.
- `Events`: probabilities over the atoms of a finite event algebra, by z3.
- `Shannon`: entropies over subsets of variables (the elemental inequalities), by z3.

sympy holds the expressions and proposes simpler forms; what it says about signs, zeros and limits is not taken for an
answer. Signs come from the declared assumptions of symbols by structural rules, from balls and from z3 (`knowledge`).

Nothing is proved of an expression without a value: `definedness` lists what every quotient, root, power and logarithm
needs, and it has to follow from the hypotheses. Ball arithmetic needs it only at the ends of domains, as an undefined
value has no ball.
"""

from noprune_theory.verifier.provers.algebra import Identity, LimitValue, Monotone, limit_value
from noprune_theory.verifier.provers.balls import Balls, enclose
from noprune_theory.verifier.provers.events import Events
from noprune_theory.verifier.provers.knowledge import number_sign
from noprune_theory.verifier.provers.machines import working_precision
from noprune_theory.verifier.provers.refutation import Refutation
from noprune_theory.verifier.provers.shannon import Shannon

__all__ = [
    "Balls",
    "Events",
    "Identity",
    "LimitValue",
    "Monotone",
    "Refutation",
    "Shannon",
    "enclose",
    "limit_value",
    "number_sign",
    "working_precision",
]
