#include "engine/pheromone/intensity.h"

#include <atomic>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <thread>
#include <vector>

namespace deed::pheromone {
namespace {

constexpr double kPrecision = 1.0 / 2048;
constexpr double kLargest = 0x1.FFCp47;

TEST(Intensity, KeepsAValueWithinTheFloatsPrecision) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> exponent(-15, 47);
    for (int i = 0; i < 100'000; ++i) {
        const double value = std::exp2(exponent(random));
        ASSERT_NEAR(decode_intensity(encode_intensity(value)), value, value * kPrecision);
    }
}

TEST(Intensity, EveryCodeSurvivesDecodingAndEncoding) {
    double before = -1;
    for (uint32_t code = 0; code <= 0xFFFF; ++code) {
        const double value = decode_intensity(code);
        ASSERT_GT(value, before) << "larger codes mean more";
        ASSERT_EQ(encode_intensity(value), code);
        before = value;
    }
}

TEST(Intensity, SaturatesAndIgnoresWhatIsNoIntensity) {
    EXPECT_EQ(decode_intensity(encode_intensity(1e30)), kLargest);
    EXPECT_EQ(decode_intensity(encode_intensity(std::numeric_limits<double>::infinity())),
              kLargest);
    EXPECT_EQ(encode_intensity(0), 0U);
    EXPECT_EQ(encode_intensity(-3), 0U);
    EXPECT_EQ(encode_intensity(1e-12), 0U);
    EXPECT_EQ(encode_intensity(std::numeric_limits<double>::quiet_NaN()), 0U);
    Cell cell = make_cell(kLargest, 3);
    cell = deposited(cell, 1e14, {3, -0.125}, kToNearest);
    EXPECT_EQ(decayed(cell, {3, -0.125}), kLargest);
}

TEST(Intensity, EvaporatesByTheFormula) {
    for (const double rho : {0.001, 0.05, 0.083, 0.5}) {
        const double log2_keep = std::log2(1 - rho);
        for (const uint32_t epochs : {0U, 1U, 2U, 8U, 100U, 1000U}) {
            const Cell cell = make_cell(1e6, 77);
            const double expected = 1e6 * std::pow(1 - rho, epochs);
            ASSERT_NEAR(decayed(cell, {77 + epochs, log2_keep}), expected,
                        expected * 2 * kPrecision)
                << rho << " " << epochs;
        }
    }
}

TEST(Intensity, AnUntouchedCellDecaysToNothing) {
    Decay now{10, -0.125};
    Cell cell = make_cell(kLargest, now.epoch);
    double before = decayed(cell, now);
    while (decayed(cell, now) > 0) {
        ASSERT_LE(decayed(cell, now), before);
        before = decayed(cell, now);
        now.epoch += 100;
        cell = scrubbed(cell, now, 0x1p-16);
        ASSERT_LT(now.epoch, 1000U) << "64 half-lives of 8 epochs are enough";
    }
    EXPECT_EQ(cell, 0U);
}

TEST(Intensity, TheEpochMayWrapAround) {
    for (const uint64_t first : {uint64_t{65'530}, uint64_t{1} << 32, (uint64_t{1} << 40) - 5}) {
        const Cell cell = make_cell(1000, first);
        EXPECT_NEAR(decayed(cell, {first + 8, -0.125}), 500, 1);
        EXPECT_NEAR(decayed(cell, {first + 16, -0.125}), 250, 1);
    }
    // Slow evaporation, so that a cell lives longer than the 16 bits of its epoch: the scrub keeps
    // it right.
    const double log2_keep = -0.0001;
    Cell cell = make_cell(1e9, 0);
    Decay now{0, log2_keep};
    for (int round = 1; round <= 12; ++round) {
        now.epoch += kScrubEpochs;
        cell = scrubbed(cell, now, 0.5);
        const double expected = 1e9 * std::exp2(log2_keep * double(now.epoch));
        ASSERT_NEAR(decayed(cell, now), expected, expected * kPrecision * (round + 1)) << round;
    }
}

TEST(Intensity, WhatIsAncientIsGoneWhateverItsEpochLooksLike) {
    const Cell cell = make_cell(1e9, 5);
    EXPECT_GT(decayed(cell, {5 + kAncientEpochs - 1, -1e-6}), 0);
    EXPECT_EQ(decayed(cell, {5 + kAncientEpochs, -1e-6}), 0);
    EXPECT_EQ(decayed(cell, {5 + kAncientEpochs + kScrubEpochs, -1e-6}), 0);
    EXPECT_EQ(scrubbed(cell, {5 + kAncientEpochs + kScrubEpochs, -1e-6}, 0), 0U);
}

TEST(Intensity, AThreadThatIsBehindTheClockSpoilsNothing) {
    const Cell cell = make_cell(640, 100);
    EXPECT_NEAR(decayed(cell, {97, -0.125}), 640, 1) << "no decay, but no loss either";
    EXPECT_NEAR(decayed(deposited(cell, 64, {97, -0.125}, kToNearest), {97, -0.125}), 704, 1);
}

TEST(Intensity, SmallDepositsIntoALargeIntensityCountOnAverage) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Decay now{1, -0.125};
    // One unit in the last place of 2^20 is 1,024: rounding to nearest would lose each deposit
    // of 64.
    Cell cell = make_cell(0x1p20, now.epoch);
    constexpr int kDeposits = 20'000;
    for (int i = 0; i < kDeposits; ++i) cell = deposited(cell, 64, now, random() >> 32);
    const double expected = 0x1p20 + 64.0 * kDeposits;
    EXPECT_NEAR(decayed(cell, now), expected, expected * 0.1);
}

TEST(Intensity, LostUpdatesAreHarmless) {
    std::atomic<Cell> cell{0};
    const Decay now{9, -0.125};
    constexpr int kThreads = 4;
    constexpr int kDeposits = 20'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            std::mt19937_64 random(static_cast<uint64_t>(i));
            for (int n = 0; n < kDeposits; ++n) deposit_into(cell, 1, now, random() >> 32);
        });
    }
    for (std::thread& thread : threads) thread.join();
    // Never more than was deposited, never garbage, at the least what one thread alone would leave
    // of its last stretch.
    const double left = decayed(cell.load(std::memory_order_relaxed), now);
    EXPECT_GT(left, 0);
    EXPECT_LE(left, kThreads * kDeposits * 1.1);
    EXPECT_EQ(age(cell.load(std::memory_order_relaxed), now.epoch), 0U);
}

}  // namespace
}  // namespace deed::pheromone
