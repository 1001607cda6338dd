#include "tests/crash/powerfs/power_fs.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace deed::crash {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

std::string clean(std::string path) {
    for (size_t at = path.find("//"); at != std::string::npos; at = path.find("//"))
        path.erase(at, 1);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

class PowerLock : public rocksdb::FileLock {};

uint64_t below(std::mt19937_64& random, uint64_t end) {
    return end == 0 ? 0 : std::uniform_int_distribution<uint64_t>(0, end - 1)(random);
}

}  // namespace

class PowerFile : public rocksdb::FSWritableFile {
 public:
    PowerFile(PowerFs* fs, std::string path, PowerFs::InodePtr inode)
        : fs_(fs), path_(std::move(path)), inode_(std::move(inode)) {}

    using rocksdb::FSWritableFile::Append;
    IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(fs_->mutex_);
        IOStatus status = fs_->begin(Operation::kAppend, path_);
        if (!status.ok()) return status;
        size_t size = data.size();
        if (fs_->capacity_ > 0) {
            const uint64_t used = fs_->used();
            size = std::min<uint64_t>(size, fs_->capacity_ > used ? fs_->capacity_ - used : 0);
        }
        inode_->data.append(data.data(), size);
        if (size < data.size()) return IOStatus::NoSpace("the disk is full: ", path_);
        return IOStatus::OK();
    }
    IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(fs_->mutex_);
        inode_->data.resize(size);
        inode_->durable = std::min(inode_->durable, inode_->data.size());
        return IOStatus::OK();
    }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(fs_->mutex_);
        IOStatus status = fs_->begin(Operation::kSync, path_);
        if (!status.ok()) {
            inode_->stuck = inode_->stuck || inode_->durable < inode_->data.size();
            return status;
        }
        if (!fs_->lie_ && !inode_->stuck) inode_->durable = inode_->data.size();
        return IOStatus::OK();
    }
    bool IsSyncThreadSafe() const override { return true; }
    uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(fs_->mutex_);
        return inode_->data.size();
    }

 private:
    PowerFs* fs_;
    std::string path_;
    PowerFs::InodePtr inode_;
};

class PowerReader : public rocksdb::FSRandomAccessFile, public rocksdb::FSSequentialFile {
 public:
    PowerReader(PowerFs* fs, std::string path, PowerFs::InodePtr inode)
        : fs_(fs), path_(std::move(path)), inode_(std::move(inode)) {}

    IOStatus Read(uint64_t offset, size_t size, const IOOptions&, Slice* result, char* scratch,
                  IODebugContext*) const override {
        return read(offset, size, result, scratch);
    }
    IOStatus Read(size_t size, const IOOptions&, Slice* result, char* scratch,
                  IODebugContext*) override {
        IOStatus status = read(at_, size, result, scratch);
        if (status.ok()) at_ += result->size();
        return status;
    }
    IOStatus Skip(uint64_t size) override {
        at_ += size;
        return IOStatus::OK();
    }
    IOStatus InvalidateCache(size_t, size_t) override { return IOStatus::OK(); }

 private:
    IOStatus read(uint64_t offset, size_t size, Slice* result, char* scratch) const {
        const std::lock_guard lock(fs_->mutex_);
        IOStatus status = fs_->begin(Operation::kRead, path_);
        if (!status.ok()) return status;
        const std::string& data = inode_->data;
        const size_t begin = std::min<uint64_t>(offset, data.size());
        const size_t got = std::min(size, data.size() - begin);
        std::memcpy(scratch, data.data() + begin, got);
        *result = Slice(scratch, got);
        return IOStatus::OK();
    }

    PowerFs* fs_;
    std::string path_;
    PowerFs::InodePtr inode_;
    uint64_t at_ = 0;
};

class PowerDirectory : public rocksdb::FSDirectory {
 public:
    PowerDirectory(PowerFs* fs, std::string path) : fs_(fs), path_(std::move(path)) {}

    IOStatus Fsync(const IOOptions&, IODebugContext*) override {
        const std::lock_guard lock(fs_->mutex_);
        IOStatus status = fs_->begin(Operation::kSyncDirectory, path_);
        if (!status.ok() || fs_->lie_) return status;
        for (const auto& change : fs_->pending_[path_]) PowerFs::apply(change, fs_->durable_);
        fs_->pending_[path_].clear();
        return IOStatus::OK();
    }

