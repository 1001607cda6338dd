#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/graph/adjacency.h"
#include "engine/graph/record.h"
#include "engine/pheromone/intensity.h"
#include "engine/sync/chunked_directory.h"

namespace deed::graph {

/// Where a node begins: the newest version of its record and of its two lists, and the pheromone of
/// these. Half a cache line, all zeroes where there is no node yet.
///
/// Thread safety: `publish_*` by one writer at a time, everything else by any thread. Invariants:
/// what a pointer leads to is immutable.
class alignas(32) NodeSlot {
 public:
    // Acquire pairs with the release of publish_record and publish_list: a reader that finds a
    // version finds it complete.
    [[nodiscard]] const NodeRecord* record() const {
        return record_.load(std::memory_order_acquire);
    }
    [[nodiscard]] const AdjacencyList* list(Direction direction) const {
        return lists_[static_cast<size_t>(direction)].load(std::memory_order_acquire);
    }
    void publish_record(const NodeRecord* record) {
        record_.store(record, std::memory_order_release);
    }
    void publish_list(Direction direction, const AdjacencyList* list) {
        lists_[static_cast<size_t>(direction)].store(list, std::memory_order_release);
    }

    // The cells order nothing; see intensity.h.
    [[nodiscard]] std::atomic<pheromone::Cell>& trail(Direction direction) {
        return trails_[static_cast<size_t>(direction)];
    }
    [[nodiscard]] pheromone::Cell trail_relaxed(Direction direction) const {
        return trails_[static_cast<size_t>(direction)].load(std::memory_order_relaxed);
    }

 private:
    std::atomic<const NodeRecord*> record_;
    std::atomic<const AdjacencyList*> lists_[2];
    std::atomic<pheromone::Cell> trails_[2];
};
static_assert(sizeof(NodeSlot) == 32);

/// The slots of all nodes by id. A chunk is 65,536 slots, one huge page of 2 MiB.
using NodeDirectory = sync::ChunkedDirectory<NodeSlot, 16, limits::kNodesMax>;
static_assert(NodeDirectory::kChunkBytes == sync::kHugePageBytes);

}  // namespace deed::graph
