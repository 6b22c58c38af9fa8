"""Theorem 2: the modified law for any learner with masks, and its repaired form for four measures of dependence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import mpmath
import numpy as np
import sympy as sp

from noprune_theory import bounds
from noprune_theory._types import FloatArray
from noprune_theory.bounds import (
    InformationDensity,
    MaximalLeakage,
    MutualInformation,
    SibsonInformation,
    Split,
    density_probability,
    information_probability,
    information_probability_closed_form,
    leakage_probability,
    sibson_probability,
    theorem_2_order,
    theorem_4_at_split,
    theorem_4_density,
    theorem_4_leakage,
    theorem_4_sibson,
)
from noprune_theory.information import JointDistribution
from noprune_theory.verifier.exact_models import FiniteModel, climb, random_models, selection_model
from noprune_theory.verifier.notation import LipschitzConstant, MeanSquareError, Probability, equation, event
from noprune_theory.verifier.obligations import Obligation, instance
from noprune_theory.verifier.provers import Events, Identity, Refutation
from noprune_theory.verifier.statement import (
    Claim,
    Comparison,
    ExactCheck,
    NumericAgreement,
    PlantedFault,
    Profile,
    Repair,
    Role,
    Statement,
    Step,
    Verdict,
)
from verification.facts.concentration import HOEFFDING, NOISE_PRODUCT, SHARP_AVERAGE, WORST_NOISE
from verification.no_free_prune import lemma_1, lemma_2, lemma_5, theorem_4

n, d, k, c, epsilon, delta, L, M, W, J = sp.symbols("n d k c epsilon delta L M W J", positive=True)
theta, rho, eta, tau, R, t = sp.symbols("theta rho eta tau R t", positive=True)
effective, half_entropy, log_two = sp.symbols("p_eff h l2", positive=True)
density, level, indicator, kernel, largest = sp.symbols("a K 1_A w w_max", nonnegative=True)
sigma2, a, b, leak, order, exceedance = sp.symbols("sigma^2 A B ell r s", positive=True)
returned = sp.Symbol("f^W")
S, E, fits = event("S"), event("E"), event("M")


def order_form() -> sp.Expr:
    """Return the printed right-hand side."""
    return epsilon * sp.sqrt(n * d / effective)


def order_reduction(factor: int) -> Obligation:
    """State that the closed form is a constant away from eps sqrt(nd/p_eff) once p_eff is at least one nat."""
    return Obligation(
        f"P + h ≤ {factor}P for P ≥ 1 ≥ h = h(δ/2): Lip ≥ (1/16) √(δ/({factor}c)) · ε √(nd/P)",
        sp.Le(effective + half_entropy, factor * effective, evaluate=False),
        Refutation(),
        (sp.Ge(effective, 1), sp.Le(half_entropy, 1)),
    )


FROM_THEOREM_4 = Step("Theorem 4 at fixed δ and c, logarithms hidden, for p_eff ≥ 1", (order_reduction(2),))

# The repaired law: the net inside the mask, any split, four measures of dependence.

RATE = sp.Rational(17, 2)
spent = sp.sqrt(RATE / n * (k * sp.log(2) - sp.log(theta * delta)))
rounding_width = sp.sqrt(1 - epsilon + rho * epsilon) - sp.sqrt(1 - epsilon)
threshold = (epsilon * (1 - rho) - spent) / 2


def law(left: sp.Expr, width: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """Return tau sqrt(nd/(8c(M log(1 + WJ/eta) + R))) for tau, eta and R."""
    return left * sp.sqrt(n * d / (8 * c * (M * sp.log(1 + W * J / width) + exponent)))


def split_bound(exponent: sp.Expr) -> sp.Expr:
    """Return the repaired bound for an exponent that the dependence asks for at delta (1 - theta)."""
    return law(threshold, rounding_width, exponent)


ANY_ROUNDING = Step(
    "Rounding by η in the norm: (√(σ² - ε) + η)² ≤ σ² - ε + ρε for η = √(1 - ε + ρε) - √(1 - ε), as σ² ≤ 1",
    (
        Obligation(
            "A = √(σ² - ε) ≤ B = √(1 - ε): 2Aη + η² ≤ 2Bη + η² = ρε",
            sp.Le((a + eta) ** 2, a**2 + rho * epsilon),
            Refutation(),
            (sp.Le(a, b), equation((b + eta) ** 2, b**2 + rho * epsilon)),
        ),
    ),
    role=Role.OURS,
)
SMALL_SHARE = (sp.Le(delta * theta, 1), instance(lemma_1.LOG_DELTA, {lemma_1.delta: delta * theta}))
ANY_SPLIT = Step(
    "2^k exp(-2nt²/17) = θδ at t = √((17/2)(k log 2 + log(1/(θδ)))/n), which leaves 2τ = ε - ρε - t for the "
    "correlation",
    (
        Obligation(
            "k log 2 - 2nt²/17 = log(θδ)",
            equation(lambda: k * sp.log(2) - 2 * n * spent**2 / 17, lambda: sp.log(theta * delta)),
            Identity(),
            SMALL_SHARE,
        ),
        Obligation(
            "the deviation ε(1 - ρ) - 2τ at the τ of the bound is t",
            equation(lambda: epsilon * (1 - rho) - 2 * threshold, lambda: spent),
            Identity(),
            SMALL_SHARE,
        ),
    ),
    role=Role.OURS,
)
NET_INSIDE_MASK = Step(
    "At a fixed mask the event E_m, some net point of that mask correlates by τ, has probability at most N_m q, log "
    "N_m ≤ M log(1 + WJ/η); the event that matters is E_{m^W}, which depends on the learner through the mask alone",
    (
        Obligation(
            "log(1/(Nq)) = R at L² = τ² nd/(8c(log N + R)), t for log N",
            equation(lambda: tau**2 * n * d / (8 * c * (tau**2 * n * d / (8 * c * (t + R)))) - t, lambda: R),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("conditioning", "union bound"),
)
LEAKAGE = Step(
    "Maximal leakage ℓ: P(A_W) = Σ_w E[P(w|D) 1_A] ≤ Σ_w max_D P(w|D) P(A_w) ≤ exp(ℓ) q",
    (
        Obligation(
            "one term",
            sp.Le(kernel * indicator, largest * indicator),
            Refutation(),
            (sp.Le(kernel, largest),),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)
SIBSON = Step(
    "Sibson's information I_a: E[P(w|D) 1_A] ≤ (E P(w|D)^a)^(1/a) P(A_w)^(1-1/a) for each w (Hölder, from Young), so "
    "P(A_W) ≤ (q exp I_a)^((a-1)/a)",
    (
        *HOEFFDING.obligations[:3],
        Obligation(
            "exponents: (1 - 1/a)(log q + I_a) is the logarithm of (q exp I_a)^((a-1)/a)",
            equation((1 - 1 / order) * (leak + t), (order - 1) / order * (leak + t)),
            Identity(),
        ),
    ),
    role=Role.OURS,
    rests_on=("expectation",),
)


def spectrum(factor: sp.Rational) -> Obligation:
    """State the pointwise inequality behind the information-spectrum bound; K = exp(level)."""
    return Obligation(
        "a 1_A ≤ a 1{a > K} + K 1_A for the density a",
        sp.Le(
            density * indicator,
            density * sp.Piecewise((1, sp.Gt(density, level)), (0, True)) + factor * level * indicator,
        ),
        Refutation(),
        (sp.Or(equation(indicator, 0), equation(indicator, 1)),),
    )


DENSITY = Step(
    "Information density: integrated over the product law, P(A_W) ≤ P(i > level) + exp(level) q",
    (spectrum(sp.S.One),),
    role=Role.OURS,
    rests_on=("expectation",),
)
COLLECT = Step(
    "Outside an event of probability δ, no function that fits is smoother than the bound",
    (
        Obligation(
            "P(M) ≤ θδ + (1 - θ)δ",
            sp.Le(Probability(fits), delta),
            Events(),
            (
                sp.Implies(fits, sp.Or(S, E)),
                sp.Le(Probability(S), theta * delta),
                sp.Le(Probability(E), (1 - theta) * delta),
            ),
        ),
    ),
    role=Role.OURS,
    rests_on=("continuity",),
)

# Exact models: every bound on the tail of the selected statistic of finite (D, W).

ORDER = 2.5


def bound_at(dependence: str, model: FiniteModel, exponent: FloatArray) -> FloatArray:
    """Bound P(event) for events of probability exp(-exponent) at fixed W, by one measure of dependence."""
    joint = JointDistribution(model.joint)
    if dependence == "leakage":
        return np.asarray(leakage_probability(exponent, max(joint.maximal_leakage(), 0.0)))
    if dependence == "sibson":
        return np.asarray(sibson_probability(exponent, max(joint.sibson_information(ORDER), 0.0), ORDER))
    if dependence == "density":
        product = np.outer(model.joint.sum(axis=1), model.joint.sum(axis=0))
        ratio = np.divide(model.joint, product, out=np.zeros_like(product), where=product > 0)
        value = float(np.log(max(np.median(ratio[ratio > 0]), 1.0)))
        exceeded = min(float(model.joint[ratio > np.exp(value)].sum()), 1.0)
        return np.asarray(density_probability(exponent, value, exceeded))
    return np.asarray(information_probability(exponent, max(model.information, 0.0)))


def events(model: FiniteModel) -> tuple[FloatArray, FloatArray]:
    """Return P(X_W >= u) and the largest P(X_t >= u) over t, for every value u at which it is below one."""
    above = model.statistic >= np.unique(model.statistic)[:, None, None] - 1e-12
    probability = np.sum(above * model.joint.T, axis=(1, 2))
    fixed = (above @ model.data).max(axis=1)
    proper = fixed < 1 - 1e-9
    return probability[proper], fixed[proper]


def tightness(dependence: str) -> Callable[[FiniteModel], float]:
    """Return the function that measures how close a bound comes on a model."""

    def ratio(model: FiniteModel) -> float:
        probability, fixed = events(model)
        return float(np.max(probability / bound_at(dependence, model, -np.log(fixed)), initial=0.0))

    return ratio


@lru_cache(maxsize=8)
def models(dependence: str, count: int, steps: int) -> tuple[tuple[str, FiniteModel], ...]:
    """Return random models, the selection family, and the end of a hill climb from one of its members."""
    rng = np.random.default_rng(22)
    found = [(f"random {i}", model) for i, model in enumerate(random_models(rng, count))]
    found += [(f"selection among {k}", selection_model(k, hit)) for k in (2, 4, 6) for hit in (0.5, 0.9)]
    found.append(("hill climb", climb(tightness(dependence), selection_model(3, 0.7), rng, steps)[1]))
    return tuple(found)


def tails(name: str, dependence: str, share: float = 1.0) -> ExactCheck:
    """Compare the tail of the selected statistic with `share` times the bound."""

    def compare(profile: Profile) -> Iterator[Comparison]:
        for label, model in models(dependence, profile.random_models // 2, profile.search_steps // 10):
            probability, fixed = events(model)
            bound = share * bound_at(dependence, model, -np.log(fixed))
            for index in range(fixed.size):
                yield Comparison(f"{label}, q = {fixed[index]:.3g}", float(probability[index]), float(bound[index]))

    return ExactCheck(name, compare)


# Agreement of the library with the expressions.


def sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw arguments that leave more than a third of epsilon to the threshold, so that no digits cancel."""
    components, margin, failure = (
        float(rng.integers(1, 6)),
        float(rng.uniform(0.05, 0.99)),
        float(rng.uniform(1e-4, 0.9)),
    )
    share = float(rng.uniform(0.01, 0.99))
    required = 17 / 2 * (components * np.log(2) - np.log(share * failure)) / (margin / 2) ** 2
    return {
        "n": float(np.ceil(max(required, 136 * ((components + 1) * np.log(2) - np.log(failure)) / margin**2)))
        + float(rng.integers(0, 10**6)),
        "d": float(rng.integers(1, 10_000)),
        "k": components,
        "epsilon": margin,
        "delta": failure,
        "c": float(rng.uniform(0.3, 5)),
        "M": float(rng.integers(0, 10**5)),
        "W": float(10 ** rng.uniform(-3, 4)),
        "J": float(10 ** rng.uniform(-3, 4)),
        "theta": share,
        "rho": float(rng.uniform(0.001, 0.3)),
        "ell": float(10 ** rng.uniform(-3, 4)),
        "r": float(rng.uniform(1.1, 20)),
        "s": float(rng.uniform(0.01, 0.4) * (1 - share) * failure),
    }


