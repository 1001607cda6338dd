#include "server/grpc/wire.h"

#include <cstdint>
#include <google/protobuf/io/coded_stream.h>
#include <grpc/slice.h>
#include <grpcpp/support/slice.h>
#include <string>

namespace deed::server {
namespace {

/// Deep enough to read a value that is too deep and to say so; below it the message is malformed.
constexpr int kRecursionMax = 400;

}  // namespace

Status parse(const grpc::ByteBuffer& buffer, const Limits& limits,
             google::protobuf::MessageLite* message) {
    // The wrapper of an empty message has no buffer at all.
    if (!buffer.Valid()) return {};
    DEED_RETURN_IF_ERROR(check_limit("message_bytes", buffer.Length(), limits.message_bytes, ""));
    grpc::Slice slice;
    if (!buffer.TrySingleSlice(&slice).ok() && !buffer.DumpToSingleSlice(&slice).ok()) {
        return Error(ErrorCode::kInternal, "BUFFER_UNREADABLE", "the request could not be read");
    }
    google::protobuf::io::CodedInputStream input(slice.begin(), static_cast<int>(slice.size()));
    input.SetRecursionLimit(kRecursionMax);
    if (message->ParseFromCodedStream(&input) && input.ConsumedEntireMessage()) return {};
    return Error(
        ErrorCode::kInvalidArgument, "MALFORMED_REQUEST",
        "the request is no " + message->GetTypeName() +
            ": its bytes do not parse, a string in it is not UTF-8, or values lie too deep "
            "within each other");
}

Status serialize(const google::protobuf::MessageLite& message, const Limits& limits,
                 grpc::ByteBuffer* buffer) {
    const size_t bytes = message.ByteSizeLong();
    if (bytes > limits.message_bytes) {
        return limit_error("message_bytes", bytes, limits.message_bytes, "");
    }
    grpc_slice raw = grpc_slice_malloc(bytes);
    message.SerializeWithCachedSizesToArray(GRPC_SLICE_START_PTR(raw));
    const grpc::Slice slice(raw, grpc::Slice::STEAL_REF);
    grpc::ByteBuffer made(&slice, 1);
    buffer->Swap(&made);
    return {};
}

}  // namespace deed::server
