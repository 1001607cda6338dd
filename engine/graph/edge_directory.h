#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/graph/record.h"
#include "engine/sync/chunked_directory.h"

namespace deed::graph {

/// The two ends of an edge. They never change, so they carry no version.
struct EdgeEnds {
    NodeId start;
    NodeId end;

    friend bool operator==(const EdgeEnds&, const EdgeEnds&) = default;
};

/// Edges by id: eight bytes for the ends of each, and a pointer to its properties in a second array
/// whose chunks are made only where some edge has any.
///
/// Thread safety: `set_ends`, `clear` and `publish_record` by one writer at a time (loading: one
/// per aligned range of kRangeEdges), the rest by any thread.
class EdgeDirectory {
 public:
    static constexpr uint32_t kRangeBits = 12;
    static constexpr uint64_t kRangeEdges = uint64_t{1} << kRangeBits;

    [[nodiscard]] std::optional<EdgeEnds> ends(EdgeId id) const {
        const EndsCell* cell = ends_.find(id.raw());
        // Relaxed: the ends are one word that never changes while an edge exists, and lead nowhere
        // by themselves.
        uint64_t word = cell == nullptr ? 0 : cell->load(std::memory_order_relaxed);
        if (word == 0) return std::nullopt;
        return EdgeEnds{NodeId{(word >> 32) - 1}, NodeId{(word & 0xFFFF'FFFF) - 1}};
    }
    void set_ends(EdgeId id, EdgeEnds ends) {
        // Counted from 1, so that 0 says "no edge".
        ends_.make(id.raw()).store((ends.start.raw() + 1) << 32 | (ends.end.raw() + 1),
                                   std::memory_order_relaxed);
    }
    void clear(EdgeId id) { ends_.make(id.raw()).store(0, std::memory_order_relaxed); }

    /// The newest version of the properties; nullptr where there never were any.
    [[nodiscard]] const EdgeRecord* record(EdgeId id) const {
        const RecordCell* cell = records_.find(id.raw());
        // Acquire pairs with the release in publish_record: the record is complete.
        return cell == nullptr ? nullptr : cell->load(std::memory_order_acquire);
    }
    void publish_record(EdgeId id, const EdgeRecord* record) {
        records_.make(id.raw()).store(record, std::memory_order_release);
    }

    /// Memory of the chunks made.
    [[nodiscard]] uint64_t bytes() const { return ends_.bytes() + records_.bytes(); }
    [[nodiscard]] uint64_t record_table_bytes() const { return records_.bytes(); }

 private:
    using EndsCell = std::atomic<uint64_t>;
    using RecordCell = std::atomic<const EdgeRecord*>;

    // 2^18 edges are one huge page.
    sync::ChunkedDirectory<EndsCell, 18, limits::kEdgesMax> ends_;
    sync::ChunkedDirectory<RecordCell, kRangeBits, limits::kEdgesMax> records_;
};

}  // namespace deed::graph
