#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/sorted_table_writer.h"

namespace deed::storage::importer {

/// The table files of one import, by key space.
///
/// Thread safety: any thread.
class TableFiles {
 public:
    explicit TableFiles(std::string folder) : folder_(std::move(folder)) {}

    /// A path for a new file.
    std::string next_path(KeySpace space);
    void add(KeySpace space, std::string path);
    /// The finished files of a space in any order.
    [[nodiscard]] std::vector<std::string> files(KeySpace space) const;

 private:
    std::string folder_;
    mutable std::mutex mutex_;  // guards what follows
    uint64_t next_ = 0;
    std::array<std::vector<std::string>, kKeySpaces> files_;
};

/// Writes ascending rows into as many table files as they need.
///
/// Thread safety: one thread at a time.
class TableRun {
 public:
    TableRun(TableFiles* files, KeySpace space) : files_(files), space_(space) {}

    /// REQUIRES: keys ascend.
    Status put(std::string_view key, std::string_view value);
    /// Completes the last file. Call it once, at the end.
    Status finish();

 private:
    TableFiles* files_;
    KeySpace space_;
    std::string path_;
    std::unique_ptr<SortedTableWriter> writer_;
};

}  // namespace deed::storage::importer
