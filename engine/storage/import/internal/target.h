#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/data_dir.h"
#include "engine/storage/import/internal/table_files.h"

namespace deed::storage::importer {

/// The data directory that an import makes. Everything is built in a folder of its own beneath it
/// and becomes the directory's store with one rename, the very last step: until then the directory
/// has no graph, whatever happens.
///
///     <data_dir>/import.tmp/              the folder; removed by the destructor or the next
///     opening <data_dir>/import.tmp/store/rocks/  --rename--> <data_dir>/rocks
///
/// Thread safety: one thread. Lifetime: the directory is locked as long as this lives.
class Target {
 public:
    /// ALREADY_EXISTS where a graph is there, LOCK_HELD where a process has the directory open.
    static Result<std::unique_ptr<Target>> prepare(const std::string& data_dir);
    ~Target();
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    /// For spill files.
    [[nodiscard]] const std::string& folder() const { return folder_; }
    /// For table files; on one file system with the store.
    [[nodiscard]] std::string tables_folder() const { return folder_ + "/tables"; }

    struct Contents {
        const TableFiles* tables = nullptr;
        const catalog::Catalog* catalog = nullptr;
        uint64_t node_id_end = 0;
        uint64_t edge_id_end = 0;
    };
    /// Makes a store of the table files and puts it in its place. Returns its size on disk.
    Result<uint64_t> commit(const Contents& contents);

 private:
    Target(DataDir directory, bool made);
    Result<uint64_t> build(const Contents& contents) const;
    Status put_in_place();

    DataDir directory_;
    std::string folder_;
    bool made_;  // the directory was not there before
    bool committed_ = false;
};

}  // namespace deed::storage::importer
