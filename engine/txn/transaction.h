#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/graph.h"
#include "engine/graph/scan.h"
#include "engine/txn/commit_pipeline.h"
#include "engine/txn/node_view.h"
#include "engine/txn/open_transactions.h"
#include "engine/txn/read_set.h"
#include "engine/txn/write_set.h"

namespace deed::txn {

/// Changes of one node, in ids. `set` may hold nulls, which remove.
struct NodePatch {
    std::vector<LabelId> add_labels;
    std::vector<LabelId> remove_labels;
    catalog::PropertyList set;
    bool replace_properties = false;
};

struct EdgePatch {
    catalog::PropertyList set;
    bool replace_properties = false;
};

/// What an edge is in a transaction's eyes. Valid until the transaction's next write or the end of
/// the operation.
struct EdgeView {
    EdgeId id;
    NodeId start;
    NodeId end;
    TypeId type;
    const graph::EdgeRecord* record = nullptr;   // of the snapshot, if it has one
    const catalog::PropertyList* own = nullptr;  // this transaction's, instead of the record
};

/// A transaction in ids: reads of one snapshot with the private delta laid over them, and writes
/// into that delta. Names, values' limits and pages are the business of the api room.
///
/// Every method but `id`, `snapshot`, `commit` and `rollback` REQUIRES that an `Operation` is open.
///
/// Thread safety: one thread at a time. Lifetime: must not outlive the engine that began it.
class Transaction {
 public:
    struct Parts {
        graph::Graph& graph;
        CommitPipeline& pipeline;
        OpenTransactions& open;
    };
    struct Options {
        bool serializable = false;
        bool read_only = false;
    };

    Transaction(const Parts& parts, OpenTransactions::Ticket ticket, const Options& options);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    /// One call of a user: while it lives, nothing that the snapshot can reach is freed.
    class Operation {
     public:
        explicit Operation(Transaction& transaction);
        ~Operation();
        Operation(const Operation&) = delete;
        Operation& operator=(const Operation&) = delete;
        /// Not ok where the transaction has ended, by itself or by the sweep.
        [[nodiscard]] Status& status() { return status_; }

     private:
        Transaction& transaction_;
        Status status_;
    };

    [[nodiscard]] TxnId id() const { return ticket_.id; }
    [[nodiscard]] CommitTs snapshot() const { return snapshot_; }
    [[nodiscard]] bool has_writes() const { return !writes_.empty(); }
    [[nodiscard]] bool read_only() const { return options_.read_only; }
    [[nodiscard]] bool serializable() const { return reads_ != nullptr; }
    [[nodiscard]] graph::Graph& graph() const { return parts_.graph; }

    // --- reading --------------------------------------------------------------------------------
    [[nodiscard]] NodeView node(NodeId id);
    /// The same for many, with their cache misses in flight together.
    void nodes(std::span<const NodeId> ids, std::vector<NodeView>& out);
    [[nodiscard]] bool node_exists(NodeId id);
    [[nodiscard]] std::optional<EdgeView> edge(EdgeId id);
    /// Calls `visit(TypeId, NodeId neighbour, EdgeId)` for one list in order, until it returns
    /// false; returns false where it did. No `types`: all. REQUIRES: `types` sorted; direction not
    /// kBoth.
    template <class Visit>
    bool each_neighbour(NodeId id, Direction direction, std::span<const TypeId> types,
                        Visit&& visit);
    /// One direction; see `self_loops` for both.
    [[nodiscard]] uint64_t degree(NodeId id, Direction direction, std::span<const TypeId> types);
    /// How many entries of the in list stand in the out list as well.
    [[nodiscard]] uint64_t self_loops(NodeId id, std::span<const TypeId> types);
    /// Calls `visit(NodeId, const NodeView&)` for all nodes with the label from `first` on, ids
    /// ascending, until it returns false. Invalid label: all nodes.
    template <class Visit>
    void scan(LabelId label, NodeId first, Visit&& visit);
    /// A SERIALIZABLE transaction looked for a label that nobody has used so far.
    void note_unknown_label();
    /// Asked by long reads between two pieces of work: the error, once the transaction was ended.
    [[nodiscard]] Status still_open() const;

    // --- writing --------------------------------------------------------------------------------
    Result<NodeId> create_node(std::vector<LabelId> labels, catalog::PropertyList properties);
    Status update_node(NodeId id, NodePatch patch);
    Status delete_node(NodeId id, bool detach);
    Result<EdgeId> create_edge(NodeId start, NodeId end, TypeId type,
                               catalog::PropertyList properties);
    Status update_edge(EdgeId id, EdgePatch patch);
    Status delete_edge(EdgeId id);

    // --- ending ---------------------------------------------------------------------------------
    Result<CommitTs> commit();
    void rollback();

 private:
    enum class State : uint8_t { kActive, kCommitted, kRolledBack };

