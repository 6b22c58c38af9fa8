"""Every public name says what it takes, what it gives and what it refuses, in numpy's sections."""

import builtins
import dataclasses
import enum
import importlib
import inspect
import re

import pytest

import noprune_theory
from noprune_theory.testing import generators, theorem_arguments
from noprune_theory.verifier import Outcome, Paper, decide

# They take nothing, and so refuse nothing.
REFUSE_NOTHING = {generators, theorem_arguments}

PUBLIC = [
    pytest.param(getattr(module, name), id=f"{room}.{name}")
    for room in noprune_theory.__all__
    for module in [importlib.import_module(f"noprune_theory.{room}")]
    for name in module.__all__
    if callable(getattr(module, name))
]


def sections(doc):
    """Titles and texts of the sections of a docstring."""
    parts = re.split(r"^(\w+)\n-{3,}$", doc, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def entries(text):
    """Names at the head of the entries of a section, one or several an entry."""
    heads = [line.partition(" : ")[0] for line in text.splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def is_exception(name, value):
    """Whether a name is that of an exception, or of a warning, of Python or of the package that it belongs to."""
    package = importlib.import_module(".".join(value.__module__.split(".")[:2]))
    found = getattr(builtins, name, None) or getattr(package, name, None)
    return inspect.isclass(found) and issubclass(found, BaseException)


def faults_of_a_function(function, doc):
    found, signature = sections(doc), inspect.signature(function)
    faults = []
    if entries(found.get("Parameters", "")) != list(signature.parameters):
        faults.append(f"Parameters names {entries(found.get('Parameters', ''))}, it takes {list(signature.parameters)}")
    returned = [title for title in ("Returns", "Yields") if found.get(title, "").strip()]
    if not returned and signature.return_annotation not in (None, "None"):
        faults.append("neither Returns nor Yields")
    raised = entries(found.get("Raises", ""))
    if not raised and function not in REFUSE_NOTHING:
        faults.append("no Raises")
    return faults + [f"Raises names {name}" for name in raised if not is_exception(name, function)]


def faults_of_a_class(kind, doc):
    if issubclass(kind, BaseException) or getattr(kind, "_is_protocol", False):
        return []
    if issubclass(kind, enum.Enum):
        return [f"nothing about {member.value}" for member in kind if str(member.value) not in doc]
    found = sections(doc)
    named = entries(found.get("Parameters", found.get("Attributes", "")))
    if not named:
        return ["neither Parameters nor Attributes"]
    if dataclasses.is_dataclass(kind):
        held = [field.name for field in dataclasses.fields(kind) if field.init]
        return [] if named == held else [f"fields are {named}, it holds {held}"]
    taken = inspect.signature(kind).parameters
    free = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in taken.values())
    named = entries(found.get("Parameters", ""))
    return [] if free or named == list(taken) else [f"Parameters names {named}, it takes {list(taken)}"]


def faults(value, doc=None):
    """What is missing in the docstring of a public name, or would be in another."""
    doc = inspect.getdoc(value) if doc is None else doc
    return faults_of_a_class(value, doc) if inspect.isclass(value) else faults_of_a_function(value, doc)


@pytest.mark.parametrize("value", PUBLIC)
def test_every_public_name_has_its_sections(value):
    assert faults(value) == []


@pytest.mark.parametrize("value", PUBLIC)
def test_no_section_could_be_taken_away(value):
    """Of those that are asked for: without any one of them the test above fails."""
    doc = inspect.getdoc(value)
    asked = ["Parameters", "Returns", "Yields", "Raises"]
    if inspect.isclass(value):
        described = "Parameters" if "Parameters" in sections(doc) else "Attributes"
        asked = [] if issubclass(value, BaseException) else [described]
    for title in asked:
        text = sections(doc).get(title)
        assert text is None or faults(value, doc.replace(f"{title}\n{'-' * len(title)}{text}", "")), title


def test_what_is_missing_is_found():
    doc = inspect.getdoc(decide)
    assert faults(decide) == []
    for changed, fault in [
        (doc.replace("obligation :", "claim :"), "Parameters names ['claim'], it takes ['obligation']"),
        (doc.replace("Returns\n-------", "Result\n------"), "neither Returns nor Yields"),
        (doc.replace("TypeError", "TypingError"), "Raises names TypingError"),
        (doc.partition("Raises")[0], "no Raises"),
    ]:
        assert faults(decide, changed) == [fault]
    assert faults(Outcome, "Nothing.") == [f"nothing about {outcome.value}" for outcome in Outcome]
    assert faults(Paper, "A paper.\n\nAttributes\n----------\nname : str\n") == [
        "fields are ['name'], it holds ['name', 'title', 'source', 'statements', 'main_statement']"
    ]
    assert len(PUBLIC) > 300
