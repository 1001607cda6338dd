#include "engine/graph/adjacency_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/base/assert.h"
#include "engine/graph/internal/adjacency_search.h"

namespace deed::graph {
namespace {

constexpr uint32_t kNoType = std::numeric_limits<uint32_t>::max();

size_t block_bytes(const AdjacencyRef& block) {
    return size_t{block.count} * 8;
}
size_t page_bytes(const AdjacencyRef& page) {
    return page.count * sizeof(AdjacencyRef);
}

std::span<const AdjacencyRef> blocks_of(const AdjacencyRef& page) {
    return {static_cast<const AdjacencyRef*>(page.target), page.count};
}

AdjacencyRun run_of(const AdjacencyRef& block, TypeId type) {
    const auto* neighbours = static_cast<const uint32_t*>(block.target);
    return {type, {neighbours, block.count}, {neighbours + block.count, block.count}};
}

/// The pages of the segment with this index. REQUIRES: the list is one of blocks.
std::span<const AdjacencyRef> pages_of(const AdjacencyList& list, uint32_t index) {
    const uint32_t* ends = list.page_ends();
    uint32_t begin = index == 0 ? 0 : ends[index - 1];
    return {list.pages() + begin, ends[index] - begin};
}
std::span<const AdjacencyRef> pages_of(const AdjacencyList& list) {
    return {list.pages(), list.segments == 0 ? 0 : list.page_ends()[list.segments - 1]};
}

/// Calls `visit(type, index of its segment in old or kNoType, its changes)` for every type that the
/// old version or a change has, ascending.
template <class Visit>
void for_each_type(AdjacencyView old, std::span<ListChange> changes, Visit&& visit) {
    uint32_t index = 0;
    while (index < old.type_count() || !changes.empty()) {
        uint32_t old_type = index < old.type_count() ? old.type(index).raw() : kNoType;
        uint32_t new_type = changes.empty() ? kNoType : changes.front().type();
        size_t count = 0;
        if (new_type <= old_type) {
            while (count < changes.size() && changes[count].type() == new_type) ++count;
        }
        bool in_old = old_type <= new_type;
        visit(TypeId{std::min(old_type, new_type)}, in_old ? index : kNoType,
              changes.subspan(0, count));
        changes = changes.subspan(count);
        if (in_old) ++index;
    }
}

/// Cuts `changes` at the places where the refs begin, so that each change goes to the ref that
/// holds its entry or would: calls `visit(ref, changes, last)` for every ref in order.
template <class FirstEdge, class Visit>
void for_each_ref(std::span<const AdjacencyRef> refs, std::span<ListChange> changes,
                  FirstEdge first_edge, Visit&& visit) {
    for (size_t i = 0; i < refs.size(); ++i) {
        bool last = i + 1 == refs.size();
        size_t count = changes.size();
        if (!last && count > 0) {
            uint32_t next_neighbour = refs[i + 1].min_neighbour;
            auto behind =
                std::partition_point(changes.begin(), changes.end(), [&](const ListChange& change) {
                    EntryKey key = change.entry();
                    if (key.neighbour != next_neighbour) return key.neighbour < next_neighbour;
                    return key.edge < first_edge(refs[i + 1]);
                });
            count = static_cast<size_t>(behind - changes.begin());
        }
        visit(refs[i], changes.subspan(0, count), last);
        changes = changes.subspan(count);
    }
}

/// By how much the changes that took effect alter the number of entries, modulo 2^32.
uint32_t growth(std::span<const ListChange> changes) {
    uint32_t sum = 0;
    for (const ListChange& change : changes) {
        if (change.took_effect()) sum += change.add() ? 1U : ~0U;
    }
    return sum;
}

}  // namespace

size_t AdjacencyBuilder::list_bytes(const AdjacencyList& list) {
    size_t head = sizeof(AdjacencyList);
    if (list.kind != AdjacencyList::kBlocks) {
        size_t table = list.single() ? 0 : list.segments * sizeof(AdjacencySegment);
        return head + table + size_t{list.degree} * 8;
    }
    std::span<const AdjacencyRef> pages = pages_of(list);
    return static_cast<size_t>(reinterpret_cast<const std::byte*>(pages.data() + pages.size()) -
                               reinterpret_cast<const std::byte*>(&list));
}

size_t AdjacencyBuilder::total_bytes(const AdjacencyList& list) {
    size_t bytes = list_bytes(list);
    if (list.kind != AdjacencyList::kBlocks) return bytes;
    for (const AdjacencyRef& page : pages_of(list)) {
        bytes += page_bytes(page);
        for (const AdjacencyRef& block : blocks_of(page)) bytes += block_bytes(block);
    }
    return bytes;
}

void AdjacencyBuilder::begin(const AdjacencyList* old, CommitTs ts) {
    ts_ = ts;
    old_ = AdjacencyView(old);
    neighbours_.clear();
    edges_.clear();
    segments_.clear();
    blocks_.clear();
    pages_.clear();
}

const AdjacencyList* AdjacencyBuilder::next(const AdjacencyList* old, std::span<ListChange> changes,
                                            CommitTs ts) {
    begin(old, ts);
    if (old_.contiguous()) return rebuild(changes);
    // Asked of what the changes want; removals that find nothing cost a rebuild that was not
    // needed.
    auto removals = static_cast<uint64_t>(
        std::ranges::count_if(changes, [](const ListChange& change) { return !change.add(); }));
    uint64_t additions = changes.size() - removals;
    bool becomes_small = old_.degree() + additions <= kSmallAgainMax + removals;
    return becomes_small ? rebuild(changes) : share(changes);
}

const AdjacencyList* AdjacencyBuilder::load(std::span<const LoadEntry> entries, CommitTs ts) {
    DEED_DEBUG_ASSERT(!entries.empty(), "an empty list is not loaded");
    begin(nullptr, ts);
    for (const LoadEntry& entry : entries) {
        auto type = static_cast<uint16_t>(entry.type.raw());
        if (segments_.empty() || segments_.back().type != type) segments_.push_back({type, 0, 0});
        ++segments_.back().entries;
        neighbours_.push_back(static_cast<uint32_t>(entry.neighbour.raw()));
        edges_.push_back(static_cast<uint32_t>(entry.edge.raw()));
    }
    return make_list();
}

/// Writes every entry anew; for lists that are small, or become so.
const AdjacencyList* AdjacencyBuilder::rebuild(std::span<ListChange> changes) {
    bool changed = false;
    for_each_type(old_, changes, [&](TypeId type, uint32_t, std::span<ListChange> of_type) {
        size_t before = neighbours_.size();
        AdjacencyRun run = old_.contiguous() ? old_.run(type) : gather(type);
        if (merge_run(run, of_type)) changed = true;
        auto entries = static_cast<uint32_t>(neighbours_.size() - before);
        if (entries > 0) {
            segments_.push_back({static_cast<uint16_t>(type.raw()), entries, 0});
        }
    });
    if (!changed) return old_.list();
    if (old_.list() != nullptr) retire_all(*old_.list());
    return make_list();
}

/// Writes only what changes, for lists that stay large.
const AdjacencyList* AdjacencyBuilder::share(std::span<ListChange> changes) {
    bool changed = false;
    uint32_t degree = 0;
    const AdjacencyList& old = *old_.list();
    for_each_type(old_, changes, [&](TypeId type, uint32_t index, std::span<ListChange> of_type) {
        if (index != kNoType) {
            if (merge_pages(pages_of(old, index), of_type)) changed = true;
        } else {
            neighbours_.clear();
            edges_.clear();
            blocks_.clear();
            if (merge_run({type, {}, {}}, of_type)) {
                changed = true;
                pack_blocks(neighbours_, edges_, Fill::kFull);
                pack_pages(Fill::kFull);
            }
        }
        auto entries = static_cast<uint32_t>(old_.degree(type)) + growth(of_type);
        degree += entries;
        if (entries > 0) {
            segments_.push_back(
                {static_cast<uint16_t>(type.raw()), entries, static_cast<uint32_t>(pages_.size())});
        }
    });
    if (!changed) return &old;
    retire(&old, list_bytes(old));
    return make_large(degree);
}

/// The entries of one type in one piece.
AdjacencyRun AdjacencyBuilder::gather(TypeId type) {
    gathered_neighbours_.clear();
    gathered_edges_.clear();
    old_.for_each_run(type, [&](auto neighbours, auto edges) {
        gathered_neighbours_.insert(gathered_neighbours_.end(), neighbours.begin(),
                                    neighbours.end());
        gathered_edges_.insert(gathered_edges_.end(), edges.begin(), edges.end());
    });
    return {type, gathered_neighbours_, gathered_edges_};
}

/// Appends the run with its changes to the entries in work. True where any took effect.
bool AdjacencyBuilder::merge_run(const AdjacencyRun& run, std::span<ListChange> changes) {
    bool changed = false;
    size_t done = 0;
    auto copy_up_to = [&](size_t place) {
        neighbours_.insert(neighbours_.end(), run.neighbours.begin() + static_cast<ptrdiff_t>(done),
                           run.neighbours.begin() + static_cast<ptrdiff_t>(place));
        edges_.insert(edges_.end(), run.edges.begin() + static_cast<ptrdiff_t>(done),
                      run.edges.begin() + static_cast<ptrdiff_t>(place));
        done = place;
    };
    for (ListChange& change : changes) {
        EntryKey key = change.entry();
        size_t place =
            done + lower_bound_entry(run.neighbours.subspan(done), run.edges.subspan(done), key);
        bool present = place < run.neighbours.size() && run.neighbours[place] == key.neighbour &&
                       run.edges[place] == key.edge;
        copy_up_to(place);
        if (present == change.add()) continue;
        if (change.add()) {
            neighbours_.push_back(key.neighbour);
            edges_.push_back(key.edge);
        } else {
            ++done;
        }
        change.set_took_effect();
        changed = true;
    }
    copy_up_to(run.neighbours.size());
    return changed;
}

/// Appends the segment's next pages to `pages_`. True where any change took effect.
bool AdjacencyBuilder::merge_pages(std::span<const AdjacencyRef> pages,
                                   std::span<ListChange> changes) {
    bool changed = false;
    size_t first = pages_.size();
    for_each_ref(pages, changes, first_edge_of_page,
                 [&](const AdjacencyRef& page, std::span<ListChange> of_page, bool last) {
                     if (of_page.empty() || !merge_blocks(page, of_page, last)) {
                         pages_.push_back({page, false});
                     } else {
                         changed = true;
                     }
                 });
    if (changed) join_small_pages(first);
    return changed;
}

/// Appends what becomes of one page to `pages_`, and retires it, if any change takes effect.
bool AdjacencyBuilder::merge_blocks(const AdjacencyRef& page, std::span<ListChange> changes,
                                    bool last_page) {
    bool changed = false;
    Fill fill = Fill::kEven;
    blocks_.clear();
    auto merge_block = [&](const AdjacencyRef& block, std::span<ListChange> of_block, bool last) {
        neighbours_.clear();
        edges_.clear();
        AdjacencyRun run = run_of(block, TypeId{});
        if (of_block.empty() || !merge_run(run, of_block)) {
            blocks_.push_back({block, false});
            return;
        }
        changed = true;
        bool grew_at_end = last && last_page && neighbours_.size() > block.count &&
                           neighbours_[block.count - 1] == run.neighbours.back() &&
                           edges_[block.count - 1] == run.edges.back();
        fill = grew_at_end ? Fill::kFull : Fill::kEven;
        pack_blocks(neighbours_, edges_, fill);
        retire(block.target, block_bytes(block));
    };
    for_each_ref(blocks_of(page), changes, first_edge_of_block, merge_block);
    if (!changed) return false;
    join_small_blocks();
    pack_pages(fill);
    retire(page.target, page_bytes(page));
    return true;
}

/// Cuts the entries into blocks and appends these to `blocks_`.
void AdjacencyBuilder::pack_blocks(std::span<const uint32_t> neighbours,
                                   std::span<const uint32_t> edges, Fill fill) {
    size_t pieces = (neighbours.size() + kBlockEntriesMax - 1) / kBlockEntriesMax;
    for (size_t begin = 0; pieces > 0; --pieces) {
        size_t left = neighbours.size() - begin;
        size_t count = fill == Fill::kFull ? std::min<size_t>(left, kBlockEntriesMax)
                                           : (left + pieces - 1) / pieces;
        auto* block = static_cast<uint32_t*>(allocate(count * 8));
        std::memcpy(block, neighbours.data() + begin, count * sizeof(uint32_t));
        std::memcpy(block + count, edges.data() + begin, count * sizeof(uint32_t));
        blocks_.push_back({{block, block[0], static_cast<uint32_t>(count)}, true});
        begin += count;
    }
}

/// Cuts `blocks_` into pages and appends these to `pages_`.
void AdjacencyBuilder::pack_pages(Fill fill) {
    size_t pieces = (blocks_.size() + kPageBlocksMax - 1) / kPageBlocksMax;
    for (size_t begin = 0; pieces > 0; --pieces) {
        size_t left = blocks_.size() - begin;
        size_t count = fill == Fill::kFull ? std::min<size_t>(left, kPageBlocksMax)
                                           : (left + pieces - 1) / pieces;
        auto* page = static_cast<AdjacencyRef*>(allocate(count * sizeof(AdjacencyRef)));
        for (size_t i = 0; i < count; ++i) page[i] = blocks_[begin + i].ref;
        pages_.push_back({{page, page[0].min_neighbour, static_cast<uint32_t>(count)}, true});
        begin += count;
    }
}

void AdjacencyBuilder::join_small_blocks() {
    size_t kept = 0;
    for (size_t i = 1; i < blocks_.size(); ++i) {
        Ref& left = blocks_[kept];
        const Ref right = blocks_[i];
        uint32_t count = left.ref.count + right.ref.count;
        if (count > kBlockEntriesMax / 2 || !(left.fresh || right.fresh)) {
            blocks_[++kept] = right;
            continue;
        }
        auto* block = static_cast<uint32_t*>(allocate(size_t{count} * 8));
        AdjacencyRun a = run_of(left.ref, TypeId{});
        AdjacencyRun b = run_of(right.ref, TypeId{});
        std::ranges::copy(a.neighbours, block);
        std::ranges::copy(b.neighbours, block + left.ref.count);
        std::ranges::copy(a.edges, block + count);
        std::ranges::copy(b.edges, block + count + left.ref.count);
        drop(left, block_bytes(left.ref));
        drop(right, block_bytes(right.ref));
        left = {{block, block[0], count}, true};
    }
    if (!blocks_.empty()) blocks_.resize(kept + 1);
}

/// Of the pages from `first` on.
void AdjacencyBuilder::join_small_pages(size_t first) {
    size_t kept = first;
    for (size_t i = first + 1; i < pages_.size(); ++i) {
        Ref& left = pages_[kept];
        const Ref right = pages_[i];
        uint32_t count = left.ref.count + right.ref.count;
        if (count > kPageBlocksMax / 2 || !(left.fresh || right.fresh)) {
            pages_[++kept] = right;
            continue;
        }
        auto* page = static_cast<AdjacencyRef*>(allocate(count * sizeof(AdjacencyRef)));
        std::ranges::copy(blocks_of(left.ref), page);
        std::ranges::copy(blocks_of(right.ref), page + left.ref.count);
        drop(left, page_bytes(left.ref));
        drop(right, page_bytes(right.ref));
        left = {{page, page[0].min_neighbour, count}, true};
    }
    if (pages_.size() > first) pages_.resize(kept + 1);
}

/// The entries in work, whose segments are known, as a version of the fitting form.
const AdjacencyList* AdjacencyBuilder::make_list() {
    auto degree = static_cast<uint32_t>(neighbours_.size());
    if (degree <= kSmallMax) return make_small(degree);
    size_t begin = 0;
    for (Segment& segment : segments_) {
        blocks_.clear();
        pack_blocks(std::span(neighbours_).subspan(begin, segment.entries),
                    std::span(edges_).subspan(begin, segment.entries), Fill::kFull);
        pack_pages(Fill::kFull);
        segment.page_end = static_cast<uint32_t>(pages_.size());
        begin += segment.entries;
    }
    return make_large(degree);
}

const AdjacencyList* AdjacencyBuilder::make_small(uint32_t degree) {
    bool single = segments_.size() == 1;
    size_t table = single ? 0 : segments_.size();
    AdjacencyList* list =
        make_header(sizeof(AdjacencyList) + table * sizeof(AdjacencySegment) + size_t{degree} * 8,
                    degree, single ? segments_.front().type : AdjacencyList::kMany);
    auto* segment = reinterpret_cast<AdjacencySegment*>(list + 1);
    uint32_t end = 0;
    for (size_t i = 0; i < table; ++i) {
        end += segments_[i].entries;
        *segment++ = {end, segments_[i].type, 0};
    }
    auto* neighbours = reinterpret_cast<uint32_t*>(segment);
    std::ranges::copy(neighbours_, neighbours);
    std::ranges::copy(edges_, neighbours + degree);
    return list;
}

const AdjacencyList* AdjacencyBuilder::make_large(uint32_t degree) {
    size_t padded = (segments_.size() + 1) / 2 * 2;
    AdjacencyList* list =
        make_header(sizeof(AdjacencyList) + segments_.size() * sizeof(AdjacencySegment) +
                        padded * sizeof(uint32_t) + pages_.size() * sizeof(AdjacencyRef),
                    degree, AdjacencyList::kBlocks);
    auto* segment = reinterpret_cast<AdjacencySegment*>(list + 1);
    auto* page_end = reinterpret_cast<uint32_t*>(segment + segments_.size());
    auto* page = reinterpret_cast<AdjacencyRef*>(page_end + padded);
    uint32_t end = 0;
    for (const Segment& made : segments_) {
        end += made.entries;
        *segment++ = {end, made.type, 0};
        *page_end++ = made.page_end;
    }
    for (const Ref& made : pages_) *page++ = made.ref;
    return list;
}

AdjacencyList* AdjacencyBuilder::make_header(size_t bytes, uint32_t degree, uint16_t kind) {
    return new (allocate(bytes)) AdjacencyList{.ts = ts_.raw(),
                                               .previous = old_.list(),
                                               .degree = degree,
                                               .kind = kind,
                                               .segments = static_cast<uint16_t>(segments_.size())};
}

void* AdjacencyBuilder::allocate(size_t bytes) {
    bytes_written_ += bytes;
    return arena_->allocate(bytes);
}

void AdjacencyBuilder::drop(const Ref& ref, size_t bytes) {
    if (ref.fresh) {
        arena_->release(const_cast<void*>(ref.ref.target), bytes);
    } else {
        retire(ref.ref.target, bytes);
    }
}

void AdjacencyBuilder::retire(const void* memory, size_t bytes) {
    retired_->push({.superseded_at = ts_,
                    .payload = reinterpret_cast<uint64_t>(memory),
                    .bytes = static_cast<uint32_t>(bytes),
                    .kind = kMemory});
}

void AdjacencyBuilder::retire_all(const AdjacencyList& list) {
    if (list.kind == AdjacencyList::kBlocks) {
        for (const AdjacencyRef& page : pages_of(list)) {
            for (const AdjacencyRef& block : blocks_of(page)) {
                retire(block.target, block_bytes(block));
            }
            retire(page.target, page_bytes(page));
        }
    }
    retire(&list, list_bytes(list));
}

}  // namespace deed::graph
