"""Terminal table and JSON of the answers."""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence
from dataclasses import asdict
from textwrap import wrap
from typing import Any

from rich import box
from rich.console import Console
from rich.containers import Lines
from rich.table import Table
from rich.text import Text

from noprune_theory._console import plain
from noprune_theory._validation import check_instance, check_integer
from noprune_theory._validation import shown as shown_value
from noprune_theory.verifier.evaluation import (
    ExactAnswer,
    HypothesisAnswer,
    Need,
    ObligationAnswer,
    RepairAnswer,
    StatementAnswer,
    StepAnswer,
    SweepAnswer,
)
from noprune_theory.verifier.obligations import Status
from noprune_theory.verifier.statement import Verdict

__all__ = ["json_document", "slack_text", "table"]

_COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.HOLDS_LOOSE: "green",
    Verdict.SLIP: "yellow",
    Verdict.GAP: "yellow",
    Verdict.FALSE: "red",
}


def json_document(answers: Sequence[StatementAnswer]) -> dict[str, Any]:
    """Return the JSON document of a run (schema 1); it depends on the answers alone, not on timing.

    Parameters
    ----------
    answers : sequence of StatementAnswer
        What `noprune_theory.verifier.runner.run` returned.

    Returns
    -------
    dict
        Of strings, numbers, booleans, lists, dicts and None; no number is infinite or NaN.

    Raises
    ------
    TypeError
        If an answer is no `StatementAnswer`.
    """
    check_answers(answers)
    return {"schema": 1, "statements": [_statement(a) for a in answers]}


def check_answers(answers: Sequence[StatementAnswer]) -> None:
    """Refuse what is no sequence of answers."""
    check_instance("answers", answers, Sequence)
    for index, answer in enumerate(answers):
        check_instance(f"answers[{index}]", answer, StatementAnswer)


def _statement(answer: StatementAnswer) -> dict[str, Any]:
    return {
        "paper": answer.paper,
        "id": answer.id,
        "title": answer.title,
        "source": answer.source,
        "verdict": str(answer.verdict),
        "hypotheses": [_need(n) for n in answer.claim.needs],
        "derivation": [_step(s) for s in answer.steps],
        "exact": [
            *(_exact(e) for e in answer.exact),
            *(
                {
                    "name": c.name,
                    "kind": "counterexample",
                    "refutes": c.target,
                    "data": dict(c.data),
                    "facts": [{"fact": text, "value": value, "holds": holds} for text, value, holds in c.facts],
                    "status": "violated" if c.violates else "satisfied",
                }
                for c in _counterexamples(answer)
            ),
            *(
                {
                    "name": a.name,
                    "kind": "numeric agreement",
                    "points": a.points,
                    "largest_relative_difference": a.largest if math.isfinite(a.largest) else None,
                    "status": "satisfied" if a.agrees else "violated",
                }
                for a in answer.agreement
            ),
        ],
        "sweeps": [_sweep(s) for s in answer.sweeps],
        "faults": [{"name": f.name, "caught": f.caught} for f in answer.all_faults],
        "repaired": _repair(answer.repair) if answer.repair else None,
    }


def _counterexamples(answer: StatementAnswer) -> list[Any]:
    return [*answer.counterexamples, *(s.counterexample for s in answer.steps if s.counterexample)]


def _step(step: StepAnswer) -> dict[str, Any]:
    return {
        "step": step.text,
        "status": str(step.status),
        "method": step.method,
        "outcome": str(step.outcome),
        "rocq": step.rocq,
        "obligations": [_obligation(o) for o in step.obligations],
        "rests_on": [
            {"fact": str(rule), "formal_proofs": [asdict(proof) for proof in rule.formal]} for rule in step.rests_on
        ],
    }


def _obligation(obligation: ObligationAnswer) -> dict[str, Any]:
    return {
        "name": obligation.name,
        "status": str(obligation.status),
        "outcome": str(obligation.outcome),
        "method": obligation.method,
        "reason": _stable(obligation.detail) if obligation.status is Status.OPEN else None,
        "cites": list(obligation.cites),
        "rocq": obligation.rocq,
        "hypotheses": [_need(n) for n in obligation.needs],
    }


def _need(answer: HypothesisAnswer) -> dict[str, Any]:
    reason = _stable(answer.detail) if answer.need is Need.OPEN else None
    return {"hypothesis": answer.hypothesis, "answer": str(answer.need), "reason": reason}


def _stable(reason: str) -> str:
    """Return a reason without the model that z3 happened to find, which depends on what it was asked before."""
    return reason.split("; model ")[0]


def _exact(exact: ExactAnswer) -> dict[str, Any]:
    return {
        "name": exact.name,
        "kind": "finite models",
        "models": exact.models,
        "informative": exact.informative,
        "violations": exact.violations,
        "tightest": exact.tightest if math.isfinite(exact.tightest) else None,
        "where": exact.where,
        "worst": exact.worst,
        "status": "satisfied" if exact.satisfied else "violated",
    }


