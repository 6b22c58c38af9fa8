"""The table of agreement as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from noprune_theory.verifier.obligations import Status
from noprune_theory.verifier.smtlib.opinions import Answer, Opinion, agreement, version

__all__ = ["contradictions", "page"]

_MEANINGS = {
    Answer.PROVED: "the solver refutes the negation",
    Answer.REFUTED: "the solver's point violates the obligation, by ball arithmetic",
    Answer.UNCONFIRMED: 'the solver says "sat", and its point does not violate the obligation, or balls cannot tell: '
    "a function that the solver does not know is any function to it",
    Answer.UNKNOWN: "the solver gives up, or reaches its limit of operations (cvc5 also one of milliseconds)",
    Answer.NOT_EXPRESSED: "a limit, a derivative, a probability, an entropy or a power that SMT-LIB 2 has no word for",
    Answer.REJECTED: "the solver cannot read what was written",
}


def contradictions(found: Mapping[tuple[str, str], tuple[Status, Opinion]]) -> list[str]:
    """Return in words where a solver contradicts the provers, or cannot read a script."""
    opposite = {(Status.PROVED, Answer.REFUTED), (Status.REFUTED, Answer.PROVED)}
    return [
        f"{name}: {ours} by the provers, {said.answer} by {solver}{f': {said.detail}' if said.detail else ''}"
        for (name, solver), (ours, said) in found.items()
        if (ours, said.answer) in opposite or said.answer is Answer.REJECTED
    ]


def page(command: str, found: Mapping[tuple[str, str], tuple[Status, Opinion]], solvers: Sequence[str]) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    command : str
        What writes it.
    found : mapping
        What `all_opinions` returned.
    solvers : sequence of str
        The solvers that were asked.
    """
    counts = agreement(found)
    number = len({name for name, _ in found})
    columns = [status for status in Status if any(ours is status for _, ours, _ in counts)]
    lines = [
        "# A third opinion",
        "",
        "The obligations are also written in SMT-LIB 2 and given to solvers that know nothing of this toolkit. "
        f"`{command}` writes this page:",
        f"{number} obligations, {', '.join(f'{solver} {version(solver)}' for solver in solvers)}.",
        "",
        f"| solver | answer | {' | '.join(f'{status} by the provers' for status in columns)} |",
        f"|---|---|{'---:|' * len(columns)}",
    ]
    for solver in solvers:
        for answer in Answer:
            row = [counts.get((solver, status, answer), 0) for status in columns]
            if any(row):
                lines.append(f"| {solver} | {answer} | {' | '.join(map(str, row))} |")
    shown = [answer for answer in Answer if any(said is answer for _, _, said in counts)]
    lines += ["", *(f"- *{answer}*: {_MEANINGS[answer]}." for answer in shown), ""]
    opposed = contradictions(found)
    lines += [f"- {line}" for line in opposed] or ["No solver contradicts the provers."]
    return "\n".join(lines) + "\n"
