"""What the axioms mean that Rocq's theorems rest on."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["MEANINGS", "meanings"]

#: Name of an axiom of Rocq's standard library, or a pattern for many -> what it asserts.
MEANINGS = {
    r"ClassicalDedekindReals\.sig_forall_dec": "of a property of natural numbers that can be decided at each one, "
    "either a number is found at which it fails, or it holds at all; the real numbers are built with it",
    r"ClassicalDedekindReals\.sig_not_dec": "of every proposition, it is decided whether its negation holds; the order "
    "of the real numbers is built with it",
    r"FunctionalExtensionality\.functional_extensionality_dep": "functions with equal values are equal",
    r"Classical_Prop\.classic": "excluded middle: every proposition holds or its negation does",
    r"(?:PrimFloat|FloatAxioms)\.\w+": "the processor's floating-point "
    "operations are those of IEEE 754 in double precision; interval arithmetic computes with them",
    r"(?:PrimInt63|Uint63)\.\w+": "the processor's integer "
    "operations are those modulo 2^63; interval arithmetic computes with them",
}


def meanings(axioms: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what axioms mean -> their names; of an axiom that is not known, "" -> its name."""
    found: dict[str, tuple[str, ...]] = {}
    for axiom in axioms:
        meaning = next((text for pattern, text in MEANINGS.items() if re.fullmatch(pattern, axiom)), "")
        found[meaning] = (*found.get(meaning, ()), axiom)
    return found
