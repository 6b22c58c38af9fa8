#!/usr/bin/env bash
# sympy 1.14.0: the entropy of a Bernoulli variable that is certain is nan: 0 log 0 is not 0.
# Seen: entropy(Bernoulli("B", 0)) and entropy(Bernoulli("B", 1)) are nan; the entropy of Bernoulli(p) goes to 0 as p does.
. "$(dirname "$0")/_run.sh"
finding sympy==1.14.0 <<'PY'
import sympy
from sympy import limit, log, nan, symbols
from sympy.stats import Bernoulli, entropy

print("sympy", sympy.__version__)
p = symbols("p", positive=True)
never, always = entropy(Bernoulli("B", 0)), entropy(Bernoulli("B", 1))
near = limit(-p * log(p) - (1 - p) * log(1 - p), p, 0)
print("Bernoulli(0):", never, "  Bernoulli(1):", always, "  limit at p = 0:", near)
assert never is nan
assert always is nan
assert near == 0
PY
