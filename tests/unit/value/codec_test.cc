#include "engine/value/codec.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/value/compare.h"
#include "tests/unit/value/random_values.h"

namespace deed::value {
namespace {

std::string encoded(const Value& value) {
    std::string out;
    encode(value, out);
    return out;
}

std::string key_of(const Value& value) {
    std::string out;
    encode_key(value, out);
    return out;
}

/// "OK", or the reason why the bytes were refused.
std::string outcome(std::string_view bytes) {
    const auto value = decode(bytes);
    return value.ok() ? "OK" : value.error().reason();
}

std::string bytes_of(std::initializer_list<int> bytes) {
    std::string out;
    for (const int byte : bytes) out += static_cast<char>(byte);
    return out;
}

TEST(Codec, WritesTheBytesThatItsPageShows) {
    const Value value =
        Value::map({{"a", Value::list({Value::integer(1), Value::floating(-1.0)})}});
    EXPECT_EQ(encoded(value), bytes_of({0x07, 0x01, 0x01, 0x61, 0x06, 0x02, 0x02, 0x02, 0x03, 0, 0,
                                        0, 0, 0, 0, 0xF0, 0xBF}));
    EXPECT_EQ(encoded(Value::null()), bytes_of({0}));
    EXPECT_EQ(encoded(Value::boolean(true)), bytes_of({1, 1}));
    EXPECT_EQ(encoded(Value::integer(-65)), bytes_of({2, 0x81, 0x01}));
    EXPECT_EQ(encoded(Value::string("ab")), bytes_of({4, 2, 'a', 'b'}));
    EXPECT_EQ(encoded(Value::date({-1})), bytes_of({8, 1}));
    EXPECT_EQ(encoded(Value::duration({1, -1, 0, 5})), bytes_of({0x0D, 2, 1, 0, 5}));
}

TEST(Codec, RandomValuesComeBackIdentical) {
    RandomValues random(RandomValues::printed_seed());
    std::string stream;
    std::vector<Value> values = edge_values();
    for (int k = 0; k < 20'000; ++k) values.push_back(random.any(4));
    for (const Value& value : values) {
        const size_t before = stream.size();
        encode(value, stream);
        ASSERT_EQ(stream.size() - before, encoded_size(value)) << value.to_string();
    }
    std::string_view left = stream;
    for (const Value& value : values) {
        const auto read = decode(left);
        ASSERT_TRUE(read.ok()) << read.error().to_string();
        ASSERT_TRUE(identical(*read, value)) << read->to_string() << " " << value.to_string();
    }
    EXPECT_TRUE(left.empty());
}

TEST(Codec, EveryCutIsRefusedAndLeavesTheInputAlone) {
    RandomValues random(RandomValues::printed_seed());
    for (int k = 0; k < 2'000; ++k) {
        const std::string whole = encoded(random.any());
        for (size_t size = 0; size < whole.size(); ++size) {
            std::string_view cut(whole.data(), size);
            const auto value = decode(cut);
            ASSERT_FALSE(value.ok());
            ASSERT_EQ(value.error().code(), ErrorCode::kCorruption);
            ASSERT_EQ(cut.size(), size);
        }
    }
}

TEST(Codec, DamagedBytesAreRefusedOrReadAsAnotherValueOfTheSameBytes) {
    RandomValues random(RandomValues::printed_seed());
    for (int k = 0; k < 50'000; ++k) {
        std::string bytes = encoded(random.any());
        bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
        std::string_view left = bytes;
        const auto value = decode(left);
        if (!value.ok()) continue;
        ASSERT_EQ(encoded(*value) + std::string(left), bytes) << value->to_string();
    }
}

TEST(Codec, RefusesWhatItNeverWrites) {
    EXPECT_EQ(outcome({}), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x10})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({1, 2})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({2, 0x80, 0})), "VALUE_ENCODING");  // 0 in two bytes
    EXPECT_EQ(outcome(bytes_of({2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2})),
              "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1})),
              "OK");
    EXPECT_EQ(outcome(bytes_of({4, 1, 0xFF})), "VALUE_ENCODING");  // no UTF-8
    EXPECT_EQ(outcome(bytes_of({5, 1, 0xFF})), "OK");
    EXPECT_EQ(outcome(bytes_of({7, 2, 1, 'b', 0, 1, 'a', 0})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({7, 2, 1, 'a', 0, 1, 'a', 0})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x0C, 0, 0x80, 0x94, 0xEB, 0xDC, 0x03})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x0B, 0, 0, 0, 1, '.'})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x0B, 0, 0, 0, 3, 'U', 'T', 'C'})), "OK");
    EXPECT_EQ(outcome(bytes_of({0x0F, 7, 1, 0})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x0F, 1, 0})), "VALUE_ENCODING");
    EXPECT_EQ(outcome(bytes_of({0x0F, 5, 1, 0, 0, 0x80, 0x7F})), "VALUE_ENCODING");  // infinity
}

TEST(Codec, LiesAboutSizesCostNothing) {
    // Each claims 2^62 elements, or bytes, in a handful of bytes.
    for (const int type : {4, 5, 6, 7}) {
        EXPECT_EQ(outcome(bytes_of({type, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F})),
                  "VALUE_ENCODING");
    }
}

