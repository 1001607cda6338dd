#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/base/assert.h"

namespace deed {

/// What kind of failure. The server maps each to one gRPC status and one Neo4j code.
enum class ErrorCode : uint8_t {
    kOk = 0,
    kInvalidArgument,  // the caller's mistake; the same call can never succeed
    kNotFound,         // a node, edge, transaction or name that is not there
    kAlreadyExists,
    kFailedPrecondition,   // legal call, wrong state: deleting a node that still has edges
    kConflict,             // retryable: another transaction committed first
    kSnapshotTooOld,       // retryable: the transaction held its snapshot for too long
    kTransactionTimedOut,  // the transaction was idle or ran for longer than allowed
    kLimitExceeded,        // a limit of `engine/base/limits.h` or of the configuration
    kCancelled,            // the caller went away or asked to stop
    kDeadlineExceeded,
    kUnavailable,     // shutting down or not yet started
    kOutcomeUnknown,  // a commit whose sync failed: it may or may not survive a restart
    kDiskFull,
    kIoError,
    kCorruption,  // stored bytes that cannot be what was written
    kLockHeld,    // another process owns the data directory
    kInternal,
};

/// The name as it stands in logs, for example "CONFLICT".
std::string_view error_code_name(ErrorCode code);

/// One failure: what, where, and what to do instead.
///
/// `reason` is a stable upper-case word that programs may test ("NODE_NOT_FOUND",
/// "LIMIT_BATCH_SIZE"); `field` names the argument at fault in the words of the API, or is empty.
class Error {
 public:
    Error(ErrorCode code, std::string reason, std::string message, std::string field = {})
        : data_(std::make_unique<Data>(
              Data{code, std::move(reason), std::move(message), std::move(field)})) {}

    Error(const Error& other) : data_(std::make_unique<Data>(*other.data_)) {}
    Error& operator=(const Error& other) {
        data_ = std::make_unique<Data>(*other.data_);
        return *this;
    }
    Error(Error&&) noexcept = default;
    Error& operator=(Error&&) noexcept = default;
    ~Error() = default;

    [[nodiscard]] ErrorCode code() const { return data_->code; }
    [[nodiscard]] const std::string& reason() const { return data_->reason; }
    [[nodiscard]] const std::string& message() const { return data_->message; }
    [[nodiscard]] const std::string& field() const { return data_->field; }
    /// True where the same work may succeed in a new transaction.
    [[nodiscard]] bool retryable() const {
        return code() == ErrorCode::kConflict || code() == ErrorCode::kSnapshotTooOld;
    }
    /// "CONFLICT WRITE_CONFLICT: node 7 was changed by ..." for logs.
    [[nodiscard]] std::string to_string() const;

    /// The same failure, its message preceded by "<context>: ".
    [[nodiscard]] Error with_context(std::string_view context) &&;

 private:
    struct Data {
        ErrorCode code;
        std::string reason;
        std::string message;
        std::string field;
    };
    std::unique_ptr<Data> data_;
};

/// A value or the failure that kept it from being made. C++20 has no `std::expected`.
///
/// Thread safety: as `T`. REQUIRES: `value()` only when `ok()`, `error()` only when not.
template <class T>
class [[nodiscard]] Result {
 public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() & {
        DEED_ASSERT(ok(), "value() of a failed Result");
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] const T& value() const& {
        DEED_ASSERT(ok(), "value() of a failed Result");
        return *std::get_if<0>(&state_);
    }
    [[nodiscard]] T&& value() && {
        DEED_ASSERT(ok(), "value() of a failed Result");
        return std::move(*std::get_if<0>(&state_));
    }
    [[nodiscard]] const Error& error() const& {
        DEED_ASSERT(!ok(), "error() of a good Result");
        return *std::get_if<1>(&state_);
    }
    [[nodiscard]] Error&& error() && {
        DEED_ASSERT(!ok(), "error() of a good Result");
        return std::move(*std::get_if<1>(&state_));
    }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

 private:
    std::variant<T, Error> state_;
};

/// Success without a value, or a failure.
template <>
class [[nodiscard]] Result<void> {
 public:
    Result() = default;
    Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}
    Result(const Result& other)
        : error_(other.error_ ? std::make_unique<Error>(*other.error_) : nullptr) {}
    Result& operator=(const Result& other) {
        error_ = other.error_ ? std::make_unique<Error>(*other.error_) : nullptr;
        return *this;
    }
    Result(Result&&) noexcept = default;
    Result& operator=(Result&&) noexcept = default;
    ~Result() = default;

    [[nodiscard]] bool ok() const { return error_ == nullptr; }
    explicit operator bool() const { return ok(); }
    [[nodiscard]] const Error& error() const& {
        DEED_ASSERT(!ok(), "error() of a good Status");
        return *error_;
    }
    [[nodiscard]] Error&& error() && {
        DEED_ASSERT(!ok(), "error() of a good Status");
        return std::move(*error_);
    }

 private:
    std::unique_ptr<Error> error_;
};

using Status = Result<void>;

}  // namespace deed

#define DEED_CONCAT_INNER(a, b) a##b
#define DEED_CONCAT(a, b) DEED_CONCAT_INNER(a, b)

/// Returns the failure of `expression` (a `Status` or `Result`) from this function, if it failed.
#define DEED_RETURN_IF_ERROR(expression)           \
    do {                                           \
        auto deed_status = (expression);           \
        if (!deed_status.ok()) [[unlikely]]        \
            return std::move(deed_status).error(); \
    } while (false)

/// `DEED_ASSIGN_OR_RETURN(auto node, txn.node(id));`
#define DEED_ASSIGN_OR_RETURN(declaration, expression) \
    DEED_ASSIGN_OR_RETURN_INNER(DEED_CONCAT(deed_result_, __LINE__), declaration, expression)
#define DEED_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
    auto result = (expression);                                      \
    if (!result.ok()) [[unlikely]]                                   \
        return std::move(result).error();                            \
    declaration = std::move(result).value()
