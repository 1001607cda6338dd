#include "engine/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace deed {

void assertion_failed(const char* condition, const char* file, int line, std::string_view why) {
    std::fprintf(stderr, "deed: assertion failed: %s (%.*s) at %s:%d\n", condition,
                 static_cast<int>(why.size()), why.data(), file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace deed
