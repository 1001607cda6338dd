#pragma once

#include <bit>
#include <cstdint>

#include "engine/base/ids.h"
#include "engine/graph/internal/adjacency_search.h"

namespace deed::graph {

/// One entry to add to, or to remove from, one list. Sixteen bytes that compare as two numbers, in
/// the order in which a group is applied:
///
///     where: | shard and slot 32 | direction 1 | type 16 | 0 ... | took effect 1 | add 1 |
///     entry: | neighbour 32 | edge 32 |
class ListChange {
 public:
    ListChange() = default;
    ListChange(uint32_t node, uint32_t shard_bits, Direction direction, TypeId type, EntryKey entry,
               bool add)
        : where_(uint64_t{std::rotr(node, static_cast<int>(shard_bits))} << 32 |
                 static_cast<uint64_t>(direction) << 31 | uint64_t{type.raw()} << 15 |
                 (add ? kAdd : 0)),
          entry_(uint64_t{entry.neighbour} << 32 | entry.edge) {}

    [[nodiscard]] uint32_t node(uint32_t shard_bits) const {
        return std::rotl(static_cast<uint32_t>(where_ >> 32), static_cast<int>(shard_bits));
    }
    [[nodiscard]] Direction direction() const { return static_cast<Direction>(where_ >> 31 & 1); }
    [[nodiscard]] uint16_t type() const { return static_cast<uint16_t>(where_ >> 15); }
    [[nodiscard]] EntryKey entry() const {
        return {static_cast<uint32_t>(entry_ >> 32), static_cast<uint32_t>(entry_)};
    }
    [[nodiscard]] bool add() const { return (where_ & kAdd) != 0; }
    /// Equal for the changes of one list.
    [[nodiscard]] uint64_t list() const { return where_ >> 31; }

    /// Whether the list was different before: an entry that is there is not added again.
    [[nodiscard]] bool took_effect() const { return (where_ & kTookEffect) != 0; }
    void set_took_effect() { where_ |= kTookEffect; }

    friend bool operator<(const ListChange& a, const ListChange& b) {
        uint64_t a_where = a.where_ >> 15;
        uint64_t b_where = b.where_ >> 15;
        return a_where != b_where ? a_where < b_where : a.entry_ < b.entry_;
    }

 private:
    static constexpr uint64_t kAdd = 1;
    static constexpr uint64_t kTookEffect = 2;

    uint64_t where_ = 0;
    uint64_t entry_ = 0;
};
static_assert(sizeof(ListChange) == 16);

}  // namespace deed::graph
