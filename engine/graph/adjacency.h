#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "engine/base/ids.h"

namespace deed::graph {

/// How many entries a block, and how many blocks a page, hold at most. A change to a large list
/// copies one block and one page, so both are small; both are large enough to be scanned at the
/// speed of an array.
inline constexpr uint32_t kBlockEntriesMax = 512;
inline constexpr uint32_t kPageBlocksMax = 128;

/// The entries of one type in a list, by where they end; they begin where the segment before ends.
struct AdjacencySegment {
    uint32_t end;
    uint16_t type;
    uint16_t reserved;
};

/// From a large list to a page, and from a page to a block.
///
/// Invariants: `min_neighbour` is the neighbour of the first entry below; the edge id that goes
/// with it is found in the block itself (only parallel edges ever need it).
struct AdjacencyRef {
    const void* target;  // the refs of a page, or the neighbours of a block
    uint32_t min_neighbour;
    uint32_t count;  // refs in the page, or entries in the block
};

/// One version of one list: this header and, right behind it, what `kind` says (drawn in
/// `adjacency.md`). Entries are sorted by (type, neighbour, edge).
///
///     a type     neighbours[degree] edges[degree]
///     kMany      segments[segments] neighbours[degree] edges[degree]
///     kBlocks    segments[segments] page_ends[segments, padded to 8 bytes] pages[page_ends.back()]
///
/// A page is an array of refs, a block is neighbours[count] edges[count]; each belongs to one type.
/// Invariants: immutable once published; `previous` is not followed by any snapshot >= ts, so
/// it may point to freed memory once no older snapshot is registered.
struct alignas(8) AdjacencyList {
    static constexpr uint16_t kMany = 0xFFFE;    // several types (or none), entries inline
    static constexpr uint16_t kBlocks = 0xFFFF;  // entries in blocks under pages

    uint64_t ts;
    const AdjacencyList* previous;
    uint32_t degree;
    uint16_t kind;      // the only type where entries are inline, else kMany or kBlocks
    uint16_t segments;  // how many types; not stored as a table where there is only one inline

    [[nodiscard]] bool single() const { return kind < kMany; }
    [[nodiscard]] const AdjacencySegment* segment_table() const {
        return reinterpret_cast<const AdjacencySegment*>(this + 1);
    }
    // Inline entries. REQUIRES: kind != kBlocks.
    [[nodiscard]] const uint32_t* neighbours() const {
        return reinterpret_cast<const uint32_t*>(segment_table() + (single() ? 0 : segments));
    }
    [[nodiscard]] const uint32_t* edges() const { return neighbours() + degree; }
    // Blocks. REQUIRES: kind == kBlocks.
    [[nodiscard]] const uint32_t* page_ends() const {
        return reinterpret_cast<const uint32_t*>(segment_table() + segments);
    }
    [[nodiscard]] const AdjacencyRef* pages() const {
        return reinterpret_cast<const AdjacencyRef*>(page_ends() + (segments + 1U) / 2 * 2);
    }
};
static_assert(sizeof(AdjacencyList) == 24 && sizeof(AdjacencySegment) == 8);
static_assert(sizeof(AdjacencyRef) == 16);

/// A piece of a list that lies in one piece of memory: entries of one type, sorted by (neighbour,
/// edge), `neighbours[i]` over `edges[i]`.
struct AdjacencyRun {
    TypeId type;
    std::span<const uint32_t> neighbours;
    std::span<const uint32_t> edges;
};

/// One entry to load at start.
struct LoadEntry {
    TypeId type;
    NodeId neighbour;
    EdgeId edge;
};

/// One direction of one node at one snapshot.
///
/// Thread safety: immutable. Lifetime: a pointer; valid while its snapshot is registered (and
/// entered). Invariants: entries ascend by (type, neighbour, edge), also from run to run; no run
/// is empty; runs of a large list hold at most kBlockEntriesMax entries, a small list has one run
/// for each type.
class AdjacencyView {
 public:
    constexpr AdjacencyView() = default;
    explicit AdjacencyView(const AdjacencyList* list) : list_(list) {}

