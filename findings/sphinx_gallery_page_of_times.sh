#!/usr/bin/env bash
# sphinx-gallery 0.22.1: a page of every site loads scripts from other servers, whatever is reported on it.
# Seen: with min_reported_time = 1e9, so that no time is reported, sg_execution_times.html is written all the same, and
# asks code.jquery.com and cdn.datatables.net for jQuery and tables; "write_computation_times": False leaves it out.
. "$(dirname "$0")/_run.sh"
finding sphinx==9.0.4 sphinx-gallery==0.22.1 matplotlib==3.11.2 <<'PY'
import re
import subprocess
import sys
from pathlib import Path

import sphinx_gallery

print("sphinx-gallery", sphinx_gallery.__version__)


def loaded(name, **options):
    """Build a site of one example, and return what its pages load from elsewhere."""
    here = Path(name)
    (here / "examples").mkdir(parents=True)
    (here / "examples" / "GALLERY_HEADER.rst").write_text("Examples\n========\n")
    (here / "examples" / "plot_one.py").write_text('"""\nOne\n===\n"""\nprint(1)\n')
    (here / "index.rst").write_text("Site\n====\n\n.. toctree::\n\n   gallery/index\n")
    settings = {"examples_dirs": "examples", "gallery_dirs": "gallery", "image_scrapers": (), "reset_modules": (), **options}
    (here / "conf.py").write_text(f"extensions = ['sphinx_gallery.gen_gallery']\nsphinx_gallery_conf = {settings!r}\n")
    subprocess.run([sys.executable, "-m", "sphinx", "-Q", here, here / "html"], check=True)
    found = {}
    for page in (here / "html").rglob("*.html"):
        scripts = re.findall(r'<script[^>]*src="(https?://[^"]*)"', page.read_text("utf-8"))
        if scripts:
            found[page.relative_to(here / "html").as_posix()] = scripts
    return found


asked = loaded("reported", min_reported_time=1e9)
print(asked)
assert set(asked) == {"sg_execution_times.html", "gallery/sg_execution_times.html"}
assert any("code.jquery.com" in script for script in asked["sg_execution_times.html"])
assert any("cdn.datatables.net" in script for script in asked["sg_execution_times.html"])
assert loaded("left_out", write_computation_times=False) == {}
PY
