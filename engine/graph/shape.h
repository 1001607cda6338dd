#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/catalog/interner.h"

namespace deed::graph {

using ShapeId = StrongId<struct ShapeIdTag, uint32_t>;

/// How a property lies in a record. The first two are answers of `find_slot` only.
enum class StorageKind : uint8_t {
    kAbsent = 0,   // records of this shape do not have the property
    kGeneric = 1,  // the record itself lists its keys: ask the record (`get`)
    kBool = 2,     // 1 byte
    kInt32 = 3,    // an integer that fits
    kInt64 = 4,
    kFloat64 = 5,
    kString = 6,   // where it ends, 4 bytes; its characters lie in the tail
    kEncoded = 7,  // the same, with the bytes of `value::encode`
};

/// One property of a shape. Shapes are equal when their fields are.
struct ShapeField {
    PropertyKeyId key;
    StorageKind kind = StorageKind::kAbsent;

    friend bool operator==(const ShapeField&, const ShapeField&) = default;
};

/// Where a property lies in every record of one shape. Offsets count from the record's payload.
struct Slot {
    StorageKind kind = StorageKind::kAbsent;
    bool first_in_tail = false;  // then `begin` is the place itself, else the place of a number
    uint32_t offset = 0;         // of the value, or of the 4 bytes that say where it ends
    uint32_t begin = 0;          // kString, kEncoded: where it begins

    [[nodiscard]] bool present() const { return kind > StorageKind::kGeneric; }
};

/// The layout that many records share: which properties, stored how, where.
///
///     payload: | 8-byte slots | 4-byte slots (int32, ends) | 1-byte slots | tail |
///
/// Thread safety: immutable. Invariants: fields ascend by key, each key once.
class Shape {
 public:
    explicit Shape(std::span<const ShapeField> fields);

    [[nodiscard]] std::span<const ShapeField> fields() const { return fields_; }
    /// Parallel to fields().
    [[nodiscard]] std::span<const Slot> slots() const { return slots_; }
    /// Of `key`; kind kAbsent where the shape lacks it.
    [[nodiscard]] Slot find(PropertyKeyId key) const;
    /// Where the tail begins; the payload's whole size where there is no tail.
    [[nodiscard]] uint32_t fixed_bytes() const { return fixed_bytes_; }
    [[nodiscard]] bool has_tail() const { return has_tail_; }
    /// Where the payload says how long it is. REQUIRES: has_tail().
    [[nodiscard]] uint32_t last_end_offset() const { return last_end_offset_; }

 private:
    std::vector<ShapeField> fields_;
    std::vector<Slot> slots_;
    uint32_t fixed_bytes_ = 0;
    uint32_t last_end_offset_ = 0;
    bool has_tail_ = false;
};

/// Bounds of a ShapeTable; tests make them small.
struct ShapeTableOptions {
    uint32_t shapes_max = 16'384;
    uint32_t fields_per_shape_max = 256;
    uint32_t fields_total_max = 1U << 20;  // about 24 bytes each
};

/// All shapes of one graph. A record whose shape would be one too many, or too wide, gets the
/// generic shape: it lists its own keys and every value is encoded. Slower to read, never wrong.
///
/// Thread safety: all methods from any thread; only a shape that is new takes a lock.
/// Lifetime: shapes live as long as the table.
class ShapeTable {
 public:
    static constexpr ShapeId kEmpty{0};
    static constexpr ShapeId kGeneric{1};
    static constexpr ShapeId kDeleted{2};

    explicit ShapeTable(const ShapeTableOptions& options = {});

    /// The shape of these fields, kGeneric where the table is full or they are too many.
    /// REQUIRES: ascending by key, each key once, all `present` kinds.
    ShapeId intern(std::span<const ShapeField> fields);

    /// REQUIRES: `id` was given by this table.
    [[nodiscard]] const Shape& shape(ShapeId id) const { return shapes_.at(id.raw()); }

    /// Once per shape in a scan; then `read_*` of record.h. kGeneric: ask each record.
    [[nodiscard]] Slot find_slot(ShapeId id, PropertyKeyId key) const {
        if (id == kGeneric) return Slot{.kind = StorageKind::kGeneric};
        return shape(id).find(key);
    }

    [[nodiscard]] uint32_t size() const { return shapes_.size(); }

 private:
    struct Traits {
        using Key = Shape;
        using View = std::span<const ShapeField>;
        static uint64_t hash(View fields);
        static bool equal(const Shape& shape, View fields) {
            return std::ranges::equal(shape.fields(), fields);
        }
    };

    const ShapeTableOptions options_;
    catalog::Interner<Traits> shapes_;
    // A bound, not a count: relaxed, and threads that intern at once may overshoot it a little.
    std::atomic<uint32_t> fields_total_{0};
};

}  // namespace deed::graph
