// Many sessions at once against the facade, and two checkers that know nothing of each other.
//
//  * By timestamps (as Chronos does): every transaction says at which snapshot it read and at which
//    timestamp it committed; replaying the commits in order must give exactly what was read, and no
//    two transactions that overlap may have written the same node.
//  * By values alone: lists that are only appended to tell the order of the writes; a cycle among
//    transactions without two read-write edges in a row is an anomaly that snapshot isolation
//    forbids (Cerone and Gotsman, "Analysing snapshot isolation"), whatever the server claims of
//    timestamps.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "tests/unit/api/test_database.h"

namespace deed::testing {
namespace {

constexpr int kThreads = 8;

uint64_t test_seed() {
    const char* fixed = std::getenv("DEED_SEED");
    return fixed != nullptr ? std::stoull(fixed) : std::random_device{}();
}

void in_threads(int count, const std::function<void(int)>& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
}

int scale() {
    const char* asked = std::getenv("DEED_STRESS_SCALE");
    return asked != nullptr ? std::max(1, std::atoi(asked)) : 1;
}

// --- histories of list-append
// -----------------------------------------------------------------------

struct Op {
    int key;
    bool append;
    int64_t value;              // of an append
    std::vector<int64_t> read;  // what was there
};
struct Txn {
    uint64_t snapshot;
    uint64_t committed;
    std::vector<Op> ops;
};

std::vector<int64_t> list_of(Transaction& txn, NodeId id) {
    std::vector<int64_t> list;
    auto node = txn.node(id);
    if (!node.ok()) return list;
    for (const auto& [name, value] : node->properties)
        if (name == "list")
            for (const Value& each : value.as_list()) list.push_back(each.as_integer());
    return list;
}

class History {
 public:
    History(TestDatabase& database, int keys) : database_(database) {
        for (int i = 0; i < keys; ++i) nodes_.push_back(database.node(0));
    }

    void record(uint64_t seed, int transactions, bool serializable) {
        in_threads(kThreads, [&](int thread) {
            std::mt19937_64 random(seed * 31 + static_cast<uint64_t>(thread));
            std::vector<Txn> mine;
            for (int i = 0; i < transactions; ++i) one(random, serializable, mine);
            const std::lock_guard lock(mutex_);
            txns_.insert(txns_.end(), mine.begin(), mine.end());
        });
    }
    [[nodiscard]] const std::vector<Txn>& txns() const { return txns_; }
    [[nodiscard]] uint64_t aborted() const { return aborted_; }

 private:
    void one(std::mt19937_64& random, bool serializable, std::vector<Txn>& mine) {
        Transaction txn = database_.begin(serializable);
        Txn record{txn.snapshot().raw(), 0, {}};
        for (uint64_t ops = 1 + random() % 4; ops > 0; --ops) {
            const int key = static_cast<int>(random() % nodes_.size());
            Op op{key, random() % 2 == 0, 0, list_of(txn, nodes_[static_cast<size_t>(key)])};
            if (op.append) {
                op.value = next_.fetch_add(1);
                value::List list;
                for (const int64_t each : op.read) list.push_back(Value::integer(each));
                list.push_back(Value::integer(op.value));
                if (list.size() > 60) return;  // long lists would only cost time
                api::NodeChange change;
                change.set.emplace_back("list", Value::list(std::move(list)));
                ASSERT_TRUE(txn.update_node(nodes_[static_cast<size_t>(key)], change).ok());
            }
            record.ops.push_back(std::move(op));
            if (random() % 4 == 0) std::this_thread::yield();
        }
        auto ts = txn.commit();
        if (!ts.ok()) {
            EXPECT_TRUE(ts.error().retryable()) << ts.error().to_string();
            aborted_.fetch_add(1);
            return;
        }
        record.committed = ts->raw();
        mine.push_back(std::move(record));
    }

