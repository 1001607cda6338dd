#pragma once

#include <chrono>
#include <cstdint>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <map>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

#include "deed/v1/admin.grpc.pb.h"
#include "deed/v1/graph.grpc.pb.h"

namespace deed::test {

/// A directory that is removed with everything in it.
class TempDir {
 public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    std::string path_;
};

/// How a process ended: its code, or 128 + the signal.
struct Ended {
    int code = -1;
    std::string err;  // what it wrote to standard error
};

/// Runs deed-server with these arguments until it ends by itself.
Ended run_to_end(const std::vector<std::string>& arguments);

/// A deed-server of its own on a free port, without syncing unless `more` says so. Killed when the
/// object goes.
///
/// Thread safety: the stubs from any thread, the rest from one.
class RunningServer {
 public:
    explicit RunningServer(const std::string& data_dir, std::vector<std::string> more = {});
    ~RunningServer();
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] const std::string& ready_line() const { return ready_line_; }
    [[nodiscard]] std::string address() const;
    [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
    [[nodiscard]] v1::GraphService::Stub& graph() { return *graph_; }
    [[nodiscard]] v1::AdminService::Stub& admin() { return *admin_; }

    void signal(int number) const;
    /// Waits for the end; -1 after `patience`.
    int wait(std::chrono::milliseconds patience = std::chrono::seconds(30));
    [[nodiscard]] uint64_t resident_bytes() const;
    /// Calls under way beside the one that asks.
    uint64_t requests_active();
    /// True when no call but the asking one is left before `patience` is over.
    bool becomes_idle(std::chrono::milliseconds patience);

 private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string ready_line_;
    std::shared_ptr<grpc::Channel> channel_;
    std::unique_ptr<v1::GraphService::Stub> graph_;
    std::unique_ptr<v1::AdminService::Stub> admin_;
};

/// A channel of its own, not shared with others to the same address; takes messages of any size.
std::shared_ptr<grpc::Channel> connect(const std::string& address);

/// What google.rpc.Status says about a failed call.
struct Details {
    std::string reason;
    std::string domain;
    std::map<std::string, std::string> metadata;
    std::string field;
    bool retry = false;
};
Details details_of(const grpc::Status& status);

/// A value by its kind.
v1::Value integer(int64_t number);
v1::Value text(const std::string& utf8);

}  // namespace deed::test
