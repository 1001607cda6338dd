# Deed as a container: built in one stage, run in another that holds only the server, the `deed`
# command and the shared libraries that they need.
#
#   docker build -t deed .
#   docker run --rm --network host -v deed-data:/data --read-only --tmpfs /tmp \
#       --cap-drop=all --security-opt=no-new-privileges --pids-limit=512 deed

FROM debian:12-slim AS build
WORKDIR /src
COPY docker/packages.apt docker/install_packages.sh docker/
RUN sh docker/install_packages.sh build
COPY . .
RUN cmake --preset release && cmake --build build/release --target deed-server deed

FROM debian:12-slim AS run
WORKDIR /
COPY docker/packages.apt docker/install_packages.sh docker/
RUN sh docker/install_packages.sh run && rm -rf /docker /var/lib/apt/lists/* \
    && groupadd --gid 65532 deed && useradd --uid 65532 --gid 65532 --no-create-home \
       --shell /usr/sbin/nologin deed \
    && install -d -o deed -g deed -m 0700 /data
COPY --from=build /src/build/release/deed-server /src/build/release/deed /usr/local/bin/
COPY config/deed.toml /etc/deed/deed.toml
COPY docker/entrypoint.sh /usr/local/bin/deed-entrypoint
USER 65532:65532
VOLUME /data
EXPOSE 7687
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/usr/local/bin/deed", "ping", "--server", "127.0.0.1:7687"]
ENTRYPOINT ["/usr/local/bin/deed-entrypoint"]
CMD []
