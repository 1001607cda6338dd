#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/record.h"
#include "engine/graph/shape.h"

namespace deed::graph {

/// Turns property lists into records: `prepare`, then memory of `node_bytes()` from an arena, then
/// `write_node` into it. Its buffers are reused from record to record.
///
/// Thread safety: one thread each; several builders may share a table.
/// Lifetime: not longer than the table; the list must live from `prepare` to the last `write_*`.
class RecordBuilder {
 public:
    static constexpr size_t kAlignment = 8;

    explicit RecordBuilder(ShapeTable& shapes) : shapes_(&shapes) {}

    /// Chooses the shape and measures. REQUIRES: sorted by key, each once, no nulls.
    void prepare(const catalog::PropertyList& properties);
    void prepare(catalog::PropertyList&&) = delete;  // would be gone before it is written

    /// How much memory the prepared record takes; a multiple of 8.
    [[nodiscard]] size_t node_bytes() const { return record_bytes(sizeof(NodeRecord)); }
    [[nodiscard]] size_t edge_bytes() const { return record_bytes(kEdgeHeaderBytes); }

    /// REQUIRES: prepared; `memory` is aligned to 8 and as large as was asked for.
    NodeRecord* write_node(void* memory, CommitTs ts, const NodeRecord* previous,
                           LabelSetId labels) const;
    EdgeRecord* write_edge(void* memory, CommitTs ts, const EdgeRecord* previous) const;

    /// Versions that say "gone from here on". They take `sizeof` the record.
    static NodeRecord* write_deleted_node(void* memory, CommitTs ts, const NodeRecord* previous);
    static EdgeRecord* write_deleted_edge(void* memory, CommitTs ts, const EdgeRecord* previous);

 private:
    static constexpr size_t kEdgeHeaderBytes = 20;

    [[nodiscard]] size_t record_bytes(size_t header) const;
    void prepare_generic();
    void write_payload(std::byte* payload) const;
    void write_generic(std::byte* payload) const;

    ShapeTable* shapes_;
    const catalog::PropertyList* properties_ = nullptr;
    ShapeId shape_ = ShapeTable::kEmpty;
    size_t payload_bytes_ = 0;
    std::vector<ShapeField> fields_;
    std::string encoded_;                 // one encoded value after the other
    std::vector<uint32_t> encoded_ends_;  // in `encoded_`
};

}  // namespace deed::graph
