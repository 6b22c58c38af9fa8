"""Figure 1b on files of FashionMNIST's size: generated ones, and the real ones where Debian's package has put them."""

import dataclasses
import gzip
import math
from pathlib import Path

import numpy as np
import pytest

from figures import command_line, fig1b
from figures.table import read_csv

pytestmark = pytest.mark.slow

INSTALLED = Path("/usr/share/datasets/fashion-mnist")


def _write(folder, images, labels):
    """Write IDX files as FashionMNIST has them, compressed."""
    for name, array in ((fig1b.IMAGES, images), (fig1b.LABELS, labels)):
        header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
        with gzip.open(folder / f"{name}.gz", "wb", compresslevel=1) as stream:
            stream.write(header + array.tobytes())


def _run(folder, data_dir, monkeypatch):
    """Draw the figure by the command line, with narrow layers and one epoch a training."""
    small = dataclasses.replace(fig1b.SETTINGS["quick"], width=4, epochs=1)
    monkeypatch.setitem(fig1b.SETTINGS, "quick", small)
    monkeypatch.setattr(fig1b, "SPARSITIES", (0.0, 0.6))
    monkeypatch.setattr(fig1b, "check", lambda table: None)  # networks of width 4 show nothing
    arguments = ["fig1b", "--profile", "quick", "--out", str(folder), "--jobs", "1", "--data-dir", str(data_dir)]
    assert command_line.main(arguments) == 0
    return read_csv(folder / "fig1b.csv")


def _is_of_all_images(table):
    assert "chance (60,000 images of 28 × 28 pixels)" in table.series
    assert set(fig1b.SERIES) < set(table.series)
    assert all(0 <= row.y <= 100 and math.isnan(row.stderr) for row in table.rows)


def test_generated_files_of_the_size(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60_000, 28, 28), dtype=np.uint8)
    _write(tmp_path, images, (np.arange(60_000) % 10).astype(np.uint8))
    (tmp_path / "out").mkdir()
    _is_of_all_images(_run(tmp_path / "out", tmp_path, monkeypatch))


@pytest.mark.skipif(not INSTALLED.is_dir(), reason="needs Debian's package dataset-fashion-mnist")
def test_the_real_images(tmp_path, monkeypatch):
    table = _run(tmp_path, INSTALLED, monkeypatch)
    _is_of_all_images(table)
    assert table.points("IMP").y.max() > 15  # chance is 10
