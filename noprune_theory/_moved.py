"""Modules that have moved: the old name still imports, with a DeprecationWarning that says the new one."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["forward_modules"]


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


class _Finder(MetaPathFinder):
    def __init__(self, package: str, new_name: Callable[[str], str | None]) -> None:
        self.package = package
        self.new_name = new_name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import an old name, or None for all others."""
        if not fullname.startswith(f"{self.package}."):
            return None
        new = self.new_name(fullname)
        return None if new is None else ModuleSpec(fullname, _Forwarder(new))


def forward_modules(package: str, new_name: Callable[[str], str | None]) -> None:
    """Let old module names of a package be imported.

    Call it in the package's `__init__`.

    Parameters
    ----------
    package : str
        Name of the package in which the modules were.
    new_name : callable
        Maps the full old name of a module to its new one, or to None if it is not one that has moved.
    """
    # First: the path of a package that has moved would find its modules a second time, under their old names.
    sys.meta_path.insert(0, _Finder(package, new_name))
