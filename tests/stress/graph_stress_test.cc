#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/graph/graph.h"
#include "engine/graph/scan.h"
#include "engine/sync/snapshot_registry.h"
#include "tests/stress/stress.h"

namespace deed::graph {
namespace {

constexpr uint64_t kNodesHeld = 150;
constexpr uint64_t kEdgesHeld = 5'000;
constexpr LabelId kEven{0};
constexpr PropertyKeyId kWrittenAt{0};
constexpr PropertyKeyId kSelf{1};

/// What each commit must look like, noted by the writer before it is visible. Sums stand for sets.
struct Expected {
    std::atomic<uint64_t> nodes{0};
    std::atomic<uint64_t> even_nodes{0};
    std::atomic<uint64_t> edges{0};
    std::atomic<uint64_t> edge_sum{0};
};

uint64_t scramble(uint64_t id) {
    return (id + 1) * 0x9E3779B97F4A7C15ULL;
}

/// One writer commits groups and frees what is old; readers check whole snapshots against what the
/// writer noted, and every edge from both of its ends.
class GraphStress : public testing::Test {
 protected:
    static constexpr uint64_t kCommitsMax = 1 << 20;

    struct Edge {
        EdgeId id;
        NodeId start;
        NodeId end;
        TypeId type;
    };

    // --- the writer ---

    void write(uint64_t seed) {
        std::mt19937_64 random(seed);
        stress::Deadline deadline;
        for (uint64_t ts = 1; ts < kCommitsMax && !deadline.passed(); ++ts) {
            catalog::ChangeSet changes = next_group(random, ts);
            graph_.apply(changes, CommitTs{ts});
            Expected& expected = history_[ts];
            expected.nodes.store(nodes_.size(), std::memory_order_relaxed);
            expected.even_nodes.store(even_, std::memory_order_relaxed);
            expected.edges.store(edges_.size(), std::memory_order_relaxed);
            expected.edge_sum.store(edge_sum_, std::memory_order_relaxed);
            visible_.store(ts);
            CommitTs newest{visible_.load()};
            freed_ += graph_.collect(registry_.oldest(newest), 500);
            if (graph_.memory().retired > (4U << 20)) registry_.doom_oldest(newest);
            commits_ = ts;
        }
        stop_.store(true);
    }

    catalog::ChangeSet next_group(std::mt19937_64& random, uint64_t ts) {
        catalog::ChangeSet changes;
        bool growing = ts / 200 % 2 == 0;
        if (nodes_.size() < kNodesHeld) write_node(graph_.allocate_nodes(1).value(), ts, changes);
        size_t size = random() % 4 == 0 ? 64 : 1 + random() % 8;
        for (size_t i = 0; i < size; ++i) {
            if (edges_.size() < kEdgesHeld && (growing || random() % 4 == 0)) {
                add_edge(random, changes);
            } else if (edges_.size() > 10) {
                // Not one that this group has added: a group names an edge once.
                size_t held = edges_.size() - changes.added.size();
                if (held > 0) remove_edge(random() % held, changes);
            }
        }
        if (ts % 16 == 0 && nodes_.size() > 20) {
            delete_node(1 + random() % (nodes_.size() - 1), changes);
        } else if (!nodes_.empty()) {
            NodeId node = nodes_[random() % nodes_.size()];
            bool written = std::ranges::any_of(
                changes.nodes, [&](const catalog::NodeWrite& write) { return write.node == node; });
            if (!written) rewrite_node(node, ts, changes);
        }
        return changes;
    }

    static catalog::NodeWrite node_state(NodeId node, uint64_t ts) {
        std::vector<LabelId> labels;
        if (node.raw() % 2 == 0) labels.push_back(kEven);
        return {node,
                false,
                labels,
                {{kWrittenAt, value::Value::integer(static_cast<int64_t>(ts))},
                 {kSelf, value::Value::string("node " + std::to_string(node.raw()))}}};
    }
    void write_node(NodeId node, uint64_t ts, catalog::ChangeSet& changes) {
        nodes_.push_back(node);
        even_ += node.raw() % 2 == 0 ? 1 : 0;
        rewrite_node(node, ts, changes);
    }
    static void rewrite_node(NodeId node, uint64_t ts, catalog::ChangeSet& changes) {
        changes.nodes.push_back(node_state(node, ts));
    }

