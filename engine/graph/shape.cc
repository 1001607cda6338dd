#include "engine/graph/shape.h"

#include <array>

#include "engine/base/assert.h"

namespace deed::graph {

namespace {

uint32_t slot_bytes(StorageKind kind) {
    switch (kind) {
        case StorageKind::kBool:
            return 1;
        case StorageKind::kInt64:
        case StorageKind::kFloat64:
            return 8;
        case StorageKind::kInt32:
        case StorageKind::kString:
        case StorageKind::kEncoded:
            return 4;
        case StorageKind::kAbsent:
        case StorageKind::kGeneric:
            break;
    }
    DEED_ASSERT(false, "a field has no storage of this kind");
    return 0;
}

bool in_tail(StorageKind kind) {
    return kind == StorageKind::kString || kind == StorageKind::kEncoded;
}

// Keys that no catalog gives, so that the two reserved shapes differ from every real one.
constexpr PropertyKeyId kNoKey{0xFFFF'FFF0U};
constexpr std::array kGenericFields{ShapeField{kNoKey, StorageKind::kGeneric}};
constexpr std::array kDeletedFields{ShapeField{kNoKey, StorageKind::kAbsent}};

}  // namespace

Shape::Shape(std::span<const ShapeField> fields)
    : fields_(fields.begin(), fields.end()), slots_(fields.size()) {
    for (const uint32_t width : {8U, 4U, 1U}) {
        for (size_t i = 0; i < fields_.size(); ++i) {
            const StorageKind kind = fields_[i].kind;
            if (slot_bytes(kind) != width) continue;
            slots_[i].kind = kind;
            slots_[i].offset = fixed_bytes_;
            fixed_bytes_ += width;
        }
    }
    // The tail follows the order of keys; each part begins where the one before it ends.
    for (Slot& slot : slots_) {
        if (!in_tail(slot.kind)) continue;
        slot.first_in_tail = !has_tail_;
        slot.begin = has_tail_ ? last_end_offset_ : fixed_bytes_;
        has_tail_ = true;
        last_end_offset_ = slot.offset;
    }
}

Slot Shape::find(PropertyKeyId key) const {
    const auto found = std::ranges::lower_bound(fields_, key, {}, &ShapeField::key);
    if (found == fields_.end() || found->key != key) return {};
    return slots_[static_cast<size_t>(found - fields_.begin())];
}

uint64_t ShapeTable::Traits::hash(View fields) {
    uint64_t hash = 0x2545F4914F6CDD1DULL + fields.size();
    for (const ShapeField& field : fields) {
        hash ^= uint64_t{field.key.raw()} << 8 | static_cast<uint64_t>(field.kind);
        hash *= 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 29;
    }
    return hash;
}

ShapeTable::ShapeTable(const ShapeTableOptions& options)
    : options_(options), shapes_(std::max(options.shapes_max, 3U)) {
    const auto plain = [](Traits::View fields) { return Shape(fields); };
    // The reserved shapes have no slots of their own; their fields only tell them apart.
    const auto bare = [](Traits::View) { return Shape({}); };
    const auto* empty = shapes_.intern({}, plain);
    const auto* generic = shapes_.intern(kGenericFields, bare);
    const auto* deleted = shapes_.intern(kDeletedFields, bare);
    DEED_ASSERT(
        empty->id == kEmpty.raw() && generic->id == kGeneric.raw() && deleted->id == kDeleted.raw(),
        "the reserved shapes come first");
}

ShapeId ShapeTable::intern(std::span<const ShapeField> fields) {
    if (const auto* known = shapes_.find(fields)) return ShapeId{known->id};
    const auto count = static_cast<uint32_t>(fields.size());
    if (fields.size() > options_.fields_per_shape_max) return kGeneric;
    if (fields_total_.load(std::memory_order_relaxed) + count > options_.fields_total_max) {
        return kGeneric;
    }
    const auto* entry = shapes_.intern(fields, [&](Traits::View view) {
        fields_total_.fetch_add(count, std::memory_order_relaxed);
        return Shape(view);
    });
    return entry == nullptr ? kGeneric : ShapeId{entry->id};
}

}  // namespace deed::graph
