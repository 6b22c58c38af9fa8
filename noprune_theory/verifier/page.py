"""One self-contained HTML page: every statement, unfolding to its claim, derivation, models, sweeps and faults.

Mathematics is MathML, figures are data URIs, and there is no script: the page can be read offline with the paper open
beside it.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from noprune_theory._validation import as_path, check_instance, shown
from noprune_theory.verifier.evaluation import (
    AgreementAnswer,
    ClaimText,
    CounterexampleAnswer,
    ExactAnswer,
    FaultAnswer,
    HypothesisAnswer,
    ObligationAnswer,
    RepairAnswer,
    StatementAnswer,
    StepAnswer,
    SweepAnswer,
)
from noprune_theory.verifier.obligations import Status
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.report import check_answers, slack_text
from noprune_theory.verifier.rules import Rule
from noprune_theory.verifier.statement import Role, Verdict
from noprune_theory.verifier.style import STYLE
from noprune_theory.verifier.sweeps import CONFIDENCE
from noprune_theory.verifier.typeset import rich_text

if TYPE_CHECKING:
    from noprune_theory.verifier.rocq.manifest import TheoremEntry

__all__ = ["html_page"]

_VERDICTS = {
    Verdict.HOLDS: "established as printed",
    Verdict.HOLDS_LOOSE: "established, and the same argument gives better constants",
    Verdict.SLIP: "wrong as printed, but the use made of it is right",
    Verdict.GAP: "the printed proof does not establish it",
    Verdict.FALSE: "a counterexample exists",
}
_ROLES = {Role.PRINTED: "", Role.USE: "use in the paper", Role.OURS: "our route"}


def html_page(
    answers: Sequence[StatementAnswer],
    profile: str,
    figures: Path | None = None,
    papers: Sequence[Paper] = (),
    theorems: Sequence[TheoremEntry] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    answers : sequence of StatementAnswer
        What `noprune_theory.verifier.runner.run` returned.
    profile : str
        Name of the profile, shown in the heading.
    figures : Path, optional
        Folder with `NAME.svg` or `NAME.png`, `NAME.csv` (the numbers) and `captions.json` (an object of captions).
    papers : sequence of Paper
        The papers of the answers, for titles and sources.
    theorems : sequence of TheoremEntry
        What a second kernel has proved, for the statements that they are about.

    Returns
    -------
    str
        A whole HTML document that loads nothing.

    Raises
    ------
    TypeError
        If an answer is no `StatementAnswer`, `profile` no string, `figures` no path, or an entry of `papers` no
        `Paper`.
    OSError
        If the folder or a file in it cannot be read.
    ValueError
        If `captions.json` is not an object of strings, or a file is not UTF-8.
    """
    check_answers(answers)
    check_instance("profile", profile, str)
    for index, paper in enumerate(papers):
        check_instance(f"papers[{index}]", paper, Paper)
    # Not before: the package imports the provers, and a call without them is told which are missing.
    from noprune_theory.verifier.rocq.shown import about_statement, kernel_section, shown_theorems

    known = {paper.name: paper for paper in papers}
    proved = {(a.paper, a.id): about_statement(theorems, a.id, known.get(a.paper), papers) for a in answers}
    placed = {t.name for found in proved.values() for t in found}
    pictures = _figures(as_path("figures", figures)) if figures is not None else ""
    contents = ' · <a href="#figures">figures</a>' if pictures else ""
    heading = f"{' and '.join(p.title for p in papers) or 'Statements'}, checked by machine"
    sources = " and ".join(f"<cite>{escape(p.title)}</cite> ({escape(p.source)})" for p in papers)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(heading)}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>{escape(heading)}</h1>
<p>Statements of {sources or "the author"}.
A verdict is computed from the answers below it: the printed derivation step by step, finite models in which every
probability is enumerated, simulations, and deliberately broken versions that have to fail.
Unfold a row to read them. Profile: {escape(profile)}{contents}.</p>
{_legend(answers)}
</header>
<main>
{"".join(_main_statement(paper, papers, answers) for paper in papers)}
{_sections(answers, papers, {key: shown_theorems(found) for key, found in proved.items()})}
{pictures}
{kernel_section(theorems, [t for t in theorems if t.name not in placed])}
</main>
</body>
</html>
"""


def _sections(
    answers: Sequence[StatementAnswer], papers: Sequence[Paper], proved: Mapping[tuple[str, str], str]
) -> str:
    """Return the rows of statements, in a section of its own for each of several papers."""
    if len(papers) < 2:
        return _rows("Statements", "", [_statement(a, a.id, proved[a.paper, a.id]) for a in answers])
    return "".join(
        _rows(
            paper.title,
            f"<h2>{escape(paper.title)}</h2>",
            [
                _statement(a, _anchor(paper, papers, a.id), proved[a.paper, a.id])
                for a in answers
                if a.paper == paper.name
            ],
        )
        for paper in papers
    )


def _anchor(paper: Paper, papers: Sequence[Paper], identifier: str) -> str:
    """Return the anchor of a statement; its id alone is that of the first paper's."""
    return identifier if paper == papers[0] else f"{paper.name}/{identifier}"


