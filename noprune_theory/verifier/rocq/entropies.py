"""Obligations about entropies: over the joint entropies, from the elemental inequalities of Shannon."""

from __future__ import annotations

from itertools import combinations

import sympy as sp

from noprune_theory.verifier.notation import Entropy, MutualInformation
from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.goals import Goal, domains
from noprune_theory.verifier.rocq.translate import Translator, UntranslatableError

__all__ = ["entropies_goal", "entropies_script"]

_TERMS = (Entropy, MutualInformation)


class _Entropies(Translator):
    """Entropies and informations as combinations of joint entropies, which are numbers."""

    def term(self, expression: sp.Expr) -> str:
        """Translate, expanding entropies into joint entropies."""
        if isinstance(expression, Entropy):
            x, *rest = (_variables(a) for a in expression.args)
            given = rest[0] if rest else frozenset()
            return f"({self.joint(x | given)} - {self.joint(given)})"
        if isinstance(expression, MutualInformation):
            x, y, *rest = (_variables(a) for a in expression.args)
            given = rest[0] if rest else frozenset()
            both = f"{self.joint(x | y | given)} - {self.joint(given)}"
            return f"({self.joint(x | given)} + {self.joint(y | given)} - {both})"
        return super().term(expression)

    def joint(self, variables: frozenset[sp.Symbol]) -> str:
        """Return the name of a joint entropy; that of no variables is zero."""
        return "h_" + "_".join(sorted(self.name(v)[2:] for v in variables)) if variables else "0"


def _variables(argument: sp.Basic) -> frozenset[sp.Symbol]:
    parts = argument.args if isinstance(argument, sp.Tuple) else (argument,)
    if not all(part.is_Symbol for part in parts):
        raise UntranslatableError(f"the entropy of a function of a variable has no counterpart: {argument}")
    return frozenset(parts)


def entropies_goal(obligation: Obligation) -> tuple[Goal, Translator]:
    """Return the goal for every point of the cone of the elemental inequalities, and its translator.

    Raises
    ------
    UntranslatableError
        If a part has no counterpart in Rocq.
    """
    translator = _Entropies()
    everything = (*obligation.hypotheses, obligation.conclusion)
    terms = {t for e in everything for t in e.atoms(*_TERMS)}
    variables = sorted({s for t in terms for s in t.free_symbols}, key=str)
    numbers = [s for s in obligation.variables if s not in variables]
    subsets = [frozenset(c) for k in range(1, len(variables) + 1) for c in combinations(variables, k)]
    binders = [f"({translator.joint(s)} : R)" for s in subsets] + [f"({translator.name(s)} : R)" for s in numbers]
    premises = [*domains(numbers, translator), *_elemental(variables, translator)]
    premises += [translator.proposition(h) for h in obligation.hypotheses]
    return Goal(tuple(binders), tuple(premises), translator.proposition(obligation.conclusion)), translator


def _elemental(variables: list[sp.Symbol], translator: _Entropies) -> list[str]:
    """Return the elemental inequalities between joint entropies."""
    h, full = translator.joint, frozenset(variables)
    texts = [f"0 <= {h(full)} - {h(full - {x})}" for x in variables]
    for x, y in combinations(variables, 2):
        others = [v for v in variables if v not in (x, y)]
        for size in range(len(others) + 1):
            for chosen in combinations(others, size):
                k = frozenset(chosen)
                texts.append(f"0 <= {h(k | {x})} + {h(k | {y})} - {h(k | {x, y})} - {h(k)}")
    return texts


def entropies_script() -> str:
    """Return a proof: the combination is found by linear arithmetic."""
    return "intros; repeat split; lra."
