"""Which code a function runs: a digest of its source and of everything that it calls.

A stored result belongs to the code that computed it. The digest covers, of the function and of all that it reaches by
name, the statements that define it: functions and classes, constants of their modules, and what they import, as far
as these modules belong to the same project: the function's own package, modules beside it, and `noprune_theory` with
its version. Comments, docstrings, annotations, layout, and whatever else stands in these files do not count, so that
drawing a result in another colour loses no result.

Not seen are functions found by a string at run time, values that a module computes when it is imported, and other
packages (numpy, the standard library). For an edit of those a sweep has its declared version.

A function without a source file (typed into a notebook, given to `python -c`) is described by its bytecode, and so is,
in addition, one whose file was edited after it was imported: what runs is not what stands there.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import hashlib
import importlib.machinery
import importlib.util
import inspect
import symtable
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import noprune_theory

__all__ = ["code_digest", "is_main", "main_module_name"]

_PACKAGE = "noprune_theory"
_MAIN = ("__main__", "__mp_main__")
_CONSTANTS = (bool, int, float, complex, str, bytes, tuple, type(None))
_DIGITS = 32  # of 64 hexadecimal ones


def code_digest(function: Callable[..., Any]) -> str:
    """Return 32 hexadecimal digits that change with the code that a function runs.

    Parameters
    ----------
    function : callable
        A Python function, or one compiled by numba.
    """
    found = _Reached(_source_function(function))
    lines = sorted(found.texts)
    if found.uses_package:
        lines.append(f"{_PACKAGE} {noprune_theory.__version__}")
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def is_main(function: Callable[..., Any]) -> bool:
    """Return whether a function belongs to the main program, also as a worker process imports that again."""
    return getattr(function, "__module__", None) in _MAIN


def _source_function(function: Callable[..., Any]) -> Any:
    """Return the function of Python below decorators and numba's compiler."""
    inner: Any = inspect.unwrap(function)
    return getattr(inner, "py_func", inner)


def main_module_name(function: Callable[..., Any]) -> str:
    """Return the name under which the module of a function that runs as the main program would be imported.

    `python -m a.run`, `python a/run.py` (with a/__init__.py) and `import a.run` agree.
    """
    inner = _source_function(function)
    spec = getattr(inner, "__globals__", {}).get("__spec__")
    if spec is not None:
        return str(spec.name)
    file = _source_file(inner)
    if file is None:
        return "__main__"
    parts, folder = [file.stem], file.resolve().parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _source_file(function: Any) -> Path | None:
    code = getattr(function, "__code__", None)
    return path if code is not None and (path := Path(code.co_filename)).is_file() else None


# ------------------------------------------------------------------------------------------------------ modules as text


@dataclass(frozen=True)
class _Import:
    """What an import binds: a module (and the names taken from it)."""

    module: str
    names: tuple[str, ...] = ()


@dataclass
class _Source:
    """A parsed file: its statements by the names that they bind, and its imports."""

    package: str
    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, _Import] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    codes: dict[str, list[types.CodeType]] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> list[ast.stmt]:
        return self.statements.get(name, [])


@lru_cache(maxsize=1024)
def _parsed(path: Path, package: str, modified: int, size: int) -> _Source:
    source = _Source(package)
    text = path.read_bytes()
    for code in _inner_codes(compile(text, str(path), "exec", dont_inherit=True)):
        source.codes.setdefault(code.co_qualname, []).append(code)
    tree = ast.parse(text)
    if b"global" in text:  # walks take long
        source.rebound.update(name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)
    for statement in _bare(tree.body):
        _note_imports(statement, source)
        for name in set(_bound_names(statement)):
            source.statements.setdefault(name, []).append(statement)
    return source


def _inner_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _inner_codes(constant)


def _parse(path: Path, package: str) -> _Source:
    status = path.stat()
    return _parsed(path, package, status.st_mtime_ns, status.st_size)


def _absolute(package: str, node: ast.ImportFrom) -> str:
    """Return the module that `from ... import` names."""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*(part for part in parts if part), *([node.module] if node.module else [])])


def _imported(node: ast.AST, package: str) -> Iterator[tuple[str, _Import]]:
    """Yield what an import statement binds; the name "*" for everything in a module."""
    if isinstance(node, ast.ImportFrom):
        module = _absolute(package, node)
        for alias in node.names:
            yield alias.asname or alias.name, _Import(module, () if alias.name == "*" else (alias.name,))
    elif isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, _Import(alias.name)) if alias.asname else (top, _Import(top))


