"""Shannon-type inequalities, decided over the cone of the elemental inequalities.

A linear inequality between joint entropies of discrete variables that follows from the nonnegativity of conditional
mutual information is a consequence of finitely many elemental inequalities (Yeung 1997); z3 finds or excludes the
combination in exact arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp
import z3

from verification.notation import Entropy, MutualInformation
from verification.obligations import Certificate, Obligation, Status
from verification.provers.refutation import EFFORT, Translation, decide, where_defined

__all__ = ["Shannon"]


def _variables(argument: sp.Basic) -> frozenset[sp.Symbol]:
    """Return the variables of an argument, which is one of them or a tuple: h(f(X)) is not h(X)."""
    parts = argument.args if isinstance(argument, sp.Tuple) else (argument,)
    if not all(part.is_Symbol for part in parts):
        raise ValueError(f"entropy: the arguments are random variables or tuples of them, given {argument}")
    return frozenset(parts)


class _EntropyTranslation(Translation):
    """Replace entropies and informations by joint entropies `h(S)` with the elemental inequalities."""

    def __init__(self, variables: tuple[sp.Symbol, ...]) -> None:
        super().__init__()
        self.joint: dict[frozenset[sp.Symbol], Any] = {frozenset(): z3.RealVal(0)}
        for size in range(1, len(variables) + 1):
            for subset in combinations(variables, size):
                self.joint[frozenset(subset)] = z3.Real("h(" + ",".join(map(str, subset)) + ")")
        self.side_conditions += self._elemental(frozenset(variables))

    def _elemental(self, everything: frozenset[sp.Symbol]) -> list[Any]:
        h = self.joint
        found = [h[everything] - h[everything - {x}] >= 0 for x in everything]
        for x, y in combinations(sorted(everything, key=str), 2):
            rest = sorted(everything - {x, y}, key=str)
            for size in range(len(rest) + 1):
                for given in combinations(rest, size):
                    k = frozenset(given)
                    found.append(h[k | {x}] + h[k | {y}] - h[k | {x, y}] - h[k] >= 0)
        return found

    def real(self, expression: sp.Expr) -> Any:
        """Translate, expanding entropies into joint entropies."""
        if isinstance(expression, Entropy):
            x, *rest = (_variables(a) for a in expression.args)
            given = rest[0] if rest else frozenset()
            return self.joint[x | given] - self.joint[given]
        if isinstance(expression, MutualInformation):
            x, y, *rest = (_variables(a) for a in expression.args)
            given = rest[0] if rest else frozenset()
            return self.joint[x | given] + self.joint[y | given] - self.joint[x | y | given] - self.joint[given]
        return super().real(expression)


@dataclass(frozen=True)
class Shannon:
    """Prove a linear relation between entropies and mutual informations of discrete variables."""

    effort: int = EFFORT
    method: str = "Shannon inequalities, z3"

    def prove(self, obligation: Obligation) -> Certificate:
        """Decide over the polymatroid cone; a point of the cone outside the claim leaves the obligation open."""
        everything = (*obligation.hypotheses, obligation.conclusion)
        terms = {t for e in everything for t in e.atoms(Entropy, MutualInformation)}
        variables = tuple(sorted({s for t in terms for s in t.free_symbols}, key=str))
        if len({str(v) for v in variables}) < len(variables):
            raise ValueError(f"obligation: different random variables have the same name, given {variables}")
        translation = _EntropyTranslation(variables)
        hypotheses = [translation.boolean(h) for h in obligation.hypotheses]
        conclusion = translation.boolean(obligation.conclusion)
        certificate, model = decide(hypotheses + translation.side_conditions, conclusion, self.effort)
        if model is not None:
            return Certificate(Status.OPEN, "does not follow from Shannon's inequalities and the hypotheses")
        if certificate.status is Status.PROVED:
            detail = f"combination of the elemental inequalities of {len(variables)} variables; negation unsatisfiable"
            return where_defined(Certificate(Status.PROVED, detail), obligation, self.effort)
        return certificate
