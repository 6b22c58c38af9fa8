"""Values of a network with a bound on their rounding error, and classes decided exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from noprune_theory._scaling import scale, size_exponent
from noprune_theory._types import FloatArray
from noprune_theory.class_stability._exact_product import ExactProduct
from noprune_theory.lipschitz._dyadic import Dyadic, dyadic
from noprune_theory.models import MLP, LinearModel, Model, RandomFeatures

_EPSILON = float(np.finfo(np.float64).eps)
_TINY = 2.0**-1000
_EXACT_AT_MOST = 4_000_000  # weights beyond which integers take gigabytes
_EXACT_TOGETHER = 64  # points whose hidden units are held as integers at once


_ORDINARY = 100  # binary exponents up to which nothing is scaled


def _exponent(values: FloatArray) -> int:
    return size_exponent(values) if values.any() else 0


def _times_two_to(values: FloatArray, exponent: int) -> FloatArray:
    with np.errstate(over="ignore", under="ignore"):
        result = scale(values, exponent)
        if not np.array_equal(scale(result, -exponent), values):
            raise ValueError("model and X must not mix magnitudes that float64 cannot hold together")
    return result


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of a model: g = W_m act(... act(W_1 x + b_1)) + b_m, one output.

    Attributes
    ----------
    weights, biases
        Of every layer, shapes (outputs, inputs) and (outputs,).
    activation
        "relu", "tanh" or "identity".
    """

    weights: tuple[FloatArray, ...]
    biases: tuple[FloatArray, ...]
    activation: str

    @classmethod
    def of(cls, model: Model) -> Network:
        """Return the layers of a model.

        Raises
        ------
        TypeError
            If the model is of another class.
        ValueError
            If it has several outputs.
        """
        if isinstance(model, LinearModel):
            return cls((model.weights[None],), (np.zeros(1),), "identity")
        if isinstance(model, RandomFeatures):
            directions, offsets, outputs = model.hidden_layer()  # pruned features cost time alone
            if outputs.size == 0:
                return cls((np.zeros((1, model.dimension)),), (np.zeros(1),), "identity")
            hidden = np.zeros(outputs.shape[0]) if offsets is None else offsets
            return cls((directions, outputs[None]), (hidden, np.zeros(1)), model.activation)
        if isinstance(model, MLP):
            if model.n_outputs != 1:
                raise ValueError(f"model must have one output, whose sign is the class, got {model.n_outputs}")
            layers = model.layers()
            biases = tuple(np.zeros(w.shape[0]) if b is None else b for w, b in layers)
            return cls(tuple(w for w, _ in layers), biases, model.activation)
        raise TypeError(f"model must be a LinearModel, RandomFeatures or MLP, got {type(model).__name__}")

    def scaled(self, X: FloatArray) -> tuple[Network, FloatArray, int, int]:
        """Return a network g' and inputs x' of ordinary size with g'(x') = 2^-k g(x), x' = 2^-e x; and e, k.

        Exact: powers of two go into weights and biases. Nothing is done where every size is ordinary already.

        Raises
        ------
        ValueError
            If numbers that are not zero would leave the range of float64.
        """
        ordinary = all(abs(_exponent(part)) <= _ORDINARY for part in (X, *self.weights, *self.biases))
        if ordinary:
            return self, X, 0, 0
        first, offsets = self.weights[0], self.biases[0]
        e = _exponent(X)
        if offsets.any():  # where the units switch, should that be farther out
            e = max(e, _exponent(offsets) - _exponent(first)) if X.any() else _exponent(offsets) - _exponent(first)
        layers, shift = [], -e  # the layer's input is 2^shift times what the model has
        for place, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            last = place + 1 == len(self.weights)
            k = 0
            if self.activation != "tanh" or last:
                k = max(_exponent(W) - shift, _exponent(b)) if b.any() else _exponent(W) - shift
            layers.append((_times_two_to(W, -shift - k), _times_two_to(b, -k)))
            shift = -k if self.activation != "tanh" or last else 0
        weights, biases = zip(*layers, strict=True)
        return Network(weights, biases, self.activation), _times_two_to(X, -e), e, -shift

    def values(self, X: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return g at the rows of X and a bound on what rounding has done to it; the bound may be infinite or nan.

        A sum of k products is off by at most (k + 2) eps times the sum of sizes; doubled, which covers the rounding of
        the bound itself. tanh is taken to be good to 8 eps.
        """
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            value, error = X, np.zeros_like(X)
            for place, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
                size = (np.abs(value) + error) @ np.abs(W).T + np.abs(b)
                error = error @ np.abs(W).T * (1 + 1e-9) + 2 * (W.shape[1] + 3) * (_EPSILON * size + _TINY)
                value = value @ W.T + b
                if place + 1 < len(self.weights):
                    if self.activation == "relu":
                        value = np.maximum(value, 0.0)
                    elif self.activation == "tanh":
                        value, error = np.tanh(value), error + 8 * _EPSILON
            return value[:, 0], error[:, 0]

    @cached_property
    def _exact_layers(self) -> tuple[ExactProduct, list[Dyadic], list[Dyadic]]:
        """The product with the first layer, the weights of the others, and all biases, as columns."""
        biases = [dyadic(b[:, None]) for b in self.biases]
        return ExactProduct(self.weights[0]), [dyadic(W) for W in self.weights[1:]], biases

    def first_layer(self, X: FloatArray) -> FloatArray:
        """Return the first layer before its activation in float64, for a search."""
        return X @ self.weights[0].T + self.biases[0]

    def after_first_layer(self, value: FloatArray) -> FloatArray:
        """Return g where the first layer before its activation is `value`, in float64, for a search."""
        for W, b in zip(self.weights[1:], self.biases[1:], strict=True):
            if self.activation == "relu":
                value = np.maximum(value, 0.0)
            elif self.activation == "tanh":
                value = np.tanh(value)
            value = value @ W.T + b
        return np.asarray(value[:, 0])

    def forward(self, X: FloatArray) -> FloatArray:
        """Return g at the rows of X in float64, for a search."""
        return self.after_first_layer(self.first_layer(X))

    def exact_values(self, X: FloatArray) -> Dyadic | None:
        """Return g at the rows of X exactly, shape (n,); None for tanh, or where the network is too large for it."""
        if self.activation == "tanh" or sum(W.size for W in self.weights) > _EXACT_AT_MOST:
            return None
        first, others, biases = self._exact_layers
        value = first(X).plus(biases[0])
        for W, b in zip(others, biases[1:], strict=True):
            if self.activation == "relu":
                value = value.where(value.digits > 0)
            value = (W @ value).plus(b)
        return value.take(0)

    def classes(self, X: FloatArray) -> FloatArray:
        """Return 1.0 where g >= 0, -1.0 where g < 0 and nan where that could not be decided."""
        value, error = self.values(X)
        found = np.full(X.shape[0], np.nan)
        with np.errstate(invalid="ignore"):
            found[value > error], found[value < -error] = 1.0, -1.0
        unknown = np.flatnonzero(np.isnan(found) & np.isfinite(X).all(axis=1))
        for first in range(0, unknown.size, _EXACT_TOGETHER):
            part = unknown[first : first + _EXACT_TOGETHER]
            exact = self.exact_values(X[part])
            if exact is not None:
                found[part] = np.where(exact.digits >= 0, 1.0, -1.0)
        return found

    def gradients(self, X: FloatArray) -> FloatArray:
        """Return the gradient of g at the rows of X, in float64: directions for a search."""
        slopes: list[FloatArray] = []
        value = X
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            value = value @ W.T + b
            if self.activation == "relu":
                slopes.append((value > 0).astype(np.float64))
                value = np.maximum(value, 0.0)
            elif self.activation == "tanh":
                value = np.tanh(value)
                slopes.append(np.asarray(1 - value**2))
            else:
                slopes.append(np.ones_like(value))
        gradient = np.broadcast_to(self.weights[-1], (X.shape[0], self.weights[-1].shape[1]))
        for W, slope in zip(self.weights[-2::-1], slopes[::-1], strict=True):
            gradient = (gradient * slope) @ W
        return np.array(gradient)