def _rows(label: str, heading: str, rows: Sequence[str]) -> str:
    return f"""<section aria-label="{escape(label)}" class="statements">{heading}
<div class="head row" aria-hidden="true">
<span>statement</span><span>verdict</span><span>where</span><span>slack</span><span>time</span>
</div>
{"".join(rows)}
</section>"""


def _main_statement(paper: Paper, papers: Sequence[Paper], answers: Sequence[StatementAnswer]) -> str:
    """Return the main statement of a paper in full as it was repaired, if it was checked in this run."""
    main = next((a for a in answers if (a.paper, a.id) == (paper.name, paper.main_statement)), None)
    if main is None or main.repair is None:
        return ""
    anchor = _anchor(paper, papers, main.id)
    return f"""<section class="final"><h2>{escape(paper.title)}: the main statement, {main.repair.kind}</h2>
{_claim(main.repair.claim)}
<p class="note">Proof and checks: unfold <a href="#{escape(anchor)}">{escape(main.id)}</a>.</p></section>"""


def _legend(answers: Sequence[StatementAnswer]) -> str:
    counts = {verdict: sum(a.verdict is verdict for a in answers) for verdict in Verdict}
    items = "".join(
        f"<li>{_badge(verdict)} <b>{counts[verdict]}</b> {meaning}</li>"
        for verdict, meaning in _VERDICTS.items()
        if counts[verdict]
    )
    return f"""<ul class="legend">{items}</ul>
<p class="note">Slack: how close the finite models come to equality in the inequality. Sweeps compare a frequency with
the claim through a Clopper–Pearson interval at {100 * CONFIDENCE:g}%. “Proved” means discharged by the named method,
given the listed facts of probability theory; nothing is proved by sampling.</p>"""


def _badge(verdict: Verdict) -> str:
    return f'<span class="badge {verdict.replace(" ", "-")}">{verdict}</span>'


def _statement(answer: StatementAnswer, anchor: str, proved: str) -> str:
    complaints = "".join(f'<p class="complaint">{escape(c)}</p>' for c in answer.complaints)
    parts = [
        complaints,
        _section("Claim", _claim(answer.claim)),
        _section("Derivation", _steps(answer.steps)),
        _section("Counterexamples", "".join(_counterexample(c) for c in answer.counterexamples)),
        _checks(answer.exact, answer.sweeps, answer.agreement),
        _section("Planted faults", _faults(answer.faults)),
        _repair(answer.repair) if answer.repair else "",
        _section("In Rocq", proved),
        _section("Remarks", "".join(f"<p>{rich_text(r)}</p>" for r in answer.remarks)),
    ]
    return f"""<details class="statement" id="{escape(anchor)}">
<summary class="row">
<span class="name"><b>{escape(answer.id)}</b> {rich_text(answer.title)}</span>
<span>{_badge(answer.verdict)}</span>
<span class="where">{escape(answer.source)}</span>
<span class="slack">{escape(slack_text(answer))}</span>
<span class="time">{answer.seconds:.1f} s</span>
</summary>
<div class="body">{"".join(parts)}</div>
</details>
"""


def _section(title: str, body: str) -> str:
    return f"<h3>{title}</h3>{body}" if body else ""


def _block(mathml: str) -> str:
    return f'<math display="block">{mathml}</math>'


def _inline(mathml: str) -> str:
    return f"<math>{mathml}</math>"


def _claim(claim: ClaimText) -> str:
    words = f"<p>{rich_text(claim.words)}</p>" if claim.words else ""
    hypotheses = "".join(f"<li>{_inline(h.mathml)}</li>" for h in claim.hypotheses)
    given = f'<div class="given"><span>Given</span><ul>{hypotheses}</ul></div>' if hypotheses else ""
    needs = _needs(claim.needs, "which hypotheses are needed")
    decided = _obligations((claim.decided,)) if claim.decided is not None else ""
    return f'{words}{given}<div class="claim">{_block(claim.conclusion.mathml)}</div>{_source(claim)}{needs}{decided}'


