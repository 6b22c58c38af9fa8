"""Settings of the site: `make docs` writes build/docs/index.html."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE)]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import noprune_theory  # noqa: E402

project = "noprune-theory"
author = "The noprune-theory developers"
copyright = "the noprune-theory developers"
version = release = noprune_theory.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "_generated_pages",
    "_local_links",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["tutorials"]
nitpicky = False
# The pages of _public_names.py document every name themselves.
autosummary_generate = False
autodoc_typehints = "none"
default_role = "literal"
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False
numpydoc_class_members_toctree = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# A function in these settings cannot be kept for the next build, which starts anew.
suppress_warnings = ["config.cache"]

sphinx_gallery_conf: dict[str, Any] = {
    "examples_dirs": [str(HERE / "tutorials")],
    "gallery_dirs": ["generated/tutorials"],
    "filename_pattern": r"/\d_.*\.py",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    # That page asks a server for scripts.
    "write_computation_times": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "reset_modules": ("matplotlib",),
}

html_theme = "furo"
html_title = "noprune-theory"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
