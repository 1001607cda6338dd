#pragma once

#include <string_view>

namespace deed {

/// Says what was violated and where on standard error, then aborts. Never returns.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line,
                                   std::string_view why);

}  // namespace deed

/// A bug of ours: stops the process, in release builds too. Never for a user's mistake or for a
/// failing disk; those return a `Result`.
#define DEED_ASSERT(condition, why)                                          \
    do {                                                                     \
        if (!(condition)) [[unlikely]]                                       \
            ::deed::assertion_failed(#condition, __FILE__, __LINE__, (why)); \
    } while (false)

/// The same for hot loops: checked in `dev` and sanitizer builds only.
#ifdef NDEBUG
#define DEED_DEBUG_ASSERT(condition, why) \
    do {                                  \
        (void)sizeof(!(condition));       \
    } while (false)
#else
#define DEED_DEBUG_ASSERT(condition, why) DEED_ASSERT(condition, why)
#endif