    [[nodiscard]] bool empty() const { return list_ == nullptr || list_->degree == 0; }
    [[nodiscard]] uint64_t degree() const { return list_ == nullptr ? 0 : list_->degree; }
    [[nodiscard]] uint64_t degree(TypeId type) const;
    /// When the list last changed as of this snapshot; 0 where it never held anything.
    [[nodiscard]] CommitTs ts() const { return CommitTs{list_ == nullptr ? 0 : list_->ts}; }

    /// The types present, ascending.
    [[nodiscard]] uint32_t type_count() const { return list_ == nullptr ? 0 : list_->segments; }
    /// REQUIRES: index < type_count().
    [[nodiscard]] TypeId type(uint32_t index) const {
        return TypeId{list_->single() ? list_->kind : list_->segment_table()[index].type};
    }

    /// Calls `visit(TypeId, neighbours, edges)` for each run in order (spans of uint32_t). `visit`
    /// may return bool: false stops. Returns false where it was stopped.
    template <class Visit>
    bool for_each_run(Visit&& visit) const;
    /// The same for one type: `visit(neighbours, edges)`.
    template <class Visit>
    bool for_each_run(TypeId type, Visit&& visit) const;

    /// True where each type is one run: `run` then gives it without a walk. Intersections of
    /// sorted lists ask this first, because nearly every list is small.
    [[nodiscard]] bool contiguous() const {
        return list_ == nullptr || list_->kind != AdjacencyList::kBlocks;
    }
    /// All entries of the type, empty where it has none. REQUIRES: contiguous().
    [[nodiscard]] AdjacencyRun run(TypeId type) const;

    [[nodiscard]] bool contains(TypeId type, NodeId neighbour) const;
    [[nodiscard]] bool contains(TypeId type, NodeId neighbour, EdgeId edge) const;
    /// The type under which (neighbour, edge) stands in the list; invalid where it does not.
    [[nodiscard]] TypeId type_of(NodeId neighbour, EdgeId edge) const;

    /// For those that build the next version, and for tests of the layout.
    [[nodiscard]] const AdjacencyList* list() const { return list_; }

 private:
    static constexpr uint32_t kNone = 0xFFFF'FFFF;

    /// Calls `visit(args...)`; what it returns if that is a bool, else true.
    template <class Visit, class... Args>
    static bool go_on(Visit& visit, Args&&... args) {
        if constexpr (std::convertible_to<std::invoke_result_t<Visit&, Args...>, bool>) {
            return visit(std::forward<Args>(args)...);
        } else {
            visit(std::forward<Args>(args)...);
            return true;
        }
    }
    /// Where the type stands in the segment table, kNone where it does not. REQUIRES: not single.
    [[nodiscard]] uint32_t find_segment(TypeId type) const;
    [[nodiscard]] uint32_t segment_begin(uint32_t index) const {
        return index == 0 ? 0 : list_->segment_table()[index - 1].end;
    }
    [[nodiscard]] AdjacencyRun segment_run(uint32_t index) const;
    [[nodiscard]] std::span<const AdjacencyRef> segment_pages(uint32_t index) const {
        const uint32_t* ends = list_->page_ends();
        uint32_t begin = index == 0 ? 0 : ends[index - 1];
        return {list_->pages() + begin, ends[index] - begin};
    }
    template <class Visit>
    static bool for_each_block(std::span<const AdjacencyRef> pages, Visit&& visit);
    /// The run of the segment in which (neighbour, edge) lies if it is there at all.
    [[nodiscard]] AdjacencyRun run_around(uint32_t index, uint32_t neighbour, uint32_t edge) const;

