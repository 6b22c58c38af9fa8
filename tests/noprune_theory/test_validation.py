"""Argument checks: good values pass unchanged, bad ones are named."""

import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

from noprune_theory import _validation as check


@given(st.integers(0, 300), st.floats(0, 1))
def test_keep_and_sparsity_are_two_ways_to_say_one_number(n_weights, sparsity):
    keep = check.resolve_keep(n_weights, sparsity=sparsity)
    assert 0 <= keep <= n_weights
    assert abs((n_weights - keep) - sparsity * n_weights) <= 0.5
    assert check.resolve_keep(n_weights, keep=keep) == keep


def test_published_sparsities_are_whole_numbers_of_weights():
    """Figure 1a's last point: 10 of 1,320 weights survive."""
    assert check.resolve_keep(1320, sparsity=1 - 10 / 1320) == 10


def test_good_values_pass_unchanged():
    array = np.arange(6.0).reshape(2, 3)
    assert check.as_float_array("a", array, ndim=2) is array
    assert check.check_integer("n", np.int32(3), 1, 3) == 3
    assert check.check_positive("t", np.float32(0.5)) == 0.5
    assert check.check_flag("biases", np.True_) is True
    check.check_instance("a", array, np.ndarray)
    check.check_instance("a", array, dict, ["shape"])
    X, y = check.as_samples([[1, 2]], [3])
    assert (X.dtype, y.dtype, X.shape) == (np.float64, np.float64, (1, 2))
    assert check.as_masks("mask", np.zeros((2, 3), dtype=bool), 3).shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: check.check_finite("t", float("nan")), ValueError, "t must be finite, got nan"),
        (lambda: check.check_finite("t", "1"), TypeError, "t must be a real number, got '1' of type str"),
        (lambda: check.check_finite("t", True), TypeError, "t must be a real number, got True"),
        (lambda: check.check_positive("t", 0), ValueError, r"t must be > 0, got 0\.0"),
        (lambda: check.check_nonnegative("t", -1e-300), ValueError, "t must be >= 0, got -1e-300"),
        (lambda: check.check_open_unit("delta", 1.0), ValueError, r"delta must satisfy 0 < delta < 1, got 1\.0"),
        (lambda: check.check_closed_unit("q", 1.5), ValueError, r"q must satisfy 0 <= q <= 1, got 1\.5"),
        (lambda: check.check_integer("n", 2.0, 1), TypeError, r"n must be an integer, got 2\.0 of type float"),
        (lambda: check.check_integer("n", 9, 1, 8), ValueError, r"n must be in \[1, 8\], got 9"),
        (lambda: check.check_choice("unit", "bit", ("nats", "bits")), ValueError, "unit must be one of 'nats', 'bits'"),
        (lambda: check.check_flag("biases", "no"), TypeError, "biases must be True or False, got 'no' of type str"),
        (lambda: check.check_instance("constants", "sharp", dict), TypeError, "constants must be a dict, got 'sharp'"),
        (
            lambda: check.check_instance("model", 5, dict, ["value", "mask"]),
            TypeError,
            r"model must be a dict \(anything with value, mask\), got 5 of type int",
        ),
        (lambda: check.check_generator("rng", np.random), TypeError, "rng must be a numpy.random"),
        (lambda: check.as_float_array("a", [1, np.inf], ndim=1), ValueError, "got inf at index"),
        (lambda: check.as_float_array("a", [1j], ndim=1), TypeError, "a must be an array of real numbers"),
        (lambda: check.as_float_array("a", [True], ndim=1), TypeError, "got dtype bool"),
        (lambda: check.as_float_array("a", [], ndim=1), ValueError, "a must not be empty"),
        (lambda: check.as_float_array("a", 1.0, ndim=(1, 2)), ValueError, "1 or 2 dimension"),
        (lambda: check.as_samples([[1.0]], [1.0, 2.0]), ValueError, "y must have one entry a row of X"),
        (lambda: check.as_samples(np.empty((0, 3))), ValueError, "X must not be empty"),
        (lambda: check.as_masks("mask", [0, 1], 2), TypeError, "mask must be boolean"),
        (lambda: check.as_masks("mask", [True], 2), ValueError, r"shape \(2,\) or \(n_masks, 2\), got \(1,\)"),
        (lambda: check.as_masks("mask", np.empty((0, 2), bool), 2), ValueError, "mask must not be empty"),
        (lambda: check.resolve_keep(3), ValueError, "exactly one of keep and sparsity"),
        (lambda: check.resolve_keep(3, keep=1, sparsity=0.5), ValueError, "exactly one of keep and sparsity"),
        (lambda: check.resolve_keep(3, keep=4), ValueError, r"keep must be in \[0, 3\], got 4"),
        (lambda: check.resolve_keep(3, sparsity=1.01), ValueError, "sparsity must satisfy"),
    ],
)
def test_bad_values_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_writable_files_are_left_as_they_were(tmp_path):
    check.check_writable(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").write_text("kept")
    check.check_writable(tmp_path / "old")
    assert (tmp_path / "old").read_text() == "kept"


def test_unwritable_files_are_refused_with_the_reason(tmp_path):
    with pytest.raises(ValueError, match="it is a folder"):
        check.check_writable(tmp_path)
    with pytest.raises(ValueError, match="no folder"):
        check.check_writable(tmp_path / "missing" / "file")
    with pytest.raises(ValueError, match="cannot write /proc/noprune"):
        check.check_writable(Path("/proc/noprune"))


# ------------------------------------------------------------------------------ arrays that are not what they look like

MASKED = np.ma.masked_greater([[1.0], [2.0], [99.0]], 50)


def matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix([[1.0], [2.0], [3.0]])


class Measured(np.ndarray):
    """An array with a unit, say."""


class Foreign:
    """An object of another library that turns itself into an array, or fails to."""

    def __init__(self, answer):
        self.answer = answer

    def __array__(self, dtype=None, copy=None):
        if self.answer is None:
            raise RuntimeError("on another device")
        return self.answer


EXTENDED = np.finfo(np.longdouble).maxexp > np.finfo(np.float64).maxexp


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([[1.0, True]], TypeError, r"X must not mix booleans with other entries, got \[\[1.0, True\]\]"),
        ([np.array([True]), np.array([2.0])], TypeError, "X must not mix booleans with other entries"),
        (MASKED, TypeError, "X must not be a masked array"),
        (np.ma.array([[1.0]]), TypeError, "X must not be a masked array"),  # nothing masked yet
        ([MASKED[:, 0], MASKED[:, 0]], TypeError, "X must not be a masked array"),
        ([[1.0, np.ma.masked]], TypeError, "X must not be a masked array"),
        (([MASKED[0]], [MASKED[2]]), TypeError, "X must not be a masked array"),
        (Foreign(MASKED), TypeError, "X must not be a masked array"),
        (matrix(), TypeError, "X must be a plain numpy array, got a numpy.matrix"),
        (np.ones((2, 2)).view(Measured), TypeError, "X must be a plain numpy array, got a Measured"),
        (scipy.sparse.csr_array(np.eye(3)), TypeError, r"X must be a dense array, got the sparse csr_array; use its"),
        (scipy.sparse.coo_matrix(np.eye(3)), TypeError, "X must be a dense array, got the sparse coo_matrix"),
        (Foreign(None), TypeError, r"X cannot be read as an array \(RuntimeError\), got .* of type Foreign"),
        (np.array([[1.0, None]], dtype=object), TypeError, "X must be an array of real numbers, got dtype object"),
        ([[Fraction(1, 2)]], TypeError, "got dtype object"),
        ([[2**70]], TypeError, "integers beyond 64 bits"),
        (np.zeros((2, 1), [("a", float)]), TypeError, "X must be an array of real numbers, got dtype"),
        (np.zeros((2, 1), [("a" * 900, float)]), TypeError, r"got dtype .{57}\.\.\.$"),
        (np.array([["2020-01-01"]], "M8[D]"), TypeError, "got dtype datetime64"),
        (np.array([[1]], "m8[s]"), TypeError, "got dtype timedelta64"),
        ([["1.0"]], TypeError, "got dtype <U3"),
        (None, TypeError, "X must be an array, got None of type NoneType"),
        ({}, TypeError, "X must be an array, got {} of type dict"),
        ((row for row in [[1.0]]), TypeError, "X must be an array, got .* of type generator"),
        ([[1, 2], [3]], ValueError, "X must be .* rows of one length, got length 2 at index 0 and length 1 at index 1"),
        ([[1], 2], ValueError, "X must be .* rows of one length, got length 1 at index 0 and a scalar at index 1"),
        (
            [[[1], [2]], [[1], [2, 3]]],
            ValueError,
            "rows of one length, got length 1 at index 0 and length 2 at index 1",
        ),
        ([np.zeros((2, 2)), np.zeros((2, 3))], ValueError, "rows of one length, got arrays of different shapes"),
        (5.0, ValueError, r"X must have 2 dimension\(s\), got shape \(\)"),
        pytest.param(
            np.array([["1", "1e400"]]).astype(np.longdouble),
            ValueError,
            r"X must be finite, got 1e\+400 at index \(0, 1\)",
            marks=pytest.mark.skipif(not EXTENDED, reason="long double is double here"),
        ),
        pytest.param(
            np.array([["1", "-1e-400"]]).astype(np.longdouble),
            ValueError,
            r"X must be 0 or in the range of a double, got -1e-400 at index \(0, 1\)",
            marks=pytest.mark.skipif(not EXTENDED, reason="long double is double here"),
        ),
    ],
)
def test_arrays_that_would_be_misread_are_refused_by_name(value, error, message):
    with pytest.raises(error, match=message) as caught:
        check.as_float_array("X", value, ndim=2)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "value",
    [
        [[1, 2], [3, 4]],
        ((1.0, 2.0), np.array([3, 4])),
        np.array([[1, 2], [3, 4]], dtype=">f4"),
        np.array([[1, 2], [3, 4]], dtype=np.longdouble),
        np.array([[1, 9, 2], [3, 9, 4]], dtype=np.uint8)[:, ::2],
        Foreign(np.array([[1.0, 2.0], [3.0, 4.0]])),
    ],
)
def test_other_arrays_pass_with_their_values(value):
    array = check.as_float_array("X", value, ndim=2)
    assert type(array) is np.ndarray
    assert (array.dtype, array.flags.c_contiguous) == (np.float64, True)
    assert array.tolist() == [[1, 2], [3, 4]]