 private:
    PowerFs* fs_;
    std::string path_;
};

PowerFs::PowerFs(std::string root)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), root_(clean(std::move(root))) {
    entries_[root_] = nullptr;
    durable_[root_] = nullptr;
}

void PowerFs::power_off_after(uint64_t operations) {
    const std::lock_guard lock(mutex_);
    off_at_ = operations == 0 ? 0 : operations_ + operations;
}

bool PowerFs::off() const {
    const std::lock_guard lock(mutex_);
    return off_;
}

uint64_t PowerFs::operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
}

void PowerFs::inject(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
    fault_calls_ = 0;
    fault_hit_ = false;
}

bool PowerFs::fault_hit() const {
    const std::lock_guard lock(mutex_);
    return fault_hit_;
}

void PowerFs::limit_capacity(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    capacity_ = bytes;
}

void PowerFs::lie_about_sync(bool lie) {
    const std::lock_guard lock(mutex_);
    lie_ = lie;
}

PowerFs::Image PowerFs::image() const {
    const std::lock_guard lock(mutex_);
    Image image;
    for (const auto& [path, inode] : entries_)
        if (inode) image[path] = inode->data;
    return image;
}

void PowerFs::restore(const Image& image) {
    const std::lock_guard lock(mutex_);
    entries_.clear();
    entries_[root_] = nullptr;
    pending_.clear();
    for (const auto& [path, data] : image) {
        entries_[parent_of(path)] = nullptr;
        entries_[path] = std::make_shared<Inode>(Inode{data, data.size(), false});
    }
    durable_ = entries_;
    operations_ = 0;
    off_ = false;
    off_at_ = 0;
    fault_ = {};
}

IOStatus PowerFs::begin(Operation operation, const std::string& path) {
    if (operation != Operation::kRead) {
        ++operations_;
        if (off_at_ != 0 && operations_ >= off_at_) off_ = true;
        if (off_) return IOStatus::IOError("the power is off: ", path);
    }
    if (fault_.nth == 0 || fault_.operation != operation || !path.ends_with(fault_.name_ends))
        return IOStatus::OK();
    ++fault_calls_;
    if (fault_calls_ != fault_.nth && !(fault_.forever && fault_calls_ > fault_.nth))
        return IOStatus::OK();
    fault_hit_ = true;
    if (fault_.no_space) return IOStatus::NoSpace("injected: ", path);
    return IOStatus::IOError("injected: ", path);
}

void PowerFs::apply(const Change& change, Entries& entries) {
    if (!change.removed.empty()) entries.erase(change.removed);
    if (!change.added.empty()) entries[change.added] = change.inode;
}

void PowerFs::change(Change change) {
    apply(change, entries_);
    const std::string& name = change.added.empty() ? change.removed : change.added;
    pending_[parent_of(name)].push_back(std::move(change));
}

PowerFs::InodePtr PowerFs::find(const std::string& path) const {
    const auto found = entries_.find(clean(path));
    return found == entries_.end() ? nullptr : found->second;
}

uint64_t PowerFs::used() const {
    uint64_t bytes = 0;
    for (const auto& [path, inode] : entries_)
        if (inode) bytes += inode->data.size();
    return bytes;
}

// A journalling file system keeps a prefix of the changes; POSIX promises not even that.
void PowerFs::keep_some(std::vector<Change>& changes, std::mt19937_64& random) {
    const uint64_t how = below(random, 8);
    if (how == 0) {
        for (const Change& change : changes)
            if (below(random, 2) == 0) apply(change, durable_);
        return;
    }
    size_t kept = changes.size();
    if (how == 1) kept = 0;
    if (how > 3) kept = below(random, changes.size() + 1);
    for (size_t i = 0; i < kept; ++i) apply(changes[i], durable_);
}

