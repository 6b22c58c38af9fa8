"""Masked fully connected networks; `parameters` says how their flat vector of parameters lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from noprune_theory._display import summary
from noprune_theory._types import RNG, BoolArray, FloatArray
from noprune_theory._validation import (
    as_float_array,
    as_masks,
    as_samples,
    check_choice,
    check_flag,
    check_positive,
)
from noprune_theory.models._evaluation import activate, is_extreme, scaled_input_gradient, scaled_outputs
from noprune_theory.models.base import TheoremConstants, checked_weights, root
from noprune_theory.models.losses import (
    Loss,
    checked_labels,
    loss_curvature,
    loss_gradient,
    sample_losses,
)
from noprune_theory.models.parameters import (
    Initialisation,
    bias_positions,
    checked_widths,
    initial_parameters,
    layer_matrices,
    parameter_count,
)
from noprune_theory.models.passes import (
    ACTIVATIONS,
    Activation,
    activations,
    affine,
    mean_over_parts,
    outer_sum,
    slope_at,
)

__all__ = ["MLP"]


def _a_layer_each(name: str, value: Sequence[Any] | None, count: int) -> list[Any]:
    """Return one entry a layer, None where nothing is given."""
    if value is None:
        return [None] * count
    entries = list(value)
    if len(entries) != count:
        raise ValueError(f"{name} must have one entry a layer, {count} of them, got {len(entries)}")
    return entries


class MLP:
    """A fully connected network with masked parameters and linear outputs.

    Parameters
    ----------
    widths : sequence of int
        Input dimension d, hidden widths, number c of outputs.
    weights : array_like, shape (p,)
        All parameters, biases included: layer by layer, unit by unit, the weights into the unit and then its bias.
    mask : array_like of bool, shape (p,), optional
        True where a parameter is kept; all kept by default. Weights must be zero elsewhere.
    activation : {"relu", "tanh"}
        The derivative of "relu" at 0 is taken as 0.
    biases : bool
        Whether units have biases.
    prune_biases : bool
        Whether pruning may remove biases (Figure 4 of the paper) or leaves them alone (Figures 1-3).

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is none that is allowed, a shape does not fit, a weight is not finite, or a pruned one is not 0.

    Examples
    --------
    >>> from noprune_theory.models import MLP
    >>> network = MLP((2, 2, 1), [1.0, 1.0, 1.0, -1.0, 1.0, -2.0], biases=False)
    >>> network.value([[3.0, 1.0]])
    array([0.])
    """

    __slots__ = ("activation", "biases", "mask", "prune_biases", "weights", "widths")

    widths: tuple[int, ...]
    weights: FloatArray
    mask: BoolArray
    activation: Activation
    biases: bool
    prune_biases: bool

    def __init__(
        self,
        widths: Sequence[int],
        weights: ArrayLike,
        mask: ArrayLike | None = None,
        *,
        activation: Activation = "relu",
        biases: bool = True,
        prune_biases: bool = False,
    ) -> None:
        check_choice("activation", activation, ACTIVATIONS)
        self.widths = checked_widths(widths)
        self.activation = activation
        self.biases, self.prune_biases = check_flag("biases", biases), check_flag("prune_biases", prune_biases)
        parameters, expected = as_float_array("weights", weights, ndim=1), parameter_count(self.widths, self.biases)
        if parameters.shape != (expected,):
            raise ValueError(
                f"weights must have shape ({expected},) for widths {summary(self.widths)} and biases={self.biases}, "
                f"got {parameters.shape}"
            )
        self.weights, self.mask = checked_weights(parameters, mask)

    @classmethod
    def draw(
        cls,
        rng: RNG,
        widths: Sequence[int],
        *,
        initialisation: Initialisation = "pytorch",
        activation: Activation = "relu",
        biases: bool = True,
        prune_biases: bool = False,
    ) -> Self:
        """Draw a dense network at initialisation; see `initial_parameters`."""
        parameters = initial_parameters(rng, widths, biases=biases, initialisation=initialisation)
        return cls(widths, parameters, activation=activation, biases=biases, prune_biases=prune_biases)

    @classmethod
    def from_layers(
        cls,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike | None] | None = None,
        masks: Sequence[ArrayLike | None] | None = None,
        *,
        activation: Activation = "relu",
        prune_biases: bool = False,
    ) -> Self:
        """Build a network from its layers.

        Parameters
        ----------
        weights : sequence of array_like, each of shape (outputs, inputs)
            From the input to the output.
        biases : sequence of (array_like of shape (outputs,) or None), optional
            None for a layer without biases; where others have them, its biases are zero and masked out.
        masks : sequence of (array_like of bool of shape (outputs, inputs) or None), optional
            True where a weight is kept; None for a layer that is not pruned. Weights must be zero elsewhere.
        activation : {"relu", "tanh"}
        prune_biases : bool
            Whether pruning may remove biases.

        Returns
        -------
        MLP

        Raises
        ------
        ValueError
            If there is no layer, the numbers of layers differ, a shape does not fit or the layers do not chain.

        Examples
        --------
        >>> from noprune_theory.models import MLP
        >>> MLP.from_layers([[[1.0, 2.0]], [[3.0]]], biases=[[0.5], None]).weights
        array([1. , 2. , 0.5, 3. , 0. ])
        """
        matrices = [as_float_array(f"weights[{i}]", layer, ndim=2) for i, layer in enumerate(weights)]
        if not matrices:
            raise ValueError("weights must hold at least one layer, got none")
        shifts = _a_layer_each("biases", biases, len(matrices))
        chosen = _a_layer_each("masks", masks, len(matrices))
        with_biases = any(shift is not None for shift in shifts)
        widths = (matrices[0].shape[1], *(matrix.shape[0] for matrix in matrices))
        parameters = np.zeros(parameter_count(widths, with_biases))
        mask = np.zeros(parameters.shape, dtype=bool)
        targets = zip(
            layer_matrices(parameters, widths, with_biases), layer_matrices(mask, widths, with_biases), strict=True
        )
        for i, (target, kept) in enumerate(targets):
            inputs, matrix, shift, choice = widths[i], matrices[i], shifts[i], chosen[i]
            if matrix.shape[1] != inputs:
                raise ValueError(
                    f"weights[{i}] must have {inputs} columns to follow weights[{i - 1}], got shape {matrix.shape}"
                )
            target[:, :inputs] = matrix
            kept[:, :inputs] = True
            if choice is not None:
                kept[:, :inputs] = as_masks(f"masks[{i}]", np.ravel(choice), matrix.size, ndim=1).reshape(matrix.shape)
                if np.shape(choice) != matrix.shape:
                    raise ValueError(f"masks[{i}] must have shape {matrix.shape}, got {np.shape(choice)}")
            if shift is not None:
                bias = as_float_array(f"biases[{i}]", shift, ndim=1)
                if bias.shape != matrix.shape[:1]:
                    raise ValueError(f"biases[{i}] must have shape {matrix.shape[:1]}, got {bias.shape}")
                target[:, inputs], kept[:, inputs] = bias, True
        return cls(widths, parameters, mask, activation=activation, biases=with_biases, prune_biases=prune_biases)

    def to_layers(self) -> tuple[list[FloatArray], list[FloatArray] | None, list[BoolArray]]:
        """Return copies of weights (outputs, inputs), biases (outputs,) or None, and masks (outputs, inputs), by layer.

        The masks of biases are not among them; `mask` has all.
        """
        weights = [np.array(matrix) for matrix, _ in self.layers()]
        biases = [np.array(shift) for _, shift in self.layers() if shift is not None]
        masks = [
            np.array(matrix[:, :inputs])
            for inputs, matrix in zip(
                self.widths[:-1], layer_matrices(self.mask, self.widths, self.biases), strict=True
            )
        ]
        return weights, biases if self.biases else None, masks

    @staticmethod
    def from_state_dict(mapping: Mapping[str, Any], **settings: Any) -> MLP:
        """Build a network from named arrays, such as a PyTorch state dict; see `networks.from_state_dict`."""
        from noprune_theory.networks import from_state_dict  # the readers build on this file

        return from_state_dict(mapping, **settings)

    @staticmethod
    def from_sklearn(estimator: Any) -> MLP:
        """Build a network from a fitted `MLPClassifier` or `MLPRegressor`; see `networks.from_sklearn`."""
        from noprune_theory.networks import from_sklearn

        return from_sklearn(estimator)

    def __repr__(self) -> str:
        return (
            f"MLP(widths={summary(self.widths)}, parameters={self.n_weights}, kept={int(self.mask.sum())}, "
            f"activation={self.activation!r}, biases={self.biases}, prune_biases={self.prune_biases})"
        )

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return self.widths[0]

    @property
    def n_outputs(self) -> int:
        """Number c of outputs."""
        return self.widths[-1]

    @property
    def n_weights(self) -> int:
        """Number p of parameters, biases and pruned ones included."""
        return self.weights.shape[0]

    @property
    def prunable(self) -> BoolArray:
        """Parameters that pruning may remove, shape (p,): all of them, or all but the biases."""
        positions = bias_positions(self.widths, self.biases)
        return np.ones_like(positions) if self.prune_biases else ~positions

    def _matrices(self, parameters: FloatArray) -> list[FloatArray]:
        return layer_matrices(parameters, self.widths, self.biases)

    def layers(self) -> list[tuple[FloatArray, FloatArray | None]]:
        """Return weights (outputs, inputs) and biases (outputs,) or None of every layer, as read-only views."""
        return [
            (matrix[:, :inputs], matrix[:, inputs] if self.biases else None)
            for inputs, matrix in zip(self.widths[:-1], self._matrices(self.weights), strict=True)
        ]

    def _samples(self, X: ArrayLike) -> FloatArray:
        samples = as_samples(X)
        if samples.shape[1] != self.dimension:
            raise ValueError(f"X must have {self.dimension} columns, got shape {samples.shape}")
        return samples

    def _labelled(self, X: ArrayLike, y: ArrayLike, loss: Loss) -> tuple[FloatArray, FloatArray]:
        samples = self._samples(X)
        labels = checked_labels(loss, y, self.n_outputs)
        if labels.shape != samples.shape[:1]:
            raise ValueError(f"y must have shape ({samples.shape[0]},) like the rows of X, got {labels.shape}")
        return samples, labels

    def outputs(self, X: ArrayLike) -> FloatArray:
        """Return the outputs at the rows of X (n, d), shape (n, c)."""
        samples, matrices = self._samples(X), self._matrices(self.weights)
        if is_extreme(samples, *matrices):
            return scaled_outputs(matrices, samples, self.activation)
        return activations(matrices, samples, self.activation)[-1]

    def value(self, X: ArrayLike) -> FloatArray:
        """Return f at the rows of X (n, d): shape (n,) for one output, (n, c) otherwise."""
        outputs = self.outputs(X)
        return outputs[:, 0] if self.n_outputs == 1 else outputs

    def input_gradient(self, X: ArrayLike) -> FloatArray:
        """Return the gradient of f at the rows of X (n, d): (n, d) for one output, (n, c, d) otherwise."""
        samples, matrices = self._samples(X), self._matrices(self.weights)
        if is_extreme(samples, *matrices):
            gradient = scaled_input_gradient(matrices, samples, self.activation)
            return gradient[:, 0, :] if self.n_outputs == 1 else gradient
        values, slopes = samples, list[FloatArray]()
        for matrix in matrices[:-1]:
            values, slope = activate(self.activation, affine(matrix, values))
            slopes.append(slope)
        last = matrices[-1][:, : self.widths[-2]]
        gradient = np.broadcast_to(last, (samples.shape[0], *last.shape))
        for matrix, slope, width in zip(matrices[-2::-1], slopes[::-1], self.widths[-3::-1], strict=True):
            gradient = (gradient * slope[:, None, :]) @ matrix[:, :width]
        return np.array(gradient[:, 0, :] if self.n_outputs == 1 else gradient)

    def loss(self, X: ArrayLike, y: ArrayLike, loss: Loss = "mse") -> float:
        """Return the mean loss on the samples; the losses are defined in `noprune_theory.models.losses`."""
        samples, labels = self._labelled(X, y, loss)
        return float(sample_losses(loss, self.outputs(samples), labels).mean())

    def _backward(self, values: list[FloatArray], delta: FloatArray) -> FloatArray:
        """Return the gradient (p,) of the function whose derivative with respect to the outputs is `delta` (n, c)."""
        matrices = self._matrices(self.weights)
        gradient = np.empty(self.n_weights)
        for layer, target in reversed(list(enumerate(self._matrices(gradient)))):
            target[...] = outer_sum(delta, values[layer], self.biases)
            if layer:
                delta = (delta @ matrices[layer][:, : self.widths[layer]]) * slope_at(self.activation, values[layer])
        return gradient

    def loss_gradient(self, X: ArrayLike, y: ArrayLike, loss: Loss = "mse", *, temperature: float = 1.0) -> FloatArray:
        """Return the gradient of the mean loss with respect to all p parameters, pruned ones included.

        Parameters
        ----------
        X : array_like, shape (n, d)
        y : array_like, shape (n,)
        loss : {"mse", "binary_cross_entropy", "cross_entropy"}
        temperature : float
            The loss is taken of the outputs divided by this number, > 0 (GraSP uses 200).

        Returns
        -------
        array, shape (p,)

        Raises
        ------
        TypeError
            If an argument is not made of real numbers.
        ValueError
            If a shape does not fit, the labels or the number of outputs do not suit the loss, or `temperature` is not
            positive.
        """
        samples, labels = self._labelled(X, y, loss)
        scale = check_positive("temperature", temperature)
        matrices = self._matrices(self.weights)

        def gradient(part: FloatArray, their_labels: FloatArray) -> FloatArray:
            values = activations(matrices, part, self.activation)
            return self._backward(values, loss_gradient(loss, values[-1] / scale, their_labels) / scale)

        return mean_over_parts(gradient, samples, labels)

    def hessian_vector_product(
        self, X: ArrayLike, y: ArrayLike, vector: ArrayLike, loss: Loss = "mse", *, temperature: float = 1.0
    ) -> FloatArray:
        """Return H v, shape (p,), for the Hessian H of the mean loss with respect to all p parameters.

        Exact, by differentiating the gradient along v (Pearlmutter 1994); a ReLU has second derivative 0.

        Parameters
        ----------
        X, y
            As in `loss_gradient`.
        vector : array_like, shape (p,)
            v.
        loss, temperature
            As in `loss_gradient`.

        Returns
        -------
        array, shape (p,)

        Raises
        ------
        TypeError, ValueError
            As `loss_gradient`, or if `vector` is not a finite vector of p numbers.
        """
        samples, labels = self._labelled(X, y, loss)
        scale = check_positive("temperature", temperature)
        direction = as_float_array("vector", vector, ndim=1)
        if direction.shape != self.weights.shape:
            raise ValueError(f"vector must have shape {self.weights.shape}, got {direction.shape}")

        def product(part: FloatArray, their_labels: FloatArray) -> FloatArray:
            return self._hessian_vector_product(part, their_labels, direction, loss, scale)

        return mean_over_parts(product, samples, labels)

    def _hessian_vector_product(
        self, X: FloatArray, y: FloatArray, direction: FloatArray, loss: Loss, scale: float
    ) -> FloatArray:
        matrices, directions = self._matrices(self.weights), self._matrices(direction)
        values = activations(matrices, X, self.activation)
        tangents = self._tangents(values, directions)
        delta = loss_gradient(loss, values[-1] / scale, y) / scale
        delta_tangent = loss_curvature(loss, values[-1] / scale, y, tangents[-1] / scale) / scale

        product = np.empty(self.n_weights)
        for layer, target in reversed(list(enumerate(self._matrices(product)))):
            width = self.widths[layer]
            target[...] = outer_sum(delta_tangent, values[layer], self.biases)
            if layer:
                target[:, :width] += delta.T @ tangents[layer]
                slope = slope_at(self.activation, values[layer])
                back = delta @ matrices[layer][:, :width]
                delta_tangent = slope * (
                    delta_tangent @ matrices[layer][:, :width] + delta @ directions[layer][:, :width]
                )
                if self.activation == "tanh":
                    # d(1 - a^2) = -2 a da.
                    delta_tangent -= 2.0 * values[layer] * tangents[layer] * back
                delta = slope * back
        return product

    def _tangents(self, values: list[FloatArray], directions: list[FloatArray]) -> list[FloatArray]:
        """Return the derivatives of `values` when the parameters move along `directions`."""
        matrices = self._matrices(self.weights)
        tangents: list[FloatArray] = [np.zeros((1, 1))]  # the inputs do not move
        for layer, (matrix, direction) in enumerate(zip(matrices, directions, strict=True)):
            tangent = affine(direction, values[layer])
            if layer:
                tangent += tangents[-1] @ matrix[:, : self.widths[layer]].T
            if layer < len(matrices) - 1:
                tangent = tangent * slope_at(self.activation, values[layer + 1])
            tangents.append(tangent)
        return tangents

    def hidden_layer(self) -> tuple[FloatArray, FloatArray | None, FloatArray]:
        """Return directions (N', d), offsets (N',) or None, and output weights (N',) of the hidden units that count.

        A unit counts when its output weight is not zero. The bias of the output shifts f and does not matter to its
        slopes.

        Raises
        ------
        ValueError
            If the network does not have exactly one hidden layer and one output.
        """
        if len(self.widths) != 3 or self.n_outputs != 1:
            raise ValueError(f"hidden_layer needs one hidden layer and one output, got widths {self.widths}")
        (directions, offsets), (output, _) = self.layers()
        live = output[0] != 0
        return directions[live], None if offsets is None else offsets[live], output[0, live]

    def with_weights(self, weights: ArrayLike) -> Self:
        """Return the network with other parameters (p,), which must vanish off the mask."""
        return self._with(as_float_array("weights", weights, ndim=1), self.mask)

    def masked(self, mask: ArrayLike) -> Self:
        """Return the network with the parameters off `mask` (p,) pruned as well; pruned parameters stay pruned."""
        kept = as_masks("mask", mask, self.n_weights, ndim=1) & self.mask
        return self._with(np.where(kept, self.weights, 0.0), kept)

    def _with(self, weights: FloatArray, mask: BoolArray) -> Self:
        return type(self)(
            self.widths,
            weights,
            mask,
            activation=self.activation,
            biases=self.biases,
            prune_biases=self.prune_biases,
        )

    def theorem_constants(self, data_radius: float, weight_radius: float) -> TheoremConstants:
        """Return J and W of Theorem 4 on centred balls of inputs (radius R) and of parameters (radius B).

        Both activations satisfy |act(t)| <= |t| and are 1-Lipschitz. Let q_l be the squared Frobenius norm of layer l
        of L (biases included), so that q_1 + ... + q_L <= B^2. The gradient of f with respect to layer l is at most
        |(a_{l-1}, 1)| (q_{l+1} ... q_L)^(1/2), and |(a_l, 1)|^2 <= q_l |(a_{l-1}, 1)|^2 + 1. Unrolling,

            |grad_w f|^2 <= sum_i c_i e_{L-i-1}(q_{i+1}, ..., q_L),   c_0 = R^2 + 1, c_1 = ... = c_{L-1} = 1,

        with e_k the elementary symmetric polynomial, and Maclaurin's inequality bounds e_{m-1} of m variables of sum at
        most B^2 by m (B^2 / m)^(m-1). Without biases only i = 0 remains, with c_0 = R^2. The ball is convex, so the
        largest gradient is a Lipschitz constant: J = that bound's root, W = 2 B.

        Parameters
        ----------
        data_radius, weight_radius : float
            R and B, > 0. J is infinite where it exceeds the largest float64.

        Returns
        -------
        TheoremConstants

        Raises
        ------
        TypeError
            If a radius is not a real number.
        ValueError
            If it is not positive and finite.
        """
        radius = check_positive("data_radius", data_radius)
        ball = check_positive("weight_radius", weight_radius)
        depth = len(self.widths) - 1
        # In fractions: powers of B^2 leave the range of float64 long before J does.
        squared = Fraction(0)
        for i in range(depth if self.biases else 1):
            coefficient = (Fraction(radius) ** 2 if i == 0 else 0) + self.biases
            squared += coefficient * (depth - i) * (Fraction(ball) ** 2 / (depth - i)) ** (depth - i - 1)
        return TheoremConstants(root(squared), 2 * ball, radius, ball)
