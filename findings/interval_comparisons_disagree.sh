#!/usr/bin/env bash
# python-flint 0.9.0, mpmath 1.3.0 and 1.4.1, portion 2.6.3, intvalpy 2.0.3: overlapping intervals A = [1, 2], B = [1.5, 3].
# Seen for A < B, A == A, A != A: flint False, False, False; mpmath 1.3 None (which counts as False), True, False, and
# mpmath 1.4 raises ValueError at A < B; portion False, True, False; intvalpy True, True, False, though 1.9 in A is above
# 1.6 in B. Only where flint says True is it proved of all points. And in intvalpy [-2, 1] ** 0 is [0, 1].
. "$(dirname "$0")/_run.sh"
finding python-flint==0.9.0 mpmath==1.4.1 portion==2.6.3 intvalpy==2.0.3 numpy==2.4.6 matplotlib==3.11.2 cvxopt==1.3.3 <<'PY'
import subprocess
import sys
from importlib.metadata import version

import flint
import intvalpy
import mpmath
import portion

ends = ((1, 2), (1.5, 3))
for name in ("python-flint", "mpmath", "portion", "intvalpy"):
    print(name, version(name), end="; ")
print()


def compared(a, b):
    answers = []
    for compare in (lambda: a < b, lambda: a == a, lambda: a != a):
        try:
            answers.append(compare())
        except ValueError:
            answers.append("ValueError")
    return answers


found = {
    "flint": compared(flint.arb(1.5, 0.5), flint.arb(2.25, 0.75)),
    "mpmath": compared(*map(mpmath.iv.mpf, ends)),
    "portion": compared(*(portion.closed(*end) for end in ends)),
    "intvalpy": compared(*(intvalpy.Interval(*end) for end in ends)),
}
print(found)
assert found["flint"] == [False, False, False]
assert found["mpmath"] == ["ValueError", True, False]
assert found["portion"] == [False, True, False]
assert found["intvalpy"] == [True, True, False]
power = intvalpy.Interval(-2.0, 1.0) ** 0
print("intvalpy: [-2, 1] ** 0 =", (float(power.a), float(power.b)))
assert (float(power.a), float(power.b)) == (0.0, 1.0)

subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", "older", "mpmath==1.3.0"], check=True, stderr=-3)
code = "import mpmath; iv = mpmath.iv; print(mpmath.__version__, iv.mpf([1, 2]) < iv.mpf([1.5, 3]))"
older = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "older"}, capture_output=True, text=True, check=True)
print("mpmath", older.stdout.strip())
assert older.stdout.split() == ["1.3.0", "None"]
PY