void PowerFs::lose_some(Inode& inode, std::mt19937_64& random) {
    const size_t size = inode.data.size();
    const size_t unsynced = size - inode.durable;
    const size_t page = below(random, 2) == 0 ? 512 : 4096;
    size_t kept = size;
    const uint64_t how = below(random, 8);
    if (how == 0) kept = inode.durable;
    if (how == 1 || how == 2) kept = inode.durable + below(random, unsynced + 1);
    if (how == 3)
        kept = std::max(inode.durable, (inode.durable + below(random, unsynced + 1)) / page * page);
    if (how >= 5) {
        // Pages reach the disk in any order: some of them are still what was there before, zeros.
        if (how == 5) kept = inode.durable + below(random, unsynced + 1);
        for (size_t at = inode.durable / page * page; at < kept; at += page) {
            if (below(random, 3) != 0) continue;
            const size_t begin = std::max(at, inode.durable);
            const size_t end = std::min(at + page, kept);
            std::fill(inode.data.begin() + static_cast<ptrdiff_t>(begin),
                      inode.data.begin() + static_cast<ptrdiff_t>(end), '\0');
        }
    }
    inode.data.resize(kept);
    inode.durable = kept;
    inode.stuck = false;
}

void PowerFs::power_cycle(uint64_t seed) {
    const std::lock_guard lock(mutex_);
    std::mt19937_64 random(seed);
    for (auto& [directory, changes] : pending_) keep_some(changes, random);
    pending_.clear();
    // What lies in a directory that was lost is lost with it.
    std::erase_if(durable_, [&](const auto& entry) {
        return entry.first != root_ && !durable_.contains(parent_of(entry.first));
    });
    std::set<Inode*> seen;
    for (auto& [path, inode] : durable_)
        if (inode && seen.insert(inode.get()).second) lose_some(*inode, random);
    entries_ = durable_;
    operations_ = 0;
    off_ = false;
    off_at_ = 0;
}

IOStatus PowerFs::NewSequentialFile(const std::string& path, const FileOptions&,
                                    std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                    IODebugContext*) {
    const std::lock_guard lock(mutex_);
    const InodePtr inode = find(path);
    if (!inode) return IOStatus::PathNotFound(path);
    *result = std::make_unique<PowerReader>(this, path, inode);
    return IOStatus::OK();
}

IOStatus PowerFs::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                      std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                      IODebugContext*) {
    const std::lock_guard lock(mutex_);
    const InodePtr inode = find(path);
    if (!inode) return IOStatus::PathNotFound(path);
    *result = std::make_unique<PowerReader>(this, path, inode);
    return IOStatus::OK();
}

IOStatus PowerFs::NewWritableFile(const std::string& path, const FileOptions&,
                                  std::unique_ptr<rocksdb::FSWritableFile>* result,
                                  IODebugContext*) {
    const std::lock_guard lock(mutex_);
    IOStatus status = begin(Operation::kCreate, path);
    if (!status.ok()) return status;
    if (!entries_.contains(parent_of(clean(path)))) return IOStatus::PathNotFound(path);
    auto inode = std::make_shared<Inode>();
    change({.removed = {}, .added = clean(path), .inode = inode});
    *result = std::make_unique<PowerFile>(this, path, std::move(inode));
    return IOStatus::OK();
}

IOStatus PowerFs::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* result,
                                     IODebugContext* context) {
    {
        const std::lock_guard lock(mutex_);
        if (const InodePtr inode = find(path)) {
            *result = std::make_unique<PowerFile>(this, path, inode);
            return IOStatus::OK();
        }
    }
    return NewWritableFile(path, options, result, context);
}

IOStatus PowerFs::ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
    return IOStatus::NotSupported("files are never used again");
}

IOStatus PowerFs::NewDirectory(const std::string& path, const IOOptions&,
                               std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(clean(path))) return IOStatus::PathNotFound(path);
    *result = std::make_unique<PowerDirectory>(this, clean(path));
    return IOStatus::OK();
}

IOStatus PowerFs::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    return entries_.contains(clean(path)) ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus PowerFs::GetChildren(const std::string& path, const IOOptions&,
                              std::vector<std::string>* result, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    result->clear();
    const std::string directory = clean(path);
    if (!entries_.contains(directory)) return IOStatus::NotFound(path);
    for (const auto& [name, inode] : entries_)
        if (name != directory && parent_of(name) == directory)
            result->push_back(name.substr(directory.size() + 1));
    return IOStatus::OK();
}

