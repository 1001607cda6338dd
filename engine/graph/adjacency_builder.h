#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/graph/adjacency.h"
#include "engine/graph/internal/list_change.h"
#include "engine/sync/arena.h"
#include "engine/sync/retire_queue.h"

namespace deed::graph {

/// Makes the next version of a list out of the last one and the changes of one group.
///
/// A small list is copied whole. Of a large one only the blocks that change are copied, with their
/// pages and the header above them; everything else is shared with the version before. What the new
/// version no longer shares is retired at its timestamp, and nothing else.
///
///  1. Types are walked in ascending order through the old version and the changes together.
///  2. Within a type, each change finds its place by binary search; what lies between two places
///     is copied in one piece.
///  3. A block that outgrows kBlockEntriesMax is cut into even pieces, or, where it grew at its
///     end only, into full ones: ids ascend as edges are made, and a full block is not touched
///     again.
///  4. Neighbouring blocks (pages) that shrank to kBlockEntriesMax / 2 (kPageBlocksMax / 2)
///  together
///     become one; a list that shrank to kSmallAgainMax becomes small again.
///
/// Thread safety: one thread; its arena and queue belong to the same. Lifetime: not longer than
/// these.
class AdjacencyBuilder {
 public:
    /// Up to here a list lies in one piece. At half of it a large one becomes small again, so that
    /// a list at the border is not rebuilt back and forth.
    static constexpr uint32_t kSmallMax = kBlockEntriesMax;
    static constexpr uint32_t kSmallAgainMax = kSmallMax / 2;
    /// What `Retired::kind` says of memory that only waits to be released.
    static constexpr uint32_t kMemory = 0;

    AdjacencyBuilder(sync::Arena& arena, sync::RetireQueue& retired)
        : arena_(&arena), retired_(&retired) {}

    /// The version of `ts`; `old` itself where no change took effect. Marks the changes that did.
    /// The old version's own memory is retired, its `previous` are left alone. REQUIRES: changes
    /// sorted, of one list, each entry once; `old` (may be nullptr) is the newest.
    const AdjacencyList* next(const AdjacencyList* old, std::span<ListChange> changes, CommitTs ts);

    /// The first version of a list, packed. REQUIRES: sorted by (type, neighbour, edge), not empty.
    const AdjacencyList* load(std::span<const LoadEntry> entries, CommitTs ts);

    /// Bytes written into new versions since the start: what copying on write costs.
    [[nodiscard]] uint64_t bytes_written() const { return bytes_written_; }
    /// The size of the list's own allocation, without pages and blocks.
    [[nodiscard]] static size_t list_bytes(const AdjacencyList& list);
    /// With its pages and blocks.
    [[nodiscard]] static size_t total_bytes(const AdjacencyList& list);

 private:
    /// A ref, and whether this very version made what it points to.
    struct Ref {
        AdjacencyRef ref;
        bool fresh;
    };
    struct Segment {
        uint16_t type;
        uint32_t entries;
        uint32_t page_end;
    };
    /// How entries are spread over blocks: evenly where any of them may grow, full where the last
    /// will.
    enum class Fill : uint8_t { kEven, kFull };

    void begin(const AdjacencyList* old, CommitTs ts);
    const AdjacencyList* rebuild(std::span<ListChange> changes);
    const AdjacencyList* share(std::span<ListChange> changes);
    AdjacencyRun gather(TypeId type);

    bool merge_run(const AdjacencyRun& run, std::span<ListChange> changes);
    bool merge_pages(std::span<const AdjacencyRef> pages, std::span<ListChange> changes);
    bool merge_blocks(const AdjacencyRef& page, std::span<ListChange> changes, bool last_page);

    void pack_blocks(std::span<const uint32_t> neighbours, std::span<const uint32_t> edges,
                     Fill fill);
    void pack_pages(Fill fill);
    void join_small_blocks();
    void join_small_pages(size_t first);

    const AdjacencyList* make_list();
    const AdjacencyList* make_small(uint32_t degree);
    const AdjacencyList* make_large(uint32_t degree);
    AdjacencyList* make_header(size_t bytes, uint32_t degree, uint16_t kind);
    void* allocate(size_t bytes);
    /// Of this version: released at once; of an older one: retired.
    void drop(const Ref& ref, size_t bytes);
    void retire(const void* memory, size_t bytes);
    void retire_all(const AdjacencyList& list);

    sync::Arena* arena_;
    sync::RetireQueue* retired_;
    uint64_t bytes_written_ = 0;

    // Of the list in work; kept from list to list for their memory.
    CommitTs ts_{0};
    AdjacencyView old_;
    std::vector<uint32_t> neighbours_;
    std::vector<uint32_t> edges_;
    std::vector<uint32_t> gathered_neighbours_;
    std::vector<uint32_t> gathered_edges_;
    std::vector<Segment> segments_;
    std::vector<Ref> blocks_;
    std::vector<Ref> pages_;
};

}  // namespace deed::graph
