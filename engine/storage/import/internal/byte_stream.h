#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace deed::storage::importer {

/// Reads a file from its begin on, uncompressing gzip on the way.
///
/// Thread safety: one thread at a time.
class ByteStream {
 public:
    static Result<std::shared_ptr<ByteStream>> open(const std::string& path);
    ~ByteStream();
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// At most `bytes`; fewer only at the end. IO_ERROR, INVALID_ARGUMENT (damaged gzip).
    Result<size_t> read(char* to, size_t bytes);
    /// Puts text back, to be read first.
    void unread(std::string text);
    /// Position in the file on disk, for the progress bar.
    [[nodiscard]] uint64_t disk_position() const;

 private:
    ByteStream(std::string path, void* file);

    std::string path_;
    void* file_;  // zlib's gzFile
    std::string pending_;
    size_t pending_used_ = 0;
};

/// A file descriptor that closes itself.
///
/// Thread safety: `read_at` from any thread.
class OpenFile {
 public:
    static Result<std::shared_ptr<OpenFile>> open(const std::string& path);
    ~OpenFile();
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    /// Fewer bytes than asked for only at the end of the file.
    Result<size_t> read_at(uint64_t offset, char* to, size_t bytes) const;

 private:
    OpenFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

    std::string path_;
    int descriptor_;
};

}  // namespace deed::storage::importer
