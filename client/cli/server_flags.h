#pragma once

#include <chrono>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace deed::cli {

/// `--server HOST:PORT`, the same in every command that has it.
CLI::Option* add_server_flag(CLI::App& app, std::string& server);
/// `--timeout SECONDS`, for each call.
CLI::Option* add_timeout_flag(CLI::App& app, double& seconds);
/// `--data-dir DIR` of a store that exists.
CLI::Option* add_data_dir_flag(CLI::App& app, std::string& data_dir);

std::chrono::milliseconds to_milliseconds(double seconds);

}  // namespace deed::cli
