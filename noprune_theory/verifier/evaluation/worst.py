"""The worst case of an exact check as an object: the finite model closest to equality."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from noprune_theory._display import ShortRepr
from noprune_theory._types import FloatArray
from noprune_theory._validation import check_instance
from noprune_theory.verifier.evaluation.checks import tightness
from noprune_theory.verifier.statement import PROFILES, Comparison, ExactCheck, Profile, Statement

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WorstCase", "worst_case"]


@dataclass(frozen=True, eq=False, repr=False)
class WorstCase(ShortRepr):
    """The model on which an inequality `smaller <= larger` comes closest to equality, or exceeds it most.

    Attributes
    ----------
    check : ExactCheck
        The inequality.
    profile : Profile
        Which models were enumerated.
    label : str
        Name of the model.
    model : object
        The model; None if the check hands over none.
    smaller, larger : float or Fraction
        The two sides there.
    ratio : float
        smaller / larger.
    sides : ndarray of shape (models, 2)
        Both sides on every model, in the order of the enumeration.
    position : int
        Place of the model in `sides`.
    """

    check: ExactCheck
    profile: Profile
    label: str
    model: object
    smaller: float | Fraction
    larger: float | Fraction
    ratio: float
    sides: FloatArray
    position: int

    def evaluate(self) -> float:
        """Return the ratio computed anew: from the model alone where the check has `sides`, else by enumeration."""
        if self.check.sides is not None and self.model is not None:
            return tightness(*self.check.sides(self.model))
        comparison = next(c for k, c in enumerate(self.check.compare(self.profile)) if k == self.position)
        return tightness(comparison.smaller, comparison.larger)

    def plot(self, ax: Axes) -> None:
        """Draw both sides over the models, ordered by their ratio, and mark this one.

        Parameters
        ----------
        ax : matplotlib.axes.Axes
            Where to draw.
        """
        ratios = np.array([tightness(*pair) for pair in self.sides.tolist()])
        order = np.argsort(ratios, kind="stable")
        place = np.arange(1, order.size + 1)
        ax.plot(place, self.sides[order, 1], ".", markersize=3, label="larger side")
        ax.plot(place, self.sides[order, 0], ".", markersize=3, label="smaller side")
        here = int(np.flatnonzero(order == self.position)[0]) + 1
        ax.axvline(here, linewidth=0.8, color="0.5", label=f"{self.label}: ratio {self.ratio:.4g}")
        ax.set_xlabel("model, by ratio of the sides")
        ax.set_title(self.check.name)
        ax.legend()


def worst_case(statement: Statement, check_name: str, profile: Profile | str = "quick") -> WorstCase:
    """Return the finite model on which an exact check of a statement, or of its repair, is closest to equality.

    Parameters
    ----------
    statement : Statement
        The statement.
    check_name : str
        Name of one of its exact checks.
    profile : Profile or str
        Which models to enumerate: a profile or its name.

    Returns
    -------
    WorstCase
        The first of several that come equally close.

    Raises
    ------
    TypeError
        If `statement` is no `Statement`, or `profile` neither a profile nor a name.
    ValueError
        If there is no such check or profile, or the larger side is positive on no model.
    """
    check_instance("statement", statement, Statement)
    checks: dict[str, ExactCheck] = {
        check.name: check for check in (*statement.exact, *(statement.repair.exact if statement.repair else ()))
    }
    if check_name not in checks:
        raise ValueError(f"check_name: {statement.id} has no exact check {check_name!r}; it has {list(checks)}")
    if isinstance(profile, str):
        if profile not in PROFILES:
            raise ValueError(f"profile: unknown '{profile}'; allowed {', '.join(PROFILES)}")
        profile = PROFILES[profile]
    check_instance("profile", profile, Profile)
    check = checks[check_name]
    compared: list[Comparison] = list(check.compare(profile))
    ratios = [tightness(c.smaller, c.larger) for c in compared]
    if not ratios or max(ratios) == -np.inf:
        raise ValueError(f"check_name: no model of {check_name!r} has a positive side")
    position = int(np.argmax(ratios))
    worst = compared[position]
    return WorstCase(
        check=check,
        profile=profile,
        label=worst.label,
        model=worst.model,
        smaller=worst.smaller,
        larger=worst.larger,
        ratio=ratios[position],
        sides=np.array([[float(c.smaller), float(c.larger)] for c in compared]),
        position=position,
    )