def _sweep(sweep: SweepAnswer) -> dict[str, Any]:
    f = sweep.frequency
    return {
        "name": sweep.name,
        "successes": f.successes,
        "trials": f.trials,
        "interval": [f.lower, f.upper],
        "claimed": f.claimed,
        "status": f.judgement,
    }


def _repair(repair: RepairAnswer) -> dict[str, Any]:
    return {
        "claim": repair.claim.conclusion.latex,
        "verdict": str(repair.verdict),
        "kind": repair.kind,
        "hypotheses": [h.latex for h in repair.claim.hypotheses],
        "words": repair.claim.words,
        "needed": [_need(n) for n in repair.claim.needs],
        "derivation": [_step(s) for s in repair.steps],
        "exact": [_exact(e) for e in repair.exact],
        "sweeps": [_sweep(s) for s in repair.sweeps],
        "faults": [{"name": f.name, "caught": f.caught} for f in repair.faults],
    }


def slack_text(answer: StatementAnswer) -> str:
    """How close the exact models come to equality, in words."""
    slack = answer.slack
    if slack is None or slack <= 0:
        return "–"
    if slack > 1 + 1e-9:
        return f"exceeded {slack:.3g}×"
    if slack > 0.995:
        return "attained"
    if slack >= 0.5:
        return f"within {100 * (1 - slack):.0f}%"
    return f"{1 / slack:.3g}×" if slack > 1e-6 else "> 10⁶×"


_MARKS = {"proved": ("✓", "green"), "refuted": ("✗", "red"), "open": ("?", "yellow")}


def _marks(answer: StatementAnswer, encoding: str) -> Text:
    """Return the counts of proved, refuted and open steps."""
    statuses = [str(s.status) for s in answer.steps]
    marks = {s: (_shown(mark, encoding), colour) for s, (mark, colour) in _MARKS.items()}
    pieces = [(f"{statuses.count(s)}{mark}", colour) for s, (mark, colour) in marks.items() if s in statuses]
    return Text(" ").join(Text(*piece) for piece in pieces)


def _shown(text: str, encoding: str) -> str:
    """Return the text with marks that the encoding has, before the table is laid out by their widths."""
    return plain(text if plain("⁶", encoding) == "⁶" else text.replace("10⁶", "1e6"), encoding)


class _Identifier(Text):
    """A name that breaks after its hyphens: rich breaks at spaces alone."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """Break into lines of the width."""
        return Text("\n".join(wrap(self.plain, width))).wrap(console, width, **options)


def _caught(answer: StatementAnswer) -> str:
    """Return how many planted faults were caught."""
    faults = answer.all_faults
    return f"{sum(f.caught for f in faults)}/{len(faults)}"


# Below this many columns every cell of several words takes several lines.
NARROW = 100


def table(
    answers: Sequence[StatementAnswer], width: int = 120, encoding: str = "utf-8", title: str = "statements"
) -> Table:
    """Return the terminal table for a number of columns, one row a statement; no cell is cut.

    Characters that the encoding of the terminal lacks are spelled out.

    Parameters
    ----------
    answers : sequence of StatementAnswer
        What `noprune_theory.verifier.runner.run` returned.
    width : int
        Columns of the terminal; below 100, cells of several words take several lines.
    encoding : str
        Of the terminal.
    title : str
        That of the paper.

    Returns
    -------
    rich.table.Table

    Raises
    ------
    TypeError
        If an answer is no `StatementAnswer`, or `width` not an integer.
    ValueError
        If `width` is below 1, or there is no such encoding.
    """
    check_answers(answers)
    check_integer("width", width, 1)
    check_instance("encoding", encoding, str)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise ValueError(f"encoding must be one that Python knows, got {shown_value(encoding)}") from error
    shown = Table(
        box=box.SIMPLE_HEAD,
        title=_shown(f"{title}, statement by statement", encoding),
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    for name in ("statement", "verdict", "steps", "slack", "sweeps", "faults", "repair", "time"):
        shown.add_column(name, justify="right" if name == "time" else "left", overflow="fold")

    def words(text: str) -> str:
        return _shown(text.replace(" ", "\n") if width < NARROW else text, encoding)

    for answer in answers:
        judgements = [s.frequency.judgement for s in answer.sweeps]
        shown.add_row(
            _Identifier(answer.id),
            Text(words(str(answer.verdict)), style="bold red" if answer.complaints else _COLOURS[answer.verdict]),
            _marks(answer, encoding),
            words(slack_text(answer)),
            words(", ".join(dict.fromkeys(judgements)) or "–"),
            _caught(answer),
            str(answer.repair.verdict) if answer.repair else words("–"),
            f"{answer.seconds:.1f} s",
        )
    shown.caption = _shown(
        "steps ✓ proved ✗ refuted ? open; slack: how close the exact models come to equality; faults: planted ones "
        "caught; repair: verdict on the repaired or sharpened statement",
        encoding,
    )
    shown.caption_justify = "left"
    return shown
