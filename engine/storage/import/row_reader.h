#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/options.h"
#include "engine/value/value.h"

namespace deed::storage::importer {

/// Names to values, as a row has them; no nulls.
using RowProperties = std::vector<std::pair<std::string_view, value::Value>>;

/// Gets the rows of files one by one. Nodes are numbered from 0 in the order of the input. What is
/// passed is valid during the call only. A failure ends the reading.
class RowVisitor {
 public:
    virtual ~RowVisitor() = default;
    virtual Status on_node(std::span<const std::string_view> labels,
                           const RowProperties& properties) = 0;
    /// All nodes have been visited.
    virtual Status on_nodes_end() = 0;
    virtual Status on_relationship(uint64_t start, uint64_t end, std::string_view type,
                                   const RowProperties& properties) = 0;
};

/// What was read.
struct RowSummary {
    uint64_t nodes = 0;
    uint64_t relationships = 0;
    uint64_t properties = 0;
    uint64_t bad = 0;
};

/// Reads the same files in the same way as `run_import`, but hands the rows on instead of making a
/// store: for a server that runs. `options.data_dir`, `threads` and `memory_bytes` are not used.
/// Errors as `run_import`, and the visitor's. Thread safety: uses the caller's thread.
Result<RowSummary> read_rows(const ImportOptions& options, RowVisitor& visitor,
                             const std::function<void(const ImportProgress&)>& progress = {});

}  // namespace deed::storage::importer
