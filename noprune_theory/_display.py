"""Short representations of results, as text and as HTML: scalars in full, arrays by shape."""

from __future__ import annotations

import html
from dataclasses import fields
from typing import Any

import numpy as np

_FEW_ENTRIES = 4
_LONGEST = 60
_LONGEST_CELL = 160


def summary(value: Any) -> str:
    """Return one short line for a value: arrays of more than four entries by shape and dtype, long texts cut.

    Examples
    --------
    >>> summary(np.zeros((3, 5))), summary(np.array([1.0, 2.5])), summary(0.25)
    ('<float64 array, shape (3, 5)>', '[1.0, 2.5]', '0.25')
    """
    if isinstance(value, np.ndarray):
        if value.size <= _FEW_ENTRIES and value.ndim == 1:
            return repr(value.tolist())
        return f"<{value.dtype} array, shape {value.shape}>"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple | list) and any(isinstance(item, np.ndarray) for item in value):
        return f"<{len(value)} arrays>"
    text = repr(value)
    return text if len(text) <= _LONGEST or isinstance(value, ShortRepr) else text[: _LONGEST - 3] + "..."


def html_table(caption: str, rows: list[list[str]], *, header: bool = False) -> str:
    """Return a table in HTML, everything escaped and long cells cut; the first row or column are headings."""
    lines = [f"<table><caption>{html.escape(caption)}</caption>"]
    for number, row in enumerate(rows):
        kinds = ["th" if (number == 0 if header else column == 0) else "td" for column in range(len(row))]
        cells = (text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 3]}..." for text in row)
        lines.append(
            "<tr>" + "".join(f"<{k}>{html.escape(c)}</{k}>" for k, c in zip(kinds, cells, strict=True)) + "</tr>"
        )
    return "".join([*lines, "</table>"])


class HtmlRepr:
    """Gives a dataclass a table in notebooks, one row a field."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        # Any: `fields` wants a dataclass, which the subclass is.
        described: Any = self
        rows = [[item.name, summary(getattr(self, item.name))] for item in fields(described) if item.repr]
        return html_table(type(self).__name__, rows)


class ShortRepr(HtmlRepr):
    """Gives a dataclass (declared with `repr=False`) a representation of one line, and its table in notebooks."""

    __slots__ = ()

    def __repr__(self) -> str:
        # Any: `fields` wants a dataclass, which the subclass is.
        described: Any = self
        parts = (f"{item.name}={summary(getattr(self, item.name))}" for item in fields(described) if item.repr)
        return f"{type(self).__name__}({', '.join(parts)})"
