#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"

namespace deed::value {

/// The coordinate systems that Cypher knows; the numbers go over the wire and to disk.
enum class Srid : uint16_t {
    kWgs84 = 4326,     // x is the longitude, y the latitude, in degrees
    kWgs84_3d = 4979,  // and z the height in metres
    kCartesian = 7203,
    kCartesian3d = 9157,
};

/// A place in two or three dimensions.
///
/// Thread safety: a value type. Invariants: coordinates are finite, a latitude is within
/// -90 .. 90 and a longitude within -180 .. 180; `z` is 0 in two dimensions.
class Point {
 public:
    /// The origin of the plane.
    Point() = default;

    /// Fails with "INVALID_POINT" where the numbers break the invariants or the srid is unknown. A
    /// longitude beyond 180 degrees goes round the earth.
    static Result<Point> make_2d(uint32_t srid, double x, double y);
    static Result<Point> make_3d(uint32_t srid, double x, double y, double z);

    [[nodiscard]] Srid srid() const { return srid_; }
    [[nodiscard]] bool is_3d() const {
        return srid_ == Srid::kWgs84_3d || srid_ == Srid::kCartesian3d;
    }
    [[nodiscard]] bool is_geographic() const {
        return srid_ == Srid::kWgs84 || srid_ == Srid::kWgs84_3d;
    }
    [[nodiscard]] double x() const { return x_; }
    [[nodiscard]] double y() const { return y_; }
    [[nodiscard]] double z() const { return z_; }

 private:
    Point(Srid srid, double x, double y, double z) : x_(x), y_(y), z_(z), srid_(srid) {}

    double x_ = 0;
    double y_ = 0;
    double z_ = 0;
    Srid srid_ = Srid::kCartesian;
};

/// "wgs-84", "cartesian-3d" ...
[[nodiscard]] std::string_view srid_name(Srid srid);

}  // namespace deed::value
