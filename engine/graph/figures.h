#pragma once

#include <atomic>
#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/sync/chunked_directory.h"

namespace deed::graph {

/// How many nodes and edges there are, by label and by type, in the newest applied state.
///
/// Thread safety: all methods from any thread. Every access is relaxed: the numbers order nothing,
/// and whoever needs an exact one at a snapshot counts.
class Figures {
 public:
    void add_nodes(int64_t count) { add(nodes_, count); }
    void add_edges(TypeId type, int64_t count) {
        add(edges_, count);
        add(types_.make(type.raw()), count);
    }
    void add_labelled(LabelId label, int64_t count) { add(labels_.make(label.raw()), count); }

    [[nodiscard]] uint64_t nodes() const { return nodes_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t edges() const { return edges_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t labelled(LabelId label) const { return read(labels_, label.raw()); }
    [[nodiscard]] uint64_t of_type(TypeId type) const { return read(types_, type.raw()); }

 private:
    using Count = std::atomic<uint64_t>;
    template <uint64_t kMax>
    using Counts = sync::ChunkedDirectory<Count, 9, kMax>;

    static void add(Count& figure, int64_t count) {
        figure.fetch_add(static_cast<uint64_t>(count), std::memory_order_relaxed);
    }
    template <class Table>
    static uint64_t read(const Table& table, uint64_t index) {
        const Count* count = table.find(index);
        return count == nullptr ? 0 : count->load(std::memory_order_relaxed);
    }

    Count nodes_{0};
    Count edges_{0};
    Counts<limits::kLabelsMax> labels_;
    Counts<limits::kTypesMax> types_;
};

}  // namespace deed::graph
