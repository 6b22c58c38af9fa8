"""What is taken from probability theory without a machine proof here, and where it has been proved formally."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RULES", "FormalProof", "Rule"]


@dataclass(frozen=True)
class FormalProof:
    """A formal proof of a fact in a public library, as read in its source.

    Attributes
    ----------
    system
        The proof assistant.
    declaration
        Name of the theorem there.
    repository
        Where its source is: "owner/name" on GitHub.
    path
        The file.
    commit
        The version that was read.
    constant
        What it states, with the constant that it has there.
    """

    system: str
    declaration: str
    repository: str
    path: str
    commit: str
    constant: str


class Rule(str):
    """A fact that a step may rest on: its statement, which is the text itself, and formal proofs of it elsewhere.

    Parameters
    ----------
    text : str
        The fact, in one sentence.
    formal : tuple of FormalProof
        Where it has been proved formally.

    Raises
    ------
    ValueError
        If the text is empty.
    """

    formal: tuple[FormalProof, ...]

    def __new__(cls, text: str, formal: tuple[FormalProof, ...] = ()) -> Rule:
        """Make a rule."""
        if not text.strip():
            raise ValueError("text: must say what the fact is, given an empty text")
        self = super().__new__(cls, text)
        self.formal = tuple(formal)
        return self


_AFP = "isabelle-prover/mirror-afp-devel"
_MATHLIB = "leanprover-community/mathlib4"
_STATSML = "Lean-MoDS/StatsMLlib"

# By the name that a step uses.
RULES: dict[str, Rule] = {
    "expectation": Rule("expectation is linear and monotone, so a pointwise (in)equality may be integrated"),
    "independence": Rule(
        "the expectation of a product of independent variables is the product of the expectations",
    ),
    "conditioning": Rule(
        "the tower property: an inequality for every value of the conditioning variable may be averaged"
    ),
    "layer cake": Rule(
        "the expectation of g(X) is the integral of g'(t) P(X > t) dt plus g at the lower end (Fubini)",
        (
            FormalProof(
                "Lean 4",
                "MeasureTheory.lintegral_comp_eq_lintegral_meas_le_mul",
                _MATHLIB,
                "Mathlib/MeasureTheory/Integral/Layercake.lean",
                "80b8929d925859d15e0b63fba643da8db5216eb8",
                "an equation, for any measure",
            ),
        ),
    ),
    "isoperimetry": Rule("the hypothesis that the components of the covariate are c-isoperimetric (Definition 1)"),
    "continuity": Rule("a probability measure is continuous along increasing unions of events"),
    "volume": Rule("Lebesgue measure is additive and scales with the power of the dimension"),
    "isodiametric": Rule("the isodiametric inequality: among bodies of given diameter the ball has the largest volume"),
    "power series": Rule("a convergent power series with nonnegative terms may be compared term by term"),
    "induction": Rule("a statement about two terms extends to finitely many by induction on their number"),
    "union bound": Rule("the probability of a union of finitely many events is at most the sum of theirs"),
    "decoupling": Rule(
        "an index independent of the data may be fixed: a tail bound for every fixed index may be averaged"
    ),
    "partitions": Rule(
        "Shannon's inequalities for discrete variables extend to all by finite partitions (Dobrushin; cited)"
    ),
    "data processing": Rule(
        "what is computed from Y knows no more of X than Y does: I(X; g(Y)) ≤ I(X; Y)",
        (
            FormalProof(
                "Rocq",
                "data_processing_inequality",
                "affeldt-aist/infotheo",
                "information_theory/entropy.v",
                "007f78fe1ec09127eacdfe5ea2d4eafafb76cd9e",
                "I(X; Z) ≤ I(X; Y) for a Markov chain X, Y, Z on finite sets",
            ),
        ),
    ),
    "Donsker-Varadhan": Rule(
        "∫ h dρ ≤ KL(ρ ‖ ν) + log ∫ exp h dν",
        (
            FormalProof(
                "Lean 4",
                "ProbabilityTheory.integral_sub_toReal_klDiv_le_log_integral_exp",
                _STATSML,
                "StatsMLlib/Probability/Entropy/DonskerVaradhan.lean",
                "4f1a2551430e578f486099ff87098c4c30a1edb5",
                "∫ h dρ - KL(ρ ‖ ν) ≤ log ∫ exp h dν",
            ),
        ),
    ),
    "logarithmic Sobolev": Rule(
        "its constant is 1/λ_max(S) for N(m, S) (Gross 1975; cited) and d - 1 for the unit sphere (Bakry and Émery "
        "1985; cited)",
        (
            FormalProof(
                "Lean 4",
                "GaussianLSI.gaussian_logSobolev_W12_pi",
                _STATSML,
                "StatsMLlib/Probability/Concentration/LogSobolev/GaussianTensorization.lean",
                "37286c3d2c7e17642fbe26988be40f3ff982f944",
                "Ent(g²) ≤ 2 ∫ |∇g|² under N(0, I), g continuously differentiable; not the sphere",
            ),
        ),
    ),
    "central limit": Rule(
        "the central limit theorem for fair signs (de Moivre and Laplace; cited)",
        (
            FormalProof(
                "Isabelle",
                "prob_space.central_limit_theorem",
                "seL4/isabelle",
                "src/HOL/Probability/Central_Limit_Theorem.thy",
                "4f60d426511d9c16bca5d51a7b0bc47479f6194a",
                "weak convergence, for independent variables of one law with a finite variance",
            ),
        ),
    ),
    "Massart": Rule(
        "the Rademacher average of N functions with values in [-b, b] on m points is at most b √(2 log N)/√m (Equation "
        "(12))",
        (
            FormalProof(
                "Lean 4",
                "ProbabilityTheory.massart_lemma_pmf",
                _STATSML,
                "StatsMLlib/LearningTheory/Rademacher/Massart.lean",
                "6f7397f77bd795d9d58b87af929e232ca18918f6",
                "max_h √(Σ (h(x_i)/m)²) · √(2 log N), without an absolute value inside the supremum",
            ),
        ),
    ),
    "McDiarmid": Rule(
        "the inequality of bounded differences (Equation (13))",
        (
            FormalProof(
                "Isabelle",
                "prob_space.mc_diarmid_inequality_classic",
                _AFP,
                "thys/Concentration_Inequalities/McDiarmid_Inequality.thy",
                "3cfe4861b096c3b634a131e23a1c7b560c16bb0a",
                "P(f - Ef ≥ ε) ≤ exp(-2ε²/Σ c_i²)",
            ),
            FormalProof(
                "Lean 4",
                "FormalSLT.Concentration.mcdiarmid_twoSided_of_hasBoundedDifferences_sharp",
                "Robby955/FormalSLT",
                "FormalSLT/Concentration/SharpMcDiarmid.lean",
                "246b9ab5800c7451994240b06e529c42edce47cc",
                "P(|f - Ef| ≥ ε) ≤ 2 exp(-2ε²/Σ c_k²), the coordinates of one law",
            ),
            FormalProof(
                "Lean 4",
                "mcdiarmid_inequality_pos_of_sum_sq_pos",
                _STATSML,
                "StatsMLlib/Probability/Concentration/McDiarmid.lean",
                "37723ed4fd2ff0deba9ca142cd41c8fb8f8be346",
                "P(f - Ef ≥ ε) ≤ exp(-2ε²/Σ c_i²)",
            ),
        ),
    ),
    "Sauer": Rule(
        "a class of VC dimension d has at most Σ_{i≤d} C(m, i) patterns on m points (Sauer 1972; cited)",
        (
            FormalProof(
                "Lean 4",
                "Finset.card_shatterer_le_sum_vcDim",
                _MATHLIB,
                "Mathlib/Combinatorics/SetFamily/Shatter.lean",
                "17abf007b9ee0e59521c857e9d08c20c04c9a291",
                "the sum of C(m, k), k ≤ d, of the shattered sets, which are no fewer than the patterns "
                "(Finset.card_le_card_shatterer)",
            ),
            FormalProof(
                "Isabelle",
                "sauer_shelah_alt",
                _AFP,
                "thys/Sauer_Shelah_Lemma/Sauer_Shelah_Lemma.thy",
                "fbe4f8ac89a4236601d9de754ec3192679312777",
                "the sum of C(m, i), i ≤ d",
            ),
        ),
    ),
    "Gordon": Rule("Gordon's comparison of the minimax of a bilinear Gaussian form (Gordon 1985; cited)"),
    "Sudakov-Fernique": Rule(
        "of two Gaussian processes the one with smaller increments has the smaller mean supremum (Sudakov 1971, "
        "Fernique 1975; cited)"
    ),
    "general position": Rule(
        "a hyperplane through a point in general position separates as one in dimension d - 1 does, among points that "
        "project to general position (Cover 1965; cited)"
    ),
}
