#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "engine/graph/adjacency_builder.h"

namespace deed::graph {
namespace {

using Entry = std::tuple<uint32_t, uint32_t, uint32_t>;  // type, neighbour, edge
using Model = std::set<Entry>;

/// One list, version after version; frees each version as soon as it is superseded.
class AdjacencyTest : public testing::Test {
 protected:
    void change(const std::vector<Entry>& add, const std::vector<Entry>& remove) {
        std::vector<ListChange> changes;
        for (const auto& [type, neighbour, edge] : add) {
            changes.emplace_back(1, 0, Direction::kOut, TypeId{type}, EntryKey{neighbour, edge},
                                 true);
            model_.insert({type, neighbour, edge});
        }
        for (const auto& [type, neighbour, edge] : remove) {
            changes.emplace_back(1, 0, Direction::kOut, TypeId{type}, EntryKey{neighbour, edge},
                                 false);
            model_.erase({type, neighbour, edge});
        }
        std::sort(changes.begin(), changes.end());
        CommitTs ts{++ts_};
        list_ = builder_.next(list_, changes, ts);
        collect(ts);
    }

    void collect(CommitTs floor) {
        retired_.drain(floor, SIZE_MAX, [&](const sync::Retired& entry) {
            arena_.release(reinterpret_cast<void*>(entry.payload), entry.bytes);
        });
    }

    [[nodiscard]] AdjacencyView view() const { return AdjacencyView(list_); }

    void expect_model() const {
        std::vector<Entry> entries;
        view().for_each_run([&](TypeId type, auto neighbours, auto edges) {
            for (size_t i = 0; i < neighbours.size(); ++i) {
                entries.emplace_back(type.raw(), neighbours[i], edges[i]);
            }
        });
        ASSERT_TRUE(std::ranges::equal(entries, model_));
        ASSERT_EQ(view().degree(), model_.size());
        // All that is allocated is the list: nothing was lost, nothing is kept twice.
        size_t bytes = list_ == nullptr ? 0 : AdjacencyBuilder::total_bytes(*list_);
        ASSERT_GE(arena_.used(), bytes);
        ASSERT_LE(arena_.used(), bytes + bytes / 8 + 256);
    }

