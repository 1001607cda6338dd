#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <rocksdb/file_system.h>
#include <string>

namespace deed::storage {

/// What has gone wrong on the disk since the engine was opened. RocksDB's status of a failed write
/// does not tell a failed append (the record is absent) from a failed sync (it may or may not be
/// there); which of the two it was is seen here, where the calls are made.
///
/// Thread safety: all methods from any thread.
class DiskHealth {
 public:
    void note_failed_sync(const std::string& file, const rocksdb::IOStatus& status);
    void note_failed_log_append() { log_append_failures_.fetch_add(1, std::memory_order_relaxed); }

    /// Pairs with the release in `note_failed_sync`.
    [[nodiscard]] bool sync_failed() const { return sync_failed_.load(std::memory_order_acquire); }
    /// A count, relaxed: compared by the thread whose own call raised it.
    [[nodiscard]] uint64_t log_append_failures() const {
        return log_append_failures_.load(std::memory_order_relaxed);
    }
    /// "000012.log: Input/output error", of the first failed sync.
    [[nodiscard]] std::string what() const;

 private:
    std::atomic<bool> sync_failed_{false};
    std::atomic<uint64_t> log_append_failures_{0};
    mutable std::mutex mutex_;
    std::string what_;  // guarded by mutex_
};

/// Passes every call on to `target` and notes failures in `health`.
std::shared_ptr<rocksdb::FileSystem> watch_files(std::shared_ptr<rocksdb::FileSystem> target,
                                                 std::shared_ptr<DiskHealth> health);

}  // namespace deed::storage
