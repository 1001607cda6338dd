#!/bin/sh
# Installs the sections of docker/packages.apt that are named as arguments.
set -eu
packages=$(awk -v want=" $* " '/^# \[/ { gsub(/[^a-z]/, "", $2); on = index(want, " " $2 " ") > 0; next }
                               /^#/ || NF == 0 { next } on { print $1 }' \
           "$(dirname "$0")/packages.apt")
[ -n "$packages" ] || { echo "install_packages.sh: no such section: $*" >&2; exit 1; }
apt-get update -qq
# shellcheck disable=SC2086  # one word a package is what is meant
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
