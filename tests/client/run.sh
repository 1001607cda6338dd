#!/usr/bin/env bash
# Runs the tests of the Python client and of the command line against a real server:
#   bash tests/client/run.sh [pytest arguments]
# DEED_SERVER and DEED_CLI name the binaries (default: build/release, else build/dev); DEED_SHARED the
# folder with the real graphs; DEED_LINT_ONLY=1 runs ruff and mypy only.
# Packages go into build/venv, and are installed again only when something changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=${DEED_VENV:-build/venv}

newest_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11 python3.10; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "run.sh: no Python of 3.10 or newer with its venv module (Debian: python3-venv)" >&2
    return 1
}

stamp=$venv/tests.stamp
now=$(cat tests/client/requirements.txt client/python/pyproject.toml client/python/setup.py \
    proto/deed/v1/*.proto $(find client/python/src -name '*.py' -not -path '*/deed/v1/*' | LC_ALL=C sort) |
    sha256sum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$now" ]; then
    [ -x "$venv/bin/python" ] || "$(newest_python)" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --upgrade --force-reinstall --no-deps ./client/python
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        ./client/python -r tests/client/requirements.txt
    echo "$now" >"$stamp"
fi

if [ "${DEED_LINT_ONLY:-0}" = 1 ]; then
    exec "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/client/test_static.py
fi
exec "$venv/bin/python" -m pytest -q -p no:cacheprovider "${@:-tests/client}"
