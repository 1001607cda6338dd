#pragma once

#include <grpcpp/support/status.h>

#include "engine/base/result.h"
#include "server/session/limits.h"

/// The one place where the engine's errors become gRPC statuses. Pure; any thread.
namespace deed::server {

grpc::StatusCode to_grpc_code(ErrorCode code);

/// The status with google.rpc details packed into it: ErrorInfo always, BadRequest where the error
/// names a field, RetryInfo where it is retryable.
grpc::Status to_grpc_status(const Error& error, const Limits& limits);

}  // namespace deed::server
