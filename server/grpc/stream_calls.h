#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "deed/v1/graph.pb.h"
#include "engine/base/result.h"
#include "server/grpc/call_context.h"

/// What the streaming calls do, free of gRPC. They run on workers only.
namespace deed::server::calls {

/// Takes one message of a stream; waits while the reader is behind. False: stop, nobody reads on.
using ScanSink = std::function<bool(const v1::ScanCollectionChunk&)>;
using TraverseSink = std::function<bool(const v1::TraverseChunk&)>;

Status scan_collection(CallContext&, const v1::ScanCollectionRequest&, const ScanSink&);
Status traverse(CallContext&, const v1::TraverseRequest&, const TraverseSink&);

/// One load: keeps the external keys of a stream from batch to batch.
///
/// Thread safety: one thread at a time. Lifetime: that of the stream.
class Ingest {
 public:
    explicit Ingest(const Services& services) : services_(services) {}

    /// Performs one batch as one transaction. The response tells of refused items and of a commit
    /// that failed; an error ends the stream (too many items, a full disk, a failed sync).
    Status apply(const v1::IngestRequest& request, const api::StopToken& stop,
                 v1::IngestResponse* response);

 private:
    struct Batch;
    Status fill(const v1::IngestRequest& request, Batch* batch, const api::StopToken& stop);
    Status commit(Batch* batch, v1::IngestResponse* response);
    Result<NodeId> add_node(const v1::IngestNode& node, Batch* batch);
    Result<EdgeId> add_edge(const v1::IngestEdge& edge, Batch* batch);
    Result<NodeId> resolve(const v1::NodeRef& reference, const Batch& batch,
                           std::string_view field) const;

    const Services& services_;
    std::unordered_map<std::string, NodeId> keys_;
    uint64_t key_bytes_ = 0;
};

}  // namespace deed::server::calls
