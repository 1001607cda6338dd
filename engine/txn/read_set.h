#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <vector>

#include "engine/base/ids.h"

namespace deed::txn {

/// What a SERIALIZABLE transaction looked at, kept so that its commit can be refused where any of
/// it has changed since. Reading something twice costs nothing more.
///
/// Thread safety: none; it belongs to the transaction, and to the committer while that one commits.
class ReadSet {
 public:
    // Flags of one node.
    static constexpr uint8_t kRecord = 1;   // labels or properties, or that there is no such node
    static constexpr uint8_t kPresent = 2;  // only that it exists
    static constexpr uint8_t kOutList = 4;
    static constexpr uint8_t kInList = 8;
    // Flags of one edge.
    static constexpr uint8_t kEdgePresent = 1;
    static constexpr uint8_t kEdgeAbsent = 2;

    void node(NodeId id) { nodes_[id.raw()] |= kRecord; }
    void presence(NodeId id) { nodes_[id.raw()] |= kPresent; }
    void list(NodeId id, Direction direction) {
        nodes_[id.raw()] |= direction == Direction::kOut ? kOutList : kInList;
    }
    void edge(EdgeId id, bool exists) { edges_[id.raw()] |= exists ? kEdgePresent : kEdgeAbsent; }
    /// Every node with the label was looked for.
    void label(LabelId label) {
        for (LabelId known : labels_)
            if (known == label) return;
        labels_.push_back(label);
    }
    /// Every node was looked at, or a label that nobody has used so far was looked for.
    void all_nodes() { all_nodes_ = true; }

    [[nodiscard]] size_t bytes() const {
        return (nodes_.capacity() + edges_.capacity()) * 17 + labels_.capacity() * sizeof(LabelId);
    }
    [[nodiscard]] const absl::flat_hash_map<uint64_t, uint8_t>& nodes() const { return nodes_; }
    [[nodiscard]] const absl::flat_hash_map<uint64_t, uint8_t>& edges() const { return edges_; }
    [[nodiscard]] const std::vector<LabelId>& labels() const { return labels_; }
    [[nodiscard]] bool reads_all_nodes() const { return all_nodes_; }

 private:
    absl::flat_hash_map<uint64_t, uint8_t> nodes_;
    absl::flat_hash_map<uint64_t, uint8_t> edges_;
    std::vector<LabelId> labels_;
    bool all_nodes_ = false;
};

}  // namespace deed::txn
