"""Networks from files of other tools, and back; the suffix says the format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from noprune_theory._files import replacing
from noprune_theory._validation import as_path, check_choice, check_instance
from noprune_theory.models import MLP
from noprune_theory.models.passes import ACTIVATIONS, Activation
from noprune_theory.networks._arrays import (
    read_matlab,
    read_npz,
    read_safetensors,
    read_torch,
    write_matlab,
    write_npz,
    write_safetensors,
    write_torch,
)
from noprune_theory.networks._layers import DenseLayer, NetworkFormatError, assemble, disassemble
from noprune_theory.networks._nnet import read_nnet, write_nnet
from noprune_theory.networks._onnx import read_onnx, write_onnx
from noprune_theory.networks.state_dict import LAYOUTS, MASK_SOURCES, Layout, MaskSource, from_state_dict

Normalisation: TypeAlias = Literal["on", "off"]
_TORCH = (".pt", ".pth", ".th", ".bin")
SUFFIXES = (*_TORCH, ".safetensors", ".npz", ".onnx", ".mat", ".nnet")
# What a file of ours says beside the arrays.
_FACTS = ("activation", "prune_biases")


def load(
    path: str | os.PathLike[str],
    *,
    layout: Layout | None = None,
    masks: MaskSource | Mapping[str, Any] = "stored",
    order: Sequence[str] | None = None,
    activation: Activation | None = None,
    normalisation: Normalisation = "on",
) -> MLP:
    """Read a network from a file.

    Parameters
    ----------
    path : path
        The suffix says the format: PyTorch state dicts (.pt, .pth, .th, .bin), .safetensors and .onnx
        (each needs the extra `torch`, `safetensors` or `onnx`), .npz, MATLAB .mat, ACAS Xu .nnet.
    layout : {"outputs-first", "inputs-first"}, optional
        How matrices lie, for files of named arrays; see `from_state_dict`. ONNX and .nnet say it themselves.
    masks : {"stored", "zeros", "none"} or mapping of str to array
        See `from_state_dict`. In an ONNX file, constants of zeros and ones that multiply weights, the pattern of sparse
        initialisers and the structure of convolutions are stored masks; .nnet files have none.
    order : sequence of str, optional
        Names of the modules from input to output, for files of named arrays; see `from_state_dict`.
    activation : {"relu", "tanh"}, optional
        Of files that do not say; "relu" by default. Refused where the file says otherwise.
    normalisation : {"on", "off"}
        For .nnet files: whether the network maps physical inputs to physical outputs ("on") or leaves the file's
        means and ranges out ("off").

    Returns
    -------
    MLP
        Its `mask` says which parameters are kept.

    Raises
    ------
    TypeError
        If `path` is no path.
    ValueError
        If an option is none of those listed, or is given for a format that states it itself.
    NetworkFormatError
        If the file does not hold one masked fully connected network; the message names the key or node.
    ImportError
        If the format needs a package that is not installed; the message names the extra.
    OSError
        If there is no such file (`FileNotFoundError`), it is a folder, or it cannot be read.
    """
    file, suffix = _file(path)
    check_choice("normalisation", normalisation, ("on", "off"))
    if activation is not None:
        check_choice("activation", activation, ACTIVATIONS)
    if layout is not None:
        check_choice("layout", layout, LAYOUTS)
    if not isinstance(masks, Mapping):
        check_choice("masks", masks, MASK_SOURCES)
    if file.is_dir():
        raise IsADirectoryError(f"{file} is a folder, not a file")
    if not file.exists():
        raise FileNotFoundError(f"no file {file}")
    if suffix in (".onnx", ".nnet"):
        return _load_graph(file, suffix, layout, masks, order, activation, normalisation)
    arrays: Mapping[str, Any]
    facts: Mapping[str, Any] = {}
    if suffix in _TORCH:
        arrays = read_torch(file)
    elif suffix == ".safetensors":
        arrays, facts = read_safetensors(file)
    else:
        arrays = read_npz(file) if suffix == ".npz" else read_matlab(file)
        facts = {name: np.ravel(arrays[name])[0] for name in _FACTS if name in arrays and np.size(arrays[name]) == 1}
        arrays = {name: value for name, value in arrays.items() if name not in facts}
    says = str(facts["activation"]) if "activation" in facts else None
    model = from_state_dict(
        arrays, masks=masks, layout=layout, order=order, activation=_activation(file, says, activation)
    )
    if "prune_biases" in facts:
        prune = str(facts["prune_biases"]).lower() in ("true", "1")
        model = MLP(
            model.widths,
            model.weights,
            model.mask,
            activation=model.activation,
            biases=model.biases,
            prune_biases=prune,
        )
    return model


def save(model: MLP, path: str | os.PathLike[str]) -> None:
    """Write a network with its mask to a file; `load` reads the same network back, bit for bit.

    Parameters
    ----------
    model : MLP
        With its mask.
    path : path
        The suffix says the format, as for `load`. PyTorch files hold the state dict of `nn.Sequential(Linear,
        activation, Linear, ...)` in float64, with `weight_orig` and `weight_mask` where weights are pruned (as
        `torch.nn.utils.prune` names them). ONNX graphs multiply weights by their masks in Mul nodes. A .nnet file has
        no masks, so that a pruned network is refused.

    Raises
    ------
    TypeError
        If `model` is not an `MLP`, or `path` no path.
    NetworkFormatError
        If the suffix is none of these, or the format cannot hold the network without loss.
    ImportError
        If the format needs a package that is not installed; the message names the extra.
    OSError
        If the file cannot be written; what was there is left as it was.
    """
    file, suffix = _file(path)
    check_instance("model", model, MLP)
    layers = disassemble(model)
    facts = {"activation": model.activation, "prune_biases": str(model.prune_biases)}
    if suffix == ".nnet" and (model.activation != "relu" or not model.mask.all()):
        raise NetworkFormatError(
            ".nnet files hold ReLU networks without masks; choose another format, or prune nothing"
        )
    with replacing(file) as part:
        if suffix in _TORCH:
            write_torch(part, _named(layers, step=2))
        elif suffix == ".safetensors":
            write_safetensors(part, _named(layers, step=1, prefix="layers."), facts)
        elif suffix == ".npz":
            write_npz(part, {**_named(layers, step=1, prefix="layers."), **facts})
        elif suffix == ".onnx":
            write_onnx(part, layers, model.activation)
        elif suffix == ".nnet":
            write_nnet(part, layers)
        else:
            lists: dict[str, list[Any]] = {
                "weights": [layer.weights for layer in layers],
                "masks": [layer.mask for layer in layers],
            }
            if model.biases:
                lists["biases"] = [layer.biases[:, None] for layer in layers if layer.biases is not None]
                lists["bias_masks"] = [layer.bias_mask[:, None] for layer in layers if layer.bias_mask is not None]
            write_matlab(part, lists, facts)


def _file(path: Any) -> tuple[Path, str]:
    """Return a path and its suffix, which says the format."""
    file = as_path("path", path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise NetworkFormatError(f"path must end in one of {', '.join(SUFFIXES)}, got {file.name!r}")
    return file, suffix


def _activation(file: Path, says: str | None, wanted: Activation | None) -> Activation:
    if says is not None and says not in ACTIVATIONS:
        raise NetworkFormatError(f"{file.name}: activation {says!r} is not one of {', '.join(ACTIVATIONS)}")
    if says is not None and wanted is not None and says != wanted:
        raise NetworkFormatError(f"{file.name} says that the activation is {says!r}, not {wanted!r}")
    for activation in ACTIVATIONS:
        if activation == (says or wanted):
            return activation
    return "relu"


def _load_graph(
    file: Path,
    suffix: str,
    layout: Layout | None,
    masks: MaskSource | Mapping[str, Any],
    order: Sequence[str] | None,
    activation: Activation | None,
    normalisation: Normalisation,
) -> MLP:
    """Read a format that says itself in which order and layout its matrices are."""
    for name, value in (("layout", layout), ("order", order)):
        if value is not None:
            raise ValueError(f"{name} is stated by {suffix} files themselves, got {value!r}; leave it out")
    if isinstance(masks, Mapping):
        raise ValueError(f"masks must be one of {', '.join(map(repr, MASK_SOURCES))} for {suffix} files, got a mapping")
    says: str | None
    if suffix == ".onnx":
        layers, says = read_onnx(file)
        if len(layers) == 1:
            says = None
    else:
        layers, says = read_nnet(file, normalisation=normalisation == "on"), "relu"
    return assemble(
        [_with_masks(layer, masks) for layer in layers],
        activation=_activation(file, says, activation),
        prune_biases=any(layer.bias_mask is not None and not layer.bias_mask.all() for layer in layers),
    )


def _with_masks(layer: DenseLayer, source: MaskSource) -> DenseLayer:
    if source == "stored":
        return layer
    if source == "zeros":
        return replace(layer, mask=layer.mask & (layer.weights != 0))
    bias_mask = None if layer.biases is None else np.ones(layer.biases.shape, dtype=bool)
    return replace(layer, mask=np.ones(layer.mask.shape, dtype=bool), bias_mask=bias_mask)


def _named(layers: Sequence[DenseLayer], *, step: int, prefix: str = "") -> dict[str, Any]:
    """Return arrays under PyTorch's names; masks where they prune."""
    arrays: dict[str, Any] = {}
    for index, layer in enumerate(layers):
        name = f"{prefix}{step * index}"
        for what, values, mask in (("weight", layer.weights, layer.mask), ("bias", layer.biases, layer.bias_mask)):
            if values is None or mask is None:
                continue
            if mask.all():
                arrays[f"{name}.{what}"] = values
            else:
                arrays[f"{name}.{what}_orig"] = values
                arrays[f"{name}.{what}_mask"] = mask.astype(np.float64)
    return arrays
