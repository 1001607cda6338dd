#include "client/cli/check_command.h"

#include <chrono>
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/cli/remote.h"
#include "client/cli/server_flags.h"
#include "engine/api/database.h"

namespace deed::cli {
namespace {

int print_report(const api::CheckReport& report, const std::string& where,
                 std::chrono::steady_clock::time_point begun) {
    for (const std::string& message : report.messages) {
        fmt::print("fault: {}\n", message);
    }
    if (report.faults > report.messages.size()) {
        fmt::print("... and {} more\n", report.faults - report.messages.size());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    fmt::print("{}: nodes={} relationships={} faults={} seconds={:.1f}\n", where, report.nodes,
               report.edges, report.faults, took.count());
    return report.faults == 0 ? kExitGood : kExitFaults;
}

}  // namespace

void CheckCommand::declare(CLI::App& app) {
    auto* offline = add_data_dir_flag(app, data_dir_);
    auto* online = add_server_flag(app, server_);
    online->description("check a running server instead of a directory");
    online->excludes(offline);
    add_timeout_flag(app, timeout_seconds_);
    app.get_option("--timeout")->description("with --server: how long to wait for the answer");
    app.footer(
        "Changes nothing. Exits 0 where all is well, 2 where something is damaged (each fault "
        "is a line), 1 where the check could not be made.\n"
        "Example: deed check --data-dir data");
}

int CheckCommand::run() {
    if (data_dir_.empty() == server_.empty()) {
        complain(name(), "say what to check: --data-dir DIR, or --server HOST:PORT");
        return kExitUsage;
    }
    return server_.empty() ? run_offline() : run_online();
}

int CheckCommand::run_offline() const {
    const auto begun = std::chrono::steady_clock::now();
    api::DatabaseOptions options;
    options.data_dir = data_dir_;
    options.read_only = true;
    options.create_if_missing = false;
    auto database = api::Database::open(options);
    if (!database.ok()) {
        if (database.error().code() == ErrorCode::kLockHeld) {
            return complain(name(), std::move(database).error().with_context(
                                        "the store is in use; check the server that has it with "
                                        "--server HOST:PORT"));
        }
        return complain(name(), database.error());
    }
    const auto report = (*database)->check(api::StopToken());
    if (!report.ok()) {
        return complain(name(), report.error());
    }
    return print_report(report.value(), data_dir_, begun);
}

int CheckCommand::run_online() const {
    const auto begun = std::chrono::steady_clock::now();
    auto address = parse_address(server_);
    if (!address.ok()) {
        return complain(name(), address.error());
    }
    Remote remote(*address, to_milliseconds(timeout_seconds_));
    const auto report = remote.check();
    if (!report.ok()) {
        return complain(name(), report.error());
    }
    return print_report(report.value(), *address, begun);
}

}  // namespace deed::cli
