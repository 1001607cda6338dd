#include <algorithm>

#include "engine/graph/graph.h"

// Graph's part of the pheromone: which cell belongs to which list or edge. What a cell means is the
// business of engine/pheromone.

namespace deed::graph {
namespace {

constexpr Direction kDirections[] = {Direction::kOut, Direction::kIn};

/// Calls `visit(NodeId, NodeSlot&)` for every slot whose chunk exists.
template <class Visit>
void for_each_slot(const NodeDirectory& nodes, Visit&& visit) {
    for (uint64_t chunk = 0; chunk < nodes.chunk_end(); ++chunk) {
        NodeSlot* slots = nodes.chunk(chunk);
        if (slots == nullptr) continue;
        for (uint64_t i = 0; i < NodeDirectory::kChunkCells; ++i) {
            visit(NodeId{chunk * NodeDirectory::kChunkCells + i}, slots[i]);
        }
    }
}

}  // namespace

void Graph::deposit(NodeId id, Direction direction, float weight) const {
    NodeSlot* slot = state_.nodes.find(id.raw());
    if (slot == nullptr) return;
    pheromone::deposit_into(slot->trail(direction), weight, evaporation_.now(),
                            pheromone::random_bits());
}

void Graph::followed([[maybe_unused]] std::span<const EdgeId> edges,
                     [[maybe_unused]] float weight) const {
#ifndef DEED_NO_PHEROMONE
    pheromone::Decay now = evaporation_.now();
    // Ids that were never given would take up the table's pages for nothing.
    const uint64_t end = edge_id_end();
    for (EdgeId edge : edges) {
        if (edge.raw() < end) trails_.deposit(edge, weight, now);
    }
#endif
}

double Graph::list_intensity(NodeId id, Direction direction) const {
    const NodeSlot* slot = state_.nodes.find(id.raw());
    return slot == nullptr ? 0
                           : pheromone::decayed(slot->trail_relaxed(direction), evaporation_.now());
}

double Graph::edge_intensity(EdgeId id) const {
    return trails_.intensity(id, evaporation_.now());
}

uint64_t Graph::evaporate(uint32_t epochs) {
    return evaporation_.advance(epochs);
}

uint64_t Graph::pheromone_epoch() const {
    return evaporation_.epoch();
}

void Graph::restore_pheromone_epoch(uint64_t epoch) {
    evaporation_.restore(epoch);
}

void Graph::tend_pheromone(double floor) {
    evaporation_.tick();
    if (!evaporation_.scrub_due()) return;
    pheromone::Decay now = evaporation_.now();
    for_each_slot(state_.nodes, [&](NodeId, NodeSlot& slot) {
        for (Direction direction : kDirections) {
            // Relaxed, and a deposit in between is lost: as any two deposits at once.
            pheromone::Cell before = slot.trail_relaxed(direction);
            pheromone::Cell after = pheromone::scrubbed(before, now, floor);
            if (after != before) slot.trail(direction).store(after, std::memory_order_relaxed);
        }
    });
    trails_.scrub(now, floor);
    evaporation_.scrub_done(now.epoch);
}

void Graph::each_list_intensity(const std::function<void(const ListIntensity&)>& visit,
                                double floor) const {
    pheromone::Decay now = evaporation_.now();
    for_each_slot(state_.nodes, [&](NodeId node, const NodeSlot& slot) {
        for (Direction direction : kDirections) {
            double value = pheromone::decayed(slot.trail_relaxed(direction), now);
            if (value > floor) visit({node, direction, static_cast<float>(value)});
        }
    });
}

void Graph::each_edge_intensity(const std::function<void(const EdgeIntensity&)>& visit,
                                double floor) const {
    trails_.for_each(evaporation_.now(), floor, [&](EdgeId edge, double value) {
        visit({edge, static_cast<float>(value)});
    });
}

void Graph::load_intensity(const ListIntensity& intensity) {
    NodeSlot* slot = state_.nodes.find(intensity.node.raw());
    if (slot == nullptr) return;
    slot->trail(intensity.direction)
        .store(pheromone::make_cell(intensity.value, evaporation_.epoch()),
               std::memory_order_relaxed);
}

void Graph::load_intensity(const EdgeIntensity& intensity) {
    trails_.restore(intensity.edge, intensity.value, evaporation_.now());
}

}  // namespace deed::graph
