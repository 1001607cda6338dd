#include "client/cli/remote.h"

#include <algorithm>
#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <string_view>
#include <utility>
#include <vector>

#include <deed/v1/admin.grpc.pb.h>
#include <deed/v1/graph.grpc.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

namespace deed::cli {
namespace {

constexpr int kPort = 7687;

Error bad_address(const std::string& typed) {
    return {ErrorCode::kInvalidArgument, "INVALID_ADDRESS",
            fmt::format("'{}' is not HOST:PORT, such as 127.0.0.1:7687 or [::1]:7687", typed),
            "server"};
}

bool is_port(std::string_view text) {
    const bool digits =
        !text.empty() && text.size() <= 5 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) {
        return false;
    }
    const int number = std::stoi(std::string(text));
    return number > 0 && number < 65536;
}

struct CodePair {
    grpc::StatusCode from;
    ErrorCode to;
};

constexpr CodePair kCodes[] = {
    {grpc::StatusCode::INVALID_ARGUMENT, ErrorCode::kInvalidArgument},
    {grpc::StatusCode::NOT_FOUND, ErrorCode::kNotFound},
    {grpc::StatusCode::ALREADY_EXISTS, ErrorCode::kAlreadyExists},
    {grpc::StatusCode::FAILED_PRECONDITION, ErrorCode::kFailedPrecondition},
    {grpc::StatusCode::ABORTED, ErrorCode::kConflict},
    {grpc::StatusCode::RESOURCE_EXHAUSTED, ErrorCode::kLimitExceeded},
    {grpc::StatusCode::CANCELLED, ErrorCode::kCancelled},
    {grpc::StatusCode::DEADLINE_EXCEEDED, ErrorCode::kDeadlineExceeded},
    {grpc::StatusCode::UNAVAILABLE, ErrorCode::kUnavailable},
    {grpc::StatusCode::DATA_LOSS, ErrorCode::kCorruption},
};

ErrorCode code_of(const grpc::Status& status) {
    const auto* found =
        std::find_if(std::begin(kCodes), std::end(kCodes),
                     [&](const CodePair& pair) { return pair.from == status.error_code(); });
    return found == std::end(kCodes) ? ErrorCode::kInternal : found->to;
}

/// The reason in the status's details; empty where the server did not speak.
std::string reason_of(const grpc::Status& status) {
    google::rpc::Status details;
    if (!details.ParseFromString(status.error_details())) {
        return {};
    }
    for (const auto& detail : details.details()) {
        google::rpc::ErrorInfo info;
        if (detail.UnpackTo(&info)) {
            return info.reason();
        }
    }
    return {};
}

/// What grpc says behind its lists of addresses: "Connection refused".
std::string_view cause_of(std::string_view message) {
    for (const std::string_view before : {"last error: ", "to remote host: "}) {
        const size_t at = message.rfind(before);
        if (at != std::string_view::npos) {
            message.remove_prefix(at + before.size());
        }
    }
    return message;
}

/// The call's failure, as an error that says what to do.
Error failure(const grpc::Status& status, const std::string& address,
              std::chrono::milliseconds timeout) {
    std::string reason = reason_of(status);
    if (!reason.empty()) {
        return {code_of(status), std::move(reason), status.error_message()};
    }
    switch (status.error_code()) {
        case grpc::StatusCode::UNAVAILABLE:
            return {
                ErrorCode::kUnavailable, "CONNECTION_FAILED",
                fmt::format("nothing answers at {} ({}); is deed-server running there? Start it "
                            "with `deed-server --data-dir DIR --listen {} "
                            "--insecure-no-auth`, or name another address with --server",
                            address, cause_of(status.error_message()), address)};
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return {ErrorCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                    fmt::format("no answer from {} within {} ms; the server is busy or stopped, or "
                                "something else listens there. --timeout waits longer",
                                address, timeout.count())};
        case grpc::StatusCode::UNIMPLEMENTED:
            return {ErrorCode::kUnavailable, "UNIMPLEMENTED",
                    fmt::format("what listens at {} is no deed-server, or an older one than this "
                                "command",
                                address)};
        default:
            return {code_of(status), "CALL_FAILED",
                    fmt::format("{} answered: {}", address, status.error_message())};
    }
}

std::vector<api::NamedCount> counts(
    const google::protobuf::RepeatedPtrField<v1::NamedCount>& messages) {
    std::vector<api::NamedCount> result;
    for (const auto& message : messages) {
        result.push_back({message.name(), message.count()});
    }
    return result;
}

RemoteStats from_proto(const v1::StatsResponse& message) {
    RemoteStats stats;
    stats.requests_active = message.requests_active();
    stats.requests_total = message.requests_total();
    api::Stats& engine = stats.engine;
    engine.entity_count = message.entity_count();
    engine.edge_count = message.edge_count();
    engine.labels = counts(message.labels());
    engine.types = counts(message.types());
    engine.shards = message.shards();
    engine.visible = CommitTs(message.visible());
    engine.commits = message.commits();
    engine.conflicts = message.conflicts();
    engine.open_transactions = message.open_transactions();
    engine.oldest_snapshot = CommitTs(message.oldest_snapshot());
    engine.version_bytes = message.version_bytes();
    engine.graph_bytes = message.graph_bytes();
    engine.graph_bytes_reserved = message.graph_bytes_reserved();
    engine.allocated_bytes = message.allocated_bytes();
    engine.resident_bytes = message.resident_bytes();
    engine.log_bytes = message.log_bytes();
    engine.disk_bytes = message.disk_bytes();
    engine.folded_through = CommitTs(message.folded_through());
    engine.pheromone_epoch = message.pheromone_epoch();
    engine.recovery_seconds = message.recovery_seconds();
    return stats;
}

}  // namespace

