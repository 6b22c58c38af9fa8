"""What no function of the verifier takes is refused at the call, by the name of the argument."""

import json
import math

import numpy as np
import pytest
import sympy as sp

from noprune_theory.verifier import (
    PROFILES,
    Obligation,
    Refutation,
    climb,
    decide,
    evaluate,
    event,
    html_page,
    instance,
    json_document,
    load_papers,
    random_models,
    run,
    selection_model,
    table,
    worst_case,
)

x = sp.Symbol("x", real=True)
TRUE = Obligation("square", sp.Ge(x**2, 0), Refutation())
START = selection_model(3, 0.5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: random_models(None, 3), TypeError, "^rng must be"),
        (lambda: random_models(0, -1), ValueError, "^count must be >= 0, got -1"),
        (lambda: random_models(0, 2.5), TypeError, "^count must be an integer"),
        (lambda: random_models(0, 3, largest=1), ValueError, r"^largest must be in \[2, 1000\], got 1"),
        (lambda: selection_model(1, 0.5), ValueError, r"^n_data must be in \[2, 1000\], got 1"),
        (lambda: selection_model(True, 0.5), TypeError, "^n_data must be an integer"),
        (lambda: selection_model(3, 1.5), ValueError, "^hit must satisfy 0 <= hit <= 1"),
        (lambda: selection_model(3, math.nan), ValueError, "^hit must be finite"),
        (lambda: selection_model(3, 0.5, math.inf), ValueError, "^background must be finite"),
        (lambda: climb(5, START, 0, 3), TypeError, "^ratio must be a Callable, got 5"),
        (lambda: climb(float, 5, 0, 3), TypeError, "^start must be a FiniteModel, got 5"),
        (lambda: climb(lambda m: m.information, START, "x", 3), TypeError, "^rng must be"),
        (lambda: climb(lambda m: m.information, START, 0, -1), ValueError, "^steps must be >= 0"),
        (lambda: event(5), TypeError, "^name must be a str, got 5"),
        (lambda: decide(5), TypeError, "^obligation must be a Obligation, got 5"),
        (lambda: instance(5), TypeError, "^obligation must be a Obligation"),
        (lambda: instance(TRUE, 5), TypeError, "^substitution must be a Mapping, got 5"),
        (lambda: evaluate(5, PROFILES["quick"]), TypeError, "^statement must be a Statement, got 5"),
        (lambda: worst_case(5, "check"), TypeError, "^statement must be a Statement"),
        (lambda: load_papers(5), TypeError, "^source must be a str, got 5"),
        (lambda: run([5], "quick", 1), TypeError, r"^selection\[0\] must be a Selected, got 5"),
        (lambda: run([], "quick", 0), ValueError, "^workers must be >= 1, got 0"),
        (lambda: run([], "fast", 1), ValueError, "^profile: unknown 'fast'"),
        (lambda: json_document(5), TypeError, "^answers must be a Sequence, got 5"),
        (lambda: json_document([TRUE]), TypeError, r"^answers\[0\] must be a StatementAnswer"),
        (lambda: table([5]), TypeError, r"^answers\[0\] must be a StatementAnswer, got 5"),
        (lambda: table([], width=0), ValueError, "^width must be >= 1"),
        (lambda: table([], encoding="utf-9"), ValueError, "^encoding must be one that Python knows, got 'utf-9'"),
        (lambda: html_page([5], "quick"), TypeError, r"^answers\[0\] must be a StatementAnswer"),
        (lambda: html_page([], "quick", 5), TypeError, "^figures must be a str or a path, got 5"),
        (lambda: html_page([], None), TypeError, "^profile must be a str"),
        (lambda: html_page([], "quick", papers=[5]), TypeError, r"^papers\[0\] must be a Paper, got 5"),
    ],
)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nothing_selected_is_no_work_for_any_number_of_workers():
    assert run([], "quick", 1) == run([], "quick", 4) == []


@pytest.mark.parametrize("captions", [["one"], {"figure": 5}])
def test_captions_that_are_no_object_of_strings_are_refused(tmp_path, captions):
    (tmp_path / "captions.json").write_text(json.dumps(captions))
    with pytest.raises(ValueError, match=r"captions\.json must hold an object of strings"):
        html_page([], "quick", tmp_path)


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("hit", [0.0, 0.3, 1.0])
def test_information_of_the_selection_family(n, hit):
    noise = -sum(p * math.log(p) for p in (hit, 1 - hit) if p > 0)
    expected = math.log(n) - noise - (1 - hit) * math.log(n - 1)
    assert selection_model(n, hit).information == pytest.approx(expected, abs=1e-14)


def test_models_are_those_of_the_seed_whenever_they_are_drawn():
    drawn, later = list(random_models(np.random.default_rng(3), 4)), random_models(3, 4)
    assert [str(model) for model in later] == [str(model) for model in drawn]
    assert all(model.data.min() > 0 and model.kernel.min() > 0 for model in drawn)
