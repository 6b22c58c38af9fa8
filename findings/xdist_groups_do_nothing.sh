#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0: `--dist loadgroup` keeps no group together, without a word.
# Seen: eight tests marked xdist_group("one") run in both of two workers. pytest-xdist adds the group to a test's `_nodeid`,
# and the node ids of pytest 9.2 come from another attribute, so that every test is a group of its own.
. "$(dirname "$0")/_run.sh"
finding pytest==9.2.0 pytest-xdist==3.8.0 <<'PY'
import re
import subprocess
import sys
from pathlib import Path

Path("test_there.py").write_text(
    "import pytest\n\n"
    "@pytest.mark.xdist_group('one')\n"
    "@pytest.mark.parametrize('k', range(8))\n"
    "def test_of_the_group(k):\n    pass\n"
)
done = subprocess.run(
    [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v", "test_there.py"], capture_output=True, text=True
)
workers = re.findall(r"^\[(gw\d)\]", done.stdout, re.MULTILINE)
print(f"{len(workers)} tests of one group in workers {sorted(set(workers))}; exit status {done.returncode}")
assert done.returncode == 0
assert len(workers) == 8
assert len(set(workers)) == 2
assert "@one" not in done.stdout
PY
