#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/value/point.h"
#include "engine/value/temporal.h"
#include "engine/value/vector.h"

namespace deed::value {

/// The kinds of value that a property, a parameter or a result column can hold. The numbers are
/// part of the byte encoding (`codec.h`) and never change.
enum class Type : uint8_t {
    kNull = 0,
    kBoolean = 1,
    kInteger = 2,   // signed, 64 bits
    kFloat = 3,     // IEEE 754, 64 bits
    kString = 4,    // UTF-8
    kBytes = 5,
    kList = 6,
    kMap = 7,
    kDate = 8,
    kTime = 9,      // with offset
    kLocalTime = 10,
    kDateTime = 11, // with offset or named zone
    kLocalDateTime = 12,
    kDuration = 13,
    kPoint = 14,
    kVector = 15,
};

/// "INTEGER", "LOCAL DATETIME" ...: the name as Cypher's messages and `valueType()` say it.
std::string_view type_name(Type type);

class Value;
using List = std::vector<Value>;
/// Sorted by key, each key once.
using Map = std::vector<std::pair<std::string, Value>>;

/// One Cypher value. Sixteen bytes; what does not fit lies on the heap, immutable, shared by
/// copies through a reference count, so that a copy costs at most one atomic increment.
///
/// Thread safety: a value type; copies may be read from different threads. Lifetime: views returned
/// by accessors live as long as this value or any copy of it. Invariants: a moved-from value is null.
class Value {
 public:
    constexpr Value() noexcept = default;  // null
    Value(const Value& other) noexcept;
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other) noexcept;
    Value& operator=(Value&& other) noexcept;
    ~Value();

    static Value null() { return {}; }
    static Value boolean(bool value);
    static Value integer(int64_t value);
    static Value floating(double value);
    static Value string(std::string_view utf8);  // REQUIRES: valid UTF-8 (see utf8.h)
    static Value bytes(std::span<const std::byte> bytes);
    static Value list(List elements);
    static Value map(Map entries);  // sorts by key; a repeated key keeps its last value
    static Value date(Date value);
    static Value time(Time value);
    static Value local_time(LocalTime value);
    static Value date_time(DateTime value);
    static Value local_date_time(LocalDateTime value);
    static Value duration(Duration value);
    static Value point(Point value);
    static Value vector(Vector value);

    [[nodiscard]] Type type() const { return type_; }
    [[nodiscard]] bool is_null() const { return type_ == Type::kNull; }
    [[nodiscard]] bool is_number() const {
        return type_ == Type::kInteger || type_ == Type::kFloat;
    }

    // Accessors. REQUIRES: `type()` is the one asked for.
    [[nodiscard]] bool as_boolean() const;
    [[nodiscard]] int64_t as_integer() const;
    [[nodiscard]] double as_float() const;
    [[nodiscard]] std::string_view as_string() const;
    [[nodiscard]] std::span<const std::byte> as_bytes() const;
    [[nodiscard]] const List& as_list() const;
    [[nodiscard]] const Map& as_map() const;
    [[nodiscard]] Date as_date() const;
    [[nodiscard]] Time as_time() const;
    [[nodiscard]] LocalTime as_local_time() const;
    [[nodiscard]] const DateTime& as_date_time() const;
    [[nodiscard]] LocalDateTime as_local_date_time() const;
    [[nodiscard]] const Duration& as_duration() const;
    [[nodiscard]] const Point& as_point() const;
    [[nodiscard]] const Vector& as_vector() const;

    /// The entry of a map, or nullptr. REQUIRES: type() == kMap.
    [[nodiscard]] const Value* find(std::string_view key) const;

    /// Heap bytes that this value keeps alive, for accounting; shared parts count in full.
    [[nodiscard]] size_t heap_bytes() const;

    /// As Cypher would print it: `'it\'s'`, `[1, 2.0]`, `{a: 1}`, `date('2024-02-29')`.
    [[nodiscard]] std::string to_string() const;

    /// Identical: same type, same bits (NaN is identical to NaN, 1 is not identical to 1.0). Not
    /// Cypher's equality; that is in compare.h.
    friend bool identical(const Value& a, const Value& b);

 private:
    // The value room decides the layout; 16 bytes, `type_` among them.
    union Payload {
        bool boolean;
        int64_t integer;
        double floating;
        const void* heap;
    };
    Payload payload_{.integer = 0};
    uint32_t extra_ = 0;
    uint8_t inline_size_ = 0;
    Type type_ = Type::kNull;
};

static_assert(sizeof(Value) == 16);

}  // namespace deed::value