def _needs(needs: Sequence[HypothesisAnswer], title: str) -> str:
    """Return the folded answers to what becomes of an assertion without each of its hypotheses."""
    rows = _table(
        ("without", "answer", "how"),
        (
            (
                _inline(n.mathml) if n.mathml else rich_text(n.hypothesis),
                escape(n.need),
                f"<small>{escape(n.detail)}</small>",
            )
            for n in needs
        ),
    )
    return f'<details class="needs"><summary>{title}</summary>{rows}</details>' if rows else ""


def _source(claim: ClaimText) -> str:
    lines = [*(h.latex for h in claim.hypotheses), r"\Longrightarrow\quad " + claim.conclusion.latex]
    source = " \\\\\n".join(lines) if claim.hypotheses else claim.conclusion.latex
    return f'<details class="latex"><summary>LaTeX</summary><pre>{escape(source)}</pre></details>'


def _steps(steps: Iterable[StepAnswer]) -> str:
    return f"<ol class='steps'>{''.join(_step(s) for s in steps)}</ol>"


def _step(step: StepAnswer) -> str:
    role = f' <span class="role">{_ROLES[step.role]}</span>' if _ROLES[step.role] else ""
    expression = _block(step.expression.mathml) if step.expression else ""
    rests = f'<p class="note">Rests on: {"; ".join(map(_rule, step.rests_on))}.</p>' if step.rests_on else ""
    reason = f'<p class="note">{rich_text(step.reason)}</p>' if step.reason else ""
    counterexample = _counterexample(step.counterexample) if step.counterexample else ""
    obligations = _obligations(step.obligations)
    status = f'<span class="status {step.status}">{step.status}</span>{_kernel(step.rocq)}'
    return f"""<li><p>{status} {rich_text(step.text)}{role}</p>
{expression}{reason}{counterexample}{obligations}{rests}</li>"""


def _rule(rule: Rule) -> str:
    """Return a fact, and where it has been proved formally."""
    proofs = ", ".join(
        f"<code>{escape(p.declaration)}</code> ({escape(p.system)}, {escape(p.repository)} at {escape(p.commit[:10])}: "
        f"{rich_text(p.constant)})"
        for p in rule.formal
    )
    return f"{rich_text(rule)}{f', formally {proofs}' if proofs else ''}"


def _obligations(obligations: Sequence[ObligationAnswer]) -> str:
    if not obligations:
        return ""
    methods = ", ".join(dict.fromkeys(o.method for o in obligations))
    count = f"{len(obligations)} obligation" + ("s" if len(obligations) > 1 else "")
    rows = "".join(
        f"""<li><p><span class="status {o.status}">{o.status}</span>{_kernel(o.rocq)} {rich_text(o.name)}</p>
{_implication(o)}
<p class="certificate">{escape(o.method)}: {_outcome(o)}{escape(o.detail)}</p>
{_needs(o.needs, "which hypotheses are needed")}</li>"""
        for o in obligations
    )
    return f'<details class="obligations"><summary>{count} · {escape(methods)}</summary><ul>{rows}</ul></details>'


def _kernel(decided: str | None) -> str:
    """Return what the second kernel decided, if it was asked."""
    return "" if decided is None else f' <span class="status rocq">Rocq: {escape(decided)}</span>'


def _outcome(obligation: ObligationAnswer) -> str:
    """Return what kept an open obligation open."""
    return f"<b>{escape(obligation.outcome)}</b>: " if obligation.status is Status.OPEN else ""


def _implication(obligation: ObligationAnswer) -> str:
    """Return the conclusion, after one line for the hypotheses if there are any."""
    if not obligation.hypotheses:
        return _block(obligation.conclusion.mathml)
    given = "".join(f"<li>{_inline(h.mathml)}</li>" for h in obligation.hypotheses)
    return f"<ul class='hypotheses'>{given}</ul>{_block('<mo>⟹</mo>' + obligation.conclusion.mathml)}"


def _counterexample(example: CounterexampleAnswer) -> str:
    data = "".join(f"<tr><th>{rich_text(key)}</th><td>{rich_text(value)}</td></tr>" for key, value in example.data)
    *hypotheses, conclusion = example.facts
    rows = "".join(_fact(*fact, word="holds", other="fails") for fact in hypotheses)
    outcome = "refuted" if example.violates else "not refuted"
    return f"""<div class="counterexample"><p><b>{rich_text(example.name)}</b>
<span class="note">against {rich_text(example.target)}: {outcome}</span></p>
<table class="data">{data}</table>
<table class="facts">{rows}{_fact(*conclusion, word="true", other="<b>false</b>")}</table></div>"""


