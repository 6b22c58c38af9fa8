"""The page of formal proofs is what its command writes, and no measured ratio exceeds one."""

import pytest

from noprune_theory.verifier.rules import RULES
from verification import formal_proofs


def test_the_page_is_up_to_date():
    assert formal_proofs.DOCUMENT.read_text(encoding="utf-8") == formal_proofs.document()


def test_every_fact_with_a_formal_proof_is_measured():
    assert set(formal_proofs.MEASURED) == {name for name, rule in RULES.items() if rule.formal}


@pytest.mark.parametrize("name", formal_proofs.MEASURED)
def test_measured_ratios(name):
    ratio = formal_proofs.measured(name)
    if name == "central limit":
        assert ratio is None
        return
    attained = name not in ("McDiarmid", "Massart")
    assert ratio == pytest.approx(1, abs=1e-9) if attained else 0.5 < ratio < 1
