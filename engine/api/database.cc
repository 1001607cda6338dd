#include "engine/api/database.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <thread>
#include <utility>

#include "engine/api/internal/impl.h"
#include "engine/base/limits.h"

namespace deed::api {

namespace {

Error bad_option(const char* field, std::string message) {
    return Error(ErrorCode::kInvalidArgument, "BAD_OPTION", std::move(message), field);
}

Status check_options(const DatabaseOptions& options) {
    if (options.data_dir.empty())
        return bad_option("data_dir", "the directory of the database is not given");
    if (options.shards > limits::kShardsMax || !(std::popcount(options.shards) <= 1))
        return bad_option(
            "shards", fmt::format("{} shards: give a power of two up to {}, or 0 for one a core",
                                  options.shards, limits::kShardsMax));
    if (options.open_transactions_max == 0 || options.open_transactions_max > limits::kSnapshotsMax)
        return bad_option("open_transactions_max",
                          fmt::format("{} open transactions: give 1 to {}",
                                      options.open_transactions_max, limits::kSnapshotsMax));
    if (options.pheromone_sample_shift > 20)
        return bad_option("pheromone_sample_shift", "one traversal in 2^20 is the least");
    if (options.clock == nullptr) return bad_option("clock", "there is no clock");
    return {};
}

uint32_t shard_count(uint32_t asked) {
    if (asked != 0) return asked;
    return std::bit_floor(std::clamp(std::thread::hardware_concurrency(), 1U, 64U));
}

txn::Durability durability(Durability asked) {
    switch (asked) {
        case Durability::kSync:
            return txn::Durability::kSync;
        case Durability::kInterval:
            return txn::Durability::kInterval;
        case Durability::kNone:
            break;
    }
    return txn::Durability::kNone;
}

txn::EngineOptions engine_options(const DatabaseOptions& options) {
    txn::EngineOptions engine;
    engine.store.data_dir = options.data_dir;
    engine.store.create_if_missing = options.create_if_missing;
    engine.store.read_only = options.read_only;
    engine.store.accept_data_loss = options.accept_data_loss;
    engine.store.block_cache_bytes = options.block_cache_bytes;
    engine.store.write_buffer_bytes = options.write_buffer_bytes;
    engine.graph.shards = shard_count(options.shards);
    engine.graph.pheromone_sample_shift = options.pheromone_sample_shift;
    engine.graph.evaporation.half_life = options.pheromone_half_life;
    engine.graph.clock = options.clock;
    engine.durability = durability(options.durability);
    engine.durability_interval = options.durability_interval;
    engine.idle_timeout = options.idle_timeout;
    engine.open_transactions_max = options.open_transactions_max;
    engine.version_bytes_max = options.version_bytes_max;
    engine.checkpoint_log_bytes = options.checkpoint_log_bytes;
    engine.checkpoint_interval = options.checkpoint_interval;
    engine.on_fatal = options.on_fatal;
    engine.clock = options.clock;
    return engine;
}

}  // namespace

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
    DEED_RETURN_IF_ERROR(check_options(options));
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    DEED_ASSIGN_OR_RETURN(impl->engine, txn::Engine::open(engine_options(options)));
    return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Result<Transaction> Database::begin(const TransactionOptions& options) {
    txn::BeginOptions begin;
    begin.serializable = options.isolation == Isolation::kSerializable;
    begin.read_only = options.read_only;
    begin.times.idle = options.idle_timeout;
    begin.times.total = options.timeout;
    DEED_ASSIGN_OR_RETURN(std::unique_ptr<txn::Transaction> txn, impl_->engine->begin(begin));
    return Transaction(std::make_unique<Transaction::Impl>(
        Transaction::Impl{*impl_->engine, std::move(txn), impl_->options.pheromone_sample_shift}));
}

uint64_t Database::evaporate_pheromones(uint32_t epochs) {
    return impl_->engine->graph().evaporate(epochs);
}

Result<ListPheromone> Database::list_pheromone(NodeId id) {
    DEED_ASSIGN_OR_RETURN(auto registration, impl_->engine->snapshot());
    const graph::Graph& graph = impl_->engine->graph();
    if (!registration.enter())
        return Error(ErrorCode::kSnapshotTooOld, "SNAPSHOT_TOO_OLD", "ask again");
    const bool exists = graph.node(id, registration.snapshot()) != nullptr;
    registration.leave();
    if (!exists)
        return Error(ErrorCode::kNotFound, "NODE_NOT_FOUND",
                     fmt::format("there is no node {}", id.raw()), "id");
    return ListPheromone{graph.list_intensity(id, Direction::kOut),
                         graph.list_intensity(id, Direction::kIn)};
}

Result<double> Database::edge_pheromone(EdgeId id) {
    return impl_->engine->graph().edge_intensity(id);
}

void Database::deposit_edges(std::span<const EdgeId> edges, double weight) {
    impl_->engine->graph().followed(edges, static_cast<float>(weight));
}

Status Database::checkpoint() {
    return impl_->engine->checkpoint();
}

bool Database::failed() const {
    return impl_->engine->failed();
}

Status Database::close() {
    return impl_->engine->close();
}

}  // namespace deed::api
