#include "engine/storage/internal/rocks_options.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <thread>

#include "engine/base/log.h"

namespace deed::storage {

namespace {

// RocksDB's own messages join the process's log, so that no LOG files pile up in the directory.
class ForwardingLogger : public rocksdb::Logger {
 public:
    ForwardingLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override { write(format, arguments, false); }
    void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
        if (level < GetInfoLogLevel()) return;
        write(format, arguments, level >= rocksdb::InfoLogLevel::ERROR_LEVEL);
    }

 private:
    static void write(const char* format, va_list arguments, bool error) {
        char line[1024];
        // The format comes from RocksDB's sources, never from data.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        std::vsnprintf(line, sizeof(line), format, arguments);
#pragma GCC diagnostic pop
        if (error) {
            log()->warn("rocksdb: {}", line);
        } else {
            log()->debug("rocksdb: {}", line);
        }
    }
};

}  // namespace

rocksdb::DBOptions rocks_db_options(const KvOpenOptions& options, rocksdb::Env* env) {
    rocksdb::DBOptions db;
    db.env = env;
    db.create_if_missing = options.create_if_missing;
    db.create_missing_column_families = options.create_if_missing;
    db.info_log = std::make_shared<ForwardingLogger>();
    db.paranoid_checks = true;
    db.wal_recovery_mode = options.damaged_tail == DamagedTail::kDrop
                               ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                               : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // Off: with 7.8.3 a SyncWAL makes the verification refuse a good log (fixed in 7.10).
    db.track_and_verify_wals_in_manifest = false;
    db.verify_sst_unique_id_in_manifest = true;
    db.recycle_log_file_num = 0;
    db.wal_compression = rocksdb::kNoCompression;
    db.manual_wal_flush = false;
    // A failed sync must never be papered over by a retry in the background.
    db.max_bgerror_resume_count = 0;
    db.max_background_jobs =
        static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 2U, 8U));
    db.max_subcompactions = 1;
    db.max_total_wal_size = std::max<uint64_t>(4 * options.write_buffer_bytes, 64ULL << 20);
    db.bytes_per_sync = 1ULL << 20;
    // Unlogged rows are folded again from the log after a restart: nothing to save at close.
    db.avoid_flush_during_shutdown = true;
    db.avoid_unnecessary_blocking_io = true;
    db.max_open_files = -1;
    db.max_file_opening_threads = db.max_background_jobs;
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
    return db;
}

rocksdb::ColumnFamilyOptions rocks_space_options(KeySpace space, uint64_t block_cache_bytes,
                                                 uint64_t write_buffer_bytes,
                                                 std::shared_ptr<rocksdb::Cache> cache) {
    rocksdb::BlockBasedTableOptions table;
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3;
    table.block_cache = cache ? std::move(cache) : rocksdb::NewLRUCache(block_cache_bytes);
    // Index and filters outside the cache make point reads a quarter faster and can never be pushed
    // out by a scan.
    table.cache_index_and_filter_blocks = false;
    table.block_size = space == KeySpace::kEdge ? 16 * 1024 : 8 * 1024;
    if (space == KeySpace::kNode || space == KeySpace::kEdge) {
        table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        table.whole_key_filtering = true;
    }

    rocksdb::ColumnFamilyOptions family;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    family.compaction_style = rocksdb::kCompactionStyleLevel;
    family.compression = rocksdb::kLZ4Compression;
    family.bottommost_compression = rocksdb::kZSTD;
    family.force_consistency_checks = true;
    family.memtable_protection_bytes_per_key = 8;
    family.write_buffer_size = write_buffer_bytes;
    family.max_write_buffer_number = 3;
    family.level_compaction_dynamic_level_bytes = true;
    return family;
}

const std::string& rocks_space_name(KeySpace space) {
    static const std::string names[kKeySpaces] = {"default", "log", "node", "edge"};
    return names[static_cast<size_t>(space)];
}

}  // namespace deed::storage
