#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

/// Bytes that must be readable behind the end of what a RowScanner is given; it loads whole blocks.
inline constexpr size_t kScanPadding = 64;

/// One field of a row. `quoted` fields are already without their quotes; `text` lives until the
/// next call of `RowScanner::next`.
struct Field {
    std::string_view text;
    uint32_t column = 0;  // byte in the line where it begins, from 1
    bool quoted = false;
};

/// Why a line is no row, or a row no entity.
struct Fault {
    std::string reason;   // stable word, "IMPORT_UNTERMINATED_QUOTE"
    std::string message;  // what is wrong and what to do
    uint32_t column = 1;  // byte in the line, from 1
    std::string field;    // the column's name in the header, or empty
};

/// Cuts bytes into rows of fields as RFC 4180 says, with quotes, doubled quotes, LF and CR LF.
///
/// Sixty-four bytes at a time are compared with delimiter, quote and line feed at once; what comes
/// out is a bit mask whose set bits are walked, so that bytes inside fields are never looked at.
///
/// Thread safety: one thread. Lifetime: the bytes must outlive the scanner. REQUIRES: kScanPadding
/// readable bytes behind the last one.
/// Invariants: a fault costs one row; scanning goes on with the next line.
class RowScanner {
 public:
    enum class Outcome : uint8_t { kRow, kFault, kEnd };

    RowScanner(std::string_view bytes, const CsvDialect& dialect);

    /// The next row that is not an empty line. On kFault `fault()` says why; the line is skipped.
    Outcome next(std::vector<Field>& fields);

    [[nodiscard]] const Fault& fault() const { return fault_; }
    /// The line on which the last row or fault began, from 0 at the start of the bytes.
    [[nodiscard]] uint64_t line() const { return row_line_; }
    /// Lines ended so far.
    [[nodiscard]] uint64_t lines() const { return line_; }
    /// The bytes of the last row or fault, without its line end.
    [[nodiscard]] std::string_view row_bytes() const {
        return {row_begin_, static_cast<size_t>(row_end_ - row_begin_)};
    }
    /// Where the next row begins, in bytes from the start.
    [[nodiscard]] size_t offset() const { return static_cast<size_t>(next_begin_ - begin_); }
    /// True once a byte above 127 (`high`) or a NUL has been seen; until then fields need no check.
    [[nodiscard]] bool seen_high() const { return seen_high_ != 0; }
    [[nodiscard]] bool seen_nul() const { return seen_nul_ != 0; }

 private:
    const char* next_structural();
    void load_block();
    Outcome quoted_field(const char* open, std::vector<Field>& fields, const char*& field_begin,
                         bool& row_ended);
    Outcome end_fault(const char* at, std::string reason, std::string message, bool at_line_end);
    void finish_row(const char* line_end);
    void skip_line();

    const char* begin_;
    const char* end_;
    const char* block_;  // first byte of the block that `mask_` describes
    const char* row_begin_;
    const char* row_end_;
    const char* next_begin_;
    uint64_t mask_ = 0;
    uint64_t seen_high_ = 0;
    uint64_t seen_nul_ = 0;
    uint64_t line_ = 0;
    uint64_t row_line_ = 0;
    CsvDialect dialect_;
    Fault fault_;
    std::deque<std::string> unescaped_;  // fields of this row that held doubled quotes
    size_t unescaped_used_ = 0;
};

/// Where the last whole record of `bytes` ends (behind its line feed), honouring quotes that span
/// lines; 0 where there is none. Used to cut streams where a line feed alone does not end a record.
size_t last_record_end(std::string_view bytes, const CsvDialect& dialect);

/// Line feeds in `bytes`.
uint64_t count_lines(std::string_view bytes);

}  // namespace deed::storage::importer
