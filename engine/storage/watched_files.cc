#include "engine/storage/internal/watched_files.h"

#include <utility>

namespace deed::storage {

using rocksdb::FileOptions;
using rocksdb::FSDirectory;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

void DiskHealth::note_failed_sync(const std::string& file, const IOStatus& status) {
    const std::lock_guard lock(mutex_);
    if (what_.empty()) what_ = file + ": " + status.ToString();
    sync_failed_.store(true, std::memory_order_release);
}

std::string DiskHealth::what() const {
    const std::lock_guard lock(mutex_);
    return what_;
}

namespace {

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
    WatchedFile(std::unique_ptr<FSWritableFile>&& target, std::string name,
                std::shared_ptr<DiskHealth> health)
        : FSWritableFileOwnerWrapper(std::move(target)),
          name_(std::move(name)),
          log_(name_.ends_with(".log")),
          health_(std::move(health)) {}

    IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
        return appended(FSWritableFileOwnerWrapper::Append(data, options, context));
    }
    IOStatus Append(const Slice& data, const IOOptions& options,
                    const rocksdb::DataVerificationInfo& verification,
                    IODebugContext* context) override {
        return appended(FSWritableFileOwnerWrapper::Append(data, options, verification, context));
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
        return synced(FSWritableFileOwnerWrapper::Sync(options, context));
    }
    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
        return synced(FSWritableFileOwnerWrapper::Fsync(options, context));
    }
    IOStatus RangeSync(uint64_t offset, uint64_t bytes, const IOOptions& options,
                       IODebugContext* context) override {
        return synced(FSWritableFileOwnerWrapper::RangeSync(offset, bytes, options, context));
    }

 private:
    IOStatus appended(IOStatus status) {
        if (!status.ok() && log_) health_->note_failed_log_append();
        return status;
    }
    IOStatus synced(IOStatus status) {
        // A table that finds no space for its last bytes is thrown away and written again; what it
        // would have held is still in the log.
        if (!status.ok() && (log_ || !status.IsNoSpace())) health_->note_failed_sync(name_, status);
        return status;
    }

    std::string name_;
    bool log_;
    std::shared_ptr<DiskHealth> health_;
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
 public:
    WatchedDirectory(std::unique_ptr<FSDirectory>&& target, std::string name,
                     std::shared_ptr<DiskHealth> health)
        : FSDirectoryWrapper(std::move(target)),
          name_(std::move(name)),
          health_(std::move(health)) {}

    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
        return synced(FSDirectoryWrapper::Fsync(options, context));
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                                 const rocksdb::DirFsyncOptions& how) override {
        return synced(FSDirectoryWrapper::FsyncWithDirOptions(options, context, how));
    }

 private:
    IOStatus synced(IOStatus status) {
        if (!status.ok()) health_->note_failed_sync(name_, status);
        return status;
    }

    std::string name_;
    std::shared_ptr<DiskHealth> health_;
};

class WatchedFileSystem : public rocksdb::FileSystemWrapper {
 public:
    WatchedFileSystem(std::shared_ptr<rocksdb::FileSystem> target,
                      std::shared_ptr<DiskHealth> health)
        : FileSystemWrapper(std::move(target)), health_(std::move(health)) {}

    static const char* kClassName() { return "DeedWatchedFileSystem"; }
    const char* Name() const override { return kClassName(); }

    IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<FSWritableFile>* result,
                             IODebugContext* context) override {
        IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, context);
        if (status.ok()) watch(name, result);
        return status;
    }
    IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                                std::unique_ptr<FSWritableFile>* result,
                                IODebugContext* context) override {
        IOStatus status = FileSystemWrapper::ReopenWritableFile(name, options, result, context);
        if (status.ok()) watch(name, result);
        return status;
    }
    IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                               const FileOptions& options, std::unique_ptr<FSWritableFile>* result,
                               IODebugContext* context) override {
        IOStatus status =
            FileSystemWrapper::ReuseWritableFile(name, old_name, options, result, context);
        if (status.ok()) watch(name, result);
        return status;
    }
    IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                          std::unique_ptr<FSDirectory>* result, IODebugContext* context) override {
        IOStatus status = FileSystemWrapper::NewDirectory(name, options, result, context);
        if (status.ok())
            *result = std::make_unique<WatchedDirectory>(std::move(*result), name, health_);
        return status;
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        IODebugContext* context) override {
        // RocksDB 7.8 does not sync the directory between making the tables that a recovery writes
        // and naming, by this rename, the manifest that speaks of them. A file system that keeps
        // the one and loses the other would leave a store that does not open.
        if (to.ends_with("/CURRENT")) {
            std::unique_ptr<FSDirectory> directory;
            const std::string parent = to.substr(0, to.rfind('/'));
            IOStatus status = NewDirectory(parent, options, &directory, context);
            if (status.ok()) status = directory->Fsync(options, context);
            if (!status.ok()) return status;
        }
        return FileSystemWrapper::RenameFile(from, to, options, context);
    }

 private:
    void watch(const std::string& name, std::unique_ptr<FSWritableFile>* result) {
        *result = std::make_unique<WatchedFile>(std::move(*result), name, health_);
    }

    std::shared_ptr<DiskHealth> health_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> watch_files(std::shared_ptr<rocksdb::FileSystem> target,
                                                 std::shared_ptr<DiskHealth> health) {
    return std::make_shared<WatchedFileSystem>(std::move(target), std::move(health));
}

}  // namespace deed::storage
