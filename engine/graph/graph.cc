#include "engine/graph/graph.h"

#include <algorithm>
#include <string>

#include "engine/base/limits.h"

namespace deed::graph {
namespace {

// How far ahead of the node in work its slot, and then its record, is asked for: enough that a miss
// is over when its turn comes, few enough for the cache to hold them.
constexpr size_t kSlotAhead = 32;
constexpr size_t kRecordAhead = 16;

}  // namespace

Graph::Graph(const GraphOptions& options, catalog::Catalog& catalog)
    : state_(catalog),
      loader_(state_),
      writer_(state_, options.shards),
      shard_count_(options.shards),
      sampler_(options.pheromone_sample_shift),
      evaporation_(options.evaporation, *options.clock),
      trails_(options.trails) {}

Graph::~Graph() = default;

// --- ids -------------------------------------------------------------------------------------

template <class Id>
Result<Id> Graph::allocate(std::atomic<uint64_t>& next, uint64_t count, uint64_t max,
                           const char* what) {
    uint64_t first = next.load(std::memory_order_relaxed);
    do {
        if (count > max - first) {
            return Error(ErrorCode::kLimitExceeded, std::string("LIMIT_") + what,
                         "the graph holds at most " + std::to_string(max) + " " + what +
                             " over its lifetime; " + std::to_string(first) + " ids are given, " +
                             std::to_string(count) + " were asked for");
        }
    } while (!next.compare_exchange_weak(first, first + count, std::memory_order_relaxed));
    return Id{first};
}

Result<NodeId> Graph::allocate_nodes(uint64_t count) {
    return allocate<NodeId>(next_node_, count, limits::kNodesMax, "NODES");
}

Result<EdgeId> Graph::allocate_edges(uint64_t count) {
    return allocate<EdgeId>(next_edge_, count, limits::kEdgesMax, "EDGES");
}

uint64_t Graph::node_id_end() const {
    return next_node_.load(std::memory_order_relaxed);
}
uint64_t Graph::edge_id_end() const {
    return next_edge_.load(std::memory_order_relaxed);
}

void Graph::reserve_ids(uint64_t node_end, uint64_t edge_end) {
    auto raise = [](std::atomic<uint64_t>& next, uint64_t end) {
        uint64_t before = next.load(std::memory_order_relaxed);
        while (before < end &&
               !next.compare_exchange_weak(before, end, std::memory_order_relaxed)) {
        }
    };
    raise(next_node_, node_end);
    raise(next_edge_, edge_end);
}

// --- reading ---------------------------------------------------------------------------------

void Graph::nodes(std::span<const NodeId> ids, CommitTs snapshot,
                  std::span<const NodeRecord*> out) const {
    DEED_DEBUG_ASSERT(ids.size() == out.size(), "one place for each answer");
    size_t count = ids.size();
    for (size_t i = 0; i < std::min(kSlotAhead, count); ++i) prefetch_slot(ids[i]);
    auto prefetch_record = [&](size_t i) {
        const NodeSlot* slot = state_.nodes.find(ids[i].raw());
        if (slot != nullptr) __builtin_prefetch(slot->record());
    };
    for (size_t i = 0; i < std::min(kRecordAhead, count); ++i) prefetch_record(i);
    for (size_t i = 0; i < count; ++i) {
        if (i + kSlotAhead < count) prefetch_slot(ids[i + kSlotAhead]);
        if (i + kRecordAhead < count) prefetch_record(i + kRecordAhead);
        out[i] = node(ids[i], snapshot);
    }
}

std::optional<EdgeEnds> Graph::edge_ends(EdgeId id) const {
    return state_.edges.ends(id);
}

std::optional<TypeId> Graph::edge_type(EdgeId id, EdgeEnds ends, CommitTs snapshot) const {
    AdjacencyView out = adjacency(ends.start, Direction::kOut, snapshot);
    TypeId type = out.type_of(ends.end, id);
    if (!type.valid()) return std::nullopt;
    return type;
}

const EdgeRecord* Graph::edge_record(EdgeId id, CommitTs snapshot) const {
    const EdgeRecord* record = state_.edges.record(id);
    while (record != nullptr && record->ts() > snapshot) record = record->previous();
    return record == nullptr || record->deleted() ? nullptr : record;
}

// --- the newest state ------------------------------------------------------------------------

CommitTs Graph::node_changed(NodeId id) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    const NodeRecord* record = slot == nullptr ? nullptr : slot->record();
    return record == nullptr ? CommitTs{0} : record->ts();
}

bool Graph::node_exists_now(NodeId id) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    const NodeRecord* record = slot == nullptr ? nullptr : slot->record();
    return record != nullptr && !record->deleted();
}

CommitTs Graph::adjacency_changed(NodeId id) const {
    return std::max(adjacency_changed(id, Direction::kOut), adjacency_changed(id, Direction::kIn));
}

CommitTs Graph::adjacency_changed(NodeId id, Direction direction) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    return slot == nullptr ? CommitTs{0} : AdjacencyView(slot->list(direction)).ts();
}

CommitTs Graph::edge_changed(EdgeId id) const {
    const EdgeRecord* record = state_.edges.record(id);
    return record == nullptr ? CommitTs{0} : record->ts();
}

bool Graph::edge_exists_now(EdgeId id) const {
    std::optional<EdgeEnds> ends = state_.edges.ends(id);
    if (!ends) return false;
    const NodeSlot* start = state_.nodes.find(ends->start.raw());
    return start != nullptr &&
           AdjacencyView(start->list(Direction::kOut)).type_of(ends->end, id).valid();
}

// --- writing ---------------------------------------------------------------------------------

void Graph::apply(const catalog::ChangeSet& changes, CommitTs ts) {
    writer_.apply(changes, ts);
}

size_t Graph::collect(CommitTs floor, size_t budget) {
    return writer_.collect(floor, budget);
}

void Graph::load_node(NodeId id, std::span<const LabelId> labels,
                      const catalog::PropertyList& properties, CommitTs ts) {
    loader_.load_node(id, labels, properties, ts);
}

void Graph::load_adjacency(NodeId id, Direction direction, std::span<const LoadEntry> entries,
                           CommitTs ts) {
    loader_.load_adjacency(id, direction, entries, ts);
}

void Graph::load_edge(EdgeId id, EdgeEnds ends, const catalog::PropertyList& properties,
                      CommitTs ts) {
    loader_.load_edge(id, ends, properties, ts);
}

// --- figures ---------------------------------------------------------------------------------

uint64_t Graph::node_count() const {
    return state_.figures.nodes();
}
uint64_t Graph::edge_count() const {
    return state_.figures.edges();
}
uint64_t Graph::label_count(LabelId label) const {
    return state_.figures.labelled(label);
}
uint64_t Graph::type_count(TypeId type) const {
    return state_.figures.of_type(type);
}
uint32_t Graph::shard_count() const {
    return shard_count_;
}

GraphMemory Graph::memory() const {
    uint64_t side = state_.labels.bytes() + state_.edges.record_table_bytes() + trails_.bytes();
    uint64_t entries = node_id_end() * sizeof(NodeSlot) + edge_id_end() * sizeof(uint64_t);
    uint64_t versions = writer_.used() + loader_.used();
    return {.used = versions + entries + side,
            .reserved = writer_.reserved() + loader_.reserved() + state_.nodes.bytes() +
                        state_.edges.bytes() + state_.labels.bytes() + trails_.bytes(),
            .versions = versions,
            .retired = writer_.retired()};
}

}  // namespace deed::graph
