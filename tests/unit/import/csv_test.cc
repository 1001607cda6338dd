#include "engine/storage/import/csv.h"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace deed::storage::importer {
namespace {

/// "a|b" per row; quoted fields in parentheses; a fault as "!WORD:column".
std::vector<std::string> scan(const std::string& text, const CsvDialect& dialect = {}) {
    std::string padded = text;
    padded.append(kScanPadding, '\xAA');
    RowScanner scanner(std::string_view(padded).substr(0, text.size()), dialect);
    std::vector<Field> fields;
    std::vector<std::string> rows;
    for (;;) {
        const RowScanner::Outcome outcome = scanner.next(fields);
        if (outcome == RowScanner::Outcome::kEnd) return rows;
        std::string row = std::to_string(scanner.line() + 1) + ": ";
        if (outcome == RowScanner::Outcome::kFault) {
            row += "!" + scanner.fault().reason + ":" + std::to_string(scanner.fault().column);
        } else {
            for (size_t i = 0; i < fields.size(); ++i) {
                if (i > 0) row += "|";
                row += fields[i].quoted ? "(" + std::string(fields[i].text) + ")"
                                        : std::string(fields[i].text);
            }
        }
        rows.push_back(row);
    }
}

using Rows = std::vector<std::string>;

struct Case {
    std::string name;
    std::string text;
    Rows rows;
};

TEST(Csv, ReadsWhatFilesHold) {
    const std::vector<Case> cases = {
        {"nothing", "", {}},
        {"one line feed", "\n", {}},
        {"plain", "a,b\nc,d\n", {"1: a|b", "2: c|d"}},
        {"no last line feed", "a,b\nc,d", {"1: a|b", "2: c|d"}},
        {"windows", "a,b\r\nc,d\r\n", {"1: a|b", "2: c|d"}},
        {"windows, no last line end", "a,b\r\nc,d\r", {"1: a|b", "2: c|d"}},
        {"empty fields", ",,\n", {"1: ||"}},
        {"an empty last field", "a,\n", {"1: a|"}},
        {"an empty last field at the end", "a,", {"1: a|"}},
        {"empty lines count but are no rows", "a\n\n\r\nb\n", {"1: a", "4: b"}},
        {"quotes", "\"a\",\"b\"\n", {"1: (a)|(b)"}},
        {"quoted and empty", "\"\",x\n\"\"\n", {"1: ()|x", "2: ()"}},
        {"a delimiter in quotes", "\"a,b\",c\n", {"1: (a,b)|c"}},
        {"doubled quotes", "\"say \"\"hi\"\"\",\"\"\"\"\n", {"1: (say \"hi\")|(\")"}},
        {"quotes in the middle", "a\"b\",c\"\n", {"1: a\"b\"|c\""}},
        {"quoted, windows", "\"a\"\r\n\"b\"\r\n", {"1: (a)", "2: (b)"}},
        {"quoted at the end", "x,\"a\"", {"1: x|(a)"}},
        {"quoted, carriage return at the end", "\"a\"\r", {"1: (a)"}},
        {"never closed", "a,\"b\nc,d\n", {"1: !IMPORT_UNTERMINATED_QUOTE:3", "2: c|d"}},
        {"never closed at the end", "a,\"b", {"1: !IMPORT_UNTERMINATED_QUOTE:3"}},
        {"text after a quote", "\"a\"x,b\nc,d\n", {"1: !IMPORT_TEXT_AFTER_QUOTE:4", "2: c|d"}},
        {"blank after a quote", "\"a\" ,b\n", {"1: !IMPORT_TEXT_AFTER_QUOTE:4"}},
        {"a carriage return inside", "a\rb,c\n", {"1: a\rb|c"}},
    };
    for (const Case& each : cases) EXPECT_EQ(scan(each.text), each.rows) << each.name;
}

TEST(Csv, ReadsFieldsOverSeveralLinesWhereAsked) {
    CsvDialect dialect;
    dialect.multiline_fields = true;
    EXPECT_EQ(scan("\"a\nb\",c\nd,\"e\r\n\"\nf\n", dialect),
              (Rows{"1: (a\nb)|c", "3: d|(e\r\n)", "5: f"}));
    EXPECT_EQ(scan("\"a\nb", dialect), (Rows{"1: !IMPORT_UNTERMINATED_QUOTE:1"}));
}

TEST(Csv, TakesOtherCharacters) {
    CsvDialect dialect;
    dialect.delimiter = '|';
    dialect.quote = '\'';
    EXPECT_EQ(scan("a|'b|c'|\"d\"\n", dialect), (Rows{"1: a|(b|c)|\"d\""}));
    dialect.quoting = false;
    EXPECT_EQ(scan("a|'b|c'\n", dialect), (Rows{"1: a|'b|c'"}));
}

TEST(Csv, FindsEveryByteAtEveryPlaceOfABlock) {
    // Blocks have 64 bytes; each length puts delimiters and line ends at other places of them.
    for (size_t length = 0; length < 200; ++length) {
        const std::string field(length, 'x');
        const std::string text = field + "," + field + "y\n\"" + field + "\",z\n";
        EXPECT_EQ(scan(text), (Rows{"1: " + field + "|" + field + "y", "2: (" + field + ")|z"}))
            << length;
    }
}

TEST(Csv, DoesNotLookBehindTheEnd) {
    // Padding that looks like data must not be read.
    for (size_t length = 1; length < 130; ++length) {
        std::string padded(length, 'a');
        padded.append(kScanPadding, '\n');
        RowScanner scanner(std::string_view(padded).substr(0, length), {});
        std::vector<Field> fields;
        ASSERT_EQ(scanner.next(fields), RowScanner::Outcome::kRow);
        EXPECT_EQ(fields[0].text.size(), length);
        EXPECT_EQ(scanner.next(fields), RowScanner::Outcome::kEnd);
        EXPECT_FALSE(scanner.seen_high());
    }
}

TEST(Csv, SaysWhereRowsAndFieldsAre) {
    const std::string text = "ab,\"cd\",e\nf\n";
    const std::string padded = text + std::string(kScanPadding, ' ');
    RowScanner scanner(std::string_view(padded).substr(0, text.size()), {});
    std::vector<Field> fields;
    ASSERT_EQ(scanner.next(fields), RowScanner::Outcome::kRow);
    EXPECT_EQ(fields[0].column, 1U);
    EXPECT_EQ(fields[1].column, 4U);
    EXPECT_EQ(fields[2].column, 9U);
    EXPECT_EQ(scanner.row_bytes(), "ab,\"cd\",e");
    EXPECT_EQ(scanner.offset(), 10U);
}

TEST(Csv, NoticesBytesThatMustBeChecked) {
    const std::string ascii = "abc\n" + std::string(kScanPadding, '\xFF');
    RowScanner plain(std::string_view(ascii).substr(0, 4), {});
    EXPECT_FALSE(plain.seen_high());
    EXPECT_FALSE(plain.seen_nul());
    const std::string high = "\xC3\xA9\n" + std::string(kScanPadding, ' ');
    EXPECT_TRUE(RowScanner(std::string_view(high).substr(0, 3), {}).seen_high());
    const std::string nul = std::string("a\0\n", 3) + std::string(kScanPadding, ' ');
    EXPECT_TRUE(RowScanner(std::string_view(nul).substr(0, 3), {}).seen_nul());
}

/// Writes rows as RFC 4180 says; reading them must give them back.
TEST(Csv, GivesBackRandomRows) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::string alphabet = "ab,\"\n\r; \xC3\xA9";
    CsvDialect dialect;
    dialect.multiline_fields = true;
    for (int round = 0; round < 300; ++round) {
        std::vector<std::vector<std::string>> rows(1 + random() % 8);
        std::string text;
        for (auto& row : rows) {
            row.resize(1 + random() % 5);
            for (size_t i = 0; i < row.size(); ++i) {
                std::string doubled;
                for (size_t k = random() % 20; k > 0; --k) {
                    row[i] += alphabet[random() % alphabet.size()];
                    doubled += row[i].back() == '"' ? "\"\"" : std::string(1, row[i].back());
                }
                text += (i > 0 ? "," : "") + ("\"" + doubled + "\"");
            }
            text += random() % 2 == 0 ? "\n" : "\r\n";
        }
        const std::string padded = text + std::string(kScanPadding, '"');
        RowScanner scanner(std::string_view(padded).substr(0, text.size()), dialect);
        std::vector<Field> fields;
        for (const auto& row : rows) {
            ASSERT_EQ(scanner.next(fields), RowScanner::Outcome::kRow) << text;
            ASSERT_EQ(fields.size(), row.size()) << text;
            for (size_t i = 0; i < row.size(); ++i) EXPECT_EQ(fields[i].text, row[i]);
            EXPECT_EQ(last_record_end(std::string_view(text).substr(0, scanner.offset()), dialect),
                      scanner.offset());
        }
        EXPECT_EQ(scanner.next(fields), RowScanner::Outcome::kEnd);
    }
}

TEST(Csv, CutsStreamsBetweenRecords) {
    CsvDialect dialect;
    EXPECT_EQ(last_record_end("a,b\nc,", dialect), 4U);
    EXPECT_EQ(last_record_end("a,b", dialect), 0U);
    EXPECT_EQ(last_record_end("\"a\nb", dialect), 3U);
    dialect.multiline_fields = true;
    EXPECT_EQ(last_record_end("x\n\"a\nb", dialect), 2U);
    EXPECT_EQ(last_record_end("x\n\"a\nb\"\"\n\"\ny", dialect), 11U);
    EXPECT_EQ(last_record_end("it\"s\n\"", dialect), 5U);
}

TEST(Csv, CountsLines) {
    EXPECT_EQ(count_lines(""), 0U);
    EXPECT_EQ(count_lines(std::string(1000, '\n')), 1000U);
    EXPECT_EQ(count_lines("a\nb"), 1U);
}

}  // namespace
}  // namespace deed::storage::importer
