#!/usr/bin/env bash
# numba 0.68.1: `a[:] = b` between arrays compiles the text of an error message, concatenation of strings included.
# Seen: its LLVM code holds a function that raises with both shapes and one that concatenates strings, and is more than five
# times as long as that of a loop over the entries; it takes several times as long to compile.
. "$(dirname "$0")/_run.sh"
finding numba==0.68.1 numpy==2.4.6 <<'PY'
import re

import numba
import numpy as np


@numba.njit
def assigned(a, b):
    a[:] = b


@numba.njit
def looped(a, b):
    for i in range(a.size):
        a[i] = b[i]


lengths, functions = {}, {}
for kernel in (looped, assigned):
    kernel(np.zeros(3), np.ones(3))
    code = kernel.inspect_llvm(kernel.signatures[0])
    defined = re.findall(r'^define [^@]*@"?([^"(]+)', code, re.MULTILINE)
    lengths[kernel.__name__] = len(code)
    functions[kernel.__name__] = [part for part in ("unicode_concat", "raise_with_shape") if part in " ".join(defined)]
print("numba", numba.__version__, lengths, functions)
assert functions == {"looped": [], "assigned": ["unicode_concat", "raise_with_shape"]}
assert lengths["assigned"] > 5 * lengths["looped"]
PY
