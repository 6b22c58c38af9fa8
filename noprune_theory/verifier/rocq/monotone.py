"""Scripts that follow the prover `Monotone`: the value at one end, and the sign of the derivative, level by level."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Monotone
from noprune_theory.verifier.rocq.goals import domains
from noprune_theory.verifier.rocq.hints import square_hints
from noprune_theory.verifier.rocq.translate import Translator

__all__ = ["monotone_scripts"]


@dataclass(frozen=True)
class _Level:
    """One application of the mean value theorem: `function >= 0` from its value at an end and its slope."""

    function: sp.Expr
    slope: sp.Expr
    prover: Monotone
    strict: bool
    strict_slope: bool


def _simplified(slope: sp.Expr) -> sp.Expr:
    return sp.expand_log(sp.simplify(slope))


def _unchanged(slope: sp.Expr) -> sp.Expr:
    return slope


_SIMPLIFICATIONS: tuple[Callable[[sp.Expr], sp.Expr], ...] = (_simplified, sp.together, _unchanged)


def monotone_scripts(obligation: Obligation, translator: Translator) -> Iterator[str]:
    """Yield the script along the structure of the prover, for slopes as simplified and as they are."""
    assert isinstance(obligation.prover, Monotone)
    if obligation.prover.end in (sp.oo, -sp.oo):
        return
    yield from dict.fromkeys(_script(obligation, translator, simplify) for simplify in _SIMPLIFICATIONS)


def _levels(
    obligation: Obligation, side: str, simplify: Callable[[sp.Expr], sp.Expr]
) -> tuple[list[_Level], sp.Expr, bool, object]:
    """Return the levels, and what remains for the last prover."""
    relation = obligation.conclusion
    function = relation.gts - relation.lts
    strict = isinstance(relation, sp.StrictLessThan | sp.StrictGreaterThan)
    levels = []
    prover = obligation.prover
    while isinstance(prover, Monotone):
        slope = simplify(function.diff(prover.variable))
        start = function.subs(prover.variable, prover.end)
        strict_slope = strict and not start.is_positive
        levels.append(_Level(function, slope, prover, strict, strict_slope))
        function, strict, prover = (slope if side == "+" else -slope), strict_slope, prover.then
    return levels, function, strict, prover


def _side(obligation: Obligation) -> str:
    """Return "+" if the range lies above the end, "-" if below."""
    prover = obligation.prover
    assert isinstance(prover, Monotone)
    above = any(
        h.gts == prover.variable and h.lts == prover.end for h in obligation.hypotheses if isinstance(h, sp.Rel)
    )
    return "+" if above or (prover.end == 0 and prover.variable.is_nonnegative) else "-"


def _script(obligation: Obligation, translator: Translator, simplify: Callable[[sp.Expr], sp.Expr]) -> str:
    assert isinstance(obligation.prover, Monotone)
    variable, side = obligation.prover.variable, _side(obligation)
    name = translator.name(variable)
    levels, last, last_strict, prover = _levels(obligation, side, simplify)
    inner = f"{name}_t"  # the variable that the levels are quantified over
    translator.rename(variable, inner)
    try:
        hypotheses = [h for h in obligation.hypotheses if variable in h.free_symbols]
        ranges = [*domains([variable], translator), *map(translator.proposition, hypotheses)]
        bounded = "".join(f"{r} -> " for r in ranges)
        lines = ["intros. split_hypotheses."]
        sign = "<" if last_strict else "<="
        lines.append(f"assert (L{len(levels)} : forall {inner} : R, {bounded}0 {sign} {translator.term(last)}).")
        functions = [e for level in levels for e in (level.function, level.slope)]
        squares = square_hints(functions, variable, translator)
        lines.append(f"{{ intros {inner}; intros. {squares}{_last_step(last, prover, inner, translator)} }}")
        translator.rename(variable, f"{inner}_u")
        squares = square_hints(functions, variable, translator)
        translator.rename(variable, inner)
        for position in reversed(range(len(levels))):
            lines += _level(levels[position], position, side, inner, bounded, squares, translator)
    finally:
        translator.rename(variable, name)
    lines.append(f"use_level L0 {name}.")
    return "\n".join(lines)


def _last_step(function: sp.Expr, prover: object, inner: str, translator: Translator) -> str:
    if isinstance(prover, Balls):
        return f"slope_by_balls {inner}."
    factored = translator.term(sp.factor(function))
    return (
        f"first [ solve [slope_by_signs {inner}] "
        f"| replace {translator.term(function)} with {factored} by (pose_positive; field; nonzero); "
        f"slope_by_signs {inner} ]."
    )


def _level(
    level: _Level, position: int, side: str, inner: str, bounded: str, squares: str, translator: Translator
) -> list[str]:
    function, end = translator.term(level.function), translator.term(level.prover.end)
    lemma = ("rises" if side == "+" else "falls") + ("_strictly" if level.strict_slope else "")
    chain = "Rle_lt_trans" if level.strict_slope else "Rlt_le_trans" if level.strict else "Rle_trans"
    at_end = "end_by_balls" if isinstance(level.prover.base, Balls) else "end_by_signs"
    ends = f"{end} {inner}" if side == "+" else f"{inner} {end}"
    slope = f"(fun {inner} : R => {translator.term(level.slope)})"
    return [
        f"assert (L{position} : forall {inner} : R, {bounded}0 {'<' if level.strict else '<='} {function}).",
        f"{{ intros {inner}; intros.",
        f"  apply {chain} with ((fun {inner} : R => {function}) {end}); [ cbv beta; {at_end} | ].",
        f"  apply ({lemma} (fun {inner} : R => {function}) {slope} {ends}); [ | in_range | ].",
        f"  - intros {inner}_u ?. {squares}cbv beta. differentiate.",
        f"  - intros {inner}_u ?. cbv beta. slope_from L{position + 1} {inner}_u. }}",
    ]
