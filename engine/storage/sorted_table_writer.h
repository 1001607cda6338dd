#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/storage/kv_engine.h"

namespace deed::storage {

/// Writes one table file of sorted rows that a store takes over whole (`Store::ingest`), about
/// fifteen times faster than putting the rows one by one. Keys and values are those of keys.h and
/// rows.h.
///
/// Thread safety: one thread at a time; several writers side by side are fine. Lifetime: a writer
/// that is destroyed before `finish` leaves a file that no store accepts; the caller removes it.
class SortedTableWriter {
 public:
    /// `path`: where the file is made; on the file system of the data directory, so that taking it
    /// over is a rename.
    static Result<std::unique_ptr<SortedTableWriter>> create(const std::string& path,
                                                             KeySpace space);
    ~SortedTableWriter();
    SortedTableWriter(const SortedTableWriter&) = delete;
    SortedTableWriter& operator=(const SortedTableWriter&) = delete;

    /// REQUIRES: `key` is larger than every key before. INVALID_ARGUMENT (KEY_ORDER) where not.
    Status put(std::string_view key, std::string_view value);
    /// Completes and syncs the file. INVALID_ARGUMENT (EMPTY_TABLE) where nothing was put.
    Status finish();
    [[nodiscard]] uint64_t rows() const;
    /// Bytes written so far; start another file at about 256 MiB.
    [[nodiscard]] uint64_t file_bytes() const;

 private:
    struct Impl;
    explicit SortedTableWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::storage
