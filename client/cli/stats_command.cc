#include "client/cli/stats_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/cli/remote.h"
#include "client/cli/server_flags.h"
#include "client/cli/stats_text.h"

namespace deed::cli {

void StatsCommand::declare(CLI::App& app) {
    add_server_flag(app, server_);
    add_timeout_flag(app, timeout_seconds_);
    app.add_flag("--json", json_, "one JSON object, sizes in bytes, for programs");
    app.footer("Example: deed stats --server 127.0.0.1:7687 --json");
}

int StatsCommand::run() {
    auto address = parse_address(server_);
    if (!address.ok()) {
        return complain(name(), address.error());
    }
    Remote remote(*address, to_milliseconds(timeout_seconds_));
    const auto stats = remote.stats();
    if (!stats.ok()) {
        return complain(name(), stats.error());
    }
    if (json_) {
        fmt::print("{}\n", stats_as_json(stats.value()));
    } else {
        fmt::print("{}", stats_as_text(stats.value()));
    }
    return kExitGood;
}

}  // namespace deed::cli
