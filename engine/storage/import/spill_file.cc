#include "engine/storage/import/internal/spill_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace deed::storage::importer {

namespace {

Error spill_error(std::string_view doing, int number) {
    const bool full = number == ENOSPC || number == EDQUOT;
    return {full ? ErrorCode::kDiskFull : ErrorCode::kIoError,
            full ? "IMPORT_DISK_FULL" : "IMPORT_SPILL",
            fmt::format("{} a temporary file in the data directory: {}{}", doing,
                        std::generic_category().message(number),
                        full ? "; make room, or give more --memory so that less is written" : "")};
}

}  // namespace

Result<std::unique_ptr<SpillFile>> SpillFile::create(const std::string& folder) {
    std::string path = folder + "/spill.XXXXXX";
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return spill_error("making", errno);
    ::unlink(path.c_str());
    return std::unique_ptr<SpillFile>(new SpillFile(descriptor));
}

SpillFile::~SpillFile() {
    ::close(descriptor_);
}

Result<uint64_t> SpillFile::append(const void* bytes, size_t count) {
    const uint64_t offset = end_.fetch_add(count, std::memory_order_relaxed);
    const char* from = static_cast<const char*>(bytes);
    size_t done = 0;
    while (done < count) {
        const ssize_t put =
            ::pwrite(descriptor_, from + done, count - done, static_cast<off_t>(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return spill_error("writing", errno);
        done += static_cast<size_t>(put);
    }
    return offset;
}

Status SpillFile::read(uint64_t offset, void* to, size_t count) const {
    char* into = static_cast<char*>(to);
    size_t done = 0;
    while (done < count) {
        const ssize_t got =
            ::pread(descriptor_, into + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return spill_error("reading", errno);
        if (got == 0) return spill_error("reading", EIO);
        done += static_cast<size_t>(got);
    }
    return {};
}

}  // namespace deed::storage::importer
