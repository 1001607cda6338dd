#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include "engine/base/assert.h"
#include "engine/base/result.h"

namespace deed::value {

/// What a vector's elements are. The numbers are part of the byte encoding and never change.
enum class ElementType : uint8_t {
    kInt8 = 1,
    kInt16 = 2,
    kInt32 = 3,
    kInt64 = 4,
    kFloat32 = 5,
    kFloat64 = 6,
};

[[nodiscard]] size_t element_size(ElementType type);
[[nodiscard]] bool is_element_type(uint8_t raw);
/// "INTEGER8" ... "FLOAT64".
[[nodiscard]] std::string_view element_type_name(ElementType type);

template <class T>
constexpr ElementType element_type_of() {
    if constexpr (std::is_same_v<T, int8_t>) {
        return ElementType::kInt8;
    } else if constexpr (std::is_same_v<T, int16_t>) {
        return ElementType::kInt16;
    } else if constexpr (std::is_same_v<T, int32_t>) {
        return ElementType::kInt32;
    } else if constexpr (std::is_same_v<T, int64_t>) {
        return ElementType::kInt64;
    } else if constexpr (std::is_same_v<T, float>) {
        return ElementType::kFloat32;
    } else {
        static_assert(std::is_same_v<T, double>, "a vector holds int8 to int64, float or double");
        return ElementType::kFloat64;
    }
}

/// A fixed number of elements of one numeric type, as embeddings are.
///
/// Thread safety: a value type; copies share immutable storage. Lifetime: spans live as long as
/// this vector or any copy. Invariants: at least one and at most `limits::kVectorDimensionsMax`
/// elements, except for a default-made vector, which has none; floats are finite.
class Vector {
 public:
    Vector() = default;

    /// Fails with "INVALID_VECTOR" (dimension) or "VECTOR_NOT_FINITE".
    template <class T>
    static Result<Vector> of(std::span<const T> elements) {
        return from_bytes(element_type_of<T>(), std::as_bytes(elements));
    }
    /// From elements in this machine's byte order, one after the other.
    static Result<Vector> from_bytes(ElementType type, std::span<const std::byte> bytes);

    [[nodiscard]] ElementType element_type() const { return type_; }
    [[nodiscard]] uint32_t dimension() const { return dimension_; }
    /// The elements in this machine's byte order.
    [[nodiscard]] std::span<const std::byte> bytes() const {
        return {data_.get(), dimension_ * element_size(type_)};
    }
    /// REQUIRES: `T` is the element type.
    template <class T>
    [[nodiscard]] std::span<const T> elements() const {
        DEED_ASSERT(element_type_of<T>() == type_, "elements() of another type");
        return {reinterpret_cast<const T*>(data_.get()), dimension_};
    }
    /// The element as a double; exact except for large int64. REQUIRES: index < dimension().
    [[nodiscard]] double at(uint32_t index) const;

    /// Same type, same bytes.
    friend bool identical(const Vector& a, const Vector& b);

 private:
    std::shared_ptr<const std::byte[]> data_;
    uint32_t dimension_ = 0;
    ElementType type_ = ElementType::kFloat32;
};

}  // namespace deed::value