IOStatus PowerFs::GetChildrenFileAttributes(const std::string& path, const IOOptions& options,
                                            std::vector<rocksdb::FileAttributes>* result,
                                            IODebugContext* context) {
    // Not the wrapper's, which would ask the file system underneath.
    return FileSystem::GetChildrenFileAttributes(path, options, result, context);
}

IOStatus PowerFs::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    IOStatus status = begin(Operation::kRemove, path);
    if (!status.ok()) return status;
    if (!find(path)) return IOStatus::PathNotFound(path);
    change({.removed = clean(path), .added = {}, .inode = nullptr});
    return IOStatus::OK();
}

IOStatus PowerFs::Truncate(const std::string& path, size_t size, const IOOptions&,
                           IODebugContext*) {
    const std::lock_guard lock(mutex_);
    const InodePtr inode = find(path);
    if (!inode) return IOStatus::PathNotFound(path);
    inode->data.resize(size);
    inode->durable = std::min(inode->durable, size);
    return IOStatus::OK();
}

IOStatus PowerFs::CreateDir(const std::string& path, const IOOptions&, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    IOStatus status = begin(Operation::kCreate, path);
    if (!status.ok()) return status;
    if (entries_.contains(clean(path))) return IOStatus::IOError("exists: ", path);
    change({.removed = {}, .added = clean(path), .inode = nullptr});
    return IOStatus::OK();
}

IOStatus PowerFs::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                     IODebugContext* context) {
    {
        const std::lock_guard lock(mutex_);
        if (entries_.contains(clean(path))) return IOStatus::OK();
    }
    return CreateDir(path, options, context);
}

IOStatus PowerFs::DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) {
    const std::lock_guard lock(mutex_);
    change({.removed = clean(path), .added = {}, .inode = nullptr});
    return IOStatus::OK();
}

IOStatus PowerFs::GetFileSize(const std::string& path, const IOOptions&, uint64_t* size,
                              IODebugContext*) {
    const std::lock_guard lock(mutex_);
    const InodePtr inode = find(path);
    if (!inode) return IOStatus::PathNotFound(path);
    *size = inode->data.size();
    return IOStatus::OK();
}

IOStatus PowerFs::GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time,
                                          IODebugContext*) {
    *time = 0;
    return IOStatus::OK();
}

IOStatus PowerFs::RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                             IODebugContext*) {
    const std::lock_guard lock(mutex_);
    IOStatus status = begin(Operation::kRename, to);
    if (!status.ok()) return status;
    InodePtr inode = find(from);
    if (!inode) return IOStatus::PathNotFound(from);
    change({.removed = clean(from), .added = clean(to), .inode = std::move(inode)});
    return IOStatus::OK();
}

IOStatus PowerFs::LinkFile(const std::string& from, const std::string& to, const IOOptions&,
                           IODebugContext*) {
    const std::lock_guard lock(mutex_);
    IOStatus status = begin(Operation::kCreate, to);
    if (!status.ok()) return status;
    InodePtr inode = find(from);
    if (!inode) return IOStatus::PathNotFound(from);
    change({.removed = {}, .added = clean(to), .inode = std::move(inode)});
    return IOStatus::OK();
}

IOStatus PowerFs::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                           IODebugContext*) {
    *lock = new PowerLock;
    return IOStatus::OK();
}

IOStatus PowerFs::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) {
    delete lock;
    return IOStatus::OK();
}

IOStatus PowerFs::GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result,
                                  IODebugContext*) {
    *result = path;
    return IOStatus::OK();
}

IOStatus PowerFs::IsDirectory(const std::string& path, const IOOptions&, bool* result,
                              IODebugContext*) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(clean(path));
    if (found == entries_.end()) return IOStatus::PathNotFound(path);
    *result = found->second == nullptr;
    return IOStatus::OK();
}

IOStatus PowerFs::GetFreeSpace(const std::string&, const IOOptions&, uint64_t* bytes,
                               IODebugContext*) {
    const std::lock_guard lock(mutex_);
    *bytes = capacity_ == 0 ? UINT64_MAX : capacity_ - std::min(capacity_, used());
    return IOStatus::OK();
}

}  // namespace deed::crash
