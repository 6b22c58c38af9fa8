"""Labelled data whose noise is known: y_i = g(x_i) + z_i with g(x) = E[y | x] and sigma^2 = E[Var(y | x)].

Assumption A2 of the paper asks for labels in [-1, 1] and sigma^2 > 0; `Dataset.bounded` tells which tasks satisfy it.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from noprune_theory._display import ShortRepr
from noprune_theory._types import RNG, FloatArray, IntArray
from noprune_theory._validation import (
    as_array,
    as_float_array,
    as_path,
    as_samples,
    check_choice,
    check_flag,
    check_generator,
    check_instance,
    check_integer,
    check_nonnegative,
    check_positive,
    shown,
)
from noprune_theory.covariates import Covariate, Covariates
from noprune_theory.models.base import Model

__all__ = [
    "Dataset",
    "clipped_linear_signal",
    "cube_atoms",
    "noisy_labels",
    "random_signs",
    "read_idx",
    "student_teacher",
]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(ShortRepr):
    """Samples with everything that the theorems speak of.

    Attributes
    ----------
    X : ndarray, shape (n, d)
        Inputs.
    y : ndarray, shape (n,)
        Labels g + z.
    g : ndarray, shape (n,)
        Conditional mean E[y | x] at the inputs.
    z : ndarray, shape (n,)
        Noise y - g.
    labels : ndarray of int, shape (n,)
        Mixture component of each input.
    sigma2 : float
        Noise level E[Var(y | x)] of the distribution (not of the sample).
    bounded : bool
        Whether labels lie in [-1, 1], as A2 demands.
    """

    X: FloatArray
    y: FloatArray
    g: FloatArray
    z: FloatArray
    labels: IntArray
    sigma2: float
    bounded: bool = True

    def __post_init__(self) -> None:
        _, y = as_samples(self.X, self.y)
        parts = {name: as_float_array(name, getattr(self, name), ndim=1) for name in ("g", "z")}
        for name, part in parts.items():
            if part.shape != y.shape:
                raise ValueError(f"{name} must have shape {y.shape} like y, got {part.shape}")
        # Halves: g + z may leave the range of doubles. The tolerance is that of each sum, in its own units.
        halves = y / 2, parts["g"] / 2, parts["z"] / 2
        off = np.abs(halves[0] - (halves[1] + halves[2]))
        if (off > 1e-12 * sum(map(np.abs, halves))).any():
            raise ValueError(f"y must be g + z, got a difference of {2 * float(off.max())}")
        labels = as_array("labels", self.labels)
        if labels.shape != y.shape or labels.dtype.kind not in "iu" or (labels < 0).any():
            raise ValueError(
                f"labels must be component numbers >= 0 of shape {y.shape}, got {labels.dtype} of shape {labels.shape}"
            )
        check_nonnegative("sigma2", self.sigma2)
        if check_flag("bounded", self.bounded) and np.abs(y).max() > 1:
            raise ValueError(f"y must lie in [-1, 1] where bounded is True (A2), got |y| = {np.abs(y).max()}")

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.X.shape[0]

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return self.X.shape[1]


_COVARIATE = ("sample", "dimension", "components", "isoperimetry")


def _inputs(covariate: Covariate, rng: np.random.Generator, n: int) -> Covariates:
    check_instance("covariate", covariate, Covariate, _COVARIATE)
    return covariate.sample(rng, n)


def _noise_level(noise_scale: float) -> tuple[float, float]:
    """Return the scale of the noise and its square, which must be a normal double: sigma^2 > 0 (A2)."""
    scale = check_positive("noise_scale", noise_scale)
    square = scale * scale
    if not 3 * float(np.finfo(np.float64).tiny) <= square < math.inf:
        raise ValueError(f"noise_scale must have a square within the range of doubles, 1e-153 to 1e154, got {scale}")
    return scale, square


def random_signs(covariate: Covariate, rng: RNG, n: int) -> Dataset:
    """Draw labels that are fair signs, independent of the inputs: g = 0, sigma^2 = 1.

    Parameters
    ----------
    covariate : Covariate
        Distribution of the inputs.
    rng : numpy.random.Generator or seed
        Draws the inputs first, and then the noise.
    n : int
        Number of samples, >= 1.

    Returns
    -------
    Dataset
        With y = z and `bounded`.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `n` is below 1.
    """
    rng = check_generator("rng", rng)
    inputs = _inputs(covariate, rng, n)
    y = rng.integers(0, 2, n) * 2.0 - 1.0
    return Dataset(inputs.X, y, np.zeros(n), y.copy(), inputs.labels, 1.0)


def clipped_linear_signal(direction: ArrayLike, bound: float) -> Callable[[FloatArray], FloatArray]:
    """Return g(x) = clip(<direction, x>, -bound, bound).

    Parameters
    ----------
    direction : array_like, shape (d,)
    bound : float
        Largest |g|, > 0.

    Returns
    -------
    callable, (n, d) -> (n,)
        g, for `noisy_labels`.

    Raises
    ------
    TypeError
        If an argument is not made of real numbers.
    ValueError
        If `direction` is empty, not of one dimension or not finite, or `bound` is not positive.
    """
    slope = as_float_array("direction", direction, ndim=1)
    limit = check_positive("bound", bound)

    def signal(X: FloatArray) -> FloatArray:
        with np.errstate(over="ignore"):  # what overflows is clipped
            return np.asarray(np.clip(X @ slope, -limit, limit), dtype=np.float64)

    return signal


def noisy_labels(
    covariate: Covariate,
    rng: RNG,
    n: int,
    *,
    signal: Callable[[FloatArray], FloatArray],
    noise_scale: float,
    noise: Literal["sign", "uniform"] = "sign",
) -> Dataset:
    """Draw y = g(x) + z with bounded noise independent of x, so that sigma^2 is known exactly.

    Parameters
    ----------
    covariate : Covariate
        Distribution of the inputs.
    rng : numpy.random.Generator or seed
        Draws the inputs first, and then the noise.
    n : int
        Number of samples, >= 1.
    signal : callable, (n, d) -> (n,)
        The conditional mean g; it must satisfy |g| <= 1 - noise_scale at every input drawn.
    noise_scale : float
        Largest |z|, in (0, 1].
    noise : {"sign", "uniform"}
        z = +- noise_scale with equal probability (sigma^2 = noise_scale^2), or uniform on [-noise_scale, noise_scale]
        (sigma^2 = noise_scale^2 / 3).

    Returns
    -------
    Dataset
        With `bounded`.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is out of range, the signal has another shape or is not finite, or a label could leave [-1, 1]
        (A2).
    """
    scale, square = _noise_level(noise_scale)
    check_choice("noise", noise, ("sign", "uniform"))
    check_instance("signal", signal, Callable, ["__call__"])
    if scale > 1:
        raise ValueError(f"noise_scale must be <= 1 so that labels lie in [-1, 1] (A2), got {scale}")
    rng = check_generator("rng", rng)
    inputs = _inputs(covariate, rng, n)
    g = as_float_array("signal(X)", signal(inputs.X), ndim=1)
    if g.shape != (n,):
        raise ValueError(f"signal(X) must have shape ({n},), got {g.shape}")
    largest = float(np.abs(g).max())
    if largest > 1 - scale:
        raise ValueError(f"signal must satisfy |g| <= 1 - noise_scale = {1 - scale} (A2), got |g| = {largest}")
    if noise == "sign":
        z, sigma2 = scale * (rng.integers(0, 2, n) * 2.0 - 1.0), square
    else:
        z, sigma2 = rng.uniform(-scale, scale, n), square / 3
    return Dataset(inputs.X, g + z, g, z, inputs.labels, sigma2)


def student_teacher(covariate: Covariate, rng: RNG, n: int, *, teacher: Model, noise_scale: float = 1.0) -> Dataset:
    """Draw y = teacher(x) + noise_scale * N(0, 1), the data of Figures 2 and 3.

    Labels are not bounded, so A2 does not hold and `Dataset.bounded` is False.

    Parameters
    ----------
    covariate : Covariate
        Distribution of the inputs.
    rng : numpy.random.Generator or seed
        Draws the inputs first, and then the noise.
    n : int
        Number of samples, >= 1.
    teacher : Model
        The conditional mean g.
    noise_scale : float
        Standard deviation of the noise, > 0; its square must be a double.

    Returns
    -------
    Dataset
        Not `bounded`.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If an argument is out of range, or the teacher has another dimension than the covariate.
    """
    scale, square = _noise_level(noise_scale)
    check_instance("covariate", covariate, Covariate, _COVARIATE)
    check_instance("teacher", teacher, Model, ["dimension", "value"])
    if teacher.dimension != covariate.dimension:
        raise ValueError(f"teacher must have the covariate's dimension {covariate.dimension}, got {teacher.dimension}")
    rng = check_generator("rng", rng)
    inputs = _inputs(covariate, rng, n)
    g = teacher.value(inputs.X)
    z = scale * rng.standard_normal(n)
    return Dataset(inputs.X, g + z, g, z, inputs.labels, square, bounded=False)


def cube_atoms(dimension: int = 3) -> tuple[FloatArray, FloatArray]:
    """Return the equally likely pairs (x, y) of the toy of Appendix C.2: x in {-1, +1}^d, y in {-1, +1} independent.

    Parameters
    ----------
    dimension : int
        d in [1, 16]; the paper's toy has d = 3.

    Returns
    -------
    X : ndarray, shape (2^(d+1), d)
        Row a holds the bits of a // 2, most significant first, with 0 -> -1.
    y : ndarray, shape (2^(d+1),)
        -1 for even rows, +1 for odd ones.

    Raises
    ------
    TypeError
        If `dimension` is not an integer.
    ValueError
        If it is out of range.
    """
    d = check_integer("dimension", dimension, 1, 16)
    index = np.arange(2 ** (d + 1))
    bits = (index[:, None] // 2 >> np.arange(d - 1, -1, -1)) & 1
    return 2.0 * bits - 1.0, 2.0 * (index % 2) - 1.0


# Axes of an array that every version of NumPy holds, and bytes that are read at once.
_MOST_AXES = 32
_BLOCK_BYTES = 1 << 24
_IDX_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | Path, *, max_bytes: int = 1 << 28) -> NDArray[np.generic]:
    """Read an array from an IDX file, the format of MNIST and FashionMNIST, plain or gzip-compressed (.gz).

    Parameters
    ----------
    path : str or Path
        The file.
    max_bytes : int
        Largest payload accepted, >= 1; checked against the header before anything is allocated.

    Returns
    -------
    ndarray
        Of the shape and type that the header states, in the machine's byte order.

    Raises
    ------
    TypeError
        If `path` is no path, or `max_bytes` not an integer.
    ValueError
        If the magic number, the type code, the number of dimensions (at most 32) or the sizes are wrong, the payload
        exceeds `max_bytes`, the file is shorter or longer than its header says, or its compression is damaged.
    OSError
        If the file cannot be read.
    """
    limit = check_integer("max_bytes", max_bytes, 1)
    location = as_path("path", path)
    try:
        with gzip.open(location, "rb") if location.suffix == ".gz" else location.open("rb") as stream:
            return _read_idx_stream(cast(BinaryIO, stream), location, limit)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{location} is not a whole gzip file: {error}") from error


def _read_idx_stream(stream: BinaryIO, location: Path, limit: int) -> NDArray[np.generic]:
    def read(count: int, what: str) -> bytes:
        # In blocks: what a header announces need not be there.
        blocks, left = [], count
        while left and (block := stream.read(min(left, _BLOCK_BYTES))):
            blocks.append(block)
            left -= len(block)
        if left:
            raise ValueError(f"{location}: {what} needs {count} bytes, the file has {count - left} left")
        return b"".join(blocks)

    zeros, code, rank = struct.unpack(">HBB", read(4, "magic number"))
    if zeros != 0 or code not in _IDX_DTYPES or rank == 0:
        raise ValueError(
            f"{location}: not an IDX file: magic number 0x{zeros:04x}{code:02x}{rank:02x}, expected 0x0000TTNN with "
            f"type TT in {', '.join(f'0x{known:02x}' for known in _IDX_DTYPES)} and NN >= 1 dimensions"
        )
    if rank > _MOST_AXES:
        raise ValueError(f"{location}: {rank} dimensions, allowed are 1 to {_MOST_AXES}")
    shape = struct.unpack(f">{rank}I", read(4 * rank, "list of sizes"))
    sizes = " x ".join(map(str, shape)) if rank <= 8 else f"{' x '.join(map(str, shape[:8]))} x ... ({rank} dimensions)"
    dtype = np.dtype(_IDX_DTYPES[code])
    payload = math.prod(shape) * dtype.itemsize
    if payload == 0 or payload > limit:
        needed = f"{payload} bytes" if payload < 10**30 else f"about 10^{math.log10(payload):.0f} bytes"
        raise ValueError(f"{location}: an array of {sizes} needs {needed}, allowed are 1 to max_bytes = {shown(limit)}")
    data = np.frombuffer(read(payload, f"an array of {sizes}"), dtype=dtype).reshape(shape)
    if stream.read(1):
        raise ValueError(f"{location}: longer than its header says (an array of {sizes})")
    return data.astype(dtype.newbyteorder("="))
