#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/graph.h"
#include "engine/sync/snapshot_registry.h"

namespace deed::txn {

/// Frees versions that no snapshot can see any more: a little after each group, in proportion to
/// what the group superseded, and the rest in the background. Where snapshots hold back more than
/// is allowed, the oldest one is ended.
///
/// Thread safety: whoever leads the commit pipeline; one thread at a time.
class Collector {
 public:
    Collector(graph::Graph& graph, sync::SnapshotRegistry& registry,
              const std::atomic<uint64_t>& visible, uint64_t version_bytes_max)
        : graph_(graph),
          registry_(registry),
          visible_(visible),
          version_bytes_max_(version_bytes_max) {}

    /// Notes what a group superseded.
    void applied(const catalog::ChangeSet& changes) {
        debt_ += changes.nodes.size() + 2 * changes.added.size() + 2 * changes.removed.size() +
                 changes.written.size();
    }
    /// Works the debt off once it is worth a look at all snapshots.
    void after_group() {
        if (debt_ >= kDebtWorthALook) work_off();
    }
    /// Collects for a while; true where more is left that could be freed now.
    bool sweep();
    /// Ends the oldest snapshot where old versions take more than allowed. Any thread.
    bool relieve();

 private:
    static constexpr uint64_t kDebtWorthALook = 256;
    static constexpr size_t kSweepBudget = 8192;
    void work_off();
    [[nodiscard]] CommitTs floor() const;

    graph::Graph& graph_;
    sync::SnapshotRegistry& registry_;
    const std::atomic<uint64_t>& visible_;  // read sequentially consistent, before the snapshots
    uint64_t version_bytes_max_;
    uint64_t debt_ = 0;
};

}  // namespace deed::txn
