#!/usr/bin/env bash
# z3 5.4.1: a power outside its domain has a fixed value, where a quotient by zero has any.
# Seen: over the reals, 0 ** -1 = 0 and sqrt(-4) = 0 are proved, and (-8) ** (1/3) = -2 (Python: complex); yet 1 / 0 = 5 has
# a model. So x ** -1 is not 1 / x: their difference can be 5, at x = 0.
. "$(dirname "$0")/_run.sh"
finding z3-solver==5.4.1.0 <<'PY'
import z3

x = z3.Real("x")


def answer(*claims):
    solver = z3.Solver()
    solver.add(*claims)
    return solver.check()


print("z3", z3.get_version_string(), "  Python:", (-8) ** (1 / 3))
proved = {
    "0 ** -1 == 0": z3.RealVal(0) ** -1 == 0,
    "sqrt(-4) == 0": z3.Sqrt(z3.RealVal(-4)) == 0,
    "sqrt(x) == 0 for x < 0": z3.Implies(x == -3, z3.Sqrt(x) == 0),
    "(-8) ** (1/3) == -2": z3.RealVal(-8) ** z3.Q(1, 3) == -2,
}
for text, claim in proved.items():
    print(text, "negation:", answer(z3.Not(claim)), " itself:", answer(claim))
    assert (answer(z3.Not(claim)), answer(claim)) == (z3.unsat, z3.sat)
for text, claim in {"1 / 0 == 5": 1 / z3.RealVal(0) == 5, "1 / x - x ** -1 == 5": (1 / x - x**-1) == 5}.items():
    found = answer(claim, x == 0)
    print(text, "at x = 0:", found)
    assert found == z3.sat
PY
