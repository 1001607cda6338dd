#include "engine/storage/data_dir.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "engine/base/log.h"

namespace deed::storage {

namespace {

Error system_error(const std::string& doing, int number) {
    const ErrorCode code =
        number == ENOSPC || number == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kIoError;
    std::string message = doing + ": " + std::strerror(number);
    if (number == EACCES || number == EPERM || number == EROFS)
        message +=
            "; run as the user that owns the directory, or choose another one with --data-dir";
    return {code, code == ErrorCode::kDiskFull ? "DISK_FULL" : "IO_ERROR", std::move(message),
            "data_dir"};
}

// A directory that is new must itself survive a power failure, or everything in it is lost.
Status sync_directory(const std::string& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return system_error("opening " + path, errno);
    const int result = ::fsync(directory);
    const int number = errno;
    ::close(directory);
    if (result != 0) return system_error("syncing " + path, number);
    return {};
}

Status make_directory(const std::string& path) {
    std::error_code failure;
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    std::filesystem::create_directories(parent, failure);
    if (failure) return system_error("creating " + parent.string(), failure.value());
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return system_error("creating " + path, errno);
    return sync_directory(parent.string());
}

// A directory with files in it that are none of ours belongs to somebody else: nothing is written
// there, and its mode is left as it is.
Status refuse_foreign(const DataDir::Options& options, const std::string& path) {
    if (options.read_only || DataDir::is_ours(path)) return {};
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(path, failure), end; entry != end && !failure;
         entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        if (name == "lost+found") continue;  // a file system of its own
        return Error(ErrorCode::kFailedPrecondition, "DATA_DIR_FOREIGN",
                     path + " is no database and not empty (it holds " + name +
                         "); name a directory that is empty or not there yet",
                     "data_dir");
    }
    if (failure) return system_error("listing " + path, failure.value());
    return {};
}

Status check_directory(const std::string& path, bool read_only) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) return system_error("looking at " + path, errno);
    if (!S_ISDIR(facts.st_mode))
        return Error(ErrorCode::kInvalidArgument, "DATA_DIR_NOT_A_DIRECTORY",
                     path + " is not a directory", "data_dir");
    if ((facts.st_mode & S_IWOTH) != 0)
        return Error(ErrorCode::kFailedPrecondition, "DATA_DIR_OPEN_TO_ALL",
                     path +
                         " can be written by every user of this machine; make it the server's "
                         "own first: chmod 0700 " +
                         path,
                     "data_dir");
    if ((facts.st_mode & 0077) != 0 && !read_only && facts.st_uid == ::geteuid()) {
        if (::chmod(path.c_str(), 0700) == 0)
            log()->info("{} was readable by others; its mode is 0700 now", path);
    }
    return {};
}

std::string owner_of(int lock) {
    char text[32] = {};
    const ssize_t size = ::pread(lock, text, sizeof(text) - 1, 0);
    std::string pid(text, size > 0 ? static_cast<size_t>(size) : 0);
    while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
    return pid.empty() ? "another process" : "process " + pid;
}

Result<int> lock_file(const std::string& directory, bool read_only) {
    const std::string path = directory + "/LOCK.deed";
    // A reader leaves nothing behind where there is no database.
    const int create = read_only && !DataDir::is_ours(directory) ? 0 : O_CREAT;
    int lock = ::open(path.c_str(), O_RDWR | create | O_CLOEXEC | O_NOFOLLOW, 0600);
    // A read-only medium holds no writer either.
    if (lock < 0 && read_only && (errno == EROFS || errno == EACCES))
        lock = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (lock < 0 && read_only && errno == ENOENT) return -1;
    if (lock < 0) return system_error("opening " + path, errno);
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const int number = errno;
        const std::string owner = owner_of(lock);
        ::close(lock);
        if (number != EWOULDBLOCK) return system_error("locking " + path, number);
        return Error(
            ErrorCode::kLockHeld, "DATA_DIR_IN_USE",
            directory + " is in use by " + owner + "; a database belongs to one process at a time",
            "data_dir");
    }
    if (read_only) return lock;
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock, 0) != 0 ||
        ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        log()->warn("the process id could not be written to {}", path);
    return lock;
}

}  // namespace

bool DataDir::is_ours(const std::string& path) {
    constexpr const char* kNames[] = {"rocks", "WATERMARK", "LOCK.deed", "import.tmp"};
    return std::any_of(std::begin(kNames), std::end(kNames), [&](const char* name) {
        std::error_code unknown;
        return std::filesystem::exists(path + "/" + name, unknown);
    });
}

Result<DataDir> DataDir::acquire(const Options& options) {
    std::error_code failure;
    std::string path = std::filesystem::absolute(options.path, failure).lexically_normal().string();
    if (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (options.path.empty() || failure)
        return Error(ErrorCode::kInvalidArgument, "DATA_DIR_MISSING",
                     "the data directory has no name", "data_dir");
    // What a database process makes is its own; the mask counts for RocksDB's files too.
    ::umask(0077);
    if (!std::filesystem::exists(path, failure)) {
        if (options.read_only || !options.create_if_missing)
            return Error(ErrorCode::kNotFound, "DATA_DIR_NOT_FOUND", path + " does not exist",
                         "data_dir");
        DEED_RETURN_IF_ERROR(make_directory(path));
    }
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown))
        DEED_RETURN_IF_ERROR(refuse_foreign(options, path));
    DEED_RETURN_IF_ERROR(check_directory(path, options.read_only));
    DEED_ASSIGN_OR_RETURN(const int lock, lock_file(path, options.read_only));
    DataDir directory(std::move(path), lock);
    if (!options.read_only && std::filesystem::exists(directory.import_path(), failure)) {
        std::filesystem::remove_all(directory.import_path(), failure);
        if (failure) return system_error("removing " + directory.import_path(), failure.value());
        log()->warn(
            "{} was left by an import that was interrupted; it has been removed, and nothing "
            "of that import is in the database",
            directory.import_path());
    }
    return directory;
}

DataDir::DataDir(DataDir&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDir& DataDir::operator=(DataDir&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
}

DataDir::~DataDir() {
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace deed::storage
