"""Networks from mappings of names to arrays: state dicts of PyTorch and its pruning tools, and named matrices.

What the names mean (each convention was read off files that its tool wrote):

===================================================  ==============================================================
names                                                writer
===================================================  ==============================================================
``M.weight``, ``M.bias``                             PyTorch; the weights as they are
``M.weight_orig``, ``M.weight_mask``                 `torch.nn.utils.prune`: the product counts. A ``M.weight`` beside
                                                     them may be stale and is ignored
``M.weight``, ``M.weight_mask``                      Synaptic-Flow: the product counts
``M.parametrizations.weight.original``               `torch.ao.pruning`: the mask is not in the state dict
``M.weight`` in two mappings                         open_lth: the second holds the masks, under the same names
``W1``, ``b1``, ``weights_1``, ``biases.1``, ...     numbered matrices, in either orientation
===================================================  ==============================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from noprune_theory._types import BoolArray, FloatArray
from noprune_theory._validation import check_choice
from noprune_theory.models import MLP
from noprune_theory.models.passes import ACTIVATIONS, Activation
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, assemble, mask_array, real_array
from noprune_theory.networks._order import Candidate, settle

Layout: TypeAlias = Literal["outputs-first", "inputs-first"]
LAYOUTS: tuple[Layout, ...] = ("outputs-first", "inputs-first")
MaskSource: TypeAlias = Literal["stored", "zeros", "none"]
MASK_SOURCES: tuple[MaskSource, ...] = ("stored", "zeros", "none")

_TORCH = re.compile(r"^(?:(?P<module>.*)\.)?(?P<what>weight|bias)(?P<role>_orig|_mask)?$")
_PARAMETRISED = re.compile(r"^(?:(?P<module>.*)\.)?parametrizations\.(?P<what>weight|bias)\.(?P<role>.*)$")
_NUMBERED = re.compile(
    r"^(?P<stem>.*?)(?P<kind>bias_masks?|weights?|w|bias(?:es)?|b|masks?|m)[_.]?(?P<number>\d+)$", re.IGNORECASE
)


@dataclass
class _Module:
    """The arrays of one module: role ("", "_orig", "_mask", "original") -> (key, value), for weight and bias."""

    weight: dict[str, tuple[str, Any]] = field(default_factory=dict)
    bias: dict[str, tuple[str, Any]] = field(default_factory=dict)
    numbered: bool = False


def from_state_dict(
    mapping: Mapping[str, Any],
    *,
    masks: MaskSource | Mapping[str, Any] = "stored",
    layout: Layout | None = None,
    order: Sequence[str] | None = None,
    activation: Activation = "relu",
) -> MLP:
    """Build a network from named arrays.

    Parameters
    ----------
    mapping : mapping of str to array
        Arrays of any tool that numpy reads, PyTorch tensors included (torch itself is not imported).
    masks : {"stored", "zeros", "none"} or mapping of str to array
        "stored": the masks that the mapping holds; weights without one are all kept. "zeros": in addition, weights that
        are zero count as pruned (biases do not). "none": everything is kept. A mapping: masks under the names of the
        parameters that they mask (as open_lth stores them); parameters without one are kept.
    layout : {"outputs-first", "inputs-first"}, optional
        How matrices lie. By default that of PyTorch for its names, and for numbered matrices the one whose shapes
        chain, which is refused where both do.
    order : sequence of str, optional
        Names of the modules from the input to the output. By default the only order that fits the shapes and counts up
        within names that differ in a number; refused where several fit, since the order of a mapping is that of
        definition or of the alphabet, not of the computation.
    activation : {"relu", "tanh"}
        A mapping of arrays does not say.

    Returns
    -------
    MLP

    Raises
    ------
    TypeError
        If `mapping` is no mapping, or `order` no sequence.
    ValueError
        If an option is none of those listed.
    NetworkFormatError
        If a key is unknown, an array not finite or of a wrong shape, a mask missing, or order or layout not certain.

    Examples
    --------
    >>> import numpy as np
    >>> from noprune_theory.networks import from_state_dict
    >>> arrays = {"0.weight_orig": np.array([[1.0, 2.0]]), "0.weight_mask": np.array([[0.0, 1.0]])}
    >>> from_state_dict(arrays).weights
    array([0., 2.])
    """
    check_choice("activation", activation, ACTIVATIONS)
    if layout is not None:
        check_choice("layout", layout, LAYOUTS)
    if not isinstance(mapping, Mapping):
        raise TypeError(f"mapping must be a mapping of names to arrays, got {type(mapping).__name__}")
    apart: Mapping[str, Any] | None = None
    source: MaskSource = "stored"
    if isinstance(masks, Mapping):
        apart = masks
    else:
        check_choice("masks", masks, MASK_SOURCES)
        source = masks
    modules = _grouped(mapping)
    parts = {name: _module_arrays(name, module, source, apart) for name, module in modules.items()}
    if apart is not None:
        _refuse_strangers(apart, modules)
    layouts = _layouts(layout, modules)
    candidates = [Candidate(name, part.weights.shape, part.bias_length) for name, part in parts.items()]
    names, chosen = settle(candidates, layouts, order)
    layers = [parts[name].layer(chosen) for name in names]
    pruned_biases = any(layer.bias_mask is not None and not layer.bias_mask.all() for layer in layers)
    return assemble(layers, activation=activation, prune_biases=pruned_biases)


def _grouped(mapping: Mapping[str, Any]) -> dict[str, _Module]:
    """Return the modules by name, in the order of the mapping; unknown keys are refused."""
    modules: dict[str, _Module] = {}
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise NetworkFormatError(f"keys must be text, got {key!r}")
        if (match := _PARAMETRISED.match(key)) is not None:
            role = match["role"]
            if role not in ("original", "0.mask"):
                raise NetworkFormatError(f"{key}: a parametrisation that is not a mask is not read")
            role = "_mask" if role == "0.mask" else role
        elif (match := _TORCH.match(key)) is not None:
            role = match["role"] or ""
        elif (match := _NUMBERED.match(key)) is not None:
            kind = match["kind"].lower()
            module = modules.setdefault(match["stem"] + match["number"], _Module(numbered=True))
            parameter = module.bias if kind.startswith("b") else module.weight
            role = "_mask" if kind.startswith(("m", "bias_m")) else ""
            if role in parameter:
                raise NetworkFormatError(f"{key} and {parameter[role][0]} both name the same matrix")
            parameter[role] = (key, value)
            continue
        else:
            raise NetworkFormatError(
                f"{key}: not the name of a weight, bias or mask of a fully connected layer (shape {np.shape(value)})"
            )
        module = modules.setdefault(match["module"] or "", _Module())
        parameter = module.weight if match["what"] == "weight" else module.bias
        parameter[role] = (key, value)
    if not modules:
        raise NetworkFormatError("the mapping is empty: no layer found")
    return modules


@dataclass(frozen=True)
class _Arrays:
    """Weights as stored (either layout) with their mask, and biases with theirs."""

    name: str
    weights: FloatArray
    mask: BoolArray
    biases: FloatArray | None
    bias_mask: BoolArray | None

    @property
    def bias_length(self) -> int | None:
        return None if self.biases is None else self.biases.shape[0]

    def layer(self, layout: str) -> DenseLayer:
        weights, mask = (self.weights, self.mask) if layout == "outputs-first" else (self.weights.T, self.mask.T)
        return DenseLayer(
            self.name, np.ascontiguousarray(weights), np.ascontiguousarray(mask), self.biases, self.bias_mask
        )


def _module_arrays(name: str, module: _Module, source: MaskSource, apart: Mapping[str, Any] | None) -> _Arrays:
    if not module.weight:
        key = next(iter(module.bias.values()))[0]
        raise NetworkFormatError(f"{key}: a bias without a weight of the same name")
    key, weights, mask = _masked_parameter(module.weight, source, apart)
    if weights.ndim != 2:
        hint = {
            1: " (a normalisation layer?)",
            3: "",
            4: " (a convolution? export to ONNX, where the image size is known)",
        }
        raise NetworkFormatError(
            f"{key} must be a matrix, got shape {weights.shape}{hint.get(weights.ndim, '')}; "
            "only fully connected layers are read from arrays"
        )
    if weights.size == 0:
        raise NetworkFormatError(f"{key} must not be empty, got shape {weights.shape}")
    biases, bias_mask = None, None
    if module.bias:
        bias_key, biases, bias_mask = _masked_parameter(module.bias, "stored" if source == "zeros" else source, apart)
        if module.numbered and biases.ndim == 2 and 1 in biases.shape and bias_mask is not None:
            # MATLAB has no vectors: a bias is a matrix of one row or column.
            biases, bias_mask = biases.ravel(), bias_mask.ravel()
        if biases.ndim != 1 or biases.shape[0] not in weights.shape:
            raise NetworkFormatError(
                f"{bias_key} must have one entry a unit of {key}, shape {weights.shape}, got shape {biases.shape}"
            )
    return _Arrays(name or key, weights, mask, biases, bias_mask)


def _masked_parameter(
    roles: dict[str, tuple[str, Any]], source: MaskSource, apart: Mapping[str, Any] | None
) -> tuple[str, FloatArray, BoolArray]:
    """Return the key, the values after masking and the mask of one parameter."""
    if "_orig" in roles and "_mask" not in roles:
        raise NetworkFormatError(f"{roles['_orig'][0]}: the mask that belongs to it is missing")
    if set(roles) == {"_mask"}:
        raise NetworkFormatError(f"{roles['_mask'][0]}: the weights that it masks are missing")
    if "original" in roles and "_mask" not in roles and source == "stored" and apart is None:
        raise NetworkFormatError(
            f"{roles['original'][0]}: this pruning tool keeps its masks outside the state dict, so none is stored; "
            "give them as a mapping, or say masks='zeros' or masks='none'"
        )
    key, value = next(roles[role] for role in ("_orig", "original", "") if role in roles)
    values = real_array(key, value)
    mask = np.ones(values.shape, dtype=bool)
    if "_mask" in roles:
        mask &= mask_array(roles["_mask"][0], roles["_mask"][1], values.shape)
    if apart is not None:
        for name in (key, key.removesuffix("_orig")):
            if name in apart:
                mask &= mask_array(f"masks[{name!r}]", apart[name], values.shape)
                break
    values = np.where(mask, values, 0.0)
    if source == "zeros":
        mask &= values != 0
    elif source == "none":
        mask = np.ones(values.shape, dtype=bool)
    return key, values, mask


def _refuse_strangers(apart: Mapping[str, Any], modules: dict[str, _Module]) -> None:
    """Refuse masks whose names mask nothing."""
    known = {
        name
        for module in modules.values()
        for roles in (module.weight, module.bias)
        for key, _ in roles.values()
        for name in (key, key.removesuffix("_orig"))
    }
    for name in apart:
        if name not in known:
            raise NetworkFormatError(f"masks[{name!r}] masks nothing: no parameter has that name")


def _layouts(layout: Layout | None, modules: dict[str, _Module]) -> tuple[str, ...]:
    if layout is not None:
        return (layout,)
    return LAYOUTS if any(module.numbered for module in modules.values()) else ("outputs-first",)
