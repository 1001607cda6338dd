#include "bench/generator/generator.h"

#include <bit>
#include <string>
#include <utility>

#include "engine/base/limits.h"

namespace deed::bench {

namespace {

constexpr uint64_t kStartsStream = 1;
constexpr uint64_t kEndsStream = 2;

Error refused(std::string field, std::string message) {
    return {ErrorCode::kInvalidArgument, "GENERATOR_OPTION", std::move(message), std::move(field)};
}

bool is_exponent(double exponent) {
    return exponent == 0 || (exponent > 1 && exponent <= 100);
}

}  // namespace

Result<Generator> Generator::create(const GeneratorOptions& options) {
    if (options.nodes == 0 || options.nodes > limits::kNodesMax) {
        return refused("nodes", "a graph has 1 to " + std::to_string(limits::kNodesMax) + " nodes");
    }
    if (options.edges > limits::kEdgesMax) {
        return refused("edges",
                       "a graph has at most " + std::to_string(limits::kEdgesMax) + " edges");
    }
    if (!is_exponent(options.out_exponent) || !is_exponent(options.in_exponent)) {
        return refused("exponent",
                       "an exponent is 0 (uniform) or more than 1 and at most 100; real "
                       "graphs have 2 to 3");
    }
    if (options.labels == 0 || options.types == 0 || options.labels > 32 || options.types > 32) {
        return refused("labels", "there are 1 to 32 labels and types");
    }
    return Generator(options);
}

Generator::Generator(const GeneratorOptions& options)
    : options_(options),
      starts_(options.nodes, options.out_exponent, Random(options.seed, kStartsStream).next()),
      ends_(options.nodes, options.in_exponent, Random(options.seed, kEndsStream).next()) {}

uint32_t Generator::halving(uint64_t bits, uint32_t count) {
    const auto zeros = static_cast<uint32_t>(std::countr_zero(static_cast<uint32_t>(bits)));
    return std::min(zeros, count - 1);
}

std::string_view Generator::make_name(uint64_t bits, NameBuffer& buffer) {
    constexpr std::string_view kConsonants = "bdfgklmnprstvwyz";  // 16
    constexpr std::string_view kVowels = "aeio";                  // 4
    const size_t syllables = 2 + (bits & 3);
    bits >>= 2;
    size_t size = 0;
    for (size_t i = 0; i < syllables; ++i, bits >>= 6) {
        buffer[size++] = kConsonants[bits & 15];
        buffer[size++] = kVowels[bits >> 4 & 3];
    }
    buffer[0] = static_cast<char>(buffer[0] - 'a' + 'A');
    return {buffer.data(), size};
}

}  // namespace deed::bench
