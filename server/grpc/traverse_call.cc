#include <algorithm>
#include <string>

#include "server/grpc/entity_convert.h"
#include "server/grpc/stream_calls.h"

namespace deed::server::calls {
namespace {

/// A message is sent when it holds this many node and edge ids: some 16 to 40 KiB.
constexpr int kChunkIdsMax = 8192;

Result<api::TraverseOptions> options_of(const CallContext& call,
                                        const v1::TraverseRequest& request) {
    api::TraverseOptions options;
    DEED_ASSIGN_OR_RETURN(options.direction, direction_from_wire(request.direction()));
    options.types = strings_from_wire(request.types());
    options.depth_min = request.has_depth_min() ? request.depth_min() : 1;
    options.depth_max =
        request.has_depth_max() ? request.depth_max() : std::max(1U, options.depth_min);
    DEED_RETURN_IF_ERROR(check_limit("traversal_depth", options.depth_max,
                                     call.limits().traversal_depth, "depth_max"));
    if (options.depth_min > options.depth_max) {
        return Error(ErrorCode::kInvalidArgument, "DEPTH_RANGE_EMPTY",
                     "depth_min " + std::to_string(options.depth_min) + " is above depth_max " +
                         std::to_string(options.depth_max) + "; no path has such a length",
                     "depth_min");
    }
    switch (request.mode()) {
        case v1::TraverseRequest::MODE_UNSPECIFIED:
        case v1::TraverseRequest::MODE_DISTINCT:
            options.mode = api::TraverseMode::kDistinct;
            break;
        case v1::TraverseRequest::MODE_PATHS:
            options.mode = api::TraverseMode::kPaths;
            break;
        default:
            return Error(ErrorCode::kInvalidArgument, "ENUM_UNKNOWN",
                         std::to_string(static_cast<int>(request.mode())) +
                             " is no mode; use MODE_DISTINCT or MODE_PATHS",
                         "mode");
    }
    if (request.limit() > 0) options.limit = request.limit();
    return options;
}

}  // namespace

Status traverse(CallContext& call, const v1::TraverseRequest& request, const TraverseSink& sink) {
    DEED_ASSIGN_OR_RETURN(const NodeId start,
                          required_node(request.has_start(), request.start(), "start"));
    DEED_ASSIGN_OR_RETURN(const auto options, options_of(call, request));
    v1::TraverseChunk chunk;
    bool reading = true;
    const auto visit = [&](const api::PathView& path) {
        chunk.add_depths(path.depth);
        for (const NodeId node : path.nodes) chunk.add_nodes(node.raw());
        for (const EdgeId edge : path.edges) chunk.add_edges(edge.raw());
        if (chunk.nodes_size() + chunk.edges_size() >= kChunkIdsMax) {
            reading = sink(chunk);
            chunk.Clear();
        }
        return reading;
    };
    DEED_RETURN_IF_ERROR(call.read(request.transaction(), [&](api::Transaction& txn) {
        return txn.traverse(start, options, call.stop(), visit);
    }));
    if (reading && chunk.depths_size() > 0) sink(chunk);
    return call.check_stop();
}

}  // namespace deed::server::calls
