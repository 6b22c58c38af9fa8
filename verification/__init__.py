"""Papers checked statement by statement, one folder a paper; `facts` holds what several share.

`python -m verification` runs every statement: the printed claim, its derivation step by step, exactly enumerated
models, simulations, and deliberately broken versions that have to fail. The engine is `noprune_theory.verifier`.
"""

from noprune_theory._moved import forward_modules as _forward_modules

# Where the engine and the statements were before they had rooms of their own.
_ENGINE = (
    "evaluation", "exact_models", "notation", "obligations", "page", "provers", "report", "signs",
    "statement", "style", "sweeps", "typeset",
)  # fmt: skip
_FACTS = ("concentration", "least_norms")


def _new_name(old: str) -> str | None:
    _, room, *rest = old.split(".")
    if room in _ENGINE:
        return ".".join(("noprune_theory.verifier", room, *rest))
    if room in _FACTS:
        return f"verification.facts.{room}"
    return ".".join(("verification.no_free_prune", *rest)) if room == "statements" else None


_forward_modules(__name__, _new_name)
