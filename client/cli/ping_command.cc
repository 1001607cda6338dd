#include "client/cli/ping_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/cli/remote.h"
#include "client/cli/server_flags.h"

namespace deed::cli {

void PingCommand::declare(CLI::App& app) {
    add_server_flag(app, server_);
    add_timeout_flag(app, timeout_seconds_);
    app.footer(
        "Prints one line and exits 0 where the server serves; exits 1 otherwise.\n"
        "Example: deed ping --server 127.0.0.1:7687");
}

int PingCommand::run() {
    auto address = parse_address(server_);
    if (!address.ok()) {
        return complain(name(), address.error());
    }
    Remote remote(*address, to_milliseconds(timeout_seconds_));
    const auto answer = remote.ping();
    if (!answer.ok()) {
        return complain(name(), answer.error());
    }
    if (!answer.value().serving) {
        return complain(name(), fmt::format("{} answers but does not serve: it is starting or "
                                            "shutting down",
                                            *address));
    }
    fmt::print("{} serves, deed-server {}, answered in {:.3f} ms\n", *address,
               answer.value().version,
               std::chrono::duration<double, std::milli>(answer.value().round_trip).count());
    return kExitGood;
}

}  // namespace deed::cli
