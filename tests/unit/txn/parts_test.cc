// The small parts on their own: batches of changes, dirty rows, waiting for turns.

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "engine/txn/change_batch.h"
#include "engine/txn/dirty_set.h"
#include "engine/txn/id_index.h"
#include "engine/txn/write_set.h"

namespace deed::txn {
namespace {

catalog::ChangeSet adds(EdgeId edge) {
    catalog::ChangeSet changes;
    changes.added.push_back({edge, NodeId{1}, NodeId{2}, TypeId{0}, {}});
    return changes;
}

TEST(ChangeBatch, merges_what_does_not_overlap) {
    ChangeBatch batch;
    for (uint64_t i = 0; i < 100; ++i) {
        auto changes = adds(EdgeId{i});
        EXPECT_TRUE(batch.merge(changes));
        EXPECT_TRUE(changes.empty());
    }
    EXPECT_EQ(batch.changes().added.size(), 100U);
    EXPECT_GT(batch.bytes(), 0U);
}

TEST(ChangeBatch, refuses_what_overlaps_and_leaves_it_alone) {
    ChangeBatch batch;
    auto add = adds(EdgeId{7});
    ASSERT_TRUE(batch.merge(add));
    catalog::ChangeSet remove;
    remove.removed.push_back({EdgeId{7}, NodeId{1}, NodeId{2}, TypeId{0}});
    EXPECT_FALSE(batch.merge(remove));
    EXPECT_EQ(remove.removed.size(), 1U);
    catalog::ChangeSet write;
    write.written.push_back({EdgeId{7}, {}});
    EXPECT_FALSE(batch.merge(write));
    catalog::ChangeSet node;
    node.nodes.push_back({.node = NodeId{3}, .labels = {}, .properties = {}});
    auto again = node;
    EXPECT_TRUE(batch.merge(node));
    EXPECT_FALSE(batch.merge(again));
    batch.clear();
    EXPECT_TRUE(batch.merge(again));
    EXPECT_TRUE(batch.merge(remove));
}

TEST(DirtySet, gives_back_every_row_once_in_order) {
    const uint64_t seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::mt19937_64 random(seed);
    DirtySet dirty;
    std::map<uint64_t, uint8_t> nodes;
    std::map<uint64_t, bool> pages;
    for (int i = 0; i < 20'000; ++i) {
        const uint64_t id = random() % 1'000'000;
        const auto what = static_cast<uint8_t>(1U << (random() % 3));
        dirty.note_node(NodeId{id}, what);
        nodes[id] |= what;
        const uint64_t page = random() % 10'000'000;
        dirty.note_edge_page(page);
        pages[page] = true;
    }
    DirtySet copy;
    copy.merge(dirty);
    auto node = nodes.begin();
    copy.each_node([&](NodeId id, uint8_t what) {
        EXPECT_TRUE(node != nodes.end() && node->first == id.raw() && node->second == what);
        ++node;
        return true;
    });
    EXPECT_TRUE(node == nodes.end()) << "seed " << seed;
    auto page = pages.begin();
    copy.each_edge_page([&](uint64_t id) {
        EXPECT_TRUE(page != pages.end() && page->first == id);
        ++page;
        return true;
    });
    EXPECT_TRUE(page == pages.end()) << "seed " << seed;
}

TEST(IdIndex, finds_every_position_before_and_after_it_becomes_a_table) {
    IdIndex index;
    for (uint32_t i = 0; i < 100; ++i) {
        EXPECT_EQ(index.find(i * 7), IdIndex::kAbsent);
        index.add(i * 7);
        for (uint32_t j = 0; j <= i; ++j) ASSERT_EQ(index.find(j * 7), j);
    }
    index.clear();
    EXPECT_EQ(index.find(0), IdIndex::kAbsent);
}

TEST(WriteSet, what_was_made_and_deleted_again_leaves_nothing) {
    WriteSet writes;
    writes.create_node(NodeId{1}, {}, {});
    writes.add_edge({EdgeId{1}, NodeId{1}, NodeId{1}, TypeId{0}, {}});
    EXPECT_FALSE(writes.empty());
    ASSERT_NE(writes.own_list(NodeId{1}, Direction::kOut), nullptr);
    writes.remove_edge({EdgeId{1}, NodeId{1}, NodeId{1}, TypeId{0}});
    writes.delete_node(NodeId{1});
    EXPECT_TRUE(writes.empty());
    EXPECT_TRUE(writes.removed(EdgeId{1}));
    EXPECT_EQ(writes.node_state(NodeId{1}), WriteSet::NodeState::kDeleted);
    EXPECT_TRUE(writes.own_list(NodeId{1}, Direction::kIn)->added.empty());
    catalog::ChangeSet changes;
    writes.move_into(changes);
    EXPECT_TRUE(changes.empty());
}

}  // namespace
}  // namespace deed::txn
