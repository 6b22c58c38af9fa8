"""The constants of the bounds: as the paper prints them, and the sharpest that this package proves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from noprune_theory._validation import check_choice, check_integer, check_positive


@dataclass(frozen=True, slots=True)
class Constants:
    """Which form of Lemma 1, which proxy, which net and which threshold the bounds use.

    `Constants.PAPER` reproduces the paper to the digit. `Constants.SHARP` is the best proved. `Constants.CLOSED_FORM`
    differs from it only in Lemma 1, where it stays with what can be written down.

    Attributes
    ----------
    lemma_1 : {"printed", "binary entropy", "relative entropy"}
        Lemma 1 as printed; the closed form of kl(P || q) <= I; or its exact numerical inversion.
    a1_squared : float
        An a1^2 for which the printed form of Lemma 1 holds: the paper's (footnote 5), or what the closed form implies,
        max over delta of (h(delta)/delta + log 2) / log(2/delta) = 1.50753..., attained at delta = 0.588. Only
        the printed form reads it; `lemma_1` with `replace(Constants.SHARP, lemma_1="printed")` is that form made sharp.
    proxy : float
        Factor of c L^2 / (n d) in the subgaussian constant C0 of Appendix B.1.3: P(X_t >= u) <= exp(-u^2 / C0), twice
        that if `tails` is 2.
    tails : {1, 2}
        Whether the tail of X_t is taken on both sides or on the side that the proof uses.
    net : float
        Factor of W J / epsilon in the size (1 + net W J / epsilon)^||m||_1 of the net of Theorem 4.
    correlation : float
        Threshold of the event E_f of Lemma 5, as a fraction of epsilon.

    Notes
    -----
    The sharp constants, with s^2 = c L^2 / d and E[y | x, l] = g(x) for the component label l:

    *Proxy 8.* Given x the noise z lies in a mean-zero interval of length 2, so its moment generating function is at
    most that of the worst two-point law; Definition 1 bounds the tail of f(x) - E f. Together
    E exp(t (f - E f) z) <= exp(4 s^2 t^2 / 2) for every t. The mean of n such terms has variance proxy 4 s^2 / n, and
    Chernoff's bound gives P(X_t >= u) <= exp(-u^2 n d / (8 c L^2)).

    *Net 8.* A maximal r-separated subset of a set of diameter W in R^k is an r-net of it. The balls of radius r/2
    around its points are disjoint and lie in a set of diameter W + r, so by the isodiametric inequality there are at
    most (1 + W/r)^k of them; r = epsilon / (8 J).

    *Threshold epsilon/4.* See `noprune_theory.bounds.finite_class`.
    """

    lemma_1: Literal["printed", "binary entropy", "relative entropy"]
    a1_squared: float
    proxy: float
    tails: Literal[1, 2]
    net: float
    correlation: float

    def __post_init__(self) -> None:
        check_choice("lemma_1", self.lemma_1, ("printed", "binary entropy", "relative entropy"))
        for name in ("a1_squared", "proxy", "net", "correlation"):
            check_positive(name, getattr(self, name))
        check_integer("tails", self.tails, 1, 2)
        if 1 - 2 * self.correlation - 2 / self.net <= 0:
            raise ValueError(
                "correlation and net must leave a part of epsilon to concentration, 2 correlation + 2/net < 1: "
                f"got correlation = {self.correlation} and net = {self.net}"
            )

    PAPER: ClassVar[Constants]
    CLOSED_FORM: ClassVar[Constants]
    SHARP: ClassVar[Constants]


Constants.PAPER = Constants("printed", a1_squared=72.0, proxy=144.0, tails=2, net=60.0, correlation=1 / 8)
Constants.CLOSED_FORM = Constants("binary entropy", a1_squared=1.5076, proxy=8.0, tails=1, net=8.0, correlation=1 / 4)
Constants.SHARP = Constants("relative entropy", a1_squared=1.5076, proxy=8.0, tails=1, net=8.0, correlation=1 / 4)
