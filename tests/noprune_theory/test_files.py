"""Files that appear whole or not at all."""

import errno
import os

import pytest

from noprune_theory import _files
from noprune_theory._files import replacing, write_whole


def test_a_file_appears_whole_and_keeps_its_permissions(tmp_path):
    path = tmp_path / "table.csv"
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    umask = os.umask(0o022)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    path.chmod(0o640)
    with replacing(path) as temporary:
        temporary.write_text("newer")
    assert path.read_text() == "newer"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write_half():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_an_error_names_the_file(tmp_path):
    path = tmp_path / "missing" / "table.csv"
    with pytest.raises(FileNotFoundError, match="cannot write") as caught, replacing(path):
        pass
    assert caught.value.filename == str(path)
    with pytest.raises(OSError, match="encoder") as caught, replacing(tmp_path / "picture.png"):
        raise OSError("encoder error")
    assert caught.value.errno == errno.EIO


def test_a_text_is_written_whole(tmp_path):
    path = tmp_path / "a.txt"
    write_whole(path, "einmal äöü\n")
    assert path.read_bytes() == "einmal äöü\n".encode()
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_bytes() == "einmal äöü\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_one_thread_at_a_time_reads_the_mask(tmp_path, monkeypatch):
    """Between the two calls new files of any thread would be private, and a second reader would keep it so."""
    held, umask = [], os.umask

    def watched(mask):
        held.append(_files._UMASK.locked())
        return umask(mask)

    monkeypatch.setattr(os, "umask", watched)
    write_whole(tmp_path / "a.txt", "a")
    assert held == [True, True]
