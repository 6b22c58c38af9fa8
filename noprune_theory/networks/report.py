"""What is known about one pruned network: masks, the bits they can carry, the Lipschitz bracket, what the law says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from noprune_theory._display import ShortRepr
from noprune_theory._frames import data_frame
from noprune_theory._plots import axes_of
from noprune_theory._scaling import scale, scale_float, size_exponent, stable_norm, stable_norms
from noprune_theory._types import RNG, FloatArray
from noprune_theory._validation import (
    as_array,
    as_float_array,
    as_samples,
    check_generator,
    check_instance,
    check_open_unit,
    check_positive,
)
from noprune_theory.bounds import (
    Constants,
    Dependence,
    Inputs,
    LawBound,
    LawSetting,
    MaximalLeakage,
    Noise,
    law_of_robustness,
    log_mask_count,
    log_net_size_per_weight,
)
from noprune_theory.covariates import Covariate
from noprune_theory.lipschitz import Bracket, bracket
from noprune_theory.models import MLP
from noprune_theory.models.base import TheoremConstants
from noprune_theory.networks.layer_counts import LayerReport, layer_reports, log2_masks_layout_known

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

_LARGEST_SAMPLE = 2.0**53


@dataclass(frozen=True)
class Change:
    """One thing that would have to change for the law to say more.

    Attributes
    ----------
    what : str
        The change, in words.
    bound : float
        The bound on the Lipschitz constant then.
    """

    what: str
    bound: float


@dataclass(frozen=True, eq=False, repr=False)
class DataReport(ShortRepr):
    """The network on data.

    Attributes
    ----------
    n : int
    mse : float
        Mean squared error, for one output.
    mean_square : float
        Mean of y^2, that of the constant 0.
    interpolates : bool
        Whether every residual is below 1e-6 of the root mean square of the labels.
    noise_correlation : float or None
        (1/n) sum (f(x_i) - mean f) z_i; None where the noise is not known.
    sigma2 : float or None
        Noise level; None where it is not known.
    epsilon : float or None
        sigma^2 - MSE.
    law : LawBound or None
        None where no law applies; `reason` says why.
    reason : str
    changes : tuple of Change
    """

    n: int
    mse: float
    mean_square: float
    interpolates: bool
    noise_correlation: float | None
    sigma2: float | None
    epsilon: float | None
    law: LawBound | None
    reason: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False, repr=False)
class NetworkReport(ShortRepr):
    """Everything at once.

    Attributes
    ----------
    widths : tuple of int
    activation : str
    parameters, prunable, kept : int
        All parameters, those that pruning may remove, and those kept of all.
    sparsity : float
        Fraction removed of the prunable ones.
    layers : tuple of LayerReport
    collapsed : tuple of int
        Hidden layers (from 1) without a unit on a path from input to output: the network is a constant.
    log2_masks : float
        log2 C(p, k) over all prunable parameters: what a mask of this size can carry at most, in bits.
    log2_masks_layout_known : float
        The same when the numbers kept in each layer are known beforehand, the sum over layers.
    entropy_ceiling : float
        Smaller of the two in nats: a ceiling on the information that the mask has about the data, given its counts.
    constants : TheoremConstants
        J and W of Theorem 4 on the balls stated in it.
    effective_parameters_ceiling : float
        Ceiling on p_eff of Theorem 4 in nats at the `epsilon` of the data (1 without): entropy ceiling plus kept
        parameters times log(1 + 8 W J / epsilon).
    lipschitz : Bracket
        The constant over all of R^d.
    data : DataReport or None
    lipschitz_on_ball : Bracket or None
        With data: the constant on the ball |x| <= R that J is stated for, which holds them all by default.
    """

    widths: tuple[int, ...]
    activation: str
    parameters: int
    prunable: int
    kept: int
    sparsity: float
    layers: tuple[LayerReport, ...]
    collapsed: tuple[int, ...]
    log2_masks: float
    log2_masks_layout_known: float
    entropy_ceiling: float
    constants: TheoremConstants
    effective_parameters_ceiling: float
    lipschitz: Bracket
    data: DataReport | None
    lipschitz_on_ball: Bracket | None = None

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the Lipschitz bracket, and the law's bound where there is one.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Those of a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        TypeError
            If `ax` is no axes.
        """
        from noprune_theory.networks.page import plot_bracket

        drawn = axes_of(ax)
        plot_bracket(drawn, self)
        return drawn

    def to_pandas(self) -> DataFrame:
        """Return a data frame of the layers, one row each (needs pandas, extra `pandas`)."""
        rows = [vars(layer) for layer in self.layers]
        return data_frame({name: [row[name] for row in rows] for name in rows[0]})

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, lists and texts, for JSON; infinities as texts."""
        return _plain(
            {
                "schema": 1,
                "widths": list(self.widths),
                "activation": self.activation,
                "parameters": self.parameters,
                "prunable": self.prunable,
                "kept": self.kept,
                "sparsity": self.sparsity,
                "layers": [vars(layer) for layer in self.layers],
                "collapsed": list(self.collapsed),
                "log2_masks": self.log2_masks,
                "log2_masks_layout_known": self.log2_masks_layout_known,
                "entropy_ceiling_nats": self.entropy_ceiling,
                "theorem_constants": vars(self.constants),
                "effective_parameters_ceiling_nats": self.effective_parameters_ceiling,
                "lipschitz": _bracket_dict(self.lipschitz),
                "lipschitz_on_ball": None if self.lipschitz_on_ball is None else _bracket_dict(self.lipschitz_on_ball),
                "data": None if self.data is None else _data_dict(self.data),
            }
        )


def _bracket_dict(found: Bracket) -> dict[str, Any]:
    return {"lower": found.lower, "upper": found.upper, "exact": found.exact, "method": found.method}


def _data_dict(data: DataReport) -> dict[str, Any]:
    law = data.law
    return {
        "n": data.n,
        "mse": data.mse,
        "mean_square": data.mean_square,
        "interpolates": data.interpolates,
        "noise_correlation": data.noise_correlation,
        "sigma2": data.sigma2,
        "epsilon": data.epsilon,
        "law": None
        if law is None
        else {
            "lipschitz": float(law.lipschitz),
            "theorem": str(law.theorem),
            "hypotheses": list(law.hypotheses),
            "versions": {name: float(value) for name, value in law.versions.items()},
        },
        "reason": data.reason,
        "changes": [vars(change) for change in data.changes],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def report(
    model: MLP,
    data: Any = None,
    *,
    inputs: Inputs | Covariate | None = None,
    noise: Noise | None = None,
    dependence: Dependence | None = None,
    delta: float = 0.05,
    data_radius: float | None = None,
    weight_radius: float | None = None,
    max_seconds: float = 60.0,
    rng: RNG | None = None,
) -> NetworkReport:
    """Report on a pruned network.

    Parameters
    ----------
    model : MLP
    data : Dataset, or mapping with "X", "y" and, where known, "z" and "sigma2", optional
        Samples (n, d), labels (n,), noise (n,) and noise level.
    inputs : Inputs or Covariate, optional
        What is known about the distribution of the inputs; without it no law applies.
    noise : Noise, optional
        What is known about the noise; by default its level alone.
    dependence : Dependence, optional
        Of the mask on the data; by default maximal leakage at its ceiling, the entropy ceiling of the mask.
    delta : float
        Failure probability of the law, in (0, 1).
    data_radius, weight_radius : float, optional
        R and B, the balls on which J and W are stated; by default the largest |x_i| (1 without data) and the norm of
        the parameters. What the ball of inputs misses is to be added to delta.
    max_seconds : float
        For the Lipschitz bracket, and half as much for that on the ball.
    rng : numpy.random.Generator or seed, optional
        For the Lipschitz bracket; `numpy.random.default_rng(0)` by default.

    Returns
    -------
    NetworkReport

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or the data do not fit the network.

    Examples
    --------
    >>> from noprune_theory.models import MLP
    >>> from noprune_theory.networks import report
    >>> found = report(MLP((2, 2, 1), [1.0, 0, 0, 1, 1, 0], [True, False, False, True, True, False], biases=False))
    >>> found.kept, [layer.inactive for layer in found.layers], round(found.log2_masks, 3), found.lipschitz.upper
    (3, [1, 0], 4.322, 1.0000000000000002)
    """
    check_instance("model", model, MLP)
    check_open_unit("delta", delta)
    check_positive("max_seconds", max_seconds)
    _check_known(inputs, noise, dependence)
    generator = np.random.default_rng(0) if rng is None else check_generator("rng", rng)
    samples = None if data is None else _samples(model, data)
    layers = layer_reports(model)
    prunable = model.prunable
    kept = int(np.count_nonzero(model.mask))
    kept_prunable = int(np.count_nonzero(model.mask & prunable))
    total = int(np.count_nonzero(prunable))
    whole = float(log_mask_count(total, kept_prunable, unit="bits"))
    by_layer = log2_masks_layout_known(model)
    radius = data_radius if data_radius is not None else _largest_norm(samples)
    size = weight_radius if weight_radius is not None else stable_norm(model.weights) or 1.0
    constants = model.theorem_constants(check_positive("data_radius", radius), check_positive("weight_radius", size))
    ceiling = min(whole, by_layer) * math.log(2)
    constant = bracket(model, max_seconds=max_seconds, rng=generator)
    found = on_ball = None
    if samples is not None:
        ball = (np.zeros(model.dimension), constants.data_radius)
        on_ball = bracket(model, ball=ball, max_seconds=0.5 * max_seconds, rng=generator)
        # What bounds the constant everywhere bounds it on the ball.
        on_ball = replace(on_ball, upper=min(on_ball.upper, constant.upper))
        found = _data_report(
            model, samples, inputs, noise, dependence or MaximalLeakage(ceiling), delta, constants, constant
        )
    epsilon = found.epsilon if found is not None and found.epsilon is not None and 0 < found.epsilon <= 1 else 1.0
    per_weight = float(
        log_net_size_per_weight(constants.diameter, constants.parameter_lipschitz, epsilon, Constants.SHARP)
    )
    return NetworkReport(
        widths=model.widths,
        activation=model.activation,
        parameters=model.n_weights,
        prunable=total,
        kept=kept,
        sparsity=1 - kept_prunable / total if total else 0.0,
        layers=layers,
        collapsed=tuple(index for index, layer in enumerate(layers[:-1], start=1) if layer.inactive == layer.outputs),
        log2_masks=whole,
        log2_masks_layout_known=by_layer,
        entropy_ceiling=ceiling,
        constants=constants,
        effective_parameters_ceiling=ceiling + kept * per_weight,
        lipschitz=constant,
        data=found,
        lipschitz_on_ball=on_ball,
    )


def _check_known(inputs: Any, noise: Any, dependence: Any) -> None:
    if inputs is not None and not isinstance(inputs, Inputs):
        check_instance("inputs", inputs, Covariate, ("sample", "dimension", "components", "isoperimetry"))
    if noise is not None:
        check_instance("noise", noise, Noise)
    if dependence is not None:
        check_instance("dependence", dependence, Dependence, ("exponent", "probability"))


@dataclass(frozen=True)
class _Samples:
    X: FloatArray
    y: FloatArray
    z: FloatArray | None
    sigma2: float | None


def _samples(model: MLP, data: Any) -> _Samples:
    def get(name: str) -> Any:
        return data.get(name) if isinstance(data, Mapping) else getattr(data, name, None)

    if get("X") is None or get("y") is None:
        raise ValueError('data must have "X" and "y"')
    X, y = as_samples(get("X"), get("y"))
    if X.shape[1] != model.dimension:
        raise ValueError(f"X must have {model.dimension} columns, the network's inputs, got shape {X.shape}")
    if model.n_outputs != 1:
        raise ValueError(f"data are compared with one output, the network has {model.n_outputs}")
    z = None if get("z") is None else as_float_array("z", get("z"), ndim=1)
    if z is not None and z.shape != y.shape:
        raise ValueError(f"z must have shape {y.shape} like y, got {z.shape}")
    return _Samples(X, y, z, None if get("sigma2") is None else _level(get("sigma2")))


def _level(sigma2: Any) -> float:
    entries = as_array("sigma2", sigma2)  # from a file, an array of one entry
    if entries.size != 1:
        raise ValueError(f"sigma2 must be one number, got shape {entries.shape}")
    return check_positive("sigma2", entries.ravel()[0])


def _largest_norm(samples: _Samples | None) -> float:
    return 1.0 if samples is None else float(stable_norms(samples.X).max()) or 1.0


def _data_report(
    model: MLP,
    samples: _Samples,
    inputs: Inputs | Covariate | None,
    noise: Noise | None,
    dependence: Dependence,
    delta: float,
    constants: TheoremConstants,
    constant: Bracket,
) -> DataReport:
    values = model.value(samples.X)
    residual = values - samples.y
    # In units in which squares and products stay in the range of doubles.
    unit = size_exponent(np.concatenate([residual, samples.y]))
    errors, labels = scale(residual, -unit), scale(samples.y, -unit)
    squares = float(np.mean(errors**2)), float(np.mean(labels**2))
    mse, mean_square = (scale_float(square, 2 * unit) for square in squares)
    correlation = None if samples.z is None else _correlation(values, samples.z)
    sigma2 = samples.sigma2 if samples.sigma2 is not None else (None if noise is None else float(np.max(noise.sigma2)))
    epsilon = None if sigma2 is None else sigma2 - mse
    law: LawBound | None = None
    changes: tuple[Change, ...] = ()
    reason = _why_no_law(sigma2, epsilon, inputs, samples, mse)
    if not reason and inputs is not None and sigma2 is not None and epsilon is not None:
        setting = LawSetting(
            n=len(samples.y),
            inputs=inputs,
            noise=noise if noise is not None else Noise(sigma2),
            epsilon=epsilon,
            delta=delta,
            mask_size=max(int(np.count_nonzero(model.mask)), 1),
            dependence=dependence,
            diameter=constants.diameter,
            parameter_lipschitz=constants.parameter_lipschitz,
        )
        law = law_of_robustness(setting)
        changes = _changes(setting, constant)
        if float(law.lipschitz) == 0:
            reason = "the fluctuations of the noise at this n use up all of epsilon"
        elif float(law.lipschitz) > constant.upper:
            reason = (
                "the bound exceeds the Lipschitz constant: something given does not hold (sigma2, the inputs, labels "
                f"that are independent draws), or the event of probability {delta:g} occurred"
            )
    return DataReport(
        n=len(samples.y),
        mse=mse,
        mean_square=mean_square,
        interpolates=bool(np.abs(errors).max() <= 1e-6 * math.sqrt(squares[1])),
        noise_correlation=correlation,
        sigma2=sigma2,
        epsilon=epsilon,
        law=law,
        reason=reason,
        changes=changes,
    )


def _correlation(values: FloatArray, noise: FloatArray) -> float:
    units = size_exponent(values), size_exponent(noise)
    scaled = scale(values, -units[0])
    return scale_float(float(np.mean((scaled - scaled.mean()) * scale(noise, -units[1]))), sum(units))


def _why_no_law(sigma2: float | None, epsilon: float | None, inputs: object, samples: _Samples, mse: float) -> str:
    if sigma2 is None or epsilon is None:
        return "the noise level sigma2 is not known"
    if sigma2 > 1 or np.abs(samples.y).max() > 1:
        return "labels must lie in [-1, 1] (and sigma2 in (0, 1]); rescale labels and network together"
    if epsilon <= 0:
        return f"the mean squared error {mse:.4g} is not below the noise level {sigma2:.4g}"
    if inputs is None:
        return "nothing is known about the distribution of the inputs: give inputs"
    return ""


def _changes(setting: LawSetting, constant: Bracket) -> tuple[Change, ...]:
    """Return what the law would say if the mask knew nothing, the fit interpolated, or there were more samples."""
    changes = [
        Change(
            "the mask does not depend on the data",
            float(law_of_robustness(replace(setting, dependence=MaximalLeakage(0.0))).lipschitz),
        ),
        Change(
            "the fit interpolates",
            float(law_of_robustness(replace(setting, epsilon=float(np.max(setting.noise.sigma2)))).lipschitz),
        ),
    ]
    wanted = constant.lower
    low, high = float(np.max(setting.n)), _LARGEST_SAMPLE

    def at(n: float) -> float:
        return float(law_of_robustness(replace(setting, n=n)).lipschitz)

    if wanted > 0 and at(low) < wanted <= at(high):
        while high > low * 1.001 and high - low > 1:
            middle = math.floor(math.sqrt(low * high))
            low, high = (low, float(middle)) if at(middle) >= wanted else (float(middle), high)
        changes.append(Change(f"{high:.4g} samples, where the bound reaches the lower end of the bracket", at(high)))
    return tuple(changes)
