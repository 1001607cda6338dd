#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"

namespace deed::storage {

using catalog::PropertyList;

/// Edges are stored in pages of this many consecutive ids.
inline constexpr uint64_t kEdgesPerPage = 64;

struct NodeRow {
    NodeId id;
    std::vector<LabelId> labels;
    PropertyList properties;
};

/// Sorted by (type, neighbour, edge) within a list.
struct AdjacencyEntry {
    TypeId type;
    NodeId neighbour;
    EdgeId edge;

    friend constexpr auto operator<=>(const AdjacencyEntry&, const AdjacencyEntry&) = default;
};

struct EdgeRow {
    EdgeId id;
    NodeId start;
    NodeId end;
    TypeId type;
    PropertyList properties;
};

/// Gets the rows of a range of nodes, in the order of ids: for each node its record (if it has
/// one), then its out list, then its in list. What is passed is valid during the call only.
class NodeVisitor {
 public:
    virtual ~NodeVisitor() = default;
    virtual Status on_node(const NodeRow& row) = 0;
    virtual Status on_adjacency(NodeId id, Direction direction,
                                std::span<const AdjacencyEntry> entries) = 0;
};

/// Gets the edges of a range, in the order of ids. What is passed is valid during the call only.
class EdgeVisitor {
 public:
    virtual ~EdgeVisitor() = default;
    virtual Status on_edge(const EdgeRow& row) = 0;
};

// --- the bytes of the rows (formats.md), for bulk import and for the store itself --------------
// Encoders append to `out` or hand on finished rows; decoders return CORRUPTION for bytes that no
// encoder makes, and never read past the end.

/// Gets rows in ascending key order; the views are valid during the call only.
using RowSink = std::function<Status(std::string_view key, std::string_view value)>;

/// REQUIRES: labels sorted, each once; properties sorted by key, each once.
void encode_node_row(const NodeRow& row, std::string& out);
Status decode_node_row(std::string_view bytes, NodeRow& row);  // leaves `row.id` alone

/// Emits the row or rows of one list: the head, then the pieces of a long list.
/// REQUIRES: entries sorted by (type, neighbour, edge), none twice, not empty.
Status encode_adjacency(NodeId id, Direction direction, std::span<const AdjacencyEntry> entries,
                        const RowSink& sink);

/// What the head row says of its list.
struct AdjacencyHead {
    uint64_t entries = 0;
    uint32_t pieces = 0;  // further rows; 0: the entries are in the head itself
};
/// Appends the head's own entries to `out` if it has any.
Result<AdjacencyHead> decode_adjacency_head(std::string_view bytes,
                                            std::vector<AdjacencyEntry>& out);
/// Appends a further row's entries to `out`.
Status decode_adjacency_piece(std::string_view bytes, std::vector<AdjacencyEntry>& out);

/// REQUIRES: every row's id lies in the page; ids ascending; not empty.
void encode_edge_page(uint64_t page, std::span<const EdgeRow> rows, std::string& out);
/// Replaces what `rows` holds.
Status decode_edge_page(uint64_t page, std::string_view bytes, std::vector<EdgeRow>& rows);

}  // namespace deed::storage
