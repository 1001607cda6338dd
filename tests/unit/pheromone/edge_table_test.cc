#include "engine/pheromone/edge_table.h"

#include <atomic>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <thread>
#include <vector>

namespace deed::pheromone {
namespace {

constexpr Decay kNow{.epoch = 50, .log2_keep = -0.125};

std::map<uint64_t, double> contents(const EdgeTable& table, const Decay& now, double floor = 0) {
    std::map<uint64_t, double> found;
    uint64_t before = 0;
    table.for_each(now, floor, [&](EdgeId edge, double intensity) {
        EXPECT_TRUE(found.empty() || edge.raw() > before) << "ids ascend";
        before = edge.raw();
        found[edge.raw()] = intensity;
    });
    return found;
}

TEST(EdgeTable, AnEdgeThatWasNeverFollowedHasNoTrailAndCostsNothing) {
    EdgeTable table;
    EXPECT_EQ(table.intensity(EdgeId{123'456'789}, kNow), 0);
    EXPECT_EQ(table.intensity(EdgeId::invalid(), kNow), 0);
    EXPECT_EQ(table.pages_in_use(), 0U);
    EXPECT_TRUE(contents(table, kNow).empty());
}

TEST(EdgeTable, RemembersDepositsUntilTheyEvaporate) {
    EdgeTable table;
    const uint64_t last = limits::kEdgesMax - 1;
    for (const uint64_t edge :
         {uint64_t{0}, uint64_t{255}, uint64_t{256}, uint64_t{1} << 31, last}) {
        table.deposit(EdgeId{edge}, 64, kNow);
        EXPECT_EQ(table.intensity(EdgeId{edge}, kNow), 64);
    }
    EXPECT_EQ(table.pages_in_use(), 4U);
    EXPECT_EQ(table.intensity(EdgeId{1}, kNow), 0);
    Decay later = kNow;
    later.epoch += 8;
    EXPECT_EQ(table.intensity(EdgeId{last}, later), 32);
    EXPECT_EQ(contents(table, later).size(), 5U);
    EXPECT_EQ(contents(table, later, 40).size(), 0U);
}

TEST(EdgeTable, IsRestoredFromWhatItShowed) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    EdgeTable table;
    for (int i = 0; i < 5000; ++i) table.deposit(EdgeId{random() % 1'000'000}, 64, kNow);
    const auto before = contents(table, kNow);
    EdgeTable restored;
    const Decay after_restart{.epoch = 7, .log2_keep = kNow.log2_keep};
    for (const auto& [edge, intensity] : before) {
        restored.restore(EdgeId{edge}, intensity, after_restart);
    }
    EXPECT_EQ(contents(restored, after_restart), before);
}

TEST(EdgeTable, MemoryIsBoundedAndDropsAreCounted) {
    EdgeTable table({.pages_max = 3});
    for (uint64_t page = 0; page < 10; ++page) table.deposit(EdgeId{page * 256}, 1, kNow);
    EXPECT_TRUE(table.full());
    EXPECT_EQ(table.pages_in_use(), 3U);
    EXPECT_EQ(table.dropped(), 7U);
    EXPECT_EQ(contents(table, kNow).size(), 3U);
    const uint64_t bytes = table.bytes();
    table.deposit(EdgeId{300}, 1, kNow);  // a page that exists
    EXPECT_EQ(table.intensity(EdgeId{300}, kNow), 1);
    EXPECT_EQ(table.bytes(), bytes);
}

TEST(EdgeTable, EvaporatedPagesServeOtherEdges) {
    EdgeTable table({.pages_max = 2});
    table.deposit(EdgeId{0}, 1, kNow);
    table.deposit(EdgeId{1000}, 4096, kNow);
    Decay later = kNow;
    later.epoch += 16;
    EXPECT_EQ(table.scrub(later, 0.5), 1U);
    EXPECT_FALSE(table.full());
    table.deposit(EdgeId{5000}, 64, later);
    EXPECT_EQ(table.dropped(), 0U);
    const std::map<uint64_t, double> expected{{1000, 1024}, {5000, 64}};
    EXPECT_EQ(contents(table, later), expected);
}

TEST(EdgeTable, TrailsOutliveTheWrapOfTheEpoch) {
    EdgeTable table;
    Decay now{.epoch = 0, .log2_keep = -0.0001};
    table.deposit(EdgeId{9}, 1e9, now);
    for (int i = 0; i < 10; ++i) {
        now.epoch += kScrubEpochs;
        table.scrub(now, 0.5);
    }
    const double expected = 1e9 * std::exp2(now.log2_keep * double(now.epoch));
    EXPECT_NEAR(table.intensity(EdgeId{9}, now), expected, expected * 0.01);
}

/// Depositors, readers and a scrubber at once: what is found was deposited by someone.
TEST(EdgeTableStress, ConcurrentUseNeverInventsATrail) {
    EdgeTable table({.pages_max = 16});
    constexpr int kDepositors = 3;
    constexpr int kDeposits = 30'000;
    constexpr double kAll = double(kDepositors) * kDeposits;
    std::atomic<bool> stop{false};
    std::vector<std::thread> depositors;
    for (int i = 0; i < kDepositors; ++i) {
        depositors.emplace_back([&table, i] {
            std::mt19937_64 random(static_cast<uint64_t>(i));
            for (int n = 0; n < kDeposits; ++n) {
                const Decay now{.epoch = static_cast<uint64_t>(n) / 100, .log2_keep = -1};
                table.deposit(EdgeId{random() % 64 * 256 + random() % 4}, 1, now);
            }
        });
    }
    std::thread reader([&] {
        // Relaxed: only ends the loop.
        while (!stop.load(std::memory_order_relaxed)) {
            table.for_each({.epoch = 0, .log2_keep = -1}, 0, [&](EdgeId edge, double intensity) {
                ASSERT_LT(edge.raw(), 64U * 256);
                ASSERT_LT(edge.raw() % 256, 4U) << "no other cells are used";
                ASSERT_LE(intensity, kAll);
            });
        }
    });
    std::thread scrubber([&] {
        uint64_t epoch = 0;
        while (!stop.load(std::memory_order_relaxed)) {
            table.scrub({.epoch = epoch++ % 300, .log2_keep = -1}, 2);
        }
    });
    for (std::thread& thread : depositors) thread.join();
    stop.store(true, std::memory_order_relaxed);
    reader.join();
    scrubber.join();
    EXPECT_LE(table.pages_in_use(), 16U);
    EXPECT_LE(table.bytes(), sizeof(EdgeTable) + 16 * 1024 + (size_t{1} << 12) * 8 * 2);
}

}  // namespace
}  // namespace deed::pheromone
