#include <chrono>

#include "server/grpc/graph_calls.h"

namespace deed::server::calls {
namespace {

void add_counts(const std::vector<api::NamedCount>& from,
                google::protobuf::RepeatedPtrField<v1::NamedCount>* to) {
    for (const auto& named : from) {
        auto* wire = to->Add();
        wire->set_name(named.name);
        wire->set_count(named.count);
    }
}

}  // namespace

Status stats(CallContext& call, const v1::StatsRequest& /*request*/, v1::StatsResponse* response) {
    // Asking for the size of files and the allocator's figures takes a while.
    if (!call.on_worker()) return call.move_to_worker();
    const api::Stats now = call.services().database.stats();
    response->set_entity_count(now.entity_count);
    response->set_edge_count(now.edge_count);
    add_counts(now.labels, response->mutable_labels());
    add_counts(now.types, response->mutable_types());
    response->set_shards(now.shards);
    response->set_visible(now.visible.raw());
    response->set_commits(now.commits);
    response->set_conflicts(now.conflicts);
    response->set_open_transactions(now.open_transactions);
    response->set_oldest_snapshot(now.oldest_snapshot.raw());
    response->set_version_bytes(now.version_bytes);
    response->set_graph_bytes(now.graph_bytes);
    response->set_graph_bytes_reserved(now.graph_bytes_reserved);
    response->set_allocated_bytes(now.allocated_bytes);
    response->set_resident_bytes(now.resident_bytes);
    response->set_log_bytes(now.log_bytes);
    response->set_disk_bytes(now.disk_bytes);
    response->set_folded_through(now.folded_through.raw());
    response->set_pheromone_epoch(now.pheromone_epoch);
    response->set_recovery_seconds(now.recovery_seconds);
    response->set_requests_active(call.services().gate.inside());
    response->set_requests_total(call.services().gate.entered_total());
    return {};
}

Status ping(CallContext& call, const v1::PingRequest& /*request*/, v1::PingResponse* response) {
    const std::string_view version = call.services().version;
    response->set_version(version.data(), version.size());
    return {};
}

Status check(CallContext& call, const v1::CheckRequest& /*request*/, v1::CheckResponse* response) {
    if (!call.on_worker()) return call.move_to_worker();
    DEED_ASSIGN_OR_RETURN(const auto report, call.services().database.check(call.stop()));
    response->set_nodes(report.nodes);
    response->set_edges(report.edges);
    response->set_faults(report.faults);
    for (const auto& message : report.messages) response->add_messages(message);
    return {};
}

Status checkpoint(CallContext& call, const v1::CheckpointRequest& /*request*/,
                  v1::CheckpointResponse* response) {
    if (!call.on_worker()) return call.move_to_worker();
    const auto begun = std::chrono::steady_clock::now();
    DEED_RETURN_IF_ERROR(call.services().database.checkpoint());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    response->set_folded_through(call.services().database.stats().folded_through.raw());
    response->set_seconds(taken.count());
    return {};
}

}  // namespace deed::server::calls
