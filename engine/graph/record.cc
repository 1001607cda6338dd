#include "engine/graph/record.h"

#include <algorithm>
#include <utility>

#include "engine/value/codec.h"

namespace deed::graph {

namespace {

constexpr size_t kGenericEntryBytes = 8;

uint32_t generic_number(const std::byte* payload, uint32_t entry, uint32_t part) {
    return load_number<uint32_t>(payload + 4 + entry * kGenericEntryBytes + part * 4);
}

PropertyKeyId generic_key(const std::byte* payload, uint32_t entry) {
    return PropertyKeyId{generic_number(payload, entry, 0)};
}

uint32_t generic_end(const std::byte* payload, uint32_t entry) {
    return generic_number(payload, entry, 1);
}

uint32_t generic_fixed_bytes(uint32_t count) {
    return static_cast<uint32_t>(4 + count * kGenericEntryBytes);
}

value::Value decode(std::string_view bytes) {
    Result<value::Value> decoded = value::decode(bytes);
    // We encoded it ourselves and it never left this memory.
    DEED_ASSERT(decoded.ok(), "a record holds bytes that are no value");
    return std::move(decoded).value();
}

value::Value generic_value(const std::byte* payload, uint32_t count, uint32_t entry) {
    const uint32_t begin =
        entry == 0 ? generic_fixed_bytes(count) : generic_end(payload, entry - 1);
    return decode(
        {reinterpret_cast<const char*>(payload) + begin, generic_end(payload, entry) - begin});
}

}  // namespace

value::Value read_value(const std::byte* payload, const Slot& slot) {
    const std::byte* at = payload + slot.offset;
    switch (slot.kind) {
        case StorageKind::kBool:
            return value::Value::boolean(load_number<uint8_t>(at) != 0);
        case StorageKind::kInt32:
            return value::Value::integer(load_number<int32_t>(at));
        case StorageKind::kInt64:
            return value::Value::integer(load_number<int64_t>(at));
        case StorageKind::kFloat64:
            return value::Value::floating(load_number<double>(at));
        case StorageKind::kString:
            return value::Value::string(read_tail(payload, slot));
        case StorageKind::kEncoded:
            return decode(read_tail(payload, slot));
        case StorageKind::kAbsent:
        case StorageKind::kGeneric:
            break;
    }
    DEED_ASSERT(false, "the slot holds no value");
    return {};
}

PropertyCursor::PropertyCursor(const ShapeTable& shapes, ShapeId shape, const std::byte* payload)
    : shape_(shape == ShapeTable::kGeneric ? nullptr : &shapes.shape(shape)),
      payload_(payload),
      count_(shape_ == nullptr ? load_number<uint32_t>(payload)
                               : static_cast<uint32_t>(shape_->fields().size())) {}

bool PropertyCursor::next() {
    ++at_;
    return at_ < count_;
}

PropertyKeyId PropertyCursor::key() const {
    if (shape_ == nullptr) return generic_key(payload_, at_);
    return shape_->fields()[at_].key;
}

value::Value PropertyCursor::value() const {
    if (shape_ == nullptr) return generic_value(payload_, count_, at_);
    return read_value(payload_, shape_->slots()[at_]);
}

value::Value record_get(const std::byte* payload, ShapeId shape, PropertyKeyId key,
                        const ShapeTable& shapes) {
    if (shape != ShapeTable::kGeneric) {
        const Slot slot = shapes.shape(shape).find(key);
        return slot.present() ? read_value(payload, slot) : value::Value{};
    }
    const auto count = load_number<uint32_t>(payload);
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (generic_key(payload, middle) < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == count || generic_key(payload, low) != key) return {};
    return generic_value(payload, count, low);
}

uint32_t record_property_count(const std::byte* payload, ShapeId shape, const ShapeTable& shapes) {
    if (shape == ShapeTable::kGeneric) return load_number<uint32_t>(payload);
    return static_cast<uint32_t>(shapes.shape(shape).fields().size());
}

size_t record_payload_bytes(const std::byte* payload, ShapeId shape, const ShapeTable& shapes) {
    if (shape == ShapeTable::kGeneric) {
        const auto count = load_number<uint32_t>(payload);
        return count == 0 ? generic_fixed_bytes(0) : generic_end(payload, count - 1);
    }
    const Shape& layout = shapes.shape(shape);
    if (!layout.has_tail()) return layout.fixed_bytes();
    return load_number<uint32_t>(payload + layout.last_end_offset());
}

}  // namespace deed::graph
