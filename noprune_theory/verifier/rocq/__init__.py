"""Rocq as a second kernel: obligations exported, proved there without sympy, z3 or ball arithmetic, and checked.

`certify` translates obligations (`translate`, `goals`), looks for proofs with hints that Python computes (`scripts`),
and has Rocq compile them; `read_manifest` tells what it decided. Nothing found by Python is trusted: an obligation is
accepted if Rocq's kernel accepts a proof of the exported statement, and of a second one that every part of it has a
value, as Rocq's functions are total. Needs Rocq with its libraries Interval and Coquelicot, and csdp.
"""

from noprune_theory.verifier.rocq.certify import certify
from noprune_theory.verifier.rocq.collect import obligations_of, papers_obligations
from noprune_theory.verifier.rocq.goals import obligation_digest
from noprune_theory.verifier.rocq.installation import RocqMissingError
from noprune_theory.verifier.rocq.manifest import Entry, KernelStatus, Manifest, TheoremEntry, read_manifest
from noprune_theory.verifier.rocq.scripts import export
from noprune_theory.verifier.rocq.translate import UntranslatableError

__all__ = [
    "Entry",
    "KernelStatus",
    "Manifest",
    "RocqMissingError",
    "TheoremEntry",
    "UntranslatableError",
    "certify",
    "export",
    "obligation_digest",
    "obligations_of",
    "papers_obligations",
    "read_manifest",
]