    TestDatabase& database_;
    std::vector<NodeId> nodes_;
    std::mutex mutex_;
    std::vector<Txn> txns_;
    std::atomic<int64_t> next_{1};
    std::atomic<uint64_t> aborted_{0};
};

struct Anomalies {
    uint64_t internal = 0;      // did not see its own write
    uint64_t wrong_read = 0;    // by timestamps
    uint64_t lost_update = 0;   // by timestamps
    uint64_t aborted_read = 0;  // G1a: a value of nobody
    uint64_t intermediate = 0;  // G1b
    uint64_t forked = 0;        // two readers disagree on the order of a list
    uint64_t cycles = 0;        // G0, G1c, G-single, lost update, long fork: forbidden ones
    uint64_t write_skews = 0;   // cycles that snapshot isolation allows

    [[nodiscard]] uint64_t forbidden() const {
        return internal + wrong_read + lost_update + aborted_read + intermediate + forked + cycles;
    }
};

/// Checker 1: a snapshot is the commits up to its timestamp, and overlapping writers conflict.
void check_timestamps(const std::vector<Txn>& txns, Anomalies& found) {
    struct Write {
        uint64_t ts;
        std::vector<int64_t> after;
    };
    std::map<int, std::vector<Write>> writes;  // by key, in the order of commits
    std::vector<const Txn*> order;
    for (const Txn& txn : txns) order.push_back(&txn);
    std::sort(order.begin(), order.end(),
              [](const Txn* a, const Txn* b) { return a->committed < b->committed; });
    for (const Txn* txn : order) {
        std::map<int, std::vector<int64_t>> after;
        for (const Op& op : txn->ops)
            if (op.append) {
                after[op.key] = op.read;
                after[op.key].push_back(op.value);
            }
        for (auto& [key, list] : after) {
            auto& before = writes[key];
            if (!before.empty() && before.back().ts > txn->snapshot) ++found.lost_update;
            before.push_back({txn->committed, list});
        }
    }
    for (const Txn& txn : txns) {
        std::map<int, std::vector<int64_t>> own;
        for (const Op& op : txn.ops) {
            std::vector<int64_t> expected;
            if (auto mine = own.find(op.key); mine != own.end()) {
                expected = mine->second;
                if (op.read != expected) ++found.internal;
            } else {
                for (const Write& write : writes[op.key])
                    if (write.ts <= txn.snapshot) expected = write.after;
                if (op.read != expected) ++found.wrong_read;
            }
            if (op.append) {
                own[op.key] = op.read;
                own[op.key].push_back(op.value);
            }
        }
    }
}

/// Checker 2: edges from values, then cycles. A walk alternates between two kinds of steps so that
/// a cycle without two read-write edges in a row is one in the doubled graph (state: was the last
/// step a read-write edge?).
class CycleSearch {
 public:
    CycleSearch(const std::vector<Txn>& txns, Anomalies& found) : txns_(txns), found_(found) {}

    void run() {
        find_orders();
        build_edges();
        count_cycles();
    }

 private:
    struct Arc {
        size_t to;
        bool read_write;
    };

    void find_orders() {
        for (size_t t = 0; t < txns_.size(); ++t)
            for (const Op& op : txns_[t].ops)
                if (op.append) writer_[op.value] = t;
        std::map<int, std::vector<int64_t>>& orders = order_;
        const auto learn = [&](int key, const std::vector<int64_t>& list) {
            std::vector<int64_t>& known = orders[key];
            const size_t common = std::min(known.size(), list.size());
            if (!std::equal(known.begin(), known.begin() + static_cast<ptrdiff_t>(common),
                            list.begin()))
                ++found_.forked;
            else if (list.size() > known.size())
                known = list;
        };
        for (const Txn& txn : txns_)
            for (const Op& op : txn.ops) {
                std::vector<int64_t> list = op.read;
                learn(op.key, list);
                if (op.append) {
                    list.push_back(op.value);
                    learn(op.key, list);
                }
                for (const int64_t value : op.read)
                    if (!writer_.contains(value)) ++found_.aborted_read;
            }
    }

