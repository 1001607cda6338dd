#include "server/grpc/call_context.h"

#include <algorithm>

namespace deed::server {

Status CallContext::check_stop() const {
    if (std::chrono::system_clock::now() >= deadline_) {
        return Error(ErrorCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                     "the call's deadline passed before its work was done; nothing was committed");
    }
    if (stop_.stop_requested()) {
        return Error(ErrorCode::kCancelled, "CANCELLED",
                     "the caller went away or asked to stop; nothing was committed");
    }
    return {};
}

Result<TransactionRegistry::Lease> CallContext::lease(std::string_view handle) {
    std::chrono::milliseconds patience{0};
    if (on_worker_) {
        patience = limits().transaction_wait;
        const auto now = std::chrono::system_clock::now();
        if (deadline_ - now < patience) {
            patience =
                std::max(std::chrono::milliseconds{0},
                         std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - now));
        }
    }
    auto held = services_.transactions.lease(handle, patience);
    if (!held.ok() && !on_worker_ && held.error().reason() == "TRANSACTION_BUSY") {
        wants_worker_ = true;
    }
    return held;
}

}  // namespace deed::server
