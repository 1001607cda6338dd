#!/bin/sh
# Has systemd judge the unit file: it must parse, and its exposure must be at most 1.5 of 10.
set -eu
unit=$1
threshold=15

if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "skipped: systemd-analyze is not installed"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# `verify` wants the program to exist; the unit's own path is that of an installed server.
printf '#!/bin/sh\n' >"$work/deed-server"
chmod +x "$work/deed-server"
sed "s#^ExecStart=/usr/bin/deed-server#ExecStart=$work/deed-server#" "$unit" >"$work/deed-server.service"

complaints=$(systemd-analyze verify --man=no "$work/deed-server.service" 2>&1 |
    grep -F deed-server.service || true)
if [ -n "$complaints" ]; then
    echo "$complaints"
    exit 1
fi
systemd-analyze security --no-pager --offline=true --threshold="$threshold" \
    "$work/deed-server.service" >"$work/verdict" 2>&1 || {
    cat "$work/verdict"
    exit 1
}
tail -n 1 "$work/verdict"