def _note_imports(statement: ast.stmt, source: _Source) -> None:
    for node in _own_scope(statement):
        for name, found in _imported(node, source.package):
            if name == "*":
                source.stars.append(found.module)
            else:
                source.imports[name] = found


def _own_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those inside it, but nothing inside functions, classes and comprehensions."""
    yield node
    if not isinstance(
        node,
        ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.ListComp | ast.SetComp
        | ast.DictComp | ast.GeneratorExp,
    ):  # fmt: skip
        for child in ast.iter_child_nodes(node):
            yield from _own_scope(child)


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """Yield the names of a module that a statement binds or changes: `a = 1`, `a[0] = 1`, `a.update(...)`."""
    for node in _own_scope(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if isinstance(node.value.func, ast.Attribute):
                yield from _root(node.value.func)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _bare(body: list[ast.stmt]) -> list[ast.stmt]:
    """Drop what does not run, in place: docstrings, and the annotations of functions and of their variables."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            statement.returns = None
            given = statement.args
            for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
                if argument is not None:
                    argument.annotation = None
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            statement.body = _without_docstring(statement.body)
        for inner in _inner_bodies(statement):
            _bare(inner)
    return body


def _inner_bodies(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body


@dataclass(frozen=True)
class _Described:
    """A statement: its text, the dotted names of its module that it uses, and the imports inside it."""

    text: str
    chains: frozenset[tuple[str, ...]]
    imports: tuple[tuple[str, _Import], ...]


@cache
def _describe(statement: ast.stmt, package: str) -> _Described:
    text = ast.unparse(statement)
    walked = ast.walk(statement) if "import" in text else ()
    nodes = [node for node in walked if isinstance(node, ast.Import | ast.ImportFrom)]
    imports = tuple(found for node in nodes for found in _imported(node, package))
    names = _global_names(symtable.symtable(text, "?", "exec")) | {name for name, _ in imports}
    return _Described(text, frozenset(chain for chain in _chains(statement) if chain[0] in names), imports)


def _global_names(table: symtable.SymbolTable) -> set[str]:
    top = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if (s.is_referenced() if top else s.is_global())}
    return names.union(*map(_global_names, table.get_children()))


