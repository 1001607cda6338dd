#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include "server/grpc/call_context.h"
#include "server/grpc/wire.h"

/// How a unary call runs: on the thread that read it, or again from the start on a worker.
namespace deed::server {

/// One run of a call: parses the request, performs it, fills `out`. `*wants_worker` is set where
/// the call has to be run again on a worker; the result means nothing then.
using UnaryRun = Status (*)(const Services& services, const grpc::ByteBuffer& in,
                            grpc::ByteBuffer* out, api::StopToken stop,
                            CallContext::Deadline deadline, bool on_worker, bool* wants_worker);

/// Takes the call through the gate and runs it. The result is handed to gRPC.
grpc::ServerUnaryReactor* start_unary(const Services& services, UnaryRun run,
                                      grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* in, grpc::ByteBuffer* out);

/// The run of one of `calls::`. Request and response lie in an arena whose first block is on the
/// stack, so that an ordinary call allocates nothing for them.
template <class Request, class Response, Status (*call)(CallContext&, const Request&, Response*)>
Status run_unary(const Services& services, const grpc::ByteBuffer& in, grpc::ByteBuffer* out,
                 api::StopToken stop, CallContext::Deadline deadline, bool on_worker,
                 bool* wants_worker) {
    constexpr size_t kFirstBlockBytes = 4096;
    alignas(std::max_align_t) char first_block[kFirstBlockBytes];
    google::protobuf::ArenaOptions options;
    options.initial_block = first_block;
    options.initial_block_size = sizeof(first_block);
    google::protobuf::Arena arena(options);
    auto* request = google::protobuf::Arena::CreateMessage<Request>(&arena);
    DEED_RETURN_IF_ERROR(parse(in, services.limits, request));
    auto* response = google::protobuf::Arena::CreateMessage<Response>(&arena);
    CallContext context(services, stop, deadline, on_worker);
    auto done = call(context, *request, response);
    if (context.wants_worker()) {
        *wants_worker = true;
        return {};
    }
    DEED_RETURN_IF_ERROR(std::move(done));
    return serialize(*response, services.limits, out);
}

}  // namespace deed::server
