#include "server/grpc/service.h"

#include <functional>
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <memory>
#include <utility>

#include "server/grpc/graph_calls.h"
#include "server/grpc/reactor/chunk_stream.h"
#include "server/grpc/reactor/ingest_stream.h"
#include "server/grpc/reactor/unary.h"
#include "server/grpc/status.h"
#include "server/grpc/stream_calls.h"
#include "server/grpc/wire.h"

namespace deed::server {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

/// A stream that is refused before it begins.
template <class Base>
class Refused final : public Base {
 public:
    explicit Refused(grpc::Status status) { this->Finish(std::move(status)); }
    void OnDone() override { delete this; }
};
using RefusedWriter = Refused<grpc::ServerWriteReactor<ByteBuffer>>;
using RefusedBidi = Refused<grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>>;

/// Counts a stream that holds a worker, or says that there are too many.
Status reserve_stream(const Services& services) {
    const uint64_t now = services.streams.fetch_add(1, std::memory_order_relaxed) + 1;
    auto within = check_limit("concurrent_streams", now, services.limits.concurrent_streams, "");
    if (!within.ok()) services.streams.fetch_sub(1, std::memory_order_relaxed);
    return within;
}

/// One of the streaming `calls::`, as a job that writes to a ChunkStream.
template <class Request, class Chunk,
          Status (*call)(CallContext&, const Request&, const std::function<bool(const Chunk&)>&)>
grpc::ServerWriteReactor<ByteBuffer>* start_stream(const Services& services,
                                                   CallbackServerContext* context,
                                                   const ByteBuffer* in) {
    if (auto entered = services.gate.enter(); !entered.ok()) {
        return new RefusedWriter(to_grpc_status(entered.error(), services.limits));
    }
    auto request = std::make_shared<Request>();
    auto ready = parse(*in, services.limits, request.get());
    if (ready.ok()) ready = reserve_stream(services);
    if (!ready.ok()) {
        services.gate.leave();
        return new RefusedWriter(to_grpc_status(ready.error(), services.limits));
    }
    return new ChunkStream(services, context, [request](ChunkStream& stream, CallContext& running) {
        return call(running, *request, [&stream](const Chunk& chunk) { return stream.put(chunk); });
    });
}

/// Registers raw handlers: gRPC hands over the bytes, `parse` makes the messages (see wire.h).
class TableService : public grpc::Service {
 protected:
    explicit TableService(const Services& services) : services_(services) {}

    /// REQUIRES: `name` ("/deed.v1.GraphService/GetEntity") lives for ever.
    void unary(const char* name, UnaryRun run) {
        add(name, RpcMethod::NORMAL_RPC,
            new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                [this, run](CallbackServerContext* context, const ByteBuffer* in, ByteBuffer* out) {
                    return start_unary(services_, run, context, in, out);
                }));
    }

    using StartStream = grpc::ServerWriteReactor<ByteBuffer>* (*)(const Services&,
                                                                  CallbackServerContext*,
                                                                  const ByteBuffer*);
    void server_stream(const char* name, StartStream start) {
        add(name, RpcMethod::SERVER_STREAMING,
            new grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
                [this, start](CallbackServerContext* context, const ByteBuffer* in) {
                    return start(services_, context, in);
                }));
    }

    void ingest(const char* name) {
        using Reactor = grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>;
        add(name, RpcMethod::BIDI_STREAMING,
            new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                [this](CallbackServerContext* context) -> Reactor* {
                    if (auto entered = services_.gate.enter(); !entered.ok()) {
                        return new RefusedBidi(to_grpc_status(entered.error(), services_.limits));
                    }
                    return new IngestStream(services_, context);
                }));
    }

 private:
    void add(const char* name, RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
        AddMethod(new RpcServiceMethod(name, type, nullptr));
        MarkMethodRawCallback(count_++, handler);
    }

    const Services& services_;
    int count_ = 0;
};

#define DEED_UNARY(service, method, function) \
    unary("/deed.v1." #service "/" #method,   \
          run_unary<v1::method##Request, v1::method##Response, calls::function>)

class GraphService final : public TableService {
 public:
    explicit GraphService(const Services& services) : TableService(services) {
        DEED_UNARY(GraphService, AddEntity, add_entity);
        DEED_UNARY(GraphService, GetEntity, get_entity);
        DEED_UNARY(GraphService, UpdateEntity, update_entity);
        DEED_UNARY(GraphService, DeleteEntity, delete_entity);
        DEED_UNARY(GraphService, AddEdge, add_edge);
        DEED_UNARY(GraphService, GetEdge, get_edge);
        DEED_UNARY(GraphService, UpdateEdge, update_edge);
        DEED_UNARY(GraphService, DeleteEdge, delete_edge);
        DEED_UNARY(GraphService, BatchGetEntities, batch_get_entities);
        DEED_UNARY(GraphService, BatchGetEdges, batch_get_edges);
        DEED_UNARY(GraphService, Batch, batch);
        DEED_UNARY(GraphService, Neighbours, neighbours);
        DEED_UNARY(GraphService, BeginTransaction, begin_transaction);
        DEED_UNARY(GraphService, Commit, commit);
        DEED_UNARY(GraphService, Rollback, rollback);
        DEED_UNARY(GraphService, MarkFollowed, mark_followed);
        DEED_UNARY(GraphService, GetPheromones, get_pheromones);
        DEED_UNARY(GraphService, EvaporatePheromones, evaporate_pheromones);
        DEED_UNARY(GraphService, Stats, stats);
        ingest("/deed.v1.GraphService/Ingest");
        server_stream("/deed.v1.GraphService/Traverse",
                      start_stream<v1::TraverseRequest, v1::TraverseChunk, calls::traverse>);
        server_stream("/deed.v1.GraphService/ScanCollection",
                      start_stream<v1::ScanCollectionRequest, v1::ScanCollectionChunk,
                                   calls::scan_collection>);
    }
};

class AdminService final : public TableService {
 public:
    explicit AdminService(const Services& services) : TableService(services) {
        DEED_UNARY(AdminService, Ping, ping);
        DEED_UNARY(AdminService, Check, check);
        DEED_UNARY(AdminService, Checkpoint, checkpoint);
    }
};

#undef DEED_UNARY

}  // namespace

std::unique_ptr<grpc::Service> make_graph_service(const Services& services) {
    return std::make_unique<GraphService>(services);
}

std::unique_ptr<grpc::Service> make_admin_service(const Services& services) {
    return std::make_unique<AdminService>(services);
}

}  // namespace deed::server
