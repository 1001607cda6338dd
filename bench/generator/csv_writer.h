#pragma once

#include <cstdint>
#include <string>

#include "bench/generator/generator.h"
#include "engine/base/result.h"

namespace deed::bench {

struct CsvOptions {
    std::string directory;  // made if need be
    char delimiter = ',';
    bool properties = false;
};

/// What was written. The checksums (XXH3, 64 bits, of all bytes of a file) tell two graphs apart.
struct CsvSummary {
    uint64_t node_bytes = 0;
    uint64_t edge_bytes = 0;
    uint64_t node_checksum = 0;
    uint64_t edge_checksum = 0;
};

/// Writes `nodes.csv` and `edges.csv` with header lines as neo4j-admin's and Deed's importer read
/// them:
///
///     id:ID,name:string,born:int,score:double,:LABEL
///     :START_ID,:END_ID,:TYPE,since:int,weight:double
///
/// Errors: IO_ERROR, DISK_FULL, INVALID_ARGUMENT (a delimiter that occurs in values).
Result<CsvSummary> write_csv(const Generator& generator, const CsvOptions& options);

}  // namespace deed::bench