    void build_edges() {
        arcs_.resize(txns_.size());
        for (const auto& [key, order] : order_)
            for (size_t i = 1; i < order.size(); ++i)
                add(writer_of(order[i - 1]), writer_of(order[i]), false);
        for (size_t t = 0; t < txns_.size(); ++t)
            for (const Op& op : txns_[t].ops) {
                if (!op.read.empty()) {
                    const size_t last = writer_of(op.read.back());
                    add(last, t, false);
                    check_intermediate(op, last, t);
                }
                const auto& order = order_[op.key];
                if (op.read.size() < order.size()) add(t, writer_of(order[op.read.size()]), true);
            }
    }

    void check_intermediate(const Op& op, size_t last, size_t reader) {
        if (last == reader || last == kNobody) return;
        int64_t final_value = 0;
        for (const Op& each : txns_[last].ops)
            if (each.append && each.key == op.key) final_value = each.value;
        if (final_value != op.read.back()) ++found_.intermediate;
    }

    void add(size_t from, size_t to, bool read_write) {
        if (from != to && from != kNobody && to != kNobody) arcs_[from].push_back({to, read_write});
    }
    [[nodiscard]] size_t writer_of(int64_t value) const {
        auto it = writer_.find(value);
        return it == writer_.end() ? kNobody : it->second;
    }

    /// Strongly connected parts by Tarjan's algorithm, iterative. `doubled`: states (txn, last step
    /// was read-write), where a read-write step may not follow another.
    uint64_t components_with_cycles(bool doubled) {
        const size_t states = txns_.size() * 2;
        std::vector<int64_t> index(states, -1), low(states, 0);
        std::vector<bool> on_stack(states, false);
        std::vector<size_t> stack;
        struct Frame {
            size_t state;
            size_t arc;
        };
        std::vector<Frame> frames;
        int64_t next = 0;
        uint64_t cyclic = 0;
        const auto target = [&](size_t state, const Arc& arc) -> size_t {
            if (!doubled) return arc.to * 2;
            if (state % 2 == 1 && arc.read_write) return SIZE_MAX;
            return arc.to * 2 + (arc.read_write ? 1 : 0);
        };
        for (size_t root = 0; root < states; root += doubled ? 1 : 2) {
            if (index[root] >= 0) continue;
            frames.push_back({root, 0});
            while (!frames.empty()) {
                Frame& frame = frames.back();
                const size_t state = frame.state;
                if (frame.arc == 0 && index[state] < 0) {
                    index[state] = low[state] = next++;
                    stack.push_back(state);
                    on_stack[state] = true;
                }
                const auto& arcs = arcs_[state / 2];
                if (frame.arc < arcs.size()) {
                    const size_t to = target(state, arcs[frame.arc++]);
                    if (to == SIZE_MAX) continue;
                    if (index[to] < 0)
                        frames.push_back({to, 0});
                    else if (on_stack[to])
                        low[state] = std::min(low[state], index[to]);
                    continue;
                }
                if (low[state] == index[state]) {
                    size_t members = 0;
                    size_t member = 0;
                    do {
                        member = stack.back();
                        stack.pop_back();
                        on_stack[member] = false;
                        ++members;
                    } while (member != state);
                    if (members > 1) ++cyclic;
                }
                frames.pop_back();
                if (!frames.empty()) {
                    const size_t parent = frames.back().state;
                    low[parent] = std::min(low[parent], low[state]);
                }
            }
        }
        return cyclic;
    }

    void count_cycles() {
        found_.cycles = components_with_cycles(true);
        const uint64_t all = components_with_cycles(false);
        found_.write_skews = all > found_.cycles ? all - found_.cycles : 0;
    }

