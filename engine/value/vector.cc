#include "engine/value/vector.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "engine/base/limits.h"

namespace deed::value {

size_t element_size(ElementType type) {
    switch (type) {
        case ElementType::kInt8:
            return 1;
        case ElementType::kInt16:
            return 2;
        case ElementType::kInt32:
        case ElementType::kFloat32:
            return 4;
        case ElementType::kInt64:
        case ElementType::kFloat64:
            return 8;
    }
    DEED_ASSERT(false, "unknown element type");
    return 0;
}

bool is_element_type(uint8_t raw) {
    return raw >= static_cast<uint8_t>(ElementType::kInt8) &&
           raw <= static_cast<uint8_t>(ElementType::kFloat64);
}

std::string_view element_type_name(ElementType type) {
    switch (type) {
        case ElementType::kInt8:
            return "INTEGER8";
        case ElementType::kInt16:
            return "INTEGER16";
        case ElementType::kInt32:
            return "INTEGER32";
        case ElementType::kInt64:
            return "INTEGER64";
        case ElementType::kFloat32:
            return "FLOAT32";
        case ElementType::kFloat64:
            return "FLOAT64";
    }
    return "UNKNOWN";
}

namespace {

template <class T>
T load_element(const std::byte* from) {
    T element;
    std::memcpy(&element, from, sizeof(T));
    return element;
}

template <class T>
bool all_finite(std::span<const std::byte> bytes) {
    for (size_t at = 0; at < bytes.size(); at += sizeof(T)) {
        if (!std::isfinite(load_element<T>(bytes.data() + at))) return false;
    }
    return true;
}

bool has_only_finite(ElementType type, std::span<const std::byte> bytes) {
    if (type == ElementType::kFloat32) return all_finite<float>(bytes);
    if (type == ElementType::kFloat64) return all_finite<double>(bytes);
    return true;
}

}  // namespace

Result<Vector> Vector::from_bytes(ElementType type, std::span<const std::byte> bytes) {
    const size_t size = element_size(type);
    const size_t dimension = bytes.size() / size;
    if (dimension == 0 || dimension > limits::kVectorDimensionsMax || bytes.size() % size != 0) {
        return Error(ErrorCode::kInvalidArgument, "INVALID_VECTOR",
                     "a vector has 1 to " + std::to_string(limits::kVectorDimensionsMax) +
                         " whole elements, not " + std::to_string(bytes.size()) + " bytes of " +
                         std::string(element_type_name(type)));
    }
    if (!has_only_finite(type, bytes)) {
        return Error(ErrorCode::kInvalidArgument, "VECTOR_NOT_FINITE",
                     "a vector's elements must be finite numbers; leave out NaN and infinity");
    }
    Vector vector;
    // Not make_shared: an allocation of its own is aligned for every element type.
    std::shared_ptr<std::byte[]> data(new std::byte[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), data.get());
    vector.data_ = std::move(data);
    vector.dimension_ = static_cast<uint32_t>(dimension);
    vector.type_ = type;
    return vector;
}

double Vector::at(uint32_t index) const {
    DEED_ASSERT(index < dimension_, "vector index out of range");
    const std::byte* from = data_.get() + index * element_size(type_);
    switch (type_) {
        case ElementType::kInt8:
            return load_element<int8_t>(from);
        case ElementType::kInt16:
            return load_element<int16_t>(from);
        case ElementType::kInt32:
            return load_element<int32_t>(from);
        case ElementType::kInt64:
            return static_cast<double>(load_element<int64_t>(from));
        case ElementType::kFloat32:
            return load_element<float>(from);
        case ElementType::kFloat64:
            return load_element<double>(from);
    }
    return 0;
}

bool identical(const Vector& a, const Vector& b) {
    return a.type_ == b.type_ && std::ranges::equal(a.bytes(), b.bytes());
}

}  // namespace deed::value
