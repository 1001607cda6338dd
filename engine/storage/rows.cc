#include "engine/storage/rows.h"

#include <algorithm>
#include <limits>

#include "engine/storage/internal/coding.h"
#include "engine/storage/internal/row_parts.h"
#include "engine/storage/keys.h"

namespace deed::storage {

namespace {

// A list of up to so many entries is one row; a longer one is cut into pieces.
constexpr size_t kEntriesInHeadMax = 512;
// Pieces end where the entries themselves say so, so that an edge added to a hub changes one piece
// and leaves the others byte for byte as they are.
constexpr size_t kPieceEntriesMin = 256;
constexpr size_t kPieceEntriesMax = 1024;
constexpr uint64_t kPieceEndOneIn = 512;

enum HeadForm : uint8_t { kWhole = 0, kPieces = 1 };

constexpr uint64_t kTypeMax = std::numeric_limits<uint32_t>::max() - 1;
constexpr uint64_t kIdMax = std::numeric_limits<uint64_t>::max() - 1;

Error bad_row(std::string_view what) {
    return {ErrorCode::kCorruption, "ROW_ENCODING",
            "the bytes of " + std::string(what) + " are not what was written"};
}

bool begins_piece(const AdjacencyEntry& entry) {
    const uint64_t mixed = (entry.neighbour.raw() * 0x9E3779B97F4A7C15ULL) ^
                           (entry.edge.raw() * 0xC2B2AE3D27D4EB4FULL);
    return (mixed * 0x9E3779B97F4A7C15ULL >> 32) % kPieceEndOneIn == 0;
}

// One run of entries of one type: neighbours as distances, then edge ids as signed distances.
void put_run(std::string& out, std::span<const AdjacencyEntry> run) {
    put_varint(out, run.front().type.raw());
    put_varint(out, run.size());
    uint64_t neighbour = 0;
    for (const AdjacencyEntry& entry : run) {
        put_varint(out, entry.neighbour.raw() - neighbour);
        neighbour = entry.neighbour.raw();
    }
    uint64_t edge = 0;
    for (const AdjacencyEntry& entry : run) {
        put_varint(out, zigzag(static_cast<int64_t>(entry.edge.raw() - edge)));
        edge = entry.edge.raw();
    }
}

void put_entries(std::string& out, std::span<const AdjacencyEntry> entries) {
    while (!entries.empty()) {
        const TypeId type = entries.front().type;
        const auto end = std::find_if(entries.begin(), entries.end(),
                                      [&](const AdjacencyEntry& e) { return e.type != type; });
        const auto size = static_cast<size_t>(end - entries.begin());
        put_run(out, entries.first(size));
        entries = entries.subspan(size);
    }
}

void get_run(ByteReader& reader, std::vector<AdjacencyEntry>& out) {
    const TypeId type(static_cast<uint32_t>(reader.varint_up_to(kTypeMax)));
    const uint64_t count = reader.count(2);
    if (count == 0) return reader.fail();
    const size_t first = out.size();
    uint64_t neighbour = 0;
    for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
        neighbour += reader.varint_up_to(kIdMax - neighbour);
        out.push_back({type, NodeId(neighbour), EdgeId()});
    }
    uint64_t edge = 0;
    for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
        edge += static_cast<uint64_t>(unzigzag(reader.varint()));
        out[first + i].edge = EdgeId(edge);
        if (edge > kIdMax) reader.fail();
    }
}

void get_entries(ByteReader& reader, std::vector<AdjacencyEntry>& out) {
    const size_t first = out.size();
    if (reader.at_end()) return reader.fail();
    while (!reader.at_end()) get_run(reader, out);
    if (reader.failed()) return;
    for (size_t i = std::max<size_t>(first, 1); i < out.size(); ++i)
        if (!(out[i - 1] < out[i])) return reader.fail();
}

bool begins_row(ByteReader& reader) {
    if (reader.fixed<char>() == kRowVersion) return true;
    reader.fail();
    return false;
}

Status emit_pieces(NodeId id, Direction direction, std::span<const AdjacencyEntry> entries,
                   const RowSink& sink) {
    std::vector<size_t> starts{0};
    for (size_t i = 1; i < entries.size(); ++i) {
        const size_t length = i - starts.back();
        if (length >= kPieceEntriesMax || (length >= kPieceEntriesMin && begins_piece(entries[i])))
            starts.push_back(i);
    }
    std::string value(1, kRowVersion);
    value.push_back(static_cast<char>(kPieces));
    put_varint(value, entries.size());
    put_varint(value, starts.size());
    DEED_RETURN_IF_ERROR(sink(keys::adjacency_head(id, direction), value));
    for (size_t piece = 0; piece < starts.size(); ++piece) {
        const size_t begin = starts[piece];
        const size_t end = piece + 1 < starts.size() ? starts[piece + 1] : entries.size();
        value.assign(1, kRowVersion);
        put_entries(value, entries.subspan(begin, end - begin));
        DEED_RETURN_IF_ERROR(sink(keys::adjacency_piece(id, direction, entries[begin]), value));
    }
    return {};
}

}  // namespace

