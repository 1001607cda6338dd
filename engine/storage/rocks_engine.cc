#include "engine/storage/rocks_engine.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>
#include <utility>

#include "engine/base/log.h"
#include "engine/storage/internal/rocks_options.h"
#include "engine/storage/internal/rocks_status.h"
#include "engine/storage/internal/wal_scan.h"
#include "engine/storage/internal/watched_files.h"

namespace deed::storage {

namespace {

using rocksdb::IOStatus;
using rocksdb::Slice;

using Families = std::array<rocksdb::ColumnFamilyHandle*, kKeySpaces>;

Slice slice(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
}
std::string_view view(const Slice& bytes) {
    return {bytes.data(), bytes.size()};
}

class RocksBatch : public KvBatch {
 public:
    explicit RocksBatch(const Families& families) : families_(families) {}

    void put(KeySpace space, std::string_view key, std::string_view value) override {
        note(batch_.Put(families_[static_cast<size_t>(space)], slice(key), slice(value)));
    }
    void remove(KeySpace space, std::string_view key) override {
        note(batch_.Delete(families_[static_cast<size_t>(space)], slice(key)));
    }
    void clear() override {
        batch_.Clear();
        first_error_ = rocksdb::Status::OK();
    }
    [[nodiscard]] size_t bytes() const override { return batch_.GetDataSize(); }

    rocksdb::WriteBatch& raw() { return batch_; }
    [[nodiscard]] const rocksdb::Status& first_error() const { return first_error_; }

 private:
    void note(const rocksdb::Status& status) {
        if (first_error_.ok()) first_error_ = status;
    }

    const Families& families_;
    rocksdb::WriteBatch batch_;
    rocksdb::Status first_error_;  // a key or value that is too long for RocksDB
};

/// A row that cannot be read is in a table, which nothing but a copy brings back.
Error reading_error(const rocksdb::Status& status, std::string_view doing) {
    Error error = rocks_error(status, doing);
    if (error.code() != ErrorCode::kCorruption) return error;
    return {error.code(), error.reason(),
            error.message() + "; restore a backup, or import the graph again"};
}

class RocksCursor : public KvCursor {
 public:
    RocksCursor(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* family, KeyRange range)
        : range_(std::move(range)), end_(range_.end) {
        rocksdb::ReadOptions options;
        options.verify_checksums = true;
        // A scan reads everything once: far ahead, and without pushing out what point reads use.
        options.readahead_size = 2ULL << 20;
        options.fill_cache = false;
        options.total_order_seek = true;
        if (!range_.end.empty()) options.iterate_upper_bound = &end_;
        iterator_.reset(db->NewIterator(options, family));
        iterator_->Seek(slice(range_.begin));
    }

    void seek(std::string_view key) override {
        iterator_->Seek(slice(std::max(key, std::string_view(range_.begin))));
    }
    [[nodiscard]] bool valid() const override { return iterator_->Valid(); }
    void next() override { iterator_->Next(); }
    [[nodiscard]] std::string_view key() const override { return view(iterator_->key()); }
    [[nodiscard]] std::string_view value() const override { return view(iterator_->value()); }
    [[nodiscard]] Status status() const override {
        const rocksdb::Status status = iterator_->status();
        if (status.ok()) return {};
        return reading_error(status, "scanning rows");
    }

 private:
    KeyRange range_;
    Slice end_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

class RocksEngine : public KvEngine {
 public:
    RocksEngine(std::unique_ptr<rocksdb::Env> env, std::shared_ptr<DiskHealth> health,
                std::unique_ptr<rocksdb::DB> db, const Families& families, KvOpenOptions options)
        : env_(std::move(env)),
          health_(std::move(health)),
          db_(std::move(db)),
          families_(families),
          options_(std::move(options)) {}

    ~RocksEngine() override {
        const Status closed = close();
        if (!closed.ok()) log()->warn("{}", closed.error().to_string());
    }

    std::unique_ptr<KvBatch> new_batch() override {
        return std::make_unique<RocksBatch>(families_);
    }
    void tag_log(std::string_view tag) override { log_tag_ = tag; }
    Status write(KvBatch& batch, WriteMode mode) override;
    Status sync() override;
    Status flush(std::span<const KeySpace> spaces) override;
    Result<std::string> get(KeySpace space, std::string_view key) const override;
    std::unique_ptr<KvCursor> cursor(KeySpace space, const KeyRange& range) const override {
        return std::make_unique<RocksCursor>(db_.get(), family(space), range);
    }
    [[nodiscard]] std::vector<KeyRange> split(KeySpace space, uint32_t parts) const override;
    Status ingest(KeySpace space, const std::vector<std::string>& files) override;
    [[nodiscard]] uint64_t disk_bytes() const override;
    [[nodiscard]] uint64_t wal_bytes() const override;
    [[nodiscard]] bool sync_failed() const override {
        return health_->sync_failed() || log_broken_.load(std::memory_order_acquire);
    }
    Status close() override;

