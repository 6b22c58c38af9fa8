"""Obligations as Rocq goals: binders, premises, conclusion, and that every part has a value.

An obligation gives a goal that says the same, and a second one, where anything in it is partial, that says that
everything in it is defined: what each part may be derived from is the same as for our own provers (`definedness`).
Both have to be accepted. A limit is defined if the function is, near the limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanFunction

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers.definedness import conditions
from noprune_theory.verifier.rocq.translate import Translator, UntranslatableError

__all__ = ["Goal", "definedness_goal", "domains", "goal", "is_limit", "obligation_digest"]

# The strongest of these that is known of a symbol becomes a premise.
_SIGNS = {
    "zero": "{0} = 0",
    "positive": "0 < {0}",
    "negative": "{0} < 0",
    "nonnegative": "0 <= {0}",
    "nonpositive": "{0} <= 0",
    "nonzero": "{0} <> 0",
}
_ASSUMPTIONS = {
    *_SIGNS,
    *("real", "extended_real", "complex", "finite", "infinite", "commutative", "hermitian", "integer"),
    *("extended_positive", "extended_nonnegative", "extended_negative", "extended_nonpositive", "extended_nonzero"),
}


@dataclass(frozen=True)
class Goal:
    """A closed Rocq proposition in its parts.

    Attributes
    ----------
    binders
        ``(x : R)`` and the like, in order.
    premises, conclusion
        Rocq propositions.
    """

    binders: tuple[str, ...]
    premises: tuple[str, ...]
    conclusion: str

    @property
    def text(self) -> str:
        """The proposition, without a full stop."""
        quantified = f"forall {' '.join(self.binders)},\n  " if self.binders else ""
        return quantified + "".join(f"({premise}) ->\n  " for premise in self.premises) + self.conclusion

    @property
    def negation(self) -> str:
        """The proposition that this one is false."""
        return f"~ ({self.text})"


def obligation_digest(obligation: Obligation) -> str:
    """Return 32 hexadecimal digits that change with the hypotheses or the conclusion; the name does not count."""
    return obligation.digest


def is_limit(obligation: Obligation) -> bool:
    """Whether the conclusion is the value of a limit."""
    conclusion = obligation.conclusion
    return isinstance(conclusion, sp.Equality) and isinstance(conclusion.lhs, sp.Limit)


def goal(obligation: Obligation, translator: Translator) -> Goal:
    """Return the goal that says what an obligation says.

    Raises
    ------
    UntranslatableError
        If a part has no counterpart in Rocq.
    """
    everything = (*obligation.hypotheses, obligation.conclusion)
    bound = {limit.args[1] for e in everything for limit in e.atoms(sp.Limit)}
    if any(bound & hypothesis.free_symbols for hypothesis in obligation.hypotheses):
        raise UntranslatableError(f"a hypothesis about the variable of a limit: {obligation.hypotheses}")
    free = [s for s in obligation.variables if s not in bound]
    propositions = {s for e in everything for s in _propositional(e)}
    functions = sorted({f.func for e in everything for f in e.atoms(AppliedUndef)}, key=str)
    binders = [f"({translator.name(f)} : R -> R)" for f in functions]
    binders += [f"({translator.name(s)} : {'Prop' if s in propositions else 'R'})" for s in free]
    premises = list(domains((s for s in free if s not in propositions), translator))
    premises += [f"forall x : R, ex_derive {translator.name(f)} x" for f in _differentiated(everything)]
    premises += [translator.proposition(h) for h in obligation.hypotheses]
    return Goal(tuple(binders), tuple(premises), translator.proposition(obligation.conclusion))


def _propositional(expression: sp.Basic) -> Iterator[sp.Symbol]:
    """Yield the symbols that stand where a proposition stands."""
    if expression.is_Symbol:
        yield expression
    elif isinstance(expression, BooleanFunction):
        for part in expression.args:
            yield from _propositional(part)


def _differentiated(expressions: Iterable[sp.Basic]) -> list[type]:
    """Return the unknown functions under a derivative, which are taken to be smooth."""
    derivatives = {d for e in expressions for d in e.atoms(sp.Derivative)}
    return sorted({f.func for d in derivatives for f in d.atoms(AppliedUndef)}, key=str)


def domains(symbols: Iterable[sp.Symbol], translator: Translator) -> Iterator[str]:
    """Yield what the symbols are assumed to be, as propositions.

    Raises
    ------
    UntranslatableError
        If a symbol has an assumption other than its sign and that it is real or an integer.
    """
    for symbol in symbols:
        given: dict[str, bool] = symbol.__getnewargs_ex__()[1]
        unknown = sorted(set(given) - _ASSUMPTIONS)
        if unknown or symbol.is_real is False:
            raise UntranslatableError(f"{symbol} is assumed {', '.join(unknown) or 'not real'}")
        name = translator.name(symbol)
        if symbol.is_integer:
            yield f"exists z : Z, {name} = IZR z"
        elif symbol.is_integer is False:
            raise UntranslatableError(f"{symbol} is assumed not to be an integer")
        sign = next((s for s in _SIGNS if getattr(symbol, f"is_{s}")), None)
        if sign is not None:
            yield _SIGNS[sign].format(name)


def definedness_goal(obligation: Obligation, translator: Translator) -> Goal | None:
    """Return the goal that everything in an obligation has a value, or None where that is plain from its structure.

    Raises
    ------
    UntranslatableError
        If a part never has a value, or a condition has no counterpart in Rocq.
    """
    if is_limit(obligation):
        return _near_the_limit(obligation, translator)
    needed = [*_conditions(obligation), *_positive_bases(obligation, translator)]
    parts = [_under(given, translator.proposition(c), translator) for c, given in needed]
    parts += [_under(obligation.hypotheses, d, translator) for d in _derivatives(obligation, translator)]
    if not parts:
        return None
    stated = goal(obligation, translator)
    own = len(stated.premises) - len(obligation.hypotheses)
    return Goal(stated.binders, stated.premises[:own], _conjunction(parts))


def _conditions(obligation: Obligation) -> list[tuple[sp.Basic, tuple[sp.Basic, ...]]]:
    found = list(dict.fromkeys(conditions(obligation)))
    for condition, _ in found:
        if condition == sp.false:
            raise UntranslatableError(f"a part never has a value that the rules know: {obligation.conclusion}")
    return [(c, given) for c, given in found if c != sp.true]


def _positive_bases(obligation: Obligation, translator: Translator) -> list[tuple[sp.Basic, tuple[sp.Basic, ...]]]:
    """Return what `Rpower` needs beyond our own definedness: our powers of zero to a positive exponent are zero."""
    return [
        (sp.Gt(base, 0, evaluate=False), tuple(h for h in obligation.hypotheses if not _has_power(h, base)))
        for base in translator.positive_bases
        if not base.is_positive
    ]


def _has_power(expression: sp.Basic, base: sp.Expr) -> bool:
    return any(power.base == base for power in expression.atoms(sp.Pow))


def _derivatives(obligation: Obligation, translator: Translator) -> list[str]:
    """Return that the derivatives in an obligation exist; unknown functions are differentiable by a premise."""
    everything = (*obligation.hypotheses, obligation.conclusion)
    found = sorted({d for e in everything for d in e.atoms(sp.Derivative)}, key=str)
    texts = []
    for derivative in found:
        symbol = derivative.variables[0]
        variable = translator.name(symbol)
        functions = [derivative.expr, sp.Derivative(derivative.expr, symbol)][: len(derivative.variables)]
        texts += [f"ex_derive (fun {variable} : R => {translator.term(f)}) {variable}" for f in functions]
    return texts


def _under(given: Iterable[sp.Basic], proposition: str, translator: Translator) -> str:
    return "".join(f"({translator.proposition(g)}) -> " for g in given) + proposition


def _conjunction(parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return unique[0] if len(unique) == 1 else "\n  /\\ ".join(f"({part})" for part in unique)


def _near_the_limit(obligation: Obligation, translator: Translator) -> Goal | None:
    """Return that the function of a limit has a value near the limit, and the limit itself one."""
    limit, value = obligation.conclusion.args
    function, variable, end, _ = limit.args
    # What the variable is declared as need not be known near the limit: it has to follow.
    moving = sp.Dummy(str(variable), real=True)
    fixed = [e for e in (end, value) if e not in (sp.oo, -sp.oo)]
    outside = replace(obligation, conclusion=sp.Eq(sp.Add(*fixed, evaluate=False), 0, evaluate=False))
    inside = replace(obligation, conclusion=sp.Eq(function.xreplace({variable: moving}), 0, evaluate=False))
    parts = [_under(given, translator.proposition(c), translator) for c, given in _conditions(outside)]
    near = [translator.proposition(c) for c, _ in _conditions(inside) if moving in c.free_symbols]
    parts += [
        _under(given, translator.proposition(c), translator)
        for c, given in _conditions(inside)
        if moving not in c.free_symbols
    ]
    if near:
        parts.append(f"{translator.approach(limit)} (fun {translator.name(moving)} : R => {_conjunction(near)})")
    if not parts:
        return None
    stated = goal(obligation, translator)
    return Goal(stated.binders, stated.premises, _conjunction(parts))
