"""Which statements of which paper a theorem of the library is about, by its name and by what is written above it."""

from __future__ import annotations

import re

__all__ = ["subject"]

_KINDS = "Theorem|Lemma|Equation|Definition|Corollary|Proposition|Remark|Fact|Example|Claim"
_REFERENCE = re.compile(rf"\b({_KINDS})s?\s+((?:\(?\d+\)?(?:,\s+and\s+|,\s+|\s+and\s+)?)+)")
_COMMENT = re.compile(r"\(\*\*?(.*?)\*\)", re.DOTALL)


def subject(theorem: str, module: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the title of the paper, "" if none is named, and the ids of the statements that a theorem may belong to.

    The name decides where it begins with a statement's ("lemma_1_sharp"); else the references ("Lemmas 2 and 4") in the
    comment that stands directly above; else those of the comment at the head of the file. A sharpened statement is
    known by the file's name ("sharp-threshold", Threshold.v), one with a name of its own by that of the theorem
    ("masked-law", masked_law).

    Parameters
    ----------
    theorem : str
        Its name.
    module, text : str
        Name of the file, without ending, and what is in it.
    """
    head = _COMMENT.match(text.lstrip())
    header = head[1] if head else ""
    title = re.search(r'"([^"]+)"', header)
    named = re.match(rf"({_KINDS.lower()})_(\d+)(?=_|$)", theorem)
    if named:
        about = [f"{named[1]}-{named[2]}"]
    else:
        before = re.split(rf"^Theorem {theorem}\b", text, maxsplit=1, flags=re.MULTILINE)[0]
        above = re.search(r"\(\*(?:(?!\*\)).)*\*\)\s*\Z", before, re.DOTALL)
        about = _references(above[0]) if above else []
        about = about or _references(header)
    kebab = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", module).lower()
    own = (f"sharp-{kebab}", theorem.replace("_", "-"))
    return " ".join(title[1].split()) if title else "", tuple(dict.fromkeys([*about, *own]))


def _references(comment: str) -> list[str]:
    """Return the ids of the statements that a comment names."""
    return [
        f"{kind.lower()}-{number}"
        for kind, numbers in _REFERENCE.findall(comment)
        for number in re.findall(r"\d+", numbers)
    ]
