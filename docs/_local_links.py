"""Every link inside the site leads to a page and an anchor that exist, and no page needs the network."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """What a page offers and asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif "src" in found or (tag == "link" and found.get("rel") == "stylesheet"):
            self.loaded.append(found.get("src") or found["href"])


def faults(site: Path, documents: Iterable[str]) -> list[str]:
    """Return what is wrong, a line each.

    Parameters
    ----------
    site : Path
        The folder with the pages.
    documents : iterable of str
        Names of the pages that are looked at, without their ending; the folder may hold others, of earlier builds.
    """
    pages = {file: _Page(file.read_text("utf-8")) for file in (site / f"{name}.html" for name in sorted(documents))}
    found = []
    for file, page in pages.items():
        here = file.relative_to(site)
        found += [f"{here} loads {source}" for source in page.loaded if urlsplit(source).scheme in {"http", "https"}]
        for link in dict.fromkeys([*page.links, *page.loaded]):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file():
                found.append(f"{here}: no file for {link}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{here}: no anchor for {link}")
    return found


def _check(app: Any, exception: Exception | None) -> None:
    if exception is None and app.builder.name == "html":
        found = faults(Path(app.outdir).resolve(), app.env.found_docs)
        if found:
            from sphinx.errors import ExtensionError  # here, as the tests have no Sphinx

            raise ExtensionError("\n".join(["links of the site:", *found]), modname=__name__)


def setup(app: Any) -> dict[str, Any]:
    """Look at the pages when they are there."""
    app.connect("build-finished", _check, priority=900)
    return {"parallel_read_safe": True}
