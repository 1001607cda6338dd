#include "server/grpc/server.h"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <limits>
#include <utility>

#include "engine/base/log.h"
#include "server/grpc/service.h"

namespace deed::server {
namespace {

constexpr const char* kServiceNames[] = {"", "deed.v1.GraphService", "deed.v1.AdminService"};
/// Above `limits.message_bytes`, so that our own message names the limit; far above it gRPC
/// refuses.
constexpr uint64_t kMessageSlackBytes = 1 << 20;
constexpr int kHandshakeTimeoutMs = 10'000;
constexpr int kKeepaliveTimeMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kClientPingIntervalMinMs = 10'000;

/// What the libraries would print goes to our log, where one line stays one line.
void redirect_library_logs() {
    gpr_set_log_function([](gpr_log_func_args* entry) {
        if (entry->severity == GPR_LOG_SEVERITY_ERROR) log()->warn("grpc: {}", entry->message);
        // gRPC 1.51 stops listening for good when no file descriptor is left for a connection.
        if (std::string_view(entry->message).starts_with("Failed accept4"))
            log()->error(
                "no new connection will be taken until the server is started again; "
                "raise its limit of open files (LimitNOFILE, ulimit -n)");
    });
    // A request that does not parse is answered as such; nobody may fill the log with them.
    google::protobuf::SetLogHandler(nullptr);
}

int clamp_to_int(uint64_t value) {
    return value > static_cast<uint64_t>(std::numeric_limits<int>::max())
               ? std::numeric_limits<int>::max()
               : static_cast<int>(value);
}

}  // namespace

struct GrpcServer::Impl {
    std::unique_ptr<grpc::Service> graph;
    std::unique_ptr<grpc::Service> admin;
    std::unique_ptr<grpc::Server> server;
    int port = 0;
    bool stopped = false;
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GrpcServer::~GrpcServer() {
    shutdown(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const Services& services,
                                                      const std::string& address) {
    redirect_library_logs();
    // Debian builds absl with its search for lock cycles on: 5 % of a call's time, and for
    // debugging.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    auto impl = std::make_unique<Impl>();
    impl->graph = make_graph_service(services);
    impl->admin = make_admin_service(services);
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &impl->port);
    builder.RegisterService(impl->graph.get());
    builder.RegisterService(impl->admin.get());
    // Otherwise a second server on the same port would silently take half of the connections.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    // Neither is used, and each costs every call a little.
    builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               kClientPingIntervalMinMs);
    builder.SetMaxReceiveMessageSize(
        clamp_to_int(services.limits.message_bytes + kMessageSlackBytes));
    builder.SetMaxSendMessageSize(clamp_to_int(services.limits.message_bytes + kMessageSlackBytes));
    impl->server = builder.BuildAndStart();
    if (impl->server == nullptr || impl->port == 0) {
        return Error(ErrorCode::kUnavailable, "ADDRESS_IN_USE",
                     "cannot listen on " + address +
                         ": the address is in use or not one of this machine's; choose another "
                         "with --listen");
    }
    std::unique_ptr<GrpcServer> made(new GrpcServer(std::move(impl)));
    made->set_serving(false);
    return made;
}

uint16_t GrpcServer::port() const {
    return static_cast<uint16_t>(impl_->port);
}

void GrpcServer::set_serving(bool serving) {
    auto* health = impl_->server->GetHealthCheckService();
    for (const char* name : kServiceNames) health->SetServingStatus(name, serving);
}

void GrpcServer::shutdown(std::chrono::milliseconds grace) {
    if (impl_->stopped) return;
    impl_->stopped = true;
    impl_->server->Shutdown(std::chrono::system_clock::now() + grace);
    impl_->server->Wait();
}

}  // namespace deed::server
