#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "server/grpc/call_context.h"

namespace deed::server {

/// The gRPC server: the services of deed.v1, grpc.health.v1.Health and reflection, on one address.
///
///     started (health NOT_SERVING) --set_serving(true)--> serving --set_serving(false)--> draining
///     any --shutdown--> stopped
///
/// Thread safety: `set_serving` from any thread, the rest from one. Lifetime: `services` outlives
/// it; `shutdown` (the destructor calls it) returns when no call is left.
class GrpcServer {
 public:
    /// `address` is "127.0.0.1:7687"; port 0 takes a free one. UNAVAILABLE / ADDRESS_IN_USE where
    /// somebody else listens there.
    static Result<std::unique_ptr<GrpcServer>> start(const Services& services,
                                                     const std::string& address);
    GrpcServer(const GrpcServer&) = delete;
    GrpcServer& operator=(const GrpcServer&) = delete;
    ~GrpcServer();

    [[nodiscard]] uint16_t port() const;
    void set_serving(bool serving);
    /// Takes no new connections, lets calls run for `grace`, cancels the others.
    void shutdown(std::chrono::milliseconds grace);

 private:
    struct Impl;
    explicit GrpcServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::server
