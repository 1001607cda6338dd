#include "engine/pheromone/deposit_sampler.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace deed::pheromone {
namespace {

TEST(DepositSampler, WithShiftZeroEveryTraversalCounts) {
    const DepositSampler sampler(0);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(sampler.sample(), 1.0F);
}

TEST(DepositSampler, TheExpectedWeightIsTheNumberOfTraversals) {
    for (const uint32_t shift : {1U, 6U, 10U}) {
        const DepositSampler sampler(shift);
        constexpr int kTraversals = 4'000'000;
        double sum = 0;
        for (int i = 0; i < kTraversals; ++i) sum += static_cast<double>(sampler.sample());
        // Six standard deviations of a binomial distribution.
        const double weight = std::exp2(shift);
        const double deviation = std::sqrt(kTraversals * weight);
        EXPECT_NEAR(sum, kTraversals, 6 * deviation) << shift;
    }
}

TEST(DepositSampler, ARhythmOfTraversalsIsNotPreferred) {
    // A query that walks the same 64 lists again and again, sampled 1 in 64: a plain counter would
    // give all the weight to one of them.
    const DepositSampler sampler(6);
    std::array<double, 64> weights{};
    constexpr int kRounds = 100'000;
    for (int round = 0; round < kRounds; ++round) {
        for (double& weight : weights) weight += static_cast<double>(sampler.sample());
    }
    for (const double weight : weights) {
        EXPECT_NEAR(weight, kRounds, 6 * std::sqrt(kRounds * 64.0));
    }
}

TEST(DepositSampler, BatchesOfTraversalsAreSampledLikeSingleOnes) {
    constexpr uint32_t kBatch = 32;
    constexpr int kRounds = 100'000;
    for (const uint32_t shift : {0U, 2U, 6U}) {
        const DepositSampler sampler(shift);
        std::array<double, kBatch + 1> weights{};
        for (int round = 0; round < kRounds; ++round) {
            sampler.sample_each(kBatch, [&](uint32_t i, float weight) { weights.at(i) += weight; });
            weights[kBatch] += static_cast<double>(sampler.sample());
        }
        for (const double weight : weights) {
            EXPECT_NEAR(weight, kRounds, 6 * std::sqrt(kRounds * std::exp2(shift))) << shift;
        }
    }
}

TEST(DepositSampler, ShortLivedThreadsAndMixedShiftsAreCountedFairly) {
    const DepositSampler fine(2);
    const DepositSampler coarse(6);
    double fine_sum = 0;
    double coarse_sum = 0;
    constexpr int kThreads = 400;
    constexpr int kTraversals = 500;
    for (int i = 0; i < kThreads; ++i) {
        std::thread([&] {
            for (int n = 0; n < kTraversals; ++n) {
                fine_sum += static_cast<double>(fine.sample());
                coarse_sum += static_cast<double>(coarse.sample());
            }
        }).join();
    }
    constexpr double kAll = double(kThreads) * kTraversals;
    EXPECT_NEAR(fine_sum, kAll, 6 * std::sqrt(kAll * 4));
    EXPECT_NEAR(coarse_sum, kAll, 6 * std::sqrt(kAll * 64));
}

}  // namespace
}  // namespace deed::pheromone
