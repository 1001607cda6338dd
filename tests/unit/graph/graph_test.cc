#include "engine/graph/graph.h"

#include <gtest/gtest.h>
#include <thread>

#include "engine/graph/expand.h"
#include "engine/graph/scan.h"
#include "tests/unit/graph/graph_model.h"

namespace deed::graph {
namespace {

class GraphTest : public testing::Test {
 protected:
    NodeId create(std::vector<LabelId> labels = {}, catalog::PropertyList properties = {}) {
        NodeId id = graph_.allocate_nodes(1).value();
        catalog::ChangeSet changes;
        changes.nodes.push_back({id, false, std::move(labels), std::move(properties)});
        apply(changes);
        return id;
    }
    EdgeId connect(NodeId start, NodeId end, TypeId type = TypeId{0},
                   catalog::PropertyList properties = {}) {
        EdgeId id = graph_.allocate_edges(1).value();
        catalog::ChangeSet changes;
        changes.added.push_back({id, start, end, type, std::move(properties)});
        apply(changes);
        return id;
    }
    void apply(const catalog::ChangeSet& changes) { graph_.apply(changes, CommitTs{++ts_}); }
    [[nodiscard]] CommitTs now() const { return CommitTs{ts_}; }

    catalog::Catalog catalog_;
    Graph graph_{{.shards = 2, .pheromone_sample_shift = 0}, catalog_};
    uint64_t ts_ = 0;
};

TEST_F(GraphTest, ASnapshotSeesWhatWasCommittedUpToIt) {
    CommitTs before = now();
    NodeId a = create();
    NodeId b = create();
    CommitTs unconnected = now();
    EdgeId edge = connect(a, b);
    EXPECT_EQ(graph_.node(a, before), nullptr);
    EXPECT_NE(graph_.node(a, unconnected), nullptr);
    EXPECT_TRUE(graph_.adjacency(a, Direction::kOut, unconnected).empty());
    EXPECT_EQ(graph_.adjacency(a, Direction::kOut, now()).degree(), 1U);
    EXPECT_EQ(graph_.adjacency(b, Direction::kIn, now()).degree(), 1U);
    EXPECT_FALSE(graph_.edge_type(edge, *graph_.edge_ends(edge), unconnected).has_value());
    EXPECT_EQ(graph_.edge_type(edge, *graph_.edge_ends(edge), now()), TypeId{0});
}

TEST_F(GraphTest, ASelfLoopStandsInBothListsAndCountsOnce) {
    NodeId a = create();
    EdgeId loop = connect(a, a);
    EXPECT_EQ(graph_.adjacency(a, Direction::kOut, now()).degree(), 1U);
    EXPECT_EQ(graph_.adjacency(a, Direction::kIn, now()).degree(), 1U);
    EXPECT_EQ(graph_.edge_count(), 1U);
    catalog::ChangeSet changes;
    changes.removed.push_back({loop, a, a, TypeId{0}});
    apply(changes);
    EXPECT_TRUE(graph_.adjacency(a, Direction::kIn, now()).empty());
    EXPECT_EQ(graph_.edge_count(), 0U);
}

TEST_F(GraphTest, IdsThatWereNeverGivenAreNotThere) {
    for (uint64_t raw :
         {uint64_t{5}, uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 40, ~uint64_t{0}}) {
        EXPECT_EQ(graph_.node(NodeId{raw}, now()), nullptr);
        EXPECT_TRUE(graph_.adjacency(NodeId{raw}, Direction::kOut, now()).empty());
        EXPECT_FALSE(graph_.edge_ends(EdgeId{raw}).has_value());
        EXPECT_EQ(graph_.edge_record(EdgeId{raw}, now()), nullptr);
        EXPECT_FALSE(graph_.node_exists_now(NodeId{raw}));
        graph_.traversed(NodeId{raw}, Direction::kOut);
        EXPECT_EQ(graph_.list_intensity(NodeId{raw}, Direction::kOut), 0);
        EXPECT_EQ(graph_.edge_intensity(EdgeId{raw}), 0);
    }
}

TEST_F(GraphTest, MoreIdsThanFitAreRefused) {
    EXPECT_EQ(graph_.allocate_nodes(limits::kNodesMax + 1).error().code(),
              ErrorCode::kLimitExceeded);
    graph_.reserve_ids(limits::kNodesMax - 1, 10);
    EXPECT_EQ(graph_.allocate_nodes(1).value(), NodeId{limits::kNodesMax - 1});
    EXPECT_EQ(graph_.allocate_nodes(1).error().reason(), "LIMIT_NODES");
    EXPECT_EQ(graph_.allocate_edges(3).value(), EdgeId{10});
    graph_.reserve_ids(0, 0);
    EXPECT_EQ(graph_.edge_id_end(), 13U);
}

TEST_F(GraphTest, TheCommitterLearnsWhenThingsChanged) {
    NodeId a = create();
    NodeId b = create();
    EXPECT_EQ(graph_.node_changed(b), now());
    EXPECT_EQ(graph_.adjacency_changed(a), CommitTs{0});
    EdgeId edge = connect(a, b, TypeId{0}, {{PropertyKeyId{0}, value::Value::integer(1)}});
    EXPECT_EQ(graph_.adjacency_changed(a, Direction::kOut), now());
    EXPECT_EQ(graph_.adjacency_changed(a, Direction::kIn), CommitTs{0});
    EXPECT_EQ(graph_.adjacency_changed(b), now());
    EXPECT_EQ(graph_.edge_changed(edge), now());
    EXPECT_TRUE(graph_.edge_exists_now(edge));
    catalog::ChangeSet changes;
    changes.removed.push_back({edge, a, b, TypeId{0}});
    changes.nodes.push_back({a, true, {}, {}});
    apply(changes);
    EXPECT_FALSE(graph_.edge_exists_now(edge));
    EXPECT_FALSE(graph_.node_exists_now(a));
    EXPECT_EQ(graph_.node_changed(a), now());
}

TEST_F(GraphTest, EdgePropertiesHaveVersionsOfTheirOwn) {
    NodeId a = create();
    EdgeId edge = connect(a, a);
    CommitTs bare = now();
    EXPECT_EQ(graph_.edge_record(edge, bare), nullptr);
    catalog::ChangeSet changes;
    changes.written.push_back({edge, {{PropertyKeyId{3}, value::Value::integer(7)}}});
    apply(changes);
    CommitTs seven = now();
    changes.written[0].properties.clear();
    apply(changes);
    EXPECT_EQ(graph_.edge_record(edge, bare), nullptr);
    EXPECT_EQ(graph_.edge_record(edge, seven)->get(PropertyKeyId{3}, graph_.shapes()).as_integer(),
              7);
    EXPECT_EQ(graph_.edge_record(edge, now())->property_count(graph_.shapes()), 0U);
}

TEST_F(GraphTest, AWriteToAnEdgeThatIsGoneIsIgnored) {
    catalog::ChangeSet changes;
    changes.written.push_back({EdgeId{4}, {{PropertyKeyId{3}, value::Value::integer(7)}}});
    changes.removed.push_back({EdgeId{5}, NodeId{0}, NodeId{1}, TypeId{0}});
    apply(changes);
    EXPECT_FALSE(graph_.edge_ends(EdgeId{4}).has_value());
    EXPECT_EQ(graph_.edge_count(), 0U);
}

TEST_F(GraphTest, AnOldSnapshotHoldsItsVersionsAndTheirLabelBits) {
    NodeId a = create({LabelId{1}});
    CommitTs labelled = now();
    catalog::ChangeSet changes;
    changes.nodes.push_back({a, true, {}, {}});
    apply(changes);
    graph_.collect(labelled, SIZE_MAX);
    EXPECT_NE(graph_.node(a, labelled), nullptr);
    EXPECT_TRUE(graph_.label_index().test(LabelId{1}, a));
    graph_.collect(now(), SIZE_MAX);
    EXPECT_EQ(graph_.node(a, now()), nullptr);
    EXPECT_FALSE(graph_.label_index().test(LabelId{1}, a));
    EXPECT_EQ(graph_.label_count(LabelId{1}), 0U);
}

TEST_F(GraphTest, TheBudgetBoundsOneCollection) {
    NodeId a = create();
    for (int i = 0; i < 100; ++i) connect(a, a);
    EXPECT_EQ(graph_.collect(now(), 10), 10U);
    EXPECT_GT(graph_.memory().retired, 0U);
    while (graph_.collect(now(), 10) == 10U) {
    }
    EXPECT_EQ(graph_.memory().retired, 0U);
}

TEST_F(GraphTest, ScansFindTheNodesOfALabelInOrder) {
    std::vector<NodeId> persons;
    for (int i = 0; i < 1000; ++i) {
        NodeId id = create(i % 3 == 0 ? std::vector{LabelId{2}} : std::vector<LabelId>{});
        if (i % 3 == 0) persons.push_back(id);
    }
    std::vector<NodeId> found;
    graph_.scan(LabelId{2}, NodeId{0}, now(), [&](NodeId id, const NodeRecord*) {
        found.push_back(id);
        return true;
    });
    EXPECT_EQ(found, persons);
}

TEST_F(GraphTest, AnExpansionShowsEveryListOnceAsOfItsSnapshotAndLeavesATrail) {
    // Not a whole number of batches, and fewer nodes than one.
    for (const size_t count : {size_t{0}, size_t{1}, size_t{31}, size_t{33}, size_t{100}}) {
        const NodeId target = create();
        std::vector<NodeId> nodes;
        for (size_t i = 0; i < count; ++i) nodes.push_back(create());
        for (size_t i = 0; i < count; i += 2) connect(nodes[i], target);
        const CommitTs snapshot = now();
        for (const NodeId node : nodes) connect(node, target);
        std::vector<uint64_t> degrees;
        const auto note = [&](size_t i, const AdjacencyView& list) {
            ASSERT_EQ(i, degrees.size());
            degrees.push_back(list.degree());
        };
        std::vector<uint64_t> expected;
        for (size_t i = 0; i < count; ++i) expected.push_back(i % 2 == 0 ? 1 : 0);

        const NodeId end{target.raw() + 1 + count};
        expand(graph_, std::span(nodes), Direction::kOut, snapshot, Trail::kLeave, note);
        EXPECT_EQ(degrees, expected);
        degrees.clear();
        expand(graph_, NodeId{target.raw() + 1}, end, Direction::kOut, snapshot, Trail::kNone,
               note);
        EXPECT_EQ(degrees, expected);
        for (const NodeId node : nodes) EXPECT_EQ(graph_.list_intensity(node, Direction::kOut), 1);
    }
}

TEST_F(GraphTest, TraversalsLeaveTrailsThatEvaporate) {
    NodeId a = create();
    EdgeId edge = connect(a, a);
    for (int i = 0; i < 100; ++i) graph_.traversed(a, Direction::kOut);
    EXPECT_NEAR(graph_.list_intensity(a, Direction::kOut), 100, 1);
    EXPECT_EQ(graph_.list_intensity(a, Direction::kIn), 0);
    EdgeId edges[] = {edge};
    graph_.followed(edges, 8);
    EXPECT_NEAR(graph_.edge_intensity(edge), 8, 0.1);
    EdgeId never_given[] = {EdgeId{1'000'000}};
    graph_.followed(never_given, 8);
    EXPECT_EQ(graph_.edge_intensity(never_given[0]), 0);
    connect(a, a);  // A new version of the list keeps the trail.
    EXPECT_NEAR(graph_.list_intensity(a, Direction::kOut), 100, 1);
    uint64_t epoch = graph_.pheromone_epoch();
    EXPECT_EQ(graph_.evaporate(8), epoch + 8);
    EXPECT_NEAR(graph_.list_intensity(a, Direction::kOut), 50, 1);
    EXPECT_NEAR(graph_.edge_intensity(edge), 4, 0.1);

    catalog::Catalog catalog;
    Graph restored({}, catalog);
    catalog::ChangeSet changes;
    changes.nodes.push_back({a, false, {}, {}});
    restored.apply(changes, CommitTs{1});
    restored.restore_pheromone_epoch(graph_.pheromone_epoch());
    graph_.each_list_intensity([&](const auto& intensity) { restored.load_intensity(intensity); });
    graph_.each_edge_intensity([&](const auto& intensity) { restored.load_intensity(intensity); });
    EXPECT_NEAR(restored.list_intensity(a, Direction::kOut), 50, 1);
    EXPECT_NEAR(restored.edge_intensity(edge), 4, 0.1);
}

TEST_F(GraphTest, SeveralThreadsLoadWhatGroupsWouldHaveMade) {
    // A ring with chords, loaded by four threads, then changed by a group.
    constexpr uint64_t kNodes = 20'000;
    GraphModel model;
    graph_.reserve_ids(kNodes, 2 * kNodes);
    for (uint64_t i = 0; i < kNodes; ++i) {
        model.nodes[NodeId{i}] = {{LabelId{static_cast<uint32_t>(i % 2)}},
                                  {{PropertyKeyId{0}, value::Value::integer(int64_t(i))}}};
        model.edges[EdgeId{2 * i}] = {NodeId{i}, NodeId{(i + 1) % kNodes}, TypeId{0}, {}};
        model.edges[EdgeId{2 * i + 1}] = {NodeId{i},
                                          NodeId{i * i % 64},
                                          TypeId{1},
                                          {{PropertyKeyId{1}, value::Value::boolean(true)}}};
    }
    auto lists = model.lists();
    auto load = [&](uint64_t part) {
        for (uint64_t i = part * kNodes / 4; i < (part + 1) * kNodes / 4; ++i) {
            const GraphModel::Node& node = model.nodes.at(NodeId{i});
            graph_.load_node(NodeId{i}, node.labels, node.properties, CommitTs{5});
            for (Direction direction : {Direction::kOut, Direction::kIn}) {
                auto found = lists.find({NodeId{i}, direction});
                if (found == lists.end()) continue;
                std::vector<LoadEntry> entries;
                for (const auto& [type, neighbour, edge] : found->second) {
                    entries.push_back({type, neighbour, edge});
                }
                graph_.load_adjacency(NodeId{i}, direction, entries, CommitTs{5});
            }
        }
        for (const auto& [id, edge] : model.edges) {
            if (id.raw() / EdgeDirectory::kRangeEdges % 4 != part) continue;
            graph_.load_edge(id, {edge.start, edge.end}, edge.properties, CommitTs{5});
        }
    };
    std::vector<std::thread> threads;
    for (uint64_t part = 0; part < 4; ++part) threads.emplace_back(load, part);
    for (std::thread& thread : threads) thread.join();
    expect_model(graph_, CommitTs{5}, model);
    expect_figures(graph_, model);

    ts_ = 5;
    catalog::ChangeSet changes;
    for (uint64_t i = 0; i < 2 * kNodes; i += 3) {
        const GraphModel::Edge& edge = model.edges.at(EdgeId{i});
        changes.removed.push_back({EdgeId{i}, edge.start, edge.end, edge.type});
    }
    apply(changes);
    model.apply(changes);
    expect_model(graph_, now(), model);
    graph_.collect(now(), SIZE_MAX);
    expect_model(graph_, now(), model);
    expect_figures(graph_, model);
}

}  // namespace
}  // namespace deed::graph
