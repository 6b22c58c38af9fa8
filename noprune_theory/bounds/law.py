"""The law of robustness by one front door: what is known goes in, the largest bound that applies comes out.

A law is made of three choices, (tail) x (dependence) x (class): how fast a Lipschitz function of the inputs
concentrates, what the mask knows about the data, and how a union over the weights is avoided or paid for. Every
combination that the facts allow is evaluated.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._display import ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._validation import check_choice, check_flag, check_instance, shown
from noprune_theory.bounds._arguments import (
    Values,
    check_shapes,
    count,
    first,
    nonnegative,
    number,
    open_unit,
    positive,
)
from noprune_theory.bounds._law_plot import plot_law
from noprune_theory.bounds.all_masks import all_masks_gordon_law, all_masks_width_law
from noprune_theory.bounds.any_function import InputLaw, any_function_law
from noprune_theory.bounds.dependence import Dependence
from noprune_theory.bounds.gaussian_class import gaussian_width_law
from noprune_theory.bounds.gordon import gordon_law
from noprune_theory.bounds.linear_class import linear_class_law
from noprune_theory.bounds.net_class import net_class_law
from noprune_theory.bounds.noise import Noise, fit_level
from noprune_theory.bounds.optimised import theorem_4_optimised
from noprune_theory.covariates import Covariate, Gaussian, SolidCube

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from noprune_theory.lipschitz import Bracket

FunctionClass: TypeAlias = Literal["linear", "linear in the weights", "parametrised", "any"]
FUNCTION_CLASSES: tuple[FunctionClass, ...] = ("linear", "linear in the weights", "parametrised", "any")
_COVARIATE = ("dimension", "components", "isoperimetry", "sample")

# Ids of the statements that prove each version, in the order in which they are tried.
THEOREMS = (
    "sharp-gordon",
    "sharp-gaussian-width",
    "sharp-all-masks",
    "sharp-linear-class",
    "sharp-independent-noise",
    "sharp-threshold",
    "theorem-4",
    "sharp-any-function",
)


@dataclass(frozen=True)
class Inputs:
    """What is known about the distribution of the inputs.

    Attributes
    ----------
    dimension : int
        d.
    components : int
        Number k of mixture components.
    isoperimetry : float
        A constant c of Definition 1 for every component.
    moment_isoperimetry : float or None
        A constant c of the moment form E exp(t (f - E f)) <= exp(c L^2 t^2 / (2 d)); None if none is known.
    gaussian : bool
        One component N(0, Sigma); then c is d times the largest eigenvalue.
    isotropic : bool
        Sigma = I/d.
    cube : bool
        One component, uniform on a cube of coordinate variance (pi/6) c/d, c the constant of the moment form.
    """

    dimension: ArrayLike
    components: ArrayLike = 1
    isoperimetry: ArrayLike = 1.0
    moment_isoperimetry: ArrayLike | None = None
    gaussian: bool = False
    isotropic: bool = False
    cube: bool = False

    def __post_init__(self) -> None:
        count("dimension", self.dimension)
        count("components", self.components)
        positive("isoperimetry", self.isoperimetry)
        if self.moment_isoperimetry is not None:
            positive("moment_isoperimetry", self.moment_isoperimetry)
        check_flag("gaussian", self.gaussian)
        check_flag("isotropic", self.isotropic)
        if self.isotropic and not (self.gaussian and np.all(np.asarray(self.isoperimetry) == 1.0)):
            given = f"gaussian={self.gaussian} and isoperimetry={shown(self.isoperimetry)}"
            raise ValueError(f"isotropic means N(0, I/d): gaussian must be True and isoperimetry 1, got {given}")
        check_flag("cube", self.cube)
        if self.cube and (self.gaussian or self.moment_isoperimetry is None):
            given = f"gaussian={self.gaussian} and moment_isoperimetry={shown(self.moment_isoperimetry)}"
            raise ValueError(
                f"cube means a uniform law: gaussian must be False and moment_isoperimetry given, got {given}"
            )
        if (self.cube or self.gaussian) and np.any(np.asarray(self.components) != 1):
            parts = count("components", self.components)
            raise ValueError(
                f"components must be 1 for Gaussian inputs and for a cube, got {first(parts, parts != 1):g}"
            )

    @classmethod
    def of(cls, covariate: Covariate) -> Inputs:
        """Return what a covariate of this package guarantees.

        Parameters
        ----------
        covariate : Covariate
            Anything with `dimension`, `components`, `isoperimetry` and `sample`.

        Returns
        -------
        Inputs

        Raises
        ------
        TypeError
            If `covariate` lacks one of these.
        ValueError
            If one of its numbers is out of range.
        """
        check_instance("covariate", covariate, Covariate, _COVARIATE)
        gaussian = isinstance(covariate, Gaussian) and covariate.is_centred
        return cls(
            covariate.dimension,
            covariate.components,
            covariate.isoperimetry,
            getattr(covariate, "moment_isoperimetry", None),
            gaussian=gaussian,
            isotropic=gaussian and isinstance(covariate, Gaussian) and covariate.is_isotropic,
            cube=isinstance(covariate, SolidCube),
        )


@dataclass(frozen=True)
class LawSetting:
    """What is known about a learner with masks; numbers may be arrays that broadcast.

    Attributes
    ----------
    n : array_like
        Samples, at least 1.
    inputs : Inputs or Covariate
    noise : Noise
    epsilon : array_like
        Margin below the noise level, MSE(f) <= sigma^2 - epsilon, in (0, sigma^2].
    delta : array_like
        Failure probability in (0, 1).
    mask_size : array_like
        Largest number M of kept weights, at least 1.
    dependence : Dependence
        Of the mask on the data; of a mask drawn without looking, ``MaximalLeakage(0.0)``.
    function_class : {"linear", "linear in the weights", "parametrised", "any"}
        <w, x>; sum of w_j phi_j(x) plus a constant; any f_{m,w} with the constants below; or any function at all.
    diameter, parameter_lipschitz : array_like, optional
        W and J of Theorem 4 on a ball that holds the inputs (what that ball misses is to be added to delta); versions
        that round the weights need them, and take |f| <= 1 from the paper's setting.
    centred : bool
        Whether E[f | component] = 0 for every f of the class; linear functions of centred inputs are. Without it the
        component means of f must lie in [-1, 1].
    n_weights : array_like, optional
        Number p of weights that the mask chooses from; for linear functions d, the default.
    """

    n: ArrayLike
    inputs: Inputs | Covariate
    noise: Noise
    epsilon: ArrayLike
    delta: ArrayLike
    mask_size: ArrayLike
    dependence: Dependence
    function_class: FunctionClass = "parametrised"
    diameter: ArrayLike | None = None
    parameter_lipschitz: ArrayLike | None = None
    centred: bool = False
    n_weights: ArrayLike | None = None

    def __post_init__(self) -> None:
        count("n", self.n)
        check_instance("noise", self.noise, Noise)
        check_shapes(epsilon=self.epsilon, noise=self.noise)
        fit_level(self.epsilon, self.noise.sigma2)
        open_unit("delta", self.delta)
        count("mask_size", self.mask_size)
        check_instance("dependence", self.dependence, Dependence, ("exponent", "probability"))
        check_choice("function_class", self.function_class, FUNCTION_CLASSES)
        check_flag("centred", self.centred)
        if (self.diameter is None) != (self.parameter_lipschitz is None):
            missing = "diameter" if self.diameter is None else "parameter_lipschitz"
            raise ValueError(f"diameter and parameter_lipschitz must be given together, got no {missing}")
        if self.diameter is not None and self.parameter_lipschitz is not None:
            nonnegative("diameter", self.diameter)
            nonnegative("parameter_lipschitz", self.parameter_lipschitz)
        if self.n_weights is not None:
            count("n_weights", self.n_weights)
        if not isinstance(self.inputs, Inputs):
            check_instance("inputs", self.inputs, Covariate, _COVARIATE)
            object.__setattr__(self, "inputs", Inputs.of(self.inputs))

    @property
    def known_inputs(self) -> Inputs:
        """The inputs as `Inputs`."""
        if not isinstance(self.inputs, Inputs):
            raise TypeError(f"inputs must be Inputs or a covariate, got {type(self.inputs).__name__}")
        return self.inputs


@dataclass(frozen=True, eq=False, repr=False)
class LawBound(ShortRepr):
    """The largest bound that applies.

    Attributes
    ----------
    lipschitz : float or ndarray
        Every f^W with MSE <= sigma^2 - epsilon has at least this Lipschitz constant, outside an event of probability
        delta. Zero where nothing is proved; infinite where no function of the class reaches the level.
    theorem : str or ndarray of str
        Id of the statement that proves it (`python -m verification ID`); "" where the bound is 0.
    hypotheses : tuple of str
        What was used of the setting by the theorem named (of all theorems named, for arrays).
    versions : dict
        Every version that applies, by id, with its bound.
    """

    lipschitz: Values
    theorem: str | NDArray[np.str_]
    hypotheses: tuple[str, ...]
    versions: dict[str, Values]

    def plot(self, ax: Axes | None = None, *, x: ArrayLike | None = None, measured: Bracket | None = None) -> Axes:
        """Draw every version of the law; the more it is below what was measured, the more slack it has.

        Bounds that are numbers are bars, one a version; arrays are curves over `x`.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.
        x : array_like, shape (n,), optional
            For arrays of shape (n,): what varies; 0, 1, 2, ... by default.
        measured : Bracket, optional
            A Lipschitz constant to compare with, drawn as a band.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `measured` has no ends, or `ax` is not of matplotlib.
        ValueError
            If the bounds are arrays of several axes, or `x` does not fit them.
        """
        return plot_law(self, ax, x, measured)

    def to_pandas(self) -> DataFrame:
        """Return a data frame: for numbers one row a version, with its bound; for arrays a column each, raveled.

        Returns
        -------
        pandas.DataFrame
            Columns `theorem`, `lipschitz`, `largest` for numbers; `lipschitz`, `theorem` and the versions for arrays.

        Raises
        ------
        ImportError
            Without pandas.
        """
        if np.ndim(self.lipschitz) == 0:
            names = list(self.versions)
            bounds = [float(self.versions[name]) for name in names]
            return data_frame({"theorem": names, "lipschitz": bounds, "largest": [n == self.theorem for n in names]})
        shape = np.shape(self.lipschitz)
        columns = {"lipschitz": self.lipschitz, "theorem": self.theorem, **self.versions}
        return data_frame({name: np.broadcast_to(value, shape).ravel() for name, value in columns.items()})


_HYPOTHESES = {
    "sharp-gordon": (
        "inputs N(0, I/d)",
        "labels are the noise and independent of the inputs",
        "linear functions",
        "Gordon's comparison inequality (cited)",
    ),
    "sharp-gaussian-width": ("inputs N(0, Sigma)", "noise independent of the inputs", "linear functions"),
    "sharp-all-masks": (
        "inputs N(0, Sigma), or N(0, I/d) and labels that are the noise",
        "noise independent of the inputs",
        "linear functions with at most mask_size weights",
        "Gordon's comparison inequality, or that of Sudakov and Fernique for Sigma other than I/d (cited)",
    ),
    "sharp-independent-noise": (
        "moment form of isoperimetry",
        "noise independent of the inputs given the component",
        "functions linear in their weights",
    ),
    "sharp-linear-class": ("isoperimetry (Definition 1)", "functions linear in their weights"),
    "sharp-threshold": (
        "isoperimetry (Definition 1)",
        "weights in a set of diameter W, f J-Lipschitz in them, |f| <= 1",
    ),
    "theorem-4": ("isoperimetry (Definition 1)", "weights in a set of diameter W, f J-Lipschitz in them, |f| <= 1"),
    "sharp-any-function": (
        "labels are fair signs independent of the inputs",
        "inputs with the law of the covariate, or isoperimetric components",
    ),
}


def law_of_robustness(setting: LawSetting) -> LawBound:
    """Return the largest lower bound on the Lipschitz constant that the facts of a setting allow.

    Parameters
    ----------
    setting : LawSetting
        Its arrays broadcast against one another.

    Returns
    -------
    LawBound
        `lipschitz` and `theorem` have the broadcast shape, every version that of what it uses.

    Raises
    ------
    TypeError
        If `setting` is no `LawSetting`.
    ValueError
        If shapes do not broadcast, or no version of the law applies (a parametrised class needs W and J, "any" fair
        signs).

    Examples
    --------
    >>> from noprune_theory.bounds import LawSetting, MaximalLeakage, Noise, law_of_robustness
    >>> from noprune_theory.covariates import Gaussian
    >>> found = law_of_robustness(LawSetting(
    ...     n=2200, inputs=Gaussian(5500), noise=Noise(signs=True), epsilon=0.9, delta=0.25, mask_size=2750,
    ...     dependence=MaximalLeakage(0.0), function_class="linear",
    ... ))
    >>> found.theorem, round(float(found.lipschitz), 1)
    ('sharp-gordon', 66.4)
    """
    check_instance("setting", setting, LawSetting)
    inputs = setting.known_inputs
    check_shapes(
        n=setting.n,
        dimension=inputs.dimension,
        components=inputs.components,
        isoperimetry=inputs.isoperimetry,
        epsilon=setting.epsilon,
        delta=setting.delta,
        mask_size=setting.mask_size,
    )
    versions = {
        name: functools.reduce(np.maximum, (np.asarray(evaluate()) for evaluate in forms))
        for name, forms in _applicable(setting).items()
    }
    if setting.function_class != "any" and not versions.keys() - {"sharp-any-function"}:
        raise ValueError(
            "setting must allow some version of the law: a parametrised class needs diameter and parameter_lipschitz"
        )
    if not versions:
        raise ValueError('setting must allow some version of the law: function_class "any" needs noise of fair signs')
    names = [name for name in THEOREMS if name in versions]
    table = np.stack(np.broadcast_arrays(*(versions[name] for name in names)))
    best = np.argmax(table, axis=0)
    largest = np.take_along_axis(table, best[None], axis=0)[0]
    theorem = np.where(largest > 0, np.array(names)[best], "")
    used = [name for name in names if (theorem == name).any()]
    facts = tuple(dict.fromkeys(fact for name in used for fact in _HYPOTHESES[name]))
    return LawBound(
        number(largest),
        str(theorem) if theorem.ndim == 0 else theorem,
        facts,
        {name: number(value) for name, value in versions.items()},
    )


def _applicable(setting: LawSetting) -> dict[str, list[Callable[[], Values]]]:
    """Return the versions whose hypotheses the setting meets, each in one or two forms."""
    inputs, noise = setting.known_inputs, setting.noise
    linear = setting.function_class == "linear"
    pair: dict[str, Any] = {"n": setting.n, "d": inputs.dimension, "epsilon": setting.epsilon, "delta": setting.delta}
    law = {**pair, "components": inputs.components}
    learner: dict[str, Any] = {"mask_size": setting.mask_size, "dependence": setting.dependence}
    about: dict[str, Any] = {"noise": noise, "centred": setting.centred or (linear and inputs.gaussian)}
    reach: dict[str, Any] = {"diameter": setting.diameter, "parameter_lipschitz": setting.parameter_lipschitz}
    tail: dict[str, Any] = {"isoperimetry": inputs.isoperimetry}
    moment: dict[str, Any] = {"isoperimetry": inputs.moment_isoperimetry, "moment_form": True}
    versions: dict[str, list[Callable[[], Values]]] = {}
    if linear and inputs.isotropic and noise.signs:
        versions["sharp-gordon"] = [lambda: gordon_law(**pair, **learner, noise=noise)]
    if linear and inputs.gaussian and noise.is_independent:
        versions["sharp-gaussian-width"] = [
            lambda: gaussian_width_law(**pair, **tail, **learner, noise=noise).lipschitz
        ]
        p = inputs.dimension if setting.n_weights is None else setting.n_weights
        chosen: dict[str, Any] = {"mask_size": np.minimum(setting.mask_size, p), "n_weights": p, "noise": noise}
        versions["sharp-all-masks"] = [lambda: all_masks_width_law(**pair, **tail, **chosen).lipschitz]
        if inputs.isotropic and noise.signs:
            versions["sharp-all-masks"].append(lambda: all_masks_gordon_law(**pair, **chosen))
    given_noise: list[Callable[[], Values]] = []
    if setting.function_class in ("linear", "linear in the weights"):
        versions["sharp-linear-class"] = [lambda: linear_class_law(**law, **tail, **learner, **about).lipschitz]
        given_noise.append(lambda: linear_class_law(**law, **moment, **learner, **about).lipschitz)
    if setting.diameter is not None:
        versions["sharp-threshold"] = [lambda: net_class_law(**law, **tail, **learner, **about, **reach).lipschitz]
        given_noise.append(lambda: net_class_law(**law, **moment, **learner, **about, **reach).lipschitz)
        versions["theorem-4"] = [lambda: theorem_4_optimised(**law, **tail, **learner, **reach).lipschitz]
    if inputs.moment_isoperimetry is not None and noise.is_independent and given_noise:
        versions["sharp-independent-noise"] = given_noise
    if noise.signs:
        versions["sharp-any-function"] = [
            functools.partial(any_function_law, **law, isoperimetry=c, noise=noise, inputs=known)
            for known, c in _input_laws(inputs)
        ]
    return versions


def _input_laws(inputs: Inputs) -> list[tuple[InputLaw, ArrayLike]]:
    """Return what `any_function_law` may use of the inputs."""
    if inputs.gaussian:
        return [("gaussian", inputs.isoperimetry)]
    known: list[tuple[InputLaw, ArrayLike]] = [("isoperimetric", inputs.isoperimetry)]
    if inputs.moment_isoperimetry is not None:
        known.append(("cube" if inputs.cube else "moment", inputs.moment_isoperimetry))
    return known