TEST(Codec, NestingIsBounded) {
    const auto nested = [](uint32_t depth) {
        std::string bytes;
        for (uint32_t k = 0; k < depth; ++k) bytes += bytes_of({6, 1});
        return bytes + bytes_of({0});
    };
    EXPECT_EQ(outcome(nested(limits::kValueDepthMax)), "OK");
    EXPECT_EQ(outcome(nested(limits::kValueDepthMax + 1)), "VALUE_ENCODING");
    EXPECT_EQ(outcome(nested(1'000'000)), "VALUE_ENCODING");
    std::string key(1'000'000, static_cast<char>(OrderRank::kList));
    std::string_view left = key;
    EXPECT_FALSE(decode_key(left).ok());
}

TEST(Codec, ChecksWhatMayBeStored) {
    EXPECT_TRUE(check_limits(Value::string("a")).ok());
    const std::string large(limits::kValueBytesMax, 'x');
    EXPECT_EQ(check_limits(Value::string(large)).error().reason(), "LIMIT_VALUE_BYTES");
    const Value list = Value::list(List(limits::kListElementsMax + 1));
    EXPECT_EQ(check_limits(list).error().reason(), "LIMIT_LIST_ELEMENTS");
}

// --- keys
// -----------------------------------------------------------------------------------------

TEST(Key, OrderOfBytesIsOrderOfValues) {
    RandomValues random(RandomValues::printed_seed());
    std::vector<Value> values = edge_values();
    for (int k = 0; k < 700; ++k) values.push_back(random.any());
    std::vector<std::string> keys;
    for (const Value& value : values) keys.push_back(key_of(value));
    for (size_t x = 0; x < values.size(); ++x) {
        for (size_t y = 0; y < values.size(); ++y) {
            ASSERT_EQ(keys[x] <=> keys[y], order(values[x], values[y]))
                << values[x].to_string() << " with " << values[y].to_string();
        }
    }
}

TEST(Key, NumbersKeepEveryBit) {
    RandomValues random(RandomValues::printed_seed());
    for (int k = 0; k < 100'000; ++k) {
        const Value a = random.number();
        const Value b = random.number();
        ASSERT_EQ(key_of(a) <=> key_of(b), order(a, b)) << a.to_string() << " " << b.to_string();
        const std::string key = key_of(a);
        std::string_view left = key;
        const auto read = decode_key(left);
        ASSERT_TRUE(read.ok()) << a.to_string();
        ASSERT_TRUE(equivalent(*read, a)) << read->to_string() << " " << a.to_string();
        if (a.type() == Type::kInteger) {
            ASSERT_EQ(read->as_integer(), a.as_integer());
        }
    }
}

TEST(Key, ComposeWithoutAnotherPartShiningThrough) {
    RandomValues random(RandomValues::printed_seed());
    for (int k = 0; k < 50'000; ++k) {
        const Value a = random.any(2);
        const Value b = random.any(2);
        const Value c = random.any(2);
        const Value d = random.any(2);
        const auto first = order(a, c);
        const auto expected = first != 0 ? first : order(b, d);
        ASSERT_EQ(key_of(a) + key_of(b) <=> key_of(c) + key_of(d), expected)
            << a.to_string() << ", " << b.to_string() << " with " << c.to_string() << ", "
            << d.to_string();
    }
}

TEST(Key, ReadsBackAnEquivalentValue) {
    RandomValues random(RandomValues::printed_seed());
    std::string stream;
    std::vector<Value> values = edge_values();
    for (int k = 0; k < 20'000; ++k) values.push_back(random.any());
    for (const Value& value : values) encode_key(value, stream);
    std::string_view left = stream;
    for (const Value& value : values) {
        const auto read = decode_key(left);
        ASSERT_TRUE(read.ok()) << read.error().to_string() << " " << value.to_string();
        ASSERT_TRUE(equivalent(*read, value)) << read->to_string() << " " << value.to_string();
    }
    EXPECT_TRUE(left.empty());
}

TEST(Key, EquivalentValuesShareOne) {
    EXPECT_EQ(key_of(Value::integer(1)), key_of(Value::floating(1.0)));
    EXPECT_EQ(key_of(Value::floating(0.0)), key_of(Value::floating(-0.0)));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(key_of(Value::floating(nan)), key_of(Value::floating(-nan)));
    EXPECT_EQ(key_of(Value::integer(7)).size(), 9U);
}

TEST(Key, DamageIsRefusedOrAnotherKey) {
    RandomValues random(RandomValues::printed_seed());
    for (int k = 0; k < 50'000; ++k) {
        std::string bytes = key_of(random.any());
        bytes[random.below(bytes.size())] ^= static_cast<char>(1 << random.below(8));
        std::string_view left = bytes;
        const auto value = decode_key(left);
        if (!value.ok()) {
            ASSERT_EQ(left.size(), bytes.size());
            continue;
        }
        ASSERT_EQ(key_of(*value) + std::string(left), bytes) << value->to_string();
    }
}

}  // namespace
}  // namespace deed::value
