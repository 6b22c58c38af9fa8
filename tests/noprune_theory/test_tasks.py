"""Tasks: labels = signal + noise with the stated noise level, and IDX files."""

import gzip
import struct

import numpy as np
import pytest

from noprune_theory.covariates import Gaussian, Sphere
from noprune_theory.models import LinearModel
from noprune_theory.tasks import (
    Dataset,
    clipped_linear_signal,
    cube_atoms,
    noisy_labels,
    random_signs,
    read_idx,
    student_teacher,
)


@pytest.mark.parametrize("noise", ["sign", "uniform"])
def test_noise_level_is_the_stated_one(noise):
    rng = np.random.default_rng(0)
    signal = clipped_linear_signal([3.0, 0.0, 0.0], 0.4)
    data = noisy_labels(Sphere(3), rng, 100_000, signal=signal, noise_scale=0.5, noise=noise)
    np.testing.assert_array_equal(data.y, data.g + data.z)
    np.testing.assert_array_equal(data.g, signal(data.X))
    assert np.abs(data.y).max() <= 1
    assert data.bounded
    assert data.z.var() == pytest.approx(data.sigma2, rel=0.02)
    assert abs(data.z.mean()) < 0.01
    assert abs((data.z * data.X[:, 0]).mean()) < 0.01


def test_random_signs_are_pure_noise():
    data = random_signs(Gaussian(4), np.random.default_rng(1), 1000)
    assert set(np.unique(data.y)) == {-1.0, 1.0}
    np.testing.assert_array_equal(data.y, data.z)
    assert data.sigma2 == 1
    assert (data.n, data.dimension) == (1000, 4)
    assert not data.g.any()


def test_student_teacher_is_marked_unbounded():
    teacher = LinearModel([1.0, -2.0])
    data = student_teacher(Gaussian(2), np.random.default_rng(2), 50_000, teacher=teacher, noise_scale=0.5)
    np.testing.assert_allclose(data.g, teacher.value(data.X))
    assert data.z.var() == pytest.approx(data.sigma2, rel=0.03)
    assert not data.bounded


def test_cube_atoms_are_all_pairs_once():
    X, y = cube_atoms()
    assert X.shape == (16, 3)
    assert len({(*map(int, row), int(label)) for row, label in zip(X, y, strict=True)}) == 16
    np.testing.assert_array_equal(X[0], [-1, -1, -1])
    np.testing.assert_array_equal(X[3], [-1, -1, 1])


def write_idx(path, array, code=0x08, opener=open):
    header = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    with opener(path, "wb") as stream:
        stream.write(header + array.tobytes())


@pytest.mark.parametrize(("suffix", "opener"), [("", open), (".gz", gzip.open)])
def test_idx_round_trip(tmp_path, suffix, opener):
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / f"images{suffix}"
    write_idx(path, images, opener=opener)
    np.testing.assert_array_equal(read_idx(path), images)
    floats = np.array([1.5, -2.25], dtype=">f4")
    write_idx(path, floats, 0x0D, opener)
    assert read_idx(path).dtype == np.float32
    np.testing.assert_array_equal(read_idx(path), floats)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "magic number needs 4 bytes"),
        (b"\x12\x34\x08\x01" + bytes(8), "not an IDX file"),
        (b"\x00\x00\x07\x01" + bytes(8), "not an IDX file"),
        (b"\x00\x00\x08\x02\x00\x00\x00\x02", "list of sizes needs 8 bytes"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x05abc", "needs 5 bytes, the file has 3 left"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x01ab", "longer than its header"),
        (b"\x00\x00\x08\x01\x7f\xff\xff\xff", "allowed are 1 to max_bytes"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x00", "allowed are 1 to max_bytes"),
        (b"\x00\x00\x08\xff" + b"\x00\x00\x00\x01" * 255 + b"a", r"broken: 255 dimensions, allowed are 1 to 32$"),
        (b"\x00\x00\x08\x21" + b"\xff\xff\xff\xff" * 33, r"broken: 33 dimensions, allowed are 1 to 32$"),
        (
            b"\x00\x00\x0e\x20" + b"\xff\xff\xff\xff" * 32,
            r"broken: an array of 4294967295 x .* \(32 dimensions\) needs about 10\^309 bytes, allowed are 1 to",
        ),
    ],
)
def test_broken_idx_files_are_refused(tmp_path, content, message):
    path = tmp_path / "broken"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_idx(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],  # cut off
        lambda whole: whole[:-8] + bytes(8),  # checksum and length
        lambda whole: whole[:12] + bytes([255] * 20) + whole[32:],  # the compressed stream
        lambda whole: b"no" + whole[2:],  # not gzip at all
    ],
)
def test_damaged_gzip_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "images.gz"
    write_idx(path, np.zeros((50, 50), dtype=np.uint8) + np.arange(50, dtype=np.uint8), opener=gzip.open)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"images\.gz is not a whole gzip file"):
        read_idx(path)


