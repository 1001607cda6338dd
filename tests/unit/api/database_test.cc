#include "engine/api/database.h"

#include <gtest/gtest.h>

#include "tests/unit/api/temporary_directory.h"

namespace deed::api {
namespace {

using value::Value;

std::unique_ptr<Database> open(const std::string& path, DatabaseOptions options = {}) {
    options.data_dir = path;
    auto opened = Database::open(options);
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().to_string());
    return opened.ok() ? std::move(*opened) : nullptr;
}

Transaction begin(Database& database, TransactionOptions options = {}) {
    auto txn = database.begin(options);
    EXPECT_TRUE(txn.ok());
    return std::move(*txn);
}

NodeId make_node(Transaction& txn, std::string_view label, const Properties& properties = {}) {
    auto id = txn.create_node(std::span(&label, 1), properties);
    EXPECT_TRUE(id.ok());
    return *id;
}

TEST(Database, what_was_committed_is_there_after_reopening) {
    testing::TemporaryDirectory directory;
    NodeId ann;
    NodeId bob;
    EdgeId knows;
    {
        auto database = open(directory.path());
        Transaction txn = begin(*database);
        ann =
            make_node(txn, "Person", {{"name", Value::string("Ann")}, {"age", Value::integer(7)}});
        bob = make_node(txn, "Person", {{"name", Value::string("Bob")}});
        knows = *txn.create_edge(ann, bob, "KNOWS", {{"since", Value::integer(1999)}});
        ASSERT_TRUE(txn.commit().ok());
        ASSERT_TRUE(database->close().ok());
    }
    for (int i = 0; i < 2; ++i) {
        auto database = open(directory.path());
        Transaction txn = begin(*database);
        auto node = txn.node(ann);
        ASSERT_TRUE(node.ok());
        EXPECT_EQ(node->labels, std::vector<std::string>{"Person"});
        ASSERT_EQ(node->properties.size(), 2U);
        EXPECT_EQ(node->properties[0].first, "age");
        EXPECT_EQ(node->properties[1].second.as_string(), "Ann");
        auto edge = txn.edge(knows);
        ASSERT_TRUE(edge.ok());
        EXPECT_EQ(edge->type, "KNOWS");
        EXPECT_EQ(edge->properties[0].second.as_integer(), 1999);
        auto neighbours = txn.neighbours(ann, {});
        ASSERT_TRUE(neighbours.ok());
        ASSERT_EQ(neighbours->size(), 1U);
        EXPECT_EQ((*neighbours)[0].node, bob);
        EXPECT_EQ(database->stats().entity_count, 2U);
        EXPECT_EQ(database->check({})->faults, 0U);
    }
}

}  // namespace
}  // namespace deed::api
