"""Papers checked statement by statement, one folder a paper; `facts` holds what several share.

`python -m verification` runs every statement: the printed claim, its derivation step by step, exactly enumerated
models, simulations, and deliberately broken versions that have to fail. The engine is `noprune_theory.verifier`.
"""

import sys as _sys
from typing import Any as _Any

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


class _MovedModules:
    """Finds modules by the names that they had; asked first, as a package that has moved would find its own again."""

    @staticmethod
    def find_spec(fullname: str, path: _Any = None, target: _Any = None) -> _Any:
        """Return how to import an old name, or None for all others."""
        new = _new_name(fullname) if fullname.startswith("verification.") else None
        if new is None:
            return None
        # Here and not above: nothing else may be imported before `__main__` has said what Ctrl-C does.
        from noprune_theory._moved import forwarding_spec

        return forwarding_spec(fullname, new)


_sys.meta_path.insert(0, _MovedModules)
