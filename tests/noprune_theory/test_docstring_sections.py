"""Docstrings of every room: sections, and the names of parameters and fields, agree with the code."""

import dataclasses
import importlib
import inspect
import re

import pytest

import noprune_theory

PUBLIC = [
    (room, name)
    for room in noprune_theory.__all__
    for name in importlib.import_module(f"noprune_theory.{room}").__all__
]


def sections(documented):
    """Return the text of each section of a docstring in numpy's style."""
    parts = re.split(r"^([\w ]+)\n-{3,}\n", inspect.getdoc(documented) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def described(section):
    """Return the names that a section describes: at the margin, before a colon, separated by commas."""
    names = re.findall(r"^([*\w][\w, *]*?)(?: : .*)?$", section, flags=re.MULTILINE)
    return [name.lstrip("*") for line in names for name in line.split(", ")]


@pytest.mark.parametrize(("room", "name"), PUBLIC)
def test_docstring(room, name):
    public = getattr(importlib.import_module(f"noprune_theory.{room}"), name)
    found = sections(public)
    if inspect.isfunction(public):
        signature = inspect.signature(public)
        taken = described(found.get("Parameters", "")) + described(found.get("Other Parameters", ""))
        assert sorted(taken) == sorted(signature.parameters)
        assert signature.return_annotation in ("None", None) or {"Returns", "Yields"} & set(found)
        assert not taken or "Raises" in found
        assert all(error.endswith("Error") for error in described(found.get("Raises", "")))
    elif dataclasses.is_dataclass(public):
        held = found.get("Attributes") or found["Parameters"]
        assert described(held) == [field.name for field in dataclasses.fields(public) if field.init]


def test_sections_and_names_are_read():
    def function(a, b, *c, **d):
        """Return nothing.

        Parameters
        ----------
        a, b : array_like, shape (n, 2)
            Text: with a colon, and a comma.

            More.
        *c
            As in `function`.
        **d : float

        Raises
        ------
        TypeError, ValueError
            As `function`.
        """

    found = sections(function)
    assert described(found["Parameters"]) == list(inspect.signature(function).parameters)
    assert described(found["Raises"]) == ["TypeError", "ValueError"]
