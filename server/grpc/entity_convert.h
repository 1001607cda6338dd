#pragma once

#include <google/protobuf/map.h>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "deed/v1/graph.pb.h"
#include "deed/v1/value.pb.h"
#include "engine/api/types.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"

/// Nodes, edges and their parts between the wire and the engine. Pure functions; any thread.
namespace deed::server {

using WireProperties = google::protobuf::Map<std::string, v1::Value>;
using WireStrings = google::protobuf::RepeatedPtrField<std::string>;

/// INVALID_ARGUMENT naming the property ("properties.age").
Result<api::Properties> properties_from_wire(const WireProperties& wire, std::string_view field);
void properties_to_wire(const api::Properties& properties, WireProperties* wire);

/// The id of a field with presence: INVALID_ARGUMENT / FIELD_MISSING where it was left out.
Result<NodeId> required_node(bool present, uint64_t raw, std::string_view field);
Result<EdgeId> required_edge(bool present, uint64_t raw, std::string_view field);

/// INVALID_ARGUMENT / ENUM_UNKNOWN for a number that this version does not know.
Result<Direction> direction_from_wire(v1::Direction wire);

std::vector<std::string> strings_from_wire(const WireStrings& wire);
/// The views live as long as `wire`.
std::vector<std::string_view> views_from_wire(const WireStrings& wire);

void node_to_wire(const api::Node& node, v1::Node* wire);
void edge_to_wire(const api::Edge& edge, v1::Edge* wire);

/// An answer is put together in pieces that take about this much, because a node that is asked for
/// often may be far larger than the request.
inline constexpr uint64_t kPieceBytes = 4 << 20;

/// Groups nodes by labels and property names and writes their values by column; `nodes[0]` was
/// asked for at position `first`.
void nodes_to_groups(std::span<const std::optional<api::Node>> nodes, uint32_t first,
                     v1::BatchGetEntitiesResponse* response);

Result<api::PropertyFilter> filter_from_wire(const v1::PropertyFilter& wire);

}  // namespace deed::server
