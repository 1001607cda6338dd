// Snapshot isolation, line by line: what must never be seen, and what must be.

#include <array>
#include <gtest/gtest.h>

#include "tests/unit/api/test_database.h"

namespace deed::testing {
namespace {

uint64_t count_label(Transaction& txn, const std::string& label) {
    api::ScanOptions options;
    options.label = label;
    options.page_size = 1'000'000;
    auto page = txn.scan(options, {});
    EXPECT_TRUE(page.ok());
    return page->nodes.size();
}

TEST(Isolation, uncommitted_and_rolled_back_writes_are_seen_by_nobody) {
    TestDatabase database;
    const NodeId id = database.node(1);
    Transaction writer = database.begin();
    ASSERT_TRUE(set_value(writer, id, 2).ok());
    Transaction before = database.begin();
    EXPECT_EQ(value_of(before, id), 1);
    writer.rollback();
    Transaction after = database.begin();
    EXPECT_EQ(value_of(after, id), 1);
    EXPECT_EQ(reason(writer.node(id)), "TRANSACTION_CLOSED");
}

TEST(Isolation, only_the_last_value_of_a_transaction_is_ever_seen) {
    TestDatabase database;
    const NodeId id = database.node(0);
    Transaction writer = database.begin();
    ASSERT_TRUE(set_value(writer, id, 1).ok());
    ASSERT_TRUE(set_value(writer, id, 2).ok());
    EXPECT_EQ(value_of(writer, id), 2);
    ASSERT_TRUE(writer.commit().ok());
    Transaction reader = database.begin();
    EXPECT_EQ(value_of(reader, id), 2);
}

TEST(Isolation, the_second_of_two_updates_of_a_node_conflicts) {
    TestDatabase database;
    const NodeId id = database.node(10);
    Transaction a = database.begin();
    Transaction b = database.begin();
    ASSERT_TRUE(set_value(a, id, value_of(a, id) + 1).ok());
    ASSERT_TRUE(set_value(b, id, value_of(b, id) + 1).ok());
    ASSERT_TRUE(a.commit().ok());
    auto lost = b.commit();
    ASSERT_EQ(reason(lost), "WRITE_CONFLICT");
    EXPECT_TRUE(lost.error().retryable());
    Transaction reader = database.begin();
    EXPECT_EQ(value_of(reader, id), 11);
}

TEST(Isolation, a_snapshot_neither_skews_nor_grows) {
    TestDatabase database;
    const NodeId x = database.node(1);
    const NodeId y = database.node(1);
    Transaction reader = database.begin();
    EXPECT_EQ(value_of(reader, x), 1);
    EXPECT_EQ(count_label(reader, "N"), 2U);
    {
        Transaction writer = database.begin();
        ASSERT_TRUE(set_value(writer, x, 2).ok());
        ASSERT_TRUE(set_value(writer, y, 2).ok());
        ASSERT_TRUE(writer.create_edge(x, y, "T", {}).ok());
        ASSERT_TRUE(writer.commit().ok());
    }
    database.node(3);
    EXPECT_EQ(value_of(reader, y), 1);
    EXPECT_EQ(count_label(reader, "N"), 2U);
    EXPECT_EQ(*reader.degree(x, {}), 0U);
    Transaction later = database.begin();
    EXPECT_EQ(value_of(later, y), 2);
    EXPECT_EQ(count_label(later, "N"), 3U);
    EXPECT_EQ(*later.degree(x, {}), 1U);
}

TEST(Isolation, an_acknowledged_commit_is_in_every_later_snapshot) {
    TestDatabase database;
    const NodeId id = database.node(0);
    for (int i = 1; i <= 100; ++i) {
        Transaction writer = database.begin();
        ASSERT_TRUE(set_value(writer, id, i).ok());
        auto ts = writer.commit();
        ASSERT_TRUE(ts.ok());
        Transaction reader = database.begin();
        EXPECT_GE(reader.snapshot(), *ts);
        EXPECT_EQ(value_of(reader, id), i);
    }
}

/// Two doctors on call, each leaves if the other stays. Returns how many commits succeeded.
int doctors_leave(TestDatabase& database, bool serializable) {
    const std::array<NodeId, 2> doctors{database.node(1), database.node(1)};
    Transaction a = database.begin(serializable);
    Transaction b = database.begin(serializable);
    EXPECT_EQ(value_of(a, doctors[0]) + value_of(a, doctors[1]), 2);
    EXPECT_EQ(value_of(b, doctors[0]) + value_of(b, doctors[1]), 2);
    EXPECT_TRUE(set_value(a, doctors[0], 0).ok());
    EXPECT_TRUE(set_value(b, doctors[1], 0).ok());
    int committed = a.commit().ok() ? 1 : 0;
    auto second = b.commit();
    if (second.ok())
        ++committed;
    else
        EXPECT_EQ(reason(second), "READ_CONFLICT");
    return committed;
}

TEST(Isolation, write_skew_happens_under_snapshot_and_never_under_serializable) {
    TestDatabase database;
    EXPECT_EQ(doctors_leave(database, false), 2);
    EXPECT_EQ(doctors_leave(database, true), 1);
}

TEST(Isolation, serializable_watches_scans_lists_edges_and_what_is_not_there) {
    struct Case {
        const char* name;
        std::function<void(Transaction&)> read;
        std::function<void(Transaction&)> disturb;
        bool conflicts;
    };
    TestDatabase database;
    const NodeId x = database.node(1, "A");
    const NodeId y = database.node(1, "A");
    const NodeId other = database.node(1, "B");
    EdgeId edge;
    {
        Transaction txn = database.begin();
        edge = *txn.create_edge(x, y, "T", {});
        ASSERT_TRUE(txn.commit().ok());
    }
    const auto scan_a = [](Transaction& txn) { (void)count_label(txn, "A"); };
    const auto scan_unused = [](Transaction& txn) { EXPECT_EQ(count_label(txn, "Unused"), 0U); };
    const auto list_x = [&](Transaction& txn) { EXPECT_TRUE(txn.neighbours(x, {}).ok()); };
    const auto read_edge = [&](Transaction& txn) { EXPECT_TRUE(txn.edge(edge).ok()); };
    const auto make = [](const char* label) {
        return [label](Transaction& txn) {
            const std::string_view name = label;
            EXPECT_TRUE(txn.create_node({&name, 1}, {}).ok());
        };
    };
    const auto connect = [](NodeId from, NodeId to) {
        return [=](Transaction& txn) { EXPECT_TRUE(txn.create_edge(from, to, "T", {}).ok()); };
    };
    const std::vector<Case> cases = {
        {"label scan, new node", scan_a, make("A"), true},
        {"label scan, other label", scan_a, make("B"), false},
        {"label scan, property of a member", scan_a,
         [&](Transaction& txn) { EXPECT_TRUE(set_value(txn, y, 5).ok()); }, true},
        {"unused label", scan_unused, make("Unused"), true},
        {"list, new edge", list_x, connect(x, other), true},
        {"list, incoming edge", list_x, connect(other, x), false},
        {"list, edge elsewhere", list_x, connect(y, other), false},
        {"edge, its property", read_edge,
         [&](Transaction& txn) {
             EXPECT_TRUE(txn.update_edge(edge, {{{"w", Value::integer(1)}}}).ok());
         },
         true},
        {"edge, deleted", read_edge,
         [&](Transaction& txn) { EXPECT_TRUE(txn.delete_edge(edge).ok()); }, true},
    };
    for (const Case& each : cases) {
        Transaction txn = database.begin(true);
        each.read(txn);
        ASSERT_TRUE(set_value(txn, other, 1).ok()) << each.name;
        {
            Transaction disturber = database.begin();
            each.disturb(disturber);
            ASSERT_TRUE(disturber.commit().ok()) << each.name;
        }
        EXPECT_EQ(reason(txn.commit()), each.conflicts ? "READ_CONFLICT" : "OK") << each.name;
    }
}

TEST(Isolation, a_serializable_transaction_that_only_reads_always_commits) {
    TestDatabase database;
    const NodeId id = database.node(1);
    Transaction reader = database.begin(true);
    EXPECT_EQ(value_of(reader, id), 1);
    {
        Transaction writer = database.begin();
        ASSERT_TRUE(set_value(writer, id, 2).ok());
        ASSERT_TRUE(writer.commit().ok());
    }
    EXPECT_TRUE(reader.commit().ok());
}

TEST(Isolation, no_edge_is_left_hanging_whoever_commits_first) {
    for (const bool delete_first : {true, false}) {
        TestDatabase database;
        const NodeId x = database.node(1);
        const NodeId y = database.node(1);
        Transaction connector = database.begin();
        Transaction deleter = database.begin();
        ASSERT_TRUE(connector.create_edge(x, y, "T", {}).ok());
        ASSERT_TRUE(deleter.delete_node(y, {.detach = true}).ok());
        Transaction& first = delete_first ? deleter : connector;
        Transaction& second = delete_first ? connector : deleter;
        EXPECT_TRUE(first.commit().ok());
        EXPECT_EQ(reason(second.commit()), "WRITE_CONFLICT");
        EXPECT_EQ(database->check({})->faults, 0U);
    }
}

TEST(Isolation, many_add_edges_to_one_node_without_a_conflict) {
    TestDatabase database;
    const NodeId hub = database.node(0);
    const NodeId fan = database.node(0);
    std::vector<Transaction> open;
    for (int i = 0; i < 50; ++i) {
        open.push_back(database.begin());
        ASSERT_TRUE(open.back().create_edge(fan, hub, "LIKES", {}).ok());
    }
    Transaction renamer = database.begin();
    ASSERT_TRUE(set_value(renamer, hub, 7).ok());
    for (Transaction& txn : open) EXPECT_TRUE(txn.commit().ok());
    EXPECT_TRUE(renamer.commit().ok()) << "a property change does not touch the lists";
    Transaction reader = database.begin();
    EXPECT_EQ(*reader.degree(hub, {.direction = Direction::kIn}), 50U);
}

TEST(Isolation, an_edge_is_changed_or_deleted_once) {
    TestDatabase database;
    const NodeId x = database.node(0);
    EdgeId edge;
    {
        Transaction txn = database.begin();
        edge = *txn.create_edge(x, x, "LOOP", {});
        ASSERT_TRUE(txn.commit().ok());
    }
    Transaction a = database.begin();
    Transaction b = database.begin();
    Transaction c = database.begin();
    ASSERT_TRUE(a.update_edge(edge, {{{"w", Value::integer(1)}}}).ok());
    ASSERT_TRUE(b.update_edge(edge, {{{"w", Value::integer(2)}}}).ok());
    ASSERT_TRUE(c.delete_edge(edge).ok());
    EXPECT_TRUE(a.commit().ok());
    EXPECT_EQ(reason(b.commit()), "WRITE_CONFLICT");
    EXPECT_EQ(reason(c.commit()), "WRITE_CONFLICT");
}

TEST(Isolation, long_fork_is_absent) {
    TestDatabase database;
    const NodeId x = database.node(0);
    const NodeId y = database.node(0);
    Transaction write_x = database.begin();
    Transaction write_y = database.begin();
    ASSERT_TRUE(set_value(write_x, x, 1).ok());
    ASSERT_TRUE(set_value(write_y, y, 1).ok());
    ASSERT_TRUE(write_x.commit().ok());
    Transaction between = database.begin();
    ASSERT_TRUE(write_y.commit().ok());
    Transaction after = database.begin();
    EXPECT_EQ(value_of(between, x), 1);
    EXPECT_EQ(value_of(between, y), 0);
    EXPECT_EQ(value_of(after, x), 1) << "no reader may see y's write and not x's";
    EXPECT_EQ(value_of(after, y), 1);
}

}  // namespace
}  // namespace deed::testing
