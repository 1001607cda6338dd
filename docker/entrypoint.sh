#!/bin/sh
# Starts the server over /data. Inside the container the loopback address is the container's own, so
# the published port reaches it only where the container shares the host's network (compose.yaml
# does); arguments are passed on to deed-server.
set -eu
exec /usr/local/bin/deed-server --config "${DEED_CONFIG:-/etc/deed/deed.toml}" \
    --data-dir "${DEED_DATA_DIR:-/data}" --listen "${DEED_LISTEN:-127.0.0.1:7687}" \
    --insecure-no-auth "$@"
