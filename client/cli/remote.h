#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/api/types.h"
#include "engine/base/result.h"

namespace deed::cli {

/// "host:port" from what a user typed: the port is 7687 where none is given. INVALID_ARGUMENT /
/// INVALID_ADDRESS.
Result<std::string> parse_address(const std::string& typed);

/// What `deed ping` learns.
struct PingAnswer {
    std::string version;
    bool serving = false;  // what the health service says; a server that stops says no
    std::chrono::nanoseconds round_trip{0};
};

/// What `deed stats` shows.
struct RemoteStats {
    api::Stats engine;
    uint64_t requests_active = 0;
    uint64_t requests_total = 0;
};

/// A running server, asked over gRPC. With remote_ingest.cc the only place in the
/// command line that knows gRPC.
///
/// Thread safety: one thread. Errors: UNAVAILABLE / CONNECTION_FAILED where nothing answers,
/// DEADLINE_EXCEEDED, and what the server says.
class Remote {
 public:
    /// Sends nothing yet. `timeout` holds for each call; 0 for none.
    Remote(std::string address, std::chrono::milliseconds timeout);
    ~Remote();
    Remote(const Remote&) = delete;
    Remote& operator=(const Remote&) = delete;

    Result<PingAnswer> ping();
    Result<RemoteStats> stats();
    Result<api::CheckReport> check();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::cli
