#include "engine/storage/import/internal/input.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>

#include "engine/storage/import/convert.h"
#include "engine/storage/import/internal/byte_stream.h"
#include "engine/storage/import/internal/numbers.h"
#include "engine/storage/import/internal/paths.h"

namespace deed::storage::importer {

namespace {

constexpr size_t kHeadBytes = 1ULL << 20;
constexpr size_t kSampleRows = 1000;
constexpr size_t kReadOn = 64ULL << 10;

Error input_error(std::string reason, std::string message) {
    return {ErrorCode::kInvalidArgument, std::move(reason), std::move(message), "files"};
}

Error too_long(std::string_view path) {
    return input_error(
        "IMPORT_LINE_TOO_LONG",
        fmt::format("{}: a line is longer than {} MiB; a closing quote or a line end "
                    "is missing",
                    path, kLineBytesMax >> 20));
}

void reserve(Chunk& chunk, size_t bytes, size_t keep) {
    if (chunk.buffer_bytes >= bytes + kScanPadding) return;
    auto larger = std::make_unique_for_overwrite<char[]>(bytes + kScanPadding);
    if (keep > 0) std::memcpy(larger.get(), chunk.buffer.get(), keep);
    chunk.buffer = std::move(larger);
    chunk.buffer_bytes = bytes + kScanPadding;
}

/// What stands at the begin of a file.
struct Head {
    InputFile file;
    std::string bytes;   // from the begin on, at most kHeadBytes
    bool whole = false;  // it is the whole file
};

Status check_encoding(const Head& head) {
    const std::string_view bytes = head.bytes;
    if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
        return input_error(
            "IMPORT_NOT_UTF8",
            fmt::format("{}: the file is UTF-16; convert it: iconv -f utf-16 -t utf-8",
                        head.file.path));
    if (bytes.find('\n') == std::string_view::npos && bytes.find('\r') + 1 < bytes.size() &&
        bytes.find('\r') != std::string_view::npos)
        return input_error("IMPORT_LINE_ENDS",
                           fmt::format("{}: lines end with carriage returns alone; convert the "
                                       "file: tr '\\r' '\\n'",
                                       head.file.path));
    return {};
}

Result<Head> read_head(const std::string& path, const CsvDialect& dialect) {
    Head head;
    head.file.path = path;
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        return Error(ErrorCode::kNotFound, "IMPORT_FILE_NOT_FOUND",
                     fmt::format("{}: {}", path, std::generic_category().message(errno)), "files");
    if (S_ISDIR(info.st_mode))
        return input_error("IMPORT_IS_DIRECTORY",
                           fmt::format("{}: is a directory; name the files in it, for example "
                                       "'{}/*.csv'",
                                       path, path));
    head.file.reopens = S_ISREG(info.st_mode);
    head.file.bytes = head.file.reopens ? static_cast<uint64_t>(info.st_size) : 0;
    DEED_ASSIGN_OR_RETURN(auto stream, ByteStream::open(path));
    head.bytes.resize(kHeadBytes);
    DEED_ASSIGN_OR_RETURN(const size_t got, stream->read(head.bytes.data(), kHeadBytes));
    head.bytes.resize(got);
    head.whole = got < kHeadBytes;
    if (head.file.reopens) {
        char magic[2] = {};
        DEED_ASSIGN_OR_RETURN(auto raw, OpenFile::open(path));
        DEED_ASSIGN_OR_RETURN(const size_t bytes, raw->read_at(0, magic, 2));
        const bool gzip = bytes == 2 && magic[0] == '\x1f' && magic[1] == '\x8b';
        head.file.streamed = gzip || (dialect.multiline_fields && dialect.quoting);
    } else {
        stream->unread(head.bytes);
        head.file.stream = std::move(stream);
        head.file.streamed = true;
    }
    DEED_RETURN_IF_ERROR(check_encoding(head));
    if (head.bytes.starts_with("\xEF\xBB\xBF")) head.file.data_begin = 3;
    return head;
}

/// The rows at the head of a file, `count` at most; a row that is cut off is not among them.
struct HeadRows {
    std::vector<std::vector<std::string>> rows;
    std::vector<Field> first;    // of the first row; views into `padded`
    std::optional<Fault> fault;  // of the first row
    size_t first_end = 0;        // where the first row ends
    uint64_t first_lines = 0;    // lines up to there
    std::string padded;
};

void read_rows(const Head& head, const CsvDialect& dialect, size_t count, HeadRows& out) {
    out.padded = head.bytes.substr(head.file.data_begin);
    if (!head.whole) out.padded.resize(last_record_end(out.padded, dialect));
    const size_t bytes = out.padded.size();
    out.padded.append(kScanPadding, '\0');
    RowScanner scanner(std::string_view(out.padded).substr(0, bytes), dialect);
    std::vector<Field> fields;
    while (out.rows.size() < count) {
        const RowScanner::Outcome outcome = scanner.next(fields);
        if (outcome == RowScanner::Outcome::kEnd) break;
        const bool first = out.rows.empty() && !out.fault;
        if (outcome == RowScanner::Outcome::kFault) {
            if (first) out.fault = scanner.fault();
            if (count == 1) break;
            continue;
        }
        if (first) {
            out.first_end = head.file.data_begin + scanner.offset();
            out.first_lines = scanner.lines();
        }
        std::vector<std::string>& row = out.rows.emplace_back();
        for (const Field& field : fields) row.emplace_back(field.text);
        if (count == 1) {
            out.first = fields;
            // The texts must outlive the scanner, which owns those that held doubled quotes.
            for (size_t i = 0; i < fields.size(); ++i) out.first[i].text = row[i];
        }
    }
}

/// The header given with --header that is meant for this kind of entity, or nullptr.
const std::string* given_header(const ImportOptions& options, EntityKind entity) {
    for (const std::string& text : options.headers) {
        const bool relationships = text.find(":START_ID") != std::string::npos ||
                                   text.find(":END_ID") != std::string::npos;
        if (relationships == (entity == EntityKind::kRelationship)) return &text;
    }
    return nullptr;
}

Result<Header> parse_given_header(const std::string& text, EntityKind entity, bool type_given,
                                  const CsvDialect& dialect) {
    CsvDialect own = dialect;
    if (text.find(dialect.delimiter) == std::string::npos) own.delimiter = ',';
    std::string padded = text;
    padded.append(kScanPadding, '\0');
    RowScanner scanner(std::string_view(padded).substr(0, text.size()), own);
    std::vector<Field> fields;
    if (scanner.next(fields) != RowScanner::Outcome::kRow)
        return input_error("IMPORT_HEADER",
                           fmt::format("--header: \"{}\" is no header line", text));
    return parse_header(fields, entity, type_given, "--header");
}

Error no_header_line(const Head& head, const HeadRows& rows) {
    if (rows.fault)
        return input_error(rows.fault->reason,
                           fmt::format("{}:1:{}: the header: {}", head.file.path,
                                       rows.fault->column, rows.fault->message));
    if (head.bytes.empty())
        return input_error("IMPORT_HEADER",
                           fmt::format("{}: the file is empty; its first line must be the header. "
                                       "Give --no-header for files that have none",
                                       head.file.path));
    if (head.whole)
        return input_error("IMPORT_HEADER",
                           fmt::format("{}: there is no header line", head.file.path));
    return input_error("IMPORT_HEADER",
                       fmt::format("{}: the first line is longer than {} MiB and cannot be a "
                                   "header; is it the right file?",
                                   head.file.path, kHeadBytes >> 20));
}

Status header_from_first_file(std::vector<Head>& heads, EntityKind entity,
                              const ImportOptions& options, InputSet& set) {
    HeadRows first;
    read_rows(heads[0], options.dialect, 1, first);
    if (first.rows.empty()) return no_header_line(heads[0], first);
    DEED_ASSIGN_OR_RETURN(set.header, parse_header(first.first, entity, !set.names.empty(),
                                                   fmt::format("{}:1", heads[0].file.path)));
    heads[0].file.data_begin = first.first_end;
    heads[0].file.data_line = first.first_lines + 1;
    for (size_t i = 1; options.auto_skip_subsequent_headers && i < heads.size(); ++i) {
        HeadRows rows;
        read_rows(heads[i], options.dialect, 1, rows);
        if (rows.rows != first.rows) continue;
        heads[i].file.data_begin = rows.first_end;
        heads[i].file.data_line = rows.first_lines + 1;
    }
    return {};
}

Status header_of_set(std::vector<Head>& heads, EntityKind entity, const ImportOptions& options,
                     InputSet& set) {
    if (const std::string* given = given_header(options, entity)) {
        DEED_ASSIGN_OR_RETURN(
            set.header, parse_given_header(*given, entity, !set.names.empty(), options.dialect));
        return {};
    }
    if (!options.no_header) return header_from_first_file(heads, entity, options, set);
    HeadRows rows;
    for (const Head& head : heads) {
        rows = HeadRows();
        read_rows(head, options.dialect, kSampleRows, rows);
        if (!rows.rows.empty()) break;
    }
    set.bare = true;
    DEED_ASSIGN_OR_RETURN(set.header,
                          header_of_bare_files(rows.rows, entity, !set.names.empty(),
                                               fmt::format("{}:1", heads[0].file.path)));
    return {};
}

}  // namespace

Result<InputSet> open_input(const InputGroup& group, EntityKind entity,
                            const ImportOptions& options) {
    InputSet set;
    set.names = group.names;
    std::vector<Head> heads;
    for (const std::string& name : group.files) {
        DEED_ASSIGN_OR_RETURN(const auto paths, expand_path(name, options.path_patterns));
        for (const std::string& path : paths) {
            DEED_ASSIGN_OR_RETURN(Head head, read_head(path, options.dialect));
            heads.push_back(std::move(head));
        }
    }
    if (heads.empty())
        return input_error("IMPORT_NO_FILES", "a group of files is empty; name at least one file");
    DEED_RETURN_IF_ERROR(header_of_set(heads, entity, options, set));
    for (Head& head : heads) set.files.push_back(std::move(head.file));
    return set;
}

ChunkReader::ChunkReader(const std::vector<InputSet>& sets, const CsvDialect& dialect)
    : sets_(sets), dialect_(dialect) {
    for (const InputSet& set : sets) {
        for (const InputFile& file : set.files) bytes_total_ += file.bytes;
    }
}

ChunkReader::~ChunkReader() = default;

uint64_t ChunkReader::bytes_done() const {
    const std::lock_guard lock(mutex_);
    return bytes_done_ + (stream_ ? stream_->disk_position() : 0);
}

uint64_t ChunkReader::bytes_read() const {
    const std::lock_guard lock(mutex_);
    return bytes_read_;
}

void ChunkReader::next_file() {
    if (stream_) bytes_done_ += sets_[set_].files[file_].bytes;
    opened_ = false;
    plain_.reset();
    stream_.reset();
    rest_.clear();
    ++file_;
    while (set_ < sets_.size() && file_ >= sets_[set_].files.size()) {
        ++set_;
        file_ = 0;
    }
}

Status ChunkReader::open_current() {
    const InputFile& file = sets_[set_].files[file_];
    opened_ = true;
    position_ = file.data_begin;
    if (!file.streamed) {
        DEED_ASSIGN_OR_RETURN(plain_, OpenFile::open(file.path));
        bytes_done_ += std::min(position_, file.bytes);
        return {};
    }
    if (file.stream) {
        stream_ = file.stream;
    } else {
        DEED_ASSIGN_OR_RETURN(stream_, ByteStream::open(file.path));
    }
    std::string skipped(file.data_begin, '\0');
    DEED_ASSIGN_OR_RETURN(const size_t got, stream_->read(skipped.data(), skipped.size()));
    if (got < skipped.size())
        return Error(ErrorCode::kIoError, "IMPORT_READ",
                     fmt::format("{}: the file has become shorter", file.path));
    return {};
}

/// Cuts the next chunk off the current stream. `ended`: it was the last.
Status ChunkReader::read_stream(Chunk& chunk, bool& ended) {
    const std::string& path = sets_[set_].files[file_].path;
    size_t have = rest_.size();
    size_t want = std::max(kChunkBytes, have * 2);
    reserve(chunk, want, 0);
    std::memcpy(chunk.buffer.get(), rest_.data(), have);
    for (;;) {
        DEED_ASSIGN_OR_RETURN(const size_t got,
                              stream_->read(chunk.buffer.get() + have, want - have));
        have += got;
        ended = have < want;
        const std::string_view bytes(chunk.buffer.get(), have);
        const size_t end = ended ? have : last_record_end(bytes, dialect_);
        if (end > 0 || ended) {
            rest_.assign(bytes.substr(end));
            chunk.bytes = bytes.substr(0, end);
            return {};
        }
        if (have >= kLineBytesMax) return too_long(path);
        want = have * 2;
        reserve(chunk, want, have);
    }
}

/// Decides what the next chunk is; reads it too where that cannot be done side by side.
Status ChunkReader::claim(Chunk& chunk, Range& range, bool& done, bool& filled) {
    const std::lock_guard lock(mutex_);
    chunk.sequence = sequence_;
    if (failed_ || set_ >= sets_.size()) {
        done = true;
        return {};
    }
    ++sequence_;
    chunk.set = set_;
    chunk.file = file_;
    const InputFile& file = sets_[set_].files[file_];
    if (!opened_) {
        Status opened = open_current();
        if (!opened.ok()) {
            failed_ = true;
            return opened;
        }
    }
    if (file.streamed) {
        bool ended = false;
        Status read = read_stream(chunk, ended);
        failed_ = !read.ok();
        bytes_read_ += chunk.bytes.size();
        if (ended) next_file();
        filled = true;
        return read;
    }
    range = {plain_, position_, std::min(file.bytes, position_ + kChunkBytes), file.data_begin,
             file.bytes};
    position_ = range.end;
    bytes_done_ += range.end - std::min(range.begin, range.end);
    bytes_read_ += range.end - std::min(range.begin, range.end);
    if (position_ >= file.bytes) next_file();
    return {};
}

/// Reads the lines that *begin* in the range; the last may end behind it.
Status ChunkReader::read_range(const Range& range, const std::string& path, Chunk& chunk) {
    chunk.bytes = {};
    if (range.begin >= range.end) return {};
    // One byte more in front tells whether a line begins at the range's begin.
    const bool first = range.begin == range.data_begin;
    const uint64_t from = first ? range.begin : range.begin - 1;
    size_t have = range.end - from;
    reserve(chunk, have + kReadOn, 0);
    DEED_ASSIGN_OR_RETURN(size_t got, range.file->read_at(from, chunk.buffer.get(), have));
    if (got < have)
        return Error(ErrorCode::kIoError, "IMPORT_READ",
                     fmt::format("{}: the file has become shorter", path));
    size_t begin = 0;
    if (!first) {
        const std::string_view bytes(chunk.buffer.get(), have - 1);
        const size_t line_feed = bytes.find('\n');
        if (line_feed == std::string_view::npos) return {};  // the middle of one long line
        begin = line_feed + 1;
    }
    size_t end = 0;
    if (chunk.buffer[have - 1] == '\n') {
        end = have;
    }
    while (end == 0) {
        if (from + have >= range.file_bytes) {
            end = have;
            break;
        }
        if (have - begin > kLineBytesMax) return too_long(path);
        const size_t more = std::min<uint64_t>(std::max(kReadOn, (have - begin) / 2),
                                               range.file_bytes - from - have);
        reserve(chunk, have + more, have);
        DEED_ASSIGN_OR_RETURN(got,
                              range.file->read_at(from + have, chunk.buffer.get() + have, more));
        const std::string_view fresh(chunk.buffer.get() + have, got);
        if (const size_t at = fresh.find('\n'); at != std::string_view::npos) end = have + at + 1;
        if (got < more && end == 0) end = have + got;
        have += got;
    }
    chunk.bytes = std::string_view(chunk.buffer.get() + begin, end - begin);
    return {};
}

Result<bool> ChunkReader::next(Chunk& chunk) {
    Range range;
    bool done = false;
    bool filled = false;
    chunk.bytes = {};
    DEED_RETURN_IF_ERROR(claim(chunk, range, done, filled));
    if (done) return false;
    if (!filled)
        DEED_RETURN_IF_ERROR(read_range(range, sets_[chunk.set].files[chunk.file].path, chunk));
    return true;
}

}  // namespace deed::storage::importer
