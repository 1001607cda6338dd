#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/assert.h"
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
    kInteger = 2,  // signed, 64 bits
    kFloat = 3,    // IEEE 754, 64 bits
    kString = 4,   // UTF-8
    kBytes = 5,
    kList = 6,
    kMap = 7,
    kDate = 8,
    kTime = 9,  // with offset
    kLocalTime = 10,
    kDateTime = 11,  // with offset or named zone
    kLocalDateTime = 12,
    kDuration = 13,
    kPoint = 14,
    kVector = 15,
};

/// "INTEGER", "LOCAL DATETIME" ...: the name as Cypher's messages and `valueType()` say it.
std::string_view type_name(Type type);

namespace internal {

/// The head of every heap part of a value.
///
/// Thread safety: any thread that holds a reference. Lifetime: until `drop()` has returned true.
class HeapHead {
 public:
    explicit HeapHead(uint32_t depth = 0) : depth_(depth) {}
    HeapHead(const HeapHead&) = delete;
    HeapHead& operator=(const HeapHead&) = delete;

    /// Relaxed: whoever copies already holds a reference, so nothing needs to be seen.
    void retain_relaxed() const { refs_.fetch_add(1, std::memory_order_relaxed); }
    /// True where this was the last reference; then the caller destroys the part. Each release
    /// pairs with the acquire of the last `drop`, so that it happens after every other holder's
    /// reads.
    [[nodiscard]] bool drop() const { return refs_.fetch_sub(1, std::memory_order_acq_rel) == 1; }
    [[nodiscard]] uint32_t depth() const { return depth_; }

 private:
    // 64 bits, because 2^32 copies of one value fit into a large machine's memory.
    mutable std::atomic<uint64_t> refs_{1};
    uint32_t depth_;
};

}  // namespace internal

class Value;
using List = std::vector<Value>;
/// Sorted by key, each key once.
using Map = std::vector<std::pair<std::string, Value>>;

/// One Cypher value. Sixteen bytes; what does not fit lies on the heap, immutable, shared by
/// copies through a reference count, so that a copy costs at most one atomic increment.
///
/// Thread safety: a value type; copies may be read from different threads. Lifetime: views returned
/// by accessors live as long as this value or any copy of it (an inline string's view: as long as
/// this value stays where it is). Invariants: a moved-from value is null; lists and maps nest at
/// most `limits::kValueDepthMax` deep, so that walks over a value may recurse.
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
    /// REQUIRES: no element is `limits::kValueDepthMax` deep; `make_list` of arithmetic.h checks.
    static Value list(List elements);
    /// Sorts by key; a repeated key keeps its last value. REQUIRES: as `list`; keys are UTF-8.
    static Value map(Map entries);
    static Value date(Date value);
    static Value time(Time value);
    static Value local_time(LocalTime value);
    static Value date_time(DateTime value);
    static Value local_date_time(LocalDateTime value);
    static Value duration(Duration value);
    static Value point(Point value);
    static Value vector(Vector value);

    [[nodiscard]] Type type() const { return rep_.type; }
    [[nodiscard]] bool is_null() const { return rep_.type == Type::kNull; }
    [[nodiscard]] bool is_number() const {
        return rep_.type == Type::kInteger || rep_.type == Type::kFloat;
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

    /// How deep lists and maps nest: 0 for other values, 1 for a list of such. Constant time.
    [[nodiscard]] uint32_t depth() const;

    /// Heap bytes that this value keeps alive, for accounting; shared parts count in full.
    [[nodiscard]] size_t heap_bytes() const;

    /// As Cypher would print it: `'it\'s'`, `[1, 2.0]`, `{a: 1}`, `date('2024-02-29')`.
    [[nodiscard]] std::string to_string() const;

    /// Identical: same type, same bits (NaN is identical to NaN, 1 is not identical to 1.0). Not
    /// Cypher's equality; that is in compare.h.
    friend bool identical(const Value& a, const Value& b);

 private:
    // 14 bytes of payload (a number, an inline string, or a pointer to the heap part), then how
    // many of them an inline string uses, then the type.
    static constexpr size_t kInlineBytes = 14;
    static constexpr uint8_t kOnHeap = 0xFF;
    struct Rep {
        alignas(8) std::byte raw[kInlineBytes];
        uint8_t size;
        Type type;
    };

    Value(Type type, const internal::HeapHead* part) noexcept {
        store(0, part);
        rep_.size = kOnHeap;
        rep_.type = type;
    }
    explicit Value(Type type) noexcept { rep_.type = type; }

    template <class T>
    void store(size_t at, T item) {
        std::memcpy(rep_.raw + at, &item, sizeof(T));
    }
    template <class T>
    [[nodiscard]] T load(size_t at) const {
        T item;
        std::memcpy(&item, rep_.raw + at, sizeof(T));
        return item;
    }
    static Value blob(Type type, const void* data, size_t size);
    [[nodiscard]] bool on_heap() const { return rep_.size == kOnHeap; }
    [[nodiscard]] const internal::HeapHead* head() const {
        return load<const internal::HeapHead*>(0);
    }
    void retain() const {
        if (on_heap()) head()->retain_relaxed();
    }
    void release() {
        if (on_heap() && head()->drop()) destroy();
    }
    void destroy();

    Rep rep_{};
};

