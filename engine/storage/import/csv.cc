#include "engine/storage/import/csv.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <emmintrin.h>

namespace deed::storage::importer {

namespace {

uint64_t equal_mask(const char* block, __m128i byte) {
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
        const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
        const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(part, byte)));
        mask |= static_cast<uint64_t>(bits) << (16 * i);
    }
    return mask;
}

}  // namespace

RowScanner::RowScanner(std::string_view bytes, const CsvDialect& dialect)
    : begin_(bytes.data()),
      end_(bytes.data() + bytes.size()),
      block_(bytes.data()),
      row_begin_(bytes.data()),
      row_end_(bytes.data()),
      next_begin_(bytes.data()),
      dialect_(dialect) {
    // Without quoting the comparison with the quote finds what is found anyway.
    if (!dialect_.quoting) dialect_.quote = '\n';
    load_block();
}

void RowScanner::load_block() {
    if (block_ >= end_) {
        mask_ = 0;
        return;
    }
    const __m128i delimiter = _mm_set1_epi8(dialect_.delimiter);
    const __m128i quote = _mm_set1_epi8(dialect_.quote);
    const __m128i line_feed = _mm_set1_epi8('\n');
    const __m128i zero = _mm_setzero_si128();
    uint64_t mask = 0;
    uint64_t high = 0;
    uint64_t nul = 0;
    for (int i = 0; i < 4; ++i) {
        const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block_ + 16 * i));
        const __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(part, delimiter), _mm_cmpeq_epi8(part, quote)),
                         _mm_cmpeq_epi8(part, line_feed));
        mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(hit))) << (16 * i);
        high |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(part))) << (16 * i);
        nul |= static_cast<uint64_t>(
                   static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(part, zero))))
               << (16 * i);
    }
    const auto left = static_cast<uint64_t>(end_ - block_);
    if (left < 64) {
        const uint64_t valid = (uint64_t{1} << left) - 1;
        mask &= valid;
        high &= valid;
        nul &= valid;
    }
    mask_ = mask;
    seen_high_ |= high;
    seen_nul_ |= nul;
}

/// The next delimiter, quote or line feed, or the end.
const char* RowScanner::next_structural() {
    while (mask_ == 0) [[unlikely]] {
            if (end_ - block_ <= 64) return end_;
            block_ += 64;
            load_block();
        }
    const char* found = block_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return found;
}

void RowScanner::finish_row(const char* line_end) {
    row_end_ = line_end;
    next_begin_ = line_end;
    if (line_end < end_) {
        ++next_begin_;
        ++line_;
        if (row_end_ > row_begin_ && row_end_[-1] == '\r') --row_end_;
    }
}

void RowScanner::skip_line() {
    const char* at = next_structural();
    while (at < end_ && *at != '\n') at = next_structural();
    finish_row(at);
}

RowScanner::Outcome RowScanner::end_fault(const char* at, std::string reason, std::string message,
                                          bool at_line_end) {
    fault_.reason = std::move(reason);
    fault_.message = std::move(message);
    fault_.column = static_cast<uint32_t>(at - row_begin_) + 1;
    fault_.field.clear();
    if (!at_line_end) skip_line();
    return Outcome::kFault;
}

/// Reads the field whose opening quote is at `open`. On kRow `field_begin` is the begin of the next
/// field, or `row_ended` is set.
RowScanner::Outcome RowScanner::quoted_field(const char* open, std::vector<Field>& fields,
                                             const char*& field_begin, bool& row_ended) {
    const char* part = open + 1;
    std::string* whole = nullptr;
    for (;;) {
        const char* at = next_structural();
        if (at >= end_) {
            finish_row(end_);
            return end_fault(open, "IMPORT_UNTERMINATED_QUOTE",
                             "a quoted field does not end before the end of the file; add the "
                             "closing quote, or set --quote to a character that is not in the data",
                             true);
        }
        if (*at == '\n' && !dialect_.multiline_fields) {
            finish_row(at);
            return end_fault(open, "IMPORT_UNTERMINATED_QUOTE",
                             "a quoted field does not end on its line; add the closing quote, or "
                             "give --multiline-fields if fields may hold line ends",
                             true);
        }
        if (*at == '\n') {
            ++line_;
            continue;
        }
        if (*at != dialect_.quote) continue;
        if (at + 1 < end_ && at[1] == dialect_.quote) {
            next_structural();  // the second of two quotes that stand for one
            if (whole == nullptr) {
                if (unescaped_used_ == unescaped_.size()) unescaped_.emplace_back();
                whole = &unescaped_[unescaped_used_++];
                whole->clear();
            }
            whole->append(part, at + 1);
            part = at + 2;
            continue;
        }
        std::string_view text(part, static_cast<size_t>(at - part));
        if (whole != nullptr) {
            whole->append(text);
            text = *whole;
        }
        fields.push_back({text, static_cast<uint32_t>(open - row_begin_) + 1, true});
        const char* after = at + 1;
        if (after + 1 < end_ && after[0] == '\r' && after[1] == '\n') ++after;
        // A carriage return before the end of a file that lacks its last line feed.
        if (after < end_ && after[0] == '\r' && after + 1 == end_) ++after;
        if (after >= end_ || *after == '\n') {
            next_structural();
            finish_row(std::min(after, end_));
            row_ended = true;
            return Outcome::kRow;
        }
        if (*after != dialect_.delimiter) {
            return end_fault(after, "IMPORT_TEXT_AFTER_QUOTE",
                             "characters follow the closing quote of a field; double each quote "
                             "inside a quoted field, or set --quote to a character not in the data",
                             false);
        }
        next_structural();
        field_begin = after + 1;
        return Outcome::kRow;
    }
}

