#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/catalog/tokens.h"

namespace deed::catalog {
namespace {

constexpr uint32_t kNames = 3'000;  // enough for the table to grow six times
constexpr int kThreads = 4;

std::string name_of(uint32_t number) {
    return "name-" + std::to_string(number);
}

/// Interns all names in an order of its own; `given[name]` becomes the number.
void intern_all(TokenTable& table, uint32_t seed, std::vector<uint32_t>& given) {
    std::vector<uint32_t> order(kNames);
    for (uint32_t i = 0; i < kNames; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), std::mt19937(seed));
    for (const uint32_t number : order) {
        const std::string name = name_of(number);
        const Result<uint32_t> id = table.intern(name);
        ASSERT_TRUE(id.ok());
        given[number] = *id;
        // What this thread has interned it finds at once, by name and by number.
        ASSERT_EQ(table.find(name), *id);
        ASSERT_EQ(table.name(*id), name);
    }
}

/// Looks at everything that is there, again and again.
void read_all(const TokenTable& table, const std::atomic<bool>& stop) {
    // Relaxed: only ends the loop.
    while (!stop.load(std::memory_order_relaxed)) {
        const uint32_t size = table.size();
        for (uint32_t id = 0; id < size; ++id) {
            const std::string_view name = table.name(id);
            const auto found = table.find(name);
            // A name below size() may be found by number just before it is found by name.
            if (found.has_value()) {
                ASSERT_EQ(*found, id);
            }
        }
    }
}

TEST(InternerStress, ThreadsAgreeOnEveryNumber) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    TokenTable table(TokenKind::kPropertyKey, kNames);
    std::vector<std::vector<uint32_t>> given(kThreads, std::vector<uint32_t>(kNames));
    std::atomic<bool> stop{false};
    std::thread reader([&] { read_all(table, stop); });
    std::vector<std::thread> writers;
    for (int i = 0; i < kThreads; ++i) {
        writers.emplace_back(
            [&, i] { intern_all(table, seed + static_cast<uint32_t>(i), given[i]); });
    }
    for (std::thread& writer : writers) writer.join();
    stop.store(true, std::memory_order_relaxed);
    reader.join();

    EXPECT_EQ(table.size(), kNames);
    std::vector<bool> seen(kNames);
    for (uint32_t number = 0; number < kNames; ++number) {
        for (int i = 1; i < kThreads; ++i) ASSERT_EQ(given[i][number], given[0][number]);
        ASSERT_LT(given[0][number], kNames);
        ASSERT_FALSE(seen[given[0][number]]) << "two names with one number";
        seen[given[0][number]] = true;
    }
}

}  // namespace
}  // namespace deed::catalog
