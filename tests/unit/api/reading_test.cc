// Walks, scans and their limits, over what is committed and what the transaction wrote itself.

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>

#include "tests/unit/api/test_database.h"

namespace deed::testing {
namespace {

/// a -> b -> c -> a, a -> d, d -> d, two parallel edges b -> c; half of it not yet committed.
struct Ring {
    explicit Ring(TestDatabase& database) : txn(database.begin()) {
        {
            Transaction first = database.begin();
            a = node(first);
            b = node(first);
            c = node(first);
            ab = *first.create_edge(a, b, "T", {});
            bc = *first.create_edge(b, c, "T", {});
            gone = *first.create_edge(c, b, "T", {});
            EXPECT_TRUE(first.commit().ok());
        }
        txn = database.begin();
        d = node(txn);
        ca = *txn.create_edge(c, a, "T", {});
        ad = *txn.create_edge(a, d, "U", {});
        dd = *txn.create_edge(d, d, "T", {});
        bc2 = *txn.create_edge(b, c, "T", {});
        EXPECT_TRUE(txn.delete_edge(gone).ok());
    }
    static NodeId node(Transaction& in) {
        const std::string_view label = "R";
        return *in.create_node({&label, 1}, {});
    }
    std::vector<std::pair<uint32_t, NodeId>> distinct(const api::TraverseOptions& options) {
        std::vector<std::pair<uint32_t, NodeId>> found;
        EXPECT_TRUE(txn.traverse(a, options, {},
                                 [&](const api::PathView& path) {
                                     EXPECT_EQ(path.nodes.size(), 1U);
                                     found.emplace_back(path.depth, path.nodes[0]);
                                     return true;
                                 })
                        .ok());
        return found;
    }
    std::vector<std::vector<EdgeId>> paths(const api::TraverseOptions& options) {
        std::vector<std::vector<EdgeId>> found;
        EXPECT_TRUE(txn.traverse(a, options, {},
                                 [&](const api::PathView& path) {
                                     EXPECT_EQ(path.nodes.size(), path.depth + 1U);
                                     EXPECT_EQ(path.edges.size(), path.depth);
                                     found.emplace_back(path.edges.begin(), path.edges.end());
                                     return true;
                                 })
                        .ok());
        return found;
    }
    Transaction txn;
    NodeId a, b, c, d;
    EdgeId ab, bc, bc2, ca, ad, dd, gone;
};

TEST(Traverse, distinct_meets_each_node_once_at_its_smallest_depth) {
    TestDatabase database;
    Ring ring(database);
    using Found = std::vector<std::pair<uint32_t, NodeId>>;
    EXPECT_EQ(ring.distinct({.depth_min = 0, .depth_max = 9}),
              (Found{{0, ring.a}, {1, ring.b}, {1, ring.d}, {2, ring.c}}));
    EXPECT_EQ(ring.distinct({.depth_min = 2, .depth_max = 2}), (Found{{2, ring.c}}));
    EXPECT_EQ(ring.distinct({.types = {"U"}, .depth_max = 5}), (Found{{1, ring.d}}));
    EXPECT_EQ(ring.distinct({.types = {"Nobody"}, .depth_max = 5}), Found{});
    EXPECT_EQ(ring.distinct({.direction = Direction::kIn, .depth_max = 1}), (Found{{1, ring.c}}));
    EXPECT_EQ(ring.distinct({.depth_max = 9, .limit = 2}).size(), 2U);
}

TEST(Traverse, paths_repeat_no_relationship) {
    TestDatabase database;
    Ring ring(database);
    auto found = ring.paths(
        {.types = {"T"}, .depth_min = 1, .depth_max = 9, .mode = api::TraverseMode::kPaths});
    std::vector<std::vector<EdgeId>> expected;
    for (const EdgeId first : {ring.bc, ring.bc2}) {
        const EdgeId second = first == ring.bc ? ring.bc2 : ring.bc;
        expected.push_back({ring.ab, first});
        expected.push_back({ring.ab, first, ring.ca});
        (void)second;  // after c -> a only a -> b is left, which is used
    }
    expected.push_back({ring.ab});
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(found, expected);
}

TEST(Traverse, stops_when_asked_and_says_what_is_wrong) {
    TestDatabase database;
    Ring ring(database);
    std::atomic<bool> flag{true};
    const auto nothing = [](const api::PathView&) { return true; };
    EXPECT_EQ(reason(ring.txn.traverse(ring.a, {}, api::StopToken(&flag), nothing)), "CANCELLED");
    EXPECT_EQ(reason(ring.txn.traverse(NodeId{999}, {}, {}, nothing)), "NODE_NOT_FOUND");
    EXPECT_EQ(reason(ring.txn.traverse(ring.a, {.depth_min = 3, .depth_max = 2}, {}, nothing)),
              "DEPTH");
}

TEST(Scan, filters_by_values_as_cypher_compares_them) {
    TestDatabase database;
    for (int i = 0; i < 10; ++i) database.node(i);
    Transaction txn = database.begin();
    ASSERT_TRUE(set_value(txn, NodeId{3}, 100).ok());
    const std::string_view label = "N";
    ASSERT_TRUE(txn.create_node({&label, 1}, {{"v", Value::string("x")}}).ok());
    const auto count = [&](std::vector<api::PropertyFilter> filters) {
        api::ScanOptions options;
        options.label = "N";
        options.filters = std::move(filters);
        auto page = txn.scan(options, {});
        EXPECT_TRUE(page.ok());
        return page->nodes.size();
    };
    using Op = api::PropertyFilter::Op;
    EXPECT_EQ(count({}), 11U);
    EXPECT_EQ(count({{"v", Op::kEqual, Value::floating(5)}}), 1U);
    EXPECT_EQ(count({{"v", Op::kGreater, Value::integer(7)}}), 3U);
    EXPECT_EQ(
        count({{"v", Op::kGreaterEqual, Value::integer(2)}, {"v", Op::kLess, Value::integer(5)}}),
        2U);
    EXPECT_EQ(count({{"v", Op::kNotEqual, Value::integer(5)}}), 10U);
    EXPECT_EQ(count({{"v", Op::kEqual, Value::null()}}), 0U);
    EXPECT_EQ(count({{"v", Op::kExists, {}}}), 11U);
    EXPECT_EQ(count({{"unheard", Op::kExists, {}}}), 0U);
}

TEST(Scan, shows_only_what_is_projected) {
    TestDatabase database;
    Transaction txn = database.begin();
    ASSERT_TRUE(txn.create_node({}, {{"a", Value::integer(1)}, {"b", Value::integer(2)}}).ok());
    ASSERT_TRUE(txn.commit().ok());
    Transaction reader = database.begin();
    api::ScanOptions options;
    options.all_properties = false;
    options.projection = {"b", "unheard"};
    auto page = reader.scan(options, {});
    ASSERT_EQ(page->nodes.size(), 1U);
    ASSERT_EQ(page->nodes[0].properties.size(), 1U);
    EXPECT_EQ(page->nodes[0].properties[0].first, "b");
}

TEST(Reading, ends_early_where_the_answer_grows_large) {
    TestDatabase database;
    Transaction txn = database.begin();
    const auto large = Value::string(std::string(1000, 'x'));
    const NodeId node = *txn.create_node({}, {{"p", large}});
    const NodeId last = *txn.create_node({}, {{"p", large}});
    const EdgeId edge = *txn.create_edge(node, last, "T", {{"p", large}});
    ASSERT_TRUE(txn.commit().ok());
    Transaction reader = database.begin();
    const std::vector<NodeId> nodes(50, node);
    EXPECT_EQ(reader.nodes(nodes)->size(), 50U);
    EXPECT_EQ(reader.nodes(nodes, 1500)->size(), 2U);
    EXPECT_EQ(reader.nodes(nodes, 0)->size(), 1U) << "there is always progress";
    const std::vector<EdgeId> edges(50, edge);
    EXPECT_EQ(reader.edges(edges)->size(), 50U);
    EXPECT_EQ(reader.edges(edges, 1500)->size(), 2U);
    api::ScanOptions options;
    options.page_bytes = 500;
    auto page = reader.scan(options, {});
    ASSERT_EQ(page->nodes.size(), 1U);
    EXPECT_EQ(page->next, node);
    options.after = page->next;
    page = reader.scan(options, {});
    ASSERT_EQ(page->nodes.size(), 1U);
    EXPECT_EQ(page->nodes[0].id, last);
    EXPECT_FALSE(page->next.valid());
}

TEST(Errors, say_which_mistake_it_was) {
    TestDatabase database;
    Transaction txn = database.begin();
    EXPECT_EQ(reason(txn.create_node({}, {{"a", Value::integer(1)}, {"a", Value::integer(2)}})),
              "DUPLICATE_PROPERTY");
    const std::string_view empty;
    EXPECT_FALSE(txn.create_node({&empty, 1}, {}).ok());
    api::TransactionOptions read_only;
    read_only.read_only = true;
    Transaction reader = std::move(*database->begin(read_only));
    EXPECT_EQ(reason(reader.create_node({}, {})), "READ_ONLY");
    EXPECT_EQ(reason(reader.delete_node(NodeId{0}, {})), "READ_ONLY");
    EXPECT_FALSE(txn.has_writes()) << "a failed operation leaves the transaction as it was";
    EXPECT_TRUE(txn.commit().ok());
}

}  // namespace
}  // namespace deed::testing
