#!/usr/bin/env bash
# python-flint 0.9.0: a ball whose midpoint is 0, raised to an integer power, is nan, even to the power 1.
# Seen: arb(0, 1) ** 1, ** 2 and ** 3 are nan at any precision, where arb(0, 1) * arb(0, 1) is [-1, 1] and
# arb(0.1, 1) ** 2, a ball that contains zero too, is finite; the power 0 is 1.
. "$(dirname "$0")/_run.sh"
finding python-flint==0.9.0 <<'PY'
import flint
from flint import arb

print("python-flint", flint.__version__)
for bits in (53, 400):
    flint.ctx.prec = bits
    around, beside = arb(0, 1), arb(0.1, 1)
    print(bits, "bits: midpoint 0:", [around**power for power in range(4)], "square as a product:", around * around)
    print("  midpoint 0.1:", [beside**power for power in range(4)])
    assert around**0 == 1
    assert not any((around**power).is_finite() for power in (1, 2, 3))
    assert (around * around).is_finite()
    assert all((beside**power).is_finite() for power in (1, 2, 3))
    assert beside.contains(0)
PY
