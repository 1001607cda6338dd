#include "engine/base/result.h"

#include <gtest/gtest.h>
#include <memory>

namespace deed {
namespace {

Error no_such_node() {
    return {ErrorCode::kNotFound, "NODE_NOT_FOUND", "there is no node 7", "id"};
}

Result<int> half(int value) {
    if (value % 2 != 0) return Error(ErrorCode::kInvalidArgument, "ODD", "odd", "value");
    return value / 2;
}

Result<int> quarter(int value) {
    DEED_ASSIGN_OR_RETURN(const int once, half(value));
    DEED_ASSIGN_OR_RETURN(const int twice, half(once));
    return twice;
}

Status check(int value) {
    DEED_RETURN_IF_ERROR(half(value));
    return {};
}

TEST(Result, CarriesTheValueOrTheError) {
    ASSERT_TRUE(quarter(8).ok());
    EXPECT_EQ(*quarter(8), 2);
    ASSERT_FALSE(quarter(6).ok());
    EXPECT_EQ(quarter(6).error().reason(), "ODD");
}

TEST(Result, HoldsWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
    std::unique_ptr<int> taken = std::move(result).value();
    EXPECT_EQ(*taken, 3);
}

TEST(Status, PassesFailuresOn) {
    EXPECT_TRUE(check(2).ok());
    EXPECT_EQ(check(3).error().field(), "value");
    Status copy = check(3);
    Status second = copy;
    EXPECT_EQ(second.error().reason(), copy.error().reason());
}

TEST(Error, SaysWhatWhereAndOfWhichKind) {
    EXPECT_EQ(no_such_node().to_string(),
              "NOT_FOUND NODE_NOT_FOUND: there is no node 7 (field id)");
    EXPECT_EQ(no_such_node().with_context("operation 3").message(),
              "operation 3: there is no node 7");
}

TEST(Error, OnlyConflictsAndOldSnapshotsAreWorthARetry) {
    EXPECT_TRUE(Error(ErrorCode::kConflict, "R", "m").retryable());
    EXPECT_TRUE(Error(ErrorCode::kSnapshotTooOld, "R", "m").retryable());
    EXPECT_FALSE(Error(ErrorCode::kOutcomeUnknown, "R", "m").retryable());
    EXPECT_FALSE(no_such_node().retryable());
}

TEST(Error, EveryCodeHasAName) {
    for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
        EXPECT_NE(error_code_name(static_cast<ErrorCode>(code)), "UNKNOWN") << code;
    }
}

TEST(ResultDeathTest, TakingTheValueOfAFailureStopsTheProcess) {
    EXPECT_DEATH({ (void)half(3).value(); }, "value\\(\\) of a failed Result");
}

}  // namespace
}  // namespace deed
