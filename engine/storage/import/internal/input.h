#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/csv.h"
#include "engine/storage/import/header.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

/// A line longer than this is refused: a quote or a line end is missing somewhere.
inline constexpr size_t kLineBytesMax = 128ULL << 20;
/// What one thread parses at a time.
inline constexpr size_t kChunkBytes = 4ULL << 20;

class ByteStream;
class OpenFile;

/// One input file. Plain files are cut into ranges that threads read on their own; compressed ones,
/// pipes and files with line ends inside fields are streams, cut by one thread at a time.
struct InputFile {
    std::string path;
    uint64_t bytes = 0;       // on disk; 0 for pipes
    uint64_t data_begin = 0;  // behind byte order mark and header
    uint64_t data_line = 1;   // the line on which the data begins
    bool streamed = false;
    bool reopens = true;                 // false: a pipe, which can be read once
    std::shared_ptr<ByteStream> stream;  // of a pipe, which cannot be opened twice
};

/// Files with their common header.
struct InputSet {
    std::vector<std::string> names;  // labels, or one type or none
    Header header;
    std::vector<InputFile> files;
    bool bare = false;  // no header anywhere: the columns were guessed
};

/// Expands patterns, opens every file once and reads the header: whatever can be wrong with names
/// and headers is found before any work is done.
/// Errors: NOT_FOUND, INVALID_ARGUMENT, IO_ERROR; messages name the file.
Result<InputSet> open_input(const InputGroup& group, EntityKind entity,
                            const ImportOptions& options);

/// Some whole lines of one file.
struct Chunk {
    uint64_t sequence = 0;  // from 0, in the order of the input
    uint32_t set = 0;
    uint32_t file = 0;
    std::string_view bytes;  // kScanPadding bytes behind it are readable
    std::unique_ptr<char[]> buffer;
    size_t buffer_bytes = 0;
};

/// Hands out the files of some input sets in chunks.
///
/// Thread safety: any thread. Lifetime: the sets must outlive the reader and stay unchanged.
class ChunkReader {
 public:
    ChunkReader(const std::vector<InputSet>& sets, const CsvDialect& dialect);
    ~ChunkReader();

    /// Fills `chunk`; false at the end. A failure too has its place in the order: `chunk.sequence`
    /// is set.
    Result<bool> next(Chunk& chunk);

    [[nodiscard]] uint64_t bytes_total() const { return bytes_total_; }
    /// Bytes on disk that were handed out, for the progress bar.
    [[nodiscard]] uint64_t bytes_done() const;
    /// Bytes handed out, uncompressed.
    [[nodiscard]] uint64_t bytes_read() const;

 private:
    struct Range {
        std::shared_ptr<OpenFile> file;
        uint64_t begin = 0;
        uint64_t end = 0;
        uint64_t data_begin = 0;
        uint64_t file_bytes = 0;
    };
    Status claim(Chunk& chunk, Range& range, bool& done, bool& filled);
    Status open_current();
    Status read_stream(Chunk& chunk, bool& ended);
    static Status read_range(const Range& range, const std::string& path, Chunk& chunk);
    void next_file();

    const std::vector<InputSet>& sets_;
    CsvDialect dialect_;
    uint64_t bytes_total_ = 0;

    mutable std::mutex mutex_;  // guards what follows
    uint64_t sequence_ = 0;
    uint32_t set_ = 0;
    uint32_t file_ = 0;
    bool opened_ = false;
    uint64_t position_ = 0;
    std::shared_ptr<OpenFile> plain_;
    std::shared_ptr<ByteStream> stream_;
    std::string rest_;  // of a stream: read, but not yet a whole line
    bool failed_ = false;
    uint64_t bytes_done_ = 0;
    uint64_t bytes_read_ = 0;
};

}  // namespace deed::storage::importer
