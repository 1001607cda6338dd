#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/api/database.h"
#include "tests/unit/api/temporary_directory.h"

namespace deed::testing {

using api::Database;
using api::DatabaseOptions;
using api::Transaction;
using value::Value;

/// A database in a directory of its own, and short words for what nearly every test does.
class TestDatabase {
 public:
    explicit TestDatabase(DatabaseOptions options = fast()) : options_(std::move(options)) {
        options_.data_dir = directory_.path();
        reopen();
    }

    /// Durability is tested elsewhere; here a sync would only cost time.
    static DatabaseOptions fast() {
        DatabaseOptions options;
        options.durability = api::Durability::kNone;
        return options;
    }

    void reopen() {
        database_.reset();
        auto opened = Database::open(options_);
        ASSERT_TRUE(opened.ok()) << opened.error().to_string();
        database_ = std::move(*opened);
    }

    Database& operator*() { return *database_; }
    Database* operator->() { return database_.get(); }
    DatabaseOptions& options() { return options_; }
    [[nodiscard]] const std::string& path() const { return directory_.path(); }

    Transaction begin(bool serializable = false) {
        api::TransactionOptions options;
        if (serializable) options.isolation = api::Isolation::kSerializable;
        auto txn = database_->begin(options);
        EXPECT_TRUE(txn.ok());
        return std::move(*txn);
    }
    /// A committed node with one integer property `v`.
    NodeId node(int64_t value, std::string_view label = "N") {
        Transaction txn = begin();
        const NodeId id = *txn.create_node({&label, 1}, {{"v", Value::integer(value)}});
        EXPECT_TRUE(txn.commit().ok());
        return id;
    }

 private:
    TemporaryDirectory directory_;
    DatabaseOptions options_;
    std::unique_ptr<Database> database_;
};

inline int64_t value_of(Transaction& txn, NodeId id, std::string_view name = "v") {
    auto node = txn.node(id);
    EXPECT_TRUE(node.ok());
    if (!node.ok()) return -1;
    for (const auto& [key, value] : node->properties)
        if (key == name) return value.as_integer();
    return -1;
}

inline Status set_value(Transaction& txn, NodeId id, int64_t value, std::string name = "v") {
    api::NodeChange change;
    change.set.emplace_back(std::move(name), Value::integer(value));
    return txn.update_node(id, change);
}

inline std::string reason(const Status& status) {
    return status.ok() ? "OK" : status.error().reason();
}
template <class T>
std::string reason(const Result<T>& result) {
    return result.ok() ? "OK" : result.error().reason();
}

}  // namespace deed::testing
