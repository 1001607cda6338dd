#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <rocksdb/file_system.h>
#include <set>
#include <string>
#include <vector>

namespace deed::crash {

/// What can be made to fail.
enum class Operation : uint8_t { kCreate, kAppend, kSync, kSyncDirectory, kRename, kRemove, kRead };

/// The n-th matching call fails, once or from then on for ever.
struct Fault {
    Operation operation = Operation::kSync;
    uint64_t nth = 0;  // 0: none
    bool forever = false;
    bool no_space = false;    // ENOSPC instead of EIO
    std::string name_ends{};  // only files whose name ends so
};

/// A disk in memory that can lose its power. It keeps apart what has been written and what has been
/// synced, for file contents and for directory entries (creating, renaming, removing), and decides
/// by a seed what of the unsynced rest is still there afterwards.
///
/// After a sync that failed, the bytes that it was for are never made durable by a later one: that
/// is what Linux does with dirty pages after an error.
///
/// Thread safety: all methods from any thread. Lifetime: no file is open during `power_cycle`.
class PowerFs : public rocksdb::FileSystemWrapper {
 public:
    /// `root` and everything above it always exist.
    explicit PowerFs(std::string root);

    // --- what goes wrong
    // ----------------------------------------------------------------------------
    /// Takes the power away when so many more operations have been begun; 0: never.
    void power_off_after(uint64_t operations);
    [[nodiscard]] bool off() const;
    /// Operations that change something, since the last power cycle.
    [[nodiscard]] uint64_t operations() const;
    /// The power is back: what was durable is there, of the rest a random part.
    void power_cycle(uint64_t seed);
    void inject(Fault fault);
    [[nodiscard]] bool fault_hit() const;
    /// Appends fail with ENOSPC once files hold so many bytes; 0: no limit.
    void limit_capacity(uint64_t bytes);
    /// A disk that lies: sync says OK and does nothing. For control runs that must lose data.
    void lie_about_sync(bool lie);

    // --- the files themselves
    // -------------------------------------------------------------------------
    using Image = std::map<std::string, std::string>;  // path to contents
    [[nodiscard]] Image image() const;
    /// All of it durable.
    void restore(const Image& image);

    static const char* kClassName() { return "DeedPowerFs"; }
    const char* Name() const override { return kClassName(); }
    rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                        rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext*) override;
    rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result,
                                         rocksdb::IODebugContext*) override;
    rocksdb::IOStatus ReuseWritableFile(const std::string&, const std::string&,
                                        const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*,
                                        rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions&,
                                   std::unique_ptr<rocksdb::FSDirectory>* result,
                                   rocksdb::IODebugContext*) override;
    rocksdb::IOStatus FileExists(const std::string& path, const rocksdb::IOOptions&,
                                 rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetChildren(const std::string& path, const rocksdb::IOOptions&,
                                  std::vector<std::string>* result,
                                  rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetChildrenFileAttributes(const std::string& path,
                                                const rocksdb::IOOptions& options,
                                                std::vector<rocksdb::FileAttributes>* result,
                                                rocksdb::IODebugContext* context) override;
    rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions&,
                                 rocksdb::IODebugContext*) override;
    rocksdb::IOStatus Truncate(const std::string& path, size_t size, const rocksdb::IOOptions&,
                               rocksdb::IODebugContext*) override;
    rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions&,
                                rocksdb::IODebugContext*) override;
    rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions&,
                                         rocksdb::IODebugContext*) override;
    rocksdb::IOStatus DeleteDir(const std::string& path, const rocksdb::IOOptions&,
                                rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions&,
                                  uint64_t* size, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetFileModificationTime(const std::string& path, const rocksdb::IOOptions&,
                                              uint64_t* time, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions&,
                               rocksdb::FileLock** lock, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions&,
                                 rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetAbsolutePath(const std::string& path, const rocksdb::IOOptions&,
                                      std::string* result, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions&, bool* result,
                                  rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions&,
                                   uint64_t* bytes, rocksdb::IODebugContext*) override;

 private:
    friend class PowerFile;
    friend class PowerReader;
    friend class PowerDirectory;

    struct Inode {
        std::string data;
        size_t durable = 0;  // so many bytes survive
        bool stuck = false;  // a sync failed: the rest never becomes durable
    };
    using InodePtr = std::shared_ptr<Inode>;
    using Entries = std::map<std::string, InodePtr>;  // nullptr: a directory

    // One change of a directory that is not durable yet.
    struct Change {
        std::string removed;  // empty: nothing
        std::string added;    // empty: nothing
        InodePtr inode;
    };

    // All of these REQUIRE mutex_ held.
    rocksdb::IOStatus begin(Operation operation, const std::string& path);
    void change(Change change);
    static void apply(const Change& change, Entries& entries);
    [[nodiscard]] InodePtr find(const std::string& path) const;
    [[nodiscard]] uint64_t used() const;
    void keep_some(std::vector<Change>& changes, std::mt19937_64& random);
    static void lose_some(Inode& inode, std::mt19937_64& random);

    mutable std::mutex mutex_;
    std::string root_;
    Entries entries_;                                     // as everyone sees it
    Entries durable_;                                     // as it is on the disk for certain
    std::map<std::string, std::vector<Change>> pending_;  // by directory, in order
    uint64_t operations_ = 0;
    uint64_t off_at_ = 0;
    bool off_ = false;
    Fault fault_;
    uint64_t fault_calls_ = 0;
    bool fault_hit_ = false;
    uint64_t capacity_ = 0;
    bool lie_ = false;
};

}  // namespace deed::crash
