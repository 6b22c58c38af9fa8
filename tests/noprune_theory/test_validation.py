"""Argument checks: good values pass unchanged, bad ones are named."""

from pathlib import Path

import numpy as np
import pytest
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
