#include "bench/generator/generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <vector>

namespace deed::bench {
namespace {

struct Degrees {
    std::vector<uint32_t> out;
    std::vector<uint32_t> in;
};

Degrees degrees_of(const GeneratorOptions& options) {
    const auto generator = Generator::create(options);
    EXPECT_TRUE(generator.ok());
    Degrees degrees{std::vector<uint32_t>(options.nodes), std::vector<uint32_t>(options.nodes)};
    generator->edges([&](const GeneratedEdge& edge) {
        ++degrees.out.at(edge.start);
        ++degrees.in.at(edge.end);
    });
    return degrees;
}

/// The exponent that best explains the degrees above `least` (maximum likelihood: Clauset,
/// Shalizi, Newman 2009, equation 3.7).
double fitted_exponent(const std::vector<uint32_t>& degrees, uint32_t least) {
    double sum = 0;
    double count = 0;
    for (const uint32_t degree : degrees) {
        if (degree < least) continue;
        sum += std::log(degree / (least - 0.5));
        ++count;
    }
    return 1 + count / sum;
}

TEST(Generator, DegreesFollowThePowerLawsAskedFor) {
    const Degrees degrees = degrees_of(
        {.nodes = 100'000, .edges = 2'000'000, .seed = 5, .out_exponent = 2.2, .in_exponent = 2.8});
    EXPECT_NEAR(fitted_exponent(degrees.out, 40), 2.2, 0.15);
    EXPECT_NEAR(fitted_exponent(degrees.in, 40), 2.8, 0.15);
}

TEST(Generator, ExponentZeroIsUniform) {
    const Degrees degrees =
        degrees_of({.nodes = 1'000, .edges = 1'000'000, .out_exponent = 0, .in_exponent = 0});
    // A thousand each, plus or minus six standard deviations.
    EXPECT_GT(std::ranges::min(degrees.out), 800U);
    EXPECT_LT(std::ranges::max(degrees.out), 1200U);
    EXPECT_GT(std::ranges::min(degrees.in), 800U);
}

TEST(Generator, HubsAreStrewnOverTheIds) {
    const Degrees degrees = degrees_of({.nodes = 10'000, .edges = 500'000});
    const auto hub = std::ranges::max_element(degrees.out) - degrees.out.begin();
    const auto in_hub = std::ranges::max_element(degrees.in) - degrees.in.begin();
    EXPECT_NE(hub, in_hub);
    EXPECT_GT(hub, 10);
    uint64_t lower_half = 0;
    for (size_t id = 0; id < 5'000; ++id) lower_half += degrees.out[id];
    EXPECT_GT(lower_half, 100'000U);
    EXPECT_LT(lower_half, 400'000U);
}

TEST(Generator, IdsAscendAndEverythingIsInRange) {
    // Around the size of a chunk, and around the bounds of the buckets of ranks.
    for (const uint64_t size :
         {1ULL, 2ULL, 63ULL, 64ULL, 65ULL, 128ULL, 129ULL, 1000ULL, 65'536ULL, 65'537ULL}) {
        const auto generator =
            Generator::create({.nodes = size, .edges = size + 1, .labels = 3, .types = 2});
        ASSERT_TRUE(generator.ok());
        uint64_t nodes = 0;
        generator->nodes([&](const GeneratedNode& node) {
            ASSERT_EQ(node.id, nodes++);
            ASSERT_LT(node.label, 3U);
            ASSERT_GE(node.name.size(), 4U);
            ASSERT_LE(node.name.size(), 10U);
            ASSERT_GE(node.born, 1930);
            ASSERT_LT(node.born, 2020);
            ASSERT_GE(node.score_cents, 0);
            ASSERT_LT(node.score_cents, 10'000);
        });
        EXPECT_EQ(nodes, size);
        uint64_t edges = 0;
        generator->edges([&](const GeneratedEdge& edge) {
            ASSERT_EQ(edge.id, edges++);
            ASSERT_LT(edge.start, size);
            ASSERT_LT(edge.end, size);
            ASSERT_LT(edge.type, 2U);
            ASSERT_GE(edge.since, 2000);
            ASSERT_LT(edge.since, 2025);
        });
        EXPECT_EQ(edges, size + 1);
    }
}

TEST(Generator, LabelsHalveInFrequency) {
    const auto generator = Generator::create({.nodes = 100'000, .edges = 0, .labels = 3});
    ASSERT_TRUE(generator.ok());
    std::array<int, 3> counts{};
    generator->nodes([&](const GeneratedNode& node) { ++counts[node.label]; });
    EXPECT_NEAR(counts[0], 50'000, 1'000);
    EXPECT_NEAR(counts[1], 25'000, 1'000);
    EXPECT_NEAR(counts[2], 25'000, 1'000) << "the last takes what is left over";
}

TEST(Generator, RefusesOptionsThatMakeNoGraph) {
    for (const GeneratorOptions& options :
         {GeneratorOptions{.nodes = 0}, GeneratorOptions{.nodes = uint64_t{1} << 40},
          GeneratorOptions{.out_exponent = 0.5}, GeneratorOptions{.labels = 0}}) {
        const auto generator = Generator::create(options);
        ASSERT_FALSE(generator.ok());
        EXPECT_EQ(generator.error().code(), ErrorCode::kInvalidArgument);
    }
}

}  // namespace
}  // namespace deed::bench