def test_as_many_dimensions_as_numpy_has(tmp_path):
    path = tmp_path / "deep"
    path.write_bytes(b"\x00\x00\x08\x20" + b"\x00\x00\x00\x01" * 31 + b"\x00\x00\x00\x02" + b"ab")
    assert read_idx(path).shape == (1,) * 31 + (2,)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_header_that_promises_too_much_costs_nothing(tmp_path, suffix):
    # 16 exabytes are allowed by the caller and announced by the file, which holds three bytes.
    path = tmp_path / f"short{suffix}"
    content = b"\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff" + b"abc"
    path.write_bytes(gzip.compress(content) if suffix else content)
    with pytest.raises(
        ValueError, match="an array of 4294967295 x 4294967295 needs 18446744065119617025 bytes, the file"
    ):
        read_idx(path, max_bytes=2**70)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_labels_are_checked_in_their_own_units(scale):
    values = {"y": [3 * scale, scale], "g": [2 * scale, 0.0], "z": [scale, scale]}
    assert dataset(**values, bounded=False).n == 2
    with pytest.raises(ValueError, match=r"y must be g \+ z, got a difference of"):
        dataset(**{**values, "y": [3 * scale * (1 + 1e-10), scale]}, bounded=False)


def test_signals_that_overflow_are_clipped():
    signal = clipped_linear_signal([1e300, 1e300], 0.5)
    assert signal(np.array([[1e10, 1.0], [-1e10, -1.0], [1e-301, 0.0]])).tolist() == [0.5, -0.5, 0.1]


def test_data_are_shown_by_shape_and_compared_as_objects():
    data = random_signs(Gaussian(4), np.random.default_rng(1), 1000)
    assert repr(data).startswith("Dataset(X=<float64 array, shape (1000, 4)>, y=<float64 array, shape (1000,)>")
    assert data != random_signs(Gaussian(4), np.random.default_rng(1), 1000)
    assert len({data, data}) == 1


def dataset(**changes):
    parts = {"X": np.ones((2, 1)), "y": np.ones(2), "g": np.zeros(2), "z": np.ones(2), "labels": np.zeros(2, int)}
    parts = {**parts, "sigma2": 1.0, **changes}
    return Dataset(**{name: np.array(part) if isinstance(part, list) else part for name, part in parts.items()})


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda rng: random_signs(Gaussian(2), rng, 0), "n must be >= 1"),
        (lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=lambda X: X[:, 0], noise_scale=1.5), "noise_scale"),
        (
            lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=lambda X: 0 * X[:, 0] + 0.9, noise_scale=0.5),
            r"signal must satisfy \|g\| <= 1 - noise_scale",
        ),
        (lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=lambda X: X[:3, 0], noise_scale=0.5), "signal"),
        (
            lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=lambda X: X[:, 0], noise_scale=0.5, noise="normal"),
            "noise must be one of 'sign', 'uniform'",
        ),
        (lambda rng: student_teacher(Gaussian(2), rng, 5, teacher=LinearModel([1.0])), "teacher must have"),
        (lambda rng: cube_atoms(0), "dimension must be in"),
        (lambda rng: dataset(g=np.ones(3)), "g must have shape"),
        (lambda rng: dataset(g=[0.0, np.nan]), "g must be finite"),
        (lambda rng: dataset(z=np.zeros(2)), r"y must be g \+ z, got a difference of 1\.0"),
        (lambda rng: dataset(labels=np.zeros(2)), "labels must be component numbers"),
        (lambda rng: dataset(labels=np.array([0, -1])), "labels must be component numbers"),
        (lambda rng: dataset(sigma2=-1.0), "sigma2 must be >= 0"),
        (lambda rng: dataset(y=[2.0, 2.0], z=[2.0, 2.0]), r"y must lie in \[-1, 1\]"),
        (lambda rng: dataset(bounded="x"), "bounded must be True or False"),
        (lambda rng: random_signs(5, rng, 5), "covariate must be a Covariate"),
        (lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=3, noise_scale=0.5), "signal must be a Callable"),
        (lambda rng: student_teacher(Gaussian(2), rng, 5, teacher=None), "teacher must be a Model"),
        (
            lambda rng: student_teacher(Gaussian(1), rng, 5, teacher=LinearModel([1.0]), noise_scale=1e200),
            r"^noise_scale must have a square within the range of doubles, .* got 1e\+200",
        ),
        (
            lambda rng: noisy_labels(Gaussian(2), rng, 5, signal=lambda X: 0 * X[:, 0], noise_scale=1e-200),
            "^noise_scale must have a square within the range of doubles, .* got 1e-200",
        ),
        (lambda rng: dataset(labels=np.ma.masked_equal([0, 1], 1)), "^labels must not be a masked array"),
    ],
)
def test_bad_arguments_are_named(build, message):
    with pytest.raises((ValueError, TypeError), match=message):
        build(np.random.default_rng(0))


def test_a_dataset_may_leave_the_interval_when_it_says_so():
    assert not dataset(y=[2.0, 2.0], z=[2.0, 2.0], bounded=False).bounded


def test_a_file_is_named_by_a_path():
    for path in (None, 5, b"images"):
        with pytest.raises(TypeError, match=r"^path must be a str or a path, got"):
            read_idx(path)
