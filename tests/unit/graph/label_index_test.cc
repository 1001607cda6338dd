#include "engine/graph/label_index.h"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace deed::graph {
namespace {

std::vector<uint64_t> collect_all(const LabelBitmap& bitmap, uint64_t from, size_t batch) {
    std::vector<uint64_t> found;
    std::vector<NodeId> out(batch);
    while (true) {
        const size_t count = bitmap.collect(&from, out);
        for (size_t i = 0; i < count; ++i) found.push_back(out[i].raw());
        if (count < batch) return found;
    }
}

TEST(LabelBitmap, IsEmptyAtFirstAndSmall) {
    const LabelBitmap bitmap;
    EXPECT_FALSE(bitmap.test(NodeId{0}));
    EXPECT_FALSE(bitmap.test(NodeId::invalid()));
    EXPECT_TRUE(collect_all(bitmap, 0, 10).empty());
    EXPECT_LT(bitmap.bytes(), 1024U);
}

TEST(LabelBitmap, KeepsTheIdsAtEveryBorder) {
    LabelBitmap bitmap;
    std::vector<uint64_t> ids;
    for (const uint64_t border : {uint64_t{0}, uint64_t{64}, uint64_t{4096}, uint64_t{1} << 19,
                                  uint64_t{1} << 26, limits::kNodesMax}) {
        if (border > 0) ids.push_back(border - 1);
        if (border < limits::kNodesMax) ids.push_back(border);
    }
    for (const uint64_t id : ids) bitmap.set(NodeId{id});
    for (const uint64_t id : ids) EXPECT_TRUE(bitmap.test(NodeId{id})) << id;
    EXPECT_FALSE(bitmap.test(NodeId{1}));
    for (const size_t batch : {1U, 2U, 3U, 100U}) EXPECT_EQ(collect_all(bitmap, 0, batch), ids);
    const std::vector<uint64_t> tail(ids.begin() + 2, ids.end());
    EXPECT_EQ(collect_all(bitmap, ids[1] + 1, 4), tail);
    EXPECT_EQ(collect_all(bitmap, limits::kNodesMax, 4), std::vector<uint64_t>{});
    bitmap.clear(NodeId{4095});
    bitmap.clear(NodeId{4095});
    bitmap.clear(NodeId{77'777'777});  // its chunk was never made
    EXPECT_FALSE(bitmap.test(NodeId{4095}));
    EXPECT_EQ(collect_all(bitmap, 0, 7).size(), ids.size() - 1);
}

TEST(LabelBitmap, AgreesWithASet) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    LabelBitmap bitmap;
    std::set<uint64_t> model;
    for (int i = 0; i < 20'000; ++i) {
        const uint64_t id = random() % (random() % 10 == 0 ? 40'000'000 : 30'000);
        if (random() % 3 == 0) {
            bitmap.clear(NodeId{id});
            model.erase(id);
        } else {
            bitmap.set(NodeId{id});
            model.insert(id);
        }
    }
    EXPECT_EQ(collect_all(bitmap, 0, 100), std::vector<uint64_t>(model.begin(), model.end()));
    const uint64_t from = 15'000;
    EXPECT_EQ(collect_all(bitmap, from, 33),
              std::vector<uint64_t>(model.lower_bound(from), model.end()));
}

TEST(LabelIndex, KeepsLabelsApart) {
    LabelIndex index;
    EXPECT_EQ(index.find(LabelId{3}), nullptr);
    EXPECT_EQ(index.find(LabelId::invalid()), nullptr);
    index.set(LabelId{3}, NodeId{10});
    index.set(LabelId{limits::kLabelsMax - 1}, NodeId{11});
    EXPECT_TRUE(index.test(LabelId{3}, NodeId{10}));
    EXPECT_FALSE(index.test(LabelId{3}, NodeId{11}));
    EXPECT_FALSE(index.test(LabelId{4}, NodeId{10}));
    EXPECT_EQ(index.find(LabelId{4}), nullptr);
    index.clear(LabelId{4}, NodeId{10});
    EXPECT_EQ(index.find(LabelId{4}), nullptr) << "clearing makes nothing";
    index.clear(LabelId{3}, NodeId{10});
    EXPECT_FALSE(index.test(LabelId{3}, NodeId{10}));
    EXPECT_NE(index.find(LabelId{3}), nullptr);
}

TEST(LabelIndex, ALabelOfAFewScatteredNodesStaysSmall) {
    LabelIndex index;
    const uint64_t before = index.bytes();
    for (uint64_t id = 0; id < 100'000'000; id += 10'000'000) index.set(LabelId{1}, NodeId{id});
    EXPECT_LT(index.bytes() - before, 10 * 4096 + 16'384);
}

/// Threads that share a word do not disturb each other's bits: each finds its own as it left it.
TEST(LabelIndexStress, NoBitIsLostInASharedWord) {
    LabelIndex index;
    std::vector<std::thread> threads;
    for (uint64_t i = 0; i < 3; ++i) {
        threads.emplace_back([&index, i] {
            constexpr LabelId kLabel{5};
            const NodeId mine{64 + i};
            for (int round = 0; round < 1'000'000; ++round) {
                index.set(kLabel, mine);
                ASSERT_TRUE(index.test(kLabel, mine)) << round;
                index.clear(kLabel, mine);
                ASSERT_FALSE(index.test(kLabel, mine)) << round;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}

/// Threads that make bitmaps, levels and chunks at the same time agree on one of each.
TEST(LabelIndexStress, LoadersMakeChunksTogether) {
    constexpr uint64_t kThreads = 3;
    constexpr uint64_t kNodes = 20'000;
    LabelIndex index;
    std::vector<std::thread> loaders;
    for (uint64_t i = 0; i < kThreads; ++i) {
        loaders.emplace_back([&index, i] {
            for (uint64_t node = i; node < kNodes; node += kThreads) {
                index.set(LabelId{static_cast<uint32_t>(node % 500)}, NodeId{node * 1'000});
            }
        });
    }
    for (std::thread& loader : loaders) loader.join();
    for (uint32_t label = 0; label < 500; ++label) {
        const std::vector<uint64_t> found = collect_all(*index.find(LabelId{label}), 0, 128);
        ASSERT_EQ(found.size(), kNodes / 500);
        for (uint64_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], (i * 500 + label) * 1'000);
    }
}

/// One writer sets and clears, publishing a number as commits do; readers must find every node that
/// was set before the number that they read and not cleared since, ascending.
TEST(LabelIndexStress, ReadersMissNothingThatWasPublished) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    constexpr LabelId kLabel{9};
    constexpr uint64_t kSteps = 40'000;
    LabelIndex index;
    // Node `step * 7` is set by step `step`, as long as the step is even never cleared again.
    // Release by the writer pairs with acquire by the readers.
    std::atomic<uint64_t> published{0};
    std::thread writer([&] {
        for (uint64_t step = 1; step <= kSteps; ++step) {
            index.set(kLabel, NodeId{step * 7});
            if (step > 100 && step % 2 == 0) index.clear(kLabel, NodeId{(step - 99) * 7});
            published.store(step, std::memory_order_release);
        }
    });
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) {
        readers.emplace_back([&, i] {
            std::mt19937_64 random(seed + static_cast<uint64_t>(i));
            uint64_t seen = 0;
            while (seen < kSteps) {
                seen = published.load(std::memory_order_acquire);
                const LabelBitmap* bitmap = index.find(kLabel);
                if (seen == 0) continue;
                ASSERT_NE(bitmap, nullptr);
                const uint64_t first = random() % seen;
                const std::vector<uint64_t> found = collect_all(*bitmap, first * 7, 64);
                ASSERT_TRUE(std::ranges::is_sorted(found));
                for (uint64_t step = first + first % 2; step <= seen; step += 2) {
                    if (step == 0) continue;
                    ASSERT_TRUE(std::ranges::binary_search(found, step * 7)) << step;
                }
                for (const uint64_t id : found) ASSERT_EQ(id % 7, 0U);
            }
        });
    }
    writer.join();
    for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace deed::graph
