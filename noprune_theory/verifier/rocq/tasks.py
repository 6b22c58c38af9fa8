"""Goals on their way to the manifest: what is to be proved, what was found, and how it stands in a file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.rocq.goals import obligation_digest
from noprune_theory.verifier.rocq.manifest import Entry, KernelStatus
from noprune_theory.verifier.rocq.scripts import Candidate, export
from noprune_theory.verifier.rocq.translate import UntranslatableError

__all__ = ["Task", "tasks_of"]


@dataclass
class Task:
    """One goal: a proposition, proofs to try of it and of its negation, and the one that was found.

    Attributes
    ----------
    id, digest, comment
        Of the obligation, as in the manifest, and its name.
    statement, negation
        Rocq propositions; "" if the obligation was not translated.
    candidates, negations
        Proofs to try of each.
    status, method, script, seconds
        What was found, and the processor time that compiling it took. A script that was remembered stands here too,
        before Rocq has seen it again.
    """

    id: str
    digest: str
    comment: str
    statement: str = ""
    negation: str = ""
    candidates: Callable[[], Iterator[Candidate]] = lambda: iter(())
    negations: Callable[[], Iterator[Candidate]] = lambda: iter(())
    status: KernelStatus = KernelStatus.OPEN
    method: str = ""
    script: str = ""
    seconds: float = 0.0

    @property
    def lemma(self) -> str:
        """The name of the lemma in its file."""
        return _identifier(self.id)

    @property
    def module(self) -> str:
        """The file that it belongs into.

        Statements whose ids begin alike share one, and so do those of every further paper, as Rocq needs longer to
        load the libraries than to check the proofs of a statement.
        """
        statement = self.id.removesuffix(".defined").rpartition(".")[0]
        paper, further, _ = statement.partition(".")
        return _identifier(paper if further else statement.partition("-")[0])

    @property
    def proposition(self) -> str:
        """What the script proves."""
        return self.negation if self.status is KernelStatus.REFUTED else self.statement

    @property
    def text(self) -> str:
        """The lemma with its proof; the comment names the obligation and the method."""
        comment = f"{self.comment} [{self.method}]".replace("(*", "( *").replace("*)", "* )")
        return f"(* {comment} *)\nLemma {self.lemma} : {self.proposition}.\nProof.\n{self.script}\nQed.\n"

    def take_back(self, reason: str) -> None:
        """Leave the goal open again."""
        self.status, self.method, self.script, self.seconds = KernelStatus.OPEN, reason, "", 0.0

    def entry(self) -> Entry:
        """Return what the manifest says of it."""
        return Entry(self.id, self.statement, self.digest, self.status, self.method, round(self.seconds, 2))


def _identifier(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name)
    return plain if plain[:1].isalpha() else f"s_{plain}"


def tasks_of(name: str, obligation: Obligation, by_hand: Sequence[str]) -> list[Task]:
    """Return the goals of an obligation; one that cannot be translated stays open and says why.

    Parameters
    ----------
    name : str
        "statement.position".
    obligation : Obligation
    by_hand : sequence of str
        Lemmas that may state the obligation literally.
    """
    digest = obligation_digest(obligation)
    try:
        exported = export(obligation)
    except UntranslatableError as reason:
        return [Task(name, digest, obligation.name, method=f"not translated: {reason}")]
    hand = [Candidate("by hand", f"exact {lemma}.") for lemma in by_hand]
    found = [
        Task(
            name,
            digest,
            obligation.name,
            exported.statement.text,
            exported.statement.negation,
            lambda: itertools.chain(exported.candidates(), hand),
            exported.negations,
        )
    ]
    if exported.defined is not None:
        found.append(
            Task(
                f"{name}.defined",
                digest,
                f"{obligation.name}: every part has a value",
                exported.defined.text,
                exported.defined.negation,
                lambda: itertools.chain(exported.definedness(), hand),
            )
        )
    return found
