#!/usr/bin/env bash
# cvc5 1.4.2: arcsin(x) is any number where |x| > 1, while sin and exp are the functions.
# Seen: "arcsin(2) = 5" and "arcsin(x) > 2" are sat, the second with x = -3/2; with -1 <= x <= 1 it is unsat. exp(x) < 0 and
# sin(x) > 1 are unsat.
. "$(dirname "$0")/_run.sh"
finding cvc5==1.4.2 <<'PY'
from importlib.metadata import version

from cvc5.pythonic import Arcsine, Exponential, Real, RealVal, Sine, Solver, sat, unsat

x = Real("x")
print("cvc5", version("cvc5"))
asked = {
    "arcsin(2) == 5": ([Arcsine(RealVal(2)) == 5], sat),
    "arcsin(x) > 2": ([Arcsine(x) > 2], sat),
    "arcsin(x) > 2, -1 <= x <= 1": ([Arcsine(x) > 2, x >= -1, x <= 1], unsat),
    "exp(x) < 0": ([Exponential(x) < 0], unsat),
    "sin(x) > 1": ([Sine(x) > 1], unsat),
}
for text, (claims, seen) in asked.items():
    solver = Solver()
    solver.setOption("tlimit-per", 60000)
    solver.add(*claims)
    found = solver.check()
    print(text, found, solver.model() if found == sat else "")
    assert found == seen
PY
