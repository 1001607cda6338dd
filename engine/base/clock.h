#pragma once

#include <chrono>
#include <cstdint>

namespace deed {

/// Where the engine gets the time from, so that tests can stop it.
///
/// Thread safety: all methods from any thread.
class Clock {
 public:
    virtual ~Clock() = default;
    /// Never goes back; for time-outs and intervals.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() const = 0;
    /// Microseconds since 1970-01-01 UTC; may jump.
    [[nodiscard]] virtual int64_t wall_us() const = 0;

    /// The machine's clock; lives for ever.
    static const Clock& system();
};

}  // namespace deed
