#include "engine/storage/store.h"

#include <atomic>
#include <mutex>
#include <sys/statvfs.h>
#include <utility>

#include "engine/base/log.h"
#include "engine/storage/data_dir.h"
#include "engine/storage/internal/fold.h"
#include "engine/storage/internal/loader.h"
#include "engine/storage/internal/meta.h"
#include "engine/storage/internal/open_rule.h"
#include "engine/storage/internal/watermark.h"
#include "engine/storage/keys.h"
#include "engine/storage/rocks_engine.h"

namespace deed::storage {

namespace {

/// DISK_FULL where fewer than `bytes` are free to us beside `directory`. A file system that tells
/// no numbers is believed to have room.
Status check_room(const std::string& directory, uint64_t bytes) {
    struct statvfs disk {};
    if (::statvfs(directory.c_str(), &disk) != 0 || disk.f_blocks == 0) return {};
    const uint64_t free = uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= bytes) return {};
    return Error(ErrorCode::kDiskFull, "DISK_FULL",
                 "the disk of " + directory + " has " + std::to_string(free) +
                     " bytes left and commits need " + std::to_string(bytes) +
                     "; free some space, then the same call succeeds");
}

}  // namespace

struct Store::Impl {
    Impl(DataDir directory, std::unique_ptr<KvEngineFactory> factory)
        : dir(std::move(directory)), own_factory(std::move(factory)) {}

    DataDir dir;  // first in, last out: the lock outlives everything that writes
    std::unique_ptr<KvEngineFactory> own_factory;
    std::unique_ptr<KvEngine> engine;
    std::unique_ptr<WatermarkKeeper> watermark;
    StoreState state;
    DatabaseUuid database{};
    uint64_t disk_reserve_bytes = 0;
    bool read_only = false;
    bool closed = false;

    std::atomic<uint64_t> appended{0};   // relaxed: a number that only grows
    std::atomic<uint64_t> log_bytes{0};  // relaxed: a figure
    std::string scratch;                 // of `append`, which one thread calls at a time

    std::mutex fold_mutex;
    Checkpoint checkpoint;       // guarded by fold_mutex
    CommitTs log_oldest_key{0};  // guarded by fold_mutex
    bool folding = false;        // guarded by fold_mutex
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Store::~Store() {
    const Status closed = close();
    if (!closed.ok()) log()->warn("closing the store: {}", closed.error().to_string());
}

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
    DEED_ASSIGN_OR_RETURN(DataDir dir,
                          DataDir::acquire({.path = options.data_dir,
                                            .create_if_missing = options.create_if_missing,
                                            .read_only = options.read_only}));
    std::unique_ptr<KvEngineFactory> own;
    if (options.engine_factory == nullptr) own = rocks_engine_factory();
    KvEngineFactory& factory = own ? *own : *options.engine_factory;
    auto impl = std::make_unique<Impl>(std::move(dir), std::move(own));
    DEED_ASSIGN_OR_RETURN(OpenedEngine opened, open_engine(options, impl->dir, factory));

