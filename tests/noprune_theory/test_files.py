"""Files that appear whole or not at all."""

import errno
import os

import pytest

from noprune_theory._files import replacing


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
