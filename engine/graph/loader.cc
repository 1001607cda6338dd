#include "engine/graph/loader.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "engine/base/assert.h"
#include "engine/graph/adjacency_builder.h"
#include "engine/graph/record_builder.h"
#include "engine/sync/arena.h"
#include "engine/sync/retire_queue.h"

namespace deed::graph {
namespace {

uint64_t next_serial() {
    // Relaxed: the numbers only have to differ.
    static std::atomic<uint64_t> serial{0};
    return serial.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

struct Loader::Lane {
    explicit Lane(ShapeTable& shapes) : thread(std::this_thread::get_id()), records(shapes) {}

    const std::thread::id thread;
    sync::Arena arena;
    sync::RetireQueue retired;  // stays empty: first versions supersede nothing
    AdjacencyBuilder adjacency{arena, retired};
    RecordBuilder records;
};

Loader::Loader(GraphState& state) : state_(state), serial_(next_serial()) {}

Loader::~Loader() = default;

Loader::Lane& Loader::lane() {
    thread_local uint64_t serial = 0;
    thread_local Lane* lane = nullptr;
    if (serial == serial_) [[likely]]
        return *lane;
    std::lock_guard lock(mutex_);
    auto mine = std::ranges::find_if(lanes_, [](const std::unique_ptr<Lane>& candidate) {
        return candidate->thread == std::this_thread::get_id();
    });
    if (mine == lanes_.end()) {
        mine = lanes_.insert(mine, std::make_unique<Lane>(state_.shapes));
    }
    lane = mine->get();
    serial = serial_;
    return *lane;
}

void Loader::load_node(NodeId id, std::span<const LabelId> labels,
                       const catalog::PropertyList& properties, CommitTs ts) {
    Lane& mine = lane();
    NodeSlot& slot = state_.nodes.make(id.raw());
    DEED_DEBUG_ASSERT(slot.record() == nullptr, "a node is loaded once");
    mine.records.prepare(properties);
    void* memory = mine.arena.allocate(mine.records.node_bytes());
    slot.publish_record(
        mine.records.write_node(memory, ts, nullptr, state_.catalog->label_sets.intern(labels)));
    state_.figures.add_nodes(1);
    for (LabelId label : labels) {
        state_.labels.set(label, id);
        state_.figures.add_labelled(label, 1);
    }
}

void Loader::load_adjacency(NodeId id, Direction direction, std::span<const LoadEntry> entries,
                            CommitTs ts) {
    if (entries.empty()) return;
    NodeSlot& slot = state_.nodes.make(id.raw());
    DEED_DEBUG_ASSERT(slot.list(direction) == nullptr, "a list is loaded once");
    const AdjacencyList* list = lane().adjacency.load(entries, ts);
    slot.publish_list(direction, list);
    if (direction != Direction::kOut) return;
    AdjacencyView view(list);
    for (uint32_t i = 0; i < view.type_count(); ++i) {
        TypeId type = view.type(i);
        state_.figures.add_edges(type, static_cast<int64_t>(view.degree(type)));
    }
}

void Loader::load_edge(EdgeId id, EdgeEnds ends, const catalog::PropertyList& properties,
                       CommitTs ts) {
    state_.edges.set_ends(id, ends);
    if (properties.empty()) return;
    Lane& mine = lane();
    mine.records.prepare(properties);
    void* memory = mine.arena.allocate(mine.records.edge_bytes());
    state_.edges.publish_record(id, mine.records.write_edge(memory, ts, nullptr));
}

uint64_t Loader::used() const {
    std::lock_guard lock(mutex_);
    uint64_t sum = 0;
    for (const std::unique_ptr<Lane>& lane : lanes_) sum += lane->arena.used();
    return sum;
}

uint64_t Loader::reserved() const {
    std::lock_guard lock(mutex_);
    uint64_t sum = 0;
    for (const std::unique_ptr<Lane>& lane : lanes_) sum += lane->arena.reserved();
    return sum;
}

}  // namespace deed::graph
