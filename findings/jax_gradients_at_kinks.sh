#!/usr/bin/env bash
# jax 0.10.2: the derivative at a kink depends on how the function is written, and need not lie between the slopes of any
# side of the whole function.
# Seen at 0: relu(x) 0, maximum(x, 0) 0.5, (x + |x|)/2 1 (the derivative of |x| at 0 is 1, that of PyTorch 0); the identity,
# written relu(x) - relu(-x), has derivative 0, and relu(x) + relu(-x) = |x| has 0 too, where |x| has 1.
. "$(dirname "$0")/_run.sh"
finding jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 <<'PY'
import jax
import jax.numpy as jnp

relu = jax.nn.relu
forms = {
    "relu(x)": (relu, 0.0),
    "maximum(x, 0)": (lambda x: jnp.maximum(x, 0.0), 0.5),
    "(x + |x|)/2": (lambda x: (x + jnp.abs(x)) / 2, 1.0),
    "|x|": (jnp.abs, 1.0),
    "relu(x) + relu(-x)": (lambda x: relu(x) + relu(-x), 0.0),
    "relu(x) - relu(-x), the identity": (lambda x: relu(x) - relu(-x), 0.0),
}
print("jax", jax.__version__)
for text, (function, seen) in forms.items():
    found = float(jax.grad(function)(0.0))
    print(f"d/dx {text} at 0: {found}")
    assert found == seen
PY
