#include "engine/api/internal/names.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "engine/value/codec.h"

namespace deed::api {

namespace {

Error with_field(Error error, const char* field) {
    return Error(error.code(), error.reason(), error.message(), field);
}

template <class Name>
Result<std::vector<LabelId>> intern_all(catalog::Catalog& catalog, std::span<const Name> names) {
    std::vector<LabelId> labels;
    labels.reserve(names.size());
    for (const Name& name : names) {
        Result<uint32_t> id = catalog.labels.intern(name);
        if (!id.ok()) return with_field(std::move(id).error(), "labels");
        labels.emplace_back(*id);
    }
    return labels;
}

void sort_by_name(Properties& properties) {
    std::sort(properties.begin(), properties.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace

Result<std::vector<LabelId>> intern_labels(catalog::Catalog& catalog,
                                           std::span<const std::string_view> names) {
    return intern_all(catalog, names);
}

Result<std::vector<LabelId>> intern_labels(catalog::Catalog& catalog,
                                           std::span<const std::string> names) {
    return intern_all(catalog, names);
}

Result<catalog::PropertyList> intern_properties(catalog::Catalog& catalog,
                                                const Properties& properties) {
    catalog::PropertyList list;
    list.reserve(properties.size());
    for (const auto& [name, value] : properties) {
        Result<uint32_t> key = catalog.property_keys.intern(name);
        if (!key.ok()) return with_field(std::move(key).error(), "properties");
        if (Status status = value::check_limits(value); !status.ok())
            return with_field(
                std::move(status).error().with_context(fmt::format("property `{}`", name)),
                "properties");
        list.emplace_back(PropertyKeyId{*key}, value);
    }
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = 1; i < list.size(); ++i)
        if (list[i].first == list[i - 1].first)
            return Error(ErrorCode::kInvalidArgument, "DUPLICATE_PROPERTY",
                         fmt::format("property `{}` is given twice; give each name once",
                                     catalog.property_keys.name(list[i].first.raw())),
                         "properties");
    return list;
}

TypeFilter find_types(const catalog::Catalog& catalog, std::span<const std::string> names) {
    TypeFilter filter;
    for (const std::string& name : names)
        if (const auto id = catalog.types.find(name)) filter.types.emplace_back(*id);
    std::sort(filter.types.begin(), filter.types.end());
    filter.types.erase(std::unique(filter.types.begin(), filter.types.end()), filter.types.end());
    filter.none = !names.empty() && filter.types.empty();
    return filter;
}

Projection find_projection(const catalog::Catalog& catalog, std::span<const std::string> names,
                           bool all) {
    Projection projection;
    projection.all = all;
    if (all) return projection;
    for (const std::string& name : names)
        if (const auto id = catalog.property_keys.find(name)) projection.keys.emplace_back(*id);
    std::sort(projection.keys.begin(), projection.keys.end());
    projection.keys.erase(std::unique(projection.keys.begin(), projection.keys.end()),
                          projection.keys.end());
    return projection;
}

uint64_t bytes_of(const Properties& properties) {
    uint64_t bytes = properties.size() * sizeof(Properties::value_type);
    for (const auto& [name, value] : properties) bytes += name.size() + value.heap_bytes();
    return bytes;
}

Node to_node(const catalog::Catalog& catalog, NodeId id, const txn::NodeView& view,
             const Projection& projection) {
    Node node{id, {}, {}};
    for (const LabelId label : view.labels())
        node.labels.emplace_back(catalog.labels.name(label.raw()));
    std::sort(node.labels.begin(), node.labels.end());
    const auto add = [&](PropertyKeyId key, value::Value value) {
        node.properties.emplace_back(catalog.property_keys.name(key.raw()), std::move(value));
    };
    if (projection.all) {
        view.each_property(add);
    } else {
        for (const PropertyKeyId key : projection.keys)
            if (value::Value value = view.get(key); !value.is_null()) add(key, std::move(value));
    }
    sort_by_name(node.properties);
    return node;
}

Edge to_edge(const graph::Graph& graph, const txn::EdgeView& view) {
    const catalog::Catalog& catalog = graph.catalog();
    Edge edge{view.id, view.start, view.end, std::string(catalog.types.name(view.type.raw())), {}};
    const auto add = [&](PropertyKeyId key, value::Value value) {
        edge.properties.emplace_back(catalog.property_keys.name(key.raw()), std::move(value));
    };
    if (view.own != nullptr) {
        for (const auto& [key, value] : *view.own) add(key, value);
    } else if (view.record != nullptr) {
        view.record->for_each(graph.shapes(), add);
    }
    sort_by_name(edge.properties);
    return edge;
}

}  // namespace deed::api
