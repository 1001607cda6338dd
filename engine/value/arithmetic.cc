#include "engine/value/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/base/limits.h"
#include "engine/value/internal/errors.h"
#include "engine/value/number_text.h"
#include "engine/value/temporal_arithmetic.h"

namespace deed::value {

namespace {

Error overflow(const Value& a, const char* sign, const Value& b) {
    return {ErrorCode::kInvalidArgument, "INTEGER_OVERFLOW",
            a.to_string() + " " + sign + " " + b.to_string() +
                " does not fit into 64 bits; use floats, such as toFloat()"};
}

Error mismatch(const Value& a, const char* sign, const Value& b) {
    return {ErrorCode::kInvalidArgument, "TYPE_MISMATCH",
            "there is no " + std::string(type_name(a.type())) + " " + sign + " " +
                std::string(type_name(b.type()))};
}

double as_double(const Value& number) {
    return number.type() == Type::kInteger ? static_cast<double>(number.as_integer())
                                           : number.as_float();
}

bool both_whole(const Value& a, const Value& b) {
    return a.type() == Type::kInteger && b.type() == Type::kInteger;
}

bool both_numbers(const Value& a, const Value& b) {
    return a.is_number() && b.is_number();
}

bool any_null(const Value& a, const Value& b) {
    return a.is_null() || b.is_null();
}

Result<Value> add_numbers(const Value& a, const Value& b) {
    if (!both_whole(a, b)) return Value::floating(as_double(a) + as_double(b));
    int64_t sum = 0;
    if (__builtin_add_overflow(a.as_integer(), b.as_integer(), &sum)) return overflow(a, "+", b);
    return Value::integer(sum);
}

// --- strings and lists
// ----------------------------------------------------------------------------

bool prints_into_string(const Value& value) {
    return value.type() == Type::kString || value.is_number();
}

void append_plain(std::string& out, const Value& value) {
    switch (value.type()) {
        case Type::kString:
            out += value.as_string();
            break;
        case Type::kInteger:
            out += std::to_string(value.as_integer());
            break;
        default:
            append_float(out, value.as_float());
            break;
    }
}

Result<Value> join_strings(const Value& a, const Value& b) {
    std::string text;
    append_plain(text, a);
    append_plain(text, b);
    if (text.size() > limits::kValueBytesMax) {
        return Error(ErrorCode::kLimitExceeded, "LIMIT_VALUE_BYTES",
                     "a string has at most " + std::to_string(limits::kValueBytesMax) + " bytes");
    }
    return Value::string(text);
}

Result<Value> join_lists(const Value& a, const Value& b) {
    List joined;
    const auto append = [&joined](const Value& part) {
        if (part.type() == Type::kList) {
            joined.insert(joined.end(), part.as_list().begin(), part.as_list().end());
        } else {
            joined.push_back(part);
        }
    };
    const auto count = [](const Value& part) {
        return part.type() == Type::kList ? part.as_list().size() : size_t{1};
    };
    joined.reserve(count(a) + count(b));
    append(a);
    append(b);
    return make_list(std::move(joined));
}

// --- temporal values
// ------------------------------------------------------------------------------

template <class T>
Result<Value> shifted(Result<T> moved, Value (*wrap)(T)) {
    if (!moved.ok()) return std::move(moved).error();
    return wrap(std::move(moved).value());
}

bool is_instant(Type type) {
    return type == Type::kDate || type == Type::kTime || type == Type::kLocalTime ||
           type == Type::kDateTime || type == Type::kLocalDateTime;
}

/// REQUIRES: `instant` is one, or a duration.
Result<Value> shift(const Value& instant, const Duration& by, Sign sign) {
    switch (instant.type()) {
        case Type::kDate:
            return shifted(add(instant.as_date(), by, sign), Value::date);
        case Type::kTime:
            return shifted(add(instant.as_time(), by, sign), Value::time);
        case Type::kLocalTime:
            return shifted(add(instant.as_local_time(), by, sign), Value::local_time);
        case Type::kDateTime:
            return shifted(add(instant.as_date_time(), by, sign), Value::date_time);
        case Type::kLocalDateTime:
            return shifted(add(instant.as_local_date_time(), by, sign), Value::local_date_time);
        default:
            return shifted(add(instant.as_duration(), by, sign), Value::duration);
    }
}

bool takes_duration(const Value& value) {
    return is_instant(value.type()) || value.type() == Type::kDuration;
}

Result<Value> scale(const Value& duration, const Value& factor) {
    const Duration& amount = duration.as_duration();
    return shifted(factor.type() == Type::kInteger ? multiply(amount, factor.as_integer())
                                                   : multiply(amount, factor.as_float()),
                   Value::duration);
}

Result<Value> split(const Value& duration, const Value& divisor) {
    const Duration& amount = duration.as_duration();
    return shifted(divisor.type() == Type::kInteger ? divide(amount, divisor.as_integer())
                                                    : divide(amount, divisor.as_float()),
                   Value::duration);
}

}  // namespace

Result<Value> add(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (both_numbers(a, b)) return add_numbers(a, b);
    if (a.type() == Type::kList || b.type() == Type::kList) return join_lists(a, b);
    if (prints_into_string(a) && prints_into_string(b)) return join_strings(a, b);
    if (b.type() == Type::kDuration && takes_duration(a)) {
        return shift(a, b.as_duration(), Sign::kPlus);
    }
    if (a.type() == Type::kDuration && takes_duration(b)) {
        return shift(b, a.as_duration(), Sign::kPlus);
    }
    return mismatch(a, "+", b);
}

Result<Value> subtract(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (b.type() == Type::kDuration && takes_duration(a)) {
        return shift(a, b.as_duration(), Sign::kMinus);
    }
    if (!both_numbers(a, b)) return mismatch(a, "-", b);
    if (!both_whole(a, b)) return Value::floating(as_double(a) - as_double(b));
    int64_t difference = 0;
    if (__builtin_sub_overflow(a.as_integer(), b.as_integer(), &difference)) {
        return overflow(a, "-", b);
    }
    return Value::integer(difference);
}

Result<Value> multiply(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (a.type() == Type::kDuration && b.is_number()) return scale(a, b);
    if (b.type() == Type::kDuration && a.is_number()) return scale(b, a);
    if (!both_numbers(a, b)) return mismatch(a, "*", b);
    if (!both_whole(a, b)) return Value::floating(as_double(a) * as_double(b));
    int64_t product = 0;
    if (__builtin_mul_overflow(a.as_integer(), b.as_integer(), &product)) {
        return overflow(a, "*", b);
    }
    return Value::integer(product);
}

Result<Value> divide(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (a.type() == Type::kDuration && b.is_number()) return split(a, b);
    if (!both_numbers(a, b)) return mismatch(a, "/", b);
    if (!both_whole(a, b)) return Value::floating(as_double(a) / as_double(b));
    if (b.as_integer() == 0) return internal::division_by_zero();
    const bool leaves_range =
        a.as_integer() == std::numeric_limits<int64_t>::min() && b.as_integer() == -1;
    if (leaves_range) return overflow(a, "/", b);
    return Value::integer(a.as_integer() / b.as_integer());
}

Result<Value> modulo(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (!both_numbers(a, b)) return mismatch(a, "%", b);
    if (!both_whole(a, b)) return Value::floating(std::fmod(as_double(a), as_double(b)));
    if (b.as_integer() == 0) return internal::division_by_zero();
    // The smallest number by -1 would trap in the processor although the remainder is 0.
    if (b.as_integer() == -1) return Value::integer(0);
    return Value::integer(a.as_integer() % b.as_integer());
}

Result<Value> power(const Value& a, const Value& b) {
    if (any_null(a, b)) return Value::null();
    if (!both_numbers(a, b)) return mismatch(a, "^", b);
    return Value::floating(std::pow(as_double(a), as_double(b)));
}

Result<Value> negate(const Value& value) {
    switch (value.type()) {
        case Type::kNull:
            return value;
        case Type::kFloat:
            return Value::floating(-value.as_float());
        case Type::kInteger:
            return subtract(Value::integer(0), value);
        case Type::kDuration:
            return scale(value, Value::integer(-1));
        default:
            return Error(ErrorCode::kInvalidArgument, "TYPE_MISMATCH",
                         "there is no - " + std::string(type_name(value.type())));
    }
}

namespace {

Status check_shape(size_t count, uint32_t depth_of_children) {
    if (count > limits::kListElementsMax) {
        return Error(ErrorCode::kLimitExceeded, "LIMIT_LIST_ELEMENTS",
                     "a list or map has at most " + std::to_string(limits::kListElementsMax) +
                         " elements, not " + std::to_string(count));
    }
    if (depth_of_children >= limits::kValueDepthMax) {
        return Error(
            ErrorCode::kLimitExceeded, "LIMIT_VALUE_DEPTH",
            "lists and maps nest at most " + std::to_string(limits::kValueDepthMax) + " deep");
    }
    return {};
}

}  // namespace

Result<Value> make_list(List elements) {
    uint32_t depth = 0;
    for (const Value& element : elements) depth = std::max(depth, element.depth());
    DEED_RETURN_IF_ERROR(check_shape(elements.size(), depth));
    return Value::list(std::move(elements));
}

Result<Value> make_map(Map entries) {
    uint32_t depth = 0;
    for (const auto& [key, value] : entries) depth = std::max(depth, value.depth());
    DEED_RETURN_IF_ERROR(check_shape(entries.size(), depth));
    return Value::map(std::move(entries));
}

}  // namespace deed::value
