#include "engine/storage/import/internal/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <zlib.h>

namespace deed::storage::importer {

namespace {

Error read_error(const std::string& path, int number) {
    return {ErrorCode::kIoError, "IMPORT_READ",
            fmt::format("{}: {}", path, std::generic_category().message(number))};
}

Error open_error(const std::string& path, int number) {
    const bool absent = number == ENOENT || number == ENOTDIR;
    return {absent ? ErrorCode::kNotFound : ErrorCode::kIoError,
            absent ? "IMPORT_FILE_NOT_FOUND" : "IMPORT_READ",
            fmt::format("{}: cannot be opened: {}", path, std::generic_category().message(number)),
            "files"};
}

}  // namespace

ByteStream::ByteStream(std::string path, void* file) : path_(std::move(path)), file_(file) {}

ByteStream::~ByteStream() {
    gzclose(static_cast<gzFile>(file_));
}

Result<std::shared_ptr<ByteStream>> ByteStream::open(const std::string& path) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return open_error(path, errno);
    gzbuffer(file, 256U << 10);
    return std::shared_ptr<ByteStream>(new ByteStream(path, file));
}

Result<size_t> ByteStream::read(char* to, size_t bytes) {
    size_t done = 0;
    if (pending_used_ < pending_.size()) {
        done = std::min(bytes, pending_.size() - pending_used_);
        std::memcpy(to, pending_.data() + pending_used_, done);
        pending_used_ += done;
    }
    auto* file = static_cast<gzFile>(file_);
    while (done < bytes) {
        const auto want = static_cast<unsigned>(std::min<size_t>(bytes - done, 1U << 30));
        const int got = gzread(file, to + done, want);
        if (got < 0) {
            int code = 0;
            const char* why = gzerror(file, &code);
            if (code == Z_ERRNO) return read_error(path_, errno);
            return Error(ErrorCode::kInvalidArgument, "IMPORT_GZIP",
                         fmt::format("{}: the compressed data is damaged ({}); test the file with "
                                     "gzip -t",
                                     path_, why));
        }
        if (got == 0) {
            int code = 0;
            gzerror(file, &code);
            if (code == Z_BUF_ERROR)
                return Error(ErrorCode::kInvalidArgument, "IMPORT_GZIP",
                             fmt::format("{}: the compressed data ends too early; the file is not "
                                         "complete",
                                         path_));
            break;
        }
        done += static_cast<size_t>(got);
    }
    return done;
}

void ByteStream::unread(std::string text) {
    text.append(pending_, pending_used_);
    pending_ = std::move(text);
    pending_used_ = 0;
}

uint64_t ByteStream::disk_position() const {
    const z_off_t at = gzoffset(static_cast<gzFile>(file_));
    return at < 0 ? 0 : static_cast<uint64_t>(at);
}

Result<std::shared_ptr<OpenFile>> OpenFile::open(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return open_error(path, errno);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return std::shared_ptr<OpenFile>(new OpenFile(path, descriptor));
}

OpenFile::~OpenFile() {
    ::close(descriptor_);
}

Result<size_t> OpenFile::read_at(uint64_t offset, char* to, size_t bytes) const {
    size_t done = 0;
    while (done < bytes) {
        const ssize_t got =
            ::pread(descriptor_, to + done, bytes - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return read_error(path_, errno);
        if (got == 0) break;
        done += static_cast<size_t>(got);
    }
    return done;
}

}  // namespace deed::storage::importer
