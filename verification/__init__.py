"""The paper "No Free Prune" checked statement by statement.

`python -m verification` runs every statement: the printed claim, its derivation step by step, exactly enumerated
models, simulations, and deliberately broken versions that have to fail. `verification.statements` is the list.
"""
