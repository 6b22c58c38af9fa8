#!/usr/bin/env bash
# z3 5.4.1, cvc5 1.4.2 and pySMT 0.9.6: a Python float becomes the decimal that it prints as in z3 and cvc5's Python layer,
# and the double itself in pySMT.
# Seen: RealVal(0.1) is 1/10, so that 0.1 + 0.2 = 0.3 is proved, and RealVal(1/3) is 0.3333333333333333; pySMT's Real(0.1)
# is 3602879701896397/36028797018963968, and 0.1 + 0.2 = 0.3 is false, also when z3 decides it. A number that was computed
# goes in as a Fraction.
. "$(dirname "$0")/_run.sh"
finding z3-solver==5.4.1.0 cvc5==1.4.2 pysmt==0.9.6 <<'PY'
from fractions import Fraction
from importlib.metadata import version

import cvc5.pythonic as cvc5
import pysmt.shortcuts as pysmt
import z3

for name in ("z3-solver", "cvc5", "pysmt"):
    print(name, version(name), end="; ")
print()
for name, solver in (("z3", z3), ("cvc5", cvc5)):
    x = solver.Real("x")
    tenth, third = solver.RealVal(0.1), solver.RealVal(1 / 3)
    checked = solver.Solver()
    checked.add(x == solver.RealVal(0.1) + solver.RealVal(0.2), x != solver.RealVal(0.3))
    print(name, tenth, third, "0.1 + 0.2 != 0.3:", checked.check())
    assert str(tenth) == "1/10"
    assert str(third) == "3333333333333333/10000000000000000"
    assert checked.check() == solver.unsat
tenth = pysmt.Real(0.1)
different = pysmt.NotEquals(pysmt.Plus(pysmt.Real(0.1), pysmt.Real(0.2)), pysmt.Real(0.3))
print("pySMT", tenth, "0.1 + 0.2 != 0.3 by z3:", pysmt.is_sat(different, solver_name="z3"))
assert Fraction(int(tenth.constant_value().numerator), int(tenth.constant_value().denominator)) == Fraction(0.1)
assert pysmt.is_sat(different, solver_name="z3")
PY