static_assert(sizeof(Value) == 16);

namespace internal {

/// A heap part that is one object.
template <class T>
struct HeapBox : HeapHead {
    explicit HeapBox(T item, uint32_t depth = 0) : HeapHead(depth), value(std::move(item)) {}
    const T value;
};

/// A heap part of bytes, which lie behind it in the same allocation.
struct HeapBlob : HeapHead {
    explicit HeapBlob(size_t count) : size(count) {}
    [[nodiscard]] const char* data() const { return reinterpret_cast<const char*>(this + 1); }
    const size_t size;
};

}  // namespace internal

inline Value::Value(const Value& other) noexcept : rep_(other.rep_) {
    retain();
}
inline Value::Value(Value&& other) noexcept : rep_(other.rep_) {
    other.rep_ = Rep{};
}
inline Value& Value::operator=(const Value& other) noexcept {
    // `other` may be an element of the list that this lets go of: nothing of it is used after that.
    const Rep taken = other.rep_;
    other.retain();
    release();
    rep_ = taken;
    return *this;
}
inline Value& Value::operator=(Value&& other) noexcept {
    const Rep taken = other.rep_;
    other.rep_ = Rep{};
    release();
    rep_ = taken;
    return *this;
}
inline Value::~Value() {
    release();
}

inline Value Value::boolean(bool value) {
    Value result(Type::kBoolean);
    result.store(0, value);
    return result;
}
inline Value Value::integer(int64_t value) {
    Value result(Type::kInteger);
    result.store(0, value);
    return result;
}
inline Value Value::floating(double value) {
    Value result(Type::kFloat);
    result.store(0, value);
    return result;
}

inline bool Value::as_boolean() const {
    DEED_DEBUG_ASSERT(type() == Type::kBoolean, "as_boolean() of another type");
    return load<bool>(0);
}
inline int64_t Value::as_integer() const {
    DEED_DEBUG_ASSERT(type() == Type::kInteger, "as_integer() of another type");
    return load<int64_t>(0);
}
inline double Value::as_float() const {
    DEED_DEBUG_ASSERT(type() == Type::kFloat, "as_float() of another type");
    return load<double>(0);
}
inline std::string_view Value::as_string() const {
    DEED_DEBUG_ASSERT(type() == Type::kString, "as_string() of another type");
    if (!on_heap()) return {reinterpret_cast<const char*>(rep_.raw), rep_.size};
    const auto* blob = static_cast<const internal::HeapBlob*>(head());
    return {blob->data(), blob->size};
}
inline const List& Value::as_list() const {
    DEED_DEBUG_ASSERT(type() == Type::kList, "as_list() of another type");
    return static_cast<const internal::HeapBox<List>*>(head())->value;
}
inline const Map& Value::as_map() const {
    DEED_DEBUG_ASSERT(type() == Type::kMap, "as_map() of another type");
    return static_cast<const internal::HeapBox<Map>*>(head())->value;
}
inline uint32_t Value::depth() const {
    return on_heap() ? head()->depth() : 0;
}

}  // namespace deed::value
