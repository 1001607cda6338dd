#include "server/grpc/entity_convert.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "server/grpc/value_convert.h"

namespace deed::server {
namespace {

Error missing(std::string_view field) {
    return Error(ErrorCode::kInvalidArgument, "FIELD_MISSING",
                 std::string(field) + " is not set; name what the call is about",
                 std::string(field));
}

/// Two nodes with the same labels and property names share a group.
bool same_form(const api::Node& a, const api::Node& b) {
    return a.labels == b.labels &&
           std::equal(a.properties.begin(), a.properties.end(), b.properties.begin(),
                      b.properties.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first; });
}

std::string form_key(const api::Node& node) {
    std::string key;
    for (const auto& label : node.labels) key.append(label).push_back('\0');
    key.push_back('\0');
    for (const auto& [name, unused] : node.properties) key.append(name).push_back('\0');
    return key;
}

using Members = std::vector<uint32_t>;  // positions of a group's nodes in the request

void fill_column(std::span<const std::optional<api::Node>> nodes, const Members& members,
                 size_t property, v1::Column* column) {
    const auto value_of = [&](uint32_t position) -> const value::Value& {
        return nodes[position]->properties[property].second;
    };
    const value::Type type = value_of(members.front()).type();
    const bool uniform = std::all_of(members.begin(), members.end(), [&](uint32_t position) {
        return value_of(position).type() == type;
    });
    const int count = static_cast<int>(members.size());
    if (uniform && type == value::Type::kInteger) {
        auto* values = column->mutable_integers()->mutable_values();
        values->Reserve(count);
        for (const uint32_t at : members) values->AddAlreadyReserved(value_of(at).as_integer());
    } else if (uniform && type == value::Type::kFloat) {
        auto* values = column->mutable_floats()->mutable_values();
        values->Reserve(count);
        for (const uint32_t at : members) values->AddAlreadyReserved(value_of(at).as_float());
    } else if (uniform && type == value::Type::kBoolean) {
        auto* values = column->mutable_booleans()->mutable_values();
        values->Reserve(count);
        for (const uint32_t at : members) values->AddAlreadyReserved(value_of(at).as_boolean());
    } else if (uniform && type == value::Type::kString) {
        auto* values = column->mutable_strings()->mutable_values();
        values->Reserve(count);
        for (const uint32_t at : members) {
            const std::string_view text = value_of(at).as_string();
            values->Add()->assign(text.data(), text.size());
        }
    } else {
        auto* values = column->mutable_mixed()->mutable_elements();
        values->Reserve(count);
        for (const uint32_t at : members) to_wire(value_of(at), values->Add());
    }
}

void fill_group(std::span<const std::optional<api::Node>> nodes, uint32_t first,
                const Members& members, v1::EntityGroup* group) {
    const api::Node& form = *nodes[members.front()];
    for (const auto& label : form.labels) group->add_labels(label);
    for (const auto& [name, unused] : form.properties) group->add_property_names(name);
    const int count = static_cast<int>(members.size());
    group->mutable_ids()->Reserve(count);
    group->mutable_positions()->Reserve(count);
    for (const uint32_t position : members) {
        group->mutable_ids()->AddAlreadyReserved(nodes[position]->id.raw());
        group->mutable_positions()->AddAlreadyReserved(first + position);
    }
    for (size_t property = 0; property < form.properties.size(); ++property) {
        fill_column(nodes, members, property, group->add_columns());
    }
}

}  // namespace

Result<api::Properties> properties_from_wire(const WireProperties& wire, std::string_view field) {
    api::Properties properties;
    properties.reserve(wire.size());
    for (const auto& [name, wire_value] : wire) {
        auto decoded = from_wire(wire_value, name);
        if (!decoded.ok()) return within_field(std::move(decoded).error(), field);
        properties.emplace_back(name, std::move(decoded).value());
    }
    return properties;
}

void properties_to_wire(const api::Properties& properties, WireProperties* wire) {
    for (const auto& [name, held] : properties) to_wire(held, &(*wire)[name]);
}