RowScanner::Outcome RowScanner::next(std::vector<Field>& fields) {
    for (;;) {
        fields.clear();
        unescaped_used_ = 0;
        row_begin_ = next_begin_;
        row_line_ = line_;
        if (row_begin_ >= end_) return Outcome::kEnd;
        const char* field_begin = row_begin_;
        for (;;) {
            const char* at = next_structural();
            if (at < end_ && *at == dialect_.delimiter) [[likely]] {
                fields.push_back({{field_begin, static_cast<size_t>(at - field_begin)},
                                  static_cast<uint32_t>(field_begin - row_begin_) + 1,
                                  false});
                field_begin = at + 1;
                continue;
            }
            if (at >= end_ || *at == '\n') {
                finish_row(at);
                const char* field_end = std::max(field_begin, row_end_);
                if (at >= end_ && field_end > field_begin && field_end[-1] == '\r') --field_end;
                fields.push_back({{field_begin, static_cast<size_t>(field_end - field_begin)},
                                  static_cast<uint32_t>(field_begin - row_begin_) + 1,
                                  false});
                break;
            }
            if (at != field_begin) continue;  // a quote inside an unquoted field is a character
            bool row_ended = false;
            if (quoted_field(at, fields, field_begin, row_ended) == Outcome::kFault)
                return Outcome::kFault;
            if (row_ended) break;
        }
        if (fields.size() == 1 && fields[0].text.empty() && !fields[0].quoted) continue;
        return Outcome::kRow;
    }
}

size_t last_record_end(std::string_view bytes, const CsvDialect& dialect) {
    if (!dialect.multiline_fields || !dialect.quoting) {
        const size_t at = bytes.rfind('\n');
        return at == std::string_view::npos ? 0 : at + 1;
    }
    // A small automaton over the same rules as RowScanner: a quote opens only at a field's begin,
    // and a line with text behind a closing quote is given up up to its end.
    enum class State : uint8_t { kFieldStart, kField, kQuoted, kAfterQuote, kSkipping };
    State state = State::kFieldStart;
    size_t last = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (state == State::kQuoted) {
            if (c != dialect.quote) continue;
            const bool doubled = i + 1 < bytes.size() && bytes[i + 1] == dialect.quote;
            i += doubled ? 1 : 0;
            state = doubled ? State::kQuoted : State::kAfterQuote;
        } else if (c == '\n') {
            last = i + 1;
            state = State::kFieldStart;
        } else if (state == State::kSkipping) {
            continue;
        } else if (c == dialect.delimiter) {
            state = State::kFieldStart;
        } else if (state == State::kAfterQuote) {
            const bool line_end = c == '\r' && i + 1 < bytes.size() && bytes[i + 1] == '\n';
            state = line_end ? State::kAfterQuote : State::kSkipping;
        } else {
            const bool opens = c == dialect.quote && state == State::kFieldStart;
            state = opens ? State::kQuoted : State::kField;
        }
    }
    return last;
}

uint64_t count_lines(std::string_view bytes) {
    const __m128i line_feed = _mm_set1_epi8('\n');
    uint64_t lines = 0;
    size_t i = 0;
    for (; i + 64 <= bytes.size(); i += 64) {
        lines += static_cast<uint64_t>(std::popcount(equal_mask(bytes.data() + i, line_feed)));
    }
    for (; i < bytes.size(); ++i) lines += bytes[i] == '\n' ? 1 : 0;
    return lines;
}

}  // namespace deed::storage::importer
