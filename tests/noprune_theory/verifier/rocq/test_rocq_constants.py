"""The constants of the theorems as Rocq prints them, against the claims in sympy and the float functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from noprune_theory.bounds import (
    Constants,
    MaximalLeakage,
    Noise,
    Split,
    class_stability_at_split,
    information_exponent,
    lemma_2_concentration,
    lemma_4_failure,
    lemma_5_failure,
    linear_class_at_split,
    theorem_4,
    theorem_4_condition,
    theorem_5,
    theorem_6,
    uniform_deviation,
)
from noprune_theory.verifier.notation import BinaryEntropy, binary_entropy
from noprune_theory.verifier.rocq.library import printed_theorems, printing_files
from noprune_theory.verifier.rocq.manifest import TheoremEntry
from noprune_theory.verifier.rocq.reading import FUNCTIONS, read_term
from noprune_theory.verifier.rocq.sources import Sources, copy_sources
from verification.no_free_prune import load

pytestmark = pytest.mark.rocq

LIBRARY = Path(__file__).parents[4] / "verification" / "rocq"
n, d, k, epsilon, delta, c, P = sp.symbols("n d k epsilon delta c p_eff", positive=True)
m, b, information, rademacher = sp.symbols("m b I Rad", positive=True)
eta, M, R, v0, spread, sigma2, delta1 = sp.symbols("eta M R0 v0 tA sigma2 delta1", positive=True)
READ: dict[str, Callable[..., sp.Expr]] = {
    **FUNCTIONS,
    "h2": binary_entropy,
    "p_eff": lambda *arguments: P,
    "sigma2": lambda *arguments: sigma2,
    "Rmin": lambda x, y: (x + y - sp.Abs(x - y)) / 2,  # `Min` of sympy compares, which it cannot here
    "gs": lambda x: sp.sqrt(sp.pi / 2) * sp.erf(x / sp.sqrt(2)),  # the integral of exp(-u^2/2) from 0
    "information": lambda *arguments: information,
    "rademacher": lambda *arguments: rademacher,
    "En": lambda *arguments: sp.Symbol("E"),  # the law of the samples, and a class: arguments of these two
    "l": lambda *arguments: sp.Symbol("l"),
}
NAMES = {"peff": P, "P": P, "N": n}
SHARP, PRINTED = Constants.SHARP, Constants.PAPER


@pytest.fixture(scope="module")
def theorems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TheoremEntry]:
    folder = tmp_path_factory.mktemp("library")
    files = copy_sources(LIBRARY, folder / "library")
    assert not Sources(folder).compile([*files, *printing_files(folder, axioms=False)], 2)
    return {t.name: t for t in printed_theorems(folder)}


def formula(theorem: TheoremEntry, pattern: str) -> sp.Expr:
    """Return the formula that a pattern picks out of a printed statement."""
    # Names of files that the theorem's own does not import stand with their file: Theorem6.largest_gap.
    statement = re.sub(r"\b(?:[A-Z]\w*\.)+(?=\w)", "", " ".join(theorem.statement.split()))
    found = re.findall(pattern, statement)
    assert found, f"{pattern} is not in {statement}"
    read = read_term(found[-1].replace("[tt]", "ts").replace("(tt :: nil)", "ts"), READ)
    return read.subs({sp.Symbol(name, positive=True): value for name, value in NAMES.items()})


def claimed_bound(part: Any) -> sp.Expr:
    """Return the right-hand side of Lip >= ... in the claim of Theorem 4."""
    bound = part.claim.conclusion.lhs.args[0].args[1].rhs
    bound = bound.replace(BinaryEntropy, binary_entropy)
    return bound.subs({sp.Symbol("a_1"): sp.sqrt(72), sp.Symbol("a_1", positive=True): sp.sqrt(72)})


def claimed_gap(part: Any) -> sp.Expr:
    """Return the right-hand side of G <= ... in the claims of Theorems 5 and 6."""
    bound = part.claim.conclusion.lhs.args[0].rhs.replace(BinaryEntropy, binary_entropy)
    return bound.subs({s: sp.sqrt(72) for s in bound.free_symbols if s.name == "a_1"})


def sample(rng: np.random.Generator) -> dict[sp.Symbol, float]:
    return {
        n: int(rng.integers(10**4, 10**6)),
        d: int(rng.integers(1, 10**4)),
        k: int(rng.integers(1, 6)),
        epsilon: float(rng.uniform(0.3, 0.9)),
        delta: float(rng.uniform(0.01, 0.9)),
        c: float(rng.uniform(0.1, 10)),
        P: float(10 ** rng.uniform(0, 4)),
    }


def value(expression: sp.Expr, point: dict[sp.Symbol, float]) -> mpmath.mpf:
    """Evaluate with 40 digits at floats taken exactly; symbols are matched by name."""
    exact = {name.name: sp.Rational(number) for name, number in point.items()}
    ready = expression.subs({s: exact[s.name] for s in expression.free_symbols})
    return mpmath.mpf(str(sp.N(ready, 40)))


def test_theorem_4(theorems: dict[str, TheoremEntry]) -> None:
    statement = load("theorem-4")
    rng = np.random.default_rng(4)
    cases = [
        ("no_free_prune", statement.repair, Constants.CLOSED_FORM),
        ("theorem_4_printed", statement, PRINTED),
    ]
    for name, part, constants in cases:
        kernel = formula(theorems[name], r"L <= (.*?) ->")
        claim = claimed_bound(part)
        for _ in range(20):
            point = sample(rng)
            ours = value(kernel, point)
            assert mpmath.almosteq(ours, value(claim, point), rel_eps=1e-30)
            number = float(theorem_4(*(point[s] for s in (n, d, k, epsilon, delta, c, P)), constants))
            assert number == pytest.approx(float(ours), rel=1e-12)


def test_sharp_theorem_4(theorems: dict[str, TheoremEntry]) -> None:
    """At the exponent R with kl(δ/2 ‖ exp(-R)) = p_eff, which the float function inverts numerically."""
    kernel = formula(theorems["no_free_prune_kl"], r"L <= (.*?) ->")
    rng = np.random.default_rng(10)
    for _ in range(20):
        point = sample(rng)
        exponent = float(information_exponent(point[delta] / 2, point[P]))
        ours = float(value(kernel, point | {R: exponent}))
        number = float(theorem_4(*(point[s] for s in (n, d, k, epsilon, delta, c, P)), SHARP))
        assert number == pytest.approx(ours, rel=1e-12)


@pytest.mark.parametrize(("name", "constants"), [("no_free_prune", SHARP), ("theorem_4_printed", PRINTED)])
def test_condition_of_theorem_4(theorems: dict[str, TheoremEntry], name: str, constants: Constants) -> None:
    kernel = formula(theorems[name], r"-> (?:forall [^,]*, )?((?:136|8) [^<>]*?) <= INR n \* epsilon \^ 2 ->")
    rng = np.random.default_rng(5)
    for _ in range(20):
        point = sample(rng)
        number = float(theorem_4_condition(point[k], point[delta], constants))
        assert number == pytest.approx(float(value(kernel, point)), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "pattern", "function"),
    [
        (
            "lemma_2_printed",
            r"<= (\(2 \* INR k \+ 2\) \* exp \(- \([^)]*\^ 2 / \([^)]*\)\)\))",
            lambda p: lemma_2_concentration(p[n], p[epsilon], p[k], PRINTED),
        ),
        ("lemma_4_probability", r"<= (2 \* exp .*)$", lambda p: lemma_4_failure(p[n], p[epsilon], PRINTED)),
        ("lemma_4_sharp", r"<= (exp .*)$", lambda p: lemma_4_failure(p[n], p[epsilon], SHARP)),
        ("lemma_5_printed", r"<= (2 \* INR k \* exp .*)$", lambda p: lemma_5_failure(p[n], p[epsilon], p[k], PRINTED)),
        ("lemma_5_sharp", r"<= (2 \^ k \* exp .*)$", lambda p: lemma_5_failure(p[n], p[epsilon], p[k], SHARP)),
    ],
)
def test_lemmas(
    theorems: dict[str, TheoremEntry], name: str, pattern: str, function: Callable[[dict[sp.Symbol, float]], Any]
) -> None:
    kernel = formula(theorems[name], pattern)
    rng = np.random.default_rng(6)
    for _ in range(20):
        point = {**sample(rng), n: int(rng.integers(10**3, 2 * 10**4))}
        expected = min(1.0, float(value(kernel, point)))
        assert min(1.0, float(function(point))) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("name", ["linear_class", "independent_noise"])
def test_classes_linear_in_their_weights(theorems: dict[str, TheoremEntry], name: str, signs: bool) -> None:
    """The law at a split, R the exponent of a leakage; for fair signs nothing fluctuates."""
    independent = name == "independent_noise"
    theorem = theorems[f"{name}_signs" if signs else name]
    kernel = formula(theorem, r"L <= (.*?) ->")
    if not signs:
        kernel = kernel.subs({v0: formula(theorem, r"v0 = (.*?) ->")})
        kernel = kernel.subs({spread: formula(theorem, r"tA = (.*?) ->")}) if independent else kernel
    claim = load("sharp-independent-noise" if independent else "sharp-linear-class").claim.conclusion.rhs
    rng = np.random.default_rng(9)
    for _ in range(20):
        point = sample(rng) | {eta: float(rng.uniform(0.05, 0.9)), M: int(rng.integers(1, 3000))}
        variance, share = (1.0, 1e-15) if signs else (float(rng.uniform(0.9, 1)), float(rng.uniform(0.1, 0.9)))
        leakage, failure = float(10 ** rng.uniform(-2, 3)), point[delta]
        exponent = leakage - float(np.log((1 - share) * failure))
        point |= {R: exponent, sigma2: variance, delta1: share * failure}
        ours = value(kernel, point)
        level, start = variance - point[epsilon], variance
        if not signs:
            start = float(value(formula(theorem, r"v0 = (.*?) ->"), point))
        tau = start - float(np.sqrt(start * level))
        if independent and not signs:
            tau -= float(value(formula(theorem, r"tA = (.*?) ->"), point))
        stated = {"R": exponent, "tau": tau, "v": start}
        left = claim.subs({s: stated.get(s.name, s) for s in claim.free_symbols})
        assert float(value(left, point)) == pytest.approx(float(ours), rel=1e-9)
        number = linear_class_at_split(
            point[n],
            point[d],
            point[k],
            point[epsilon],
            failure,
            point[c],
            mask_size=point[M],
            dependence=MaximalLeakage(leakage),
            noise=Noise(sigma2=variance, signs=signs, independent=independent and not signs),
            centred=signs,
            moment_form=independent,
            split=Split(share, point[eta]),
        )
        assert float(number) == pytest.approx(float(ours), rel=1e-12)


@pytest.mark.parametrize("convex", [True, False])
def test_masked_law_of_classifiers(theorems: dict[str, TheoremEntry], convex: bool) -> None:
    """At the stability of the float function the theorem's condition is an equality: the budget is 2ε."""
    kernel = formula(theorems["masked_law"], r"-> (sqrt \(2 \* \(ln 2 [^<>]*?) <= 2 \* epsilon ->")
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(30):
        margin, failure = float(rng.uniform(0.1, 0.9)), float(rng.uniform(0.01, 0.5))
        share, width, spent = (float(rng.uniform(0.2, 0.9)) for _ in range(3))
        size, dimension = int(np.ceil(rng.uniform(40, 500) / margin**2)), int(rng.integers(1, 5_000))
        scale, leakage, log_count = float(rng.uniform(0.3, 4)), spent, float(10 ** rng.uniform(0, 5))
        stability = class_stability_at_split(
            size,
            dimension,
            margin,
            failure,
            scale,
            log_count=log_count,
            dependence=MaximalLeakage(leakage),
            convex=convex,
            share=share,
            theta=width,
        )
        if not np.isfinite(stability):
            continue
        found += 1
        at = {"n": size, "delta1": share * failure, "ell": 1 if convex else 2, "theta": width, "p": log_count}
        at |= {"R0": leakage - float(np.log((1 - share) * failure))}
        at |= {"s": float(stability) * float(np.sqrt(dimension / scale))}
        point = {name: at[name.name] for name in kernel.free_symbols}
        assert float(value(kernel, point)) == pytest.approx(2 * margin, rel=1e-9)
    assert found > 10