    void add_edge(std::mt19937_64& random, catalog::ChangeSet& changes) {
        Edge edge{graph_.allocate_edges(1).value(), nodes_[random() % nodes_.size()],
                  random() % 2 == 0 ? nodes_[0] : nodes_[random() % nodes_.size()],
                  TypeId{static_cast<uint32_t>(random() % 3)}};
        catalog::PropertyList properties;
        if (edge.id.raw() % 2 == 0) {
            properties.emplace_back(kSelf, value::Value::integer(int64_t(edge.id.raw())));
        }
        changes.added.push_back({edge.id, edge.start, edge.end, edge.type, properties});
        edges_.push_back(edge);
        edge_sum_ += scramble(edge.id.raw());
    }

    void remove_edge(size_t at, catalog::ChangeSet& changes) {
        const Edge edge = edges_[at];
        changes.removed.push_back({edge.id, edge.start, edge.end, edge.type});
        edge_sum_ -= scramble(edge.id.raw());
        // Those of this group stay at the end.
        edges_.erase(edges_.begin() + static_cast<ptrdiff_t>(at));
    }

    void delete_node(size_t at, catalog::ChangeSet& changes) {
        NodeId node = nodes_[at];
        bool touched = std::ranges::any_of(changes.added, [&](const catalog::EdgeAdd& add) {
            return add.start == node || add.end == node;
        });
        if (touched || (!changes.nodes.empty() && changes.nodes[0].node == node)) return;
        for (size_t i = edges_.size(); i-- > 0;) {
            if (edges_[i].start == node || edges_[i].end == node) remove_edge(i, changes);
        }
        changes.nodes.push_back({node, true, {}, {}});
        even_ -= node.raw() % 2 == 0 ? 1 : 0;
        nodes_.erase(nodes_.begin() + static_cast<ptrdiff_t>(at));
    }

    // --- the readers ---

