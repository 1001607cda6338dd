#pragma once

#include <cstdint>
#include <span>
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

class EdgeVisitor {
 public:
    virtual ~EdgeVisitor() = default;
    virtual Status on_edge(const EdgeRow& row) = 0;
};

}  // namespace deed::storage
