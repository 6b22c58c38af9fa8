#!/usr/bin/env bash
# hypothesis 6.170.17: the examples of a derandomized test depend on which local modules are imported, by the constants in
# their code.
# Seen: the same test with derandomize=True and no database draws the same 50 examples in each run, and others when an unused
# module that holds two numbers is imported first; installed packages and the standard library change nothing.
. "$(dirname "$0")/_run.sh"
finding hypothesis==6.170.17 <<'PY'
import os
import subprocess
import sys
from pathlib import Path

Path("aside.py").write_text("ONE = 123457\nOTHER = 0.73219\n")
Path("drawn.py").write_text("""
import sys
for name in sys.argv[1:]:
    __import__(name)
from hypothesis import given, settings, strategies as st
seen = []
@settings(derandomize=True, max_examples=50, database=None)
@given(st.floats(allow_nan=False), st.integers())
def example(x, i):
    seen.append((x, i))
example()
print(seen)
""")


def drawn(*imported):
    command = [sys.executable, "drawn.py", *imported]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "."}).stdout


alone, again, library, local = drawn(), drawn(), drawn("decimal", "statistics"), drawn("aside")
print("again the same:", alone == again, " with the library:", alone == library, " with a local module:", alone == local)
assert alone == again == library
assert alone != local
PY
