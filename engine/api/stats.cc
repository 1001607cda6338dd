#include <cstddef>

#include "engine/api/internal/impl.h"

// jemalloc's own interface where the program is linked with it, else nothing.
extern "C" int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value,
                       size_t new_size) __attribute__((weak));

namespace deed::api {

namespace {

uint64_t allocator_figure(const char* name) {
    size_t value = 0;
    size_t size = sizeof(value);
    if (mallctl == nullptr || mallctl(name, &value, &size, nullptr, 0) != 0) return 0;
    return value;
}

void refresh_allocator_figures() {
    uint64_t epoch = 1;
    size_t size = sizeof(epoch);
    if (mallctl != nullptr) (void)mallctl("epoch", &epoch, &size, &epoch, size);
}

}  // namespace

Stats Database::stats() const {
    const txn::Engine& engine = *impl_->engine;
    const graph::Graph& graph = engine.graph();
    const catalog::Catalog& catalog = engine.catalog();
    Stats stats;
    stats.entity_count = graph.node_count();
    stats.edge_count = graph.edge_count();
    for (uint32_t id = 0; id < catalog.labels.size(); ++id)
        if (const uint64_t count = graph.label_count(LabelId{id}); count > 0)
            stats.labels.push_back({std::string(catalog.labels.name(id)), count});
    for (uint32_t id = 0; id < catalog.types.size(); ++id)
        if (const uint64_t count = graph.type_count(TypeId{id}); count > 0)
            stats.types.push_back({std::string(catalog.types.name(id)), count});
    stats.shards = graph.shard_count();
    stats.visible = engine.visible();
    stats.commits = engine.pipeline().commits();
    stats.conflicts = engine.pipeline().conflicts();
    stats.open_transactions = engine.open_transactions().open();
    stats.oldest_snapshot = engine.oldest_snapshot();
    const graph::GraphMemory memory = graph.memory();
    stats.version_bytes = memory.retired;
    stats.graph_bytes = memory.used;
    stats.graph_bytes_reserved = memory.reserved;
    refresh_allocator_figures();
    stats.allocated_bytes = allocator_figure("stats.allocated");
    stats.resident_bytes = allocator_figure("stats.resident");
    stats.log_bytes = engine.store().log_bytes();
    stats.disk_bytes = engine.store().disk_bytes();
    stats.folded_through = engine.folded_through();
    stats.pheromone_epoch = graph.pheromone_epoch();
    stats.recovery_seconds = engine.recovery_seconds();
    return stats;
}

}  // namespace deed::api
