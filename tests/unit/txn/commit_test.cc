// What a commit does when things go wrong around it: time-outs, old snapshots, disks.

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <thread>

#include "engine/txn/engine.h"
#include "tests/unit/api/test_database.h"

namespace deed::testing {
namespace {

using namespace std::chrono_literals;

/// A clock that stands until it is moved.
class FakeClock final : public Clock {
 public:
    [[nodiscard]] std::chrono::nanoseconds monotonic() const override {
        return std::chrono::nanoseconds{now_.load()};
    }
    [[nodiscard]] int64_t wall_us() const override { return now_.load() / 1000; }
    void advance(std::chrono::nanoseconds by) { now_.fetch_add(by.count()); }

 private:
    std::atomic<int64_t> now_{1'000'000'000};
};

/// Asks until `ask` says yes; the background needs a moment. False after half a minute.
bool eventually(const std::function<bool()>& ask) {
    for (int i = 0; i < 3000; ++i) {
        if (ask()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

TEST(TimeOut, an_idle_transaction_is_ended_and_says_why) {
    FakeClock clock;
    DatabaseOptions options = TestDatabase::fast();
    options.clock = &clock;
    options.idle_timeout = 60s;
    TestDatabase database(options);
    const NodeId id = database.node(1);
    Transaction idle = database.begin();
    EXPECT_EQ(value_of(idle, id), 1);
    clock.advance(30s);
    std::this_thread::sleep_for(60ms);
    EXPECT_EQ(value_of(idle, id), 1) << "half the time is not too long";
    clock.advance(61s);
    EXPECT_TRUE(eventually([&] { return reason(idle.node(id)) == "TRANSACTION_IDLE"; }));
    auto ended = idle.commit();
    ASSERT_FALSE(ended.ok());
    EXPECT_EQ(ended.error().code(), ErrorCode::kTransactionTimedOut);
    EXPECT_EQ(reason(idle.node(id)), "TRANSACTION_IDLE") << "it goes on saying so";
    Transaction fresh = database.begin();
    EXPECT_EQ(value_of(fresh, id), 1);
}

TEST(TimeOut, a_transaction_may_have_a_life_of_its_own_length) {
    FakeClock clock;
    DatabaseOptions options = TestDatabase::fast();
    options.clock = &clock;
    TestDatabase database(options);
    const NodeId id = database.node(1);
    api::TransactionOptions short_lived;
    short_lived.timeout = 5s;
    Transaction txn = std::move(*database->begin(short_lived));
    Transaction other = database.begin();
    clock.advance(6s);
    EXPECT_TRUE(eventually([&] { return reason(txn.node(id)) == "TRANSACTION_TIMED_OUT"; }));
    EXPECT_EQ(value_of(other, id), 1);
}

TEST(Snapshots, the_oldest_is_ended_where_old_versions_outgrow_their_memory) {
    DatabaseOptions options = TestDatabase::fast();
    options.version_bytes_max = 64 << 10;
    TestDatabase database(options);
    const NodeId id = database.node(0);
    Transaction forgotten = database.begin();
    EXPECT_EQ(value_of(forgotten, id), 0);
    bool ended = false;
    for (int i = 1; i < 200'000 && !ended; ++i) {
        Transaction txn = database.begin();
        ASSERT_TRUE(set_value(txn, id, i).ok());
        ASSERT_TRUE(txn.commit().ok());
        ended = i % 1000 == 0 && !forgotten.node(id).ok();
    }
    auto gone = forgotten.node(id);
    ASSERT_FALSE(gone.ok());
    EXPECT_EQ(gone.error().code(), ErrorCode::kSnapshotTooOld);
    EXPECT_TRUE(gone.error().retryable());
    EXPECT_TRUE(eventually([&] { return database->stats().version_bytes < (64 << 10); }));
}

TEST(Snapshots, a_held_snapshot_goes_on_reading_while_versions_are_collected) {
    TestDatabase database;
    const NodeId id = database.node(42);
    Transaction old = database.begin();
    for (int i = 0; i < 2000; ++i) {
        Transaction txn = database.begin();
        ASSERT_TRUE(set_value(txn, id, i).ok());
        ASSERT_TRUE(txn.create_edge(id, id, "L", {}).ok());
        ASSERT_TRUE(txn.commit().ok());
    }
    EXPECT_EQ(value_of(old, id), 42);
    EXPECT_EQ(*old.degree(id, {}), 0U);
    EXPECT_EQ(database->stats().oldest_snapshot, old.snapshot());
    old.rollback();
    EXPECT_TRUE(eventually([&] { return database->stats().version_bytes == 0; }));
}

TEST(Limits, open_transactions_are_counted) {
    DatabaseOptions options = TestDatabase::fast();
    options.open_transactions_max = 3;
    TestDatabase database(options);
    std::vector<Transaction> open;
    for (int i = 0; i < 3; ++i) open.push_back(database.begin());
    EXPECT_EQ(reason(database->begin()), "LIMIT_OPEN_TRANSACTIONS");
    open.pop_back();
    EXPECT_TRUE(database->begin().ok());
}

// --- a log that fails as it is told
// -----------------------------------------------------------------

struct Faults {
    std::atomic<int> disk_full{0};  // so many appends from now on
    std::atomic<bool> sync_fails{false};
};

class FaultyLog final : public txn::CommitLog {
 public:
    FaultyLog(std::unique_ptr<CommitLog> below, Faults& faults)
        : below_(std::move(below)), faults_(faults) {}
    Status append(const txn::GroupHeader& group, const catalog::ChangeSet& changes) override {
        if (faults_.sync_fails.load())
            return Error(ErrorCode::kOutcomeUnknown, "OUTCOME_UNKNOWN", "the sync failed");
        if (faults_.disk_full.load() > 0) {
            faults_.disk_full.fetch_sub(1);
            return Error(ErrorCode::kDiskFull, "DISK_FULL", "no space is left");
        }
        return below_->append(group, changes);
    }
    void applied(const txn::GroupHeader& group, catalog::ChangeSet& changes) override {
        below_->applied(group, changes);
    }
    Status sync() override { return below_->sync(); }
    Status tick() override { return below_->tick(); }
    [[nodiscard]] CommitTs durable_through() const override { return below_->durable_through(); }
    [[nodiscard]] bool syncs_commits() const override { return below_->syncs_commits(); }

 private:
    std::unique_ptr<CommitLog> below_;
    Faults& faults_;
};

struct EngineUnderFaults {
    EngineUnderFaults() {
        txn::EngineOptions options;
        options.store.data_dir = directory.path();
        options.on_fatal = [this](const std::string&) { fatal.fetch_add(1); };
        options.wrap_log = [this](std::unique_ptr<txn::CommitLog> below) {
            return std::make_unique<FaultyLog>(std::move(below), faults);
        };
        engine = std::move(*txn::Engine::open(options));
    }
    Result<CommitTs> commit_node() {
        auto txn = std::move(*engine->begin({}));
        {
            txn::Transaction::Operation operation(*txn);
            EXPECT_TRUE(txn->create_node({}, {}).ok());
        }
        return txn->commit();
    }
    TemporaryDirectory directory;
    Faults faults;
    std::atomic<int> fatal{0};
    std::unique_ptr<txn::Engine> engine;
};

TEST(Faults, a_full_disk_refuses_the_group_and_nothing_else) {
    EngineUnderFaults test;
    ASSERT_TRUE(test.commit_node().ok());
    test.faults.disk_full = 2;
    EXPECT_EQ(reason(test.commit_node()), "DISK_FULL");
    EXPECT_EQ(test.engine->graph().node_count(), 1U);
    EXPECT_EQ(reason(test.commit_node()), "DISK_FULL");
    EXPECT_TRUE(test.commit_node().ok());
    EXPECT_EQ(test.engine->graph().node_count(), 2U);
    EXPECT_FALSE(test.engine->failed());
}

TEST(Faults, after_a_failed_sync_everyone_hears_outcome_unknown_and_nothing_is_committed) {
    EngineUnderFaults test;
    ASSERT_TRUE(test.commit_node().ok());
    test.faults.sync_fails = true;
    std::atomic<int> unknown{0};
    std::vector<std::thread> committers;
    for (int i = 0; i < 8; ++i)
        committers.emplace_back([&] {
            auto result = test.commit_node();
            if (!result.ok() && result.error().code() == ErrorCode::kOutcomeUnknown) ++unknown;
        });
    for (std::thread& committer : committers) committer.join();
    EXPECT_EQ(unknown.load(), 8);
    EXPECT_EQ(test.fatal.load(), 1);
    test.faults.sync_fails = false;
    EXPECT_EQ(reason(test.commit_node()), "OUTCOME_UNKNOWN") << "latched";
    EXPECT_TRUE(test.engine->failed());
    EXPECT_EQ(test.engine->graph().node_count(), 1U);
    EXPECT_FALSE(test.engine->checkpoint().ok());
}

}  // namespace
}  // namespace deed::testing
