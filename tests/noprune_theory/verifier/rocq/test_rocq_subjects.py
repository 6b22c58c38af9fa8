"""Theorems of the library on the page: under which statement, with what their axioms mean."""

from pathlib import Path

import pytest

from noprune_theory.commands._statement_template import STATEMENT
from noprune_theory.verifier.evaluation import evaluate
from noprune_theory.verifier.page import html_page
from noprune_theory.verifier.paper import Paper
from noprune_theory.verifier.rocq.axioms import MEANINGS, meanings
from noprune_theory.verifier.rocq.manifest import TheoremEntry
from noprune_theory.verifier.rocq.shown import about_statement, kernel_section, shown_theorems
from noprune_theory.verifier.rocq.subjects import subject
from noprune_theory.verifier.statement import PROFILES

HEADER = '(** Lemmas 2, 4 and 5 and Equation (5) of "No Free\n    Prune", for Theorem 3. *)\nFrom Coq Require Reals.\n'


@pytest.mark.parametrize(
    ("theorem", "module", "text", "expected"),
    [
        ("lemma_12_sharp", "Lemma4", HEADER, ("No Free Prune", ("lemma-12", "sharp-lemma4"))),
        ("lemma_1a", "Lemma4", HEADER, ("No Free Prune", ("lemma-2", "lemma-4", "lemma-5", "equation-5", "theorem-3"))),
        (
            "no_name",
            "X",
            f"{HEADER}(** As in Corollary 6. *)\nTheorem no_name : x.",
            ("No Free Prune", ("corollary-6",)),
        ),
        (
            "no_name",
            "X",
            f"{HEADER}(* Fact 9 *) Lemma a.\nTheorem no_name : x.",
            ("No Free Prune", ("lemma-2", "lemma-4")),
        ),
        ("no_name", "AnyFunction", "From Coq Require Import Reals.\n(** Fact 2 *)\nLemma a : x.", ("", ())),
    ],
)
def test_subjects(theorem, module, text, expected):
    title, about = subject(theorem, module, text)
    assert title == expected[0]
    assert about[: len(expected[1])] == expected[1]


def test_a_sharpened_statement_is_known_by_the_name_of_the_file_or_its_own():
    assert subject("a", "AnyFunction", "")[1] == ("sharp-any-function", "a")
    assert subject("masked_law", "MaskedClassifiers", "")[1] == ("sharp-masked-classifiers", "masked-law")


def theorem(name="law", axioms=(), paper="", about=()):
    return TheoremEntry(name, "Law.v", axioms, "forall x : R,\nx < 1 -> 0 <= x & y", paper, about)


def test_theorems_of_two_papers_stay_apart():
    first, second = Paper("a", "A Paper", "", {"lemma-1": "m"}), Paper("b", "Another", "", {"lemma-1": "m"})
    known = [theorem("x", (), "", ("lemma-1",)), theorem("y", (), "Another", ("lemma-1", "lemma-2"))]

    def names(identifier, paper):
        return [t.name for t in about_statement(known, identifier, paper, (first, second))]

    assert (names("lemma-1", first), names("lemma-1", second), names("lemma-2", second)) == (["x"], ["y"], ["y"])


def test_axioms_are_explained_or_said_to_be_unknown():
    classic = "Classical_Prop.classic"
    grouped = meanings([classic, "PrimFloat.add", "FloatAxioms.add_spec", "my_axiom"])
    assert [names for names in grouped.values()] == [
        (classic,),
        ("PrimFloat.add", "FloatAxioms.add_spec"),
        ("my_axiom",),
    ]
    assert grouped[""] == ("my_axiom",)
    shown = kernel_section([theorem(axioms=(classic, "my_axiom"))], [])
    assert "excluded middle" in shown
    assert "<code>my_axiom</code>: an axiom that is not of Rocq" in shown
    assert kernel_section([], []) == ""


def test_every_axiom_that_the_readme_of_the_library_names_is_explained():
    text = (Path(__file__).parents[4] / "verification" / "rocq" / "README.md").read_text(encoding="utf-8")
    named = [
        name for name in ("sig_forall_dec", "sig_not_dec", "functional_extensionality_dep", "classic") if name in text
    ]
    assert len(named) == 4
    assert all(any(name in pattern for pattern in MEANINGS) for name in named)


def test_a_theorem_is_shown_as_rocq_prints_it_and_how_to_check_it():
    shown = shown_theorems([theorem("law_1", ("Classical_Prop.classic",))])
    assert "<pre>forall x : R,\nx &lt; 1 -&gt; 0 &lt;= x &amp; y</pre>" in shown
    assert "Classical_Prop.classic" in shown
    assert "<code>sh verification/rocq/check.sh law_1</code>" in shown
    assert "no axiom" in shown_theorems([theorem()])
    many = tuple(f"PrimFloat.f{n}" for n in range(30))
    assert "30 of <code>PrimFloat</code>" in shown_theorems([theorem(axioms=many)])


def test_the_page_shows_theorems_under_their_statement_and_the_others_at_the_end():
    answer = evaluate(STATEMENT, PROFILES["quick"])
    known = (theorem("own", about=(STATEMENT.id,)), theorem("general"))
    page = html_page([answer], "quick", theorems=known)
    statement, _, section = page.partition('<section id="rocq">')
    assert "<h3>In Rocq</h3>" in statement
    assert "<code>own</code>" in statement
    assert "<code>general</code>" not in statement
    assert "<code>general</code>" in section
    assert "<code>own</code>" not in section
    without = html_page([answer], "quick")
    assert 'id="rocq"' not in without
    assert "In Rocq" not in without
