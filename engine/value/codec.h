#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/value/value.h"

/// Values as bytes; both forms are described byte by byte in codec.md. Pure; any thread.
namespace deed::value {

/// Appends the value to `out`: compact, self-describing, self-delimiting. One value has one
/// encoding.
void encode(const Value& value, std::string& out);

/// The bytes that `encode` would append.
[[nodiscard]] size_t encoded_size(const Value& value);

/// Takes one value from the front of `in`. Fails with kCorruption "VALUE_ENCODING" on bytes that
/// `encode` does not write, and then leaves `in` where it was. Memory used is bounded by a constant
/// times the bytes present; depth and sizes by limits.h; strings are valid UTF-8.
Result<Value> decode(std::string_view& in);

/// Ok where the value may be stored: its encoded size and its lists' sizes are within limits.h.
Status check_limits(const Value& value);

/// Appends a key whose order under memcmp is the order of `order()`, also when keys are appended
/// one after the other (composite keys). Equivalent values have equal keys, so 1 and 1.0 share one.
void encode_key(const Value& value, std::string& out);

/// Takes one key from the front of `in`; the value is equivalent to the one encoded (1.0 comes back
/// as 1, -0.0 as 0). Fails as `decode` does.
Result<Value> decode_key(std::string_view& in);

}  // namespace deed::value
