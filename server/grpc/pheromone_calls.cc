#include <cmath>
#include <string>
#include <vector>

#include "server/grpc/graph_calls.h"
#include "server/grpc/value_convert.h"

namespace deed::server::calls {
namespace {

constexpr double kWeightMax = 1'000'000;
constexpr uint32_t kEpochsMax = 1'000'000;
constexpr int kInlineEdgesMax = 4096;

}  // namespace

Status mark_followed(CallContext& call, const v1::MarkFollowedRequest& request,
                     v1::MarkFollowedResponse* /*response*/) {
    DEED_RETURN_IF_ERROR(check_limit("batch_items", static_cast<uint64_t>(request.edges_size()),
                                     call.limits().batch_items, "edges"));
    const double weight = request.has_weight() ? request.weight() : 1.0;
    // Written so that NaN fails too.
    if (!(weight > 0 && weight <= kWeightMax)) {
        return Error(ErrorCode::kInvalidArgument, "WEIGHT_OUT_OF_RANGE",
                     "a weight is above 0 and at most 1000000, not " + std::to_string(weight),
                     "weight");
    }
    if (request.edges_size() > kInlineEdgesMax && !call.on_worker()) return call.move_to_worker();
    std::vector<EdgeId> edges;
    edges.reserve(static_cast<size_t>(request.edges_size()));
    for (const uint64_t raw : request.edges()) edges.emplace_back(raw);
    call.services().database.deposit_edges(edges, weight);
    return {};
}

Status get_pheromones(CallContext& call, const v1::GetPheromonesRequest& request,
                      v1::GetPheromonesResponse* response) {
    const auto items =
        static_cast<uint64_t>(request.nodes_size()) + static_cast<uint64_t>(request.edges_size());
    DEED_RETURN_IF_ERROR(check_limit("batch_items", items, call.limits().batch_items, "nodes"));
    if (items > kInlineEdgesMax && !call.on_worker()) return call.move_to_worker();
    auto& database = call.services().database;
    for (int i = 0; i < request.nodes_size(); ++i) {
        auto list = database.list_pheromone(NodeId(request.nodes(i)));
        if (!list.ok()) {
            return within_field(std::move(list).error(), "nodes[" + std::to_string(i) + "]");
        }
        response->add_nodes_out(list->out);
        response->add_nodes_in(list->in);
    }
    for (int i = 0; i < request.edges_size(); ++i) {
        auto intensity = database.edge_pheromone(EdgeId(request.edges(i)));
        if (!intensity.ok()) {
            return within_field(std::move(intensity).error(), "edges[" + std::to_string(i) + "]");
        }
        response->add_edges(*intensity);
    }
    return {};
}

Status evaporate_pheromones(CallContext& call, const v1::EvaporatePheromonesRequest& request,
                            v1::EvaporatePheromonesResponse* response) {
    const uint32_t epochs = request.epochs() == 0 ? 1 : request.epochs();
    if (epochs > kEpochsMax) {
        return Error(ErrorCode::kInvalidArgument, "EPOCHS_OUT_OF_RANGE",
                     std::to_string(epochs) + " epochs are more than the 1000000 of one call",
                     "epochs");
    }
    response->set_epoch(call.services().database.evaporate_pheromones(epochs));
    return {};
}

}  // namespace deed::server::calls
