#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace deed::storage::importer {

/// How the text files are written.
struct CsvDialect {
    char delimiter = ',';
    char array_delimiter = ';';
    char quote = '"';
    bool quoting = true;            // false: no character quotes
    bool multiline_fields = false;  // quoted fields may hold line ends
};

/// What the external ids of nodes are, and what their property is stored as.
enum class IdType : uint8_t {
    kDefault,  // kString where files have headers; without headers integer if all ids are integers
    kString,
    kInteger,
    kActual,  // as kInteger
};

/// Files that share one header; the first may hold nothing but the header.
struct InputGroup {
    std::vector<std::string> names;  // labels of nodes; one type, or none, of relationships
    std::vector<std::string> files;  // as the user wrote them: paths or patterns
};

/// How file names with special characters are understood.
enum class PathPatterns : uint8_t { kGlob, kRegex, kNone };

/// What `deed import` was asked to do. The defaults are those of the command line.
struct ImportOptions {
    std::string data_dir;
    std::vector<InputGroup> nodes;
    std::vector<InputGroup> relationships;

    CsvDialect dialect;
    bool no_header = false;            // the files hold data only; see README.md
    std::vector<std::string> headers;  // headers for files that have none, nodes or relationships
    IdType id_type = IdType::kDefault;
    bool ignore_empty_strings = false;  // "" is an absent property
    bool ignore_extra_columns = false;
    bool trim_strings = false;
    bool normalize_types = true;  // false: check the range of byte, short, int
    bool auto_skip_subsequent_headers = false;
    PathPatterns path_patterns = PathPatterns::kGlob;

    bool skip_duplicate_nodes = false;
    bool skip_bad_relationships = false;
    uint64_t bad_tolerance = 1000;  // for the two above
    uint64_t max_bad = 0;           // for every other fault
    std::string bad_lines;          // file that gets the lines left out; empty: none

    uint32_t threads = 0;       // 0: as many as cores
    uint64_t memory_bytes = 0;  // 0: half of what the machine has free
};

enum class ImportStage : uint8_t { kNodes, kRelationships, kLists, kStore };
std::string_view stage_name(ImportStage stage);

/// Told now and then, from one thread at a time.
struct ImportProgress {
    ImportStage stage = ImportStage::kNodes;
    uint64_t bytes_done = 0;  // of the input (kNodes, kRelationships), or of lists (kLists: nodes)
    uint64_t bytes_total = 0;
    uint64_t nodes = 0;
    uint64_t relationships = 0;
    uint64_t bad = 0;
};

struct StageSeconds {
    double nodes = 0;
    double relationships = 0;
    double lists = 0;
    double store = 0;
};

/// What was imported, and what it cost.
struct ImportSummary {
    uint64_t nodes = 0;
    uint64_t relationships = 0;
    uint64_t properties = 0;
    uint64_t labels = 0;  // different ones
    uint64_t types = 0;
    uint64_t bad = 0;         // lines left out
    uint64_t bytes_read = 0;  // uncompressed
    uint64_t bytes_stored = 0;
    uint64_t bytes_spilled = 0;  // written to temporary files because of `memory_bytes`
    uint64_t memory_peak = 0;    // resident, of the process
    double cpu_seconds = 0;      // of all threads, also where other programs took the machine
    double seconds = 0;
    StageSeconds stages;
};

/// Reads the files and makes a store of them in `options.data_dir`, which must be absent, empty, or
/// hold a store without a graph. What there is afterwards is the whole graph or nothing: it is
/// built beside its place and moved there with one rename. `progress` may be empty.
///
/// Errors: INVALID_ARGUMENT (a bad option, header or line: "file:line:column: what"), NOT_FOUND (a
/// file), ALREADY_EXISTS (a graph is there), LOCK_HELD, LIMIT_EXCEEDED, DISK_FULL, IO_ERROR.
/// Thread safety: one call per data directory at a time; starts and joins its own threads.
Result<ImportSummary> run_import(const ImportOptions& options,
                                 const std::function<void(const ImportProgress&)>& progress = {});

}  // namespace deed::storage::importer
