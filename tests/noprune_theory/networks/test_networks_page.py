"""The blocks of docs/networks.md that need PyTorch run as they stand there (extra dev)."""

import os
import re
import warnings
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "networks.md"


@pytest.mark.peers
def test_the_blocks_for_pytorch_and_onnx_run(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    blocks = re.findall(r"^```py\n(.*?)^```$", PAGE.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own
        exec("\n".join(blocks), {})
    assert {"pruned.pt", "again.pt", "folded.onnx", "apart.onnx", "model.onnx"} <= set(os.listdir())