 private:
    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(KeySpace space) const {
        return families_[static_cast<size_t>(space)];
    }
    [[nodiscard]] Status refuse_writes() const;
    [[nodiscard]] Error outcome_unknown() const;
    [[nodiscard]] Error failed_write(const rocksdb::Status& status, uint64_t failures_before);
    Status resume_after_disk_full();
    /// Entries and tables of the row spaces that are in memory only.
    [[nodiscard]] uint64_t rows_in_memory(std::span<const KeySpace> spaces) const;

    std::unique_ptr<rocksdb::Env> env_;
    std::shared_ptr<DiskHealth> health_;
    std::unique_ptr<rocksdb::DB> db_;
    Families families_;
    KvOpenOptions options_;
    std::string log_tag_;
    std::atomic<bool> disk_full_{false};   // relaxed: only spares a call, resume_mutex_ decides
    std::atomic<bool> log_broken_{false};  // release in failed_write, acquire where it is asked
    std::mutex resume_mutex_;
};

Status RocksEngine::refuse_writes() const {
    if (options_.read_only)
        return Error(ErrorCode::kFailedPrecondition, "STORE_READ_ONLY",
                     "the store was opened for reading only");
    if (sync_failed()) return outcome_unknown();
    return {};
}

Error RocksEngine::outcome_unknown() const {
    return {ErrorCode::kOutcomeUnknown, "SYNC_FAILED",
            "writing to the disk failed (" + health_->what() +
                "), so what was written last may or may not be there after a restart; the store "
                "takes no more writes: stop the process, check the disk, start again"};
}

Error RocksEngine::failed_write(const rocksdb::Status& status, uint64_t failures_before) {
    if (health_->sync_failed()) return outcome_unknown();
    if (status.IsNoSpace()) {
        disk_full_.store(true, std::memory_order_relaxed);
        return rocks_error(status, "writing");
    }
    // The log took a part of the record at most, but an I/O error does not say which.
    if (health_->log_append_failures() != failures_before) {
        log_broken_.store(true, std::memory_order_release);
        return outcome_unknown().with_context(status.ToString());
    }
    return rocks_error(status, "writing");
}

Status RocksEngine::resume_after_disk_full() {
    const std::lock_guard lock(resume_mutex_);
    if (!disk_full_.load(std::memory_order_relaxed)) return {};
    // Resuming writes all that memory holds into tables; while that does not fit, the disk is still
    // full. Busy: RocksDB is at it itself, it looks for space every five seconds.
    const rocksdb::Status status = db_->Resume();
    if (!status.ok()) {
        if (health_->sync_failed()) return outcome_unknown();
        return Error(ErrorCode::kDiskFull, "DISK_FULL",
                     "the disk was full; writes go on a few seconds after space has been freed (" +
                         status.ToString() + ")");
    }
    disk_full_.store(false, std::memory_order_relaxed);
    log()->info("there is space on the disk again; writes go on");
    return {};
}

Status RocksEngine::write(KvBatch& batch, WriteMode mode) {
    DEED_RETURN_IF_ERROR(refuse_writes());
    if (disk_full_.load(std::memory_order_relaxed)) DEED_RETURN_IF_ERROR(resume_after_disk_full());
    auto& rocks = static_cast<RocksBatch&>(batch);
    if (mode != WriteMode::kUnlogged) rocks.raw().PutLogData(log_tag_);
    if (!rocks.first_error().ok()) return rocks_error(rocks.first_error(), "building a batch");
    rocksdb::WriteOptions options;
    options.sync = mode == WriteMode::kSynced;
    options.disableWAL = mode == WriteMode::kUnlogged;
    const uint64_t failures_before = health_->log_append_failures();
    const rocksdb::Status status = db_->Write(options, &rocks.raw());
    if (!status.ok()) return failed_write(status, failures_before);
    // RocksDB answers OK only after its sync; a failure seen elsewhere meanwhile must not be lost.
    if (mode == WriteMode::kSynced && sync_failed()) return outcome_unknown();
    return {};
}

Status RocksEngine::sync() {
    // A synced batch that holds no more than the log's tag instead of SyncWAL, which in 7.8.3 does
    // not look whether the log has failed before and aborts the process on a log that has.
    RocksBatch batch(families_);
    return write(batch, WriteMode::kSynced);
}

Status RocksEngine::flush(std::span<const KeySpace> spaces) {
    DEED_RETURN_IF_ERROR(refuse_writes());
    if (disk_full_.load(std::memory_order_relaxed)) DEED_RETURN_IF_ERROR(resume_after_disk_full());
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    families.reserve(spaces.size());
    for (const KeySpace space : spaces) families.push_back(family(space));
    const uint64_t failures_before = health_->log_append_failures();
    // Now and then 7.8.3 answers OK while it recovers from a full disk, and has written nothing.
    // Row spaces have one writer, who waits here, so what is left in their memory was not flushed.
    constexpr int kTries = 3;
    for (int i = 0; i < kTries; ++i) {
        const rocksdb::Status status = db_->Flush(rocksdb::FlushOptions(), families);
        if (!status.ok()) return failed_write(status, failures_before);
        if (rows_in_memory(spaces) == 0) return {};
    }
    return Error(ErrorCode::kDiskFull, "FLUSH_INCOMPLETE",
                 "rows could not be written to tables; the log keeps what they hold. Free space on "
                 "the disk of the data directory");
}

uint64_t RocksEngine::rows_in_memory(std::span<const KeySpace> spaces) const {
    uint64_t rows = 0;
    for (const KeySpace space : spaces) {
        if (space != KeySpace::kNode && space != KeySpace::kEdge) continue;
        uint64_t active = 0;
        uint64_t waiting = 0;
        db_->GetIntProperty(family(space), rocksdb::DB::Properties::kNumEntriesActiveMemTable,
                            &active);
        db_->GetIntProperty(family(space), rocksdb::DB::Properties::kNumImmutableMemTable,
                            &waiting);
        rows += active + waiting;
    }
    return rows;
}

Result<std::string> RocksEngine::get(KeySpace space, std::string_view key) const {
    std::string value;
    const rocksdb::Status status =
        db_->Get(rocksdb::ReadOptions(), family(space), slice(key), &value);
    if (!status.ok()) return reading_error(status, "reading a row");
    return value;
}

uint64_t number_at(const Slice& key) {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; ++i)
        number = number << 8 | (i < key.size() ? static_cast<uint8_t>(key[i]) : 0U);
    return number;
}

std::string key_at(uint64_t number) {
    std::string key(8, '\0');
    for (size_t i = 8; i-- > 0; number >>= 8) key[i] = static_cast<char>(number & 0xFF);
    return key;
}

std::vector<KeyRange> RocksEngine::split(KeySpace space, uint32_t parts) const {
    std::vector<KeyRange> ranges(1);
    const std::unique_ptr<rocksdb::Iterator> iterator(
        db_->NewIterator(rocksdb::ReadOptions(), family(space)));
    iterator->SeekToFirst();
    if (parts < 2 || !iterator->Valid()) return ranges;
    const uint64_t first = number_at(iterator->key());
    iterator->SeekToLast();
    if (!iterator->Valid()) return ranges;
    const uint64_t last = number_at(iterator->key());

    // The span of keys in equal steps, each weighed by the tables' statistics, then joined to
    // parts.
    const uint64_t steps = std::min<uint64_t>(uint64_t{parts} * 32, last - first) + 1;
    std::vector<std::string> bounds;
    bounds.reserve(steps + 1);
    for (uint64_t i = 0; i < steps; ++i) {
        const uint64_t span = last - first;
        const uint64_t offset = span / steps * i + span % steps * i / steps;
        bounds.push_back(key_at(first + offset));
    }
    bounds.push_back(key_at(last == UINT64_MAX ? last : last + 1));
    std::vector<rocksdb::Range> spans;
    spans.reserve(steps);
    for (uint64_t i = 0; i < steps; ++i) spans.emplace_back(bounds[i], bounds[i + 1]);
    std::vector<uint64_t> sizes(steps, 0);
    rocksdb::SizeApproximationOptions options;
    options.include_memtables = true;
    options.include_files = true;
    if (!db_->GetApproximateSizes(options, family(space), spans.data(), static_cast<int>(steps),
                                  sizes.data())
             .ok())
        return ranges;

    // One byte for each step, so that empty statistics still make equal parts.
    uint64_t total = 0;
    for (uint64_t& size : sizes) total += ++size;
    uint64_t sum = 0;
    for (uint64_t i = 0; i + 1 < steps; ++i) {
        sum += sizes[i];
        if (sum >= total * ranges.size() / parts && ranges.size() < parts) {
            ranges.back().end = bounds[i + 1];
            ranges.push_back({bounds[i + 1], {}});
        }
    }
    return ranges;
}

Status RocksEngine::ingest(KeySpace space, const std::vector<std::string>& files) {
    DEED_RETURN_IF_ERROR(refuse_writes());
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.failed_move_fall_back_to_copy = true;
    options.write_global_seqno = false;
    const rocksdb::Status status = db_->IngestExternalFile(family(space), files, options);
    if (!status.ok()) return rocks_error(status, "taking over tables");
    return {};
}

uint64_t RocksEngine::disk_bytes() const {
    std::vector<rocksdb::FileAttributes> files;
    const IOStatus status = env_->GetFileSystem()->GetChildrenFileAttributes(
        options_.directory, rocksdb::IOOptions(), &files, nullptr);
    uint64_t bytes = 0;
    if (!status.ok()) return bytes;
    for (const auto& file : files) bytes += file.size_bytes;
    return bytes;
}

uint64_t RocksEngine::wal_bytes() const {
    rocksdb::VectorLogPtr files;
    uint64_t bytes = 0;
    if (!db_->GetSortedWalFiles(files).ok()) return bytes;
    for (const auto& file : files) bytes += file->SizeFileBytes();
    return bytes;
}

Status RocksEngine::close() {
    if (!db_) return {};
    for (auto*& handle : families_) {
        if (handle == nullptr) continue;
        const rocksdb::Status destroyed = db_->DestroyColumnFamilyHandle(handle);
        if (!destroyed.ok()) log()->warn("rocksdb: {}", destroyed.ToString());
        handle = nullptr;
    }
    const rocksdb::Status status = db_->Close();
    db_.reset();
    if (!status.ok()) return rocks_error(status, "closing the store");
    return {};
}

class RocksEngineFactory : public KvEngineFactory {
 public:
    explicit RocksEngineFactory(std::shared_ptr<rocksdb::FileSystem> files)
        : files_(files ? std::move(files) : rocksdb::FileSystem::Default()) {}

