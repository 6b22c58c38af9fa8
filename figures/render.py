"""Figures as files, the same bytes in every run."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from noprune_theory._files import replacing

#: What must be switched off so that no date enters a file.
_METADATA: dict[str, dict[str, None]] = {"svg": {"Date": None}, "png": {}, "pdf": {"CreationDate": None}}


def save(figure: Figure, folder: Path, name: str) -> tuple[Path, ...]:
    """Write a figure as FOLDER/NAME.svg, .png and .pdf and return the paths.

    Call it inside `figures.style.paper_style()`: the fixed salt of the SVG identifiers is part of the style.
    """
    # Lay out once: it is the slowest part of drawing, and all formats then look alike.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    paths = []
    for kind, metadata in _METADATA.items():
        path = folder / f"{name}.{kind}"
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=metadata)
        paths.append(path)
    return tuple(paths)
