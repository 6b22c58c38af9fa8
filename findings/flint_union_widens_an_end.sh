#!/usr/bin/env bash
# python-flint 0.9.0: a ball is a midpoint and a radius of 30 bits, so that the union of 0 and 1/3 reaches below 0 by
# about 1e-10, at any precision. Seen: a negative lower end, and a square root of the union that is nan.
. "$(dirname "$0")/_run.sh"
finding python-flint==0.9.0 <<'PY'
import flint

print("python-flint", flint.__version__)
for bits in (53, 400):
    flint.ctx.prec = bits
    union = flint.arb(0).union(flint.arb(1) / 3)
    print(bits, "bits: lower end", float(union.lower()), ", square root", union.sqrt())
    assert -1e-9 < float(union.lower()) < 0
    assert not union.sqrt().is_finite()
PY
