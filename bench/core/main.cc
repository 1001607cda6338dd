// deed-bench-core SECTION [--quick]: prints one JSON object a line for each figure of the section.
// bench/run_core.py calls it, watches what else uses the machine, and makes the table.

#include <cstring>
#include <string_view>

#include "bench/core/figure.h"

namespace {

void print(const deed::bench::Figure& figure) {
    std::printf(
        "{\"figure\": \"%s\", \"value\": %.6g, \"unit\": \"%s\", \"limit\": %.6g, \"reach\": %.6g, "
        "\"stretch\": %.6g, \"smaller_is_better\": %s, \"note\": \"%s\"}\n",
        figure.name.c_str(), figure.value, figure.unit.c_str(), figure.limit, figure.reach,
        figure.stretch, figure.smaller_is_better ? "true" : "false", figure.note.c_str());
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    deed::bench::Scale scale;
    std::string_view wanted;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") == 0) {
            scale.quick = true;
        } else {
            wanted = argv[i];
        }
    }
    for (const deed::bench::Section& section : deed::bench::all_sections()) {
        if (wanted == "list") {
            std::printf("%s\n", section.name);
        } else if (wanted == section.name) {
            for (const deed::bench::Figure& figure : section.run(scale)) print(figure);
            return 0;
        }
    }
    if (wanted == "list") return 0;
    std::fprintf(stderr, "deed-bench-core: no section named '%.*s'; 'list' shows them\n",
                 static_cast<int>(wanted.size()), wanted.data());
    return 2;
}
