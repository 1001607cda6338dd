#include "tests/unit/graph/graph_model.h"

#include <cstdlib>
#include <deque>
#include <gtest/gtest.h>
#include <random>

#include "engine/graph/graph.h"

namespace deed::graph {
namespace {

/// Seeds come from outside to repeat a run, else from the device.
uint64_t test_seed() {
    if (const char* seed = std::getenv("DEED_TEST_SEED")) return std::strtoull(seed, nullptr, 10);
    return std::random_device{}();
}

/// Random groups over a few nodes, so that lists grow through all their forms and back.
class RandomGroups {
 public:
    RandomGroups(uint64_t seed, Graph& graph) : random_(seed), graph_(graph) {}

    /// `growth`: of a hundred edge changes, how many add.
    catalog::ChangeSet next(const GraphModel& model, uint32_t size, uint32_t growth) {
        catalog::ChangeSet changes;
        std::set<EdgeId> used;
        for (uint32_t i = 0; i < size; ++i) {
            if (below(100) < growth || model.edges.empty()) {
                add_edge(model, changes);
            } else {
                change_edge(model, changes, used);
            }
        }
        std::set<NodeId> touched;
        for (uint32_t i = 0; i < 1 + size / 16; ++i) write_node(model, changes, touched);
        return changes;
    }

    /// Everything about one node goes: its edges and it.
    catalog::ChangeSet delete_node(const GraphModel& model, NodeId node) {
        catalog::ChangeSet changes;
        for (const auto& [id, edge] : model.edges) {
            if (edge.start == node || edge.end == node) {
                changes.removed.push_back({id, edge.start, edge.end, edge.type});
            }
        }
        changes.nodes.push_back({.node = node, .deleted = true, .labels = {}, .properties = {}});
        return changes;
    }

    NodeId any_node(const GraphModel& model) {
        auto at = model.nodes.begin();
        std::advance(at, static_cast<ptrdiff_t>(below(model.nodes.size())));
        return at->first;
    }

    uint64_t below(uint64_t bound) { return random_() % bound; }

 private:
    catalog::PropertyList properties() {
        catalog::PropertyList list;
        if (below(2) == 0)
            list.emplace_back(PropertyKeyId{1}, value::Value::integer(int64_t(below(9))));
        if (below(3) == 0) list.emplace_back(PropertyKeyId{2}, value::Value::string("some words"));
        return list;
    }

    void add_edge(const GraphModel& model, catalog::ChangeSet& changes) {
        if (model.nodes.empty()) return;
        // Half of the edges lead to the first node: a hub.
        NodeId start = any_node(model);
        NodeId end = below(2) == 0 ? model.nodes.begin()->first : any_node(model);
        changes.added.push_back({graph_.allocate_edges(1).value(), start, end,
                                 TypeId{static_cast<uint32_t>(below(3)) * 7},
                                 below(4) == 0 ? properties() : catalog::PropertyList{}});
    }

    void change_edge(const GraphModel& model, catalog::ChangeSet& changes, std::set<EdgeId>& used) {
        auto at = model.edges.lower_bound(EdgeId{below(graph_.edge_id_end())});
        if (at == model.edges.end() || !used.insert(at->first).second) return;
        const auto& [id, edge] = *at;
        if (below(4) == 0) {
            changes.written.push_back({id, properties()});
        } else {
            changes.removed.push_back({id, edge.start, edge.end, edge.type});
        }
    }

    void write_node(const GraphModel& model, catalog::ChangeSet& changes,
                    std::set<NodeId>& touched) {
        bool create = model.nodes.size() < 4 || (model.nodes.size() < 12 && below(8) == 0);
        NodeId node = create ? graph_.allocate_nodes(1).value() : any_node(model);
        if (!touched.insert(node).second) return;
        std::vector<LabelId> labels;
        for (uint32_t label = 0; label < 3; ++label) {
            if (below(2) == 0) labels.push_back(LabelId{label});
        }
        changes.nodes.push_back(
            {.node = node, .deleted = false, .labels = labels, .properties = properties()});
    }

    std::mt19937_64 random_;
    Graph& graph_;
};

class GraphModelTest : public testing::TestWithParam<uint32_t> {
 protected:
    struct Held {
        CommitTs snapshot;
        GraphModel model;
    };