    [[nodiscard]] Status check_writable() const;
    [[nodiscard]] Status check_size(size_t more) const;
    [[nodiscard]] bool visible_in_base(NodeId id) const;
    void read_node(NodeId id) {
        if (reads_ != nullptr) reads_->node(id);
    }
    void read_list(NodeId id, Direction direction) {
        if (reads_ != nullptr) reads_->list(id, direction);
    }
    [[nodiscard]] NodeView own_or_base(NodeId id, const graph::NodeRecord* base) const;
    template <class Visit>
    bool each_merged(const graph::AdjacencyView& view, const OwnList& own,
                     std::span<const TypeId> types, Visit& visit);
    void close(State state);

    Parts parts_;
    OpenTransactions::Ticket ticket_;
    Options options_;
    CommitTs snapshot_;
    State state_ = State::kActive;
    WriteSet writes_;
    std::unique_ptr<ReadSet> reads_;
};

// --- templates ----------------------------------------------------------------------------------

namespace internal {

/// Walks the runs of a view that have one of the types; F(TypeId, neighbours, edges) -> bool.
template <class F>
bool each_run_of(const graph::AdjacencyView& view, std::span<const TypeId> types, F&& f) {
    if (types.empty()) return view.for_each_run(f);
    for (const TypeId type : types) {
        const bool more = view.for_each_run(
            type, [&](std::span<const uint32_t> neighbours, std::span<const uint32_t> edges) {
                return f(type, neighbours, edges);
            });
        if (!more) return false;
    }
    return true;
}

inline bool wanted(std::span<const TypeId> types, TypeId type) {
    if (types.empty()) return true;
    for (const TypeId each : types)
        if (each == type) return true;
    return false;
}

}  // namespace internal

template <class Visit>
bool Transaction::each_neighbour(NodeId id, Direction direction, std::span<const TypeId> types,
                                 Visit&& visit) {
    read_list(id, direction);
    const graph::AdjacencyView view = parts_.graph.adjacency(id, direction, snapshot_);
    if (const OwnList* own = writes_.own_list(id, direction); own != nullptr)
        return each_merged(view, *own, types, visit);
    return internal::each_run_of(
        view, types,
        [&](TypeId type, std::span<const uint32_t> neighbours, std::span<const uint32_t> edges) {
            for (size_t i = 0; i < neighbours.size(); ++i)
                if (!visit(type, NodeId{neighbours[i]}, EdgeId{edges[i]})) return false;
            return true;
        });
}

template <class Visit>
bool Transaction::each_merged(const graph::AdjacencyView& view, const OwnList& own,
                              std::span<const TypeId> types, Visit& visit) {
    auto next = own.added.begin();
    // The own entries that come before `limit` (all where it is nullptr).
    const auto own_before = [&](const ListEntry* limit) {
        for (; next != own.added.end() && (limit == nullptr || *next < *limit); ++next)
            if (internal::wanted(types, next->type) &&
                !visit(next->type, next->neighbour, next->edge))
                return false;
        return true;
    };
    const bool more = internal::each_run_of(
        view, types,
        [&](TypeId type, std::span<const uint32_t> neighbours, std::span<const uint32_t> edges) {
            for (size_t i = 0; i < neighbours.size(); ++i) {
                const ListEntry entry{type, NodeId{neighbours[i]}, EdgeId{edges[i]}};
                if (own.removals && writes_.removed(entry.edge)) continue;
                if (!own_before(&entry) || !visit(entry.type, entry.neighbour, entry.edge))
                    return false;
            }
            return true;
        });
    return more && own_before(nullptr);
}

template <class Visit>
void Transaction::scan(LabelId label, NodeId first, Visit&& visit) {
    if (reads_ != nullptr) {
        if (label.valid())
            reads_->label(label);
        else
            reads_->all_nodes();
    }
    if (writes_.untouched()) {
        parts_.graph.scan(label, first, snapshot_, [&](NodeId id, const graph::NodeRecord* record) {
            return visit(id, NodeView(parts_.graph, record, nullptr));
        });
        return;
    }
    const std::vector<NodeId>& touched = writes_.touched_nodes();
    auto next = std::lower_bound(touched.begin(), touched.end(), first);
    bool more = true;
    // Shows the own nodes below `end` that have the label; invalid: all that are left.
    const auto own_before = [&](NodeId end) {
        for (; more && next != touched.end() && *next < end; ++next) {
            const NodeView view = own_or_base(*next, nullptr);
            if (view.exists() && (!label.valid() || view.has_label(label)))
                more = visit(*next, view);
        }
        return more;
    };
    parts_.graph.scan(label, first, snapshot_, [&](NodeId id, const graph::NodeRecord* record) {
        if (!own_before(id)) return false;
        if (next != touched.end() && *next == id)
            return true;  // shown as the transaction made it, with the next one
        more = visit(id, NodeView(parts_.graph, record, nullptr));
        return more;
    });
    own_before(NodeId::invalid());
}

}  // namespace deed::txn
