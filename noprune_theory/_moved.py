"""Modules that have moved: the old name still imports, with a DeprecationWarning that says the new one."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["forward_modules", "forwarding_spec"]


class _Forwarder(Loader):
    """Puts the module under its new name in the place of the one that is being imported."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to the import system to make an empty module, which is dropped."""

    def exec_module(self, module: ModuleType) -> None:
        """Import the module that took over, and warn the file that asked for the old one."""
        name = module.__name__
        # The level above this one is the importing file: Python leaves out the frames of the import system.
        warnings.warn(f"{name} has moved to {self.target}", DeprecationWarning, stacklevel=2)
        sys.modules[name] = importlib.import_module(self.target)


def forwarding_spec(old: str, new: str) -> ModuleSpec:
    """Return how to import a module by the name that it had, for the `find_spec` of a finder on `sys.meta_path`.

    Parameters
    ----------
    old : str
        Full name that is being imported.
    new : str
        Full name of the module that took over.
    """
    return ModuleSpec(old, _Forwarder(new))


class _Finder(MetaPathFinder):
    def __init__(self, moved: Mapping[str, str]) -> None:
        self.moved = moved

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import an old name, or None for all others."""
        return forwarding_spec(fullname, self.moved[fullname]) if fullname in self.moved else None


def forward_modules(moved: Mapping[str, str]) -> None:
    """Let modules be imported by the names that they had.

    Parameters
    ----------
    moved : mapping of str to str
        Full old name -> full new name; the package of the old ones calls this in its `__init__`.
    """
    sys.meta_path.insert(0, _Finder(moved))
