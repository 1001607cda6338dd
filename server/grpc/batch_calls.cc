#include <string>
#include <utility>
#include <vector>

#include "server/grpc/entity_convert.h"
#include "server/grpc/graph_calls.h"
#include "server/grpc/value_convert.h"

namespace deed::server::calls {
namespace {

constexpr int kInlineOperationsMax = 64;
constexpr int kStopCheckEvery = 256;

Error bad_reference(std::string message, std::string field) {
    return Error(ErrorCode::kInvalidArgument, "REFERENCE_INVALID", std::move(message),
                 std::move(field));
}

/// Performs the operations of one batch, in order.
class BatchRun {
 public:
    BatchRun(CallContext& call, api::Transaction& txn, const v1::BatchRequest& request)
        : call_(call), txn_(txn), request_(request) {
        ids_.reserve(static_cast<size_t>(request.operations_size()));
    }

    Status run() {
        for (int i = 0; i < request_.operations_size(); ++i) {
            if (i % kStopCheckEvery == 0) DEED_RETURN_IF_ERROR(call_.check_stop());
            auto id = apply(request_.operations(i));
            if (!id.ok()) {
                return within_field(std::move(id).error(), "operations[" + std::to_string(i) + "]");
            }
            ids_.push_back(*id);
        }
        return {};
    }

    [[nodiscard]] const std::vector<uint64_t>& ids() const { return ids_; }

 private:
    Result<uint64_t> apply(const v1::Operation& operation) {
        switch (operation.operation_case()) {
            case v1::Operation::kAddNode:
                return add_node(operation.add_node());
            case v1::Operation::kUpdateNode:
                return update_node(operation.update_node());
            case v1::Operation::kDeleteNode:
                return delete_node(operation.delete_node());
            case v1::Operation::kAddEdge:
                return add_edge(operation.add_edge());
            case v1::Operation::kUpdateEdge:
                return update_edge(operation.update_edge());
            case v1::Operation::kDeleteEdge:
                return delete_edge(operation.delete_edge());
            case v1::Operation::OPERATION_NOT_SET:
                break;
        }
        return Error(ErrorCode::kInvalidArgument, "OPERATION_MISSING",
                     "no operation is set (or one that this server does not know)");
    }

    Result<NodeId> node(const v1::NodeRef& reference, std::string_view field) const {
        switch (reference.node_case()) {
            case v1::NodeRef::kId:
                return NodeId(reference.id());
            case v1::NodeRef::kCreated: {
                const uint32_t at = reference.created();
                if (at >= ids_.size()) {
                    return bad_reference("operation " + std::to_string(at) +
                                             " does not come before this one; refer to an earlier "
                                             "add_node",
                                         std::string(field) + ".created");
                }
                if (!request_.operations(static_cast<int>(at)).has_add_node()) {
                    return bad_reference("operation " + std::to_string(at) +
                                             " created no node; refer to an add_node",
                                         std::string(field) + ".created");
                }
                return NodeId(ids_[at]);
            }
            case v1::NodeRef::kKey:
                return bad_reference("keys exist in Ingest only; use `created` or `id`",
                                     std::string(field) + ".key");
            case v1::NodeRef::NODE_NOT_SET:
                break;
        }
        return bad_reference("no node is named; set `id` or `created`", std::string(field));
    }

    Result<uint64_t> add_node(const v1::Operation::AddNode& add) {
        DEED_ASSIGN_OR_RETURN(const auto properties,
                              properties_from_wire(add.properties(), "properties"));
        DEED_ASSIGN_OR_RETURN(const NodeId id,
                              txn_.create_node(views_from_wire(add.labels()), properties));
        return id.raw();
    }

    Result<uint64_t> update_node(const v1::Operation::UpdateNode& update) {
        DEED_ASSIGN_OR_RETURN(const NodeId id, node(update.node(), "node"));
        api::NodeChange change;
        change.add_labels = strings_from_wire(update.add_labels());
        change.remove_labels = strings_from_wire(update.remove_labels());
        DEED_ASSIGN_OR_RETURN(change.set, properties_from_wire(update.set(), "set"));
        change.replace_properties = update.replace_properties();
        DEED_RETURN_IF_ERROR(txn_.update_node(id, change));
        return id.raw();
    }

    Result<uint64_t> delete_node(const v1::Operation::DeleteNode& remove) {
        DEED_ASSIGN_OR_RETURN(const NodeId id, node(remove.node(), "node"));
        DEED_RETURN_IF_ERROR(txn_.delete_node(id, {.detach = remove.detach()}));
        return id.raw();
    }

    Result<uint64_t> add_edge(const v1::Operation::AddEdge& add) {
        DEED_ASSIGN_OR_RETURN(const NodeId start, node(add.start(), "start"));
        DEED_ASSIGN_OR_RETURN(const NodeId end, node(add.end(), "end"));
        DEED_ASSIGN_OR_RETURN(const auto properties,
                              properties_from_wire(add.properties(), "properties"));
        DEED_ASSIGN_OR_RETURN(const EdgeId id,
                              txn_.create_edge(start, end, add.type(), properties));
        return id.raw();
    }

    Result<uint64_t> update_edge(const v1::Operation::UpdateEdge& update) {
        DEED_ASSIGN_OR_RETURN(const EdgeId id, required_edge(update.has_id(), update.id(), "id"));
        api::EdgeChange change;
        DEED_ASSIGN_OR_RETURN(change.set, properties_from_wire(update.set(), "set"));
        change.replace_properties = update.replace_properties();
        DEED_RETURN_IF_ERROR(txn_.update_edge(id, change));
        return id.raw();
    }

    Result<uint64_t> delete_edge(const v1::Operation::DeleteEdge& remove) {
        DEED_ASSIGN_OR_RETURN(const EdgeId id, required_edge(remove.has_id(), remove.id(), "id"));
        DEED_RETURN_IF_ERROR(txn_.delete_edge(id));
        return id.raw();
    }

    CallContext& call_;
    api::Transaction& txn_;
    const v1::BatchRequest& request_;
    std::vector<uint64_t> ids_;
};

Status run_batch(CallContext& call, api::Transaction& txn, const v1::BatchRequest& request,
                 v1::BatchResponse* response) {
    BatchRun run(call, txn, request);
    DEED_RETURN_IF_ERROR(run.run());
    response->mutable_ids()->Assign(run.ids().begin(), run.ids().end());
    return {};
}

}  // namespace

Status batch(CallContext& call, const v1::BatchRequest& request, v1::BatchResponse* response) {
    DEED_RETURN_IF_ERROR(check_limit("batch_items",
                                     static_cast<uint64_t>(request.operations_size()),
                                     call.limits().batch_items, "operations"));
    if (request.operations_size() > kInlineOperationsMax && !call.on_worker()) {
        return call.move_to_worker();
    }
    if (!request.transaction().empty()) {
        DEED_ASSIGN_OR_RETURN(auto held, call.lease(request.transaction()));
        auto done = run_batch(call, held.transaction(), request, response);
        // Half a batch must not be committed later by a caller who overlooks the error.
        if (!done.ok()) held.rollback();
        return done;
    }
    uint64_t committed = 0;
    DEED_RETURN_IF_ERROR(call.write("", &committed, [&](api::Transaction& txn) {
        return run_batch(call, txn, request, response);
    }));
    response->set_commit(committed);
    return {};
}

}  // namespace deed::server::calls
