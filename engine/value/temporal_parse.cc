#include <cstdint>
#include <optional>
#include <string>

#include "engine/value/calendar.h"
#include "engine/value/internal/duration_sum.h"
#include "engine/value/internal/errors.h"
#include "engine/value/temporal_text.h"
#include "engine/value/zone.h"

namespace deed::value {

using internal::DurationSum;
using internal::Int128;
using internal::invalid_temporal;

namespace {

/// Reads a text from front to back; every step either takes what it names or leaves the text alone.
class Scanner {
 public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const { return rest_.empty(); }
    [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

    bool take(char c) {
        if (peek() != c || rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Either case of a letter. REQUIRES: `upper` is one of A to Z.
    bool take_letter(char upper) {
        return take(upper) || take(static_cast<char>(upper - 'A' + 'a'));
    }
    [[nodiscard]] size_t digits_ahead() const {
        size_t count = 0;
        while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
        return count;
    }
    /// Exactly `count` digits, at most 18.
    std::optional<int64_t> digits(size_t count) {
        if (count == 0 || count > 18 || digits_ahead() < count) return std::nullopt;
        int64_t number = 0;
        for (size_t i = 0; i < count; ++i) number = number * 10 + (rest_[i] - '0');
        rest_.remove_prefix(count);
        return number;
    }
    /// The digits after a decimal point or comma as billionths: 1 to 9 of them.
    std::optional<int64_t> fraction() {
        const size_t count = digits_ahead();
        if (count > 9) return std::nullopt;
        auto number = digits(count);
        for (size_t i = count; number && i < 9; ++i) *number *= 10;
        return number;
    }
    bool take_decimal_mark() { return take('.') || take(','); }

 private:
    std::string_view rest_;
};

Error not_a(const char* kind, std::string_view text) {
    // Quoting a long text in full would only bury the message.
    constexpr size_t kQuotedMax = 80;
    std::string shown(text.substr(0, kQuotedMax));
    for (char& c : shown) {
        if (c < ' ' || c > '~') c = '?';
    }
    return invalid_temporal("'" + shown + "' is no " + kind);
}

/// Four digits, or a sign and one to nine of them.
std::optional<int64_t> scan_year(Scanner& in) {
    if (in.take('-')) {
        const size_t count = in.digits_ahead();
        const auto year = count <= 9 ? in.digits(count) : std::nullopt;
        return year ? std::optional(-*year) : std::nullopt;
    }
    if (in.take('+')) {
        const size_t count = in.digits_ahead();
        return count <= 9 ? in.digits(count) : std::nullopt;
    }
    return in.digits(4);
}

std::optional<Result<Date>> scan_week(Scanner& in, int64_t year, bool extended) {
    const auto week = in.digits(2);
    if (!week) return std::nullopt;
    WeekDate parts{year, static_cast<int32_t>(*week), 1};
    if (extended ? in.take('-') : in.digits_ahead() == 1) {
        const auto weekday = in.digits(1);
        if (!weekday) return std::nullopt;
        parts.weekday = static_cast<int32_t>(*weekday);
    }
    return make_date(parts);
}

std::optional<Result<Date>> scan_quarter(Scanner& in, int64_t year, bool extended) {
    const auto quarter = in.digits(1);
    if (!quarter) return std::nullopt;
    QuarterDate parts{year, static_cast<int32_t>(*quarter), 1};
    if (extended ? in.take('-') : in.digits_ahead() == 2) {
        const auto day = in.digits(2);
        if (!day) return std::nullopt;
        parts.day_of_quarter = static_cast<int32_t>(*day);
    }
    return make_date(parts);
}

/// Month, or month and day, or day of the year: told apart by how many digits there are.
std::optional<Result<Date>> scan_calendar(Scanner& in, int64_t year, bool extended) {
    const size_t count = in.digits_ahead();
    if (count == 3) {
        return make_date(OrdinalDate{year, static_cast<int32_t>(*in.digits(3))});
    }
    if (count != 2 && (extended || count != 4)) return std::nullopt;
    CivilDate parts{year, static_cast<int32_t>(*in.digits(2)), 1};
    if (extended ? in.take('-') : count == 4) {
        const auto day = in.digits(2);
        if (!day) return std::nullopt;
        parts.day = static_cast<int32_t>(*day);
    }
    return make_date(parts);
}

/// A date of any form. Empty: no such form; an error: the form with numbers out of range.
std::optional<Result<Date>> scan_date(Scanner& in) {
    const auto year = scan_year(in);
    if (!year) return std::nullopt;
    const bool extended = in.take('-');
    if (in.take_letter('W')) return scan_week(in, *year, extended);
    if (in.take_letter('Q')) return scan_quarter(in, *year, extended);
    if (extended || in.digits_ahead() > 0) return scan_calendar(in, *year, extended);
    return make_date(CivilDate{*year, 1, 1});
}

std::optional<Result<LocalTime>> scan_time(Scanner& in) {
    ClockTime parts;
    const size_t count = in.digits_ahead();
    const bool basic = count == 4 || count == 6;
    const auto hour = in.digits(2);
    if (!hour || (count != 2 && !basic)) return std::nullopt;
    parts.hour = static_cast<int32_t>(*hour);
    if (basic || in.take(':')) {
        const auto minute = in.digits(2);
        if (!minute) return std::nullopt;
        parts.minute = static_cast<int32_t>(*minute);
        if (basic ? count == 6 : in.take(':')) {
            const auto second = in.digits(2);
            if (!second) return std::nullopt;
            parts.second = static_cast<int32_t>(*second);
            if (in.take_decimal_mark()) {
                const auto nanos = in.fraction();
                if (!nanos) return std::nullopt;
                parts.nano = static_cast<int32_t>(*nanos);
            }
        }
    }
    return make_local_time(parts);
}

/// Whether an offset begins here.
bool at_offset(const Scanner& in) {
    const char c = in.peek();
    return c == '+' || c == '-' || c == 'Z' || c == 'z';
}

std::optional<int32_t> scan_offset(Scanner& in) {
    if (in.take_letter('Z')) return 0;
    const bool negative = in.take('-');
    if (!negative && !in.take('+')) return std::nullopt;
    const size_t count = in.digits_ahead();
    const bool basic = count == 4 || count == 6;
    const auto hours = in.digits(2);
    if (!hours || (count != 2 && !basic)) return std::nullopt;
    int64_t seconds = *hours * 3600;
    if (basic || in.take(':')) {
        const auto minutes = in.digits(2);
        if (!minutes || *minutes > 59) return std::nullopt;
        seconds += *minutes * 60;
        if (basic ? count == 6 : in.take(':')) {
            const auto rest = in.digits(2);
            if (!rest || *rest > 59) return std::nullopt;
            seconds += *rest;
        }
    }
    if (seconds > kOffsetSecondsMax) return std::nullopt;
    return static_cast<int32_t>(negative ? -seconds : seconds);
}

/// The name between brackets, which end the text.
std::optional<std::string_view> scan_zone(Scanner& in) {
    const std::string_view rest = in.rest();
    if (rest.size() < 3 || rest.front() != '[' || rest.back() != ']') return std::nullopt;
    in = Scanner({});
    return rest.substr(1, rest.size() - 2);
}

/// A date alone stands for its midnight; nothing may follow it.
std::optional<Result<LocalDateTime>> scan_local_date_time(Scanner& in) {
    auto date = scan_date(in);
    if (!date) return std::nullopt;
    if (!date->ok()) return std::move(*date).error();
    if (in.done()) return make_local_date_time(date->value(), LocalTime{});
    if (!in.take_letter('T')) return std::nullopt;
    auto time = scan_time(in);
    if (!time) return std::nullopt;
    if (!time->ok()) return std::move(*time).error();
    return make_local_date_time(date->value(), time->value());
}

Result<DateTime> with_offset(LocalDateTime local, int32_t offset) {
    DateTime result{local.seconds - offset, local.nanos, offset, ZoneName()};
    DEED_RETURN_IF_ERROR(validate(result));
    return result;
}

Result<DateTime> with_offset_and_zone(LocalDateTime local, int32_t offset, std::string_view zone) {
    DEED_ASSIGN_OR_RETURN(const DateTime instant, with_offset(local, offset));
    DEED_ASSIGN_OR_RETURN(DateTime result, at_zone(instant, zone));
    if (result.offset_seconds != offset) {
        return invalid_temporal("the offset " + offset_to_iso(offset) + " is not that of " +
                                std::string(zone) + " at that time, which is " +
                                offset_to_iso(result.offset_seconds));
    }
    return result;
}

}  // namespace

Result<Date> parse_date(std::string_view text) {
    Scanner in(text);
    auto date = scan_date(in);
    if (!date || (date->ok() && !in.done())) return not_a("date", text);
    return std::move(*date);
}

Result<LocalTime> parse_local_time(std::string_view text) {
    Scanner in(text);
    auto time = scan_time(in);
    if (!time || (time->ok() && !in.done())) return not_a("local time", text);
    return std::move(*time);
}

Result<Time> parse_time(std::string_view text, int32_t default_offset) {
    Scanner in(text);
    auto local = scan_time(in);
    if (!local) return not_a("time", text);
    if (!local->ok()) return std::move(*local).error();
    const auto offset = at_offset(in) ? scan_offset(in) : std::optional(default_offset);
    if (!offset || !in.done()) return not_a("time", text);
    return Time{local->value().nanos_of_day, *offset};
}

Result<LocalDateTime> parse_local_date_time(std::string_view text) {
    Scanner in(text);
    auto value = scan_local_date_time(in);
    if (!value || (value->ok() && !in.done())) return not_a("local date-time", text);
    return std::move(*value);
}

Result<DateTime> parse_date_time(std::string_view text) {
    Scanner in(text);
    auto local = scan_local_date_time(in);
    if (!local) return not_a("date-time", text);
    if (!local->ok()) return std::move(*local).error();
    std::optional<int32_t> offset;
    if (at_offset(in)) {
        offset = scan_offset(in);
        if (!offset) return not_a("date-time", text);
    }
    if (in.done()) return with_offset(local->value(), offset.value_or(0));
    const auto zone = scan_zone(in);
    if (!zone) return not_a("date-time", text);
    if (offset) return with_offset_and_zone(local->value(), *offset, *zone);
    return resolve_in_zone(local->value(), *zone);
}

Result<int32_t> parse_offset(std::string_view text) {
    Scanner in(text);
    const auto offset = scan_offset(in);
    if (!offset || !in.done()) return not_a("offset within -18:00 and +18:00", text);
    return *offset;
}

namespace {

/// A part of a duration: sign, whole number, billionths. The whole number has at most 19 digits.
struct Part {
    Int128 whole = 0;
    int64_t billionths = 0;
};

std::optional<Part> scan_part(Scanner& in) {
    const bool negative = in.take('-');
    if (!negative) in.take('+');
    constexpr size_t kDigitsMax = 19;
    const size_t count = in.digits_ahead();
    if (count == 0 || count > kDigitsMax) return std::nullopt;
    Part part;
    for (size_t i = 0; i < count; ++i) part.whole = part.whole * 10 + *in.digits(1);
    if (negative) part.whole = -part.whole;
    if (in.take_decimal_mark()) {
        const auto fraction = in.fraction();
        if (!fraction) return std::nullopt;
        part.billionths = negative ? -*fraction : *fraction;
    }
    return part;
}

using Adder = void (DurationSum::*)(Int128, int64_t);

/// Parts with their letters in the order given, each at most once. False where the text is not
/// that; `count` grows by the parts read.
template <size_t kUnits>
bool scan_parts(Scanner& in, const char (&letters)[kUnits], const Adder (&adders)[kUnits],
                DurationSum& sum, size_t& count) {
    size_t unit = 0;
    while (!in.done() && in.peek() != 'T' && in.peek() != 't') {
        const auto part = scan_part(in);
        if (!part) return false;
        while (unit < kUnits && !in.take_letter(letters[unit])) ++unit;
        if (unit == kUnits) return false;
        const Adder adder = adders[unit];
        (sum.*adder)(part->whole, part->billionths);
        ++unit;
        ++count;
    }
    return true;
}

/// `1Y2M3W4DT5H6M7.8S`.
bool scan_unit_based(Scanner& in, DurationSum& sum) {
    constexpr char kDateLetters[] = {'Y', 'M', 'W', 'D'};
    constexpr char kTimeLetters[] = {'H', 'M', 'S'};
    constexpr Adder kDateAdders[] = {&DurationSum::add_years, &DurationSum::add_months,
                                     &DurationSum::add_weeks, &DurationSum::add_days};
    constexpr Adder kTimeAdders[] = {&DurationSum::add_hours, &DurationSum::add_minutes,
                                     &DurationSum::add_seconds};
    size_t count = 0;
    if (!scan_parts(in, kDateLetters, kDateAdders, sum, count)) return false;
    if (in.take_letter('T')) {
        size_t time_count = 0;
        if (!scan_parts(in, kTimeLetters, kTimeAdders, sum, time_count) || time_count == 0) {
            return false;
        }
        count += time_count;
    }
    return count > 0 && in.done();
}

/// `2012-02-02T14:37:21.545`, each number an amount and not a place in the calendar.
bool scan_date_based(Scanner& in, DurationSum& sum) {
    const auto years = in.digits(4);
    const bool extended = in.take('-');
    const auto months = in.digits(2);
    if (!years || !months || (extended && !in.take('-'))) return false;
    const auto days = in.digits(2);
    if (!days || *months > 12 || *days > 31) return false;
    sum.add_years(*years, 0);
    sum.add_months(*months, 0);
    sum.add_days(*days, 0);
    if (in.take_letter('T')) {
        const auto time = scan_time(in);
        if (!time || !time->ok()) return false;
        sum.add_nanos(time->value().nanos_of_day);
    }
    return in.done();
}

/// Whether the text after `P` is the date-based form: it begins with four digits and a dash or T,
/// or with eight digits and then T or the end.
bool looks_date_based(const Scanner& in) {
    const size_t digits = in.digits_ahead();
    const std::string_view rest = in.rest();
    const char next = digits < rest.size() ? rest[digits] : '\0';
    return (digits == 4 && next == '-') ||
           (digits == 8 && (next == 'T' || next == 't' || next == '\0'));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    Scanner in(text);
    const bool negative = in.take('-');
    if (!negative) in.take('+');
    DurationSum sum;
    if (!in.take_letter('P')) return not_a("duration", text);
    const bool good = looks_date_based(in) ? scan_date_based(in, sum) : scan_unit_based(in, sum);
    if (!good) return not_a("duration", text);
    if (negative) sum.negate();
    return sum.finish();
}

}  // namespace deed::value