    static constexpr size_t kNobody = SIZE_MAX;
    const std::vector<Txn>& txns_;
    Anomalies& found_;
    std::map<int64_t, size_t> writer_;
    std::map<int, std::vector<int64_t>> order_;
    std::vector<std::vector<Arc>> arcs_;
};

Anomalies check(const std::vector<Txn>& txns) {
    Anomalies found;
    check_timestamps(txns, found);
    CycleSearch(txns, found).run();
    return found;
}

void report(const char* name, const History& history, const Anomalies& found) {
    std::printf(
        "si: %s txns=%zu aborted=%llu internal=%llu G1a=%llu G1b=%llu lost_update=%llu "
        "wrong_read=%llu forked=%llu forbidden_cycles=%llu write_skew_seen=%llu\n",
        name, history.txns().size(), static_cast<unsigned long long>(history.aborted()),
        static_cast<unsigned long long>(found.internal),
        static_cast<unsigned long long>(found.aborted_read),
        static_cast<unsigned long long>(found.intermediate),
        static_cast<unsigned long long>(found.lost_update),
        static_cast<unsigned long long>(found.wrong_read),
        static_cast<unsigned long long>(found.forked),
        static_cast<unsigned long long>(found.cycles),
        static_cast<unsigned long long>(found.write_skews));
}

TEST(Histories, snapshot_isolation_forbids_what_it_must_and_shows_write_skew) {
    const uint64_t seed = test_seed();
    std::printf("seed: %llu\n", static_cast<unsigned long long>(seed));
    uint64_t skews = 0;
    for (int round = 0; round < 6 * scale(); ++round) {
        TestDatabase database;
        History history(database, 10 + round);
        history.record(seed + static_cast<uint64_t>(round), 400, false);
        const Anomalies found = check(history.txns());
        report("snapshot", history, found);
        EXPECT_EQ(found.forbidden(), 0U);
        skews += found.write_skews;
    }
    EXPECT_GT(skews, 0U) << "a test that cannot see the allowed anomaly proves nothing";
}

TEST(Histories, serializable_has_no_cycle_at_all) {
    const uint64_t seed = test_seed();
    std::printf("seed: %llu\n", static_cast<unsigned long long>(seed));
    for (int round = 0; round < 3 * scale(); ++round) {
        TestDatabase database;
        History history(database, 10);
        history.record(seed + static_cast<uint64_t>(round), 400, true);
        Anomalies found = check(history.txns());
        report("serializable", history, found);
        EXPECT_EQ(found.forbidden(), 0U);
        // Transactions that only read are placed at their snapshot, so that no cycle needs them.
        EXPECT_EQ(found.write_skews, 0U);
    }
}

TEST(Races, counters_and_accounts_keep_their_sums) {
    TestDatabase database;
    std::vector<NodeId> accounts;
    for (int i = 0; i < 8; ++i) accounts.push_back(database.node(100));
    const NodeId counter = database.node(0);
    std::atomic<int64_t> increments{0};
    std::atomic<uint64_t> wrong_sums{0};
    const uint64_t seed = test_seed();
    in_threads(kThreads, [&](int thread) {
        std::mt19937_64 random(seed + static_cast<uint64_t>(thread));
        for (int i = 0; i < 600 * scale(); ++i) {
            if (thread % 4 == 3) {
                Transaction reader = database.begin();
                int64_t sum = 0;
                for (const NodeId id : accounts) sum += value_of(reader, id);
                if (sum != 800) ++wrong_sums;
                continue;
            }
            Transaction txn = database.begin();
            const NodeId from = accounts[random() % accounts.size()];
            const NodeId to = accounts[random() % accounts.size()];
            if (from != to) {
                ASSERT_TRUE(set_value(txn, from, value_of(txn, from) - 1).ok());
                ASSERT_TRUE(set_value(txn, to, value_of(txn, to) + 1).ok());
            }
            // Two cores would run one transaction after another if nothing made them meet.
            if (random() % 2 == 0) std::this_thread::yield();
            const bool count = random() % 3 == 0;
            if (count) {
                ASSERT_TRUE(set_value(txn, counter, value_of(txn, counter) + 1).ok());
            }
            if (random() % 4 == 0) std::this_thread::yield();
            if (txn.commit().ok() && count) ++increments;
        }
    });
    Transaction reader = database.begin();
    EXPECT_EQ(value_of(reader, counter), increments.load());
    EXPECT_EQ(wrong_sums.load(), 0U);
    std::printf("counter: committed=%lld final=%lld wrong_sums=%llu\n",
                static_cast<long long>(increments.load()),
                static_cast<long long>(value_of(reader, counter)),
                static_cast<unsigned long long>(wrong_sums.load()));
}

TEST(Races, nodes_are_deleted_while_others_connect_them) {
    TestDatabase database;
    std::mutex mutex;
    std::vector<NodeId> nodes;
    for (int i = 0; i < 200; ++i) nodes.push_back(database.node(i));
    const NodeId hub = database.node(-1);
    std::atomic<uint64_t> hub_conflicts{0};
    const uint64_t seed = test_seed();
    in_threads(kThreads, [&](int thread) {
        std::mt19937_64 random(seed + static_cast<uint64_t>(thread) * 7);
        for (int i = 0; i < 400 * scale(); ++i) {
            Transaction txn = database.begin();
            const NodeId a = nodes[random() % nodes.size()];
            const NodeId b = nodes[random() % nodes.size()];
            if (random() % 8 == 0) {
                (void)txn.delete_node(a, {.detach = true});
                std::this_thread::yield();
                (void)txn.commit();
            } else if (random() % 3 == 0) {
                if (!txn.node(b).ok()) continue;
                (void)txn.create_edge(a, b, "T", {});
                std::this_thread::yield();
                (void)txn.commit();
            } else {
                // Nobody deletes the hub: edges at it never conflict with one another.
                const std::string_view label = "L";
                const NodeId leaf = *txn.create_node({&label, 1}, {});
                ASSERT_TRUE(txn.create_edge(leaf, hub, "T", {}).ok());
                if (!txn.commit().ok()) ++hub_conflicts;
            }
        }
    });
    EXPECT_EQ(hub_conflicts.load(), 0U);
    auto report = database->check({});
    EXPECT_EQ(report->faults, 0U) << (report->messages.empty() ? "" : report->messages[0]);
    std::printf("dangling: nodes=%llu edges=%llu faults=%llu hub_conflicts=%llu\n",
                static_cast<unsigned long long>(report->nodes),
                static_cast<unsigned long long>(report->edges),
                static_cast<unsigned long long>(report->faults),
                static_cast<unsigned long long>(hub_conflicts.load()));
    ASSERT_TRUE(database->checkpoint().ok());
    const uint64_t edges = database->stats().edge_count;
    database.reopen();
    EXPECT_EQ(database->stats().edge_count, edges);
    EXPECT_EQ(database->check({})->faults, 0U);
}

TEST(Races, checkpoints_run_beside_commits_and_lose_nothing) {
    TestDatabase database;
    const NodeId hub = database.node(0);
    std::atomic<bool> stop{false};
    std::thread folder([&] {
        while (!stop.load()) EXPECT_TRUE(database->checkpoint().ok());
    });
    std::atomic<uint64_t> added{0};
    in_threads(3, [&](int) {
        for (int i = 0; i < 1500 * scale(); ++i) {
            Transaction txn = database.begin();
            ASSERT_TRUE(txn.create_edge(hub, hub, "T", {{"i", Value::integer(i)}}).ok());
            ASSERT_TRUE(txn.commit().ok());
            ++added;
        }
    });
    stop.store(true);
    folder.join();
    database.reopen();
    EXPECT_EQ(database->stats().edge_count, added.load());
    EXPECT_EQ(database->check({})->faults, 0U);
}

}  // namespace
}  // namespace deed::testing
