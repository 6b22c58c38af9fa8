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
    images, labels = fig1b._fashion(folder)
    assert images.shape == (50, 20)
    assert images.max() <= 1
    data = fig1b._data(np.random.default_rng(0), str(folder), samples=20)
    assert data.X.shape == (50, 20)
    np.testing.assert_array_equal(data.y, labels)
    assert 2.5 < np.var(data.X - images) < 3.5
    table = fig1b.compute(settings(folder), Execution(progress=False))
    assert "chance (FashionMNIST)" in table.series
    assert "8 × 8" not in fig1b.caption(table)


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
