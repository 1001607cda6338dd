#include "engine/value/vector.h"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

#include "engine/base/limits.h"

namespace deed::value {
namespace {

template <class T>
void expect_round_trip() {
    const std::vector<T> items = {T{1}, T{0}, std::numeric_limits<T>::max(),
                                  std::numeric_limits<T>::lowest()};
    const auto vector = Vector::of<T>(items);
    ASSERT_TRUE(vector.ok());
    const auto elements = vector->template elements<T>();
    EXPECT_EQ(std::vector<T>(elements.begin(), elements.end()), items);
    EXPECT_EQ(vector->dimension(), 4U);
    EXPECT_EQ(vector->at(2), static_cast<double>(items[2]));
    const auto again = Vector::from_bytes(vector->element_type(), vector->bytes());
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(identical(*again, *vector));
}

TEST(Vector, HoldsEveryElementType) {
    expect_round_trip<int8_t>();
    expect_round_trip<int16_t>();
    expect_round_trip<int32_t>();
    expect_round_trip<int64_t>();
    expect_round_trip<float>();
    expect_round_trip<double>();
}

TEST(Vector, CopiesShareTheirElements) {
    const std::vector<float> items = {1, 2};
    const Vector vector = *Vector::of<float>(items);
    const Vector copy = vector;  // NOLINT: the copy is what is tested
    EXPECT_EQ(copy.bytes().data(), vector.bytes().data());
}

TEST(Vector, RefusesWhatItMustNotHold) {
    const std::vector<double> none;
    EXPECT_EQ(Vector::of<double>(none).error().reason(), "INVALID_VECTOR");
    const std::vector<int8_t> many(limits::kVectorDimensionsMax + 1);
    EXPECT_EQ(Vector::of<int8_t>(many).error().reason(), "INVALID_VECTOR");
    const std::vector<std::byte> odd(3);
    EXPECT_EQ(Vector::from_bytes(ElementType::kInt16, odd).error().reason(), "INVALID_VECTOR");
    const std::vector<float> infinite = {std::numeric_limits<float>::infinity()};
    EXPECT_EQ(Vector::of<float>(infinite).error().reason(), "VECTOR_NOT_FINITE");
}

TEST(Vector, TellsTypesApart) {
    const std::vector<int32_t> whole = {0};
    const std::vector<float> real = {0};
    EXPECT_FALSE(identical(*Vector::of<int32_t>(whole), *Vector::of<float>(real)));
    EXPECT_EQ(element_type_name(ElementType::kInt64), "INTEGER64");
}

}  // namespace
}  // namespace deed::value
