#include "engine/storage/internal/meta.h"

#include <algorithm>
#include <sys/random.h>

#include "engine/storage/internal/coding.h"
#include "engine/storage/internal/row_parts.h"
#include "engine/storage/keys.h"

namespace deed::storage {

namespace {

Error bad_meta(std::string_view what) {
    return {ErrorCode::kCorruption, "META_ENCODING",
            "the meta key space: " + std::string(what) + " is not what was written"};
}

Result<std::optional<std::string>> find(const KvEngine& engine, std::string_view key) {
    Result<std::string> value = engine.get(KeySpace::kMeta, key);
    if (value.ok()) return std::optional<std::string>(std::move(value).value());
    if (value.error().code() == ErrorCode::kNotFound) return std::optional<std::string>();
    return std::move(value).error();
}

Result<Checkpoint> decode_checkpoint(std::string_view bytes) {
    ByteReader reader(bytes);
    if (reader.fixed<char>() != kRowVersion) reader.fail();
    Checkpoint checkpoint;
    checkpoint.folded_through = CommitTs(reader.fixed<uint64_t>());
    checkpoint.node_id_end = reader.fixed<uint64_t>();
    checkpoint.edge_id_end = reader.fixed<uint64_t>();
    checkpoint.pheromone_epoch = reader.fixed<uint64_t>();
    checkpoint.wall_us = reader.fixed<int64_t>();
    checkpoint.rows_through = CommitTs(reader.fixed<uint64_t>());
    checkpoint.fold = reader.fixed<uint64_t>();
    if (reader.failed() || !reader.at_end()) return bad_meta("the checkpoint");
    return checkpoint;
}

Status read_tokens(const KvEngine& engine, std::vector<catalog::Token>& tokens) {
    const std::string begin(keys::token_prefix());
    const auto cursor = engine.cursor(KeySpace::kMeta, {begin, keys::prefix_end(begin)});
    for (; cursor->valid(); cursor->next()) {
        DEED_ASSIGN_OR_RETURN(catalog::Token token,
                              keys::parse_token(cursor->key(), cursor->value()));
        tokens.push_back(std::move(token));
    }
    return cursor->status();
}

}  // namespace

std::string encode_checkpoint(const Checkpoint& checkpoint) {
    std::string bytes(1, kRowVersion);
    put_fixed(bytes, checkpoint.folded_through.raw());
    put_fixed(bytes, checkpoint.node_id_end);
    put_fixed(bytes, checkpoint.edge_id_end);
    put_fixed(bytes, checkpoint.pheromone_epoch);
    put_fixed(bytes, checkpoint.wall_us);
    put_fixed(bytes, checkpoint.rows_through.raw());
    put_fixed(bytes, checkpoint.fold);
    return bytes;
}

std::string encode_fold_mark(uint64_t fold) {
    std::string bytes(1, kRowVersion);
    put_fixed(bytes, fold);
    return bytes;
}

Result<uint64_t> read_fold_mark(const KvEngine& engine) {
    uint64_t oldest = UINT64_MAX;
    for (const KeySpace space : kRowSpaces) {
        const Result<std::string> mark = engine.get(space, keys::fold_mark());
        if (!mark.ok() && mark.error().code() != ErrorCode::kNotFound) return mark.error();
        uint64_t fold = 0;
        if (mark.ok()) {
            ByteReader reader(*mark);
            if (reader.fixed<char>() != kRowVersion) reader.fail();
            fold = reader.fixed<uint64_t>();
            if (reader.failed() || !reader.at_end()) return bad_meta("a fold mark");
        }
        oldest = std::min(oldest, fold);
    }
    return oldest;
}

std::string encode_format(uint32_t version) {
    std::string bytes(1, kRowVersion);
    put_fixed(bytes, version);
    return bytes;
}

std::string encode_uuid(const DatabaseUuid& uuid) {
    std::string bytes(1, kRowVersion);
    put_fixed(bytes, uuid);
    return bytes;
}

std::string uuid_text(const DatabaseUuid& uuid) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        text.push_back(kDigits[uuid[i] >> 4]);
        text.push_back(kDigits[uuid[i] & 0xF]);
    }
    return text;
}

