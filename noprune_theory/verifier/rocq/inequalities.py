"""Scripts for rational inequalities: cleared denominators, factors of known sign, products of premises."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import sympy as sp

from noprune_theory.verifier.obligations import Obligation, unmet_assumption
from noprune_theory.verifier.provers.balls import certain
from noprune_theory.verifier.rocq.translate import Translator, half_power

__all__ = ["inequality_scripts"]

_INEQUALITIES = (sp.LessThan, sp.GreaterThan, sp.StrictLessThan, sp.StrictGreaterThan)
_STRICT = (sp.StrictLessThan, sp.StrictGreaterThan)
# What closes the goals that are left.
_ENDINGS = (
    *("posit", "nra", "psatz R 2", "name_roots; name_inverses; nra", "name_roots; name_inverses; psatz R 2"),
    *("each_case", "psatz R 3", "name_roots; name_inverses; psatz R 3"),
)
_START = "intros. split_hypotheses. pose_logarithms. pose_positive."


def inequality_scripts(obligation: Obligation, translator: Translator) -> Iterator[str]:
    """Yield scripts for an inequality, or for a combination of them."""
    conclusion = obligation.conclusion
    if isinstance(conclusion, _INEQUALITIES):
        yield _squared(conclusion, translator)
        yield from _from_premise(obligation, translator)
        start = _by_factors(obligation, translator)
        products = "".join(f"try ({p}); " for p in _products(obligation, translator))
        for ending in ("posit", "nra", f"{products}lra", "psatz R 2", "psatz R 3"):
            yield f"{start}\n{ending}."
    if conclusion.atoms(sp.Rel):
        start = _by_squares(obligation, translator)
        for ending in _ENDINGS:
            yield f"{start}\nall: {ending}."


def _from_premise(obligation: Obligation, translator: Translator) -> Iterator[str]:
    """Yield the proofs that the difference of the sides is that of a premise and something of plain sign."""
    conclusion = obligation.conclusion
    for hypothesis in obligation.hypotheses:
        if not isinstance(hypothesis, _INEQUALITIES):
            continue
        rest = sp.expand((conclusion.gts - conclusion.lts) - (hypothesis.gts - hypothesis.lts))
        if rest.free_symbols & hypothesis.lts.free_symbols or rest.has(sp.zoo, sp.nan):
            continue
        large, small = translator.term(hypothesis.gts), translator.term(hypothesis.lts)
        sides = f"{translator.term(conclusion.gts)} - {translator.term(conclusion.lts)}"
        sign = "<" if isinstance(conclusion, _STRICT) and not isinstance(hypothesis, _STRICT) else "<="
        yield (
            f"{_START} assert (0 {sign} {translator.term(rest)}) by posit.\n"
            f"assert ({sides} = {large} - {small} + {translator.term(rest)}) by (field; nonzero). lra."
        )


def _squared(conclusion: sp.Rel, translator: Translator) -> str:
    """Return the proof of ``l <= r`` from ``l^2 <= r^2``."""
    small, large = translator.term(conclusion.lts), translator.term(conclusion.gts)
    turned = "apply Rle_ge. " if isinstance(conclusion, sp.GreaterThan) else ""
    return (
        f"{_START} {turned}apply Rnot_lt_le; intro N. assert (0 <= {large}) by posit.\n"
        f"assert (0 < ({small} - {large}) * ({small} + {large})) by (apply Rmult_lt_0_compat; lra). nra."
    )


def _by_squares(obligation: Obligation, translator: Translator) -> str:
    """Distinguish cases, with squares of differences as hints."""
    conclusion = obligation.conclusion
    lines = [_START, "split_cases."]
    parts = [translator.name(s) for s in sorted(conclusion.free_symbols, key=str)][:4]
    parts += [f"(sqrt {translator.term(p.base)})" for p in conclusion.atoms(sp.Pow) if half_power(p)]
    pairs = itertools.combinations(dict.fromkeys(parts), 2)
    lines.append("all: " + " ".join(f"pose proof (pow2_ge_0 ({a} - {b}));" for a, b in pairs) + " idtac.")
    lines += _squared_premises(obligation, translator)
    if isinstance(conclusion, _INEQUALITIES) and not conclusion.has(sp.Abs, sp.Max, sp.Min, sp.Piecewise):
        above, below = _fraction(conclusion.gts - conclusion.lts)
        if below != 1 and not any(map(half_power, conclusion.atoms(sp.Pow))):
            lines.append(_cleared(conclusion, translator.term(above), translator.term(below)))
    return "\n".join(lines)


def _fraction(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    above, below = map(sp.factor, sp.fraction(sp.together(expression)))
    return (-above, -below) if below.could_extract_minus_sign() else (above, below)


def _squared_premises(obligation: Obligation, translator: Translator) -> list[str]:
    return [
        f"all: try (assert ({small} ^ 2 <= {large} ^ 2) by (apply square_le; first [lra | nra]))."
        for small, large in _weak_premises(obligation, translator)
    ]


def _weak_premises(obligation: Obligation, translator: Translator) -> list[tuple[str, str]]:
    return [
        (translator.term(h.lts), translator.term(h.gts))
        for h in obligation.hypotheses
        if isinstance(h, sp.LessThan | sp.GreaterThan)
    ]


def _cleared(conclusion: sp.Rel, above: str, below: str) -> str:
    """Return the step from ``l <= r`` to the sign of the numerator of ``r - l``."""
    lemma = "quotient_lt" if isinstance(conclusion, _STRICT) else "quotient_le"
    turned = {sp.GreaterThan: "apply Rle_ge. ", sp.StrictGreaterThan: "apply Rlt_gt. "}.get(type(conclusion), "")
    return f"{turned}apply ({lemma} _ _ ({above}) ({below})); [ field; nonzero | posit | ]."


def _by_factors(obligation: Obligation, translator: Translator) -> str:
    """Write the difference of the sides as a product of factors, each with the sign that it has at sample points."""
    conclusion = obligation.conclusion
    gap = conclusion.gts - conclusion.lts
    lines = [_START]
    logarithms = {part: sp.Dummy(f"log{k}", real=True) for k, part in enumerate(sorted(gap.atoms(sp.log), key=str))}
    plain = gap.xreplace(logarithms)
    roots = {
        p.base: sp.Symbol(f"root_{p.base}", positive=True)
        for p in gap.atoms(sp.Pow)
        if half_power(p) and p.base.is_Symbol
    }
    for base, root in roots.items():
        name, text = translator.name(root), translator.name(base)
        lines.append(
            f"assert (R{name} : sqrt {text} ^ 2 = {text}) by (apply pow2_sqrt; posit). "
            f"assert (0 < sqrt {text}) by posit. "
            f"set ({name} := sqrt {text}) in *. clearbody {name}. subst {text}."
        )
        plain = plain.subs(base, root**2)
    above, below = map(sp.factor, sp.fraction(sp.together(plain)))
    back = {dummy: logarithm for logarithm, dummy in logarithms.items()}
    values = {root: sp.sqrt(base) for base, root in roots.items()}
    points = _points(obligation)
    numerator, sign = _oriented(above, back, values, points)
    denominator, sign_below = _oriented(below, back, values, points)
    top = _factors_text(numerator, back, translator)
    lines.append(
        _cleared(
            conclusion, f"- ({top})" if sign * sign_below < 0 else top, _factors_text(denominator, back, translator)
        )
    )
    lines += _squared_premises(obligation, translator)
    return "\n".join(lines)


Factors = tuple[sp.Expr, list[tuple[sp.Expr, int]]]


def _oriented(
    expression: sp.Expr,
    back: dict[sp.Basic, sp.Basic],
    values: dict[sp.Basic, sp.Basic],
    points: list[dict[sp.Symbol, sp.Rational]],
) -> tuple[Factors, int]:
    """Return the factors, those negative at all sample points turned round, and the sign that is left."""
    constant, factors = sp.factor_list(expression)
    sign = int(sp.sign(constant))
    found = []
    for factor, multiplicity in factors:
        turned = factor
        if multiplicity % 2 and factor.is_Add and points:
            at_points = [factor.xreplace(back).subs(values).subs(point) for point in points]
            if all(sp.N(value) <= 0 for value in at_points):
                turned, sign = sp.expand(-factor), -sign
        found.append((turned, int(multiplicity)))
    return (abs(constant), found), sign


def _factors_text(factors: Factors, back: dict[sp.Basic, sp.Basic], translator: Translator) -> str:
    constant, others = factors
    texts = [translator.term(constant)]
    for factor, multiplicity in others:
        text = f"({translator.term(factor.xreplace(back))})"
        texts.append(text if multiplicity == 1 else f"{text} ^ {multiplicity}")
    return " * ".join(texts)


def _points(obligation: Obligation, wanted: int = 5) -> list[dict[sp.Symbol, sp.Rational]]:
    """Return rational points that satisfy the hypotheses; they only suggest signs."""
    rng = random.Random(1)
    found: list[dict[sp.Symbol, sp.Rational]] = []
    for _ in range(2000):
        point = {
            s: sp.Rational(rng.randint(1, 60), rng.choice((1, 7, 20, 61)))
            * (1 if s.is_nonnegative else rng.choice((1, -1)))
            for s in obligation.variables
        }
        if any(unmet_assumption(s, v) for s, v in point.items()):
            continue
        if all(certain(h, point) is True for h in obligation.hypotheses if isinstance(h, sp.Rel)):
            found.append(point)
        if len(found) == wanted:
            break
    return found


def _products(obligation: Obligation, translator: Translator) -> list[str]:
    """Return products of the premises with monomials in the nonnegative variables, for linear arithmetic."""
    hypotheses = [h for h in obligation.hypotheses if isinstance(h, _INEQUALITIES)]
    given = {h.gts for h in hypotheses if h.lts.is_number and h.lts.is_nonnegative}
    free = obligation.conclusion.free_symbols
    names = [translator.name(s) for s in obligation.variables if (s.is_nonnegative or s in given) and s in free]
    monomials = [*names, *(f"{a} ^ 2" for a in names)]
    monomials += [f"({a} * {b})" for a, b in itertools.combinations(names, 2)]
    found = []
    for hypothesis in hypotheses:
        if hypothesis.has(sp.log, sp.exp) or isinstance(hypothesis, _STRICT):
            continue
        small, large = translator.term(hypothesis.lts), translator.term(hypothesis.gts)
        for monomial in monomials:
            found.append(f"assert (0 <= ({large} - {small}) * {monomial}) by (apply Rmult_le_pos; [lra | posit])")
            if hypothesis.lts != 0 and len(monomials) < 40:
                found.append(
                    f"assert (0 <= ({large} ^ 2 - {small} ^ 2) * {monomial}) by (apply Rmult_le_pos; [lra | posit])"
                )
    return found