def test_uniform_deviation(theorems: dict[str, TheoremEntry]) -> None:
    kernel = formula(theorems["equation_1_sharp"], r"\(rademacher n l\) \+ (a \* sqrt \(.*\))\) \(supremum")
    rng = np.random.default_rng(12)
    for _ in range(20):
        point = sample(rng) | {sp.Symbol("a", positive=True): float(rng.uniform(0.1, 3))}
        number = uniform_deviation(point[n], 0.0, point[delta], point[sp.Symbol("a", positive=True)])
        assert float(number) == pytest.approx(float(value(kernel, point)), rel=1e-12)


GENERALISATION = [
    ("theorem_5_repaired", "theorem-5", r"rleb \((.*)\) \(largest_gap", Constants.CLOSED_FORM),
    ("theorem_5_false", "theorem-5", r"rleb \(largest_gap .*? D\) \((\(.*\))\)\)\) <= delta", PRINTED),
    ("theorem_6_repaired", "theorem-6", r"rleb \((.*)\) \(largest_gap", Constants.CLOSED_FORM),
    ("theorem_6_false", "theorem-6", r"rleb \(largest_gap .*? D\) \((.*)\)\)\) <= delta", PRINTED),
]


@pytest.mark.parametrize(("name", "statement", "pattern", "constants"), GENERALISATION)
def test_generalisation(
    theorems: dict[str, TheoremEntry], name: str, statement: str, pattern: str, constants: Constants
) -> None:
    found = load(statement)
    part = found if constants is PRINTED else found.repair
    assert part is not None
    kernel, claim = formula(theorems[name], pattern), claimed_gap(part)
    rng = np.random.default_rng(8)
    for _ in range(20):
        size, dimension = int(rng.integers(200, 10**6)), int(rng.integers(1, 199))
        bits, failure = float(10 ** rng.uniform(-3, 3)), float(rng.uniform(0.01, 0.9))
        largest, average = float(rng.uniform(0.1, 5)), float(rng.uniform(0, 1))
        if name.endswith("6_false"):
            size = 1
        point = {m: size, d: dimension, information: bits, delta: failure, b: largest, rademacher: average}
        ours = value(kernel, point)
        assert mpmath.almosteq(ours, value(claim, point), rel_eps=1e-30)
        if statement == "theorem-5":
            number = float(theorem_5(size, dimension, bits, failure, constants))
        else:
            number = float(theorem_6(size, largest, average, bits, failure, constants))
        assert number == pytest.approx(float(ours), rel=1e-12)


def test_no_axiom_of_our_own() -> None:
    """Nothing is declared without a proof; that also the axioms of the theorems are known is in the manifest."""
    for file in LIBRARY.rglob("*.v"):
        words = re.findall(
            r"\b(?:Axiom|Axioms|Parameter|Parameters|Conjecture|Admitted|admit|give_up)\b", file.read_text()
        )
        assert words == [], file.name


def test_no_axiom_of_the_machine() -> None:
    """Intervals are computed with Rocq's own integers: through `Intervals.v`, with a precision, which selects them."""
    for file in LIBRARY.glob("*.v"):
        text = re.sub(r"\(\*.*?\*\)", "", file.read_text(), flags=re.DOTALL)
        assert file.stem == "Intervals" or "From Interval" not in text, file.name
        for tactic in re.findall(r"\b(?:interval|integral)\b(?! _)[^.;]*", text):
            assert "i_prec" in tactic, f"{file.name}: {tactic}"
