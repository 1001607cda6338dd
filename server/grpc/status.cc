#include "server/grpc/status.h"

#include <optional>
#include <string>
#include <string_view>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace deed::server {
namespace {

constexpr std::string_view kDomain = "deed";
constexpr std::string_view kLimitPrefix = "LIMIT_";
constexpr std::string_view kOperationPrefix = "operations[";
constexpr int32_t kRetryDelayNanos = 10'000'000;
/// Status messages travel in a header, of which clients take 8 KiB in all.
constexpr size_t kMessageBytesMax = 2048;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

/// Cuts at a character's border, so that the text stays UTF-8.
std::string cut(const std::string& text) {
    if (text.size() <= kMessageBytesMax) return text;
    size_t end = kMessageBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + " ...";
}

void fill_info(const Error& error, const Limits& limits, google::rpc::ErrorInfo* info) {
    info->set_reason(error.reason());
    info->set_domain(std::string(kDomain));
    auto& metadata = *info->mutable_metadata();
    metadata["code"] = std::string(error_code_name(error.code()));
    const std::string_view reason = error.reason();
    if (error.code() == ErrorCode::kLimitExceeded && reason.starts_with(kLimitPrefix)) {
        const std::string name = lower(reason.substr(kLimitPrefix.size()));
        metadata["limit"] = name;
        if (const auto value = limit_value(limits, name))
            metadata["value"] = std::to_string(*value);
    }
    const std::string_view field = error.field();
    if (field.starts_with(kOperationPrefix)) {
        const std::string_view rest = field.substr(kOperationPrefix.size());
        metadata["operation"] = std::string(rest.substr(0, rest.find(']')));
    }
}

}  // namespace

grpc::StatusCode to_grpc_code(ErrorCode code) {
    switch (code) {
        case ErrorCode::kOk:
            return grpc::StatusCode::OK;
        case ErrorCode::kInvalidArgument:
            return grpc::StatusCode::INVALID_ARGUMENT;
        case ErrorCode::kNotFound:
            return grpc::StatusCode::NOT_FOUND;
        case ErrorCode::kAlreadyExists:
            return grpc::StatusCode::ALREADY_EXISTS;
        case ErrorCode::kFailedPrecondition:
        case ErrorCode::kTransactionTimedOut:
        case ErrorCode::kLockHeld:
            return grpc::StatusCode::FAILED_PRECONDITION;
        case ErrorCode::kConflict:
        case ErrorCode::kSnapshotTooOld:
            return grpc::StatusCode::ABORTED;
        case ErrorCode::kLimitExceeded:
        case ErrorCode::kDiskFull:
            return grpc::StatusCode::RESOURCE_EXHAUSTED;
        case ErrorCode::kCancelled:
            return grpc::StatusCode::CANCELLED;
        case ErrorCode::kDeadlineExceeded:
            return grpc::StatusCode::DEADLINE_EXCEEDED;
        case ErrorCode::kUnavailable:
            return grpc::StatusCode::UNAVAILABLE;
        case ErrorCode::kOutcomeUnknown:
            return grpc::StatusCode::UNKNOWN;
        case ErrorCode::kCorruption:
            return grpc::StatusCode::DATA_LOSS;
        case ErrorCode::kIoError:
        case ErrorCode::kInternal:
            return grpc::StatusCode::INTERNAL;
    }
    return grpc::StatusCode::INTERNAL;
}

grpc::Status to_grpc_status(const Error& error, const Limits& limits) {
    const grpc::StatusCode code = to_grpc_code(error.code());
    const std::string message = cut(error.message());
    google::rpc::Status details;
    details.set_code(static_cast<int32_t>(code));
    details.set_message(message);
    google::rpc::ErrorInfo info;
    fill_info(error, limits, &info);
    details.add_details()->PackFrom(info);
    if (!error.field().empty()) {
        google::rpc::BadRequest request;
        auto* violation = request.add_field_violations();
        violation->set_field(cut(error.field()));
        violation->set_description(message);
        details.add_details()->PackFrom(request);
    }
    if (error.retryable()) {
        google::rpc::RetryInfo retry;
        retry.mutable_retry_delay()->set_nanos(kRetryDelayNanos);
        details.add_details()->PackFrom(retry);
    }
    return grpc::Status(code, message, details.SerializeAsString());
}

}  // namespace deed::server
