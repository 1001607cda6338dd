#include "engine/value/point.h"

#include <cmath>
#include <string>

namespace deed::value {

namespace {

constexpr double kLongitudeMax = 180.0;
constexpr double kLatitudeMax = 90.0;

Error invalid(std::string message) {
    return {ErrorCode::kInvalidArgument, "INVALID_POINT", std::move(message)};
}

/// Longitudes repeat every 360 degrees.
double wrap_longitude(double degrees) {
    if (std::abs(degrees) <= kLongitudeMax) return degrees;
    const double turned = std::remainder(degrees, 2 * kLongitudeMax);
    return turned == 0 ? 0 : turned;
}

constexpr uint32_t number(Srid srid) {
    return static_cast<uint32_t>(srid);
}

Error unknown_srid(uint32_t srid, const char* known) {
    return invalid("no coordinate system " + std::to_string(srid) + "; use " + known);
}

}  // namespace

Result<Point> Point::make_2d(uint32_t srid, double x, double y) {
    if (!std::isfinite(x) || !std::isfinite(y)) return invalid("coordinates must be finite");
    switch (srid) {
        case number(Srid::kCartesian):
            return Point(Srid::kCartesian, x, y, 0);
        case number(Srid::kWgs84):
            if (std::abs(y) > kLatitudeMax) return invalid("a latitude lies within -90 and 90");
            return Point(Srid::kWgs84, wrap_longitude(x), y, 0);
        default:
            return unknown_srid(srid, "7203 or 4326 in two dimensions");
    }
}

Result<Point> Point::make_3d(uint32_t srid, double x, double y, double z) {
    if (!std::isfinite(x) || !std::isfinite(y) || !std::isfinite(z)) {
        return invalid("coordinates must be finite");
    }
    switch (srid) {
        case number(Srid::kCartesian3d):
            return Point(Srid::kCartesian3d, x, y, z);
        case number(Srid::kWgs84_3d):
            if (std::abs(y) > kLatitudeMax) return invalid("a latitude lies within -90 and 90");
            return Point(Srid::kWgs84_3d, wrap_longitude(x), y, z);
        default:
            return unknown_srid(srid, "9157 or 4979 in three dimensions");
    }
}

std::string_view srid_name(Srid srid) {
    switch (srid) {
        case Srid::kWgs84:
            return "wgs-84";
        case Srid::kWgs84_3d:
            return "wgs-84-3d";
        case Srid::kCartesian:
            return "cartesian";
        case Srid::kCartesian3d:
            return "cartesian-3d";
    }
    return "unknown";
}

}  // namespace deed::value
