#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

/// Reading and writing the numbers of both byte forms (codec.md).
namespace deed::value::internal {

static_assert(std::endian::native == std::endian::little, "little-endian numbers are copied as is");

inline void append_varint(std::string& out, uint64_t number) {
    while (number >= 0x80) {
        out += static_cast<char>(number | 0x80);
        number >>= 7;
    }
    out += static_cast<char>(number);
}

[[nodiscard]] inline size_t varint_size(uint64_t number) {
    return static_cast<size_t>(std::bit_width(number | 1) + 6) / 7;
}

[[nodiscard]] constexpr uint64_t zigzag(int64_t number) {
    return (static_cast<uint64_t>(number) << 1) ^ static_cast<uint64_t>(number >> 63);
}
[[nodiscard]] constexpr int64_t unzigzag(uint64_t number) {
    return static_cast<int64_t>((number >> 1) ^ (0 - (number & 1)));
}

template <class T>
void append_little_endian(std::string& out, T number) {
    char raw[sizeof(T)];
    std::memcpy(raw, &number, sizeof(T));
    out.append(raw, sizeof(T));
}

template <class T>
void append_big_endian(std::string& out, T number) {
    static_assert(std::is_unsigned_v<T>);
    for (size_t shift = sizeof(T) * 8; shift > 0; shift -= 8) {
        out += static_cast<char>(number >> (shift - 8));
    }
}

/// Takes numbers from the front of bytes; every step is empty where too few are left or they are
/// not what the writer above makes.
class ByteReader {
 public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    [[nodiscard]] std::string_view rest() const { return rest_; }

    std::optional<uint8_t> u8() {
        if (rest_.empty()) return std::nullopt;
        const auto byte = static_cast<uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return byte;
    }
    /// Only the shortest form of a number is taken, so that a value has one encoding.
    std::optional<uint64_t> varint() {
        constexpr size_t kBytesMax = 10;
        uint64_t number = 0;
        for (size_t i = 0; i < kBytesMax && i < rest_.size(); ++i) {
            const auto byte = static_cast<uint8_t>(rest_[i]);
            if (i == kBytesMax - 1 && byte > 1) return std::nullopt;
            number |= static_cast<uint64_t>(byte & 0x7F) << (7 * i);
            if ((byte & 0x80) != 0) continue;
            if (byte == 0 && i > 0) return std::nullopt;
            rest_.remove_prefix(i + 1);
            return number;
        }
        return std::nullopt;
    }
    std::optional<int64_t> signed_varint() {
        const auto number = varint();
        return number ? std::optional(unzigzag(*number)) : std::nullopt;
    }
    std::optional<std::string_view> bytes(uint64_t count) {
        if (count > rest_.size()) return std::nullopt;
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    /// A varint that says how many bytes follow, and these.
    std::optional<std::string_view> sized_bytes() {
        const auto count = varint();
        return count ? bytes(*count) : std::nullopt;
    }
    template <class T>
    std::optional<T> little_endian() {
        const auto raw = bytes(sizeof(T));
        if (!raw) return std::nullopt;
        T number;
        std::memcpy(&number, raw->data(), sizeof(T));
        return number;
    }
    template <class T>
    std::optional<T> big_endian() {
        static_assert(std::is_unsigned_v<T>);
        const auto raw = bytes(sizeof(T));
        if (!raw) return std::nullopt;
        uint64_t number = 0;
        for (const char c : *raw) number = (number << 8) | static_cast<uint8_t>(c);
        return static_cast<T>(number);
    }

 private:
    std::string_view rest_;
};

}  // namespace deed::value::internal
