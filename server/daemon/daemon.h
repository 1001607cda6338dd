#pragma once

#include "engine/base/result.h"
#include "server/daemon/config.h"

namespace deed::server {

/// What the process answers when it ends.
enum class ExitCode : int {
    kOk = 0,
    kConfig = 1,  // configuration, or anything else that kept it from starting
    kCorruption = 2,
    kDiskFull = 3,
    kLockHeld = 4,
    kOutcomeUnknown = 6,  // a sync failed while running; 5 is kept for fencing
};

ExitCode exit_code_of(const Error& error);

/// Opens the database, serves it until SIGTERM or SIGINT, drains, closes.
///
///     starting --listening--> serving --SIGTERM, SIGINT--> draining --drained or grace over--> 0
///        |                       |                            \--second signal--> 128 + its number
///        \--error--> 1 to 4      \--a sync failed--> 6
///
/// SIGHUP opens the log file again. REQUIRES: called once, from the main thread, before any other
/// thread exists, because it blocks signals that those threads must inherit as blocked.
ExitCode run_daemon(const Config& config);

}  // namespace deed::server
