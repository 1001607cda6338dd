#pragma once

#include <memory>
#include <rocksdb/db.h>
#include <string>
#include <vector>

#include "engine/storage/kv_engine.h"

namespace deed::storage {

/// The one place that decides how RocksDB is set up; README.md gives the reasons.
rocksdb::DBOptions rocks_db_options(const KvOpenOptions& options, rocksdb::Env* env);

/// The same options for tables written by hand and for those that RocksDB writes, so that a bulk
/// import ends in the files that compaction would have made.
rocksdb::ColumnFamilyOptions rocks_space_options(KeySpace space, uint64_t block_cache_bytes,
                                                 uint64_t write_buffer_bytes,
                                                 std::shared_ptr<rocksdb::Cache> cache);

/// The name of the key space's column family.
const std::string& rocks_space_name(KeySpace space);

}  // namespace deed::storage
