#include "engine/base/ids.h"

#include <gtest/gtest.h>
#include <type_traits>
#include <unordered_set>

namespace deed {
namespace {

static_assert(!std::is_convertible_v<uint64_t, NodeId>, "going in is written down");
static_assert(!std::is_convertible_v<NodeId, uint64_t>, "going out is written down");
static_assert(!std::is_constructible_v<NodeId, EdgeId>, "ids of two kinds do not mix");
static_assert(sizeof(NodeId) == sizeof(uint64_t));

TEST(Ids, DefaultIsInvalidAndNamesNothing) {
    EXPECT_FALSE(NodeId{}.valid());
    EXPECT_EQ(NodeId{}, NodeId::invalid());
    EXPECT_TRUE(NodeId{0}.valid());
}

TEST(Ids, OrderIsThatOfTheNumber) {
    EXPECT_LT(CommitTs{1}, CommitTs{2});
    EXPECT_LT(CommitTs{2}, CommitTs::invalid());
}

TEST(Ids, DenseIdsHashApart) {
    std::unordered_set<size_t> high_bytes;
    for (uint64_t raw = 0; raw < 256; ++raw) {
        high_bytes.insert(std::hash<EdgeId>{}(EdgeId{raw}) >> 56);
    }
    EXPECT_GT(high_bytes.size(), 128U);
}

}  // namespace
}  // namespace deed
