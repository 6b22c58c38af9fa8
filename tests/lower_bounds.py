"""The oldest versions that pyproject.toml allows, as constraints for pip: `make test-oldest` installs them.

python tests/lower_bounds.py verify cluster test > constraints.txt
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def lower_bounds(project: Mapping[str, Any], extras: Iterable[str]) -> list[str]:
    """Return one line `name==version` a requirement of a project and some of its extras, in alphabetical order.

    Raises
    ------
    ValueError
        If a requirement has no lower bound, or two.
    """
    optional = project.get("optional-dependencies", {})
    found: dict[str, str] = {}
    for requirement in [*project["dependencies"], *(line for extra in extras for line in optional[extra])]:
        match = re.fullmatch(r"([\w.-]+)>=([\w.]+)", requirement.replace(" ", ""))
        if match is None:
            raise ValueError(f"a requirement must be name>=version, got {requirement!r}")
        name, version = match.groups()
        if found.setdefault(name, version) != version:
            raise ValueError(f"{name} must have one lower bound, got {found[name]} and {version}")
    return [f"{name}=={found[name]}" for name in sorted(found)]


if __name__ == "__main__":
    pins = lower_bounds(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"], sys.argv[1:])
    sys.stdout.writelines(f"{pin}\n" for pin in pins)
