#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/storage/rows.h"

/// The keys of every key space; formats.md has their bytes. Numbers are big-endian, so byte order
/// is number order and everything about a node is one range.
namespace deed::storage::keys {

/// What a key of the node space holds. The numbers are on disk.
enum class NodePart : uint8_t { kRecord = 0, kOut = 1, kIn = 2 };

struct NodeKey {
    NodeId id;
    NodePart part = NodePart::kRecord;
    /// Set for a further piece of a list that is too long for one row: its first entry.
    std::optional<AdjacencyEntry> first;
};

std::string node_record(NodeId id);
std::string adjacency_head(NodeId id, Direction direction);
std::string adjacency_piece(NodeId id, Direction direction, const AdjacencyEntry& first);
/// Where the keys of this node begin, and those of the one before end.
std::string node_begin(NodeId id);
std::string edge_page(uint64_t page);
std::string log(CommitTs ts);

std::string token(const catalog::Token& token);
std::string_view token_prefix();
std::string pheromone(uint32_t part);
std::string_view pheromone_prefix();
std::string_view format();
std::string_view uuid();
std::string_view checkpoint();

/// Before all rows of a row space: the number of the last fold whose rows are in it.
std::string_view fold_mark();

/// CORRUPTION where the bytes are no such key.
Result<NodeKey> parse_node(std::string_view key);
Result<uint64_t> parse_edge_page(std::string_view key);
Result<CommitTs> parse_log(std::string_view key);
Result<catalog::Token> parse_token(std::string_view key, std::string_view value);

/// The first key behind all that begin with `prefix`.
std::string prefix_end(std::string_view prefix);

}  // namespace deed::storage::keys
