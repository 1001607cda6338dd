#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace deed::storage {

// Fixed-width numbers are little-endian, except in keys, where big-endian makes byte order number
// order. Varints are LEB128: seven bits a byte, lowest first, at most ten bytes.

template <class Number>
void put_fixed(std::string& out, Number number) {
    char bytes[sizeof(Number)];
    std::memcpy(bytes, &number, sizeof(Number));
    out.append(bytes, sizeof(Number));
}

template <class Number>
void put_big_endian(std::string& out, Number number) {
    for (size_t shift = sizeof(Number) * 8; shift > 0; shift -= 8)
        out.push_back(static_cast<char>(number >> (shift - 8) & 0xFF));
}

inline void put_varint(std::string& out, uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

inline uint64_t zigzag(int64_t number) {
    return static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63);
}
inline int64_t unzigzag(uint64_t number) {
    return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
}

/// Takes numbers from the front of bytes. Once something is missing or wrong it stays failed and
/// gives zeros, so that a decoder checks once at its end instead of after every number.
///
/// Thread safety: one thread. Lifetime: the bytes must outlive the reader.
class ByteReader {
 public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}
    explicit ByteReader(std::string&& gone_at_once) = delete;

    template <class Number>
    Number fixed() {
        Number number{};
        if (left_.size() < sizeof(Number)) {
            fail();
            return number;
        }
        std::memcpy(&number, left_.data(), sizeof(Number));
        left_.remove_prefix(sizeof(Number));
        return number;
    }

    template <class Number>
    Number big_endian() {
        Number number{};
        if (left_.size() < sizeof(Number)) {
            fail();
            return number;
        }
        for (size_t i = 0; i < sizeof(Number); ++i)
            number = static_cast<Number>(number << 8 | static_cast<uint8_t>(left_[i]));
        left_.remove_prefix(sizeof(Number));
        return number;
    }

    /// Accepts the shortest form only, so that one number has one encoding.
    uint64_t varint() {
        uint64_t number = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            const auto byte = static_cast<uint8_t>(left_.front());
            left_.remove_prefix(1);
            if ((shift == 63 && byte > 1) || (byte == 0 && shift > 0)) break;
            number |= static_cast<uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return number;
        }
        fail();
        return 0;
    }

    /// A varint that must not be larger than `max`.
    uint64_t varint_up_to(uint64_t max) {
        const uint64_t number = varint();
        if (number <= max) return number;
        fail();
        return 0;
    }

    /// A count of things that take at least `bytes_each` bytes: more than can be there is wrong, so
    /// that no memory is reserved for what does not exist.
    uint64_t count(uint64_t bytes_each) { return varint_up_to(left_.size() / bytes_each); }

    std::string_view bytes(size_t size) {
        if (size > left_.size()) {
            fail();
            return {};
        }
        const std::string_view taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }

    /// For decoders of other rooms that take from the front themselves.
    std::string_view& rest() { return left_; }

    void fail() {
        failed_ = true;
        left_ = {};
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return left_.empty(); }
    [[nodiscard]] size_t left() const { return left_.size(); }

 private:
    std::string_view left_;
    bool failed_ = false;
};

}  // namespace deed::storage
