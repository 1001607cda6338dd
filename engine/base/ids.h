#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>

namespace deed {

/// A number that means one thing only. Two ids of different kinds neither mix nor convert; going in
/// and out of the raw number is always written down.
///
/// Thread safety: a value type. Invariants: `invalid()` never names a stored thing.
template <class Tag, class Raw>
class StrongId {
 public:
    using raw_type = Raw;

    constexpr StrongId() = default;
    constexpr explicit StrongId(Raw raw) : raw_(raw) {}

    [[nodiscard]] constexpr Raw raw() const { return raw_; }
    [[nodiscard]] constexpr bool valid() const { return raw_ != std::numeric_limits<Raw>::max(); }
    [[nodiscard]] static constexpr StrongId invalid() { return StrongId{}; }

    friend constexpr auto operator<=>(StrongId, StrongId) = default;

 private:
    Raw raw_ = std::numeric_limits<Raw>::max();
};

/// A node: `shard = raw & (shard_count - 1)`, `slot = raw >> shard_bits`. Dense, never given twice.
using NodeId = StrongId<struct NodeIdTag, uint64_t>;
/// A relationship (edge in the engine). Dense, never given twice.
using EdgeId = StrongId<struct EdgeIdTag, uint64_t>;
using ShardId = StrongId<struct ShardIdTag, uint32_t>;
/// Names a transaction while it lives; not persisted.
using TxnId = StrongId<struct TxnIdTag, uint64_t>;

/// Interned names; see `catalog::TokenTable`.
using LabelId = StrongId<struct LabelIdTag, uint32_t>;
using TypeId = StrongId<struct TypeIdTag, uint32_t>;
using PropertyKeyId = StrongId<struct PropertyKeyIdTag, uint32_t>;
/// An interned sorted set of labels; see `catalog::LabelSetTable`. Number 0 is the empty set.
using LabelSetId = StrongId<struct LabelSetIdTag, uint32_t>;

/// The place of a commit in the order of commits: 1 is the first. A snapshot is the commit
/// timestamp of the newest commit that it sees; 0 sees only an empty graph.
using CommitTs = StrongId<struct CommitTsTag, uint64_t>;

/// Which of a node's two adjacency lists, or both one after the other.
enum class Direction : uint8_t { kOut = 0, kIn = 1, kBoth = 2 };

}  // namespace deed

template <class Tag, class Raw>
struct std::hash<deed::StrongId<Tag, Raw>> {
    size_t operator()(deed::StrongId<Tag, Raw> id) const noexcept {
        // Fibonacci hashing: dense ids spread over the high bits as well.
        return static_cast<size_t>(static_cast<uint64_t>(id.raw()) * 0x9E3779B97F4A7C15ULL);
    }
};