    impl->engine = std::move(opened.engine);
    impl->database = opened.meta.database;
    impl->disk_reserve_bytes = options.disk_reserve_bytes;
    impl->read_only = options.read_only;
    impl->appended.store(opened.tail.contiguous.raw(), std::memory_order_relaxed);
    impl->log_bytes.store(opened.tail.bytes, std::memory_order_relaxed);
    impl->checkpoint = opened.meta.checkpoint;
    impl->log_oldest_key = opened.tail.oldest_key;
    impl->state.database_uuid = uuid_text(opened.meta.database);
    impl->state.folded_through = opened.meta.checkpoint.folded_through;
    impl->state.recovered = opened.tail.contiguous;
    impl->state.node_id_end = opened.meta.checkpoint.node_id_end;
    impl->state.edge_id_end = opened.meta.checkpoint.edge_id_end;
    impl->state.pheromone_epoch = opened.meta.checkpoint.pheromone_epoch;
    impl->state.tokens = std::move(opened.meta.tokens);
    impl->state.note = std::move(opened.note);
    if (!options.read_only)
        impl->watermark = std::make_unique<WatermarkKeeper>(
            WatermarkKeeper::Options{.factory = &factory,
                                     .path = impl->dir.watermark_path(),
                                     .database = impl->database,
                                     .already = opened.watermark,
                                     .interval = options.watermark_interval});
    if (!impl->state.note.empty()) log()->warn("{}: {}", impl->dir.path(), impl->state.note);
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

const StoreState& Store::state() const {
    return impl_->state;
}

Status Store::append(const LogRecordView& record, std::span<const catalog::Token> new_tokens,
                     bool sync) {
    Impl& impl = *impl_;
    DEED_ASSERT(record.ts.raw() == impl.appended.load(std::memory_order_relaxed) + record.commits,
                "the log's records follow one another without a gap");
    LogRecordView signed_record = record;
    signed_record.database = impl.database;
    impl.scratch.clear();
    encode_log_record(signed_record, impl.scratch);
    DEED_RETURN_IF_ERROR(
        check_room(impl.dir.path(), impl.disk_reserve_bytes + impl.scratch.size()));
    const auto batch = impl.engine->new_batch();
    batch->put(KeySpace::kLog, keys::log(record.ts), impl.scratch);
    for (const catalog::Token& token : new_tokens)
        batch->put(KeySpace::kMeta, keys::token(token), token.name);
    DEED_RETURN_IF_ERROR(
        impl.engine->write(*batch, sync ? WriteMode::kSynced : WriteMode::kLogged));
    impl.appended.store(record.ts.raw(), std::memory_order_relaxed);
    impl.log_bytes.fetch_add(impl.scratch.size(), std::memory_order_relaxed);
    return {};
}

CommitTs Store::appended() const {
    return CommitTs(impl_->appended.load(std::memory_order_relaxed));
}

Status Store::sync() {
    return impl_->engine->sync();
}

void Store::acknowledged(CommitTs ts) {
    if (impl_->watermark) impl_->watermark->acknowledged(ts);
}

Status Store::replay(CommitTs from, const std::function<Status(LogRecord&)>& visit) const {
    CommitTs last = from;
    const auto cursor =
        impl_->engine->cursor(KeySpace::kLog, {keys::log(CommitTs(from.raw() + 1)), {}});
    for (; cursor->valid(); cursor->next()) {
        DEED_ASSIGN_OR_RETURN(const CommitTs ts, keys::parse_log(cursor->key()));
        const std::string name =
            "commit " + std::to_string(ts.raw()) + " in the log of " + impl_->dir.engine_path();
        Result<LogRecord> record = decode_log_record(cursor->value());
        if (!record.ok()) return std::move(record).error().with_context(name);
        if (!follows(ts, record->commits, last))
            return Error(ErrorCode::kCorruption, "LOG_GAP",
                         name + " follows commit " + std::to_string(last.raw()) +
                             ": what lies between them is missing");
        if (record->ts != ts || record->database != impl_->database)
            return Error(ErrorCode::kCorruption, "DATABASES_MIXED",
                         name + " was written as commit " + std::to_string(record->ts.raw()) +
                             " of database " + uuid_text(record->database));
        last = ts;
        DEED_RETURN_IF_ERROR(visit(*record));
    }
    DEED_RETURN_IF_ERROR(cursor->status());
    if (last < impl_->state.recovered)
        return Error(ErrorCode::kCorruption, "LOG_GAP",
                     "the log of " + impl_->dir.engine_path() + " ends at commit " +
                         std::to_string(last.raw()) + " instead of " +
                         std::to_string(impl_->state.recovered.raw()));
    return {};
}

uint64_t Store::log_bytes() const {
    return impl_->log_bytes.load(std::memory_order_relaxed);
}

Result<std::unique_ptr<Store::Folder>> Store::begin_fold() {
    Impl& impl = *impl_;
    const std::lock_guard lock(impl.fold_mutex);
    if (impl.read_only)
        return Error(ErrorCode::kFailedPrecondition, "STORE_READ_ONLY",
                     "the store was opened for reading only");
    if (impl.folding)
        return Error(ErrorCode::kFailedPrecondition, "FOLD_RUNNING",
                     "a fold of the log is running already; wait for it");
    impl.folding = true;
    const uint64_t log_bytes_before = impl.log_bytes.load(std::memory_order_relaxed);
    const CommitTs oldest = impl.log_oldest_key.raw() != 0
                                ? impl.log_oldest_key
                                : CommitTs(impl.checkpoint.folded_through.raw() + 1);
    FoldWriter::Options options;
    options.engine = impl.engine.get();
    options.checkpoint = impl.checkpoint;
    options.log_oldest_key = oldest;
    options.appended = [&impl] { return CommitTs(impl.appended.load(std::memory_order_relaxed)); };
    options.finished = [&impl, log_bytes_before](const Checkpoint& checkpoint) {
        const std::lock_guard finished_lock(impl.fold_mutex);
        impl.checkpoint = checkpoint;
        impl.log_oldest_key = CommitTs(checkpoint.folded_through.raw() + 1);
        // A bulk import moves the checkpoint without a log record.
        if (impl.appended.load(std::memory_order_relaxed) < checkpoint.folded_through.raw())
            impl.appended.store(checkpoint.folded_through.raw(), std::memory_order_relaxed);
        impl.log_bytes.fetch_sub(log_bytes_before, std::memory_order_relaxed);
    };
    options.released = [&impl] {
        const std::lock_guard released_lock(impl.fold_mutex);
        impl.folding = false;
    };
    return std::unique_ptr<Folder>(std::make_unique<FoldWriter>(std::move(options)));
}

Status Store::ingest(KeySpace space, const std::vector<std::string>& files) {
    return impl_->engine->ingest(space, files);
}

std::vector<KeyRange> Store::split_nodes(uint32_t parts) const {
    return impl_->engine->split(KeySpace::kNode, parts);
}

std::vector<KeyRange> Store::split_edges(uint32_t parts) const {
    return impl_->engine->split(KeySpace::kEdge, parts);
}

Status Store::load_nodes(const KeyRange& range, NodeVisitor& visitor) const {
    return load_node_rows(*impl_->engine, range, visitor);
}

Status Store::load_edges(const KeyRange& range, EdgeVisitor& visitor) const {
    return load_edge_rows(*impl_->engine, range, visitor);
}

Status Store::load_pheromone(const std::function<Status(std::string_view)>& visit) const {
    const std::string begin(keys::pheromone_prefix());
    const auto cursor = impl_->engine->cursor(KeySpace::kMeta, {begin, keys::prefix_end(begin)});
    for (; cursor->valid(); cursor->next()) DEED_RETURN_IF_ERROR(visit(cursor->value()));
    return cursor->status();
}

uint64_t Store::disk_bytes() const {
    return impl_->engine->disk_bytes();
}

bool Store::failed() const {
    return impl_->engine->sync_failed();
}

Status Store::close() {
    Impl& impl = *impl_;
    if (impl.closed) return {};
    impl.closed = true;
    Status synced;
    if (!impl.read_only && !impl.engine->sync_failed()) synced = impl.engine->sync();
    if (impl.watermark) impl.watermark->stop();
    const Status closed = impl.engine->close();
    return synced.ok() ? closed : synced;
}

}  // namespace deed::storage