    const AdjacencyList* list_ = nullptr;
};

// --- what must be inlined into a scan --------------------------------------------------------

inline uint32_t AdjacencyView::find_segment(TypeId type) const {
    const AdjacencySegment* table = list_->segment_table();
    uint32_t count = list_->segments;
    if (count <= 8) [[likely]] {
        for (uint32_t i = 0; i < count; ++i) {
            if (table[i].type == type.raw()) return i;
        }
        return kNone;
    }
    const AdjacencySegment* found = std::lower_bound(
        table, table + count, type.raw(),
        [](const AdjacencySegment& segment, uint32_t sought) { return segment.type < sought; });
    return found == table + count || found->type != type.raw()
               ? kNone
               : static_cast<uint32_t>(found - table);
}

inline AdjacencyRun AdjacencyView::segment_run(uint32_t index) const {
    uint32_t begin = segment_begin(index);
    const AdjacencySegment& segment = list_->segment_table()[index];
    size_t count = segment.end - begin;
    return {TypeId{segment.type},
            {list_->neighbours() + begin, count},
            {list_->edges() + begin, count}};
}

inline AdjacencyRun AdjacencyView::run(TypeId type) const {
    if (list_ == nullptr) return {type, {}, {}};
    if (list_->single()) {
        if (list_->kind != type.raw()) return {type, {}, {}};
        return {type, {list_->neighbours(), list_->degree}, {list_->edges(), list_->degree}};
    }
    uint32_t index = find_segment(type);
    return index == kNone ? AdjacencyRun{type, {}, {}} : segment_run(index);
}

inline uint64_t AdjacencyView::degree(TypeId type) const {
    if (list_ == nullptr) return 0;
    if (list_->single()) return list_->kind == type.raw() ? list_->degree : 0;
    uint32_t index = find_segment(type);
    return index == kNone ? 0 : list_->segment_table()[index].end - segment_begin(index);
}

template <class Visit>
bool AdjacencyView::for_each_block(std::span<const AdjacencyRef> pages, Visit&& visit) {
    for (const AdjacencyRef& page : pages) {
        const auto* blocks = static_cast<const AdjacencyRef*>(page.target);
        for (uint32_t i = 0; i < page.count; ++i) {
            // The hardware follows a block by itself, but cannot guess where the next one begins.
            if (i + 1 < page.count) {
                __builtin_prefetch(blocks[i + 1].target);
                __builtin_prefetch(static_cast<const std::byte*>(blocks[i + 1].target) + 64);
            }
            const auto* neighbours = static_cast<const uint32_t*>(blocks[i].target);
            size_t count = blocks[i].count;
            if (!go_on(visit, std::span<const uint32_t>{neighbours, count},
                       std::span<const uint32_t>{neighbours + count, count})) {
                return false;
            }
        }
    }
    return true;
}

template <class Visit>
bool AdjacencyView::for_each_run(Visit&& visit) const {
    if (list_ == nullptr) return true;
    if (list_->single()) [[likely]] {
        size_t degree = list_->degree;
        const uint32_t* neighbours = list_->neighbours();
        return go_on(visit, TypeId{list_->kind}, std::span<const uint32_t>{neighbours, degree},
                     std::span<const uint32_t>{neighbours + degree, degree});
    }
    for (uint32_t i = 0; i < list_->segments; ++i) {
        bool more;
        if (list_->kind == AdjacencyList::kMany) {
            AdjacencyRun run = segment_run(i);
            more = go_on(visit, run.type, run.neighbours, run.edges);
        } else {
            more = for_each_block(segment_pages(i), [&](auto neighbours, auto edges) {
                return go_on(visit, type(i), neighbours, edges);
            });
        }
        if (!more) return false;
    }
    return true;
}

template <class Visit>
bool AdjacencyView::for_each_run(TypeId type, Visit&& visit) const {
    if (contiguous()) [[likely]] {
        AdjacencyRun found = run(type);
        return found.neighbours.empty() || go_on(visit, found.neighbours, found.edges);
    }
    uint32_t index = find_segment(type);
    return index == kNone || for_each_block(segment_pages(index), visit);
}

}  // namespace deed::graph
