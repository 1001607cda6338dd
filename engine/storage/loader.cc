#include "engine/storage/internal/loader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/storage/keys.h"

namespace deed::storage {

namespace {

std::string_view part_name(keys::NodePart part) {
    switch (part) {
        case keys::NodePart::kRecord:
            return "record";
        case keys::NodePart::kOut:
            return "outgoing list";
        case keys::NodePart::kIn:
            return "incoming list";
    }
    return "row";
}

std::string name_of(const keys::NodeKey& key) {
    return "the " + std::string(part_name(key.part)) + " of node " + std::to_string(key.id.raw());
}

// Takes rows in key order; holds the pieces of one list until it is whole.
class NodeAssembler {
 public:
    explicit NodeAssembler(NodeVisitor& visitor) : visitor_(visitor) {}

    Status add(std::string_view key_bytes, std::string_view value) {
        DEED_ASSIGN_OR_RETURN(const keys::NodeKey key, keys::parse_node(key_bytes));
        if (key.first) return add_piece(key, value);
        DEED_RETURN_IF_ERROR(finish());
        if (key.part != keys::NodePart::kRecord) return add_head(key, value);
        row_.id = key.id;
        Status decoded = decode_node_row(value, row_);
        if (!decoded.ok()) return std::move(decoded).error().with_context(name_of(key));
        return visitor_.on_node(row_);
    }

    /// REQUIRES: no row of the list before is still to come.
    Status finish() {
        if (!list_) return {};
        return Error(
            ErrorCode::kCorruption, "ROW_MISSING",
            name_of(*list_) + " has lost " + std::to_string(pieces_left_) + " of its rows");
    }

 private:
    Status add_head(const keys::NodeKey& key, std::string_view value) {
        entries_.clear();
        Result<AdjacencyHead> head = decode_adjacency_head(value, entries_);
        if (!head.ok()) return std::move(head).error().with_context(name_of(key));
        if (head->pieces == 0) return emit(key);
        list_ = key;
        pieces_left_ = head->pieces;
        entries_expected_ = head->entries;
        return {};
    }

    Status add_piece(const keys::NodeKey& key, std::string_view value) {
        if (!list_ || list_->id != key.id || list_->part != key.part)
            return Error(ErrorCode::kCorruption, "ROW_MISSING",
                         name_of(key) + " has a row that belongs to no list");
        const size_t before = entries_.size();
        Status decoded = decode_adjacency_piece(value, entries_);
        if (decoded.ok() && entries_[before] != *key.first)
            decoded = Error(ErrorCode::kCorruption, "ROW_ENCODING",
                            "a piece does not begin with the entry that its key names");
        if (!decoded.ok()) return std::move(decoded).error().with_context(name_of(key));
        if (--pieces_left_ > 0) return {};
        list_.reset();
        if (entries_.size() != entries_expected_)
            return Error(ErrorCode::kCorruption, "ROW_MISSING",
                         name_of(key) + " has " + std::to_string(entries_.size()) +
                             " entries instead of " + std::to_string(entries_expected_));
        return emit(key);
    }

    Status emit(const keys::NodeKey& key) {
        const Direction direction =
            key.part == keys::NodePart::kOut ? Direction::kOut : Direction::kIn;
        return visitor_.on_adjacency(key.id, direction, entries_);
    }

    NodeVisitor& visitor_;
    NodeRow row_;
    std::vector<AdjacencyEntry> entries_;
    std::optional<keys::NodeKey> list_;  // the list whose pieces are being gathered
    uint32_t pieces_left_ = 0;
    uint64_t entries_expected_ = 0;
};

// The range without the fold mark, which stands before all rows.
KeyRange rows_of(KeyRange range) {
    const std::string behind_mark = std::string(keys::fold_mark()) + '\0';
    range.begin = std::max(range.begin, behind_mark);
    return range;
}

}  // namespace

Status load_node_rows(const KvEngine& engine, const KeyRange& range, NodeVisitor& visitor) {
    NodeAssembler assembler(visitor);
    const auto cursor = engine.cursor(KeySpace::kNode, rows_of(range));
    for (; cursor->valid(); cursor->next())
        DEED_RETURN_IF_ERROR(assembler.add(cursor->key(), cursor->value()));
    DEED_RETURN_IF_ERROR(cursor->status());
    return assembler.finish();
}

Status load_edge_rows(const KvEngine& engine, const KeyRange& range, EdgeVisitor& visitor) {
    std::vector<EdgeRow> rows;
    const auto cursor = engine.cursor(KeySpace::kEdge, rows_of(range));
    for (; cursor->valid(); cursor->next()) {
        DEED_ASSIGN_OR_RETURN(const uint64_t page, keys::parse_edge_page(cursor->key()));
        Status decoded = decode_edge_page(page, cursor->value(), rows);
        if (!decoded.ok())
            return std::move(decoded).error().with_context(
                "edges from " + std::to_string(page * kEdgesPerPage) + " on");
        for (const EdgeRow& row : rows) DEED_RETURN_IF_ERROR(visitor.on_edge(row));
    }
    return cursor->status();
}

}  // namespace deed::storage