def _dependence(
    name: str, v: dict[str, float]
) -> MutualInformation | MaximalLeakage | SibsonInformation | InformationDensity:
    if name == "leakage":
        return MaximalLeakage(v["ell"])
    if name == "sibson":
        return SibsonInformation(v["ell"], v["r"])
    return InformationDensity(v["ell"], v["s"])


def at_split(name: str, exponent: sp.Expr) -> NumericAgreement:
    """Compare `bounds.theorem_4_at_split` for one measure of dependence with the repaired bound."""

    def function(**v: float) -> float:
        return float(
            theorem_4_at_split(
                v["n"],
                v["d"],
                v["k"],
                v["epsilon"],
                v["delta"],
                v["c"],
                mask_size=v["M"],
                diameter=v["W"],
                parameter_lipschitz=v["J"],
                dependence=_dependence(name, v),
                split=Split(v["theta"], v["rho"]),
            )
        )

    return NumericAgreement(f"bounds.theorem_4_at_split, {name}", function, split_bound(exponent), sample)


def fixed_split(
    name: str, function: Callable[..., object], exponent: sp.Expr, extra: tuple[str, ...]
) -> NumericAgreement:
    """Compare a version of Theorem 4 at threshold eps/4 with its expression."""

    def evaluate(**v: float) -> float:
        leading = [v[key] for key in ("n", "d", "k", "epsilon", "delta", "c", "ell", *extra)]
        return float(np.asarray(function(*leading)))

    return NumericAgreement(
        f"bounds.{name}",
        evaluate,
        epsilon / 4 * sp.sqrt(n * d / (8 * c * exponent)),
        lambda rng: (lambda v: {**v, "s": v["delta"] / 10})(sample(rng)),
    )


