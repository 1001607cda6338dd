#include "engine/base/result.h"

namespace deed {

std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::kOk:
            return "OK";
        case ErrorCode::kInvalidArgument:
            return "INVALID_ARGUMENT";
        case ErrorCode::kNotFound:
            return "NOT_FOUND";
        case ErrorCode::kAlreadyExists:
            return "ALREADY_EXISTS";
        case ErrorCode::kFailedPrecondition:
            return "FAILED_PRECONDITION";
        case ErrorCode::kConflict:
            return "CONFLICT";
        case ErrorCode::kSnapshotTooOld:
            return "SNAPSHOT_TOO_OLD";
        case ErrorCode::kTransactionTimedOut:
            return "TRANSACTION_TIMED_OUT";
        case ErrorCode::kLimitExceeded:
            return "LIMIT_EXCEEDED";
        case ErrorCode::kCancelled:
            return "CANCELLED";
        case ErrorCode::kDeadlineExceeded:
            return "DEADLINE_EXCEEDED";
        case ErrorCode::kUnavailable:
            return "UNAVAILABLE";
        case ErrorCode::kOutcomeUnknown:
            return "OUTCOME_UNKNOWN";
        case ErrorCode::kDiskFull:
            return "DISK_FULL";
        case ErrorCode::kIoError:
            return "IO_ERROR";
        case ErrorCode::kCorruption:
            return "CORRUPTION";
        case ErrorCode::kLockHeld:
            return "LOCK_HELD";
        case ErrorCode::kInternal:
            return "INTERNAL";
    }
    return "UNKNOWN";
}

std::string Error::to_string() const {
    std::string text(error_code_name(code()));
    text.append(" ").append(reason()).append(": ").append(message());
    if (!field().empty()) text.append(" (field ").append(field()).append(")");
    return text;
}

Error Error::with_context(std::string_view context) && {
    data_->message = std::string(context).append(": ").append(data_->message);
    return std::move(*this);
}

}  // namespace deed
