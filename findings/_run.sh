# Sourced by every finding: `finding PACKAGES... <<'PY'` installs pinned packages into a temporary folder and runs the
# Python program on standard input there, with nothing of this project on its path. The program asserts what it states.
set -euo pipefail

finding() {
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" 2>/dev/null
    cat > "$folder/program.py"
    (cd "$folder" && PYTHONPATH= "$folder/venv/bin/python" -W ignore program.py)
}
