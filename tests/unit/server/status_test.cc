#include "server/grpc/status.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace deed::server {
namespace {

google::rpc::Status details_of(const grpc::Status& status) {
    google::rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(status.error_details()));
    return details;
}

TEST(Status, EveryCodeHasItsGrpcCode) {
    const std::pair<ErrorCode, grpc::StatusCode> expected[] = {
        {ErrorCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
        {ErrorCode::kNotFound, grpc::StatusCode::NOT_FOUND},
        {ErrorCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
        {ErrorCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
        {ErrorCode::kConflict, grpc::StatusCode::ABORTED},
        {ErrorCode::kSnapshotTooOld, grpc::StatusCode::ABORTED},
        {ErrorCode::kTransactionTimedOut, grpc::StatusCode::FAILED_PRECONDITION},
        {ErrorCode::kLimitExceeded, grpc::StatusCode::RESOURCE_EXHAUSTED},
        {ErrorCode::kCancelled, grpc::StatusCode::CANCELLED},
        {ErrorCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
        {ErrorCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
        {ErrorCode::kOutcomeUnknown, grpc::StatusCode::UNKNOWN},
        {ErrorCode::kDiskFull, grpc::StatusCode::RESOURCE_EXHAUSTED},
        {ErrorCode::kIoError, grpc::StatusCode::INTERNAL},
        {ErrorCode::kCorruption, grpc::StatusCode::DATA_LOSS},
        {ErrorCode::kLockHeld, grpc::StatusCode::FAILED_PRECONDITION},
        {ErrorCode::kInternal, grpc::StatusCode::INTERNAL},
    };
    for (const auto& [code, grpc_code] : expected) {
        EXPECT_EQ(to_grpc_code(code), grpc_code) << error_code_name(code);
        const auto status = to_grpc_status(Error(code, "REASON", "what"), Limits());
        google::rpc::ErrorInfo info;
        ASSERT_TRUE(details_of(status).details(0).UnpackTo(&info));
        EXPECT_EQ(info.reason(), "REASON");
        EXPECT_EQ(info.domain(), "deed");
        EXPECT_EQ(info.metadata().at("code"), error_code_name(code));
        EXPECT_EQ(details_of(status).code(), static_cast<int>(grpc_code));
    }
}

TEST(Status, ALimitNamesItselfAndItsValue) {
    Limits limits;
    limits.batch_items = 7;
    const auto status = to_grpc_status(limit_error("batch_items", 9, 7, "ids"), limits);
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(details_of(status).details(0).UnpackTo(&info));
    EXPECT_EQ(info.metadata().at("limit"), "batch_items");
    EXPECT_EQ(info.metadata().at("value"), "7");
    google::rpc::BadRequest request;
    ASSERT_TRUE(details_of(status).details(1).UnpackTo(&request));
    EXPECT_EQ(request.field_violations(0).field(), "ids");
}

TEST(Status, AConflictSaysWhenToRetryAndABatchWhichOperation) {
    const auto conflict = to_grpc_status(Error(ErrorCode::kConflict, "WRITE_CONFLICT", "m"), {});
    google::rpc::RetryInfo retry;
    ASSERT_TRUE(details_of(conflict).details(1).UnpackTo(&retry));
    EXPECT_GT(retry.retry_delay().nanos(), 0);
    const auto batch =
        to_grpc_status(Error(ErrorCode::kInvalidArgument, "R", "m", "operations[12].set.age"), {});
    google::rpc::ErrorInfo info;
    ASSERT_TRUE(details_of(batch).details(0).UnpackTo(&info));
    EXPECT_EQ(info.metadata().at("operation"), "12");
}

TEST(Status, ALongMessageIsCutBetweenCharacters) {
    std::string text(2047, 'x');
    text += "éééé";
    const auto status = to_grpc_status(Error(ErrorCode::kInternal, "R", text), {});
    EXPECT_EQ(status.error_message(), std::string(2047, 'x') + " ...");
}

}  // namespace
}  // namespace deed::server
