#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/log_record.h"

namespace deed::storage {

/// Of everything on disk; a store of another version is refused.
inline constexpr uint32_t kFormatVersion = 1;

/// How far the log has been folded into the base rows.
struct Checkpoint {
    CommitTs folded_through{0};
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
    uint64_t pheromone_epoch = 0;
    int64_t wall_us = 0;
    /// Base rows may already hold commits up to here, from a fold that did not come to its end.
    CommitTs rows_through{0};
    /// The number of the fold that made it; each row space holds at least this fold mark.
    uint64_t fold = 0;
};

/// The spaces that a fold writes unlogged rows to.
inline constexpr KeySpace kRowSpaces[] = {KeySpace::kNode, KeySpace::kEdge, KeySpace::kMeta};

std::string encode_checkpoint(const Checkpoint& checkpoint);
std::string encode_fold_mark(uint64_t fold);
/// The newest fold that every row space has seen. Rows have no log of their own, so a manifest that
/// was cut short takes tables away without a trace; the mark that went with them tells.
Result<uint64_t> read_fold_mark(const KvEngine& engine);
std::string encode_format(uint32_t version);
std::string encode_uuid(const DatabaseUuid& uuid);
/// "7f3c...-..." in the usual five groups.
std::string uuid_text(const DatabaseUuid& uuid);
/// A random one.
Result<DatabaseUuid> new_uuid();

/// What the meta key space says.
struct Meta {
    DatabaseUuid database{};
    Checkpoint checkpoint;
    std::vector<catalog::Token> tokens;
};
/// nullopt where no database has been set up yet. CORRUPTION where what there is cannot be;
/// FAILED_PRECONDITION (STORE_FORMAT) for another format version.
Result<std::optional<Meta>> read_meta(const KvEngine& engine);

/// What the log key space holds behind the checkpoint.
struct LogTail {
    CommitTs contiguous{0};  // newest commit that can be reached without a gap
    CommitTs newest{0};      // newest commit that is there at all
    CommitTs oldest_key{0};  // where the log begins, records that are folded already among it
    int64_t wall_us = 0;     // of `contiguous`
    uint64_t bytes = 0;      // of the records behind the checkpoint
};
Result<LogTail> read_log_tail(const KvEngine& engine, const Checkpoint& checkpoint);

}  // namespace deed::storage