def _chains(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Yield every dotted name: ("a", "b", "c") for a.b.c, without its beginnings."""
    attributes: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        attributes.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield (inner.id, *attributes)
    else:
        for child in ast.iter_child_nodes(inner):
            yield from _chains(child)


# ----------------------------------------------------------------------------------------------------- files of modules


def _file_of(module: str) -> Path | None:
    """Return the file of a module, found without importing it or its parents; None if it has none."""
    if module in sys.modules:
        file = getattr(sys.modules[module], "__file__", None)
        return None if file is None else Path(file)
    top, *inner = module.split(".")
    try:
        spec = importlib.util.find_spec(top) if top else None
        name = top
        for part in inner:
            if spec is None or spec.submodule_search_locations is None:
                return None
            name = f"{name}.{part}"
            spec = importlib.machinery.PathFinder.find_spec(name, list(spec.submodule_search_locations))
    except (ImportError, ValueError, AttributeError):
        return None
    return None if spec is None or spec.origin is None or not spec.has_location else Path(spec.origin)


_STANDARD = tuple(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib"))


def _is_installed(path: Path) -> bool:
    resolved = path.resolve()
    return not {"site-packages", "dist-packages"}.isdisjoint(resolved.parts) or any(
        resolved.is_relative_to(folder) for folder in _STANDARD
    )


# ------------------------------------------------------------------------------------------------- what a function uses


class _Reached:
    """Everything of the project that a function reaches: one text for each statement, function or value."""

    def __init__(self, function: Any) -> None:
        self.texts: set[str] = set()
        self.uses_package = False
        self._seen: set[Any] = set()
        module = getattr(function, "__module__", None) or ""
        if is_main(function):
            module = main_module_name(function)
        self._own = {_PACKAGE, module.partition(".")[0]}
        self._loaded = {getattr(m, "__file__", None): vars(m) for m in list(sys.modules.values())}
        if isinstance(function, types.FunctionType):
            self._loaded[function.__code__.co_filename] = function.__globals__
        self._todo: list[Callable[[], None]] = []
        self._function(function, module)
        while self._todo:
            self._todo.pop()()

    def _function(self, function: Any, module: str = "") -> None:
        """Follow a function: its statement in its file, or its bytecode where there is none."""
        file = _source_file(function)
        name = getattr(function, "__qualname__", "").partition(".")[0]
        if file is not None:
            package = getattr(function, "__globals__", {}).get("__package__") or module.rpartition(".")[0]
            source = self._source(file, package)
            if source is not None and source[name]:
                self._statements(file, source, name)
                return
        if isinstance(function, types.FunctionType):
            self._bytecode(function.__code__, function.__globals__)
            defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
            self.texts.update(f"default {_value_text(value)}" for value in defaults)
        else:
            self.texts.add(f"{type(function).__qualname__} {getattr(function, '__module__', '')}:{name}")

    def _source(self, path: Path, package: str) -> _Source | None:
        try:
            return _parse(path, package)
        except (SyntaxError, ValueError, OSError):
            return None

    # By name, in files

    def _module(self, module: str) -> tuple[Path, _Source | None] | None:
        """Return the file of a module of the project; None for any other."""
        path = _file_of(module)
        top = module.partition(".")[0]
        if path is None or (_is_installed(path) and top not in self._own):
            return None
        self.uses_package |= top == _PACKAGE
        if path.suffix != ".py":
            return path, None
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        return path, self._source(path, package)

    def _name(self, module: str, names: tuple[str, ...]) -> None:
        """Follow a dotted name inside a module; without names the whole module."""
        if ("name", module, names) in self._seen:
            return
        self._seen.add(("name", module, names))
        found = self._module(module)
        if found is None:
            if names and _file_of(module) is None and self._module(f"{module}.{names[0]}"):  # a folder without __init__
                self._later(f"{module}.{names[0]}", names[1:])
            return
        path, source = found
        if source is None:  # compiled, or not to be read as text
            self.texts.add(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}")
        elif not names:
            self._whole(module, path, source)
        elif not self._used(path, source, names) and not self._submodule(module, path, names):
            self._statements(path, source, "__getattr__")

    def _used(self, path: Path, source: _Source, names: tuple[str, ...]) -> bool:
        """Follow a dotted name that a file defines or imports; return whether it does."""
        if source[names[0]]:
            self._todo.append(lambda: self._statements(path, source, names[0]))
        return self._import(source, names) or bool(source[names[0]])

    def _import(self, source: _Source, names: tuple[str, ...]) -> bool:
        """Follow a name that the module itself imports."""
        found = source.imports.get(names[0])
        if found is not None:
            self._later(found.module, (*found.names, *names[1:]))
            return True
        for module in source.stars:
            self._later(module, names)
        return bool(source.stars)

    def _submodule(self, module: str, path: Path, names: tuple[str, ...]) -> bool:
        """Follow a submodule, or a name that a package loads when it is first used, as its stub says."""
        if path.name != "__init__.py":
            return False
        if self._module(f"{module}.{names[0]}") is not None:
            self._later(f"{module}.{names[0]}", names[1:])
            return True
        stub = path.with_suffix(".pyi")
        listed = self._source(stub, module) if stub.is_file() else None
        return listed is not None and self._import(listed, names)

    def _whole(self, module: str, path: Path, source: _Source) -> None:
        for name in source.statements:
            self._statements(path, source, name)
        stub = path.with_suffix(".pyi")
        listed = self._source(stub, module) if path.name == "__init__.py" and stub.is_file() else None
        for part in (source, *([listed] if listed else [])):
            for found in part.imports.values():
                self._later(found.module, found.names)
            for star in part.stars:
                self._later(star, ())

    def _later(self, module: str, names: tuple[str, ...]) -> None:
        self._todo.append(lambda: self._name(module, names))

    def _statements(self, path: Path, source: _Source, name: str) -> None:
        """Take the statements that bind a name of a file, and follow the names that they use."""
        if source[name] and ("loaded", path, name) not in self._seen:
            self._seen.add(("loaded", path, name))
            self._edited_since(path, source, name)
        for statement in source[name]:
            place = (path, statement.lineno, statement.col_offset)
            if place in self._seen:
                continue
            self._seen.add(place)
            described = _describe(statement, source.package)
            self.texts.add(f"{path.name} {described.text}")
            local = dict(described.imports)
            if "*" in local:
                self._later(local["*"].module, ())
            for chain in described.chains:
                if chain[0] in local:
                    found = local[chain[0]]
                    self._later(found.module, (*found.names, *chain[1:]))
                else:
                    self._used(path, source, chain)

    def _edited_since(self, path: Path, source: _Source, name: str) -> None:
        """Take what a name stands for in this process where that is not what its file says (any more)."""
        namespace = self._loaded.get(str(path), {})
        if name not in namespace:
            return
        value = namespace[name]
        for function in _functions(_source_function(value) if callable(value) else value):
            code = function.__code__
            if code.co_filename == str(path):
                text = _code_text(code)
                if text not in map(_code_text, source.codes.get(code.co_qualname, ())):
                    self.texts.add(f"loaded {text}")
        # A constant; what functions rebind or fill is no part of the code.
        if isinstance(value, _CONSTANTS) and len(source[name]) == 1 and name not in source.rebound:
            statement = source[name][0]
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            expression: ast.expr | None = getattr(statement, "value", None)
            if len(targets) == 1 and isinstance(targets[0], ast.Name) and expression is not None:
                with contextlib.suppress(ValueError, TypeError):  # no literal
                    if _value_text(ast.literal_eval(expression)) != _value_text(value):
                        self.texts.add(f"loaded {name} = {_value_text(value)}")

    # By object, where there is no file

    def _bytecode(self, code: types.CodeType, names: dict[str, Any]) -> None:
        if ("code", id(code)) in self._seen:
            return
        self._seen.add(("code", id(code)))
        self.texts.add(_code_text(code))
        for chain, level in _used_by(code):
            if level is not None:
                package = names.get("__package__") or ""
                origin = _absolute(package, ast.ImportFrom(chain[0] or None, [], level))
                self._later(origin, chain[1:])
            elif chain[0] in names:
                self._object(names[chain[0]], chain)

    def _object(self, value: Any, chain: tuple[str, ...]) -> None:
        """Follow what a global name of a function without a file stands for."""
        if isinstance(value, types.ModuleType):
            self._later(value.__name__, chain[1:])
            return
        if callable(value):
            value = _source_function(value)
        if isinstance(value, type | types.FunctionType):
            if value.__module__ not in _MAIN:
                self._later(value.__module__, (value.__qualname__.partition(".")[0],))
            elif isinstance(value, type):
                self._class(value)
            else:
                self._function(value)
        else:
            self.texts.add(f"{chain[0]} = {_value_text(value)}")

    def _class(self, value: type) -> None:
        if value in self._seen:
            return
        self._seen.add(value)
        for base in value.__bases__:
            self._object(base, (base.__name__,))
        for function in _functions(value):
            self._function(function)
        for name, item in vars(value).items():
            if not name.startswith("__") and not callable(item):
                self.texts.add(f"{value.__qualname__}.{name} = {_value_text(item)}")


def _functions(value: Any) -> Iterator[types.FunctionType]:
    """Yield a function itself; of a class its methods and properties."""
    if isinstance(value, types.FunctionType):
        yield value
    elif isinstance(value, type):
        for item in vars(value).values():
            for part in (
                getattr(item, "__func__", item),
                *(getattr(item, f"f{kind}", None) for kind in ("get", "set")),
            ):
                if isinstance(part, types.FunctionType):
                    yield part


def _code_text(code: types.CodeType) -> str:
    constants = [_code_text(c) if isinstance(c, types.CodeType) else _value_text(c) for c in code.co_consts]
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return repr((code.co_code.hex(), constants, code.co_names, code.co_varnames, code.co_freevars, shape))


def _used_by(code: types.CodeType) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Yield the dotted global names that bytecode loads (with None), and what it imports (with the level)."""
    chain: tuple[str, ...] = ()
    constants: list[Any] = []
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
            constants.append(step.argval)
        if step.opname == "IMPORT_NAME":
            level, names = constants[-2:]
            yield from (((step.argval, name), level) for name in names or ())
            if not names:
                yield (step.argval,), level
        if chain and step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            chain = (*chain, step.argval)
        elif step.opname not in ("PUSH_NULL", "PRECALL"):
            if chain:
                yield chain, None
            chain = (step.argval,) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") else ()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _used_by(constant)


def _value_text(value: Any) -> str:
    """Return a text for plain data and arrays; else the type, since a representation may hold addresses."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, tuple | list):
        return f"{type(value).__name__} [{', '.join(map(_value_text, value))}]"
    if isinstance(value, set | frozenset):
        return f"{type(value).__name__} [{', '.join(sorted(map(_value_text, value)))}]"
    if isinstance(value, dict):
        return f"dict [{', '.join(f'{_value_text(key)}: {_value_text(item)}' for key, item in value.items())}]"
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return f"array {value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    if isinstance(value, np.generic):
        return f"{value.dtype} {value!r}"
    return type(value).__qualname__