A, C, u = sp.symbols("A C u", positive=True)


def small_sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw arguments of the changes of measure with exponents below a hundred, so that exp keeps twelve digits."""
    failure, level_drawn = float(rng.uniform(1e-4, 0.9)), float(10 ** rng.uniform(-2, 1.5))
    return {
        "delta": failure,
        "ell": level_drawn,
        "r": float(rng.uniform(1.1, 20)),
        "s": failure * float(rng.uniform(0.01, 0.9)),
        "A": level_drawn + float(rng.uniform(0.1, 60)),
        "C": float(10 ** rng.uniform(-2, 2)),
    }


def plain(function: Callable[..., object], claim: sp.Expr, *keys: str) -> NumericAgreement:
    """Compare a function of `noprune_theory.bounds` with an expression; `keys` names its arguments in order."""
    return NumericAgreement(
        f"bounds.{function.__name__}",
        lambda **v: float(np.asarray(function(*[v[key] for key in keys]))),
        claim,
        small_sample,
    )


def tail(function: Callable[..., object], claim: sp.Expr, *keys: str) -> NumericAgreement:
    """Compare a tail of Lemma 1 at radius u = sqrt(C (A + log 2)), so at exponent A, with an expression."""

    def evaluate(**v: float) -> float:
        radius = float(np.sqrt(v["C"] * (v["A"] + np.log(2))))
        return float(np.asarray(function(radius, v["C"], *[v[key] for key in keys])))

    return NumericAgreement(f"bounds.{function.__name__}", evaluate, claim, small_sample)


def divergence_at(A: float, ell: float) -> float:
    """Return kl(P || q) in 50 digits at the library's P for q = exp(-A); it has to return the information."""
    with mpmath.workdps(50):
        p, q = mpmath.mpf(float(information_probability(A, ell))), mpmath.exp(-mpmath.mpf(A))
        return float(p * mpmath.log(p / q) + (1 - p) * (mpmath.log1p(-p) - mpmath.log1p(-q)))


