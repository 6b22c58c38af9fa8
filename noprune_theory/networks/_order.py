"""In which order, and which way round, stored matrices chain to a network: answered only where it is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from noprune_theory._validation import check_instance
from noprune_theory.networks._layers import NetworkFormatError

_DIGITS = re.compile(r"\d+")
# Partial orders tried before the order counts as uncertain; shapes and numbers settle real files long before.
_MOST_STEPS = 100_000


@dataclass(frozen=True)
class Candidate:
    """A stored matrix: its name, its shape as stored, the length of its bias if it has one."""

    name: str
    shape: tuple[int, ...]
    bias_length: int | None

    def ends(self, layout: str) -> tuple[int, int] | None:
        """Return (inputs, outputs) in a layout; None where the bias says that it is not this one."""
        outputs, inputs = self.shape if layout == "outputs-first" else self.shape[::-1]
        return (inputs, outputs) if self.bias_length in (None, outputs) else None


def settle(
    candidates: Sequence[Candidate], layouts: Sequence[str], order: Sequence[str] | None
) -> tuple[list[str], str]:
    """Return the names from input to output, and the layout, if exactly one choice chains.

    Names that are equal up to their numbers count up; everything else is left to the shapes.
    """
    if order is not None:
        candidates = _in_given_order(candidates, order)
    found: list[tuple[list[str], str]] = []
    for layout in layouts:
        chains = _chains(candidates, layout, fixed=order is not None)
        found.extend((chain, layout) for chain, _ in zip(chains, range(2), strict=False))
    if len(found) == 1:
        return found[0]
    shapes = ", ".join(f"{candidate.name} {candidate.shape}" for candidate in candidates[:8])
    shapes += ", ..." if len(candidates) > 8 else ""
    if not found:
        raise NetworkFormatError(
            f"the matrices do not chain to one network in any order that their names allow: {shapes}"
        )
    if found[0][0] == found[1][0]:
        raise NetworkFormatError(
            f"the shapes fit both as (outputs, inputs) and as (inputs, outputs): {shapes}; "
            "give layout='outputs-first' or layout='inputs-first'"
        )
    raise NetworkFormatError(
        f"the order of the layers is not certain: {' -> '.join(found[0][0])} chains, {' -> '.join(found[1][0])} too; "
        "give order=[names from input to output]"
    )


def _in_given_order(candidates: Sequence[Candidate], order: Sequence[str]) -> list[Candidate]:
    check_instance("order", order, Sequence)
    by_name = {candidate.name: candidate for candidate in candidates}
    if not all(isinstance(name, str) for name in order) or sorted(order) != sorted(by_name):
        raise NetworkFormatError(f"order must name each of {', '.join(sorted(by_name))} once, got {list(order)}")
    return [by_name[name] for name in order]


def _families(candidates: Sequence[Candidate]) -> dict[str, list[tuple[tuple[int, ...], int]]]:
    """Return, for names alike up to their numbers, the (numbers, index) pairs in ascending order: 1.2 before 2.0."""
    families: dict[str, list[tuple[tuple[int, ...], int]]] = {}
    for index, candidate in enumerate(candidates):
        numbers = tuple(int(digits) for digits in _DIGITS.findall(candidate.name))
        if numbers:
            families.setdefault(_DIGITS.sub("#", candidate.name), []).append((numbers, index))
    return {name: sorted(members) for name, members in families.items()}


def _chains(candidates: Sequence[Candidate], layout: str, *, fixed: bool) -> Iterator[list[str]]:
    """Yield the orders in which all matrices chain, consistent with the numbers in their names (or as given)."""
    ends = [candidate.ends(layout) for candidate in candidates]
    if any(end is None for end in ends):
        return
    sizes = [end for end in ends if end is not None]
    before: dict[int, int] = {}
    if fixed:
        before = {index: index - 1 for index in range(1, len(candidates))}
    else:
        for members in _families(candidates).values():
            for (_, earlier), (_, later) in pairwise(members):
                before[later] = earlier
    steps = 0
    stack: list[tuple[int, ...]] = [()]
    while stack:
        path = stack.pop()
        steps += 1
        if steps > _MOST_STEPS:
            raise NetworkFormatError("the order of the layers is not certain: too many fit; give order=[names]")
        if len(path) == len(candidates):
            yield [candidates[index].name for index in path]
            continue
        for index in reversed(range(len(candidates))):
            if index in path or (index in before and before[index] not in path):
                continue
            if not path or sizes[path[-1]][1] == sizes[index][0]:
                stack.append((*path, index))
