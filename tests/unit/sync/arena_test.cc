#include "engine/sync/arena.h"

#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <vector>

namespace deed::sync {
namespace {

TEST(ArenaTest, ClassesWasteLittle) {
    EXPECT_EQ(Arena::class_bytes(1), 8U);
    EXPECT_EQ(Arena::class_bytes(24), 24U);
    EXPECT_EQ(Arena::class_bytes(256), 256U);
    EXPECT_EQ(Arena::class_bytes(257), 320U);
    EXPECT_EQ(Arena::class_bytes(8192), 8192U);
    EXPECT_EQ(Arena::class_bytes(8193), 8193U);
}

TEST(ArenaTest, UsedIsExact) {
    Arena arena;
    EXPECT_EQ(arena.used(), 0U);
    EXPECT_EQ(arena.reserved(), 0U);
    void* small = arena.allocate(20);
    void* middle = arena.allocate(300);
    void* large = arena.allocate(100'000);
    EXPECT_EQ(arena.used(), 24U + 320 + 100'000);
    EXPECT_GE(arena.reserved(), arena.used());
    arena.release(small, 20);
    arena.release(middle, 300);
    arena.release(large, 100'000);
    EXPECT_EQ(arena.used(), 0U);
}

TEST(ArenaTest, WhatIsReleasedIsUsedAgain) {
    Arena arena;
    void* first = arena.allocate(40);
    arena.release(first, 40);
    EXPECT_EQ(arena.allocate(33), first);  // the same class
}

TEST(ArenaTest, LargeAllocationsDieWithTheArena) {
    Arena arena;
    Arena other;
    std::memset(arena.allocate(20'000), 1, 20'000);
    void* moved = arena.allocate(30'000);
    std::memset(moved, 1, 30'000);
    other.release(moved, 30'000);
    EXPECT_EQ(arena.used() + other.used(), 20'000U);
}

TEST(ArenaTest, AllocationsDoNotOverlap) {
    uint64_t seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Arena arena;
    std::map<unsigned char*, size_t> live;
    uint64_t expected = 0;
    for (int i = 0; i < 40'000; ++i) {
        if (live.empty() || random() % 5 < 3) {
            size_t bytes = 1 + random() % (random() % 8 == 0 ? 10'000 : 200);
            auto* memory = static_cast<unsigned char*>(arena.allocate(bytes));
            ASSERT_EQ(reinterpret_cast<uintptr_t>(memory) % 8, 0U);
            std::memset(memory, static_cast<int>(bytes % 251), bytes);
            auto [at, inserted] = live.emplace(memory, bytes);
            ASSERT_TRUE(inserted);
            if (auto next = std::next(at); next != live.end()) {
                ASSERT_LE(memory + bytes, next->first);
            }
            if (at != live.begin()) {
                ASSERT_LE(std::prev(at)->first + std::prev(at)->second, memory);
            }
            expected += Arena::class_bytes(bytes);
        } else {
            auto at = live.lower_bound(live.begin()->first + random() % 1'000'000);
            if (at == live.end()) at = live.begin();
            auto [memory, bytes] = *at;
            for (size_t byte = 0; byte < bytes; byte += 7) ASSERT_EQ(memory[byte], bytes % 251);
            arena.release(memory, bytes);
            expected -= Arena::class_bytes(bytes);
            live.erase(at);
        }
        ASSERT_EQ(arena.used(), expected);
    }
}

#if defined(__SANITIZE_ADDRESS__)
TEST(ArenaDeathTest, ReadingWhatWasReleasedIsCaught) {
    Arena arena;
    auto* memory = static_cast<volatile char*>(arena.allocate(64));
    arena.release(const_cast<char*>(memory), 64);
    EXPECT_DEATH((void)memory[20], "use-after-poison");
}
#endif

}  // namespace
}  // namespace deed::sync
