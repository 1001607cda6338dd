#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include "engine/base/assert.h"
#include "engine/base/ids.h"
#include "engine/graph/shape.h"
#include "engine/value/value.h"

namespace deed::graph {

// A record is one version of a node's labels and properties, or of an edge's properties: a header,
// then the payload that its shape describes. Records are made by record_builder.h.
//
//     node: | ts 8 | previous 8 | shape 4 | label set 4 | payload ... |
//     edge: | ts 8 | previous 8 | shape 4 | payload ... |
//
//     payload of a shape:       | slots, as Shape says | tail: characters and encoded values |
//     payload, generic shape:   | count 4 | count x (key 4, end 4), keys ascending | encoded values
//     |
//
// Every "end" counts from the payload's first byte, so a part of the tail reaches from the end of
// the part before it to its own end.

/// A number of the payload; it may lie at any address.
template <class Number>
[[nodiscard]] inline Number load_number(const std::byte* at) {
    Number number;
    std::memcpy(&number, at, sizeof(number));
    return number;
}

/// The bytes of a part of the tail. REQUIRES: the slot's kind is kString or kEncoded.
[[nodiscard]] inline std::string_view read_tail(const std::byte* payload, const Slot& slot) {
    const auto end = load_number<uint32_t>(payload + slot.offset);
    const uint32_t begin =
        slot.first_in_tail ? slot.begin : load_number<uint32_t>(payload + slot.begin);
    return {reinterpret_cast<const char*>(payload) + begin, end - begin};
}

/// The value of a slot that is present.
[[nodiscard]] value::Value read_value(const std::byte* payload, const Slot& slot);

// What the methods of PropertyRecord come down to.
[[nodiscard]] value::Value record_get(const std::byte* payload, ShapeId shape, PropertyKeyId key,
                                      const ShapeTable& shapes);
[[nodiscard]] uint32_t record_property_count(const std::byte* payload, ShapeId shape,
                                             const ShapeTable& shapes);
[[nodiscard]] size_t record_payload_bytes(const std::byte* payload, ShapeId shape,
                                          const ShapeTable& shapes);

/// Walks the properties of one record, keys ascending:
/// `for (PropertyCursor at(...); at.next();) use(at.key(), at.value());`
///
/// Thread safety: one thread. Lifetime: not longer than the record and the table.
class PropertyCursor {
 public:
    PropertyCursor(const ShapeTable& shapes, ShapeId shape, const std::byte* payload);
    [[nodiscard]] bool next();
    [[nodiscard]] PropertyKeyId key() const;
    [[nodiscard]] value::Value value() const;

 private:
    const Shape* shape_;  // nullptr: the generic shape
    const std::byte* payload_;
    uint32_t count_;
    uint32_t at_ = UINT32_MAX;
};

/// What is common to the versions of nodes and edges.
///
/// Thread safety: immutable once published, but for `cut_previous`.
/// Lifetime: in an arena of the graph, until no registered snapshot can reach it.
/// Invariants: `previous()->ts() < ts()`.
template <class Self, uint32_t kPayloadAt>
class PropertyRecord {
 public:
    PropertyRecord(const PropertyRecord&) = delete;
    PropertyRecord& operator=(const PropertyRecord&) = delete;

    [[nodiscard]] CommitTs ts() const { return ts_; }
    /// The version that this one superseded, or nullptr. REQUIRES: called on behalf of a registered
    /// snapshot older than ts(), or by the writer; what is older may be gone for everybody else.
    [[nodiscard]] const Self* previous() const { return previous_; }
    [[nodiscard]] ShapeId shape() const { return shape_; }
    /// From ts() on there is nothing here.
    [[nodiscard]] bool deleted() const { return shape_ == ShapeTable::kDeleted; }
    [[nodiscard]] const std::byte* payload() const {
        return reinterpret_cast<const std::byte*>(this) + kPayloadAt;
    }

    /// Null where the record lacks the property.
    [[nodiscard]] value::Value get(PropertyKeyId key, const ShapeTable& shapes) const {
        return record_get(payload(), shape_, key, shapes);
    }
    /// Calls `visit(PropertyKeyId, value::Value)`, keys ascending.
    template <class Visit>
    void for_each(const ShapeTable& shapes, Visit&& visit) const {
        for (PropertyCursor at(shapes, shape_, payload()); at.next();) visit(at.key(), at.value());
    }
    [[nodiscard]] uint32_t property_count(const ShapeTable& shapes) const {
        return record_property_count(payload(), shape_, shapes);
    }
    /// What was asked of the arena for it: a multiple of 8.
    [[nodiscard]] size_t bytes(const ShapeTable& shapes) const {
        const size_t used = kPayloadAt + record_payload_bytes(payload(), shape_, shapes);
        return std::max(sizeof(Self), (used + 7) / 8 * 8);
    }

