"""A paper: its statements by name, loaded when they are asked for.

`noprune_theory.verifier` knows no paper. One is declared by a `Paper` object, which a package offers under the entry
point group `noprune_theory.papers`, or which stands in a module or file whose name is given on the command line.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from noprune_theory.verifier.statement import Statement

__all__ = ["GROUP", "Paper", "PaperError", "installed_papers"]

#: The entry point group in which installed packages offer their papers.
GROUP = "noprune_theory.papers"

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class PaperError(ValueError):
    """A paper or statement that cannot be used; the message is one line that says what to change."""


@dataclass(frozen=True)
class Paper:
    """The statements of one paper.

    Attributes
    ----------
    name : str
        Lower-case words joined by hyphens, for example "no-free-prune".
    title : str
        Heads the report.
    source : str
        Authors, where it appeared, and the version that was read.
    statements : mapping of str to str
        The id of each statement -> the module that defines it, or "module:NAME"; without a name it is `STATEMENT`.
        In the order of the report.
    main_statement : str
        Id of the one that the page shows first, once it is repaired or sharpened; "" for none.

    Raises
    ------
    PaperError
        If the name or an id is not of that form.
    """

    name: str
    title: str
    source: str
    statements: Mapping[str, str]
    main_statement: str = ""

    def __post_init__(self) -> None:
        for field, values in (("name", (self.name,)), ("statements", tuple(self.statements))):
            for value in values:
                if not isinstance(value, str) or _NAME.fullmatch(value) is None:
                    raise PaperError(f"{field}: allowed are lower-case words joined by hyphens, given {value!r}")
        if not self.statements:
            raise PaperError(f"statements: the paper {self.name!r} has none")

    def load(self, identifier: str) -> Statement:
        """Import the module of a statement and return it.

        Parameters
        ----------
        identifier : str
            One of `statements`.

        Returns
        -------
        Statement

        Raises
        ------
        PaperError
            If the id is not in `statements`, the module cannot be imported, or it defines no statement of that id.
        """
        if identifier not in self.statements:
            raise PaperError(f"id: unknown statement '{identifier}'; known: {', '.join(self.statements)}")
        place = self.statements[identifier]
        module, _, attribute = place.partition(":")
        attribute = attribute or "STATEMENT"
        try:
            statement = getattr(importlib.import_module(module), attribute, None)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise  # one that the module needs
            raise PaperError(f"statements: {self.name}/{identifier}: there is no module {module}") from error
        if not isinstance(statement, Statement) or statement.id != identifier:
            raise PaperError(f"id: {module} does not define {attribute} with id '{identifier}'")
        return statement


def installed_papers() -> dict[str, Paper]:
    """Return the papers of the installed packages by name.

    Returns
    -------
    dict of str to Paper
        In the order of the names of their entry points.

    Raises
    ------
    PaperError
        If an entry point does not lead to a `Paper`, or two papers have one name.
    """
    found: dict[str, Paper] = {}
    offered: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        try:
            paper = point.load()
        except (ImportError, AttributeError) as error:
            raise PaperError(f"entry point {point.name} = {point.value}: {error}") from error
        if not isinstance(paper, Paper):
            raise PaperError(f"entry point {point.name} = {point.value}: must be a Paper, given {type(paper).__name__}")
        if paper.name in found and offered[paper.name].value != point.value:
            raise PaperError(
                f"two packages offer a paper named '{paper.name}': {offered[paper.name].value} and {point.value}"
            )
        found[paper.name] = paper
        offered[paper.name] = point
    return found
