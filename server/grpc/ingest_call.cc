#include <optional>
#include <utility>
#include <vector>

#include "server/grpc/entity_convert.h"
#include "server/grpc/stream_calls.h"
#include "server/grpc/value_convert.h"

namespace deed::server::calls {
namespace {

constexpr int kRefusalsToldMax = 1000;
constexpr int kStopCheckEvery = 256;
constexpr uint64_t kRefused = UINT64_MAX;
/// What a table entry costs beside its characters, for the limit on keys.
constexpr uint64_t kKeyOverheadBytes = 64;
constexpr int kAttemptsMax = 4;

/// Faults of the item itself: the rest of the batch goes on. Everything else concerns the batch.
bool fault_of_item(ErrorCode code) {
    return code == ErrorCode::kInvalidArgument || code == ErrorCode::kNotFound ||
           code == ErrorCode::kAlreadyExists || code == ErrorCode::kFailedPrecondition ||
           code == ErrorCode::kLimitExceeded;
}

/// After these no further batch can do better.
bool ends_stream(ErrorCode code) {
    return code == ErrorCode::kDiskFull || code == ErrorCode::kOutcomeUnknown ||
           code == ErrorCode::kIoError || code == ErrorCode::kCorruption ||
           code == ErrorCode::kCancelled || code == ErrorCode::kDeadlineExceeded ||
           code == ErrorCode::kUnavailable || code == ErrorCode::kInternal;
}

void refuse(const Error& error, v1::IngestResponse::Refusal::Kind kind, int index,
            v1::IngestResponse* response) {
    response->set_refused(response->refused() + 1);
    if (response->refusals_size() >= kRefusalsToldMax) return;
    auto* refusal = response->add_refusals();
    refusal->set_kind(kind);
    refusal->set_index(static_cast<uint32_t>(index));
    refusal->set_reason(error.reason());
    refusal->set_message(error.message());
    refusal->set_field(error.field());
}

Error bad_reference(std::string reason, std::string message, std::string_view field) {
    return Error(ErrorCode::kInvalidArgument, std::move(reason), std::move(message),
                 std::string(field));
}

}  // namespace

struct Ingest::Batch {
    api::Transaction transaction;
    v1::IngestResponse* response;
    std::vector<uint64_t> nodes;                   // one per item, kRefused where refused
    std::unordered_map<std::string, NodeId> keys;  // new in this batch
    uint64_t key_bytes = 0;
};

Result<NodeId> Ingest::resolve(const v1::NodeRef& reference, const Batch& batch,
                               std::string_view field) const {
    switch (reference.node_case()) {
        case v1::NodeRef::kId:
            return NodeId(reference.id());
        case v1::NodeRef::kCreated: {
            const uint32_t at = reference.created();
            if (at >= batch.nodes.size()) {
                return bad_reference("REFERENCE_INVALID",
                                     "the batch has " + std::to_string(batch.nodes.size()) +
                                         " nodes, so none at position " + std::to_string(at),
                                     field);
            }
            if (batch.nodes[at] == kRefused) {
                return bad_reference("END_REFUSED",
                                     "node " + std::to_string(at) + " of the batch was refused",
                                     field);
            }
            return NodeId(batch.nodes[at]);
        }
        case v1::NodeRef::kKey: {
            if (const auto found = batch.keys.find(reference.key()); found != batch.keys.end()) {
                return found->second;
            }
            if (const auto found = keys_.find(reference.key()); found != keys_.end()) {
                return found->second;
            }
            return bad_reference("UNKNOWN_KEY",
                                 "no node with key \"" + reference.key() +
                                     "\" was accepted in this stream; send the node first",
                                 field);
        }
        case v1::NodeRef::NODE_NOT_SET:
            break;
    }
    return bad_reference("REFERENCE_INVALID", "no node is named; set `key`, `created` or `id`",
                         field);
}

Result<NodeId> Ingest::add_node(const v1::IngestNode& node, Batch* batch) {
    if (!node.key().empty()) {
        if (batch->keys.contains(node.key()) || keys_.contains(node.key())) {
            return bad_reference("DUPLICATE_KEY",
                                 "a node with key \"" + node.key() +
                                     "\" was accepted earlier in this stream; keys are unique",
                                 "key");
        }
        const uint64_t bytes =
            key_bytes_ + batch->key_bytes + node.key().size() + kKeyOverheadBytes;
        DEED_RETURN_IF_ERROR(
            check_limit("ingest_key_bytes", bytes, services_.limits.ingest_key_bytes, "key"));
    }
    DEED_ASSIGN_OR_RETURN(const auto properties,
                          properties_from_wire(node.properties(), "properties"));
    DEED_ASSIGN_OR_RETURN(const NodeId id, batch->transaction.create_node(
                                               views_from_wire(node.labels()), properties));
    if (!node.key().empty()) {
        batch->keys.emplace(node.key(), id);
        batch->key_bytes += node.key().size() + kKeyOverheadBytes;
    }
    return id;
}

Result<EdgeId> Ingest::add_edge(const v1::IngestEdge& edge, Batch* batch) {
    DEED_ASSIGN_OR_RETURN(const NodeId start, resolve(edge.start(), *batch, "start"));
    DEED_ASSIGN_OR_RETURN(const NodeId end, resolve(edge.end(), *batch, "end"));
    DEED_ASSIGN_OR_RETURN(const auto properties,
                          properties_from_wire(edge.properties(), "properties"));
    return batch->transaction.create_edge(start, end, edge.type(), properties);
}

Status Ingest::fill(const v1::IngestRequest& request, Batch* batch, const api::StopToken& stop) {
    using Refusal = v1::IngestResponse::Refusal;
    const auto stopped = [&](int at) { return at % kStopCheckEvery == 0 && stop.stop_requested(); };
    const Error cancelled(ErrorCode::kCancelled, "CANCELLED", "the stream was cancelled");
    batch->nodes.reserve(static_cast<size_t>(request.nodes_size()));
    for (int i = 0; i < request.nodes_size(); ++i) {
        if (stopped(i)) return cancelled;
        auto id = add_node(request.nodes(i), batch);
        if (id.ok()) {
            batch->nodes.push_back(id->raw());
            continue;
        }
        if (!fault_of_item(id.error().code())) return std::move(id).error();
        refuse(id.error(), Refusal::KIND_NODE, i, batch->response);
        batch->nodes.push_back(kRefused);
    }
    batch->response->mutable_edge_ids()->Reserve(request.edges_size());
    for (int i = 0; i < request.edges_size(); ++i) {
        if (stopped(i)) return cancelled;
        auto id = add_edge(request.edges(i), batch);
        if (id.ok()) {
            batch->response->add_edge_ids(id->raw());
            batch->response->set_edges_accepted(batch->response->edges_accepted() + 1);
            continue;
        }
        if (!fault_of_item(id.error().code())) return std::move(id).error();
        refuse(id.error(), Refusal::KIND_EDGE, i, batch->response);
        batch->response->add_edge_ids(kRefused);
    }
    return {};
}

Status Ingest::commit(Batch* batch, v1::IngestResponse* response) {
    DEED_ASSIGN_OR_RETURN(const CommitTs at, batch->transaction.commit());
    uint64_t accepted = 0;
    for (const uint64_t raw : batch->nodes) accepted += raw != kRefused ? 1 : 0;
    response->set_nodes_accepted(accepted);
    response->mutable_node_ids()->Assign(batch->nodes.begin(), batch->nodes.end());
    response->set_commit(at.raw());
    keys_.merge(batch->keys);
    key_bytes_ += batch->key_bytes;
    return {};
}

Status Ingest::apply(const v1::IngestRequest& request, const api::StopToken& stop,
                     v1::IngestResponse* response) {
    const auto items =
        static_cast<uint64_t>(request.nodes_size()) + static_cast<uint64_t>(request.edges_size());
    DEED_RETURN_IF_ERROR(check_limit("batch_items", items, services_.limits.batch_items, "nodes"));
    for (int attempt = 1;; ++attempt) {
        response->Clear();
        response->set_sequence(request.sequence());
        DEED_ASSIGN_OR_RETURN(auto transaction, services_.database.begin());
        Batch batch{std::move(transaction), response, {}, {}, 0};
        auto done = fill(request, &batch, stop);
        if (done.ok()) done = commit(&batch, response);
        if (done.ok()) return {};
        if (ends_stream(done.error().code())) return done;
        if (done.error().retryable() && attempt < kAttemptsMax) continue;
        response->Clear();
        response->set_sequence(request.sequence());
        auto* error = response->mutable_error();
        const std::string_view code = error_code_name(done.error().code());
        error->set_code(code.data(), code.size());
        error->set_reason(done.error().reason());
        error->set_message(done.error().message());
        error->set_retryable(done.error().retryable());
        return {};
    }
}

}  // namespace deed::server::calls
