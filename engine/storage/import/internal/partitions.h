#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/internal/memory_budget.h"
#include "engine/storage/import/internal/spill_file.h"

namespace deed::storage::importer {

/// Nodes of one partition: their lists are sorted and written together, by one thread.
inline constexpr uint32_t kPartitionBits = 16;
inline constexpr uint32_t kPartitionNodes = 1U << kPartitionBits;

/// One end of one edge, on its way into a list.
struct HalfEdge {
    uint16_t local;  // the low bits of the node that has the list
    uint16_t type;
    uint32_t neighbour;
    uint32_t edge;
};
static_assert(sizeof(HalfEdge) == 12);

enum class Side : uint8_t { kOut = 0, kIn = 1 };

/// All half edges, by partition of the node that has them, in memory as long as the budget lasts
/// and in the spill file afterwards.
///
/// Thread safety: each thread fills its own Writer; `take` of different partitions side by side
/// once all writers are gone.
class Partitions {
 public:
    Partitions(uint64_t nodes, uint32_t threads, MemoryBudget* budget, SpillFile* spill);
    ~Partitions();

    [[nodiscard]] uint32_t count() const { return count_; }
    [[nodiscard]] uint64_t half_edges(uint32_t partition) const;

    class Writer {
     public:
        explicit Writer(Partitions* partitions);
        /// IO_ERROR, DISK_FULL while spilling.
        Status add(uint32_t owner, uint32_t neighbour, uint32_t edge, uint16_t type, Side side) {
            Open& open =
                open_[2 * static_cast<size_t>(owner >> kPartitionBits) + static_cast<size_t>(side)];
            if (open.used == partitions_->block_entries_ || open.entries == nullptr) [[unlikely]]
                DEED_RETURN_IF_ERROR(turn_over(open, owner >> kPartitionBits, side));
            open.entries[open.used++] = {static_cast<uint16_t>(owner & (kPartitionNodes - 1)), type,
                                         neighbour, edge};
            return {};
        }
        /// Hands over what has been added. Call it once, at the end.
        Status finish();

     private:
        struct Open {
            std::unique_ptr<HalfEdge[]> entries;
            uint32_t used = 0;
        };
        Status turn_over(Open& open, uint32_t partition, Side side);
        Status hand_over(Open& open, uint32_t partition, Side side);

        Partitions* partitions_;
        std::vector<Open> open_;
    };

    /// All half edges of one partition and side, sorted by (node, type, neighbour, edge); frees
    /// them. `begins[i]` is where the list of local node `i` begins.
    Status take(uint32_t partition, Side side, std::vector<HalfEdge>& sorted,
                std::vector<uint32_t>& begins);

 private:
    struct Block {
        std::unique_ptr<HalfEdge[]> entries;  // nullptr if spilled
        uint64_t offset = 0;
        uint32_t count = 0;
    };
    struct Part {
        std::array<std::vector<Block>, 2> blocks;
        std::array<uint64_t, 2> entries{};
    };

    uint32_t count_;
    uint32_t block_entries_;
    MemoryBudget* budget_;
    SpillFile* spill_;
    std::mutex mutex_;  // guards `parts_` while there are writers
    std::vector<Part> parts_;
};

}  // namespace deed::storage::importer