    void apply(const catalog::ChangeSet& changes) {
        model_.apply(changes);
        graph_.apply(changes, CommitTs{++ts_});
    }

    [[nodiscard]] CommitTs floor() const {
        return held_.empty() ? CommitTs{ts_} : held_.front().snapshot;
    }

    void expect_all() {
        for (const Held& held : held_) {
            ASSERT_NO_FATAL_FAILURE(expect_model(graph_, held.snapshot, held.model));
        }
        ASSERT_NO_FATAL_FAILURE(expect_model(graph_, CommitTs{ts_}, model_));
        ASSERT_NO_FATAL_FAILURE(expect_figures(graph_, model_));
    }

    catalog::Catalog catalog_;
    Graph graph_{{.shards = GetParam()}, catalog_};
    GraphModel model_;
    std::deque<Held> held_;
    uint64_t ts_ = 0;
};

TEST_P(GraphModelTest, EverySnapshotKeepsItsHistory) {
    uint64_t seed = test_seed();
    SCOPED_TRACE("DEED_TEST_SEED=" + std::to_string(seed));
    std::cout << "DEED_TEST_SEED=" << seed << "\n";
    RandomGroups groups(seed, graph_);
    for (uint32_t round = 0; round < 160; ++round) {
        // Up to the large forms in the first half, down to nothing in the second.
        uint32_t growth = round < 80 ? 85 : 10;
        uint32_t size = groups.below(3) == 0 ? 1 : static_cast<uint32_t>(groups.below(160));
        catalog::ChangeSet changes = groups.next(model_, size, growth);
        ASSERT_NO_FATAL_FAILURE(apply(changes));
        // What was replayed once more changes nothing.
        if (groups.below(8) == 0) {
            ASSERT_NO_FATAL_FAILURE(apply(changes));
        }
        if (groups.below(20) == 0 && model_.nodes.size() > 2) {
            ASSERT_NO_FATAL_FAILURE(apply(groups.delete_node(model_, groups.any_node(model_))));
        }
        if (groups.below(3) == 0) held_.push_back({CommitTs{ts_}, model_});
        while (held_.size() > 4 || (!held_.empty() && groups.below(10) == 0)) held_.pop_front();
        if (groups.below(2) == 0) graph_.collect(floor(), 1 + groups.below(2000));
        if (round % 4 == 0) {
            ASSERT_NO_FATAL_FAILURE(expect_all());
        }
    }
    held_.clear();
    graph_.collect(floor(), SIZE_MAX);
    ASSERT_NO_FATAL_FAILURE(expect_all());
}

TEST_P(GraphModelTest, WhatIsDeletedGivesItsMemoryBack) {
    uint64_t seed = test_seed();
    std::cout << "DEED_TEST_SEED=" << seed << "\n";
    RandomGroups groups(seed, graph_);
    for (uint32_t round = 0; round < 60; ++round) apply(groups.next(model_, 100, 80));
    EXPECT_GT(graph_.memory().versions, 10'000U);
    while (!model_.nodes.empty()) {
        apply(groups.delete_node(model_, model_.nodes.begin()->first));
    }
    EXPECT_EQ(graph_.node_count(), 0U);
    EXPECT_EQ(graph_.edge_count(), 0U);
    graph_.collect(CommitTs{ts_}, SIZE_MAX);
    // What was unlinked just now waits for the next commit's snapshots.
    apply({});
    graph_.collect(CommitTs{ts_}, SIZE_MAX);
    EXPECT_EQ(graph_.memory().retired, 0U);
    EXPECT_EQ(graph_.memory().versions, 0U);
    for (uint64_t id = 0; id < graph_.node_id_end(); ++id) {
        EXPECT_EQ(graph_.node_changed(NodeId{id}), CommitTs{0});
        for (uint32_t label = 0; label < 3; ++label) {
            EXPECT_FALSE(graph_.label_index().test(LabelId{label}, NodeId{id}));
        }
    }
    for (uint64_t id = 0; id < graph_.edge_id_end(); ++id) {
        EXPECT_FALSE(graph_.edge_ends(EdgeId{id}).has_value());
    }
}

INSTANTIATE_TEST_SUITE_P(Shards, GraphModelTest, testing::Values(1U, 4U));

}  // namespace
}  // namespace deed::graph
