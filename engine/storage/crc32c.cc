#include "engine/storage/internal/crc32c.h"

#include <cstring>
#include <nmmintrin.h>

namespace deed::storage {

uint32_t crc32c(std::string_view bytes, uint32_t seed) {
    uint64_t sum = ~seed;
    const char* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, at, 8);
        sum = _mm_crc32_u64(sum, word);
    }
    auto tail = static_cast<uint32_t>(sum);
    for (; left > 0; --left, ++at) tail = _mm_crc32_u8(tail, static_cast<uint8_t>(*at));
    return ~tail;
}

}  // namespace deed::storage
