#include "engine/value/point.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace deed::value {
namespace {

TEST(Point, KnowsFourCoordinateSystems) {
    EXPECT_FALSE(Point::make_2d(7203, 1, 2)->is_geographic());
    EXPECT_TRUE(Point::make_2d(4326, 1, 2)->is_geographic());
    EXPECT_TRUE(Point::make_3d(9157, 1, 2, 3)->is_3d());
    EXPECT_EQ(Point::make_3d(4979, 1, 2, 3)->z(), 3);
    EXPECT_EQ(srid_name(Srid::kWgs84_3d), "wgs-84-3d");
    EXPECT_EQ(Point::make_2d(9157, 1, 2).error().reason(), "INVALID_POINT");
    EXPECT_EQ(Point::make_3d(4326, 1, 2, 3).error().reason(), "INVALID_POINT");
    EXPECT_EQ(Point::make_2d(0, 1, 2).error().reason(), "INVALID_POINT");
    EXPECT_EQ(Point::make_2d(7203 + 65'536, 1, 2).error().reason(), "INVALID_POINT");
}

TEST(Point, KeepsCoordinatesOnTheEarth) {
    EXPECT_FALSE(Point::make_2d(4326, 0, 90.1).ok());
    EXPECT_EQ(Point::make_2d(4326, 190, 0)->x(), -170);
    EXPECT_EQ(Point::make_2d(4326, -540, 0)->x(), 180);
    EXPECT_EQ(Point::make_2d(4326, 180, 90)->x(), 180);
    EXPECT_EQ(Point::make_2d(7203, 190, 100)->x(), 190);
    const double infinity = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(Point::make_2d(7203, infinity, 0).ok());
    EXPECT_FALSE(Point::make_3d(9157, 0, 0, std::nan("")).ok());
}

}  // namespace
}  // namespace deed::value
