#include "engine/sync/retire_queue.h"

#include <gtest/gtest.h>
#include <vector>

namespace deed::sync {
namespace {

TEST(RetireQueueTest, GivesWhatTheFloorHasPassedOldestFirst) {
    RetireQueue queue;
    for (uint64_t ts = 1; ts <= 5; ++ts) queue.push({CommitTs{ts}, ts * 10, 8, 0});
    EXPECT_EQ(queue.bytes(), 40U);
    std::vector<uint64_t> given;
    auto take = [&](const Retired& entry) { given.push_back(entry.payload); };
    EXPECT_EQ(queue.drain(CommitTs{0}, 100, take), 0U);
    EXPECT_EQ(queue.drain(CommitTs{3}, 2, take), 2U);
    EXPECT_EQ(queue.drain(CommitTs{3}, 100, take), 1U);
    EXPECT_EQ(given, (std::vector<uint64_t>{10, 20, 30}));
    EXPECT_EQ(queue.bytes(), 16U);
    EXPECT_EQ(queue.size(), 2U);
}

TEST(RetireQueueTest, DisposingMayRetireMore) {
    RetireQueue queue;
    queue.push({CommitTs{1}, 1, 8, 0});
    size_t drained = queue.drain(CommitTs{5}, 100, [&](const Retired& entry) {
        if (entry.payload == 1) queue.push({CommitTs{6}, 2, 8, 0});
    });
    EXPECT_EQ(drained, 1U);
    EXPECT_EQ(queue.size(), 1U);
}

}  // namespace
}  // namespace deed::sync
