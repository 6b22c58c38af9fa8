"""The manifest of a certification: `manifest.json`, which says of every obligation what Rocq decided."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Entry", "KernelStatus", "Manifest", "TheoremEntry", "read_manifest"]


class KernelStatus(StrEnum):
    """What Rocq's kernel decided: a proof of the statement, a proof of its negation, or neither."""

    ACCEPTED = "accepted"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True)
class Entry:
    """One goal of an obligation.

    Attributes
    ----------
    id
        Statement and position, for example "theorem-4.12"; ".defined" is added for the goal that all parts have values.
    statement
        The Rocq proposition; "" if the obligation was not translated, and then `method` says why.
    digest
        Digest of the obligation (`obligation_digest`).
    status, method, seconds
        What was decided, how, and how long the proof took.
    """

    id: str
    statement: str
    digest: str
    status: KernelStatus
    method: str
    seconds: float


@dataclass(frozen=True)
class TheoremEntry:
    """One theorem of the library.

    Attributes
    ----------
    name, file
        Where it stands.
    axioms
        What it rests on, as `Print Assumptions` names them.
    statement
        As `Check` prints it.
    paper, about
        Title of the paper, "" if none is named, and the ids of the statements that it may belong to.
    """

    name: str
    file: str
    axioms: tuple[str, ...]
    statement: str = ""
    paper: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """All that a certification found."""

    obligations: tuple[Entry, ...]
    theorems: tuple[TheoremEntry, ...] = ()

    def write(self, path: Path) -> None:
        """Write as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read what `write` wrote.

        Raises
        ------
        ValueError
            If the file is no manifest.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            entries = tuple(Entry(**{**e, "status": KernelStatus(e["status"])}) for e in found["obligations"])
            theorems = tuple(
                TheoremEntry(**{**t, "axioms": tuple(t["axioms"]), "about": tuple(t.get("about", ()))})
                for t in found["theorems"]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"path: {path.name} is no manifest of a certification: {error}") from error
        return cls(entries, theorems)

    def statuses(self) -> dict[str, KernelStatus]:
        """Return the digest of every obligation -> what was decided of it and of its definedness together."""
        grouped: dict[str, list[Entry]] = {}
        for entry in self.obligations:
            grouped.setdefault(entry.digest, []).append(entry)
        return {digest: _together(e.status for e in entries) for digest, entries in grouped.items()}


def _together(statuses: Iterable[KernelStatus]) -> KernelStatus:
    found = set(statuses)
    if KernelStatus.OPEN in found:
        return KernelStatus.OPEN
    return KernelStatus.REFUTED if KernelStatus.REFUTED in found else KernelStatus.ACCEPTED


def read_manifest(path: Path | str) -> dict[str, KernelStatus]:
    """Return the digest of every obligation in a manifest -> what Rocq decided.

    An obligation that was altered since has another digest (`obligation_digest`), which is not among the keys.

    Raises
    ------
    ValueError
        If the file is no manifest.
    OSError
        If it cannot be read.
    """
    return Manifest.read(Path(path)).statuses()
