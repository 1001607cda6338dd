#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/graph/graph.h"
#include "engine/txn/read_set.h"
#include "engine/txn/write_set.h"

namespace deed::txn {

/// Decides, transaction by transaction, who may join a group: first committer wins.
///
/// For each in the order of its commit:
///  1. a node that it changes or deletes was not written since its snapshot;
///  2. a node that it deletes got and lost no relationship since;
///  3. both ends of a relationship that it adds still exist (adding to a node that others add to,
///     or whose properties others change, is no conflict);
///  4. a relationship that it changes or removes is still there with the same properties;
///  5. SERIALIZABLE: nothing that it read has changed since (Kung and Robinson's backward
///     validation, "On optimistic methods for concurrency control", 1981: reads are valid at the
///     commit, so the order of commits is a serial order);
/// each asked of the newest state in memory and of the transactions before it in the same group.
///
/// Thread safety: the committer's thread. It reads newest versions without a registered snapshot,
/// which is safe because whoever commits is also the only one who could free them.
class Validator {
 public:
    explicit Validator(const graph::Graph& graph) : graph_(graph) {}

    /// What the members of the next group will ask; unasked things are not tracked.
    struct GroupTraits {
        bool several = false;        // more than one transaction
        bool deletes_nodes = false;  // some member deletes a node
        bool reads = false;          // some member is SERIALIZABLE
    };
    void begin_group(CommitTs ts, GroupTraits traits);

    /// The conflict, or nothing: then the transaction is a member. REQUIRES: before its writes
    /// move.
    [[nodiscard]] std::optional<Error> admit(const WriteSet& writes, const ReadSet* reads,
                                             CommitTs snapshot);

    /// Bounds what one transaction may remember to have read.
    [[nodiscard]] CommitTs label_changed(LabelId label) const;

 private:
    [[nodiscard]] std::optional<Error> check_nodes(const WriteSet& writes, CommitTs snapshot) const;
    [[nodiscard]] std::optional<Error> check_edges(const WriteSet& writes, CommitTs snapshot) const;
    [[nodiscard]] std::optional<Error> check_reads(const ReadSet& reads, CommitTs snapshot) const;
    [[nodiscard]] std::optional<Error> check_node_read(NodeId id, uint8_t flags,
                                                       CommitTs snapshot) const;
    void remember(const WriteSet& writes);
    void note_labels(const WriteSet& writes);
    void note_label(LabelId label);

    static uint64_t list_key(NodeId id, Direction direction) {
        return id.raw() * 2 + (direction == Direction::kIn ? 1 : 0);
    }

    const graph::Graph& graph_;
    CommitTs ts_{0};
    GroupTraits traits_;
    // What the group so far did; filled as far as its traits ask.
    absl::flat_hash_map<uint64_t, bool> nodes_;  // written; true where deleted
    absl::flat_hash_set<uint64_t> edges_;        // removed, written, and added where reads ask
    absl::flat_hash_set<uint64_t> lists_;
    // When a node with the label was last written. A refused group leaves its mark: a conflict too
    // many, never one too few.
    std::vector<CommitTs> label_changed_;
    CommitTs any_node_changed_{0};
};

}  // namespace deed::txn
