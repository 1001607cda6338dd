#include "engine/graph/writer.h"

#include <algorithm>
#include <bit>

#include "engine/base/assert.h"

namespace deed::graph {
namespace {

// How far ahead of the list in work its slot, and then the list itself, is asked for.
constexpr size_t kSlotAhead = 32;
constexpr size_t kListAhead = 16;

uint64_t pack(uint64_t high, uint64_t low) {
    return high << 32 | low;
}
uint64_t high_half(uint64_t word) {
    return word >> 32;
}
uint64_t low_half(uint64_t word) {
    return word & 0xFFFF'FFFF;
}

uint32_t narrow(NodeId id) {
    return static_cast<uint32_t>(id.raw());
}
uint32_t narrow(EdgeId id) {
    return static_cast<uint32_t>(id.raw());
}

bool exists(const NodeRecord* record) {
    return record != nullptr && !record->deleted();
}

}  // namespace

Writer::Writer(GraphState& state, uint32_t shards)
    : state_(state),
      shard_bits_(static_cast<uint32_t>(std::countr_zero(shards))),
      records_(state.shapes) {
    DEED_ASSERT(std::has_single_bit(shards) && shards <= limits::kShardsMax,
                "shards are a power of two");
    for (uint32_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

Writer::~Writer() = default;

// --- applying --------------------------------------------------------------------------------

void Writer::apply(const catalog::ChangeSet& changes, CommitTs ts) {
    DEED_ASSERT(ts > ts_, "groups are applied in the order of their timestamps");
    ts_ = ts;
    for (const catalog::EdgeAdd& add : changes.added) {
        state_.edges.set_ends(add.edge, {add.start, add.end});
    }
    apply_lists(changes);
    for (const catalog::EdgeAdd& add : changes.added) {
        if (!add.properties.empty()) write_edge_record(add.edge, add.properties);
    }
    for (const catalog::EdgeWrite& write : changes.written) {
        // Absent in a replay over rows that already know of its removal.
        if (state_.edges.ends(write.edge)) write_edge_record(write.edge, write.properties);
    }
    for (const catalog::EdgeRemove& remove : changes.removed) {
        if (!state_.edges.ends(remove.edge)) continue;
        shard_of(remove.edge.raw())
            .retired.push({.superseded_at = ts,
                           .payload = pack(remove.type.raw(), remove.edge.raw()),
                           .bytes = 0,
                           .kind = kRemovedEdge});
    }
    for (const catalog::NodeWrite& write : changes.nodes) apply_node(write);
}

void Writer::apply_lists(const catalog::ChangeSet& changes) {
    sort_changes(changes);
    for (size_t i = 0; i < std::min(kSlotAhead, changes_.size()); ++i) prefetch(i);
    size_t prefetched = 0;
    for (size_t begin = 0; begin < changes_.size();) {
        size_t end = begin + 1;
        while (end < changes_.size() && changes_[end].list() == changes_[begin].list()) ++end;
        for (; prefetched < end; ++prefetched) prefetch(prefetched);
        apply_list(std::span(changes_).subspan(begin, end - begin));
        begin = end;
    }
}

void Writer::sort_changes(const catalog::ChangeSet& changes) {
    changes_.clear();
    changes_.reserve(2 * (changes.added.size() + changes.removed.size()));
    auto both_lists = [&](const auto& change, bool add) {
        uint32_t start = narrow(change.start);
        uint32_t end = narrow(change.end);
        uint32_t edge = narrow(change.edge);
        changes_.emplace_back(start, shard_bits_, Direction::kOut, change.type, EntryKey{end, edge},
                              add);
        changes_.emplace_back(end, shard_bits_, Direction::kIn, change.type, EntryKey{start, edge},
                              add);
    };
    for (const catalog::EdgeAdd& add : changes.added) both_lists(add, true);
    for (const catalog::EdgeRemove& remove : changes.removed) both_lists(remove, false);
    std::sort(changes_.begin(), changes_.end());
}

/// Lists of a group lie anywhere in memory, but which ones is known: their misses need not be
/// waited for one by one.
void Writer::prefetch(size_t change) const {
    if (change + kSlotAhead < changes_.size()) {
        __builtin_prefetch(state_.nodes.find(changes_[change + kSlotAhead].node(shard_bits_)), 1);
    }
    if (change + kListAhead < changes_.size()) {
        const ListChange& ahead = changes_[change + kListAhead];
        const NodeSlot* slot = state_.nodes.find(ahead.node(shard_bits_));
        if (slot != nullptr) __builtin_prefetch(slot->list(ahead.direction()));
    }
}

void Writer::apply_list(std::span<ListChange> changes) {
    uint32_t node = changes.front().node(shard_bits_);
    Direction direction = changes.front().direction();
    Shard& shard = shard_of(node);
    NodeSlot& slot = state_.nodes.make(node);
    const AdjacencyList* old = slot.list(direction);
    const AdjacencyList* list = shard.adjacency.next(old, changes, ts_);
    if (list == old) return;
    slot.publish_list(direction, list);
    if (list->degree == 0) {
        shard.retired.push({.superseded_at = ts_,
                            .payload = pack(static_cast<uint64_t>(direction), node),
                            .bytes = 0,
                            .kind = kEmptyList});
    }
    // An edge stands in two lists; it is counted where it begins.
    if (direction == Direction::kOut) count_edges(changes);
}

void Writer::count_edges(std::span<const ListChange> changes) {
    for (size_t begin = 0; begin < changes.size();) {
        uint16_t type = changes[begin].type();
        int64_t growth = 0;
        for (; begin < changes.size() && changes[begin].type() == type; ++begin) {
            if (changes[begin].took_effect()) growth += changes[begin].add() ? 1 : -1;
        }
        if (growth != 0) state_.figures.add_edges(TypeId{type}, growth);
    }
}

void Writer::apply_node(const catalog::NodeWrite& write) {
    NodeSlot& slot = state_.nodes.make(write.node.raw());
    Shard& shard = shard_of(write.node.raw());
    const NodeRecord* old = slot.record();
    const NodeRecord* record = nullptr;
    LabelSetId labels{0};
    if (write.deleted) {
        if (!exists(old)) return;
        for (Direction direction : {Direction::kOut, Direction::kIn}) {
            DEED_DEBUG_ASSERT(AdjacencyView(slot.list(direction)).empty(),
                              "a node is deleted with its edges");
        }
        record =
            RecordBuilder::write_deleted_node(shard.arena.allocate(sizeof(NodeRecord)), ts_, old);
        shard.retired.push(
            {.superseded_at = ts_, .payload = write.node.raw(), .bytes = 0, .kind = kDeletedNode});
    } else {
        labels = state_.catalog->label_sets.intern(write.labels);
        records_.prepare(write.properties);
        record = records_.write_node(shard.arena.allocate(records_.node_bytes()), ts_, old, labels);
    }
    state_.figures.add_nodes(int64_t{exists(record)} - int64_t{exists(old)});
    relabel(write.node, exists(old) ? old->label_set() : LabelSetId{0}, labels);
    slot.publish_record(record);
    if (old != nullptr) retire(shard, ts_, old, old->bytes(state_.shapes));
}

/// Bits are set now, before any reader can see the version, and cleared by the collector.
void Writer::relabel(NodeId node, LabelSetId before, LabelSetId after) {
    if (before == after) return;
    std::span<const LabelId> old_labels = state_.catalog->label_sets.labels(before);
    std::span<const LabelId> new_labels = state_.catalog->label_sets.labels(after);
    for (LabelId label : new_labels) {
        if (std::ranges::binary_search(old_labels, label)) continue;
        state_.labels.set(label, node);
        state_.figures.add_labelled(label, 1);
    }
    bool lost = false;
    for (LabelId label : old_labels) {
        if (std::ranges::binary_search(new_labels, label)) continue;
        state_.figures.add_labelled(label, -1);
        lost = true;
    }
    if (!lost) return;
    shard_of(node.raw())
        .retired.push({.superseded_at = ts_,
                       .payload = pack(before.raw(), node.raw()),
                       .bytes = 0,
                       .kind = kLostLabels});
}

void Writer::write_edge_record(EdgeId edge, const catalog::PropertyList& properties) {
    Shard& shard = shard_of(edge.raw());
    const EdgeRecord* old = state_.edges.record(edge);
    records_.prepare(properties);
    void* memory = shard.arena.allocate(records_.edge_bytes());
    state_.edges.publish_record(edge, records_.write_edge(memory, ts_, old));
    if (old != nullptr) retire(shard, ts_, old, old->bytes(state_.shapes));
}

// --- collecting ------------------------------------------------------------------------------

void Writer::retire(Shard& shard, CommitTs superseded_at, const void* memory, size_t bytes) {
    shard.retired.push({.superseded_at = superseded_at,
                        .payload = reinterpret_cast<uint64_t>(memory),
                        .bytes = static_cast<uint32_t>(bytes),
                        .kind = kMemory});
}

size_t Writer::collect(CommitTs floor, size_t budget) {
    floor = std::min(floor, ts_);
    size_t disposed = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) {
        disposed += shard->retired.drain(floor, budget - disposed, [&](const sync::Retired& entry) {
            dispose(*shard, entry, floor);
        });
    }
    return disposed;
}

void Writer::dispose(Shard& shard, const sync::Retired& entry, CommitTs floor) {
    NodeId node{low_half(entry.payload)};
    switch (static_cast<Kind>(entry.kind)) {
        case kMemory:
            shard.arena.release(reinterpret_cast<void*>(entry.payload), entry.bytes);
            break;
        case kEmptyList:
            forget_list(shard, node, static_cast<Direction>(high_half(entry.payload)), floor);
            break;
        case kDeletedNode:
            forget_node(shard, node, floor);
            break;
        case kRemovedEdge:
            forget_edge(shard, EdgeId{low_half(entry.payload)},
                        TypeId{static_cast<uint32_t>(high_half(entry.payload))});
            break;
        case kLostLabels:
            clear_labels(node, LabelSetId{static_cast<uint32_t>(high_half(entry.payload))}, floor);
            break;
    }
}

void Writer::forget_list(Shard& shard, NodeId node, Direction direction, CommitTs floor) {
    NodeSlot& slot = *state_.nodes.find(node.raw());
    const AdjacencyList* list = slot.list(direction);
    // It may have been filled again, even emptied again; then another entry stands for that.
    if (list == nullptr || list->degree > 0 || list->ts > floor.raw()) return;
    slot.publish_list(direction, nullptr);
    retire(shard, after_all_readers(), list, AdjacencyBuilder::list_bytes(*list));
}

void Writer::forget_node(Shard& shard, NodeId node, CommitTs floor) {
    NodeSlot& slot = *state_.nodes.find(node.raw());
    const NodeRecord* record = slot.record();
    if (record == nullptr || !record->deleted() || record->ts() > floor) return;
    slot.publish_record(nullptr);
    retire(shard, after_all_readers(), record, record->bytes(state_.shapes));
}

void Writer::forget_edge(Shard& shard, EdgeId edge, TypeId type) {
    std::optional<EdgeEnds> ends = state_.edges.ends(edge);
    if (!ends) return;
    // Added once more by a replay.
    const NodeSlot* start = state_.nodes.find(ends->start.raw());
    if (start != nullptr &&
        AdjacencyView(start->list(Direction::kOut)).contains(type, ends->end, edge)) {
        return;
    }
    state_.edges.clear(edge);
    const EdgeRecord* record = state_.edges.record(edge);
    if (record == nullptr) return;
    state_.edges.publish_record(edge, nullptr);
    retire(shard, after_all_readers(), record, record->bytes(state_.shapes));
}

/// Clears the bits of labels that no version has any more which a snapshot >= floor may see.
void Writer::clear_labels(NodeId node, LabelSetId lost, CommitTs floor) {
    const NodeRecord* newest = state_.nodes.find(node.raw())->record();
    for (LabelId label : state_.catalog->label_sets.labels(lost)) {
        bool needed = false;
        for (const NodeRecord* record = newest; record != nullptr && !needed;) {
            needed = !record->deleted() &&
                     state_.catalog->label_sets.contains(record->label_set(), label);
            // What lies below the version that `floor` sees may be freed already.
            record = record->ts() > floor ? record->previous() : nullptr;
        }
        if (!needed) state_.labels.clear(label, node);
    }
}

// --- figures ---------------------------------------------------------------------------------

uint64_t Writer::used() const {
    uint64_t sum = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) sum += shard->arena.used();
    return sum;
}

uint64_t Writer::reserved() const {
    uint64_t sum = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) sum += shard->arena.reserved();
    return sum;
}

uint64_t Writer::retired() const {
    uint64_t sum = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) sum += shard->retired.bytes();
    return sum;
}

}  // namespace deed::graph
