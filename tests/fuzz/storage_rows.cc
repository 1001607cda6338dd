// Arbitrary bytes as every kind of row; the first byte chooses. What decodes must be written again
// as the bytes that it came from, except where entries could have been cut into rows differently.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/assert.h"
#include "engine/storage/keys.h"
#include "engine/storage/rows.h"

namespace {

using namespace deed::storage;

void check_node(std::string_view bytes) {
    NodeRow row;
    if (!decode_node_row(bytes, row).ok()) return;
    std::string again;
    encode_node_row(row, again);
    DEED_ASSERT(again == bytes, "a node's record has one encoding");
}

void check_edges(std::string_view bytes) {
    std::vector<EdgeRow> rows;
    if (!decode_edge_page(3, bytes, rows).ok()) return;
    std::string again;
    encode_edge_page(3, rows, again);
    DEED_ASSERT(again == bytes, "a page of edges has one encoding");
}

void check_list(std::string_view bytes) {
    std::vector<AdjacencyEntry> entries;
    const auto head = decode_adjacency_head(bytes, entries);
    if (!head.ok() || head->pieces > 0) return;
    DEED_ASSERT(head->entries == entries.size(), "a head tells its size");
    const auto again = encode_adjacency(
        deed::NodeId(1), deed::Direction::kOut, entries,
        [&](std::string_view key, std::string_view) -> deed::Status {
            DEED_ASSERT(keys::parse_node(key).ok(), "a key that is written can be read");
            return {};
        });
    DEED_ASSERT(again.ok(), "what was read can be written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            check_node(bytes);
            break;
        case 1:
            check_edges(bytes);
            break;
        case 2:
            check_list(bytes);
            break;
        default: {
            std::vector<AdjacencyEntry> entries;
            (void)decode_adjacency_piece(bytes, entries).ok();
            (void)keys::parse_node(bytes).ok();
        }
    }
    return 0;
}
