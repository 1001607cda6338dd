#include "tests/unit/value/random_values.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

namespace deed::value {

namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kTwoTo53 = int64_t{1} << 53;
constexpr double kTwoTo63 = 9'223'372'036'854'775'808.0;

constexpr std::array kIntegers = {
    int64_t{0}, int64_t{1},    int64_t{-1},  kMin,         kMin + 1,     kMax,
    kMax - 1,   kMax - 1023,   kMax - 1024,  kTwoTo53,     kTwoTo53 + 1, kTwoTo53 - 1,
    -kTwoTo53,  -kTwoTo53 - 1, int64_t{127}, int64_t{128}, int64_t{-64}, int64_t{-65}};
const std::array kFloats = {0.0,
                            -0.0,
                            1.0,
                            -1.0,
                            0.5,
                            -0.5,
                            kNaN,
                            kInfinity,
                            -kInfinity,
                            kTwoTo63,
                            -kTwoTo63,
                            std::nextafter(kTwoTo63, 0.0),
                            std::nextafter(-kTwoTo63, -kInfinity),
                            9'007'199'254'740'992.0,
                            9'007'199'254'740'994.0,
                            5e-324,
                            std::numeric_limits<double>::max(),
                            -std::numeric_limits<double>::max()};

}  // namespace

uint64_t RandomValues::printed_seed() {
    const char* given = std::getenv("DEED_TEST_SEED");
    const uint64_t seed =
        given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("seed %llu (repeat with DEED_TEST_SEED)\n", static_cast<unsigned long long>(seed));
    return seed;
}

int64_t RandomValues::integer() {
    switch (below(4)) {
        case 0:
            return kIntegers[below(kIntegers.size())];
        case 1:
            return static_cast<int64_t>(below(20)) - 10;
        // A power of two and its neighbours, where floats become sparse.
        case 2:
            return static_cast<int64_t>((uint64_t{1} << below(64)) + below(5) - 2);
        default:
            return static_cast<int64_t>(engine_());
    }
}

