#!/usr/bin/env bash
# sympy 1.14.0: a rational number and a float of the same value are not ==, and their difference is == 0.
# Seen: Rational(1, 2) == 0.5 and Float(0) == 0 are False, so that 1/2 is not in [0.5]; Eq(Rational(1, 2), 0.5)
# and Rational(1, 2) - 0.5 == 0 are True. Compare with Eq, or leave floats out.
. "$(dirname "$0")/_run.sh"
finding sympy==1.14.0 <<'PY'
import sympy
from sympy import Eq, Float, Integer, Rational

print("sympy", sympy.__version__)
half = Rational(1, 2)
by_equality = [half == 0.5, Integer(1) == 1.0, Float(0) == 0, half in [0.5]]
by_value = [Eq(half, 0.5) == True, half - 0.5 == 0, half <= 0.5, half >= 0.5]  # noqa: E712
print("==:", by_equality, "  Eq, difference, <=, >=:", by_value)
assert by_equality == [False] * 4
assert all(by_value)
PY
