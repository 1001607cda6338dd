#pragma once

#include <string>
#include <utility>

#include "engine/base/result.h"

/// The failures that several files of this room make.
namespace deed::value::internal {

inline Error invalid_temporal(std::string message) {
    return {ErrorCode::kInvalidArgument, "INVALID_TEMPORAL", std::move(message)};
}

inline Error temporal_overflow(std::string message) {
    return {ErrorCode::kInvalidArgument, "TEMPORAL_OVERFLOW", std::move(message)};
}

inline Error division_by_zero() {
    return {ErrorCode::kInvalidArgument, "DIVISION_BY_ZERO", "/ by zero"};
}

}  // namespace deed::value::internal
