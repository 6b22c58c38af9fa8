"""Rocq itself: exported statements evaluated there and here, proofs found and refused, faults rejected."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import flint
import pytest
import sympy as sp

from noprune_theory.verifier.obligations import Obligation
from noprune_theory.verifier.provers import Balls, Identity, Refutation, enclose, working_precision
from noprune_theory.verifier.provers.balls import certain
from noprune_theory.verifier.rocq import KernelStatus, certify, export, obligation_digest, read_manifest
from noprune_theory.verifier.rocq.collect import broken_obligations
from noprune_theory.verifier.rocq.manifest import Manifest
from noprune_theory.verifier.rocq.proofs import differences
from noprune_theory.verifier.rocq.session import Session
from noprune_theory.verifier.rocq.translate import Translator
from verification.papers import PAPERS

pytestmark = pytest.mark.rocq

u, v = sp.symbols("u v", real=True)
x = sp.Symbol("x", positive=True)


def random_terms(rng: random.Random, depth: int) -> sp.Expr:
    """Return a random term of the functions that are exported, defined at every point."""
    if depth == 0:
        return rng.choice([u, v, sp.Rational(rng.randint(-9, 9), rng.randint(1, 9))])
    a, b = random_terms(rng, depth - 1), random_terms(rng, depth - 1)
    return rng.choice(
        [
            lambda: a + b,
            lambda: a - 2 * b,
            lambda: a * b,
            lambda: a / (1 + b**2),
            lambda: sp.exp(-(a**2) / 50),
            lambda: sp.log(1 + a**2),
            lambda: sp.sqrt(1 + a**2),
            lambda: (1 + a**2) ** sp.Rational(-3, 2),
            lambda: (2 + sp.cos(a)) ** sp.Rational(1, 3),
            lambda: sp.sin(a) * sp.atan(b),
            lambda: sp.Abs(a) + sp.cos(b),
        ]
    )()


def random_cases() -> Iterator[tuple[str, str, str]]:
    """Yield exported terms at rational points, between what balls say."""
    rng = random.Random(20260127)
    for _ in range(40):
        term = random_terms(rng, 3)
        point = {s: sp.Rational(rng.randint(-30, 30), rng.randint(1, 20)) for s in (u, v)}
        with working_precision(120):
            ball = enclose(term, {s: flint.arb(flint.fmpq(int(p.p), int(p.q))) for s, p in point.items()})
            middle = sp.Rational(str(ball.mid().str(30, radius=False)))
        gap = sp.Rational(1, 10**12) * (1 + abs(middle))
        translator = Translator()
        yield translator.term(term.subs(point)), translator.term(middle - gap), translator.term(middle + gap)


def compiles(folder: Path, name: str, goals: list[str]) -> tuple[bool, str]:
    (folder / name).write_text("\n".join(["From Obligations Require Import Portfolio.", *goals]))
    command = ["coqc", "-w", "none", "-Q", "theory", "Obligations", name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def test_exported_terms_have_the_values_that_balls_find(theory: Path) -> None:
    goals = [
        f"Goal {low} <= {value} <= {high}. Proof. unfold Rpower. split; interval with (i_prec 120). Qed."
        for value, low, high in random_cases()
    ]
    accepted, output = compiles(theory, "values.v", goals)
    assert accepted, output


# How Rocq proves that a relation fails, from the opposite one.
FAILS = {
    sp.LessThan: "Rlt_not_le",
    sp.StrictLessThan: "Rle_not_lt",
    sp.GreaterThan: "Rlt_not_ge",
    sp.StrictGreaterThan: "Rle_not_gt",
}


def random_relations() -> Iterator[tuple[str, bool, str]]:
    """Yield exported obligations at rational points, what balls say of them, and how Rocq proves it."""
    rng = random.Random(20260128)
    for _ in range(40):
        relation = rng.choice(list(FAILS))(random_terms(rng, 2), random_terms(rng, 2), evaluate=False)
        point = {s: sp.Rational(rng.randint(-30, 30), rng.randint(1, 20)) for s in (u, v)}
        truth = certain(relation, point)
        if truth is None:  # equal, or too close
            continue
        stated = export(Obligation("", relation, Balls())).statement
        names = [binder.split()[0].removeprefix("(") for binder in stated.binders]
        symbols = {Translator().name(s): s for s in (u, v)}
        at = " ".join(Translator().term(point[symbols[name]]) for name in names)
        body = f"(fun {' '.join(stated.binders)} => {stated.conclusion}) {at}" if names else stated.conclusion
        yield body, truth, "" if truth else f"apply {FAILS[type(relation)]}; "


def test_exported_obligations_hold_where_balls_say_so_and_fail_where_not(theory: Path) -> None:
    cases = list(random_relations())
    assert {truth for _, truth, _ in cases} == {True, False}
    how = "cbv beta; {0}unfold Rpower; one_side; interval with (i_prec 120)."
    goals = [f"Goal {body if truth else f'~ ({body})'}. Proof. {how.format(by)} Qed." for body, truth, by in cases]
    accepted, output = compiles(theory, "relations.v", goals)
    assert accepted, output


OBLIGATIONS = {
    "t.1": Obligation("a square", u**2 - 2 * u * v + v**2 >= 0, Refutation()),
    "t.2": Obligation("a logarithm", sp.Eq(sp.log(x**2), 2 * sp.log(x), evaluate=False), Identity()),
    "t.3": Obligation("an enclosure", sp.exp(u) <= 3, Balls(), (u >= 0, u <= 1)),
    "t.4": Obligation("false", u**2 >= u, Refutation(), (u >= 0, u <= 1)),
    "t.5": Obligation("undefined in part", sp.Ge(sp.Mul(u, 1 / u, evaluate=False), 1, evaluate=False), Refutation()),
    "t.6": Obligation("not translated", sp.Ge(sp.gamma(x), 0, evaluate=False), Refutation()),
}


def test_certified_once_and_not_again_until_altered(certificates: Callable[[str], Path]) -> None:
    folder = certificates("a")
    seen: list[str] = []
    manifest = certify(OBLIGATIONS, folder, progress=lambda what, done, total: seen.append(what))
    statuses = {name: read_manifest(folder / "manifest.json")[obligation_digest(o)] for name, o in OBLIGATIONS.items()}
    assert statuses == {
        "t.1": KernelStatus.ACCEPTED,
        "t.2": KernelStatus.ACCEPTED,
        "t.3": KernelStatus.ACCEPTED,
        "t.4": KernelStatus.REFUTED,
        "t.5": KernelStatus.OPEN,
        "t.6": KernelStatus.OPEN,
    }
    assert "not translated" in next(e.method for e in manifest.obligations if e.id == "t.6")
    assert "looking for proofs" in seen
    settled = {name: OBLIGATIONS[name] for name in ("t.1", "t.2", "t.3", "t.4")}
    seen.clear()
    again = certify(settled, folder, progress=lambda what, done, total: seen.append(what))
    assert "looking for proofs" not in seen
    assert all(e in manifest.obligations for e in again.obligations)
    altered = Obligation("an enclosure", sp.exp(u) <= sp.Rational(5, 2), Balls(), (u >= 0, u <= 1))
    assert obligation_digest(altered) not in read_manifest(folder / "manifest.json")
    certify({"t.3": altered}, folder)
    assert read_manifest(folder / "manifest.json") == {obligation_digest(altered): KernelStatus.REFUTED}


def test_a_memory_that_was_tampered_with_decides_nothing(certificates: Callable[[str], Path]) -> None:
    folder = certificates("a")
    false = {"t.4": OBLIGATIONS["t.4"]}
    assert certify(false, folder).obligations[0].status is KernelStatus.REFUTED
    memory = folder / "proofs.json"
    ((negation, proof),) = json.loads(memory.read_text(encoding="utf-8")).items()
    assert negation.startswith("~ (forall ")
    memory.write_text(json.dumps({negation.removeprefix("~ (").removesuffix(")"): proof}), encoding="utf-8")
    assert certify(false, folder).obligations[0].status is KernelStatus.REFUTED


@pytest.mark.slow
def test_planted_faults_are_rejected(certificates: Callable[[str], Path]) -> None:
    folder = certificates("a")
    faults = {
        f"{paper.name}.{identifier}.{position}": fault
        for paper in PAPERS
        for identifier in paper.statements
        for position, fault in enumerate(broken_obligations(paper.load(identifier)), start=1)
    }
    assert len(faults) > 50
    manifest = certify(faults, folder, jobs=2)
    accepted = [name for name, fault in faults.items() if manifest.statuses()[obligation_digest(fault)] == "accepted"]
    assert accepted == []


@pytest.fixture
def session(theory: Path) -> Iterator[Session]:
    (theory / "by_hand").mkdir(exist_ok=True)
    with Session(theory / "theory", theory / "by_hand", "From Obligations Require Import Portfolio.") as session:
        yield session


def test_an_attempt_ends_when_its_processor_time_is_over(session: Session) -> None:
    assert session.accepts("0 <= 1", "lra.", 5)
    process = session._process
    assert not session.accepts("0 <= 1", "repeat (pose proof Rlt_0_1 as H; clear H).", 0.5)
    assert session.accepts("0 <= 2", "lra.", 5)
    assert session._process is process  # what was loaded was kept
    assert not session.accepts("2 <= 0", "lra.", 5)
    assert not session.accepts("0 <= 1", "Quit.", 5)
    assert session.accepts("0 <= 3", "lra.", 5)


def test_waiting_is_no_processor_time(session: Session) -> None:
    """Of a machine that is busy with other things, an attempt only sees that it waits."""
    assert session.accepts("0 <= 1", "lra.", 5)
    process = session._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    waker = threading.Timer(2.0, process.send_signal, (signal.SIGCONT,))
    waker.start()
    assert session.accepts("0 <= 2", "lra.", 0.5)
    waker.join()


def certified(recorded: Path | None, folder: Path) -> tuple[Manifest, bool]:
    """Certify with recorded proofs and return the manifest and whether anything was searched."""
    seen: list[str] = []
    wanted = {"t.1": OBLIGATIONS["t.1"], "t.4": OBLIGATIONS["t.4"]}
    manifest = certify(wanted, folder, recorded=recorded, progress=lambda what, done, total: seen.append(what))
    return manifest, "looking for proofs" in seen


def test_recorded_proofs_are_compiled_and_not_looked_for(certificates: Callable[[str], Path]) -> None:
    first, second = certificates("a"), certificates("b")
    manifest, searched = certified(None, first)
    assert searched
    recorded = first / "obligations"
    again, searched = certified(recorded, second)
    assert not searched
    assert [(e.status, e.method) for e in again.obligations] == [(e.status, e.method) for e in manifest.obligations]
    assert differences(recorded, second / "obligations") == {}


@pytest.mark.parametrize("script", ["lra.", "Admitted.\nLemma other : 0 = 0.\nProof.\nlra.", "exact no_such_lemma."])
def test_a_recorded_proof_that_proves_nothing_is_noticed_and_another_one_found(
    certificates: Callable[[str], Path], script: str
) -> None:
    first, second = certificates("a"), certificates("b")
    certified(None, first)
    (file,) = (first / "obligations").glob("*.v")
    text = file.read_text(encoding="utf-8")
    start = text.index("Proof.\n", text.index("Lemma t_1")) + len("Proof.\n")
    file.write_text(text[:start] + script + text[text.index("\nQed.", start) :], encoding="utf-8")
    for searches in (True, False):  # what was found in its place is remembered
        manifest, searched = certified(file.parent, second)
        assert searched is searches
        assert [e.status for e in manifest.obligations] == [KernelStatus.ACCEPTED, KernelStatus.REFUTED]
        assert list(differences(file.parent, second / "obligations")) == ["t_1"]