def test_a_file_in_memory_is_an_array_like_any_other(tmp_path):
    np.arange(4.0).tofile(tmp_path / "x")
    mapped = np.memmap(tmp_path / "x", dtype=np.float64, shape=(2, 2), mode="r")
    assert check.as_float_array("X", mapped, ndim=2).tolist() == [[0, 1], [2, 3]]


def test_masks_and_labels_are_checked_like_samples():
    with pytest.raises(TypeError, match="y must not be a masked array"):
        check.as_samples([[1.0], [2.0], [3.0]], MASKED[:, 0])
    with pytest.raises(TypeError, match="mask must not be a masked array"):
        check.as_masks("mask", np.ma.array([True, False], mask=[False, True]), 2)
    with pytest.raises(ValueError, match="mask must be an array with rows of one length"):
        check.as_masks("mask", [[True, False], [True]], 2)
    with pytest.raises(TypeError, match=r"mask must be boolean .* got dtype object"):
        check.as_masks("mask", np.array([True, None], dtype=object), 2)


LARGE = 10**5000  # longer than Python writes out
SCALARS = [
    np.arange(10_000.0),
    [np.arange(1000)] * 3,
    list(range(10_000)),
    [LARGE],
    1j,
    np.complex64(1),
    np.timedelta64(3, "s"),
    np.array(1.0),
    np.ma.masked,
    "a\nb" * 500,
    Foreign(MASKED),
]


