#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "engine/sync/arena.h"
#include "engine/sync/chunked_directory.h"
#include "engine/sync/mpsc_stack.h"
#include "engine/sync/retire_queue.h"
#include "engine/sync/snapshot_registry.h"
#include "tests/stress/stress.h"

namespace deed::sync {
namespace {

struct Item : MpscNode<Item> {
    uint32_t producer = 0;
    uint64_t number = 0;
};

// Model: each producer's items come out in the order in which they went in, each once; whoever
// found the stack empty is as often told so as the taker took something.
TEST(MpscStackStress, EveryItemIsTakenOnceInItsProducersOrder) {
    constexpr uint32_t kProducers = 3;
    constexpr uint64_t kItems = 60'000;
    MpscStack<Item> stack;
    std::vector<std::vector<Item>> items(kProducers);
    for (auto& of_producer : items) of_producer.resize(kItems);
    std::atomic<uint64_t> found_empty{0};
    std::vector<std::thread> producers;
    for (uint32_t producer = 0; producer < kProducers; ++producer) {
        producers.emplace_back([&, producer] {
            for (uint64_t i = 0; i < kItems; ++i) {
                Item& item = items[producer][i];
                item.producer = producer;
                item.number = i;
                if (stack.push(&item)) found_empty.fetch_add(1, std::memory_order_relaxed);
                if (i % 256 == 0) std::this_thread::yield();
            }
        });
    }
    std::vector<uint64_t> next(kProducers, 0);
    uint64_t taken = 0;
    uint64_t batches = 0;
    while (taken < kProducers * kItems) {
        Item* item = stack.take_all();
        if (item != nullptr) ++batches;
        for (; item != nullptr; item = item->next) {
            ASSERT_EQ(item->number, next[item->producer]++);
            ++taken;
        }
    }
    for (std::thread& thread : producers) thread.join();
    EXPECT_EQ(stack.take_all(), nullptr);
    EXPECT_EQ(batches, found_empty.load());
}

// Model: an array of the same size. Threads make and mark the same chunks at once.
TEST(ChunkedDirectoryStress, ThreadsAgreeOnEveryCell) {
    using Directory = ChunkedDirectory<std::atomic<uint64_t>, 6, 20'000>;
    stress::Deadline deadline;
    uint64_t seed = stress::seed();
    for (uint32_t round = 0; !deadline.passed(); ++round) {
        Directory directory;
        constexpr uint64_t kThreads = 4;
        std::vector<std::thread> threads;
        for (uint64_t thread = 0; thread < kThreads; ++thread) {
            threads.emplace_back([&, thread] {
                std::mt19937_64 random(seed + round * kThreads + thread);
                for (int i = 0; i < 300; ++i) {
                    uint64_t index = random() % 20'000;
                    directory.make(index).fetch_add(1, std::memory_order_relaxed);
                    auto* other = directory.find(random() % 20'000);
                    if (other != nullptr) (void)other->load(std::memory_order_relaxed);
                }
            });
        }
        for (std::thread& thread : threads) thread.join();
        uint64_t sum = 0;
        for (uint64_t i = 0; i < 20'000; ++i) {
            if (auto* cell = directory.find(i)) sum += cell->load();
        }
        ASSERT_EQ(sum, kThreads * 300);
    }
}

// The engine's protocol in small: a chain of versions of one number, each version saying the
// timestamp it was made at and whether it is alive. A writer publishes and frees, readers register,
// walk to their snapshot, and must find exactly it, alive. Sweepers doom.
class RegistryStress : public testing::Test {
 protected:
    struct Version {
        uint64_t ts;
        uint64_t check;  // ~ts while alive
        const Version* previous;
    };

    void write(const stress::Deadline& deadline) {
        for (uint64_t ts = 1; !deadline.passed(); ++ts) {
            auto* version = new (arena_.allocate(sizeof(Version)))
                Version{ts, ~ts, newest_.load(std::memory_order_relaxed)};
            if (version->previous != nullptr) {
                retired_.push({CommitTs{ts}, reinterpret_cast<uint64_t>(version->previous),
                               sizeof(Version), 0});
            }
            newest_.store(version, std::memory_order_release);
            visible_.store(ts);
            CommitTs floor = registry_.oldest(CommitTs{visible_.load()});
            retired_.drain(floor, 64, [&](const Retired& entry) {
                auto* dead = reinterpret_cast<Version*>(entry.payload);
                dead->check = 0xDEAD;
                arena_.release(dead, sizeof(Version));
                ++freed_;
            });
            if (retired_.size() > 1000) registry_.doom_oldest(CommitTs{ts});
        }
        stop_.store(true);
    }

    void read(uint64_t seed) {
        std::mt19937_64 random(seed);
        while (!stop_.load(std::memory_order_relaxed)) {
            auto registration = registry_.acquire(visible_);
            ASSERT_TRUE(registration.ok());
            uint64_t lives = 1 + random() % 8;
            for (uint64_t i = 0; i < lives && registration.value().enter(); ++i) {
                expect_snapshot(registration.value().snapshot().raw());
                registration.value().leave();
                if (random() % 64 == 0) std::this_thread::yield();
            }
            reads_.fetch_add(1, std::memory_order_relaxed);
        }
    }

    void expect_snapshot(uint64_t snapshot) {
        const Version* version = newest_.load(std::memory_order_acquire);
        uint64_t last = ~uint64_t{0};
        while (version != nullptr && version->ts > snapshot) {
            ASSERT_EQ(version->check, ~version->ts);
            // Freed and used again, a version could lead back to newer ones, round and round.
            ASSERT_LT(version->ts, last);
            last = version->ts;
            version = version->previous;
        }
        ASSERT_EQ(version == nullptr ? 0 : version->ts, snapshot);
        if (version != nullptr) {
            ASSERT_EQ(version->check, ~snapshot);
        }
    }

    Arena arena_;
    RetireQueue retired_;
    SnapshotRegistry registry_{16};
    std::atomic<const Version*> newest_{nullptr};
    std::atomic<uint64_t> visible_{0};
    std::atomic<bool> stop_{false};
    std::atomic<uint64_t> reads_{0};
    uint64_t freed_ = 0;
};

TEST_F(RegistryStress, NoReaderMeetsAFreedVersion) {
    uint64_t seed = stress::seed();
    stress::Deadline deadline;
    std::vector<std::thread> readers;
    for (uint64_t i = 0; i < 4; ++i) readers.emplace_back([this, seed, i] { read(seed + i); });
    std::thread sweeper([this, seed] {
        std::mt19937_64 random(seed);
        while (!stop_.load(std::memory_order_relaxed)) {
            registry_.doom(static_cast<uint32_t>(random() % registry_.slot_count()),
                           CommitTs{visible_.load() - random() % 4});
            (void)registry_.in_use();
            std::this_thread::yield();
        }
    });
    write(deadline);
    for (std::thread& reader : readers) reader.join();
    sweeper.join();
    EXPECT_EQ(registry_.in_use(), 0U);
    std::cout << reads_.load() << " registrations, " << freed_ << " versions freed\n";
    EXPECT_GT(freed_, 0U);
}

}  // namespace
}  // namespace deed::sync