double RandomValues::floating() {
    switch (below(5)) {
        case 0:
            return kFloats[below(kFloats.size())];
        case 1:
            return static_cast<double>(below(20)) - 10;
        case 2:
            return static_cast<double>(integer());
        case 3:
            return static_cast<double>(engine_() % 100'000) / 1000.0 - 50;
        default:
            return std::bit_cast<double>(engine_());
    }
}

Value RandomValues::number() {
    return below(2) == 0 ? Value::integer(integer()) : Value::floating(floating());
}

std::string RandomValues::text() {
    static const std::array<std::string, 8> kParts = {
        "a",    "b",        std::string(1, '\0'), "\x01",
        "\x7F", "\xC3\xA9", "\xE2\x82\xAC",       "\xF0\x9F\x90\x9C"};
    std::string out;
    for (uint64_t i = below(below(4) == 0 ? 40 : 6); i > 0; --i)
        out += kParts[below(kParts.size())];
    return out;
}

Value RandomValues::string() {
    return Value::string(text());
}

Value RandomValues::bytes() {
    std::string raw;
    for (uint64_t i = below(20); i > 0; --i)
        raw += static_cast<char>(below(3) == 0 ? 0 : engine_());
    return Value::bytes(std::as_bytes(std::span(raw)));
}

Value RandomValues::list(uint32_t depth) {
    List elements;
    for (uint64_t i = below(4); i > 0; --i) elements.push_back(any(depth - 1));
    return Value::list(std::move(elements));
}

Value RandomValues::map(uint32_t depth) {
    Map entries;
    for (uint64_t i = below(4); i > 0; --i) entries.emplace_back(text(), any(depth - 1));
    return Value::map(std::move(entries));
}

Value RandomValues::temporal() {
    const bool edge = below(4) == 0;
    const bool low = below(2) == 0;
    // A narrow range makes equal instants at different offsets likely.
    const auto seconds = static_cast<int64_t>(below(3)) * 3600;
    const auto nanos = static_cast<int32_t>(below(2) == 0 ? 0 : below(kNanosPerSecond));
    const auto offset = static_cast<int32_t>(below(5)) * 3600 - 7200;
    const int64_t in_day = seconds * kNanosPerSecond + nanos;
    switch (below(6)) {
        case 0:
            return Value::date({edge ? (low ? kEpochDayMin : kEpochDayMax) : seconds / 3600});
        case 1:
            return Value::time({edge ? kNanosPerDay - 1 : in_day, offset});
        case 2:
            return Value::local_time({edge ? kNanosPerDay - 1 : in_day});
        case 3: {
            const int64_t far = low ? kEpochSecondMin + 86'400 : kEpochSecondMax - 86'400;
            const ZoneName zone(below(3) == 0 ? "Europe/Stockholm" : below(2) == 0 ? "UTC" : "");
            return Value::date_time({edge ? far : seconds, nanos, offset, zone});
        }
        case 4:
            return Value::local_date_time(
                {edge ? (low ? kEpochSecondMin : kEpochSecondMax) : seconds, nanos});
        default:
            return Value::duration({edge ? integer() : static_cast<int64_t>(below(3)),
                                    edge ? integer() : static_cast<int64_t>(below(40)),
                                    edge ? integer() : seconds, nanos});
    }
}

Value RandomValues::point() {
    const auto part = [this] { return static_cast<double>(below(5)) / 2 - 1; };
    switch (below(4)) {
        case 0:
            return Value::point(*Point::make_2d(7203, part(), below(2) == 0 ? -0.0 : part()));
        case 1:
            return Value::point(*Point::make_2d(4326, part(), part()));
        case 2:
            return Value::point(*Point::make_3d(9157, part(), part(), part()));
        default:
            return Value::point(*Point::make_3d(4979, part(), part(), part()));
    }
}

Value RandomValues::vector() {
    const size_t dimension = 1 + below(3);
    const auto fill = [&](auto sample) {
        using T = decltype(sample);
        std::vector<T> items(dimension);
        for (T& item : items) item = static_cast<T>(static_cast<int>(below(5)) - 2);
        if constexpr (std::is_floating_point_v<T>) {
            if (below(2) == 0) items[0] = T{-0.0};
        }
        return Value::vector(*Vector::of<T>(items));
    };
    switch (below(6)) {
        case 0:
            return fill(int8_t{});
        case 1:
            return fill(int16_t{});
        case 2:
            return fill(int32_t{});
        case 3:
            return fill(int64_t{});
        case 4:
            return fill(float{});
        default:
            return fill(double{});
    }
}

Value RandomValues::any(uint32_t depth) {
    switch (below(depth > 0 ? 14 : 11)) {
        case 0:
            return Value::null();
        case 1:
            return Value::boolean(below(2) == 0);
        case 2:
        case 3:
        case 4:
            return number();
        case 5:
        case 6:
            return string();
        case 7:
            return bytes();
        case 8:
            return temporal();
        case 9:
            return point();
        case 10:
            return vector();
        case 11:
            return map(depth);
        default:
            return list(depth);
    }
}

std::vector<Value> edge_values() {
    std::vector<Value> values = {Value::null(), Value::boolean(false), Value::boolean(true)};
    for (const int64_t number : kIntegers) values.push_back(Value::integer(number));
    for (const double number : kFloats) values.push_back(Value::floating(number));
    for (const int64_t number : kIntegers) {
        values.push_back(Value::floating(static_cast<double>(number)));
    }
    for (const char* text : {"", " ", "a", "aa", "b", "fourteen bytes", "fifteen bytes.."}) {
        values.push_back(Value::string(text));
    }
    const std::vector<Value> scalars = values;
    for (const Value& scalar : scalars) {
        values.push_back(Value::list({scalar}));
        values.push_back(Value::list({scalar, Value::null()}));
        values.push_back(Value::map({{"k", scalar}}));
    }
    values.push_back(Value::list({}));
    values.push_back(Value::map({}));
    return values;
}

}  // namespace deed::value
