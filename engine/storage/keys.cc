#include "engine/storage/keys.h"

#include "engine/storage/internal/coding.h"

namespace deed::storage::keys {

namespace {

constexpr size_t kHeadBytes = 9;
constexpr size_t kPieceBytes = kHeadBytes + 4 + 8 + 8;

std::string node_part(NodeId id, NodePart part) {
    std::string key;
    key.reserve(kPieceBytes);
    put_big_endian(key, id.raw());
    key.push_back(static_cast<char>(part));
    return key;
}

NodePart part_of(Direction direction) {
    DEED_ASSERT(direction != Direction::kBoth, "a list has one direction");
    return direction == Direction::kOut ? NodePart::kOut : NodePart::kIn;
}

Error bad_key(std::string_view what, std::string_view key) {
    std::string hex;
    for (const char byte : key.substr(0, 40)) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        hex.push_back(kDigits[static_cast<uint8_t>(byte) >> 4]);
        hex.push_back(kDigits[static_cast<uint8_t>(byte) & 0xF]);
    }
    return {ErrorCode::kCorruption, "KEY_ENCODING",
            "the " + std::string(what) + " key space holds a key that is none: " + hex};
}

}  // namespace

std::string node_record(NodeId id) {
    return node_part(id, NodePart::kRecord);
}

std::string adjacency_head(NodeId id, Direction direction) {
    return node_part(id, part_of(direction));
}

std::string adjacency_piece(NodeId id, Direction direction, const AdjacencyEntry& first) {
    std::string key = node_part(id, part_of(direction));
    put_big_endian(key, first.type.raw());
    put_big_endian(key, first.neighbour.raw());
    put_big_endian(key, first.edge.raw());
    return key;
}

std::string node_begin(NodeId id) {
    std::string key;
    put_big_endian(key, id.raw());
    return key;
}

std::string edge_page(uint64_t page) {
    std::string key;
    put_big_endian(key, page);
    return key;
}

std::string log(CommitTs ts) {
    std::string key;
    put_big_endian(key, ts.raw());
    return key;
}

std::string token(const catalog::Token& token) {
    std::string key(token_prefix());
    key.push_back(static_cast<char>(token.kind));
    put_big_endian(key, token.id);
    return key;
}

std::string pheromone(uint32_t part) {
    std::string key(pheromone_prefix());
    put_big_endian(key, part);
    return key;
}

std::string_view token_prefix() {
    return "t/";
}
std::string_view pheromone_prefix() {
    return "p/";
}
std::string_view format() {
    return "format";
}
std::string_view uuid() {
    return "uuid";
}
std::string_view checkpoint() {
    return "checkpoint";
}

std::string_view fold_mark() {
    return {"\0", 1};
}

Result<NodeKey> parse_node(std::string_view key) {
    ByteReader reader(key);
    NodeKey parsed;
    parsed.id = NodeId(reader.big_endian<uint64_t>());
    const auto part = reader.big_endian<uint8_t>();
    parsed.part = static_cast<NodePart>(part);
    if (reader.failed() || part > static_cast<uint8_t>(NodePart::kIn)) return bad_key("node", key);
    if (reader.at_end()) return parsed;
    AdjacencyEntry first{};
    first.type = TypeId(reader.big_endian<uint32_t>());
    first.neighbour = NodeId(reader.big_endian<uint64_t>());
    first.edge = EdgeId(reader.big_endian<uint64_t>());
    if (reader.failed() || !reader.at_end() || parsed.part == NodePart::kRecord)
        return bad_key("node", key);
    parsed.first = first;
    return parsed;
}

Result<uint64_t> parse_edge_page(std::string_view key) {
    ByteReader reader(key);
    const auto page = reader.big_endian<uint64_t>();
    if (reader.failed() || !reader.at_end() || page > UINT64_MAX / kEdgesPerPage)
        return bad_key("edge", key);
    return page;
}

Result<CommitTs> parse_log(std::string_view key) {
    ByteReader reader(key);
    const auto ts = reader.big_endian<uint64_t>();
    if (reader.failed() || !reader.at_end()) return bad_key("log", key);
    return CommitTs(ts);
}

Result<catalog::Token> parse_token(std::string_view key, std::string_view value) {
    ByteReader reader(key);
    const std::string_view prefix = reader.bytes(token_prefix().size());
    const auto kind = reader.big_endian<uint8_t>();
    const auto id = reader.big_endian<uint32_t>();
    if (reader.failed() || !reader.at_end() || prefix != token_prefix() ||
        kind > static_cast<uint8_t>(catalog::TokenKind::kPropertyKey))
        return bad_key("meta", key);
    return catalog::Token{static_cast<catalog::TokenKind>(kind), id, std::string(value)};
}

std::string prefix_end(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
    return end;
}

}  // namespace deed::storage::keys
