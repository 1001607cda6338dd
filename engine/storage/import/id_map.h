#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/storage/import/internal/numbers.h"

namespace deed::storage::importer {

/// No node.
inline constexpr uint32_t kNoNode = 0xFFFF'FFFFU;

/// An id as the files write it: a number, or a text that lives as long as its chunk. A text that is
/// the exact writing of a number is always held as the number, so that equal ids are equal here.
struct ExternalId {
    static constexpr uint32_t kInteger = 0xFFFF'FFFFU;

    int64_t integer = 0;  // or the address of the text
    uint32_t length = 0;

    static ExternalId of_integer(int64_t number) { return {number, kInteger}; }
    static ExternalId of_text(std::string_view text) {
        if (const auto number = parse_canonical_integer(text)) return of_integer(*number);
        return {static_cast<int64_t>(reinterpret_cast<uintptr_t>(text.data())),
                static_cast<uint32_t>(text.size())};
    }
    [[nodiscard]] bool is_integer() const { return length == kInteger; }
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(static_cast<uintptr_t>(integer)), length};
    }
};

/// The external ids of one id space and the nodes that they name.
///
/// Numbers live in an open-addressing table of 16-byte slots; where they turn out to be dense,
/// `freeze` replaces it by an array. Texts live in an arena beside a table of their hashes.
/// Look-ups are batched, so that the misses of a whole batch are in flight at once.
///
/// Thread safety: `insert` and `freeze` from one thread, before any `find_all`; then `find_all`
/// from any thread.
class IdSpace {
 public:
    explicit IdSpace(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] uint64_t size() const { return integers_ + texts_.size(); }

    /// kNoNode where the id was new and now names `node`; else the node that it names already.
    uint32_t insert(const ExternalId& id, uint32_t node);

    /// Asks for the memory that `insert(id)` will touch.
    void prefetch(const ExternalId& id) const;

    /// No more ids will come.
    void freeze();

    /// `nodes[i]` becomes the node of `ids[i]`, or kNoNode.
    void find_all(std::span<const ExternalId> ids, std::span<uint32_t> nodes) const;

    [[nodiscard]] uint64_t memory_bytes() const;

 private:
    struct IntegerSlot {
        int64_t key;
        uint32_t node;
        uint32_t unused;
    };
    struct TextSlot {
        uint32_t hash;
        uint32_t entry;  // in texts_, or kNoNode
    };
    struct TextEntry {
        const char* text;
        uint32_t length;
        uint32_t node;
    };

    void grow_integers();
    void grow_texts();
    [[nodiscard]] uint32_t find_integer(int64_t key) const;
    [[nodiscard]] uint32_t find_text(std::string_view text, uint64_t hash) const;
    const char* keep(std::string_view text);

    std::string name_;
    std::vector<IntegerSlot> integer_slots_;
    uint64_t integers_ = 0;
    int64_t smallest_ = 0;
    int64_t largest_ = 0;
    std::vector<uint32_t> dense_;  // node of smallest_ + index, once frozen and dense
    std::vector<TextSlot> text_slots_;
    std::vector<TextEntry> texts_;
    std::vector<std::unique_ptr<char[]>> arena_;
    size_t arena_left_ = 0;
    uint64_t arena_bytes_ = 0;
};

}  // namespace deed::storage::importer
