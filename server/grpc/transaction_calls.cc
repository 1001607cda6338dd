#include <chrono>
#include <string>
#include <utility>

#include "server/grpc/graph_calls.h"

namespace deed::server::calls {
namespace {

/// A hundred years: longer times are a caller's slip, and would overflow nanoseconds.
constexpr uint64_t kTimeoutMsMax = 100ULL * 365 * 86'400 * 1000;

Result<std::chrono::milliseconds> timeout_of(uint64_t ms, std::string_view field) {
    if (ms > kTimeoutMsMax) {
        return Error(ErrorCode::kInvalidArgument, "TIMEOUT_OUT_OF_RANGE",
                     std::to_string(ms) +
                         " milliseconds are more than a hundred years; use 0 for "
                         "no limit",
                     std::string(field));
    }
    return std::chrono::milliseconds(ms);
}

Status require_handle(std::string_view handle) {
    if (!handle.empty()) return {};
    return Error(ErrorCode::kInvalidArgument, "FIELD_MISSING",
                 "transaction is not set; pass what BeginTransaction answered", "transaction");
}

}  // namespace

Status begin_transaction(CallContext& call, const v1::BeginTransactionRequest& request,
                         v1::BeginTransactionResponse* response) {
    api::TransactionOptions options;
    switch (request.isolation()) {
        case v1::ISOLATION_UNSPECIFIED:
        case v1::ISOLATION_SNAPSHOT:
            options.isolation = api::Isolation::kSnapshot;
            break;
        case v1::ISOLATION_SERIALIZABLE:
            options.isolation = api::Isolation::kSerializable;
            break;
        default:
            return Error(ErrorCode::kInvalidArgument, "ENUM_UNKNOWN",
                         std::to_string(static_cast<int>(request.isolation())) +
                             " is no isolation; use ISOLATION_SNAPSHOT or ISOLATION_SERIALIZABLE",
                         "isolation");
    }
    DEED_ASSIGN_OR_RETURN(options.timeout, timeout_of(request.timeout_ms(), "timeout_ms"));
    DEED_ASSIGN_OR_RETURN(options.idle_timeout,
                          timeout_of(request.idle_timeout_ms(), "idle_timeout_ms"));
    options.read_only = request.read_only();
    DEED_ASSIGN_OR_RETURN(auto begun, call.services().transactions.begin(options));
    response->set_transaction(std::move(begun.handle));
    response->set_snapshot(begun.snapshot.raw());
    return {};
}

Status commit(CallContext& call, const v1::CommitRequest& request, v1::CommitResponse* response) {
    DEED_RETURN_IF_ERROR(require_handle(request.transaction()));
    if (call.services().commits_wait && !call.on_worker()) return call.move_to_worker();
    DEED_RETURN_IF_ERROR(call.check_stop());
    DEED_ASSIGN_OR_RETURN(auto held, call.lease(request.transaction()));
    DEED_ASSIGN_OR_RETURN(const CommitTs at, held.commit());
    response->set_commit(at.raw());
    return {};
}

Status rollback(CallContext& call, const v1::RollbackRequest& request,
                v1::RollbackResponse* /*response*/) {
    DEED_RETURN_IF_ERROR(require_handle(request.transaction()));
    DEED_ASSIGN_OR_RETURN(auto held, call.lease(request.transaction()));
    held.rollback();
    return {};
}

}  // namespace deed::server::calls
