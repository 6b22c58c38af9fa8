"""Style sheet of the HTML page."""

__all__ = ["STYLE"]

STYLE = """
:root { --ink: #1d1d1f; --soft: #63666a; --line: #dcdcd6; --paper: #fffefb; --wash: #f6f5f0;
  --good: #1d6b45; --warn: #8a5a00; --bad: #a3232b; --own: #2b4f81; }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 17px/1.5 "Iowan Old Style", "Palatino Linotype", Palatino,
  "Book Antiqua", "URW Palladio L", "TeX Gyre Pagella", Georgia, serif; }
body { max-width: 78rem; margin: 0 auto; padding: 3rem 1.5rem 6rem; }
h1 { font-size: 2.1rem; font-weight: 500; letter-spacing: -0.01em; line-height: 1.15; margin: 0 0 1rem; }
h2 { font-size: 1.5rem; font-weight: 500; margin: 3rem 0 1rem; }
h3 { font-size: 0.82rem; font-weight: 600; letter-spacing: 0.07em; text-transform: uppercase; color: var(--soft);
  margin: 1.8rem 0 0.5rem; }
header p { max-width: 46rem; }
p { margin: 0.35rem 0; }
sub, sup { line-height: 0; font-size: 0.75em; }
a { color: var(--own); }
.note, .certificate, small { color: var(--soft); font-size: 0.85rem; }
.legend { list-style: none; padding: 0; margin: 1.2rem 0 0.6rem; display: grid; gap: 0.2rem; }
.badge { display: inline-block; min-width: 5.6rem; text-align: center; padding: 0.05rem 0.6rem; border-radius: 1rem;
  font-size: 0.82rem; border: 1px solid currentColor; white-space: nowrap; letter-spacing: 0; text-transform: none; }
.badge.holds, .badge.holds-loose { color: var(--good); background: #eef6f0; }
.badge.slip, .badge.gap { color: var(--warn); background: #fbf4e4; }
.badge.false { color: var(--bad); background: #fbecec; }
.statements { margin-top: 2rem; border-top: 1.5px solid var(--ink); }
.row { display: grid; grid-template-columns: minmax(15rem, 12fr) 7rem minmax(9rem, 6fr) 7rem 3.2rem; gap: 1rem;
  align-items: baseline; }
.head { font-size: 0.78rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); padding: 0.4rem 0;
  border-bottom: 1px solid var(--line); }
.head span:last-child, .time { text-align: right; }
.statement { border-bottom: 1px solid var(--line); }
.statement > summary { list-style: none; cursor: pointer; padding: 0.6rem 0; }
.statement > summary::-webkit-details-marker { display: none; }
.statement > summary:hover { background: var(--wash); }
.statement[open] > summary { background: var(--wash); }
.statement .name b { font-weight: 600; margin-right: 0.5rem; white-space: nowrap; }
.where, .slack, .time { color: var(--soft); font-size: 0.86rem; }
.time, .number { font-variant-numeric: tabular-nums; }
.body { padding: 0.2rem 0 2rem 1.2rem; border-left: 3px solid var(--wash); max-width: 64rem; }
math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", "Libertinus Math", math; font-size: 1.05em; }
math[display="block"] { margin: 0.5rem 0; overflow-x: auto; overflow-y: hidden; padding: 0.15rem 0; }
.final { margin: 2.5rem 0 0; }
.final h2 { margin-bottom: 0.4rem; }
.final > p { max-width: 60rem; }
.hypotheses { list-style: none; margin: 0.2rem 0 0; padding: 0 0 0 2.5rem; display: flex; flex-wrap: wrap;
  gap: 0.2rem 1.6rem; font-size: 0.95em; }
details.obligations ul.hypotheses { border-left: 0; }
details.obligations ul.hypotheses li { margin: 0; }
.claim { background: var(--wash); padding: 0.5rem 1rem; margin: 0.6rem 0; }
.given { display: flex; gap: 0.8rem; align-items: baseline; margin: 0.4rem 0; }
.given > span { color: var(--soft); font-style: italic; }
.given ul { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.6rem; }
.steps { padding-left: 1.6rem; }
.steps > li { margin: 0.7rem 0; padding-left: 0.3rem; }
.steps > li::marker { color: var(--soft); }
.status { font-size: 0.78rem; padding: 0 0.45rem; border-radius: 0.2rem; margin-right: 0.3rem; }
.status.proved { color: var(--good); background: #eef6f0; }
.status.refuted { color: var(--bad); background: #fbecec; }
.status.rocq { color: var(--good); border: 1px solid #c9dfd0; }
.status.open { color: var(--warn); background: #fbf4e4; }
.role { color: var(--own); font-size: 0.82rem; font-style: italic; margin-left: 0.4rem; }
details.obligations, details.latex, details.numbers { font-size: 0.92rem; }
details.obligations > summary, details.latex > summary, details.numbers > summary { color: var(--soft); cursor: pointer;
  font-size: 0.85rem; }
details.obligations ul { list-style: none; padding-left: 1rem; border-left: 1px solid var(--line); }
details.obligations li { margin: 0.6rem 0; }
.certificate { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.82rem; background: var(--wash); padding: 0.6rem; }
table { border-collapse: collapse; font-size: 0.88rem; margin: 0.3rem 0 0.6rem; }
th, td { text-align: left; vertical-align: top; padding: 0.22rem 1.1rem 0.22rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--soft); }
td { font-variant-numeric: tabular-nums; }
.counterexample { border-left: 3px solid var(--bad); padding: 0.1rem 0 0.1rem 1rem; margin: 0.6rem 0; }
.counterexample .data { margin-bottom: 0.2rem; }
.fails td { color: var(--bad); }
.repair { margin-top: 2rem; padding: 0.1rem 0 0.6rem 1.2rem; border-left: 3px solid var(--good); }
.complaint { color: var(--bad); font-weight: 600; }
figure { margin: 2rem 0; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { max-width: 46rem; font-size: 0.92rem; margin-top: 0.5rem; }
.numbers table { max-height: 24rem; display: block; overflow: auto; }
@media (max-width: 52rem) { .row { grid-template-columns: 1fr auto; } .head { display: none; }
  .where, .slack, .time { text-align: left; } }
@media print { .statement > summary { break-after: avoid; } }
"""
