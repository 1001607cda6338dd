#include "client/cli/recover_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "client/cli/server_flags.h"
#include "engine/api/database.h"

namespace deed::cli {

void RecoverCommand::declare(CLI::App& app) {
    add_data_dir_flag(app, data_dir_)->required();
    app.add_flag("--accept-data-loss", accept_data_loss_,
                 "yes, go on without the commits that are lost; needed, for it cannot be undone");
    app.footer(
        "For a log whose end is damaged or missing: the commits before it are kept. A damaged "
        "table is "
        "beyond it; that takes a backup.\n"
        "Copy the directory first. `deed check --data-dir DIR` says what is damaged.\n"
        "Example: cp -a data data.before && deed recover --data-dir data --accept-data-loss");
}

int RecoverCommand::run() {
    if (!accept_data_loss_) {
        complain(name(),
                 "recovery gives up the commits that cannot be read, and cannot be undone. "
                 "Copy the directory, then repeat with --accept-data-loss");
        return kExitUsage;
    }
    api::DatabaseOptions options;
    options.data_dir = data_dir_;
    options.create_if_missing = false;
    options.accept_data_loss = true;
    auto database = api::Database::open(options);
    if (!database.ok()) {
        return complain(name(), database.error());
    }
    const Status folded = (*database)->checkpoint();
    if (!folded.ok()) {
        return complain(name(), folded.error());
    }
    const auto report = (*database)->check(api::StopToken());
    if (!report.ok()) {
        return complain(name(), report.error());
    }
    const api::Stats stats = (*database)->stats();
    const Status closed = (*database)->close();
    if (!closed.ok()) {
        return complain(name(), closed.error());
    }
    for (const std::string& message : report.value().messages) {
        fmt::print("fault: {}\n", message);
    }
    fmt::print("{}: recovered nodes={} relationships={} newest commit={} faults={}\n", data_dir_,
               stats.entity_count, stats.edge_count, stats.visible.raw(), report.value().faults);
    return report.value().faults == 0 ? kExitGood : kExitFaults;
}

}  // namespace deed::cli
