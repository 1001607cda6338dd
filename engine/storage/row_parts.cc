#include "engine/storage/internal/row_parts.h"

#include <limits>

#include "engine/value/codec.h"

namespace deed::storage {

namespace {

constexpr uint64_t kIdMax = std::numeric_limits<uint32_t>::max();

// The next of an ascending series of 32-bit ids: the first as it is, then the distance to the one
// before less one, so that a series that repeats or falls cannot be written down.
uint32_t next_ascending(ByteReader& reader, uint64_t already, uint32_t previous) {
    const uint64_t step = reader.varint_up_to(kIdMax);
    const uint64_t id = already == 0 ? step : uint64_t{previous} + step + 1;
    if (id >= kIdMax) reader.fail();
    return reader.failed() ? 0 : static_cast<uint32_t>(id);
}

void put_ascending(std::string& out, uint64_t already, uint32_t previous, uint32_t id) {
    DEED_ASSERT(already == 0 || id > previous, "ids of labels and properties ascend");
    put_varint(out, already == 0 ? id : id - previous - 1);
}

}  // namespace

void put_labels(std::string& out, const std::vector<LabelId>& labels) {
    put_varint(out, labels.size());
    for (size_t i = 0; i < labels.size(); ++i)
        put_ascending(out, i, i == 0 ? 0 : labels[i - 1].raw(), labels[i].raw());
}

void get_labels(ByteReader& reader, std::vector<LabelId>& labels) {
    labels.clear();
    const uint64_t count = reader.count(1);
    labels.reserve(count);
    for (uint64_t i = 0; i < count && !reader.failed(); ++i)
        labels.emplace_back(next_ascending(reader, i, i == 0 ? 0 : labels.back().raw()));
}

void put_properties(std::string& out, const catalog::PropertyList& properties) {
    put_varint(out, properties.size());
    for (size_t i = 0; i < properties.size(); ++i) {
        put_ascending(out, i, i == 0 ? 0 : properties[i - 1].first.raw(),
                      properties[i].first.raw());
        value::encode(properties[i].second, out);
    }
}

void get_properties(ByteReader& reader, catalog::PropertyList& properties) {
    properties.clear();
    const uint64_t count = reader.count(2);  // a key and a type take one byte each at least
    // Not reserved in full: an element in memory is larger than the bytes that announce it.
    properties.reserve(std::min<uint64_t>(count, 64));
    for (uint64_t i = 0; i < count && !reader.failed(); ++i) {
        const PropertyKeyId key(
            next_ascending(reader, i, i == 0 ? 0 : properties.back().first.raw()));
        if (reader.failed()) return;
        Result<value::Value> value = value::decode(reader.rest());
        if (!value.ok()) {
            reader.fail();
            return;
        }
        properties.emplace_back(key, std::move(value).value());
    }
}

}  // namespace deed::storage
