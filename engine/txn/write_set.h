#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/txn/id_index.h"

namespace deed::txn {

/// One entry of an adjacency list, ordered as the lists of the graph are.
struct ListEntry {
    TypeId type;
    NodeId neighbour;
    EdgeId edge;
    friend auto operator<=>(const ListEntry&, const ListEntry&) = default;
};

/// What a transaction did to one adjacency list.
struct OwnList {
    std::vector<ListEntry> added;  // sorted once `WriteSet::own_list` gave it out
    size_t sorted = 0;             // how many of them are, from the front
    bool removals = false;         // some edge of this list in the snapshot was removed
};

/// The private delta of one transaction: what it created, changed and deleted and nobody else sees
/// yet. Holds after-images of nodes and edges, and an overlay of adjacency lists that is only built
/// when the transaction reads a list after writing.
///
/// Thread safety: none; it belongs to the transaction, and to the committer while that one commits.
/// Invariants: an edge is in at most one of added, removed, written; what was created and deleted
/// again leaves nothing for the commit.
class WriteSet {
 public:
    enum class NodeState : uint8_t { kUntouched, kCreated, kWritten, kDeleted };

    /// Nothing to commit.
    [[nodiscard]] bool empty() const;
    /// Nothing was ever written, so that reads need not look here. Implies `empty`.
    [[nodiscard]] bool untouched() const {
        return nodes_.empty() && added_.empty() && removed_.empty() && written_.empty();
    }
    /// Approximate memory; what `limits::kTransactionBytesMax` bounds.
    [[nodiscard]] size_t bytes() const { return bytes_; }

    // --- nodes ----------------------------------------------------------------------------------
    [[nodiscard]] NodeState node_state(NodeId id) const;
    /// The after-image. nullptr where untouched; `deleted` is set where it was deleted.
    [[nodiscard]] const catalog::NodeWrite* node(NodeId id) const;
    void create_node(NodeId id, std::vector<LabelId> labels, catalog::PropertyList properties);
    /// The new state of a node that exists in this transaction's eyes.
    void write_node(NodeId id, std::vector<LabelId> labels, catalog::PropertyList properties);
    void delete_node(NodeId id);

    // --- edges ----------------------------------------------------------------------------------
    /// The edge as this transaction added (and perhaps changed) it; nullptr where it did not.
    [[nodiscard]] const catalog::EdgeAdd* added(EdgeId id) const;
    [[nodiscard]] bool removed(EdgeId id) const;
    /// Its new properties if the transaction changed an edge of the snapshot.
    [[nodiscard]] const catalog::PropertyList* written(EdgeId id) const;
    void add_edge(catalog::EdgeAdd edge);
    void remove_edge(const catalog::EdgeRemove& edge);
    void write_edge(EdgeId id, catalog::PropertyList properties);

    // --- the overlay
    // ------------------------------------------------------------------------------
    /// What was done to a list, its added entries sorted; nullptr where nothing.
    [[nodiscard]] const OwnList* own_list(NodeId id, Direction direction);
    /// Ids of the nodes that the transaction created, changed or deleted, ascending.
    [[nodiscard]] const std::vector<NodeId>& touched_nodes();

    // --- for the committer
    // ------------------------------------------------------------------------
    struct NodeEntry {
        catalog::NodeWrite write;
        NodeState state;
    };
    struct EdgeEntry {
        catalog::EdgeAdd add;
        bool cancelled = false;
    };
    [[nodiscard]] std::span<const NodeEntry> node_entries() const { return nodes_; }
    [[nodiscard]] std::span<const EdgeEntry> added_entries() const { return added_; }
    [[nodiscard]] std::span<const catalog::EdgeRemove> removed_entries() const { return removed_; }
    [[nodiscard]] std::span<const catalog::EdgeWrite> written_entries() const { return written_; }
    [[nodiscard]] bool deletes_nodes() const { return nodes_deleted_ > 0; }
    /// Moves everything behind what `changes` holds; the set is empty afterwards.
    void move_into(catalog::ChangeSet& changes);
    /// Empty again, its memory kept for the next transaction where that is little.
    void clear();

 private:
    void note_list_add(const catalog::EdgeAdd& edge);
    void note_list_cancel(const catalog::EdgeAdd& edge);
    void note_list_removal(const catalog::EdgeRemove& edge);
    void build_overlay();
    [[nodiscard]] static uint64_t list_key(NodeId id, Direction direction) {
        return id.raw() * 2 + (direction == Direction::kIn ? 1 : 0);
    }

    std::vector<NodeEntry> nodes_;
    IdIndex node_index_;
    uint32_t nodes_deleted_ = 0;
    std::vector<EdgeEntry> added_;
    IdIndex added_index_;
    std::vector<catalog::EdgeRemove> removed_;
    IdIndex removed_index_;
    std::vector<catalog::EdgeWrite> written_;
    IdIndex written_index_;
    size_t bytes_ = 0;

    bool overlay_built_ = false;
    absl::flat_hash_map<uint64_t, OwnList> lists_;
    std::vector<NodeId> touched_;
    bool touched_sorted_ = true;
};

/// Approximate memory of a list of properties.
[[nodiscard]] size_t property_bytes(const catalog::PropertyList& properties);

}  // namespace deed::txn
