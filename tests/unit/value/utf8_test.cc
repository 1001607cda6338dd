#include "engine/value/utf8.h"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/value/random_values.h"

namespace deed::value {
namespace {

/// By decoding code points, as the definition has it.
bool is_utf8_slowly(const std::string& bytes) {
    size_t at = 0;
    while (at < bytes.size()) {
        const auto lead = static_cast<unsigned char>(bytes[at]);
        size_t length = 0;
        if (lead < 0x80) length = 1;
        if (lead >= 0xC0 && lead < 0xE0) length = 2;
        if (lead >= 0xE0 && lead < 0xF0) length = 3;
        if (lead >= 0xF0 && lead < 0xF8) length = 4;
        if (length == 0 || at + length > bytes.size()) return false;
        uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
        for (size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(bytes[at + i]);
            if ((next & 0xC0) != 0x80) return false;
            point = point << 6 | (next & 0x3FU);
        }
        constexpr uint32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < kLowest[length] || point > 0x10FFFF) return false;
        if (point >= 0xD800 && point <= 0xDFFF) return false;
        at += length;
    }
    return true;
}

TEST(Utf8, AgreesWithTheDefinitionOnAllShortSequences) {
    // Every lead byte with every second byte and the third and fourth bytes where ranges turn.
    for (int a = 0; a < 256; ++a) {
        for (int b = 0; b < 256; ++b) {
            for (const int c : {0x00, 0x7F, 0x80, 0xBF, 0xC0}) {
                for (const int d : {0x00, 0x80, 0xBF, 0xFF}) {
                    const std::string bytes = {static_cast<char>(a), static_cast<char>(b),
                                               static_cast<char>(c), static_cast<char>(d)};
                    for (size_t size = 0; size <= 4; ++size) {
                        const std::string part = bytes.substr(0, size);
                        ASSERT_EQ(is_utf8(part), is_utf8_slowly(part)) << a << ' ' << b << ' ' << c;
                    }
                }
            }
        }
    }
}

TEST(Utf8, AgreesWithTheDefinitionAtEveryPlaceOfALongText) {
    std::mt19937_64 random(RandomValues::printed_seed());
    const std::vector<std::string> parts = {
        "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x9C", "0123456789abcdef", "\xED\x9F\xBF"};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        while (text.size() < random() % 80) text += parts[random() % parts.size()];
        ASSERT_TRUE(is_utf8(text));
        if (text.empty()) continue;
        text[random() % text.size()] = static_cast<char>(random());
        ASSERT_EQ(is_utf8(text), is_utf8_slowly(text));
        text.resize(random() % text.size());
        ASSERT_EQ(is_utf8(text), is_utf8_slowly(text));
    }
}

}  // namespace
}  // namespace deed::value
