#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/graph.h"
#include "engine/storage/store.h"
#include "engine/sync/snapshot_registry.h"
#include "engine/txn/collector.h"
#include "engine/txn/commit_log.h"
#include "engine/txn/commit_pipeline.h"
#include "engine/txn/fold.h"
#include "engine/txn/internal/recovery.h"
#include "engine/txn/open_transactions.h"
#include "engine/txn/transaction.h"

namespace deed::txn {

enum class Durability : uint8_t { kSync, kInterval, kNone };

struct EngineOptions {
    storage::StoreOptions store;
    graph::GraphOptions graph;
    Durability durability = Durability::kSync;
    std::chrono::nanoseconds durability_interval = std::chrono::milliseconds(100);
    std::chrono::nanoseconds idle_timeout = std::chrono::minutes(10);
    uint32_t open_transactions_max = 4096;
    uint64_t version_bytes_max = 1ULL << 30;
    uint64_t checkpoint_log_bytes = 256ULL << 20;
    std::chrono::nanoseconds checkpoint_interval = std::chrono::minutes(5);
    std::function<void(const std::string& why)> on_fatal;
    const Clock* clock = &Clock::system();
    /// Tests put a log of their own between pipeline and store; gets the one that would be used.
    std::function<std::unique_ptr<CommitLog>(std::unique_ptr<CommitLog>)> wrap_log;
};

struct BeginOptions {
    bool serializable = false;
    bool read_only = false;
    TransactionTimes times;  // idle 0: the engine's default
};

/// A graph in memory, its store, and the machinery between them: what api::Database is made of.
///
/// Two background threads: one keeps house every few milliseconds (time-outs, interval syncs, old
/// versions, evaporation), the other folds the log when it has grown.
///
/// Thread safety: every method from any thread. Lifetime: destroy it after its transactions.
class Engine {
 public:
    static Result<std::unique_ptr<Engine>> open(const EngineOptions& options);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Errors: LIMIT_EXCEEDED / LIMIT_OPEN_TRANSACTIONS, UNAVAILABLE.
    Result<std::unique_ptr<Transaction>> begin(const BeginOptions& options);
    /// A registered snapshot without a transaction, for figures and checks.
    Result<sync::SnapshotRegistry::Registration> snapshot();

    /// Runs `task` while nobody else changes the graph.
    void run_exclusive(const std::function<void()>& task) { pipeline_->run_exclusive(task); }

    Status checkpoint();
    /// Stops the background, folds, syncs, lets go of the directory. The second call does nothing.
    Status close();

    [[nodiscard]] graph::Graph& graph() const { return *graph_; }
    [[nodiscard]] catalog::Catalog& catalog() const { return *catalog_; }
    [[nodiscard]] const storage::Store& store() const { return *store_; }
    [[nodiscard]] const CommitPipeline& pipeline() const { return *pipeline_; }
    [[nodiscard]] const OpenTransactions& open_transactions() const { return *open_; }
    [[nodiscard]] bool failed() const { return pipeline_->failed(); }
    [[nodiscard]] CommitTs visible() const { return CommitTs{visible_.load()}; }
    [[nodiscard]] CommitTs oldest_snapshot() const { return registry_->oldest(visible()); }
    [[nodiscard]] CommitTs folded_through() const { return fold_->folded_through(); }
    [[nodiscard]] double recovery_seconds() const { return recovery_seconds_; }

 private:
    explicit Engine(const EngineOptions& options);
    Status start();
    std::unique_ptr<CommitLog> make_log(CommitTs recovered) const;
    void keep_house();
    void keep_house_once();
    void keep_folding();
    [[nodiscard]] bool fold_due(std::chrono::nanoseconds now) const;
    void stop_background();

    EngineOptions options_;
    // Advanced by the committer with a sequentially consistent store; see SnapshotRegistry.
    std::atomic<uint64_t> visible_{0};
    // Set once by close(); begin() reads it.
    std::atomic<bool> closing_{false};
    double recovery_seconds_ = 0;

    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<graph::Graph> graph_;
    std::unique_ptr<storage::Store> store_;
    std::unique_ptr<sync::SnapshotRegistry> registry_;
    std::unique_ptr<OpenTransactions> open_;
    std::unique_ptr<CommitLog> log_;
    std::unique_ptr<Collector> collector_;
    std::unique_ptr<CommitPipeline> pipeline_;
    std::unique_ptr<Fold> fold_;

    std::mutex close_mutex_;
    bool closed_ = false;  // guarded by close_mutex_
    std::mutex background_mutex_;
    std::condition_variable background_wakes_;
    bool stopping_ = false;  // guarded by background_mutex_
    std::thread housekeeper_;
    std::thread folder_;
    // The folder's.
    std::chrono::nanoseconds folded_at_{0};
};

}  // namespace deed::txn