def _fact(text: str, value: str, holds: bool, word: str, other: str) -> str:
    return (
        f"<tr{'' if holds else ' class=fails'}><td>{rich_text(text)}</td><td "
        f"class='number'>{rich_text(value)}</td><td>{word if holds else other}</td></tr>"
    )


def _checks(exact: Sequence[ExactAnswer], sweeps: Sequence[SweepAnswer], agreement: Sequence[AgreementAnswer]) -> str:
    return (
        _section("Exact models", _exact(exact))
        + _section("Sweeps", _sweeps(sweeps))
        + _section("Function against claim, 50 digits", _agreement(agreement))
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    if not body:
        return ""
    return f"<table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table>"


def _exact(exact: Sequence[ExactAnswer]) -> str:
    return _table(
        ("inequality", "cases", "not 0 ≤ positive", "violated", "closest", "there"),
        (
            (
                rich_text(e.name),
                f"{e.models:,}",
                f"{e.informative:,}",
                f"{e.violations:,}",
                f"{e.tightest:.4g}",
                escape(e.where) + (f"<br><small>{escape(e.worst)}</small>" if e.worst else ""),
            )
            for e in exact
        ),
    )


def _sweeps(sweeps: Sequence[SweepAnswer]) -> str:
    return _table(
        ("simulation", "frequency", "interval", "claimed at most", "answer"),
        (
            (
                rich_text(s.name),
                f"{s.frequency.successes:,} of {s.frequency.trials:,}",
                f"[{s.frequency.lower:.4g}, {s.frequency.upper:.4g}]",
                f"{s.frequency.claimed:.4g}",
                s.frequency.judgement,
            )
            for s in sweeps
        ),
    )


def _agreement(agreement: Sequence[AgreementAnswer]) -> str:
    return _table(
        ("function", "points", "largest relative difference"),
        ((escape(a.name), f"{a.points:,}", f"{a.largest:.1e}") for a in agreement),
    )


def _faults(faults: Sequence[FaultAnswer]) -> str:
    return _table(
        ("broken version", "caught", "by", "how"),
        (
            (
                rich_text(f.name),
                "yes" if f.caught else "<b class='complaint'>no</b>",
                escape(f.by),
                f"<small>{escape(f.detail)}</small>",
            )
            for f in faults
        ),
    )


def _repair(repair: RepairAnswer) -> str:
    sharpens = ""
    if repair.sharpens:
        sharpens = f"<p>Strictly stronger than the printed statement:</p>{_obligations(repair.sharpens)}"
    parts = (
        _claim(repair.claim)
        + sharpens
        + _section("Its derivation", _steps(repair.steps))
        + _checks(repair.exact, repair.sweeps, repair.agreement)
        + _section("Its planted faults", _faults(repair.faults))
    )
    title = "Sharpened statement" if repair.sharpens else "Repaired statement"
    return f'<section class="repair"><h3>{title} {_badge(repair.verdict)}</h3>{parts}</section>'


def _figures(folder: Path) -> str:
    names = sorted({p.stem for p in folder.iterdir() if p.suffix in (".svg", ".png", ".csv")})
    captions_file = folder / "captions.json"
    captions = json.loads(captions_file.read_text(encoding="utf-8")) if captions_file.is_file() else {}
    if not isinstance(captions, dict) or not all(isinstance(caption, str) for caption in captions.values()):
        raise ValueError(f"{captions_file} must hold an object of strings, got {shown(captions)}")
    blocks = [_figure(folder, name, captions.get(name, "")) for name in names]
    return f'<section id="figures"><h2>Figures</h2>{"".join(blocks)}</section>' if blocks else ""


def _figure(folder: Path, name: str, caption: str) -> str:
    picture = ""
    for suffix, kind in ((".svg", "image/svg+xml"), (".png", "image/png")):
        file = folder / f"{name}{suffix}"
        if file.is_file():
            data = base64.b64encode(file.read_bytes()).decode("ascii")
            picture = f'<img alt="{escape(caption or name)}" src="data:{kind};base64,{data}">'
            break
    numbers = _numbers(folder / f"{name}.csv")
    title = f"<b>{escape(name)}</b> {rich_text(caption)}"
    return f'<figure id="figure-{escape(name)}">{picture}<figcaption>{title}</figcaption>{numbers}</figure>'


def _numbers(file: Path) -> str:
    """Return the folded table behind a figure."""
    if not file.is_file():
        return ""
    with file.open(encoding="utf-8", newline="") as stream:
        head, *rows = list(csv.reader(stream)) or [[]]
    if not rows:
        return ""
    table = _table([escape(h) for h in head], ([escape(cell) for cell in row] for row in rows))
    return f'<details class="numbers"><summary>{len(rows)} rows of numbers</summary>{table}</details>'