    Result<std::unique_ptr<KvEngine>> open(const KvOpenOptions& options) override;
    Result<bool> exists(const std::string& directory) override;
    Result<std::optional<KvLogDamage>> scan_log(const std::string& directory,
                                                KvLogVisitor& visitor) override;
    Result<std::string> read_file(const std::string& path) override {
        return read_whole(path, 1ULL << 20);
    }
    Status replace_file(const std::string& path, std::string_view bytes) override;

 private:
    Result<std::string> read_whole(const std::string& path, uint64_t bytes_max);
    Result<std::vector<std::string>> children(const std::string& directory);

    std::shared_ptr<rocksdb::FileSystem> files_;
};

Result<std::unique_ptr<KvEngine>> RocksEngineFactory::open(const KvOpenOptions& options) {
    auto health = std::make_shared<DiskHealth>();
    std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(watch_files(files_, health));
    const rocksdb::DBOptions db_options = rocks_db_options(options, env.get());
    const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(options.block_cache_bytes);
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (int i = 0; i < kKeySpaces; ++i) {
        const auto space = static_cast<KeySpace>(i);
        descriptors.emplace_back(rocks_space_name(space),
                                 rocks_space_options(space, options.block_cache_bytes,
                                                     options.write_buffer_bytes, cache));
    }
    if (options.create_if_missing) {
        const IOStatus made =
            files_->CreateDirIfMissing(options.directory, rocksdb::IOOptions(), nullptr);
        if (!made.ok()) return rocks_error(made, "creating " + options.directory);
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status status =
        options.read_only
            ? rocksdb::DB::OpenForReadOnly(db_options, options.directory, descriptors, &handles,
                                           &raw)
            : rocksdb::DB::Open(db_options, options.directory, descriptors, &handles, &raw);
    std::unique_ptr<rocksdb::DB> db(raw);
    if (!status.ok()) return rocks_error(status, "opening the store");
    Families families{};
    std::copy(handles.begin(), handles.end(), families.begin());
    return std::unique_ptr<KvEngine>(std::make_unique<RocksEngine>(
        std::move(env), std::move(health), std::move(db), families, options));
}

Result<std::vector<std::string>> RocksEngineFactory::children(const std::string& directory) {
    std::vector<std::string> names;
    const IOStatus status = files_->GetChildren(directory, rocksdb::IOOptions(), &names, nullptr);
    if (status.IsNotFound() || status.IsPathNotFound()) return std::vector<std::string>{};
    if (!status.ok()) return rocks_error(status, "listing " + directory);
    std::sort(names.begin(), names.end());
    return names;
}

Result<bool> RocksEngineFactory::exists(const std::string& directory) {
    DEED_ASSIGN_OR_RETURN(const std::vector<std::string> names, children(directory));
    bool holds_data = false;
    for (const std::string& name : names) {
        if (name == "CURRENT") return true;
        holds_data = holds_data || name.ends_with(".sst") || name.ends_with(".log");
    }
    // RocksDB would make an empty database here and remove what it does not know.
    if (holds_data)
        return Error(ErrorCode::kCorruption, "FILE_MISSING",
                     directory + "/CURRENT is missing although there are data files beside it");
    return false;
}

Result<std::string> RocksEngineFactory::read_whole(const std::string& path, uint64_t bytes_max) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    IOStatus status = files_->NewSequentialFile(path, rocksdb::FileOptions(), &file, nullptr);
    if (status.IsNotFound() || status.IsPathNotFound())
        return Error(ErrorCode::kNotFound, "FILE_NOT_FOUND", path + " does not exist");
    if (!status.ok()) return rocks_error(status, "opening " + path);
    std::string bytes;
    std::string piece(256 * 1024, '\0');
    while (true) {
        Slice got;
        status = file->Read(piece.size(), rocksdb::IOOptions(), &got, piece.data(), nullptr);
        if (!status.ok()) return rocks_error(status, "reading " + path);
        if (got.empty()) return bytes;
        bytes.append(got.data(), got.size());
        if (bytes.size() > bytes_max)
            return Error(ErrorCode::kLimitExceeded, "FILE_TOO_LONG",
                         path + " is longer than it can be");
    }
}

Status RocksEngineFactory::replace_file(const std::string& path, std::string_view bytes) {
    const std::string draft = path + ".new";
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const rocksdb::IOOptions io;
    IOStatus status = files_->NewWritableFile(draft, rocksdb::FileOptions(), &file, nullptr);
    if (status.ok()) status = file->Append(slice(bytes), io, nullptr);
    if (status.ok()) status = file->Sync(io, nullptr);
    if (status.ok()) status = file->Close(io, nullptr);
    if (status.ok()) status = files_->RenameFile(draft, path, io, nullptr);
    std::unique_ptr<rocksdb::FSDirectory> directory;
    const std::string parent = path.substr(0, path.rfind('/'));
    if (status.ok()) status = files_->NewDirectory(parent, io, &directory, nullptr);
    if (status.ok()) status = directory->Fsync(io, nullptr);
    if (!status.ok()) return rocks_error(status, "replacing " + path);
    return {};
}

Result<std::optional<KvLogDamage>> RocksEngineFactory::scan_log(const std::string& directory,
                                                                KvLogVisitor& visitor) {
    DEED_ASSIGN_OR_RETURN(const std::vector<std::string> names, children(directory));
    std::optional<KvLogDamage> first;
    // Names are numbers of at least six digits; longer ones are larger.
    std::vector<std::string> logs;
    for (const std::string& name : names)
        if (name.ends_with(".log")) logs.push_back(name);
    std::sort(logs.begin(), logs.end(), [](const std::string& a, const std::string& b) {
        return std::pair(a.size(), std::string_view(a)) < std::pair(b.size(), std::string_view(b));
    });
    uint64_t newest = 0;
    for (const std::string& name : logs) {
        const std::string path = directory + "/" + name;
        DEED_ASSIGN_OR_RETURN(const std::string bytes, read_whole(path, UINT64_MAX));
        const WalScan scan = scan_wal(bytes);
        visitor.on_file(path, scan.bytes, scan.intact);
        if (scan.damage_offset && !first)
            first = KvLogDamage{path, *scan.damage_offset, scan.damage, scan.out_of_order};
        // Behind a damage a newer file may rightly begin again with smaller numbers, when the rest
        // of the log had been dropped by the opening before.
        if (scan.first_sequence != 0 && scan.first_sequence < newest && !first)
            first = KvLogDamage{path, 0, "its records are older than those of the file before it",
                                true};
        newest = std::max(newest, scan.last_sequence);
    }
    return first;
}

}  // namespace

std::unique_ptr<KvEngineFactory> rocks_engine_factory(std::shared_ptr<rocksdb::FileSystem> files) {
    return std::make_unique<RocksEngineFactory>(std::move(files));
}

}  // namespace deed::storage
