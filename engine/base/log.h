#pragma once

#include <memory>
#include <spdlog/spdlog.h>
#include <string>

namespace deed {

/// How and where log lines are written.
struct LogOptions {
    std::string level = "info";   // trace, debug, info, warn, error
    std::string format = "text";  // text, json
    std::string file;             // empty: standard error
};

/// Starts logging as asked. Returns an empty string, or what is wrong with the options.
/// Thread safety: call from one thread, at start.
std::string configure_logging(const LogOptions& options);

/// Closes and opens the log file again (after logrotate moved it). Any thread.
void reopen_log();

/// The process's logger. Any thread; `deed::log()->info("opened {}", dir)`.
const std::shared_ptr<spdlog::logger>& log();

}  // namespace deed
