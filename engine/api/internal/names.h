#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/types.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"
#include "engine/catalog/tokens.h"
#include "engine/txn/transaction.h"

/// Between names, which users speak, and numbers, which the engine does. Free functions; any
/// thread.
namespace deed::api {

/// Names that are written get a number if they have none. Errors: what TokenTable::intern says,
/// with `field` set.
Result<std::vector<LabelId>> intern_labels(catalog::Catalog& catalog,
                                           std::span<const std::string_view> names);
Result<std::vector<LabelId>> intern_labels(catalog::Catalog& catalog,
                                           std::span<const std::string> names);
/// Sorted by key; nulls are kept. INVALID_ARGUMENT / DUPLICATE_PROPERTY, or what
/// `value::check_limits` says.
Result<catalog::PropertyList> intern_properties(catalog::Catalog& catalog,
                                                const Properties& properties);

/// Which of the types asked for exist. Nobody has used any of them: `none`.
struct TypeFilter {
    std::vector<TypeId> types;  // sorted; empty: all
    bool none = false;
};
TypeFilter find_types(const catalog::Catalog& catalog, std::span<const std::string> names);

/// What to read of each node.
struct Projection {
    bool all = true;
    std::vector<PropertyKeyId> keys;  // sorted
};
Projection find_projection(const catalog::Catalog& catalog, std::span<const std::string> names,
                           bool all);

Node to_node(const catalog::Catalog& catalog, NodeId id, const txn::NodeView& view,
             const Projection& projection);
Edge to_edge(const graph::Graph& graph, const txn::EdgeView& view);

}  // namespace deed::api
