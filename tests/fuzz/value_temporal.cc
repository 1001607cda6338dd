// Arbitrary text through every temporal parser. What parses must be valid, print, and parse back to
// the same value.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/assert.h"
#include "engine/value/calendar.h"
#include "engine/value/temporal_arithmetic.h"
#include "engine/value/temporal_text.h"

namespace {

using namespace deed::value;

template <class T, class Parse>
void check(std::string_view text, Parse parse) {
    const auto value = parse(text);
    if (!value.ok()) return;
    DEED_ASSERT(validate(*value).ok(), "what parses is in range");
    const auto again = parse(to_iso(*value));
    DEED_ASSERT(again.ok() && *again == *value, "what prints parses back");
}

void check_calendar(std::string_view text) {
    const auto date = parse_date(text);
    if (!date.ok()) return;
    DEED_ASSERT(*make_date(civil_date(*date)) == *date, "civil dates");
    DEED_ASSERT(*make_date(ordinal_date(*date)) == *date, "ordinal dates");
    DEED_ASSERT(*make_date(quarter_date(*date)) == *date, "quarter dates");
}

void check_sums(std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration.ok()) return;
    const DateTime start{0, 0, 3600, ZoneName("Europe/Stockholm")};
    for (const Sign sign : {Sign::kPlus, Sign::kMinus}) {
        const auto moved = add(start, *duration, sign);
        DEED_ASSERT(!moved.ok() || validate(*moved).ok(), "a sum is in range or fails");
    }
    (void)multiply(*duration, int64_t{-3});
    (void)multiply(*duration, 0.7);
    (void)divide(*duration, int64_t{7});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check<Date>(text, parse_date);
    check<LocalTime>(text, parse_local_time);
    check<Time>(text, [](std::string_view t) { return parse_time(t); });
    check<LocalDateTime>(text, parse_local_date_time);
    check<DateTime>(text, parse_date_time);
    check<Duration>(text, parse_duration);
    check_calendar(text);
    check_sums(text);
    return 0;
}
