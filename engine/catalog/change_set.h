#pragma once

#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/value/value.h"

namespace deed::catalog {

/// Property keys to values, sorted by key, each key once, no nulls.
using PropertyList = std::vector<std::pair<PropertyKeyId, value::Value>>;

/// The whole new state of one node (after-image), or its removal.
struct NodeWrite {
    NodeId node;
    bool deleted = false;
    std::vector<LabelId> labels;  // sorted, each once
    PropertyList properties;
};

struct EdgeAdd {
    EdgeId edge;
    NodeId start;
    NodeId end;
    TypeId type;
    PropertyList properties;
};

struct EdgeRemove {
    EdgeId edge;
    NodeId start;
    NodeId end;
    TypeId type;
};

/// The whole new properties of an edge that exists.
struct EdgeWrite {
    EdgeId edge;
    PropertyList properties;
};

/// What one group of transactions does to the graph: after-images for records, deltas for
/// adjacency. Applying it twice, or over a state that already holds a later part of it, ends in the
/// same graph: an edge that is there is not added again, one that is not there is not removed.
/// A node appears in `nodes` at most once; an edge in at most one of `added`, `removed`, `written`.
struct ChangeSet {
    std::vector<NodeWrite> nodes;
    std::vector<EdgeAdd> added;
    std::vector<EdgeRemove> removed;
    std::vector<EdgeWrite> written;

    [[nodiscard]] bool empty() const {
        return nodes.empty() && added.empty() && removed.empty() && written.empty();
    }
};

}  // namespace deed::catalog
