"""Remembered proofs: tactics and nothing else."""

import json
from types import SimpleNamespace

import pytest

from noprune_theory.verifier.rocq.certify import _Memory


def recalled(script, folder):
    file = folder / "proofs.json"
    entry = {"status": "accepted", "method": "m", "script": script, "seconds": 0.1}
    file.write_text(json.dumps({"key": entry}), encoding="utf-8")
    return _Memory(file).recall(SimpleNamespace(key="key"))


@pytest.mark.parametrize(
    "script", ["nra.", "pose proof H as X. field; nonzero.", "split.\n- lra.\n- apply defined_root; posit."]
)
def test_tactics_are_taken(script, tmp_path):
    assert recalled(script, tmp_path)


@pytest.mark.parametrize(
    "script",
    ["Admitted. Lemma x : True. exact I.", "admit.", "nra. Qed. Axiom a : False. Goal True. exact I.", "lra.\nAbort."],
)
def test_commands_are_not(script, tmp_path):
    assert not recalled(script, tmp_path)