def closed_exponent_at(A: float, ell: float) -> float:
    """Return (I + h(P))/P in 50 digits at the library's P; it has to return the exponent."""
    with mpmath.workdps(50):
        p = mpmath.mpf(float(information_probability_closed_form(A, ell)))
        return float((ell - p * mpmath.log(p) - (1 - p) * mpmath.log1p(-p)) / p)


by_leakage, by_sibson = sp.exp(leak - A), sp.exp((leak - A) * (order - 1) / order)
by_density = sp.Min(1, exceedance + sp.exp(leak - A))
leakage_radius = sp.sqrt(C * (leak - sp.log(delta) + sp.log(2)))
sibson_radius = sp.sqrt(C * (leak - order / (order - 1) * sp.log(delta) + sp.log(2)))
density_radius = sp.sqrt(C * (leak - sp.log(delta - exceedance) + sp.log(2)))
entropy_of_delta = -delta * sp.log(delta) - (1 - delta) * sp.log(1 - delta)
CHANGES_OF_MEASURE = (
    plain(bounds.binary_entropy, entropy_of_delta, "delta"),
    plain(
        bounds.bernoulli_relative_entropy,
        delta * sp.log(delta / exceedance) + (1 - delta) * sp.log((1 - delta) / (1 - exceedance)),
        "delta",
        "s",
    ),
    plain(bounds.information_exponent_closed_form, (leak + entropy_of_delta) / delta, "delta", "ell"),
    plain(bounds.leakage_exponent, leak - sp.log(delta), "delta", "ell"),
    plain(bounds.sibson_exponent, leak - order / (order - 1) * sp.log(delta), "delta", "ell", "r"),
    plain(bounds.density_exponent, leak - sp.log(delta - exceedance), "delta", "ell", "s"),
    plain(bounds.leakage_probability, by_leakage, "A", "ell"),
    plain(bounds.sibson_probability, by_sibson, "A", "ell", "r"),
    plain(bounds.density_probability, by_density, "A", "ell", "s"),
    plain(bounds.lemma_1_leakage, leakage_radius, "C", "ell", "delta"),
    plain(bounds.lemma_1_sibson, sibson_radius, "C", "ell", "r", "delta"),
    plain(bounds.lemma_1_density, density_radius, "C", "ell", "s", "delta"),
    tail(bounds.lemma_1_leakage_tail, by_leakage, "ell"),
    tail(bounds.lemma_1_sibson_tail, by_sibson, "ell", "r"),
    tail(bounds.lemma_1_density_tail, by_density, "ell", "s"),
    NumericAgreement(
        "bounds.information_probability, kl(P‖exp(-A)) = I",
        lambda **v: divergence_at(v["A"], v["ell"]),
        leak,
        small_sample,
    ),
    NumericAgreement(
        "bounds.information_probability_closed_form, (I + h(P))/P = A",
        lambda **v: closed_exponent_at(v["A"], v["ell"]),
        A,
        small_sample,
    ),
)
leakage_exponent = leak - sp.log((1 - theta) * delta)
sibson_exponent = leak - order / (order - 1) * sp.log((1 - theta) * delta)
density_exponent = leak - sp.log((1 - theta) * delta - exceedance)
with sp.evaluate(False):  # shown as written
    fitted = sp.Le(MeanSquareError(returned), sigma2 - epsilon)
    PRINTED = sp.Implies(fitted, sp.Ge(LipschitzConstant(returned), order_form()))
    REPAIRED = sp.Ge(
        Probability(sp.Implies(fitted, sp.Ge(LipschitzConstant(returned), law(tau, eta, sp.Symbol("R_delta"))))),
        1 - delta,
    )
    SPLIT = (
        equation(2 * tau, epsilon * (1 - rho) - sp.Symbol("t")),
        equation(sp.Symbol("t") ** 2, sp.Rational(17, 2) * (k * sp.log(2) + sp.log(1 / (theta * delta))) / n),
        equation(eta, sp.sqrt(1 - epsilon + rho * epsilon) - sp.sqrt(1 - epsilon)),
        sp.Gt(tau, 0),
    )

