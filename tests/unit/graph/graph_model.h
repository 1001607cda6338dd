#pragma once

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/catalog/change_set.h"
#include "engine/graph/graph.h"

namespace deed::graph {

/// What a Graph must look like at one snapshot, in the plainest containers there are.
struct GraphModel {
    struct Node {
        std::vector<LabelId> labels;
        catalog::PropertyList properties;
    };
    struct Edge {
        NodeId start;
        NodeId end;
        TypeId type;
        catalog::PropertyList properties;
    };
    using Entry = std::tuple<TypeId, NodeId, EdgeId>;

    std::map<NodeId, Node> nodes;
    std::map<EdgeId, Edge> edges;

    void apply(const catalog::ChangeSet& changes) {
        for (const auto& add : changes.added) {
            edges[add.edge] = {add.start, add.end, add.type, add.properties};
        }
        for (const auto& remove : changes.removed) edges.erase(remove.edge);
        for (const auto& write : changes.written) {
            auto found = edges.find(write.edge);
            if (found != edges.end()) found->second.properties = write.properties;
        }
        for (const auto& write : changes.nodes) {
            if (write.deleted) {
                nodes.erase(write.node);
            } else {
                nodes[write.node] = {write.labels, write.properties};
            }
        }
    }

    [[nodiscard]] std::map<std::pair<NodeId, Direction>, std::vector<Entry>> lists() const {
        std::map<std::pair<NodeId, Direction>, std::vector<Entry>> lists;
        for (const auto& [id, edge] : edges) {
            lists[{edge.start, Direction::kOut}].emplace_back(edge.type, edge.end, id);
            lists[{edge.end, Direction::kIn}].emplace_back(edge.type, edge.start, id);
        }
        for (auto& [key, entries] : lists) std::sort(entries.begin(), entries.end());
        return lists;
    }
};

inline bool same_properties(const catalog::PropertyList& a, const catalog::PropertyList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && identical(x.second, y.second);
    });
}

template <class Record>
catalog::PropertyList properties_of(const Record* record, const ShapeTable& shapes) {
    catalog::PropertyList properties;
    if (record == nullptr) return properties;
    record->for_each(shapes, [&](PropertyKeyId key, value::Value value) {
        properties.emplace_back(key, std::move(value));
    });
    return properties;
}

inline std::vector<GraphModel::Entry> entries_of(AdjacencyView view) {
    std::vector<GraphModel::Entry> entries;
    view.for_each_run([&](TypeId type, auto neighbours, auto edges) {
        EXPECT_FALSE(neighbours.empty());
        EXPECT_EQ(neighbours.size(), edges.size());
        for (size_t i = 0; i < neighbours.size(); ++i) {
            entries.emplace_back(type, NodeId{neighbours[i]}, EdgeId{edges[i]});
        }
    });
    return entries;
}

/// Every list, whole and by type, in both directions.
inline void expect_lists(const Graph& graph, CommitTs snapshot, const GraphModel& model) {
    auto lists = model.lists();
    for (uint64_t raw = 0; raw < graph.node_id_end(); ++raw) {
        for (Direction direction : {Direction::kOut, Direction::kIn}) {
            const auto& expected = lists[{NodeId{raw}, direction}];
            AdjacencyView view = graph.adjacency(NodeId{raw}, direction, snapshot);
            ASSERT_EQ(entries_of(view), expected) << "node " << raw << " at " << snapshot.raw();
            ASSERT_EQ(view.degree(), expected.size());
            uint64_t by_type = 0;
            for (uint32_t i = 0; i < view.type_count(); ++i) {
                TypeId type = view.type(i);
                uint64_t visited = 0;
                view.for_each_run(type,
                                  [&](auto neighbours, auto) { visited += neighbours.size(); });
                ASSERT_EQ(visited, view.degree(type));
                by_type += visited;
            }
            ASSERT_EQ(by_type, expected.size());
        }
    }
}

inline void expect_edges(const Graph& graph, CommitTs snapshot, const GraphModel& model) {
    for (uint64_t raw = 0; raw < graph.edge_id_end(); ++raw) {
        EdgeId id{raw};
        auto expected = model.edges.find(id);
        std::optional<EdgeEnds> ends = graph.edge_ends(id);
        std::optional<TypeId> type;
        if (ends) type = graph.edge_type(id, *ends, snapshot);
        ASSERT_EQ(type.has_value(), expected != model.edges.end())
            << "edge " << raw << " at " << snapshot.raw();
        if (!type) continue;
        const GraphModel::Edge& edge = expected->second;
        ASSERT_EQ(*type, edge.type);
        ASSERT_EQ(*ends, (EdgeEnds{edge.start, edge.end}));
        ASSERT_TRUE(graph.adjacency(edge.end, Direction::kIn, snapshot)
                        .contains(edge.type, edge.start, id));
        ASSERT_TRUE(
            graph.adjacency(edge.start, Direction::kOut, snapshot).contains(edge.type, edge.end));
        ASSERT_TRUE(same_properties(properties_of(graph.edge_record(id, snapshot), graph.shapes()),
                                    edge.properties));
    }
}

inline void expect_nodes(const Graph& graph, CommitTs snapshot, const GraphModel& model) {
    std::vector<NodeId> ids;
    for (uint64_t raw = 0; raw < graph.node_id_end() + 2; ++raw) ids.push_back(NodeId{raw});
    std::vector<const NodeRecord*> records(ids.size());
    graph.nodes(ids, snapshot, records);
    for (size_t i = 0; i < ids.size(); ++i) {
        auto expected = model.nodes.find(ids[i]);
        ASSERT_EQ(records[i] != nullptr, expected != model.nodes.end())
            << "node " << i << " at " << snapshot.raw();
        ASSERT_EQ(records[i], graph.node(ids[i], snapshot));
        if (records[i] == nullptr) continue;
        std::span<const LabelId> labels =
            graph.catalog().label_sets.labels(records[i]->label_set());
        ASSERT_TRUE(std::ranges::equal(labels, expected->second.labels));
        ASSERT_TRUE(same_properties(properties_of(records[i], graph.shapes()),
                                    expected->second.properties));
        for (LabelId label : labels) ASSERT_TRUE(graph.label_index().test(label, ids[i]));
    }
}

/// The graph at the snapshot is the model, by every way of asking.
inline void expect_model(const Graph& graph, CommitTs snapshot, const GraphModel& model) {
    expect_nodes(graph, snapshot, model);
    expect_lists(graph, snapshot, model);
    expect_edges(graph, snapshot, model);
}

/// The figures of the newest state are the model's.
inline void expect_figures(const Graph& graph, const GraphModel& model) {
    ASSERT_EQ(graph.node_count(), model.nodes.size());
    ASSERT_EQ(graph.edge_count(), model.edges.size());
    std::map<TypeId, uint64_t> types;
    for (const auto& [id, edge] : model.edges) ++types[edge.type];
    for (const auto& [type, count] : types) ASSERT_EQ(graph.type_count(type), count);
    std::map<LabelId, uint64_t> labels;
    for (const auto& [id, node] : model.nodes) {
        for (LabelId label : node.labels) ++labels[label];
    }
    for (const auto& [label, count] : labels) ASSERT_EQ(graph.label_count(label), count);
}

}  // namespace deed::graph
