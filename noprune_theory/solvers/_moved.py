"""Modules that have moved: the old path still gives every public name, with a warning where it is imported."""

import warnings


def warn_moved(old: str, new: str) -> None:
    """Warn the importer of the module `old`, which must call this at its top level, that `new` holds its names.

    The import system's own frames do not count, so that level 3 is the line with the import statement.
    """
    warnings.warn(f"{old} has moved to {new}", DeprecationWarning, stacklevel=3)
