#include "engine/graph/scan.h"

#include <atomic>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "engine/catalog/change_set.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/graph.h"

namespace deed::graph {
namespace {

using catalog::ChangeSet;
using catalog::NodeWrite;
using value::Value;

constexpr PropertyKeyId kKey{0};
constexpr LabelId kEvery = LabelId::invalid();

class ScanTest : public testing::Test {
 protected:
    NodeWrite write_of(uint64_t node, std::vector<LabelId> labels) {
        return {.node = NodeId{node},
                .labels = std::move(labels),
                .properties = {{kKey, Value::integer(static_cast<int64_t>(node))}}};
    }
    void create(uint64_t count, CommitTs ts, std::vector<LabelId> labels) {
        const auto first = graph_.allocate_nodes(count);
        ASSERT_TRUE(first.ok());
        ChangeSet changes;
        for (uint64_t i = 0; i < count; ++i) {
            changes.nodes.push_back(write_of(first->raw() + i, labels));
        }
        graph_.apply(changes, ts);
    }
    std::vector<uint64_t> scan(LabelId label, CommitTs snapshot, uint64_t first = 0) const {
        std::vector<uint64_t> found;
        graph_.scan(label, NodeId{first}, snapshot, [&](NodeId node, const NodeRecord* record) {
            EXPECT_LE(record->ts(), snapshot);
            EXPECT_EQ(record->get(kKey, graph_.shapes()).as_integer(),
                      static_cast<int64_t>(node.raw()));
            found.push_back(node.raw());
        });
        return found;
    }

    catalog::Catalog catalog_;
    Graph graph_{{.shards = 4}, catalog_};
};

TEST_F(ScanTest, FindsNothingWhereNothingIs) {
    EXPECT_TRUE(scan(kEvery, CommitTs{5}).empty());
    EXPECT_TRUE(scan(LabelId{7}, CommitTs{5}).empty());
}

TEST_F(ScanTest, VisitsAllInOrderAcrossBatches) {
    create(1'000, CommitTs{1}, {LabelId{2}});
    for (const LabelId label : {kEvery, LabelId{2}}) {
        const std::vector<uint64_t> found = scan(label, CommitTs{1});
        ASSERT_EQ(found.size(), 1'000U);
        for (uint64_t id = 0; id < found.size(); ++id) ASSERT_EQ(found[id], id);
        EXPECT_EQ(scan(label, CommitTs{1}, 990).size(), 10U);
        EXPECT_TRUE(scan(label, CommitTs{1}, 1'000).empty());
        EXPECT_TRUE(scan(label, CommitTs{0}).empty()) << "before they were made";
    }
    EXPECT_TRUE(scan(LabelId{3}, CommitTs{1}).empty());
}

TEST_F(ScanTest, StopsWhenTheVisitorHasEnough) {
    create(1'000, CommitTs{1}, {});
    int visits = 0;
    graph_.scan(kEvery, NodeId{100}, CommitTs{1}, [&](NodeId node, const NodeRecord*) {
        EXPECT_EQ(node, NodeId(100 + static_cast<uint64_t>(visits)));
        return ++visits < 300;
    });
    EXPECT_EQ(visits, 300);
}

/// Which nodes have which labels, by commit.
using Model = std::map<uint64_t, std::set<LabelId>>;

std::vector<uint64_t> expected(const Model& model, LabelId label) {
    std::vector<uint64_t> ids;
    for (const auto& [id, labels] : model) {
        if (!label.valid() || labels.contains(label)) ids.push_back(id);
    }
    return ids;
}

TEST_F(ScanTest, EverySnapshotSeesItsOwnLabels) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    constexpr uint64_t kNodes = 300;
    constexpr uint64_t kCommits = 60;
    ASSERT_TRUE(graph_.allocate_nodes(kNodes).ok());
    std::vector<Model> history(1);
    uint64_t oldest = 0;
    for (uint64_t ts = 1; ts <= kCommits; ++ts) {
        Model model = history.back();
        ChangeSet changes;
        for (uint64_t node = 0; node < kNodes; ++node) {
            if (random() % 8 != 0) continue;
            if (model.contains(node) && random() % 3 == 0) {
                changes.nodes.push_back({.node = NodeId{node}, .deleted = true});
                model.erase(node);
                continue;
            }
            std::set<LabelId> labels;
            for (uint32_t label = 0; label < 3; ++label) {
                if (random() % 2 == 0) labels.insert(LabelId{label * 70});
            }
            changes.nodes.push_back(write_of(node, {labels.begin(), labels.end()}));
            model[node] = labels;
        }
        graph_.apply(changes, CommitTs{ts});
        history.push_back(std::move(model));
        if (ts % 20 == 0) {
            oldest = ts - 7;
            graph_.collect(CommitTs{oldest}, 1'000'000);
        }
        for (uint64_t snapshot = oldest; snapshot <= ts; ++snapshot) {
            for (const LabelId label : {kEvery, LabelId{0}, LabelId{70}, LabelId{140}}) {
                ASSERT_EQ(scan(label, CommitTs{snapshot}), expected(history[snapshot], label))
                    << "label " << label.raw() << " at " << snapshot << " of " << ts;
            }
        }
    }
}

/// Nodes swap their label in pairs, one commit each; whoever scans sees exactly one of each pair.
TEST_F(ScanTest, ReadersBesideAWriterSeeWholeCommits) {
    constexpr uint64_t kPairs = 400;
    constexpr uint64_t kCommits = 300;
    constexpr LabelId kMarked{1};
    ASSERT_TRUE(graph_.allocate_nodes(2 * kPairs).ok());
    const auto marked = [this](uint64_t node, bool is) {
        return write_of(node, is ? std::vector{kMarked} : std::vector<LabelId>{});
    };
    ChangeSet first;
    for (uint64_t node = 0; node < 2 * kPairs; ++node) {
        first.nodes.push_back(marked(node, node % 2 == 0));
    }
    graph_.apply(first, CommitTs{1});
    // Release by the writer pairs with acquire by the readers, as the visible timestamp does.
    std::atomic<uint64_t> visible{1};
    std::thread writer([&] {
        std::mt19937_64 random(3);
        std::vector<bool> even(kPairs, true);
        for (uint64_t ts = 2; ts < 2 + kCommits; ++ts) {
            ChangeSet changes;
            for (uint64_t pair = random() % 5; pair < kPairs; pair += 1 + random() % 10) {
                even[pair] = !even[pair];
                changes.nodes.push_back(marked(2 * pair, even[pair]));
                changes.nodes.push_back(marked(2 * pair + 1, !even[pair]));
            }
            graph_.apply(changes, CommitTs{ts});
            visible.store(ts, std::memory_order_release);
        }
    });
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&] {
            uint64_t snapshot = 0;
            while (snapshot < 1 + kCommits) {
                snapshot = visible.load(std::memory_order_acquire);
                const std::vector<uint64_t> found = scan(kMarked, CommitTs{snapshot});
                ASSERT_EQ(found.size(), kPairs);
                for (uint64_t pair = 0; pair < kPairs; ++pair) ASSERT_EQ(found[pair] / 2, pair);
            }
        });
    }
    writer.join();
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace deed::graph
