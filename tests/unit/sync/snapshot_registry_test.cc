#include "engine/sync/snapshot_registry.h"

#include <atomic>
#include <gtest/gtest.h>
#include <vector>

namespace deed::sync {
namespace {

class SnapshotRegistryTest : public testing::Test {
 protected:
    SnapshotRegistry::Registration at(uint64_t snapshot) {
        visible_.store(snapshot);
        return std::move(registry_.acquire(visible_)).value();
    }
    [[nodiscard]] uint64_t oldest() const {
        return registry_.oldest(CommitTs{visible_.load()}).raw();
    }

    std::atomic<uint64_t> visible_{0};
    SnapshotRegistry registry_{4};
};

TEST_F(SnapshotRegistryTest, TheOldestSnapshotInUseHoldsBack) {
    visible_.store(9);
    EXPECT_EQ(oldest(), 9U);
    auto five = at(5);
    auto seven = at(7);
    visible_.store(9);
    EXPECT_EQ(five.snapshot(), CommitTs{5});
    EXPECT_EQ(oldest(), 5U);
    five.release();
    EXPECT_FALSE(five.held());
    EXPECT_EQ(oldest(), 7U);
    seven = {};
    EXPECT_EQ(oldest(), 9U);
    EXPECT_EQ(registry_.in_use(), 0U);
}

TEST_F(SnapshotRegistryTest, AFullRegistrySaysSo) {
    std::vector<SnapshotRegistry::Registration> held;
    for (int i = 0; i < 4; ++i) held.push_back(at(1));
    EXPECT_EQ(registry_.in_use(), 4U);
    auto refused = registry_.acquire(visible_);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kLimitExceeded);
    EXPECT_EQ(refused.error().reason(), "LIMIT_SNAPSHOTS");
    held.pop_back();
    EXPECT_TRUE(registry_.acquire(visible_).ok());
}

TEST_F(SnapshotRegistryTest, ADoomedSnapshotHoldsNothingBackAndCannotBeEntered) {
    auto old = at(3);
    auto young = at(6);
    EXPECT_TRUE(registry_.doom_oldest(CommitTs{8}));
    EXPECT_TRUE(old.doomed());
    EXPECT_FALSE(old.enter());
    EXPECT_EQ(oldest(), 6U);
    EXPECT_FALSE(young.doomed());
    EXPECT_FALSE(registry_.doom_oldest(CommitTs{6})) << "none is older than 6";
}

TEST_F(SnapshotRegistryTest, WhoIsBusyKeepsItsSnapshotUntilItLeaves) {
    auto old = at(3);
    ASSERT_TRUE(old.enter());
    visible_.store(8);
    EXPECT_TRUE(registry_.doom_oldest(CommitTs{8}));
    EXPECT_TRUE(old.doomed());
    EXPECT_EQ(oldest(), 3U);
    old.leave();
    EXPECT_EQ(oldest(), 8U);
    EXPECT_FALSE(old.enter());
}

TEST_F(SnapshotRegistryTest, ASweeperEndsExactlyTheRegistrationThatItMeans) {
    auto old = at(3);
    uint32_t slot = old.slot();
    EXPECT_FALSE(registry_.doom(slot, CommitTs{4}));
    EXPECT_TRUE(registry_.doom(slot, CommitTs{3}));
    EXPECT_FALSE(registry_.doom(slot, CommitTs{3})) << "doomed before";
    old.release();
    EXPECT_FALSE(registry_.doom(slot, CommitTs{3})) << "gone";
}

TEST_F(SnapshotRegistryTest, AMovedRegistrationIsReleasedOnce) {
    auto first = at(2);
    SnapshotRegistry::Registration second = std::move(first);
    EXPECT_FALSE(first.held());  // NOLINT(bugprone-use-after-move): what this test is about
    EXPECT_EQ(registry_.in_use(), 1U);
    second = at(4);
    EXPECT_EQ(registry_.in_use(), 1U);
}

}  // namespace
}  // namespace deed::sync
