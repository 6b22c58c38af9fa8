"""Which hypotheses are needed: each is dropped in turn.

What is left is proved, so that the hypothesis is not needed; or it is certainly violated at a point, so that it is; or
neither is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import sympy as sp

from noprune_theory.verifier.evaluation.answers import HypothesisAnswer, Need
from noprune_theory.verifier.evaluation.checks import counterexample_answer, exact_answer
from noprune_theory.verifier.obligations import Certificate, Obligation, Status, settle
from noprune_theory.verifier.statement import Claim, Counterexample, Profile, Step, Without
from noprune_theory.verifier.typeset import presentation

__all__ = ["claim_needs", "needs", "own_obligation"]

# What is left without a hypothesis is mostly wrong or beyond its prover: it gets less time than an obligation.
_SECONDS = 5.0

# Of what a sign assumption says, the strongest that holds.
_SIGN_ASSUMPTIONS = (("positive", sp.Gt), ("negative", sp.Lt), ("nonnegative", sp.Ge), ("nonpositive", sp.Le))


def needs(obligation: Obligation, profile: Profile) -> tuple[HypothesisAnswer, ...]:
    """Return an answer for each hypothesis of an obligation, its symbols' signs included.

    Instances of earlier obligations are no hypotheses: they are proved.
    """
    answers = [
        _answer(hypothesis, weaker, profile)
        for hypothesis, weaker in (*_without_hypotheses(obligation), *_without_signs(obligation))
    ]
    return tuple(answers)


def own_obligation(claim: Claim, derivation: Iterable[Step]) -> Obligation | None:
    """Return the claim as an obligation: for its own prover, or that of a step which concludes the same."""
    prover = claim.prover
    if prover is None:
        said = (o for s in derivation for o in s.obligations if o.conclusion == claim.conclusion)
        found = next((o for o in said if set(o.hypotheses) <= set(claim.hypotheses)), None)
        if found is None:
            return None
        prover = found.prover
    return Obligation("the claim", claim.conclusion, prover, claim.hypotheses)


def claim_needs(
    claim: Claim, own: Obligation | None, derivation: Iterable[Step], profile: Profile
) -> tuple[HypothesisAnswer, ...]:
    """Return an answer for each hypothesis of a claim: the author's checks first, then the claim as an obligation.

    Of a claim that is none, an obligation of the derivation which needs the hypothesis is named: that says nothing
    about other derivations.
    """
    answers = [_by_author(without, profile) for without in claim.without]
    done = {without.hypothesis for without in claim.without}
    if own is not None:
        weaker = (*_without_hypotheses(own), *_without_signs(own))
        return (
            *answers,
            *(_answer(hypothesis, rest, profile) for hypothesis, rest in weaker if hypothesis not in done),
        )
    answers += [_in_derivation(h, derivation, profile) for h in claim.hypotheses if h not in done]
    return tuple(answers)


def _shown(hypothesis: str | sp.Basic, need: Need, detail: str) -> HypothesisAnswer:
    if isinstance(hypothesis, str):
        return HypothesisAnswer(hypothesis, "", need, detail)
    return HypothesisAnswer(str(hypothesis), presentation(hypothesis), need, detail)


def _answer(hypothesis: sp.Basic, weaker: Obligation, profile: Profile) -> HypothesisAnswer:
    """Answer for what is left without a hypothesis."""
    from noprune_theory.verifier.provers.balls import find_violation  # provers need the extra `verify`

    point = find_violation(weaker)
    if point is not None:
        return _shown(hypothesis, Need.NEEDED, f"violated at {point}")
    try:
        found = settle(weaker, min(_SECONDS, profile.seconds))
    except Exception as error:
        # Without a hypothesis an obligation may be one that its prover was not made for.
        return _shown(hypothesis, Need.OPEN, f"its prover fails: {type(error).__name__}: {error}")
    return _by_certificate(hypothesis, found)


def _by_certificate(hypothesis: str | sp.Basic, found: Certificate) -> HypothesisAnswer:
    need = {Status.PROVED: Need.SPARE, Status.REFUTED: Need.NEEDED, Status.OPEN: Need.OPEN}[found.status]
    return _shown(hypothesis, need, f"{found.outcome}: {found.detail}" if need is Need.OPEN else found.detail)


def _by_author(without: Without, profile: Profile) -> HypothesisAnswer:
    """Run the check that an author gives for a hypothesis."""
    check = without.check
    if isinstance(check, Obligation):
        return _by_certificate(without.hypothesis, settle(check, profile.seconds))
    if isinstance(check, Counterexample):
        violates, detail = counterexample_answer(check).violates, check.name
    else:
        found = exact_answer(check, profile)
        violates = found.models > 0 and found.violations > 0
        detail = f"{check.name}: {found.violations:,} of {found.models:,} models violate it"
    return _shown(without.hypothesis, Need.NEEDED if violates else Need.OPEN, detail)


def _in_derivation(hypothesis: sp.Basic, derivation: Iterable[Step], profile: Profile) -> HypothesisAnswer:
    """Say where a derivation needs a hypothesis of a claim that no prover reads; a thorough run finds out."""
    users = [o for s in derivation for o in s.obligations if hypothesis in o.hypotheses]
    if not profile.every_hypothesis and users:
        return _shown(hypothesis, Need.OPEN, f"no prover reads the claim; {len(users)} obligations use it")
    for user in users:
        rest = tuple(h for h in user.hypotheses if h != hypothesis)
        found = _answer(hypothesis, replace(user, hypotheses=rest), profile)
        if found.need is Need.NEEDED:
            return _shown(hypothesis, Need.OPEN, f"the derivation needs it: '{user.name}' is {found.detail} without it")
    used = "no obligation is known to fail without it" if users else "no obligation has it as a hypothesis"
    return _shown(hypothesis, Need.OPEN, f"no prover reads the claim; {used}")


def _without_hypotheses(obligation: Obligation) -> Iterator[tuple[sp.Basic, Obligation]]:
    for position, hypothesis in enumerate(obligation.hypotheses):
        if hypothesis not in obligation.lemmas:
            rest = obligation.hypotheses[:position] + obligation.hypotheses[position + 1 :]
            yield hypothesis, replace(obligation, hypotheses=rest)


def _without_signs(obligation: Obligation) -> Iterator[tuple[sp.Basic, Obligation]]:
    """Drop the sign that a symbol was declared with; the lemmas keep theirs."""
    for symbol in obligation.variables:
        relation = next((kind for name, kind in _SIGN_ASSUMPTIONS if getattr(symbol, f"is_{name}")), None)
        if relation is None:
            continue
        whole = {"integer": True} if symbol.is_integer else {"real": True}
        free = sp.Symbol(symbol.name, **whole)
        renamed = {symbol: free}
        sign = relation(free, 0)

        def weakened(hypothesis: sp.Basic, renamed: Mapping[Any, Any] = renamed, sign: sp.Basic = sign) -> sp.Basic:
            moved = hypothesis.xreplace(renamed)
            return sp.Implies(sign, moved) if hypothesis in obligation.lemmas else moved

        yield (
            relation(symbol, 0, evaluate=False),
            replace(
                obligation,
                conclusion=obligation.conclusion.xreplace(renamed),
                hypotheses=tuple(weakened(h) for h in obligation.hypotheses),
                prover=_renamed(obligation.prover, renamed),
                lemmas=tuple(weakened(h) for h in obligation.lemmas),
            ),
        )


def _renamed(prover: Any, symbols: Mapping[Any, Any]) -> Any:
    """Return a prover with other symbols in what it was made with."""
    if not is_dataclass(prover) or isinstance(prover, type):
        return prover
    changed: dict[str, Any] = {}
    for item in fields(prover):
        value = getattr(prover, item.name)
        if isinstance(value, sp.Basic):
            changed[item.name] = value.xreplace(symbols)
        elif is_dataclass(value) and hasattr(value, "prove"):
            changed[item.name] = _renamed(value, symbols)
    return replace(prover, **changed) if changed else prover
