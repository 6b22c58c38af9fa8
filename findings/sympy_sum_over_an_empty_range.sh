#!/usr/bin/env bash
# sympy 1.14.0: a sum whose upper limit lies more than one below the lower one is not empty, but minus the sum between them.
# Seen: the sum of 1 over k = 3, ..., 2 is 0, over k = 3, ..., 1 it is -1; that of k^2 over k = 5, ..., 1 is -29, and the product
# of 2 over k = 3, ..., 1 is 1/2. So the sum of 1 over k = 1, ..., n is n also at n = -3.
. "$(dirname "$0")/_run.sh"
finding sympy==1.14.0 <<'PY'
import sympy
from sympy import Product, Rational, Sum, symbols

print("sympy", sympy.__version__)
k, n = symbols("k n", integer=True)
seen = {
    Sum(1, (k, 3, 2)): 0,
    Sum(1, (k, 3, 1)): -1,
    Sum(k**2, (k, 5, 1)): -29,
    Product(2, (k, 3, 1)): Rational(1, 2),
    Sum(1, (k, 1, n)).subs(n, -3): -3,
}
for expression, value in seen.items():
    print(expression, "=", expression.doit())
    assert expression.doit() == value
PY
