"""Write docs/mutation.md from the results that `mutmut run` left in build/mutation/mutants/.

A mutant that survives needs a reason in tests/mutation_survivors.toml, under its function and changed line, so that a
reason outlives the renumbering of mutants. Exit code 1: a survivor without a reason, a reason without its survivor, or
a score below the goal.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "build" / "mutation"
GOAL = 0.95
CAUGHT = ("killed", "timeout", "segfault")

HEADING = """\
# Mutation testing

`make mutation` changes the code one small place at a time (a number, an operator, an argument, a string), runs the
tests that reach the place, and writes this page. A mutant that no test notices has survived. The score is the share of
all mutants that were noticed: {score:.1%} of {total:,} at revision {revision}; the goal is {goal:.0%}.

In scope: {scope}.
{tests}
Statement files are not in scope: they are data (claims, steps, planted faults), and the planted faults are their own
mutants. mutmut does not change decorated functions (properties, cached functions) or code outside of functions; the
bounds are mutated in a copy in which `name = broadcasting(name)` after the function stands for the decorator.
"""

SCOPE_WORDS = {
    "noprune_theory/bounds": "`noprune_theory/bounds`, where a wrong constant is the failure to fear",
    "verification": "the logic of `verification` that decides what is proved: obligations, provers, evaluation, sweeps,"
    " report",
}


@dataclass(frozen=True)
class Change:
    """One surviving mutant: where, and the changed line before and after."""

    function: str
    before: str
    after: str


def readable(name: str) -> str:
    """Module and function of a mutant's name: `a.b.xǁClassǁmethod__mutmut_3` becomes `a.b.Class.method`."""
    module, _, mangled = name.partition("__mutmut_")[0].rpartition(".")
    mangled = mangled.removeprefix("xǁ").replace("ǁ", ".") if mangled.startswith("xǁ") else mangled.removeprefix("x_")
    return f"{module}.{mangled}"


def change(name: str) -> Change:
    """Read the change off mutmut's diff."""
    lines = get_diff_for_mutant(name).splitlines()[2:]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Change(readable(name), before, after)


def results() -> dict[str, dict[str, str]]:
    """Status of every mutant, by file."""
    found = {}
    for meta in sorted((RUN / "mutants").rglob("*.py.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            found[str(meta.relative_to(RUN / "mutants")).removesuffix(".meta")] = {
                name: status_by_exit_code[code] for name, code in codes.items()
            }
    return found


def page(statuses: dict[str, dict[str, str]], reasons: dict[Change, str]) -> tuple[str, list[str]]:
    """Return the page, and what is wrong with it."""
    counts = {file: Counter(names.values()) for file, names in statuses.items()}
    total = sum(counts.values(), Counter())
    caught = sum(total[status] for status in CAUGHT)
    run = total.total() - total["not checked"]
    score = caught / run
    problems = [] if score >= GOAL else [f"score {score:.1%} is below the goal of {GOAL:.0%}"]
    if total["not checked"]:
        problems.append(f"{total['not checked']} mutants were not run: `mutmut run` goes on where it stopped")
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    tests = ", ".join(f"`{path}`" for path in config["mutmut"]["pytest_add_cli_args_test_selection"].split())
    log = ["git", "log", "-1", "--format=%h", "--", "noprune_theory/bounds", "verification"]
    revision = subprocess.run(log, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    scope = "; ".join(words for folder, words in SCOPE_WORDS.items() if any(f.startswith(folder) for f in statuses))
    text = HEADING.format(score=score, total=run, goal=GOAL, scope=scope, revision=revision, tests=f"Tests: {tests}.\n")
    if total["not checked"]:
        text += f"\n{total['not checked']:,} further mutants have not been run.\n"
    text += "\n| file | mutants | noticed | survived | score |\n|---|---:|---:|---:|---:|\n"
    for file, count in counts.items():
        noticed, ran = sum(count[status] for status in CAUGHT), count.total() - count["not checked"]
        share = f"{noticed / ran:.1%}" if ran else "–"
        text += f"| `{file}` | {ran} | {noticed} | {ran - noticed} | {share} |\n"
    text += "\n## Survivors\n\nOne line a function and reason; a change is shown as before → after.\n"
    grouped: dict[str, dict[str, list[Change]]] = defaultdict(lambda: defaultdict(list))
    used = set()
    for names in statuses.values():
        for name, status in names.items():
            if status in CAUGHT or status == "not checked":
                continue
            found = change(name)
            used.add(found)
            if found not in reasons:
                problems.append(f"no reason for {status} {name}: {found.before} -> {found.after}")
            grouped[reasons.get(found, "No reason is known.")][found.function].append(found)
    for reason, functions in sorted(grouped.items(), key=lambda item: item[0]):
        text += f"\n**{reason}**\n\n"
        for function, changes in functions.items():
            for one in changes:
                text += f"- `{function}`: `{one.before}` → `{one.after}`\n"
    problems += [f"reason without its survivor: {one}" for one in reasons if one not in used]
    return text, problems


def main() -> int:
    """Write the page; tell what is missing."""
    os.chdir(RUN)  # where mutmut looks for its mutants
    recorded = tomllib.loads((ROOT / "tests" / "mutation_survivors.toml").read_text())
    reasons = {
        Change(survivor["function"], before, after): reason["reason"]
        for reason in recorded["reasons"]
        for survivor in reason["survivors"]
        for before, after in [survivor["change"]]
    }
    text, problems = page(results(), reasons)
    target = ROOT / "docs" / "mutation.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    print("\n".join([*problems, f"wrote {target.relative_to(ROOT)}"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
