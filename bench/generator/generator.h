#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "bench/generator/power_law.h"
#include "bench/generator/random.h"
#include "engine/base/result.h"

namespace deed::bench {

struct GeneratorOptions {
    uint64_t nodes = 1'000;
    uint64_t edges = 10'000;
    uint64_t seed = 1;
    double out_exponent = 2.2;  // of the power law; 0: uniform
    double in_exponent = 2.2;
    uint32_t labels = 4;
    uint32_t types = 4;
};

struct GeneratedNode {
    uint64_t id;  // 0, 1, 2 ...
    uint32_t label;
    std::string_view name;  // valid during the visit
    int32_t born;
    int32_t score_cents;
};

struct GeneratedEdge {
    uint64_t id;  // 0, 1, 2 ...
    uint64_t start;
    uint64_t end;
    uint32_t type;
    int32_t since;
    int32_t weight_cents;
};

/// A random graph with skewed degrees, labels, types and properties, streamed in the order of ids.
/// Parallel edges and self-loops occur, as in life. The first label and the first type are the most
/// frequent: each is half as frequent as the one before it.
///
/// The same options make the same graph, on every machine and in every version of the program; a
/// test holds that. Chunks are independent of each other, so that several threads may make one
/// graph.
///
/// Thread safety: all methods from any thread.
class Generator {
 public:
    static constexpr uint64_t kChunk = 65'536;  // nodes or edges

    /// INVALID_ARGUMENT where the options make no graph.
    static Result<Generator> create(const GeneratorOptions& options);

    [[nodiscard]] const GeneratorOptions& options() const { return options_; }
    [[nodiscard]] uint64_t node_chunks() const { return chunks(options_.nodes); }
    [[nodiscard]] uint64_t edge_chunks() const { return chunks(options_.edges); }

    /// Calls `visit(const GeneratedNode&)` for the nodes of one chunk.
    template <class Visit>
    void node_chunk(uint64_t chunk, Visit&& visit) const;
    /// Calls `visit(const GeneratedEdge&)` for the edges of one chunk.
    template <class Visit>
    void edge_chunk(uint64_t chunk, Visit&& visit) const;

    template <class Visit>
    void nodes(Visit&& visit) const {
        for (uint64_t chunk = 0; chunk < node_chunks(); ++chunk) node_chunk(chunk, visit);
    }
    template <class Visit>
    void edges(Visit&& visit) const {
        for (uint64_t chunk = 0; chunk < edge_chunks(); ++chunk) edge_chunk(chunk, visit);
    }

 private:
    static constexpr uint64_t kNodeStream = uint64_t{1} << 62;
    static constexpr uint64_t kEdgeStream = uint64_t{1} << 61;
    using NameBuffer = std::array<char, 12>;

    explicit Generator(const GeneratorOptions& options);
    static uint64_t chunks(uint64_t count) { return (count + kChunk - 1) / kChunk; }
    /// Half of all get 0, a quarter 1, and so on; what is left over goes to the last.
    static uint32_t halving(uint64_t bits, uint32_t count);
    static std::string_view make_name(uint64_t bits, NameBuffer& buffer);

    GeneratorOptions options_;
    PowerLaw starts_;
    PowerLaw ends_;
};

template <class Visit>
void Generator::node_chunk(uint64_t chunk, Visit&& visit) const {
    Random random(options_.seed, kNodeStream + chunk);
    NameBuffer buffer;
    const uint64_t end = std::min((chunk + 1) * kChunk, options_.nodes);
    for (uint64_t id = chunk * kChunk; id < end; ++id) {
        const uint64_t name_bits = random.next();
        const uint64_t bits = random.next();
        visit(
            GeneratedNode{.id = id,
                          .label = halving(bits, options_.labels),
                          .name = make_name(name_bits, buffer),
                          .born = static_cast<int32_t>(1930 + (bits >> 32 & 0xFFFF) * 90 / 65'536),
                          .score_cents = static_cast<int32_t>((bits >> 48) * 10'000 / 65'536)});
    }
}

template <class Visit>
void Generator::edge_chunk(uint64_t chunk, Visit&& visit) const {
    Random random(options_.seed, kEdgeStream + chunk);
    const uint64_t last = std::min((chunk + 1) * kChunk, options_.edges);
    for (uint64_t id = chunk * kChunk; id < last; ++id) {
        const uint64_t start = starts_.draw(random);
        const uint64_t end = ends_.draw(random);
        const uint64_t bits = random.next();
        visit(
            GeneratedEdge{.id = id,
                          .start = start,
                          .end = end,
                          .type = halving(bits, options_.types),
                          .since = static_cast<int32_t>(2000 + (bits >> 32 & 0xFFFF) * 25 / 65'536),
                          .weight_cents = static_cast<int32_t>((bits >> 48) * 100 / 65'536)});
    }
}

}  // namespace deed::bench
