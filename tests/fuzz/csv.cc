// Any bytes as a CSV file: rows and fields stay inside the bytes, every line ends, and cutting the
// bytes at any record end gives the same rows.
#include "engine/storage/import/csv.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/storage/import/convert.h"
#include "engine/storage/import/header.h"

namespace importer = deed::storage::importer;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// All fields, each with its length, and faults: equal for equal rows.
std::string rows_of(std::string_view bytes, const importer::CsvDialect& dialect) {
    std::string padded(bytes);
    padded.append(importer::kScanPadding, '\n');
    importer::RowScanner scanner(std::string_view(padded).substr(0, bytes.size()), dialect);
    std::vector<importer::Field> fields;
    std::string out;
    size_t offset = 0;
    for (;;) {
        const auto outcome = scanner.next(fields);
        if (outcome == importer::RowScanner::Outcome::kEnd) break;
        require(scanner.offset() > offset && scanner.offset() <= bytes.size());
        offset = scanner.offset();
        if (outcome == importer::RowScanner::Outcome::kFault) {
            out += "!" + scanner.fault().reason;
            continue;
        }
        require(!fields.empty());
        for (const importer::Field& field : fields) {
            require(field.text.size() <= bytes.size());
            out += std::to_string(field.text.size()) + ":" + std::string(field.text);
        }
        out += ";";
    }
    return out;
}

void convert_all(std::string_view bytes) {
    static const std::vector<std::string> kColumns = {
        "p",          "p:int",    "p:double",
        "p:boolean",  "p:char",   "p:point",
        "p:date",     "p:time",   "p:datetime{timezone:Europe/Berlin}",
        "p:duration", "p:long[]", "p:string[]"};
    for (const std::string& text : kColumns) {
        const std::vector<importer::Field> fields = {{text, 1, false}};
        const auto header =
            importer::parse_header(fields, importer::EntityKind::kNode, false, "fuzz:1");
        require(header.ok());
        const importer::Converter converter(&header->columns[0], {});
        deed::value::Value value;
        importer::Fault fault;
        converter.convert({bytes, 1, true}, false, value, fault);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    importer::CsvDialect dialect;
    dialect.multiline_fields = (data[0] & 1U) != 0;
    dialect.quoting = (data[0] & 2U) == 0;
    if ((data[0] & 4U) != 0) dialect.delimiter = '|';
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = rows_of(bytes, dialect);
    const size_t cut = importer::last_record_end(bytes.substr(0, bytes.size() / 2), dialect);
    require(cut <= bytes.size() / 2);
    require(rows_of(bytes.substr(0, cut), dialect) + rows_of(bytes.substr(cut), dialect) == whole);
    std::vector<importer::Field> fields;
    std::string padded(bytes);
    padded.append(importer::kScanPadding, ' ');
    importer::RowScanner scanner(std::string_view(padded).substr(0, bytes.size()), dialect);
    if (scanner.next(fields) == importer::RowScanner::Outcome::kRow) {
        (void)importer::parse_header(fields, importer::EntityKind::kNode, false, "fuzz:1").ok();
        (void)importer::parse_header(fields, importer::EntityKind::kRelationship, true, "fuzz:1")
            .ok();
    }
    convert_all(bytes.substr(0, 200));
    return 0;
}
