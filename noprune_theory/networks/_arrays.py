"""Files of named arrays: PyTorch, safetensors, npz and MATLAB. Reading gives a mapping, writing takes one.

Nothing is unpickled but by PyTorch's own weights-only loader. Sizes are checked before arrays are made where the format
states them in a header.
"""

from __future__ import annotations

import json
import math
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy_format

from noprune_theory._types import FloatArray
from noprune_theory.networks._layers import NetworkFormatError, refuse_large

# Checkpoints keep the state dict under one of these names, beside optimisers and counters.
_WRAPPERS = ("state_dict", "model_state_dict")


def needs(package: str, extra: str, purpose: str) -> ImportError:
    """Return the error for a missing optional package."""
    return ImportError(f"{purpose} needs the package {package}: pip install 'noprune-theory[{extra}]'")


# -- PyTorch ----------------------------------------------------------------------------------------------------------


def read_torch(path: Path) -> Mapping[str, Any]:
    """Return the state dict in a PyTorch file, weights only."""
    try:
        import torch
    except ImportError as error:
        raise needs("torch", "torch", "reading PyTorch files") from error
    import pickle

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise NetworkFormatError(
            f"{path.name} holds more than tensors and is not read (PyTorch's weights-only loader refused it); "
            "save model.state_dict()"
        ) from error
    except (MemoryError, PermissionError):
        raise
    except Exception as error:  # on bytes of another format, its parser fails with whatever it meets
        raise NetworkFormatError(f"{path.name} is not a PyTorch file that can be read: {_first_line(error)}") from error
    if not isinstance(loaded, Mapping):
        raise NetworkFormatError(f"{path.name} must hold a state dict, got {type(loaded).__name__}")
    inside = [name for name in _WRAPPERS if isinstance(loaded.get(name), Mapping)]
    return loaded[inside[0]] if len(inside) == 1 else loaded


def write_torch(path: Path, arrays: Mapping[str, FloatArray]) -> None:
    """Write a state dict of float64 tensors."""
    try:
        import torch
    except ImportError as error:
        raise needs("torch", "torch", "writing PyTorch files") from error
    torch.save({name: torch.from_numpy(np.array(value, dtype=np.float64)) for name, value in arrays.items()}, path)


# -- safetensors ------------------------------------------------------------------------------------------------------


def read_safetensors(path: Path) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Return the arrays and the metadata of a safetensors file."""
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise needs("safetensors", "safetensors", "reading safetensors files") from error
    try:
        header = _safetensors_header(path)
        for name, entry in header.items():
            refuse_large(name, math.prod(entry["shape"]))
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays: dict[str, Any] = {}
            for name in file.keys():  # noqa: SIM118  (not a mapping)
                if header[name]["dtype"] == "BF16":
                    arrays[name] = _bfloat16(path, header[name])
                else:
                    arrays[name] = file.get_tensor(name)
    except (SafetensorError, KeyError, TypeError, struct.error, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NetworkFormatError(f"{path.name} is not a safetensors file: {_first_line(error)}") from error
    return arrays, metadata


def _safetensors_header(path: Path) -> dict[str, Any]:
    """Return the header's entries: name -> dtype, shape, data_offsets (from the end of the header)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > size:
            raise NetworkFormatError(f"{path.name} is not a safetensors file: its header is longer than the file")
        header = json.loads(file.read(length).decode())
    header.pop("__metadata__", None)
    return dict(header)


def _bfloat16(path: Path, entry: Mapping[str, Any]) -> FloatArray:
    """Return a bfloat16 array, for which numpy has no type: the upper half of a float32."""
    first, last = entry["data_offsets"]
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        file.seek(8 + length + first)
        halves = np.frombuffer(file.read(last - first), dtype="<u2")
    return (halves.astype(np.uint32) << 16).view(np.float32).astype(np.float64).reshape(entry["shape"])


