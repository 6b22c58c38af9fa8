#!/usr/bin/env bash
# sympy 1.14.0: a limit whose value depends on the order of two positive parameters is answered as if one order held.
# Seen: limit((a exp(-a x) + b exp(-b x)) exp(b x), x, oo) = oo for a, b > 0; at a = 2, b = 1 it is 1.
. "$(dirname "$0")/_run.sh"
finding sympy==1.14.0 <<'PY'
import sympy
from sympy import exp, limit, oo, symbols

print("sympy", sympy.__version__)
a, b, x = symbols("a b x", positive=True)
function = (a * exp(-a * x) + b * exp(-b * x)) * exp(b * x)
general, special = limit(function, x, oo), limit(function.subs({a: 2, b: 1}), x, oo)
print("for a, b > 0:", general, "   at a = 2, b = 1:", special)
assert general == oo
assert special == 1
PY
