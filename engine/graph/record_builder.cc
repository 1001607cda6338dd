#include "engine/graph/record_builder.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

#include "engine/base/assert.h"
#include "engine/value/codec.h"

namespace deed::graph {

namespace {

StorageKind storage_kind(const value::Value& value) {
    switch (value.type()) {
        case value::Type::kBoolean:
            return StorageKind::kBool;
        case value::Type::kInteger: {
            const int64_t integer = value.as_integer();
            const bool small = integer >= std::numeric_limits<int32_t>::min() &&
                               integer <= std::numeric_limits<int32_t>::max();
            return small ? StorageKind::kInt32 : StorageKind::kInt64;
        }
        case value::Type::kFloat:
            return StorageKind::kFloat64;
        case value::Type::kString:
            return StorageKind::kString;
        default:
            return StorageKind::kEncoded;
    }
}

template <class Number>
void store_number(std::byte* at, Number number) {
    std::memcpy(at, &number, sizeof(number));
}

/// Appends the part to the tail and notes its end; returns the end.
uint32_t store_tail(std::byte* payload, uint32_t begin, std::string_view part, std::byte* end_at) {
    if (!part.empty()) std::memcpy(payload + begin, part.data(), part.size());
    const auto end = static_cast<uint32_t>(begin + part.size());
    store_number(end_at, end);
    return end;
}

/// The values that were encoded, in order.
class EncodedParts {
 public:
    EncodedParts(std::string_view all, const std::vector<uint32_t>& ends)
        : all_(all), ends_(&ends) {}
    std::string_view next() {
        const uint32_t begin = at_ == 0 ? 0 : (*ends_)[at_ - 1];
        return all_.substr(begin, (*ends_)[at_++] - begin);
    }

 private:
    std::string_view all_;
    const std::vector<uint32_t>* ends_;
    size_t at_ = 0;
};

}  // namespace

void RecordBuilder::prepare(const catalog::PropertyList& properties) {
    properties_ = &properties;
    fields_.clear();
    encoded_.clear();
    encoded_ends_.clear();
    size_t tail = 0;
    for (const auto& [key, value] : properties) {
        DEED_DEBUG_ASSERT(!value.is_null(), "a property list holds no nulls");
        DEED_DEBUG_ASSERT(fields_.empty() || fields_.back().key < key, "keys ascend");
        const StorageKind kind = storage_kind(value);
        fields_.push_back({key, kind});
        if (kind == StorageKind::kString) tail += value.as_string().size();
        if (kind != StorageKind::kEncoded) continue;
        value::encode(value, encoded_);
        encoded_ends_.push_back(static_cast<uint32_t>(encoded_.size()));
    }
    shape_ = shapes_->intern(fields_);
    if (shape_ == ShapeTable::kGeneric) {
        prepare_generic();
    } else {
        payload_bytes_ = shapes_->shape(shape_).fixed_bytes() + tail + encoded_.size();
    }
    DEED_ASSERT(payload_bytes_ <= std::numeric_limits<uint32_t>::max(),
                "the limits of a transaction keep a record below 4 GiB");
}

void RecordBuilder::prepare_generic() {
    encoded_.clear();
    encoded_ends_.clear();
    for (const auto& [key, value] : *properties_) {
        value::encode(value, encoded_);
        encoded_ends_.push_back(static_cast<uint32_t>(encoded_.size()));
    }
    payload_bytes_ = 4 + 8 * properties_->size() + encoded_.size();
}

size_t RecordBuilder::record_bytes(size_t header) const {
    const size_t bytes = (header + payload_bytes_ + kAlignment - 1) / kAlignment * kAlignment;
    return bytes < sizeof(NodeRecord) ? sizeof(NodeRecord) : bytes;
}

void RecordBuilder::write_payload(std::byte* payload) const {
    if (shape_ == ShapeTable::kGeneric) return write_generic(payload);
    const Shape& shape = shapes_->shape(shape_);
    EncodedParts encoded(encoded_, encoded_ends_);
    uint32_t end = shape.fixed_bytes();
    for (size_t i = 0; i < properties_->size(); ++i) {
        const value::Value& value = (*properties_)[i].second;
        const Slot& slot = shape.slots()[i];
        std::byte* at = payload + slot.offset;
        switch (slot.kind) {
            case StorageKind::kBool:
                store_number<uint8_t>(at, value.as_boolean() ? 1 : 0);
                break;
            case StorageKind::kInt32:
                store_number(at, static_cast<int32_t>(value.as_integer()));
                break;
            case StorageKind::kInt64:
                store_number(at, value.as_integer());
                break;
            case StorageKind::kFloat64:
                store_number(at, value.as_float());
                break;
            case StorageKind::kString:
                end = store_tail(payload, end, value.as_string(), at);
                break;
            case StorageKind::kEncoded:
                end = store_tail(payload, end, encoded.next(), at);
                break;
            case StorageKind::kAbsent:
            case StorageKind::kGeneric:
                DEED_ASSERT(false, "a field is stored");
                break;
        }
    }
}

void RecordBuilder::write_generic(std::byte* payload) const {
    const auto count = static_cast<uint32_t>(properties_->size());
    EncodedParts encoded(encoded_, encoded_ends_);
    store_number(payload, count);
    auto end = static_cast<uint32_t>(4 + 8 * size_t{count});
    for (size_t i = 0; i < count; ++i) {
        store_number(payload + 4 + 8 * i, (*properties_)[i].first.raw());
        end = store_tail(payload, end, encoded.next(), payload + 8 + 8 * i);
    }
}

NodeRecord* RecordBuilder::write_node(void* memory, CommitTs ts, const NodeRecord* previous,
                                      LabelSetId labels) const {
    DEED_DEBUG_ASSERT(properties_ != nullptr, "prepare() comes first");
    auto* record = new (memory) NodeRecord(ts, previous, shape_, labels);
    write_payload(static_cast<std::byte*>(memory) + sizeof(NodeRecord));
    return record;
}

EdgeRecord* RecordBuilder::write_edge(void* memory, CommitTs ts, const EdgeRecord* previous) const {
    DEED_DEBUG_ASSERT(properties_ != nullptr, "prepare() comes first");
    auto* record = new (memory) EdgeRecord(ts, previous, shape_);
    write_payload(static_cast<std::byte*>(memory) + kEdgeHeaderBytes);
    return record;
}

NodeRecord* RecordBuilder::write_deleted_node(void* memory, CommitTs ts,
                                              const NodeRecord* previous) {
    return new (memory) NodeRecord(ts, previous, ShapeTable::kDeleted, LabelSetId{0});
}

EdgeRecord* RecordBuilder::write_deleted_edge(void* memory, CommitTs ts,
                                              const EdgeRecord* previous) {
    return new (memory) EdgeRecord(ts, previous, ShapeTable::kDeleted);
}

}  // namespace deed::graph
