#include <charconv>
#include <string>

#include "engine/value/calendar.h"
#include "engine/value/temporal_text.h"

namespace deed::value {

namespace {

void append_number(std::string& out, int64_t number) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    out.append(text, end);
}

/// REQUIRES: number >= 0.
void append_padded(std::string& out, int64_t number, size_t width) {
    char text[24];
    const auto end = std::to_chars(text, text + sizeof(text), number).ptr;
    const auto size = static_cast<size_t>(end - text);
    if (size < width) out.append(width - size, '0');
    out.append(text, size);
}

/// Four digits at least; a sign where four would not do.
void append_year(std::string& out, int64_t year) {
    if (year > 9999) out += '+';
    if (year < 0) out += '-';
    append_padded(out, year < 0 ? -year : year, 4);
}

void append_date(std::string& out, Date date) {
    const CivilDate civil = civil_date(date);
    append_year(out, civil.year);
    out += '-';
    append_padded(out, civil.month, 2);
    out += '-';
    append_padded(out, civil.day, 2);
}

/// Three, six or nine digits, as few as say everything.
void append_clock_fraction(std::string& out, int32_t nanos) {
    if (nanos == 0) return;
    out += '.';
    if (nanos % 1'000'000 == 0) {
        append_padded(out, nanos / 1'000'000, 3);
    } else if (nanos % 1'000 == 0) {
        append_padded(out, nanos / 1'000, 6);
    } else {
        append_padded(out, nanos, 9);
    }
}

void append_time(std::string& out, LocalTime time) {
    const ClockTime clock = clock_time(time);
    append_padded(out, clock.hour, 2);
    out += ':';
    append_padded(out, clock.minute, 2);
    if (clock.second == 0 && clock.nano == 0) return;
    out += ':';
    append_padded(out, clock.second, 2);
    append_clock_fraction(out, clock.nano);
}

void append_offset(std::string& out, int32_t offset) {
    if (offset == 0) {
        out += 'Z';
        return;
    }
    const int32_t size = offset < 0 ? -offset : offset;
    out += offset < 0 ? '-' : '+';
    append_padded(out, size / 3600, 2);
    out += ':';
    append_padded(out, size / 60 % 60, 2);
    if (size % 60 == 0) return;
    out += ':';
    append_padded(out, size % 60, 2);
}

void append_local_date_time(std::string& out, LocalDateTime value) {
    append_date(out, date_of(value));
    out += 'T';
    append_time(out, time_of(value));
}

void append_part(std::string& out, int64_t number, char unit) {
    if (number == 0) return;
    append_number(out, number);
    out += unit;
}

/// Seconds below a minute and their fraction, both of one sign.
void append_seconds(std::string& out, int64_t seconds, int64_t nanos) {
    if (seconds == 0 && nanos == 0) return;
    if (seconds < 0 || nanos < 0) out += '-';
    append_number(out, seconds < 0 ? -seconds : seconds);
    if (nanos != 0) {
        out += '.';
        append_padded(out, nanos < 0 ? -nanos : nanos, 9);
        while (out.back() == '0') out.pop_back();
    }
    out += 'S';
}

}  // namespace

std::string to_iso(Date value) {
    std::string out;
    append_date(out, value);
    return out;
}

std::string to_iso(LocalTime value) {
    std::string out;
    append_time(out, value);
    return out;
}

std::string to_iso(Time value) {
    std::string out;
    append_time(out, LocalTime{value.nanos_of_day});
    append_offset(out, value.offset_seconds);
    return out;
}

std::string to_iso(LocalDateTime value) {
    std::string out;
    append_local_date_time(out, value);
    return out;
}

std::string to_iso(const DateTime& value) {
    std::string out;
    append_local_date_time(out, value.local());
    append_offset(out, value.offset_seconds);
    if (!value.zone.empty()) {
        out += '[';
        out += value.zone.view();
        out += ']';
    }
    return out;
}

std::string to_iso(const Duration& value) {
    std::string out = "P";
    append_part(out, value.months / 12, 'Y');
    append_part(out, value.months % 12, 'M');
    append_part(out, value.days, 'D');
    if (value.seconds != 0 || value.nanos != 0) {
        // A negative amount is stored as whole seconds down and nanoseconds up again.
        const bool borrow = value.seconds < 0 && value.nanos > 0;
        const int64_t seconds = borrow ? value.seconds + 1 : value.seconds;
        const int64_t nanos = borrow ? value.nanos - kNanosPerSecond : value.nanos;
        out += 'T';
        append_part(out, seconds / 3600, 'H');
        append_part(out, seconds / 60 % 60, 'M');
        append_seconds(out, seconds % 60, nanos);
    }
    return out.size() == 1 ? "PT0S" : out;
}

std::string offset_to_iso(int32_t offset_seconds) {
    std::string out;
    append_offset(out, offset_seconds);
    return out;
}

}  // namespace deed::value
