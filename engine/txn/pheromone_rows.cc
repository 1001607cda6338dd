#include "engine/txn/internal/pheromone_rows.h"

#include <bit>
#include <cstring>
#include <utility>

namespace deed::txn {

namespace {

static_assert(std::endian::native == std::endian::little, "rows are written as they lie in memory");

constexpr char kVersion = 1;
constexpr uint8_t kLists = 1;
constexpr uint8_t kEdges = 2;
constexpr size_t kHeaderBytes = 2;
constexpr size_t kEntryBytes = sizeof(uint64_t) + sizeof(float);
constexpr size_t kRowBytes = 256 << 10;

Error bad_row(const char* what) {
    return Error(ErrorCode::kCorruption, "PHEROMONE_ROW",
                 std::string("a row of pheromone in the store ") + what);
}

}  // namespace

void PheromoneRows::add(const graph::Graph::ListIntensity& one) {
    add(kLists, one.node.raw() * 2 + (one.direction == Direction::kIn ? 1 : 0), one.value);
}

void PheromoneRows::add(const graph::Graph::EdgeIntensity& one) {
    add(kEdges, one.edge.raw(), one.value);
}

void PheromoneRows::add(uint8_t kind, uint64_t key, float value) {
    if (kind != kind_ || row_.size() >= kRowBytes) flush();
    if (row_.empty()) {
        kind_ = kind;
        row_.push_back(kVersion);
        row_.push_back(static_cast<char>(kind));
    }
    row_.append(reinterpret_cast<const char*>(&key), sizeof(key));
    row_.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PheromoneRows::flush() {
    if (!row_.empty() && status_.ok()) status_ = put_(row_);
    row_.clear();
}

Status PheromoneRows::finish() {
    flush();
    return std::move(status_);
}

Status PheromoneRows::load(std::string_view row, graph::Graph& graph) {
    if (row.size() < kHeaderBytes || row[0] != kVersion) return bad_row("has another version");
    const auto kind = static_cast<uint8_t>(row[1]);
    row.remove_prefix(kHeaderBytes);
    if ((kind != kLists && kind != kEdges) || row.size() % kEntryBytes != 0)
        return bad_row("has another form");
    for (; !row.empty(); row.remove_prefix(kEntryBytes)) {
        uint64_t key = 0;
        float value = 0;
        std::memcpy(&key, row.data(), sizeof(key));
        std::memcpy(&value, row.data() + sizeof(key), sizeof(value));
        // What was deleted since has no trail any more.
        if (kind == kLists) {
            if (key / 2 < graph.node_id_end())
                graph.load_intensity(graph::Graph::ListIntensity{
                    NodeId{key / 2}, key % 2 == 1 ? Direction::kIn : Direction::kOut, value});
        } else if (key < graph.edge_id_end()) {
            graph.load_intensity(graph::Graph::EdgeIntensity{EdgeId{key}, value});
        }
    }
    return {};
}

}  // namespace deed::txn
