"""Printed Rocq terms read back, and the manifest."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy as sp

from noprune_theory.verifier.rocq.__main__ import main
from noprune_theory.verifier.rocq.library import _parsed
from noprune_theory.verifier.rocq.manifest import Entry, KernelStatus, Manifest, TheoremEntry, read_manifest
from noprune_theory.verifier.rocq.reading import FUNCTIONS, read_term

n, c, d, delta = sp.symbols("n c d delta", positive=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", sp.Integer(7)),
        ("8 - 4 - 2", sp.Integer(2)),
        ("8 / 4 / 2", sp.Integer(1)),
        ("2 ^ 3 ^ 2", sp.Integer(512)),
        ("- 2 ^ 2", sp.Integer(-4)),
        ("/ 4 * 2", sp.Rational(1, 2)),
        ("sqrt (INR n * d / (c + 1))", sp.sqrt(n * d / (c + 1))),
        ("8 ^ 3 * INR n * ln (8 * INR n / delta)", 512 * n * sp.log(8 * n / delta)),
        ("exp (- (d ^ 2 / 2))", sp.exp(-(d**2) / 2)),
        ("Rmax c d", sp.Max(c, d)),
    ],
)
def test_terms_mean_what_rocq_means(text: str, expected: sp.Expr) -> None:
    assert sp.simplify(read_term(text) - expected) == 0


def test_functions_of_several_arguments() -> None:
    functions = {**FUNCTIONS, "p_eff": lambda *arguments: sp.Symbol("P", positive=True)}
    assert read_term("c * (p_eff Ex K n mask + 1)", functions) == c * (sp.Symbol("P", positive=True) + 1)


@pytest.mark.parametrize("text", ["", "1 +", "(1", "1 )", "f x", "x <= y", "1 2"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="text"):
        read_term(text)


def test_printed_theorems_are_parsed(tmp_path: Path) -> None:
    output = (
        "NoFreePrune.A.first\n     : forall x : R,\n       x = x\nClosed under the global context\n"
        "NoFreePrune.A.second\n     : 0 <= 1\nAxioms:\nReals.sig_not_dec : forall P : Prop, {~ P}\n"
        "functional_extensionality_dep\n  : forall (A : Type),\n    f = g\n"
    )
    file = tmp_path / "A.v"
    file.write_text('(** Lemma 3 of "A Paper". *)\nTheorem first : True.\nTheorem second : True.\n')
    first, second = _parsed(output, file, ["first", "second"])
    assert (first.statement, first.axioms) == ("forall x : R,\nx = x", ())
    assert (first.file, first.paper, first.about) == ("A.v", "A Paper", ("lemma-3", "sharp-a", "first"))
    assert second.statement == "0 <= 1"
    assert second.axioms == ("Reals.sig_not_dec", "functional_extensionality_dep")
    with pytest.raises(ValueError, match="zip"):
        _parsed(output, file, ["first", "second", "third"])


def entry(name: str, digest: str, status: KernelStatus) -> Entry:
    return Entry(name, "0 <= 1", digest, status, "linear arithmetic", 0.1)


def test_the_manifest_is_read_back(tmp_path: Path) -> None:
    manifest = Manifest(
        (
            entry("a.1", "1", KernelStatus.ACCEPTED),
            entry("a.1.defined", "1", KernelStatus.OPEN),
            entry("a.2", "2", KernelStatus.REFUTED),
            entry("a.2.defined", "2", KernelStatus.ACCEPTED),
            entry("a.3", "3", KernelStatus.ACCEPTED),
        ),
        (
            TheoremEntry("law", "Law.v", ("an_axiom",), "0 <= 1", "A Paper", ("theorem-1",)),
            TheoremEntry("b", "B.v", ()),
        ),
    )
    manifest.write(tmp_path / "manifest.json")
    assert Manifest.read(tmp_path / "manifest.json") == manifest
    assert read_manifest(tmp_path / "manifest.json") == {
        "1": KernelStatus.OPEN,  # accepted only if everything in it is defined
        "2": KernelStatus.REFUTED,
        "3": KernelStatus.ACCEPTED,
    }


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"obligations": [{"id": 1}], "theorems": []}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match="no manifest"):
        read_manifest(tmp_path / "manifest.json")


def test_without_rocq_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="2"):
        main(["verification.no_free_prune"])
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "apt-get install coq libcoq-interval libcoq-coquelicot coinor-csdp" in message