    sync::Arena arena_;
    sync::RetireQueue retired_;
    AdjacencyBuilder builder_{arena_, retired_};
    const AdjacencyList* list_ = nullptr;
    Model model_;
    uint64_t ts_ = 0;
};

TEST_F(AdjacencyTest, AnEmptyListHasNothing) {
    EXPECT_TRUE(view().empty());
    EXPECT_EQ(view().degree(), 0U);
    EXPECT_EQ(view().degree(TypeId{1}), 0U);
    EXPECT_EQ(view().type_count(), 0U);
    EXPECT_FALSE(view().contains(TypeId{1}, NodeId{1}));
    EXPECT_FALSE(view().type_of(NodeId{1}, EdgeId{1}).valid());
    EXPECT_TRUE(view().run(TypeId{1}).neighbours.empty());
}

TEST_F(AdjacencyTest, OneTypeTakesTwentyFourBytesAndEightForEachEntry) {
    change({{3, 10, 1}, {3, 5, 2}}, {});
    EXPECT_EQ(AdjacencyBuilder::total_bytes(*list_), 24U + 2 * 8);
    EXPECT_EQ(view().type_count(), 1U);
    EXPECT_EQ(view().type(0), TypeId{3});
    EXPECT_EQ(view().run(TypeId{3}).neighbours[0], 5U);
}

TEST_F(AdjacencyTest, EntriesAreOrderedByTypeThenNeighbourThenEdge) {
    change({{2, 1, 9}, {1, 7, 5}, {1, 7, 3}, {1, 4, 8}}, {});
    expect_model();
    EXPECT_EQ(view().type_count(), 2U);
    EXPECT_EQ(view().degree(TypeId{1}), 3U);
    EXPECT_TRUE(view().contains(TypeId{1}, NodeId{7}, EdgeId{5}));
    EXPECT_FALSE(view().contains(TypeId{1}, NodeId{7}, EdgeId{4}));
    EXPECT_FALSE(view().contains(TypeId{2}, NodeId{7}));
    EXPECT_EQ(view().type_of(NodeId{1}, EdgeId{9}), TypeId{2});
}

TEST_F(AdjacencyTest, AVisitorThatReturnsFalseStops) {
    change({{1, 1, 1}, {2, 2, 2}, {3, 3, 3}}, {});
    int visited = 0;
    EXPECT_FALSE(view().for_each_run([&](TypeId, auto, auto) { return ++visited < 2; }));
    EXPECT_EQ(visited, 2);
}

TEST_F(AdjacencyTest, WhatIsThereIsNotAddedAgainAndTheVersionStays) {
    change({{1, 5, 5}}, {});
    const AdjacencyList* before = list_;
    change({{1, 5, 5}}, {{1, 6, 6}, {2, 5, 5}});
    EXPECT_EQ(list_, before);
    EXPECT_EQ(retired_.size(), 0U);
}

TEST_F(AdjacencyTest, ManyParallelEdgesSpanBlocks) {
    std::vector<Entry> edges;
    for (uint32_t edge = 0; edge < 2000; ++edge) edges.emplace_back(1, 77, edge * 2);
    change(edges, {});
    change({{1, 76, 1}, {1, 78, 1}}, {});
    expect_model();
    for (uint32_t edge = 0; edge < 2000; ++edge) {
        ASSERT_TRUE(view().contains(TypeId{1}, NodeId{77}, EdgeId{edge * 2}));
        ASSERT_FALSE(view().contains(TypeId{1}, NodeId{77}, EdgeId{edge * 2 + 1}));
    }
    for (uint32_t neighbour : {76U, 77U, 78U}) {
        EXPECT_TRUE(view().contains(TypeId{1}, NodeId{neighbour}));
    }
    EXPECT_FALSE(view().contains(TypeId{1}, NodeId{75}));
    EXPECT_FALSE(view().contains(TypeId{1}, NodeId{79}));
    change({}, {edges.begin() + 100, edges.begin() + 1900});
    expect_model();
}

TEST_F(AdjacencyTest, RandomChangesMatchASet) {
    const char* given = std::getenv("DEED_TEST_SEED");
    uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "DEED_TEST_SEED=" << seed << "\n";
    std::mt19937_64 random(seed);
    for (uint32_t round = 0; round < 600; ++round) {
        bool growing = round % 200 < 120;
        size_t size = random() % 3 == 0 ? 1 : random() % (growing ? 400 : 900);
        std::set<Entry> add;
        std::set<Entry> remove;
        for (size_t i = 0; i < size; ++i) {
            Entry entry{random() % 4, random() % 5000, random() % 3};
            if (random() % 100 < (growing ? 90U : 15U)) {
                add.insert(entry);
            } else if (auto at = model_.lower_bound(entry); at != model_.end()) {
                remove.insert(*at);
            }
        }
        for (const Entry& entry : remove) add.erase(entry);
        ASSERT_NO_FATAL_FAILURE(change({add.begin(), add.end()}, {remove.begin(), remove.end()}));
        ASSERT_NO_FATAL_FAILURE(expect_model());
    }
    change({}, {model_.begin(), std::next(model_.begin(), model_.size() / 2)});
    expect_model();
    std::vector<Entry> rest(model_.begin(), model_.end());
    change({}, rest);
    ASSERT_NO_FATAL_FAILURE(expect_model());
    EXPECT_TRUE(view().empty());
}

TEST_F(AdjacencyTest, AHubsEdgesCostTheSameHoweverManyThereAre) {
    // What one edge costs at ten thousand and at three hundred thousand, in either order of ids.
    for (bool ascending : {true, false}) {
        list_ = nullptr;
        std::mt19937 random(7);
        uint64_t early = 0;
        uint64_t late = 0;
        for (uint32_t edge = 0; edge < 300'000; ++edge) {
            uint64_t before = builder_.bytes_written();
            std::vector<ListChange> one;
            one.emplace_back(1, 0, Direction::kIn, TypeId{1},
                             EntryKey{ascending ? edge : static_cast<uint32_t>(random()), edge},
                             true);
            list_ = builder_.next(list_, one, CommitTs{++ts_});
            collect(CommitTs{ts_});
            uint64_t cost = builder_.bytes_written() - before;
            if (edge >= 9'000 && edge < 10'000) early += cost;
            if (edge >= 299'000) late += cost;
        }
        EXPECT_EQ(view().degree(), 300'000U);
        std::cout << (ascending ? "ascending" : "random") << ": " << early / 1000
                  << " bytes an edge at 10,000, " << late / 1000 << " at 300,000, "
                  << AdjacencyBuilder::total_bytes(*list_) / 300'000.0 << " bytes kept\n";
        EXPECT_LT(late, early * 2);
        EXPECT_LT(late / 1000, 8'000U);
    }
}

TEST_F(AdjacencyTest, LoadingPacksBlocksFull) {
    std::vector<LoadEntry> entries;
    for (uint32_t i = 0; i < 10'000; ++i) entries.push_back({TypeId{1}, NodeId{i}, EdgeId{i}});
    for (uint32_t i = 0; i < 3; ++i) entries.push_back({TypeId{2}, NodeId{i}, EdgeId{10'000 + i}});
    list_ = builder_.load(entries, CommitTs{1});
    for (const LoadEntry& entry : entries) {
        model_.insert({entry.type.raw(), static_cast<uint32_t>(entry.neighbour.raw()),
                       static_cast<uint32_t>(entry.edge.raw())});
    }
    expect_model();
    EXPECT_LT(AdjacencyBuilder::total_bytes(*list_), 10'003U * 8 + 1000);
    size_t runs = 0;
    view().for_each_run(TypeId{1}, [&](auto, auto) { ++runs; });
    EXPECT_EQ(runs, (10'000U + kBlockEntriesMax - 1) / kBlockEntriesMax);
}

}  // namespace
}  // namespace deed::graph
