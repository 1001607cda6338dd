#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>

#include "server/session/gate.h"
#include "server/session/limits.h"
#include "server/session/workers.h"

namespace deed::server {
namespace {

using std::chrono::milliseconds;

TEST(Gate, RefusesPastTheLimitAndLetsInAgain) {
    Gate gate(2);
    ASSERT_TRUE(gate.enter().ok());
    ASSERT_TRUE(gate.enter().ok());
    auto third = gate.enter();
    ASSERT_FALSE(third.ok());
    EXPECT_EQ(third.error().reason(), "LIMIT_CONCURRENT_REQUESTS");
    gate.leave();
    EXPECT_TRUE(gate.enter().ok());
    EXPECT_EQ(gate.inside(), 2U);
    EXPECT_EQ(gate.entered_total(), 3U);
}

TEST(Gate, AStopRefusesTellsTheListenersAndWaitsForTheLast) {
    Gate gate(10);
    ASSERT_TRUE(gate.enter().ok());
    int told = 0;
    const auto first = gate.listen([&] { ++told; });
    gate.unlisten(gate.listen([&] { told += 100; }));
    gate.stop();
    EXPECT_EQ(told, 1);
    gate.unlisten(first);
    EXPECT_EQ(gate.enter().error().reason(), "SHUTTING_DOWN");
    EXPECT_FALSE(gate.wait_drained(milliseconds(10)));
    std::thread last([&] { gate.leave(); });
    EXPECT_TRUE(gate.wait_drained(milliseconds(10'000)));
    last.join();
    gate.listen([&] { ++told; });
    EXPECT_EQ(told, 2) << "a listener that comes late is told at once";
}

TEST(Workers, BlockedJobsDoNotHoldUpOthersUntilTheMaximum) {
    Workers workers({.threads_max = 4, .idle = milliseconds(10'000)});
    std::counting_semaphore<8> release(0);
    std::counting_semaphore<8> started(0);
    for (int i = 0; i < 3; ++i) {
        workers.submit([&] {
            started.release();
            release.acquire();
        });
    }
    for (int i = 0; i < 3; ++i) started.acquire();
    std::binary_semaphore ran(0);
    workers.submit([&] { ran.release(); });
    ran.acquire();
    EXPECT_EQ(workers.thread_count(), 4U);
    release.release(3);
    workers.stop();
    EXPECT_EQ(workers.thread_count(), 0U);
}

TEST(Workers, EveryJobRunsOnceAlsoThoseSubmittedWhileStopping) {
    std::atomic<int> ran{0};
    Workers workers({.threads_max = 3, .idle = milliseconds(1)});
    for (int i = 0; i < 10'000; ++i) workers.submit([&] { ran.fetch_add(1); });
    workers.stop();
    EXPECT_EQ(ran.load(), 10'000);
    workers.submit([&] { ran.fetch_add(1); });
    EXPECT_EQ(ran.load(), 10'001);
}

TEST(Limits, AnErrorSaysWhatWasAskedAndWhichSettingDecides) {
    const auto error = limit_error("batch_items", 100, 10, "ids");
    EXPECT_EQ(error.reason(), "LIMIT_BATCH_ITEMS");
    EXPECT_NE(error.message().find("100"), std::string::npos);
    EXPECT_NE(error.message().find("limits.batch_items"), std::string::npos);
    EXPECT_TRUE(check_limit("batch_items", 10, 10, "ids").ok());
    EXPECT_FALSE(check_limit("batch_items", 11, 10, "ids").ok());
    EXPECT_EQ(limit_value(Limits(), "traversal_depth"), Limits().traversal_depth);
    EXPECT_EQ(limit_value(Limits(), "nothing"), std::nullopt);
}

}  // namespace
}  // namespace deed::server