Result<NodeId> required_node(bool present, uint64_t raw, std::string_view field) {
    if (!present) return missing(field);
    return NodeId(raw);
}

Result<EdgeId> required_edge(bool present, uint64_t raw, std::string_view field) {
    if (!present) return missing(field);
    return EdgeId(raw);
}

Result<Direction> direction_from_wire(v1::Direction wire) {
    switch (wire) {
        case v1::DIRECTION_UNSPECIFIED:
        case v1::DIRECTION_OUT:
            return Direction::kOut;
        case v1::DIRECTION_IN:
            return Direction::kIn;
        case v1::DIRECTION_BOTH:
            return Direction::kBoth;
        default:
            break;
    }
    return Error(ErrorCode::kInvalidArgument, "ENUM_UNKNOWN",
                 std::to_string(static_cast<int>(wire)) +
                     " is no direction; use DIRECTION_OUT, DIRECTION_IN or DIRECTION_BOTH",
                 "direction");
}

std::vector<std::string> strings_from_wire(const WireStrings& wire) {
    return {wire.begin(), wire.end()};
}

std::vector<std::string_view> views_from_wire(const WireStrings& wire) {
    return {wire.begin(), wire.end()};
}

void node_to_wire(const api::Node& node, v1::Node* wire) {
    wire->set_id(node.id.raw());
    for (const auto& label : node.labels) wire->add_labels(label);
    properties_to_wire(node.properties, wire->mutable_properties());
}

void edge_to_wire(const api::Edge& edge, v1::Edge* wire) {
    wire->set_id(edge.id.raw());
    wire->set_start(edge.start.raw());
    wire->set_end(edge.end.raw());
    wire->set_type(edge.type);
    properties_to_wire(edge.properties, wire->mutable_properties());
}

void nodes_to_groups(std::span<const std::optional<api::Node>> nodes, uint32_t first,
                     v1::BatchGetEntitiesResponse* response) {
    std::vector<Members> groups;
    // Nodes asked for together mostly look alike: the last group is tried before the table.
    size_t last = 0;
    std::unordered_map<std::string, size_t> by_form;
    for (uint32_t position = 0; position < nodes.size(); ++position) {
        if (!nodes[position].has_value()) {
            response->add_absent(first + position);
            continue;
        }
        const api::Node& node = *nodes[position];
        if (groups.empty() || !same_form(node, *nodes[groups[last].front()])) {
            const auto [found, fresh] = by_form.try_emplace(form_key(node), groups.size());
            if (fresh) groups.emplace_back();
            last = found->second;
        }
        groups[last].push_back(position);
    }
    for (const Members& members : groups) fill_group(nodes, first, members, response->add_groups());
}

Result<api::PropertyFilter> filter_from_wire(const v1::PropertyFilter& wire) {
    using Op = api::PropertyFilter::Op;
    api::PropertyFilter filter;
    filter.property = wire.property();
    switch (wire.op()) {
        case v1::PropertyFilter::OP_EQUAL:
            filter.op = Op::kEqual;
            break;
        case v1::PropertyFilter::OP_NOT_EQUAL:
            filter.op = Op::kNotEqual;
            break;
        case v1::PropertyFilter::OP_LESS:
            filter.op = Op::kLess;
            break;
        case v1::PropertyFilter::OP_LESS_EQUAL:
            filter.op = Op::kLessEqual;
            break;
        case v1::PropertyFilter::OP_GREATER:
            filter.op = Op::kGreater;
            break;
        case v1::PropertyFilter::OP_GREATER_EQUAL:
            filter.op = Op::kGreaterEqual;
            break;
        case v1::PropertyFilter::OP_EXISTS:
            filter.op = Op::kExists;
            return filter;
        default:
            return Error(ErrorCode::kInvalidArgument, "ENUM_UNKNOWN",
                         std::to_string(static_cast<int>(wire.op())) +
                             " is no comparison; use one of PropertyFilter.Op",
                         "op");
    }
    DEED_ASSIGN_OR_RETURN(filter.value, from_wire(wire.value(), "value"));
    return filter;
}

}  // namespace deed::server
