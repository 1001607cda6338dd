#include "engine/pheromone/evaporation_clock.h"

#include <chrono>
#include <cmath>
#include <gtest/gtest.h>

#include "engine/base/clock.h"

namespace deed::pheromone {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class StoppedClock final : public Clock {
 public:
    [[nodiscard]] nanoseconds monotonic() const override { return now; }
    [[nodiscard]] int64_t wall_us() const override { return 0; }
    nanoseconds now{12'345};
};

TEST(EvaporationClock, TheHalfLifeIsExact) {
    for (const uint32_t epochs : {1U, 3U, 8U, 1000U}) {
        for (const nanoseconds half_life :
             {nanoseconds(hours(1)), nanoseconds(7), nanoseconds(hours(24 * 365))}) {
            StoppedClock time;
            EvaporationClock clock({.half_life = half_life, .epochs_per_half_life = epochs}, time);
            const Cell cell = make_cell(1024, clock.epoch());
            // In uneven steps, so that a remainder that got lost would show.
            for (int i = 0; i < 10; ++i) {
                time.now += half_life / 10;
                clock.tick();
            }
            time.now += half_life - half_life / 10 * 10;
            clock.tick();
            EXPECT_EQ(clock.epoch(), epochs);
            EXPECT_NEAR(decayed(cell, clock.now()), 512, 1e-9);
        }
    }
}

TEST(EvaporationClock, HowOftenItTicksMakesNoDifference) {
    StoppedClock time;
    const EvaporationOptions options{.half_life = seconds(100), .epochs_per_half_life = 7};
    EvaporationClock often(options, time);
    EvaporationClock rarely(options, time);
    for (int i = 0; i < 10'000; ++i) {
        time.now += nanoseconds(37'777'777);
        often.tick();
    }
    EXPECT_EQ(rarely.tick(), often.epoch());
    EXPECT_EQ(often.epoch(), 10'000ULL * 37'777'777 * 7 / 100'000'000'000);
}

TEST(EvaporationClock, AdvancesOnRequestBesideTheTime) {
    StoppedClock time;
    EvaporationClock clock({.half_life = hours(1), .epochs_per_half_life = 4}, time);
    EXPECT_EQ(clock.advance(3), 3U);
    time.now += hours(1);
    EXPECT_EQ(clock.tick(), 7U);
    EXPECT_EQ(clock.tick(), 7U);
    EXPECT_NEAR(clock.rho(), 1 - std::pow(0.5, 0.25), 1e-12);
}

TEST(EvaporationClock, WithoutAHalfLifeTimeChangesNothing) {
    StoppedClock time;
    EvaporationClock clock({.half_life = seconds(0)}, time);
    time.now += hours(1000);
    EXPECT_EQ(clock.tick(), 0U);
    EXPECT_EQ(clock.advance(1), 1U);
}

TEST(EvaporationClock, AHugeAdvanceLeavesNothingAndAsksForAScrub) {
    StoppedClock time;
    EvaporationClock clock({}, time);
    EXPECT_FALSE(clock.scrub_due());
    const Cell cell = make_cell(1e9, clock.epoch());
    clock.advance(0xFFFF'FFFF);
    EXPECT_EQ(decayed(cell, clock.now()), 0);
    EXPECT_TRUE(clock.scrub_due());
    clock.scrub_done(clock.epoch());
    EXPECT_FALSE(clock.scrub_due());
}

TEST(EvaporationClock, GoesOnFromTheStoredEpoch) {
    StoppedClock time;
    EvaporationClock clock({}, time);
    clock.restore(100'000);
    EXPECT_EQ(clock.epoch(), 100'000U);
    EXPECT_FALSE(clock.scrub_due());
    clock.restore(5);
    EXPECT_EQ(clock.epoch(), 100'000U) << "never back";
}

}  // namespace
}  // namespace deed::pheromone
