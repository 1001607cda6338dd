#pragma once

#include <cstdint>

#include "engine/catalog/tokens.h"
#include "engine/graph/edge_directory.h"
#include "engine/graph/figures.h"
#include "engine/graph/label_index.h"
#include "engine/graph/node_directory.h"
#include "engine/graph/shape.h"

namespace deed::graph {

/// What readers walk and the writer changes: the directories and what they count. Owned by Graph,
/// lent to its Writer and its Loader.
///
/// Thread safety: as each part says.
struct GraphState {
    explicit GraphState(catalog::Catalog& names) : catalog(&names) {}

    catalog::Catalog* catalog;
    NodeDirectory nodes;
    EdgeDirectory edges;
    ShapeTable shapes;
    LabelIndex labels;
    Figures figures;
};

}  // namespace deed::graph
