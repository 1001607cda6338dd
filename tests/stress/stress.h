#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

namespace deed::stress {

/// How long one stress test runs. Only the amount of work hangs on it, never an outcome.
inline std::chrono::milliseconds duration() {
    if (const char* seconds = std::getenv("DEED_STRESS_SECONDS")) {
        return std::chrono::seconds(std::strtoul(seconds, nullptr, 10));
    }
    return std::chrono::milliseconds(1500);
}

/// Printed, and taken from DEED_TEST_SEED to repeat a run as far as threads allow.
inline uint64_t seed() {
    const char* given = std::getenv("DEED_TEST_SEED");
    uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "DEED_TEST_SEED=" << seed << "\n";
    return seed;
}

class Deadline {
 public:
    [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= end_; }

 private:
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + duration();
};

}  // namespace deed::stress