Result<std::string> parse_address(const std::string& typed) {
    if (typed.empty() || typed.find('/') != std::string::npos) {
        return bad_address(typed);
    }
    const bool bracketed = typed.front() == '[';
    if (bracketed && typed.back() == ']') {
        return fmt::format("{}:{}", typed, kPort);
    }
    const size_t colon = typed.rfind(':');
    if (colon == std::string::npos) {
        return fmt::format("{}:{}", typed, kPort);
    }
    const std::string host = typed.substr(0, colon);
    const bool host_good =
        bracketed ? host.back() == ']' : !host.empty() && host.find(':') == std::string::npos;
    if (!host_good || !is_port(std::string_view(typed).substr(colon + 1))) {
        return bad_address(typed);
    }
    return typed;
}

struct Remote::Impl {
    Impl(std::string where, std::chrono::milliseconds patience)
        : address(std::move(where)), timeout(patience), channel(open(address)) {}

    static std::shared_ptr<grpc::Channel> open(const std::string& address) {
        grpc::ChannelArguments arguments;
        // A database is not reached through the proxy for web pages.
        arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
        arguments.SetMaxReceiveMessageSize(-1);
        return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    }

    void set_deadline(grpc::ClientContext& context) const {
        if (timeout.count() > 0) {
            context.set_deadline(std::chrono::system_clock::now() + timeout);
        }
    }

    [[nodiscard]] Error failed(const grpc::Status& status) const {
        return failure(status, address, timeout);
    }

    Result<bool> serving();

    std::string address;
    std::chrono::milliseconds timeout;
    std::shared_ptr<grpc::Channel> channel;
};

/// Asks grpc.health.v1.Health/Check, whose two messages are small enough to write by hand: an empty
/// request means the server as a whole, and field 1 of the answer is 1 (SERVING) or something else.
Result<bool> Remote::Impl::serving() {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    set_deadline(context);
    grpc::CompletionQueue queue;
    const grpc::Slice nothing("", 0);
    const grpc::ByteBuffer request(&nothing, 1);
    const auto call =
        stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool good = false;
    queue.Next(&tag, &good);
    if (!status.ok()) {
        return failed(status);
    }
    grpc::Slice bytes;
    if (!answer.DumpToSingleSlice(&bytes).ok()) {
        return false;
    }
    constexpr uint8_t kFieldOne = 8;
    constexpr uint8_t kServing = 1;
    return bytes.size() == 2 && bytes.begin()[0] == kFieldOne && bytes.begin()[1] == kServing;
}

Remote::Remote(std::string address, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(std::move(address), timeout)) {}

Remote::~Remote() = default;

Result<PingAnswer> Remote::ping() {
    PingAnswer answer;
    // The health call opens the connection, so that the ping measures the way there and back alone.
    DEED_ASSIGN_OR_RETURN(answer.serving, impl_->serving());
    const auto stub = v1::AdminService::NewStub(impl_->channel);
    grpc::ClientContext context;
    impl_->set_deadline(context);
    v1::PingResponse response;
    const auto begun = std::chrono::steady_clock::now();
    const grpc::Status status = stub->Ping(&context, v1::PingRequest(), &response);
    answer.round_trip = std::chrono::steady_clock::now() - begun;
    if (!status.ok()) {
        return impl_->failed(status);
    }
    answer.version = response.version();
    return answer;
}

Result<RemoteStats> Remote::stats() {
    const auto stub = v1::GraphService::NewStub(impl_->channel);
    grpc::ClientContext context;
    impl_->set_deadline(context);
    v1::StatsResponse response;
    const grpc::Status status = stub->Stats(&context, v1::StatsRequest(), &response);
    if (!status.ok()) {
        return impl_->failed(status);
    }
    return from_proto(response);
}

Result<api::CheckReport> Remote::check() {
    const auto stub = v1::AdminService::NewStub(impl_->channel);
    grpc::ClientContext context;
    impl_->set_deadline(context);
    v1::CheckResponse response;
    const grpc::Status status = stub->Check(&context, v1::CheckRequest(), &response);
    if (!status.ok()) {
        return impl_->failed(status);
    }
    return api::CheckReport{response.nodes(),
                            response.edges(),
                            response.faults(),
                            {response.messages().begin(), response.messages().end()}};
}

}  // namespace deed::cli
