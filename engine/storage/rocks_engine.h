#pragma once

#include <memory>

#include "engine/storage/kv_engine.h"

namespace rocksdb {
class FileSystem;
}

namespace deed::storage {

/// The factory of the engine that Deed runs on, RocksDB 7.8 in the profile of README.md.
/// `files`: what it stores on; nullptr is the machine's own file system.
std::unique_ptr<KvEngineFactory> rocks_engine_factory(
    std::shared_ptr<rocksdb::FileSystem> files = nullptr);

}  // namespace deed::storage