STATEMENT = Statement(
    id="theorem-2",
    title="The modified law of robustness for any learner with masks",
    source="Section 4, Theorem 2",
    recorded=Verdict.GAP,
    claim=Claim(
        conclusion=PRINTED,
        words="With high probability, up to constants and logarithms, for any learning algorithm with masks; p_eff = "
        "Θ~(I(m^W; D) + E||m||_1). Its proof is that of Theorem 4.",
    ),
    derivation=(theorem_4.ROUNDING, theorem_4.MASK, FROM_THEOREM_4),
    agreement=(
        NumericAgreement(
            "bounds.theorem_2_order",
            lambda **v: float(theorem_2_order(v["n"], v["d"], v["epsilon"], v["p_eff"])),
            order_form(),
            lambda rng: {**sample(rng), "p_eff": float(10 ** rng.uniform(-2, 8))},
        ),
    ),
    faults=(
        PlantedFault("P + h ≤ P", order_reduction(1)),
        PlantedFault(
            "order form with p_eff outside the root",
            NumericAgreement(
                "bounds.theorem_2_order",
                lambda **v: float(theorem_2_order(v["n"], v["d"], v["epsilon"], v["p_eff"])),
                epsilon * sp.sqrt(n * d) / effective,
                lambda rng: {**sample(rng), "p_eff": float(10 ** rng.uniform(1, 8))},
            ),
        ),
    ),
    repair=Repair(
        claim=Claim(
            conclusion=REPAIRED,
            hypotheses=SPLIT,
            words="For every split θ, ρ in (0, 1) and at most M kept weights, under the hypotheses of the repaired "
            "Theorem 4. R_δ is what the mask's dependence on the data asks for at δ' = (1-θ)δ: log(1/δ') for a fixed "
            "mask, (I + h(δ'))/δ' for mutual information, leakage + log(1/δ') for maximal leakage, I_a + a/(a-1) "
            "log(1/δ') for Sibson's information, level + log(1/(δ' - s)) if the information density exceeds the level "
            "with probability at most s. The net never meets a factor 1/δ.",
        ),
        derivation=(
            theorem_4.SHARP_NET,
            ANY_ROUNDING,
            lemma_5.REDRAW,
            lemma_2.SIGN_VECTORS,
            lemma_2.SIGN_CONCENTRATION,
            ANY_SPLIT,
            WORST_NOISE,
            NOISE_PRODUCT,
            SHARP_AVERAGE,
            NET_INSIDE_MASK,
            lemma_1.CHANGE_OF_MEASURE,
            lemma_1.EVENT_BOUND,
            lemma_1.CLOSED_FORM,
            LEAKAGE,
            SIBSON,
            DENSITY,
            COLLECT,
        ),
        exact=tuple(
            tails(f"tail of the selected statistic on finite (D, W), {name}", name)
            for name in ("information", "leakage", "sibson", "density")
        ),
        agreement=(
            at_split("leakage", leakage_exponent),
            at_split("sibson", sibson_exponent),
            at_split("density", density_exponent),
            fixed_split("theorem_4_leakage", theorem_4_leakage, leak - sp.log(delta / 2), ()),
            fixed_split("theorem_4_sibson", theorem_4_sibson, leak - order / (order - 1) * sp.log(delta / 2), ("r",)),
            *CHANGES_OF_MEASURE,
            fixed_split("theorem_4_density", theorem_4_density, leak - sp.log(delta / 2 - exceedance), ("s",)),
        ),
        faults=(
            *(
                PlantedFault(f"a tenth less, {name}", tails(f"nine tenths of the bound, {name}", name, 0.9))
                for name in ("information", "leakage", "sibson")
            ),
            PlantedFault("half of K 1_A in the spectrum bound", spectrum(sp.Rational(1, 2))),
            PlantedFault("leakage without log(1/δ)", at_split("leakage", leak)),
        ),
    ),
    remarks=(
        "The order form hides that the printed proof loses 1/√δ on the whole of p_eff: only the information of the "
        "mask needs it, and not even that if leakage is used.",
    ),
)
