"""Figure 1b with FashionMNIST's files in its original format, here made up."""

import gzip
import struct

import numpy as np
import pytest

import figures.command_line as command_line
from figures import fig1b
from noprune_theory.sweeps import Execution


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 0x08, array.ndim, *array.shape) + array.astype(">u1").tobytes()


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / fig1b.IMAGES).write_bytes(idx(rng.integers(0, 256, (50, 4, 5))))
    (tmp_path / f"{fig1b.LABELS}.gz").write_bytes(gzip.compress(idx(rng.integers(0, 10, 50))))
    return tmp_path


def settings(folder):
    return fig1b.Settings(seeds=1, samples=20, width=30, epochs=2, data_dir=str(folder))


def test_all_images_are_used_and_the_figure_says_which(folder):
    images, labels = fig1b._images(folder)
    assert images.shape == (50, 4, 5)
    data = fig1b._data(np.random.default_rng(0), str(folder), fig1b._digest(folder), None, 3.0)
    assert data.X.shape == (50, 20)
    np.testing.assert_array_equal(data.y, labels)
    assert 2.5 < np.var(data.X - images.reshape(50, 20) / 255) < 3.5
    table = fig1b.compute(settings(folder), Execution(progress=False))
    assert "chance (50 images of 4 × 5 pixels)" in table.series
    assert "8 × 8" not in fig1b.caption(table)


def test_other_images_in_the_same_folder_are_computed_anew(folder, tmp_path):
    execution = Execution(progress=False, store=tmp_path / "sweeps.sqlite")
    before = fig1b.compute(settings(folder), execution).points("IMP").y
    np.testing.assert_array_equal(fig1b.compute(settings(folder), execution).points("IMP").y, before)
    assert 0 < before.mean() < 100
    (folder / fig1b.IMAGES).write_bytes(idx(np.zeros((50, 4, 5))))
    (folder / f"{fig1b.LABELS}.gz").write_bytes(gzip.compress(idx(np.zeros(50))))
    # Of one class, all images are told right or none.
    assert set(fig1b.compute(settings(folder), execution).points("IMP").y.tolist()) <= {0.0, 100.0}


def test_images_that_change_in_the_middle_of_a_sweep_fail_their_cells(folder):
    with pytest.raises(OSError, match="has changed"):
        fig1b._data(np.random.default_rng(0), str(folder), "0" * 64, None, 3.0)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (fig1b.IMAGES, None, f"must hold {fig1b.IMAGES}"),
        (fig1b.IMAGES, b"\x00\x01\x08\x03", "not an IDX file"),
        (fig1b.IMAGES, idx(np.zeros((50, 4, 5)))[:-1], "needs"),
        (fig1b.IMAGES, idx(np.zeros(50)), "must hold 3-dimensional bytes"),
        (fig1b.IMAGES, idx(np.zeros((49, 4, 5))), "49 images and 50 labels"),
        (fig1b.LABELS, idx(np.full(50, 10)), "labels up to 10"),
    ],
)
def test_wrong_files_are_one_line_and_exit_2(folder, tmp_path_factory, capsys, name, content, said):
    (folder / name).unlink(missing_ok=True)
    if content is not None:
        (folder / name).write_bytes(content)
    out = tmp_path_factory.mktemp("out")
    assert command_line.main(["fig1b", "--data-dir", str(folder), "--out", str(out), "--jobs", "1"]) == 2
    _, err = capsys.readouterr()
    assert said in err.splitlines()[-1]
    assert err.count("\n") == 2