    void read(uint64_t seed) {
        std::mt19937_64 random(seed);
        while (!stop_.load(std::memory_order_relaxed)) {
            auto registration = registry_.acquire(visible_);
            ASSERT_TRUE(registration.ok());
            CommitTs snapshot = registration.value().snapshot();
            // Twice at one snapshot: what it sees does not change.
            for (int i = 0; i < 2 && registration.value().enter(); ++i) {
                ASSERT_NO_FATAL_FAILURE(expect_edges(snapshot, random()));
                ASSERT_NO_FATAL_FAILURE(expect_nodes(snapshot));
                registration.value().leave();
                if (random() % 4 == 0) std::this_thread::yield();
            }
            snapshots_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    void expect_edges(CommitTs snapshot, uint64_t choice) {
        std::array<uint64_t, 2> sums{};
        std::array<uint64_t, 2> counts{};
        for (uint64_t raw = 0; raw < graph_.node_id_end(); ++raw) {
            for (Direction direction : {Direction::kOut, Direction::kIn}) {
                auto side = static_cast<size_t>(direction);
                AdjacencyView view = graph_.adjacency(NodeId{raw}, direction, snapshot);
                graph_.traversed(NodeId{raw}, direction);
                uint64_t degree = 0;
                view.for_each_run([&](TypeId type, auto neighbours, auto edges) {
                    for (size_t i = 0; i < edges.size(); ++i) sums[side] += scramble(edges[i]);
                    degree += edges.size();
                    size_t one = choice % edges.size();
                    expect_edge(snapshot, type, NodeId{raw}, direction, NodeId{neighbours[one]},
                                EdgeId{edges[one]});
                });
                ASSERT_EQ(degree, view.degree());
                counts[side] += degree;
            }
        }
        const Expected& expected = history_[snapshot.raw()];
        ASSERT_EQ(counts[0], counts[1]) << snapshot.raw();
        ASSERT_EQ(counts[0], expected.edges.load(std::memory_order_relaxed)) << snapshot.raw();
        ASSERT_EQ(sums[0], sums[1]) << snapshot.raw();
        ASSERT_EQ(sums[0], expected.edge_sum.load(std::memory_order_relaxed)) << snapshot.raw();
    }

    /// One edge, from its other end and by its id.
    void expect_edge(CommitTs snapshot, TypeId type, NodeId node, Direction direction,
                     NodeId neighbour, EdgeId edge) {
        bool out = direction == Direction::kOut;
        ASSERT_TRUE(graph_.adjacency(neighbour, out ? Direction::kIn : Direction::kOut, snapshot)
                        .contains(type, node, edge));
        std::optional<EdgeEnds> ends = graph_.edge_ends(edge);
        ASSERT_TRUE(ends.has_value());
        ASSERT_EQ(ends->start, out ? node : neighbour);
        ASSERT_EQ(graph_.edge_type(edge, *ends, snapshot), type);
        const EdgeRecord* record = graph_.edge_record(edge, snapshot);
        ASSERT_EQ(record != nullptr, edge.raw() % 2 == 0);
        if (record != nullptr) {
            ASSERT_EQ(record->get(kSelf, graph_.shapes()).as_integer(), int64_t(edge.raw()));
        }
        EdgeId followed[] = {edge};
        graph_.followed(followed, 1);
    }

    void expect_nodes(CommitTs snapshot) {
        uint64_t count = 0;
        graph_.scan(LabelId::invalid(), NodeId{0}, snapshot,
                    [&](NodeId id, const NodeRecord* record) {
                        ++count;
                        // A record says when it was written, and no snapshot sees the future.
                        EXPECT_EQ(record->get(kWrittenAt, graph_.shapes()).as_integer(),
                                  static_cast<int64_t>(record->ts().raw()));
                        EXPECT_LE(record->ts(), snapshot);
                        EXPECT_EQ(record->get(kSelf, graph_.shapes()).as_string(),
                                  "node " + std::to_string(id.raw()));
                        return true;
                    });
        uint64_t even = 0;
        graph_.scan(kEven, NodeId{0}, snapshot, [&](NodeId id, const NodeRecord*) {
            EXPECT_EQ(id.raw() % 2, 0U);
            ++even;
            return true;
        });
        const Expected& expected = history_[snapshot.raw()];
        ASSERT_EQ(count, expected.nodes.load(std::memory_order_relaxed)) << snapshot.raw();
        ASSERT_EQ(even, expected.even_nodes.load(std::memory_order_relaxed)) << snapshot.raw();
    }

    catalog::Catalog catalog_;
    Graph graph_{{.shards = 4, .pheromone_sample_shift = 2}, catalog_};
    sync::SnapshotRegistry registry_{32};
    std::vector<Expected> history_{kCommitsMax};
    std::atomic<uint64_t> visible_{0};
    std::atomic<bool> stop_{false};
    std::atomic<uint64_t> snapshots_{0};
    uint64_t commits_ = 0;
    uint64_t freed_ = 0;

    std::vector<NodeId> nodes_;
    std::vector<Edge> edges_;
    uint64_t edge_sum_ = 0;
    uint64_t even_ = 0;
};

TEST_F(GraphStress, ReadersSeeWholeCommitsWhileVersionsAreFreed) {
    uint64_t seed = stress::seed();
    std::vector<std::thread> readers;
    for (uint64_t i = 1; i <= 3; ++i) readers.emplace_back([this, seed, i] { read(seed + i); });
    write(seed);
    for (std::thread& reader : readers) reader.join();
    std::cout << commits_ << " commits, " << snapshots_.load() << " snapshots read, " << freed_
              << " versions freed\n";
    EXPECT_GT(freed_, 0U);
    EXPECT_GT(snapshots_.load(), 0U);
    // Everybody has left: all that was superseded can go.
    graph_.collect(registry_.oldest(CommitTs{visible_.load()}), SIZE_MAX);
    graph_.apply({}, CommitTs{visible_.load() + 1});
    graph_.collect(CommitTs{visible_.load() + 1}, SIZE_MAX);
    EXPECT_EQ(graph_.memory().retired, 0U);
}

}  // namespace
}  // namespace deed::graph
