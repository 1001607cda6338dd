#include "engine/txn/engine.h"

#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/log.h"
#include "engine/txn/internal/store_log.h"

namespace deed::txn {

namespace {

constexpr std::chrono::milliseconds kHouseEvery{20};
constexpr std::chrono::milliseconds kFoldLookEvery{200};
constexpr double kPheromoneFloor = 1e-3;
/// Snapshots beyond the transactions': folds, checks, figures.
constexpr uint32_t kOwnSnapshots = 64;

uint32_t loading_threads() {
    return std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
}

}  // namespace

Engine::Engine(const EngineOptions& options)
    : options_(options), catalog_(std::make_unique<catalog::Catalog>()) {}

Engine::~Engine() {
    Status status = close();
    if (!status.ok()) log()->error("closing the database: {}", status.error().to_string());
}

Result<std::unique_ptr<Engine>> Engine::open(const EngineOptions& options) {
    std::unique_ptr<Engine> engine(new Engine(options));
    DEED_RETURN_IF_ERROR(engine->start());
    return engine;
}

Status Engine::start() {
    const auto begin = std::chrono::steady_clock::now();
    DEED_ASSIGN_OR_RETURN(store_, storage::Store::open(options_.store));
    graph_ = std::make_unique<graph::Graph>(options_.graph, *catalog_);
    DirtySet dirty;
    Recovery recovery({*store_, *graph_, *catalog_, dirty}, loading_threads());
    DEED_ASSIGN_OR_RETURN(const Recovered recovered, recovery.run());
    visible_.store(recovered.visible.raw());

    registry_ =
        std::make_unique<sync::SnapshotRegistry>(options_.open_transactions_max + kOwnSnapshots);
    open_ = std::make_unique<OpenTransactions>(*registry_, *options_.clock,
                                               options_.open_transactions_max);
    log_ = make_log(recovered.visible);
    if (options_.wrap_log) log_ = options_.wrap_log(std::move(log_));
    collector_ =
        std::make_unique<Collector>(*graph_, *registry_, visible_, options_.version_bytes_max);
    pipeline_ = std::make_unique<CommitPipeline>(
        CommitPipeline::Parts{*graph_, *log_, *collector_, visible_, options_.on_fatal});
    pipeline_->dirty().merge(dirty);
    fold_ = std::make_unique<Fold>(
        Fold::Parts{*graph_, *store_, *log_, *pipeline_, *registry_, visible_},
        store_->state().folded_through);
    recovery_seconds_ =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (recovered.replayed > 0)
        log()->info("replayed {} log records through commit {} in {:.3f} s", recovered.replayed,
                    recovered.visible.raw(), recovery_seconds_);
    housekeeper_ = std::thread([this] { keep_house(); });
    if (!options_.store.read_only) folder_ = std::thread([this] { keep_folding(); });
    return {};
}

std::unique_ptr<CommitLog> Engine::make_log(CommitTs recovered) const {
    if (options_.durability == Durability::kNone)
        return std::make_unique<BufferedLog>(
            *store_, *catalog_, *options_.clock,
            BufferedLog::Options{options_.durability_interval, recovered});
    return std::make_unique<StoreLog>(*store_, *catalog_, *options_.clock,
                                      StoreLog::Options{options_.durability == Durability::kSync,
                                                        options_.durability_interval, recovered});
}

Result<std::unique_ptr<Transaction>> Engine::begin(const BeginOptions& options) {
    if (closing_.load(std::memory_order_acquire))
        return Error(ErrorCode::kUnavailable, "CLOSING", "the database is closing");
    TransactionTimes times = options.times;
    if (times.idle.count() == 0) times.idle = options_.idle_timeout;
    DEED_ASSIGN_OR_RETURN(OpenTransactions::Ticket ticket, open_->begin(visible_, times));
    return std::make_unique<Transaction>(
        Transaction::Parts{*graph_, *pipeline_, *open_}, std::move(ticket),
        Transaction::Options{options.serializable, options.read_only || options_.store.read_only});
}

Result<sync::SnapshotRegistry::Registration> Engine::snapshot() {
    return registry_->acquire(visible_);
}

Status Engine::checkpoint() {
    if (options_.store.read_only)
        return Error(ErrorCode::kInvalidArgument, "READ_ONLY", "the database is open read-only");
    return fold_->run();
}

void Engine::keep_house() {
    std::unique_lock lock(background_mutex_);
    while (!stopping_) {
        lock.unlock();
        keep_house_once();
        lock.lock();
        background_wakes_.wait_for(lock, kHouseEvery, [this] { return stopping_; });
    }
}

void Engine::keep_house_once() {
    open_->sweep();
    if (!pipeline_->failed()) {
        const Status status = log_->tick();
        if (!status.ok()) {
            if (status.error().code() == ErrorCode::kOutcomeUnknown)
                pipeline_->fail(status.error().message());
            else
                log()->warn("handing commits to the disk: {}", status.error().to_string());
        }
    }
    // Committers collect what they supersede; what snapshots held back is left to this thread.
    if (graph_->memory().retired > 0) {
        for (bool more = true; more;) pipeline_->run_exclusive([&] { more = collector_->sweep(); });
        collector_->relieve();
    }
    graph_->tend_pheromone(kPheromoneFloor);
}

bool Engine::fold_due(std::chrono::nanoseconds now) const {
    const uint64_t bytes = store_->log_bytes();
    return bytes > options_.checkpoint_log_bytes ||
           (now - folded_at_ > options_.checkpoint_interval &&
            folded_through() < CommitTs{visible_.load(std::memory_order_relaxed)});
}

void Engine::keep_folding() {
    folded_at_ = options_.clock->monotonic();
    std::unique_lock lock(background_mutex_);
    while (!stopping_) {
        background_wakes_.wait_for(lock, kFoldLookEvery, [this] { return stopping_; });
        if (stopping_ || pipeline_->failed()) continue;
        lock.unlock();
        if (const auto now = options_.clock->monotonic(); fold_due(now)) {
            const Status status = fold_->run();
            if (!status.ok())
                log()->warn("a checkpoint failed and will be tried again: {}",
                            status.error().to_string());
            folded_at_ = now;
        }
        lock.lock();
    }
}

void Engine::stop_background() {
    {
        const std::lock_guard lock(background_mutex_);
        stopping_ = true;
    }
    background_wakes_.notify_all();
    if (housekeeper_.joinable()) housekeeper_.join();
    if (folder_.joinable()) folder_.join();
}

Status Engine::close() {
    const std::lock_guard lock(close_mutex_);
    if (closed_) return {};
    closed_ = true;
    closing_.store(true, std::memory_order_release);
    if (pipeline_ == nullptr) return store_ == nullptr ? Status() : store_->close();
    pipeline_->stop();
    // Whoever was committing when the door closed is through once this has been its turn.
    pipeline_->run_exclusive([] {});
    stop_background();
    Status status;
    if (!options_.store.read_only && !pipeline_->failed()) {
        status = log_->sync();
        if (status.ok() && fold_->folded_through() < visible()) status = fold_->run();
    }
    Status closed = store_->close();
    return status.ok() ? std::move(closed) : std::move(status);
}

}  // namespace deed::txn
