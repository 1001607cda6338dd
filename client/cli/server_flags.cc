#include "client/cli/server_flags.h"

#include <algorithm>

#include <CLI/CLI.hpp>

namespace deed::cli {

CLI::Option* add_server_flag(CLI::App& app, std::string& server) {
    return app
        .add_option("--server", server, "address of the server; the port is 7687 if left out")
        ->type_name("HOST:PORT")
        ->capture_default_str();
}

CLI::Option* add_timeout_flag(CLI::App& app, double& seconds) {
    constexpr double kLeast = 0.001;
    constexpr double kMost = 86'400;
    return app.add_option("--timeout", seconds, "how long to wait for the answer")
        ->type_name("SECONDS")
        ->check(CLI::Range(kLeast, kMost))
        ->capture_default_str();
}

CLI::Option* add_data_dir_flag(CLI::App& app, std::string& data_dir) {
    return app.add_option("--data-dir", data_dir, "directory of the store")
        ->type_name("DIR")
        ->check(CLI::ExistingDirectory);
}

std::chrono::milliseconds to_milliseconds(double seconds) {
    return std::max(std::chrono::milliseconds(1),
                    std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000)));
}

}  // namespace deed::cli
