#include "engine/value/temporal.h"

#include "engine/value/internal/errors.h"
#include "engine/value/zone.h"

namespace deed::value {

using internal::invalid_temporal;

namespace {

bool in_range(int64_t value, int64_t low, int64_t high) {
    return value >= low && value <= high;
}

Status check(bool holds, const char* otherwise) {
    if (holds) return {};
    return invalid_temporal(otherwise);
}

bool offset_in_range(int32_t offset) {
    return in_range(offset, -kOffsetSecondsMax, kOffsetSecondsMax);
}

bool nanos_in_range(int32_t nanos) {
    return in_range(nanos, 0, kNanosPerSecond - 1);
}

}  // namespace

Status validate(Date value) {
    return check(in_range(value.days, kEpochDayMin, kEpochDayMax),
                 "a year lies within -999999999 and 999999999");
}

Status validate(LocalTime value) {
    return check(in_range(value.nanos_of_day, 0, kNanosPerDay - 1),
                 "a time of day lies within 00:00 and 23:59:59.999999999");
}

Status validate(Time value) {
    DEED_RETURN_IF_ERROR(validate(LocalTime{value.nanos_of_day}));
    return check(offset_in_range(value.offset_seconds), "an offset lies within -18:00 and +18:00");
}

Status validate(LocalDateTime value) {
    DEED_RETURN_IF_ERROR(
        check(nanos_in_range(value.nanos), "nanoseconds lie within 0 and 999999999"));
    return check(in_range(value.seconds, kEpochSecondMin, kEpochSecondMax),
                 "a year lies within -999999999 and 999999999");
}

Status validate(const DateTime& value) {
    DEED_RETURN_IF_ERROR(
        check(offset_in_range(value.offset_seconds), "an offset lies within -18:00 and +18:00"));
    DEED_RETURN_IF_ERROR(validate(LocalDateTime{value.seconds, value.nanos}));
    DEED_RETURN_IF_ERROR(validate(value.local()));
    return check(value.zone.empty() || is_zone_name(value.zone.view()),
                 "a zone's name has at most 64 letters, digits and _ + - /, as Europe/Stockholm");
}

Status validate(const Duration& value) {
    return check(nanos_in_range(value.nanos), "nanoseconds lie within 0 and 999999999");
}

}  // namespace deed::value
