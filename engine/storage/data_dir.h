#pragma once

#include <string>

#include "engine/base/result.h"

namespace deed::storage {

/// The data directory while this process owns it: made with mode 0700 if it may be, refused when
/// everyone may write to it or when it holds files but no database, and locked by LOCK.deed, which
/// holds the owner's process id.
///
/// Thread safety: one thread. Lifetime: the lock is given up by the destructor, and by the system
/// however the process ends.
class DataDir {
 public:
    struct Options {
        std::string path;
        bool create_if_missing = true;
        bool read_only = false;
    };
    /// LOCK_HELD names the process that owns it; NOT_FOUND; FAILED_PRECONDITION
    /// (DATA_DIR_OPEN_TO_ALL, DATA_DIR_FOREIGN).
    static Result<DataDir> acquire(const Options& options);
    /// Whether a process of ours has written to the directory.
    static bool is_ours(const std::string& path);
    DataDir(DataDir&& other) noexcept;
    DataDir& operator=(DataDir&& other) noexcept;
    ~DataDir();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string engine_path() const { return path_ + "/rocks"; }
    [[nodiscard]] std::string watermark_path() const { return path_ + "/WATERMARK"; }
    /// Where a bulk import builds its store; what lies there when a process takes the directory
    /// over was left by an import that was interrupted, and is removed.
    [[nodiscard]] std::string import_path() const { return path_ + "/import.tmp"; }

 private:
    DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::string path_;
    int lock_ = -1;
};

}  // namespace deed::storage
