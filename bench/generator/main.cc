#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "bench/generator/csv_writer.h"
#include "bench/generator/generator.h"

namespace {

int fail(const deed::Error& error) {
    std::fprintf(stderr, "deed-generate: %s\n", error.message().c_str());
    return 1;
}

int run(const deed::bench::GeneratorOptions& options, const deed::bench::CsvOptions& csv) {
    const auto begin = std::chrono::steady_clock::now();
    const auto generator = deed::bench::Generator::create(options);
    if (!generator.ok()) return fail(generator.error());
    const auto written = deed::bench::write_csv(*generator, csv);
    if (!written.ok()) return fail(written.error());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf(
        "nodes %llu (%.1f MB, checksum %016llx), edges %llu (%.1f MB, checksum %016llx), "
        "%.2f s\n",
        static_cast<unsigned long long>(options.nodes), double(written->node_bytes) / 1e6,
        static_cast<unsigned long long>(written->node_checksum),
        static_cast<unsigned long long>(options.edges), double(written->edge_bytes) / 1e6,
        static_cast<unsigned long long>(written->edge_checksum), took.count());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Writes a random graph with power-law degrees as CSV (nodes.csv, edges.csv)."};
    deed::bench::GeneratorOptions options;
    deed::bench::CsvOptions csv;
    std::string delimiter = ",";
    app.add_option("--nodes", options.nodes, "number of nodes")->required();
    app.add_option("--edges", options.edges, "number of relationships")->required();
    app.add_option("--out", csv.directory, "directory to write to")->required();
    app.add_option("--seed", options.seed, "the same seed makes the same bytes")
        ->capture_default_str();
    app.add_option("--out-exponent", options.out_exponent, "power law of out-degrees; 0: uniform")
        ->capture_default_str();
    app.add_option("--in-exponent", options.in_exponent, "power law of in-degrees; 0: uniform")
        ->capture_default_str();
    app.add_option("--labels", options.labels, "number of labels")->capture_default_str();
    app.add_option("--types", options.types, "number of relationship types")->capture_default_str();
    app.add_option("--delimiter", delimiter, "one character, or 'tab'")->capture_default_str();
    app.add_flag("--properties", csv.properties, "name, born, score; since, weight");
    CLI11_PARSE(app, argc, argv);
    if (delimiter == "tab" || delimiter == "TAB" || delimiter == "\\t") delimiter = "\t";
    if (delimiter.size() != 1) {
        std::fprintf(stderr, "deed-generate: --delimiter is one character, or 'tab'\n");
        return 1;
    }
    csv.delimiter = delimiter[0];
    return run(options, csv);
}