def write_safetensors(path: Path, arrays: Mapping[str, FloatArray], metadata: Mapping[str, str]) -> None:
    """Write arrays, made contiguous first (0.8.0 writes others in memory order), and compare what can be read back."""
    try:
        from safetensors.numpy import load_file, save_file
    except ImportError as error:
        raise needs("safetensors", "safetensors", "writing safetensors files") from error
    ordered = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    save_file(ordered, path, metadata=dict(metadata))
    for name, value in load_file(path).items():
        if not np.array_equal(value, ordered[name]):
            raise OSError(f"{path.name}: {name} was not written as it is")


# -- npz --------------------------------------------------------------------------------------------------------------


def read_npz(path: Path) -> dict[str, Any]:
    """Return the arrays of an npz file; object arrays, which would need unpickling, are refused."""
    arrays: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    version = npy_format.read_magic(file)
                    reader = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
                    shape, _, dtype = reader(file)
                name = member.filename.removesuffix(".npy")
                if dtype.hasobject:
                    raise NetworkFormatError(f"{name} is an array of Python objects, which is not unpickled")
                refuse_large(name, math.prod(shape))
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (zipfile.BadZipFile, EOFError) as error:
        raise NetworkFormatError(f"{path.name} is not an npz file: {_first_line(error)}") from error
    except ValueError as error:
        if isinstance(error, NetworkFormatError):
            raise
        raise NetworkFormatError(f"{path.name} is not an npz file of plain arrays: {_first_line(error)}") from error
    return arrays


def write_npz(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays; the file has the name given, whatever its suffix."""
    with path.open("wb") as file:
        np.savez(file, **dict(arrays))


# -- MATLAB -----------------------------------------------------------------------------------------------------------


def read_matlab(path: Path) -> dict[str, Any]:
    """Return numbered matrices W1, b1, ... from a MATLAB file: cells, stacks of equal matrices, or named matrices.

    A list of matrices lies in a file as a cell (an object array), or, where all have one shape, as an array of three
    axes (L, rows, columns): both are taken apart. Variables are called as they are, with the number of the layer.
    """
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        variables = loadmat(path)
    except NotImplementedError as error:
        raise NetworkFormatError(
            f"{path.name} is of MATLAB's version 7.3 (HDF5), which is not read; save with -v7"
        ) from error
    except (MatReadError, ValueError, TypeError, EOFError, struct.error) as error:
        raise NetworkFormatError(f"{path.name} is not a MATLAB file: {_first_line(error)}") from error
    arrays: dict[str, Any] = {}
    for name, value in variables.items():
        if name.startswith("__"):
            continue
        arrays.update(_cells(name, value))
    return arrays


def _cells(name: str, value: Any) -> dict[str, Any]:
    array = np.asarray(value)
    if array.dtype == object:
        items = [np.asarray(item) for item in array.ravel(order="F")]
    elif array.ndim == 3:
        items = list(array)
    elif array.ndim == 2 and name.lower() in ("b", "bias", "biases", "bias_masks"):
        # A list of vectors of one length, stacked by its writer.
        items = list(array)
    else:
        return {name: array}
    if name[-1:].isdigit():
        raise NetworkFormatError(
            f"{name} is a list of matrices under a numbered name; which layers it holds is not certain"
        )
    for index, item in enumerate(items, start=1):
        if item.dtype == object or item.ndim > 2:
            raise NetworkFormatError(f"{name}: entry {index} must be a matrix, got shape {item.shape}")
    return {f"{name}{index}": item for index, item in enumerate(items, start=1)}


def write_matlab(path: Path, lists: Mapping[str, list[Any]], scalars: Mapping[str, Any]) -> None:
    """Write lists of matrices as cells."""
    from scipy.io import savemat

    contents: dict[str, Any] = dict(scalars)
    for name, items in lists.items():
        cell = np.empty((1, len(items)), dtype=object)
        for index, item in enumerate(items):
            cell[0, index] = item
        contents[name] = cell
    savemat(path, contents, appendmat=False)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:200]