Result<DatabaseUuid> new_uuid() {
    DatabaseUuid uuid{};
    if (::getrandom(uuid.data(), uuid.size(), 0) != static_cast<ssize_t>(uuid.size()))
        return Error(ErrorCode::kInternal, "NO_RANDOMNESS", "the system gives no random bytes");
    uuid[6] = static_cast<uint8_t>((uuid[6] & 0x0F) | 0x40);  // version 4, as RFC 9562 has it
    uuid[8] = static_cast<uint8_t>((uuid[8] & 0x3F) | 0x80);
    return uuid;
}

Result<std::optional<Meta>> read_meta(const KvEngine& engine) {
    DEED_ASSIGN_OR_RETURN(const std::optional<std::string> format, find(engine, keys::format()));
    if (!format) return std::optional<Meta>();
    ByteReader version_reader(*format);
    const auto row_version = version_reader.fixed<char>();
    const auto version = version_reader.fixed<uint32_t>();
    if (version_reader.failed() || !version_reader.at_end() || row_version != kRowVersion)
        return bad_meta("the format version");
    if (version != kFormatVersion)
        return Error(ErrorCode::kFailedPrecondition, "STORE_FORMAT",
                     "the data directory has format version " + std::to_string(version) +
                         "; this build reads version " + std::to_string(kFormatVersion) +
                         ": export it with the build that wrote it, then import it here");
    Meta meta;
    DEED_ASSIGN_OR_RETURN(const std::optional<std::string> uuid, find(engine, keys::uuid()));
    const std::string uuid_bytes = uuid.value_or(std::string());
    ByteReader uuid_reader(uuid_bytes);
    if (uuid_reader.fixed<char>() != kRowVersion) uuid_reader.fail();
    meta.database = uuid_reader.fixed<DatabaseUuid>();
    if (uuid_reader.failed() || !uuid_reader.at_end()) return bad_meta("the database's UUID");
    DEED_ASSIGN_OR_RETURN(const std::optional<std::string> checkpoint,
                          find(engine, keys::checkpoint()));
    DEED_ASSIGN_OR_RETURN(meta.checkpoint, decode_checkpoint(checkpoint.value_or(std::string())));
    DEED_ASSIGN_OR_RETURN(const uint64_t fold, read_fold_mark(engine));
    if (fold < meta.checkpoint.fold)
        return Error(ErrorCode::kCorruption, "ROWS_MISSING",
                     "the tables of rows are older than the checkpoint (fold " +
                         std::to_string(fold) + " instead of " +
                         std::to_string(meta.checkpoint.fold) +
                         "), as after the MANIFEST has been cut short or replaced");
    DEED_RETURN_IF_ERROR(read_tokens(engine, meta.tokens));
    return std::optional<Meta>(std::move(meta));
}

Result<LogTail> read_log_tail(const KvEngine& engine, const Checkpoint& checkpoint) {
    LogTail tail;
    tail.contiguous = checkpoint.folded_through;
    tail.newest = checkpoint.folded_through;
    tail.wall_us = checkpoint.wall_us;
    const auto cursor = engine.cursor(KeySpace::kLog, {});
    for (; cursor->valid(); cursor->next()) {
        DEED_ASSIGN_OR_RETURN(const CommitTs ts, keys::parse_log(cursor->key()));
        if (tail.oldest_key.raw() == 0) tail.oldest_key = ts;
        if (ts <= checkpoint.folded_through) continue;
        tail.newest = ts;
        tail.bytes += cursor->value().size();
        // A record that cannot be read may still stand in the right place; the replay refuses it.
        const auto header = decode_log_header(cursor->value());
        if (!follows(ts, header ? header->commits : 1, tail.contiguous)) continue;
        tail.contiguous = ts;
        if (header) tail.wall_us = header->wall_us;
    }
    DEED_RETURN_IF_ERROR(cursor->status());
    return tail;
}

}  // namespace deed::storage
