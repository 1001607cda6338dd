#pragma once

#include <memory>

#include "engine/api/database.h"
#include "engine/txn/engine.h"
#include "engine/txn/transaction.h"

namespace deed::api {

struct Transaction::Impl {
    txn::Engine& engine;
    std::unique_ptr<txn::Transaction> txn;
    uint32_t sample_shift;  // one walk in 2^this leaves a trail

    [[nodiscard]] catalog::Catalog& catalog() const { return engine.catalog(); }
};

struct Database::Impl {
    DatabaseOptions options;
    std::unique_ptr<txn::Engine> engine;
};

/// A long read that its caller does not want any more.
[[nodiscard]] Error cancelled();

}  // namespace deed::api