@pytest.mark.parametrize("value", SCALARS)
@pytest.mark.parametrize(
    "checked",
    [
        lambda value: check.check_finite("t", value),
        lambda value: check.check_positive("t", value),
        lambda value: check.check_integer("t", value, 0),
        lambda value: check.check_choice("t", value, ("a", "b")),
        lambda value: check.check_flag("t", value),
        lambda value: check.check_instance("t", value, dict),
        lambda value: check.check_generator("t", value),
    ],
)
def test_no_error_prints_more_than_a_line(checked, value):
    with pytest.raises((TypeError, ValueError), match=r"^t must be") as caught:
        checked(value)
    assert len(str(caught.value)) < 200
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check.check_finite("t", LARGE), "t must be finite, got <integer of 16610 bits>"),
        (lambda: check.check_finite("t", Fraction(-(10**400))), r"t must be finite, got Fraction\(-1000"),
        (
            lambda: check.check_nonnegative("t", Fraction(1, 10**400)),
            "t must be 0 or in the range of a double, got Frac",
        ),
        (lambda: check.check_integer("n", -LARGE, 0, 8), r"n must be in \[0, 8\], got -<integer of 16610 bits>"),
        (lambda: check.resolve_keep(3, keep=LARGE), r"keep must be in \[0, 3\], got <integer"),
        (lambda: check.resolve_keep(3, keep=LARGE, sparsity=0.5), "got keep=<integer of 16610 bits> and sparsity=0.5"),
    ],
)
def test_numbers_beyond_a_double_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_fractions_and_integers_pass_as_numbers():
    assert check.check_finite("t", Fraction(1, 4)) == 0.25
    assert check.check_positive("t", 10**300) == 1e300
    assert check.check_integer("n", LARGE, 0) == LARGE