    // For scans: `find_slot` once per shape, then these once per record, without allocation.
    // REQUIRES: the slot is of this record's shape and of the kind that the method reads.
    [[nodiscard]] bool read_bool(const Slot& slot) const {
        return load_number<uint8_t>(payload() + slot.offset) != 0;
    }
    [[nodiscard]] int64_t read_int(const Slot& slot) const {
        const std::byte* at = payload() + slot.offset;
        if (slot.kind == StorageKind::kInt32) return load_number<int32_t>(at);
        return load_number<int64_t>(at);
    }
    [[nodiscard]] double read_float(const Slot& slot) const {
        return load_number<double>(payload() + slot.offset);
    }
    [[nodiscard]] std::string_view read_string_view(const Slot& slot) const {
        return read_tail(payload(), slot);
    }
    /// Any kind but kAbsent and kGeneric.
    [[nodiscard]] value::Value read(const Slot& slot) const { return read_value(payload(), slot); }

    /// Forgets what it superseded. Not atomic, because no reader looks: the collector cuts below
    /// the newest version that the oldest snapshot sees, and no snapshot walks beyond a version
    /// that it sees. Only the writer's thread.
    void cut_previous() { previous_ = nullptr; }

 protected:
    PropertyRecord(CommitTs ts, const Self* previous, ShapeId shape)
        : ts_(ts), previous_(previous), shape_(shape) {}
    ~PropertyRecord() = default;

 private:
    CommitTs ts_;
    const Self* previous_;
    ShapeId shape_;
};

/// One version of a node.
class NodeRecord final : public PropertyRecord<NodeRecord, 24> {
 public:
    [[nodiscard]] LabelSetId label_set() const { return label_set_; }

 private:
    friend class RecordBuilder;
    NodeRecord(CommitTs ts, const NodeRecord* previous, ShapeId shape, LabelSetId labels)
        : PropertyRecord(ts, previous, shape), label_set_(labels) {}

    LabelSetId label_set_;
};

/// One version of an edge's properties. An edge that never had any has no record.
class EdgeRecord final : public PropertyRecord<EdgeRecord, 20> {
 private:
    friend class RecordBuilder;
    using PropertyRecord::PropertyRecord;
};

// The label set and an edge's payload begin right behind the shape.
static_assert(sizeof(NodeRecord) == 24 && sizeof(EdgeRecord) == 24);

/// Reads one property of many records; remembers the slot of the shape that it met last.
///
/// Thread safety: one thread. Lifetime: not longer than the table.
class PropertyReader {
 public:
    PropertyReader(const ShapeTable& shapes, PropertyKeyId key) : shapes_(&shapes), key_(key) {}

    template <class Record>
    [[nodiscard]] const Slot& slot(const Record& record) {
        if (record.shape() != shape_) [[unlikely]] {
            shape_ = record.shape();
            slot_ = shapes_->find_slot(shape_, key_);
        }
        return slot_;
    }
    /// Null where the record lacks it.
    template <class Record>
    [[nodiscard]] value::Value read(const Record& record) {
        const Slot& at = slot(record);
        if (at.present()) return record.read(at);
        if (at.kind == StorageKind::kGeneric) return record.get(key_, *shapes_);
        return {};
    }
    /// The same over a value that is there already: for columns. Numbers, which most columns hold,
    /// are made in its place: a move would read back as one what was just written as two halves,
    /// for which the processor waits longer than everything else here takes.
    template <class Record>
    void read(const Record& record, value::Value& out) {
        const Slot& at = slot(record);
        if (at.kind == StorageKind::kInt32 || at.kind == StorageKind::kInt64) {
            std::destroy_at(&out);
            ::new (static_cast<void*>(&out))
                value::Value(value::Value::integer(record.read_int(at)));
        } else if (at.kind == StorageKind::kFloat64) {
            std::destroy_at(&out);
            ::new (static_cast<void*>(&out))
                value::Value(value::Value::floating(record.read_float(at)));
        } else {
            out = read(record);
        }
    }

 private:
    const ShapeTable* shapes_;
    PropertyKeyId key_;
    ShapeId shape_;
    Slot slot_;
};

}  // namespace deed::graph
