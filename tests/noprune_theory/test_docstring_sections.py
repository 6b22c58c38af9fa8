"""Docstrings of the rooms listed: sections, and the names of parameters and fields, agree with the code."""

import dataclasses
import importlib
import inspect
import re

import pytest

ROOMS = ("bounds", "class_stability")
PUBLIC = [(room, name) for room in ROOMS for name in importlib.import_module(f"noprune_theory.{room}").__all__]


def sections(documented):
    """Return the text of each section of a docstring in numpy's style."""
    parts = re.split(r"^(\w+)\n-{3,}\n", inspect.getdoc(documented) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def described(section):
    """Return the names that a section describes: at the margin, before a colon, separated by commas."""
    names = re.findall(r"^(\w[\w, *]*?)(?: : .*)?$", section, flags=re.MULTILINE)
    return [name for line in names for name in line.split(", ")]


@pytest.mark.parametrize(("room", "name"), PUBLIC)
def test_docstring(room, name):
    public = getattr(importlib.import_module(f"noprune_theory.{room}"), name)
    found = sections(public)
    if inspect.isfunction(public):
        assert {"Parameters", "Returns", "Raises"} <= set(found)
        assert sorted(described(found["Parameters"])) == sorted(inspect.signature(public).parameters)
        assert set(described(found["Raises"])) <= {"TypeError", "ValueError"}
    elif dataclasses.is_dataclass(public):
        assert described(found["Attributes"]) == [field.name for field in dataclasses.fields(public)]


def test_sections_and_names_are_read():
    def function(a, b, c):
        """Return nothing.

        Parameters
        ----------
        a, b : array_like, shape (n, 2)
            Text: with a colon, and a comma.

            More.
        c
            As in `function`.

        Raises
        ------
        TypeError, ValueError
            As `function`.
        """

    found = sections(function)
    assert described(found["Parameters"]) == list(inspect.signature(function).parameters)
    assert described(found["Raises"]) == ["TypeError", "ValueError"]
