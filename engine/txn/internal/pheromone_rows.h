#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/graph/graph.h"

namespace deed::txn {

/// Intensities as the store keeps them, in rows of bounded size. Numbers are little-endian:
///
///     row:   | version 1, u8 | kind u8 | entries ... |
///     kind 1, lists: entry | node id * 2 + (1 for the in list), u64 | intensity f32 |
///     kind 2, edges: entry | edge id, u64                           | intensity f32 |
///
/// Thread safety: none.
class PheromoneRows {
 public:
    using Put = std::function<Status(std::string_view)>;
    explicit PheromoneRows(Put put) : put_(std::move(put)) {}

    void add(const graph::Graph::ListIntensity& one);
    void add(const graph::Graph::EdgeIntensity& one);
    /// Writes what is left; the first failure of any row.
    Status finish();

    /// Gives one row's entries to the graph. CORRUPTION where it is no such row.
    static Status load(std::string_view row, graph::Graph& graph);

 private:
    void add(uint8_t kind, uint64_t key, float value);
    void flush();

    Put put_;
    std::string row_;
    uint8_t kind_ = 0;
    Status status_;
};

}  // namespace deed::txn
