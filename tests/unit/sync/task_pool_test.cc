#include "engine/sync/task_pool.h"

#include <atomic>
#include <gtest/gtest.h>
#include <vector>

namespace deed::sync {
namespace {

TEST(TaskPoolTest, RunsEveryIndexOnce) {
    TaskPool pool(3);
    std::vector<std::atomic<int>> runs(1000);
    ASSERT_TRUE(pool.for_each_index(runs.size(), [&](size_t i) { runs[i].fetch_add(1); }));
    for (const auto& run : runs) EXPECT_EQ(run.load(), 1);
}

TEST(TaskPoolTest, StopWaitsForWhatWasAcceptedAndRefusesTheRest) {
    TaskPool pool(2);
    std::atomic<int> done{0};
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(pool.submit([&] { done.fetch_add(1); }));
    }
    pool.stop();
    EXPECT_EQ(done.load(), 100);
    EXPECT_EQ(pool.pending(), 0U);
    EXPECT_FALSE(pool.submit([&] { done.fetch_add(1); }));
    EXPECT_FALSE(pool.for_each_index(1, [&](size_t) { done.fetch_add(1); }));
    EXPECT_EQ(done.load(), 100);
}

TEST(TaskPoolTest, NoMoreRunAtOnceThanThereAreThreads) {
    TaskPool pool(2);
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    ASSERT_TRUE(pool.for_each_index(200, [&](size_t) {
        int now = running.fetch_add(1) + 1;
        int before = most.load();
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        running.fetch_sub(1);
    }));
    EXPECT_LE(most.load(), 2);
    EXPECT_EQ(pool.threads(), 2U);
}

TEST(TaskPoolTest, WorkOfThePoolMayFanOutItself) {
    TaskPool pool(2);
    std::atomic<int> runs{0};
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(pool.submit(
            [&] { (void)pool.for_each_index(10, [&](size_t) { runs.fetch_add(1); }); }));
    }
    EXPECT_TRUE(pool.for_each_index(0, [&](size_t) { runs.fetch_add(1000); }));
    while (pool.pending() > 0) std::this_thread::yield();
    EXPECT_EQ(runs.load(), 80);
}

}  // namespace
}  // namespace deed::sync
