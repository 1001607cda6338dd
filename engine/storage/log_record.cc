#include "engine/storage/log_record.h"

#include <algorithm>
#include <limits>

#include "engine/storage/internal/coding.h"
#include "engine/storage/internal/crc32c.h"
#include "engine/storage/internal/row_parts.h"

namespace deed::storage {

namespace {

constexpr std::string_view kMagic{
    "\x89"
    "DeedLog",
    8};
constexpr std::string_view kTagMagic{
    "\x89"
    "DeedTag",
    8};
constexpr uint16_t kVersion = 1;
constexpr size_t kHeaderBytes = 96;
constexpr uint64_t kIdMax = std::numeric_limits<uint64_t>::max() - 1;
constexpr uint64_t kTypeMax = std::numeric_limits<uint32_t>::max() - 1;
enum NodeFlag : uint8_t { kKept = 0, kDeleted = 1 };

Error bad_record(std::string_view what) {
    return {ErrorCode::kCorruption, "LOG_RECORD", "a commit's log record: " + std::string(what)};
}

template <class Edge>
void put_ends(std::string& out, const Edge& edge) {
    put_varint(out, edge.edge.raw());
    put_varint(out, edge.start.raw());
    put_varint(out, edge.end.raw());
    put_varint(out, edge.type.raw());
}

template <class Edge>
void get_ends(ByteReader& reader, Edge& edge) {
    edge.edge = EdgeId(reader.varint_up_to(kIdMax));
    edge.start = NodeId(reader.varint_up_to(kIdMax));
    edge.end = NodeId(reader.varint_up_to(kIdMax));
    edge.type = TypeId(static_cast<uint32_t>(reader.varint_up_to(kTypeMax)));
}

void put_body(std::string& out, const catalog::ChangeSet& changes) {
    put_varint(out, changes.nodes.size());
    for (const catalog::NodeWrite& write : changes.nodes) {
        put_varint(out, write.node.raw());
        out.push_back(static_cast<char>(write.deleted ? kDeleted : kKept));
        if (write.deleted) continue;
        put_labels(out, write.labels);
        put_properties(out, write.properties);
    }
    put_varint(out, changes.added.size());
    for (const catalog::EdgeAdd& add : changes.added) {
        put_ends(out, add);
        put_properties(out, add.properties);
    }
    put_varint(out, changes.removed.size());
    for (const catalog::EdgeRemove& remove : changes.removed) put_ends(out, remove);
    put_varint(out, changes.written.size());
    for (const catalog::EdgeWrite& write : changes.written) {
        put_varint(out, write.edge.raw());
        put_properties(out, write.properties);
    }
}

// Reads `count` elements; the vector grows with what is really there, so that a false count cannot
// claim memory.
template <class Element, class Read>
void get_each(ByteReader& reader, uint64_t bytes_each, std::vector<Element>& out, Read&& read) {
    const uint64_t count = reader.count(bytes_each);
    out.reserve(std::min<uint64_t>(count, 1024));
    for (uint64_t i = 0; i < count && !reader.failed(); ++i) read(out.emplace_back());
}

void get_body(ByteReader& reader, catalog::ChangeSet& changes) {
    get_each(reader, 2, changes.nodes, [&](catalog::NodeWrite& write) {
        write.node = NodeId(reader.varint_up_to(kIdMax));
        const auto flag = reader.fixed<uint8_t>();
        if (flag > kDeleted) reader.fail();
        write.deleted = flag == kDeleted;
        if (write.deleted) return;
        get_labels(reader, write.labels);
        get_properties(reader, write.properties);
    });
    get_each(reader, 5, changes.added, [&](catalog::EdgeAdd& add) {
        get_ends(reader, add);
        get_properties(reader, add.properties);
    });
    get_each(reader, 4, changes.removed,
             [&](catalog::EdgeRemove& remove) { get_ends(reader, remove); });
    get_each(reader, 2, changes.written, [&](catalog::EdgeWrite& write) {
        write.edge = EdgeId(reader.varint_up_to(kIdMax));
        get_properties(reader, write.properties);
    });
}

void put_sealed(std::string& out, const LogRecordView& record, std::string_view body) {
    DEED_ASSERT(body.size() <= std::numeric_limits<uint32_t>::max(), "a group is bounded");
    const size_t begin = out.size();
    out.reserve(begin + kHeaderBytes + body.size());
    out.append(kMagic);
    put_fixed(out, kVersion);
    put_fixed(out, static_cast<uint16_t>(kHeaderBytes));
    put_fixed(out, record.transactions);
    put_fixed(out, record.commits);
    put_fixed(out, record.database);
    put_fixed(out, record.epoch);
    put_fixed(out, record.ts.raw());
    put_fixed(out, record.durable_through.raw());
    put_fixed(out, record.wall_us);
    put_fixed(out, record.node_id_end);
    put_fixed(out, record.edge_id_end);
    put_fixed(out, static_cast<uint32_t>(body.size()));
    put_fixed(out, crc32c(body));
    put_fixed(out, crc32c(std::string_view(out).substr(begin)));
    DEED_ASSERT(out.size() - begin == kHeaderBytes, "the header has the length that it names");
    out.append(body);
}

}  // namespace

void encode_log_record(const LogRecordView& record, std::string& out) {
    DEED_ASSERT(record.changes != nullptr, "a log record has changes");
    DEED_ASSERT(record.commits > 0, "a log record holds a commit");
    std::string body;
    put_body(body, *record.changes);
    put_sealed(out, record, body);
}

std::string seal_log_body(std::string_view body) {
    std::string out;
    put_sealed(out, LogRecordView(), body);
    return out;
}

std::string log_tag(const DatabaseUuid& database) {
    std::string tag(kTagMagic);
    put_fixed(tag, database);
    put_fixed(tag, crc32c(tag));
    return tag;
}

void find_log_tags(std::string_view bytes, const std::function<void(const DatabaseUuid&)>& visit) {
    for (size_t at = bytes.find(kTagMagic); at != std::string_view::npos;
         at = bytes.find(kTagMagic, at + 1)) {
        ByteReader reader(bytes.substr(at + kTagMagic.size()));
        const auto database = reader.fixed<DatabaseUuid>();
        const auto sum = reader.fixed<uint32_t>();
        const size_t summed = kTagMagic.size() + database.size();
        if (!reader.failed() && sum == crc32c(bytes.substr(at, summed))) visit(database);
    }
}

std::optional<LogRecordHeader> decode_log_header(std::string_view bytes) {
    if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return std::nullopt;
    ByteReader reader(bytes.substr(kMagic.size(), kHeaderBytes - kMagic.size()));
    LogRecordHeader header;
    const auto version = reader.fixed<uint16_t>();
    const auto header_bytes = reader.fixed<uint16_t>();
    header.transactions = reader.fixed<uint32_t>();
    header.commits = reader.fixed<uint32_t>();
    header.database = reader.fixed<DatabaseUuid>();
    header.epoch = reader.fixed<uint64_t>();
    header.ts = CommitTs(reader.fixed<uint64_t>());
    header.durable_through = CommitTs(reader.fixed<uint64_t>());
    header.wall_us = reader.fixed<int64_t>();
    header.node_id_end = reader.fixed<uint64_t>();
    header.edge_id_end = reader.fixed<uint64_t>();
    header.body_bytes = reader.fixed<uint32_t>();
    header.body_sum = reader.fixed<uint32_t>();
    const auto sum = reader.fixed<uint32_t>();
    if (sum != crc32c(bytes.substr(0, kHeaderBytes - sizeof(sum)))) return std::nullopt;
    if (version != kVersion || header_bytes != kHeaderBytes || header.commits == 0)
        return std::nullopt;
    return header;
}

Result<LogRecord> decode_log_record(std::string_view bytes) {
    const std::optional<LogRecordHeader> header = decode_log_header(bytes);
    if (!header) return bad_record("its header is damaged or of another format version");
    const std::string_view body = bytes.substr(kHeaderBytes);
    if (body.size() != header->body_bytes) return bad_record("its length is not what it says");
    if (crc32c(body) != header->body_sum) return bad_record("its checksum does not hold");
    LogRecord record;
    record.epoch = header->epoch;
    record.ts = header->ts;
    record.durable_through = header->durable_through;
    record.wall_us = header->wall_us;
    record.transactions = header->transactions;
    record.commits = header->commits;
    record.node_id_end = header->node_id_end;
    record.edge_id_end = header->edge_id_end;
    record.database = header->database;
    ByteReader reader(body);
    get_body(reader, record.changes);
    if (reader.failed() || !reader.at_end())
        return bad_record("its checksum holds, but its contents are not what is ever written");
    return record;
}

void find_log_headers(std::string_view bytes,
                      const std::function<void(size_t, const LogRecordHeader&)>& visit) {
    size_t at = bytes.find(kMagic);
    while (at != std::string_view::npos) {
        size_t next = at + 1;
        if (const auto header = decode_log_header(bytes.substr(at))) {
            visit(at, *header);
            // Over the body, which may hold anything, copies of such headers among it.
            next = at + kHeaderBytes + header->body_bytes;
        }
        at = bytes.find(kMagic, next);
    }
}

}  // namespace deed::storage
