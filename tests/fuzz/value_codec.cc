// Arbitrary bytes through both byte forms of a value. What reads as a value must be written again
// as the bytes it came from; anything else must fail and leave the input alone.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.h"
#include "engine/value/codec.h"
#include "engine/value/compare.h"

namespace {

using deed::value::Value;

void check_relations(const Value& value) {
    DEED_ASSERT(deed::value::equivalent(value, value), "a value is equivalent to itself");
    std::string key;
    deed::value::encode_key(value, key);
    std::string_view left = key;
    const auto again = deed::value::decode_key(left);
    DEED_ASSERT(again.ok() && left.empty(), "a key of a value reads back");
    DEED_ASSERT(deed::value::equivalent(*again, value), "a key keeps the value's group");
    DEED_ASSERT(deed::value::hash(*again) == deed::value::hash(value), "one group has one hash");
    DEED_ASSERT(!value.to_string().empty(), "every value prints");
}

void check_stored(std::string_view bytes) {
    std::string_view left = bytes;
    const auto value = deed::value::decode(left);
    if (!value.ok()) {
        DEED_ASSERT(left.size() == bytes.size(), "a failed decode leaves its input alone");
        return;
    }
    std::string again;
    deed::value::encode(*value, again);
    DEED_ASSERT(again == bytes.substr(0, bytes.size() - left.size()), "a value has one encoding");
    DEED_ASSERT(again.size() == deed::value::encoded_size(*value), "the size is foretold");
    std::string_view second = again;
    const auto twin = deed::value::decode(second);
    DEED_ASSERT(twin.ok() && second.empty() && identical(*twin, *value), "decode, encode, decode");
    check_relations(*value);
}

void check_key(std::string_view bytes) {
    std::string_view left = bytes;
    const auto value = deed::value::decode_key(left);
    if (!value.ok()) return;
    std::string again;
    deed::value::encode_key(*value, again);
    DEED_ASSERT(again == bytes.substr(0, bytes.size() - left.size()), "a key has one form");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_stored(bytes);
    check_key(bytes);
    return 0;
}
