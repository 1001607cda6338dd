#include "engine/sync/chunked_directory.h"

#include <atomic>
#include <gtest/gtest.h>

namespace deed::sync {
namespace {

using Small = ChunkedDirectory<std::atomic<uint64_t>, 4, 1000>;

TEST(ChunkedDirectoryTest, CellsComeIntoBeingAsZeroes) {
    Small directory;
    EXPECT_EQ(directory.find(17), nullptr);
    EXPECT_EQ(directory.bytes(), 0U);
    EXPECT_EQ(directory.make(17).load(), 0U);
    directory.make(17).store(5);
    EXPECT_EQ(directory.find(17)->load(), 5U);
    EXPECT_EQ(directory.find(16)->load(), 0U);
    EXPECT_EQ(directory.find(32), nullptr);
    EXPECT_EQ(directory.bytes(), 16 * sizeof(uint64_t));
    EXPECT_EQ(directory.chunk_end(), 2U);
}

TEST(ChunkedDirectoryTest, CellsDoNotMove) {
    Small directory;
    std::atomic<uint64_t>* cell = &directory.make(3);
    for (uint64_t i = 0; i < 1000; ++i) directory.make(i);
    EXPECT_EQ(&directory.make(3), cell);
}

TEST(ChunkedDirectoryTest, BeyondTheEndIsNothing) {
    Small directory;
    directory.make(999);
    EXPECT_EQ(directory.find(1000), nullptr);
    EXPECT_EQ(directory.find(~uint64_t{0}), nullptr);
}

}  // namespace
}  // namespace deed::sync
