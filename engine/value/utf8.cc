#include "engine/value/utf8.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace deed::value {

namespace {

constexpr uint64_t kHighBits = 0x8080'8080'8080'8080ULL;

/// Bytes at the front that are ASCII, counted in steps of sixteen.
size_t ascii_prefix(const unsigned char* at, size_t size) {
    size_t done = 0;
    while (size - done >= 16) {
        uint64_t words[2];
        std::memcpy(words, at + done, sizeof(words));
        if (((words[0] | words[1]) & kHighBits) != 0) break;
        done += 16;
    }
    return done;
}

bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/// The length of the well-formed sequence at the front, or 0. The second byte's range is what rules
/// out overlong forms, surrogates and what lies above U+10FFFF.
size_t sequence_length(const unsigned char* at, size_t left) {
    const unsigned char lead = at[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0;
    if (lead < 0xE0) return left >= 2 && is_continuation(at[1]) ? 2 : 0;
    if (lead < 0xF0) {
        if (left < 3 || !is_continuation(at[1]) || !is_continuation(at[2])) return 0;
        if (lead == 0xE0 && at[1] < 0xA0) return 0;
        if (lead == 0xED && at[1] > 0x9F) return 0;
        return 3;
    }
    if (lead > 0xF4 || left < 4) return 0;
    if (!is_continuation(at[1]) || !is_continuation(at[2]) || !is_continuation(at[3])) return 0;
    if (lead == 0xF0 && at[1] < 0x90) return 0;
    if (lead == 0xF4 && at[1] > 0x8F) return 0;
    return 4;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    size_t left = bytes.size();
    while (left > 0) {
        const size_t ascii = ascii_prefix(at, left);
        at += ascii;
        left -= ascii;
        // Text that is not ASCII seldom turns back within sixteen bytes: check that many one by
        // one.
        const size_t stop = left > 16 ? left - 16 : 0;
        while (left > stop) {
            const size_t length = sequence_length(at, left);
            if (length == 0) return false;
            at += length;
            left -= length;
        }
    }
    return true;
}

}  // namespace deed::value
