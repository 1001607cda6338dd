#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/import/internal/table_files.h"

namespace deed::storage::importer {

/// The data directory that an import makes. Everything is built in a folder of its own beneath it
/// and becomes the directory's store with one rename, the very last step: until then the directory
/// has no graph, whatever happens.
///
///     <data_dir>/import.tmp/          the folder; removed by the destructor, or by the next import
///     <data_dir>/import.tmp/rocks/    --rename--> <data_dir>/rocks
///
/// Thread safety: one thread.
class Target {
 public:
    /// ALREADY_EXISTS where a graph is there, LOCK_HELD where a process has the directory open.
    static Result<std::unique_ptr<Target>> prepare(const std::string& data_dir);
    ~Target();
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    /// For table and spill files.
    [[nodiscard]] const std::string& folder() const { return folder_; }

    struct Contents {
        const TableFiles* tables = nullptr;
        const catalog::Catalog* catalog = nullptr;
        uint64_t node_id_end = 0;
        uint64_t edge_id_end = 0;
    };
    /// Makes a store of the table files and puts it in its place. Returns its size on disk.
    Result<uint64_t> commit(const Contents& contents);

 private:
    struct Lock;
    explicit Target(std::string data_dir);
    Status build(const Contents& contents, uint64_t& disk_bytes);
    Status put_in_place();

    std::string data_dir_;
    std::string folder_;
    bool made_data_dir_ = false;
    bool committed_ = false;
};

}  // namespace deed::storage::importer