void encode_node_row(const NodeRow& row, std::string& out) {
    out.push_back(kRowVersion);
    put_labels(out, row.labels);
    put_properties(out, row.properties);
}

Status decode_node_row(std::string_view bytes, NodeRow& row) {
    ByteReader reader(bytes);
    if (begins_row(reader)) {
        get_labels(reader, row.labels);
        get_properties(reader, row.properties);
    }
    if (reader.failed() || !reader.at_end()) return bad_row("a node's record");
    return {};
}

Status encode_adjacency(NodeId id, Direction direction, std::span<const AdjacencyEntry> entries,
                        const RowSink& sink) {
    DEED_ASSERT(!entries.empty(), "an empty list has no row");
    if (entries.size() > kEntriesInHeadMax) return emit_pieces(id, direction, entries, sink);
    std::string value(1, kRowVersion);
    value.push_back(static_cast<char>(kWhole));
    put_entries(value, entries);
    return sink(keys::adjacency_head(id, direction), value);
}

Result<AdjacencyHead> decode_adjacency_head(std::string_view bytes,
                                            std::vector<AdjacencyEntry>& out) {
    ByteReader reader(bytes);
    AdjacencyHead head;
    if (begins_row(reader)) {
        const auto form = reader.fixed<uint8_t>();
        if (form == kWhole) {
            const size_t before = out.size();
            get_entries(reader, out);
            head.entries = out.size() - before;
        } else if (form == kPieces) {
            head.entries = reader.varint();
            head.pieces =
                static_cast<uint32_t>(reader.varint_up_to(std::numeric_limits<uint32_t>::max()));
            if (head.pieces == 0 || head.entries < head.pieces) reader.fail();
        } else {
            reader.fail();
        }
    }
    if (reader.failed() || !reader.at_end()) return bad_row("an adjacency list");
    return head;
}

Status decode_adjacency_piece(std::string_view bytes, std::vector<AdjacencyEntry>& out) {
    ByteReader reader(bytes);
    if (begins_row(reader)) get_entries(reader, out);
    if (reader.failed() || !reader.at_end()) return bad_row("a piece of an adjacency list");
    return {};
}

void encode_edge_page(uint64_t page, std::span<const EdgeRow> rows, std::string& out) {
    DEED_ASSERT(!rows.empty(), "an empty page has no row");
    uint64_t present = 0;
    uint64_t with_properties = 0;
    for (const EdgeRow& row : rows) {
        const uint64_t bit = 1ULL << (row.id.raw() % kEdgesPerPage);
        DEED_ASSERT(row.id.raw() / kEdgesPerPage == page && present < bit,
                    "a page's edges lie in it and ascend");
        present |= bit;
        if (!row.properties.empty()) with_properties |= bit;
    }
    out.push_back(kRowVersion);
    put_fixed(out, present);
    put_fixed(out, with_properties);
    for (const EdgeRow& row : rows) {
        put_varint(out, row.start.raw());
        put_varint(out, zigzag(static_cast<int64_t>(row.end.raw() - row.start.raw())));
        put_varint(out, row.type.raw());
    }
    for (const EdgeRow& row : rows)
        if (!row.properties.empty()) put_properties(out, row.properties);
}

Status decode_edge_page(uint64_t page, std::string_view bytes, std::vector<EdgeRow>& rows) {
    rows.clear();
    ByteReader reader(bytes);
    if (begins_row(reader)) {
        const auto present = reader.fixed<uint64_t>();
        const auto with_properties = reader.fixed<uint64_t>();
        if (present == 0 || (with_properties & ~present) != 0) reader.fail();
        for (uint64_t bit = 0; bit < kEdgesPerPage && !reader.failed(); ++bit) {
            if ((present >> bit & 1) == 0) continue;
            EdgeRow& row = rows.emplace_back();
            row.id = EdgeId(page * kEdgesPerPage + bit);
            row.start = NodeId(reader.varint_up_to(kIdMax));
            row.end = NodeId(row.start.raw() + static_cast<uint64_t>(unzigzag(reader.varint())));
            row.type = TypeId(static_cast<uint32_t>(reader.varint_up_to(kTypeMax)));
            if (!row.end.valid()) reader.fail();
        }
        for (EdgeRow& row : rows) {
            if ((with_properties >> (row.id.raw() % kEdgesPerPage) & 1) == 0) continue;
            get_properties(reader, row.properties);
            if (row.properties.empty()) reader.fail();
        }
    }
    if (reader.failed() || !reader.at_end()) return bad_row("a page of edges");
    return {};
}

}  // namespace deed::storage
