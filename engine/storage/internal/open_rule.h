#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/storage/data_dir.h"
#include "engine/storage/internal/meta.h"
#include "engine/storage/internal/watermark.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/store.h"

namespace deed::storage {

/// An engine whose contents have been found fit to serve.
struct OpenedEngine {
    std::unique_ptr<KvEngine> engine;
    Meta meta;
    LogTail tail;
    CommitTs watermark{0};  // what WATERMARK says on disk; 0 where there is none
    std::string note;
};

/// Opens the engine, or refuses. Neither of RocksDB's ways of recovering a damaged log is right on
/// its own: the strict one refuses after a power failure that cost nothing, the lenient one drops
/// acknowledged commits without a word. So the log is judged before RocksDB may touch it:
///
///  1. Every file of the log is read. What its commit records say of themselves, also behind a
///     damage, and WATERMARK, and the checkpoint give D, the newest commit known to have been
///     durable.
///  2. If nothing is damaged and the log reaches D, RocksDB opens it in its strict mode.
///  3. Otherwise a read-only opening, which changes nothing, tells R, the newest commit that can be
///     recovered without a gap. D <= R: what is damaged is a commit that nobody was promised; it is
///     dropped, with a note. D > R: refuse, and say where, what, and what can be done; only
///     `accept_data_loss` goes on.
///
/// engine/decisions/0008-open-rule-for-damaged-logs.md has the measurements behind it.
Result<OpenedEngine> open_engine(const StoreOptions& options, const DataDir& directory,
                                 KvEngineFactory& factory);

}  // namespace deed::storage
