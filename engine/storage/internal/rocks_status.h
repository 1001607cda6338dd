#pragma once

#include <rocksdb/status.h>
#include <string_view>

#include "engine/base/result.h"

namespace deed::storage {

/// RocksDB's failure as ours; `doing` says what was tried ("reading the log"). RocksDB's own
/// message names file and offset where it knows them. REQUIRES: `!status.ok()`.
Error rocks_error(const rocksdb::Status& status, std::string_view doing);

}  // namespace deed::storage
