"""A third opinion: obligations in SMT-LIB 2 for z3 and, where it is installed, cvc5.

`python -m noprune_theory.verifier.smtlib MODULE` writes the files and prints a table of agreement with the provers.
"""

from noprune_theory.verifier.smtlib.export import NoSmtError, smt_script
from noprune_theory.verifier.smtlib.opinions import Answer, Opinion, agreement, all_opinions, installed, opinion

__all__ = ["Answer", "NoSmtError", "Opinion", "agreement", "all_opinions", "installed", "opinion", "smt_script"]
