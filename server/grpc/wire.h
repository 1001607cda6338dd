#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/support/byte_buffer.h>

#include "engine/base/result.h"
#include "server/session/limits.h"

/// Messages to and from gRPC's buffers. Parsing is done here rather than by gRPC, so that messages
/// lie in an arena, and so that a malformed one is answered as such: gRPC 1.51 would answer
/// UNIMPLEMENTED, and would take a malformed message of a stream for its end. Any thread.
namespace deed::server {

/// INVALID_ARGUMENT / MALFORMED_REQUEST, LIMIT_EXCEEDED / LIMIT_MESSAGE_BYTES.
Status parse(const grpc::ByteBuffer& buffer, const Limits& limits,
             google::protobuf::MessageLite* message);

/// LIMIT_EXCEEDED / LIMIT_MESSAGE_BYTES where the answer is too large to be sent.
Status serialize(const google::protobuf::MessageLite& message, const Limits& limits,
                 grpc::ByteBuffer* buffer);

}  // namespace deed::server
