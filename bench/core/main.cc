// deed-bench-core SECTION [--quick]: prints one JSON object a line for each figure of the section.
// bench/run_core.py calls it, watches what else uses the machine, and makes the table.

#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/core/api_sections.h"
#include "bench/core/figure.h"
#include "bench/core/graph_sections.h"

namespace {

void print(const deed::bench::Figure& figure) {
    std::printf(
        "{\"figure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"limit\": %.6g, \"reach\": %.6g, "
        "\"stretch\": %.6g, \"smaller_is_better\": %s, \"note\": \"%s\"}\n",
        figure.name.c_str(), figure.value, figure.unit.c_str(), figure.limit, figure.reach,
        figure.stretch, figure.smaller_is_better ? "true" : "false", figure.note.c_str());
    std::fflush(stdout);
}

/// deed-bench-core fill-log FOLDER EDGES: a child leaves the edges in the log and dies, then the
/// log is replayed.
int replay(const std::string& folder, uint64_t edges) {
    const pid_t child = ::fork();
    if (child == 0) deed::bench::fill_log(folder, edges);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) return 1;
    const double elapsed = deed::bench::replay_seconds(folder);
    std::printf("{\"edges\": %llu, \"seconds\": %.3f, \"edges_per_second\": %.1f}\n",
                static_cast<unsigned long long>(edges), elapsed,
                static_cast<double>(edges) / elapsed);
    return 0;
}

std::vector<deed::bench::Section> all_sections() {
    std::vector<deed::bench::Section> sections = deed::bench::graph_sections();
    for (deed::bench::Section& section : deed::bench::api_sections()) {
        sections.push_back(std::move(section));
    }
    return sections;
}

int run(int argc, char** argv) {
    deed::bench::Scale scale;
    std::string_view wanted;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") == 0) {
            scale.quick = true;
        } else if (wanted.empty()) {
            wanted = argv[i];
        }
    }
    for (const deed::bench::Section& section : all_sections()) {
        if (wanted == "list") {
            std::printf("%s\n", section.name);
        } else if (wanted == section.name) {
            for (const deed::bench::Figure& figure : section.run(scale)) print(figure);
            return 0;
        }
    }
    if (wanted == "list") return 0;
    if (wanted == "fill-log" && argc == 4) return replay(argv[2], std::stoull(argv[3]));
    std::fprintf(stderr, "deed-bench-core: no section named '%.*s'; 'list' shows them\n",
                 static_cast<int>(wanted.size()), wanted.data());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "deed-bench-core: %s\n", problem.what());
        return 1;
    }
}
