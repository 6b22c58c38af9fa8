#!/usr/bin/env bash
# optax 0.2.8: `optax.masked(optimizer, mask)` does not freeze what the mask leaves out: its gradient is passed on as the
# update, and is added.
# Seen: with SGD and one weight masked out, that weight goes from 1 to 1.5 at a gradient of 0.5 (up the slope, at the rate
# 1), the other from 1 to 0.95. `optax.multi_transform` with `set_to_zero` freezes.
. "$(dirname "$0")/_run.sh"
finding optax==0.2.8 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6 <<'PY'
import jax.numpy as jnp
import optax

print("optax", optax.__version__)
weights, gradients = {"kept": jnp.ones(()), "pruned": jnp.ones(())}, {"kept": jnp.array(0.5), "pruned": jnp.array(0.5)}


def stepped(optimizer):
    updates, _ = optimizer.update(gradients, optimizer.init(weights), weights)
    return {name: round(float(value), 6) for name, value in optax.apply_updates(weights, updates).items()}


masked = stepped(optax.masked(optax.sgd(0.1), {"kept": True, "pruned": False}))
labels = {"kept": "train", "pruned": "freeze"}
frozen = stepped(optax.multi_transform({"train": optax.sgd(0.1), "freeze": optax.set_to_zero()}, labels))
print("masked:", masked, "  multi_transform:", frozen)
assert masked == {"kept": 0.95, "pruned": 1.5}
assert frozen == {"kept": 0.95, "pruned": 1.0}
PY
