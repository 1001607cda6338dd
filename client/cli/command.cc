#include "client/cli/command.h"

#include <cstdio>
#include <fmt/format.h>

#include "engine/base/result.h"

namespace deed::cli {

int complain(std::string_view command, std::string_view message) {
    fmt::print(stderr, "deed {}: {}\n", command, message);
    return kExitFailed;
}

int complain(std::string_view command, const Error& error) {
    fmt::print(stderr, "deed {}: {}: {}\n", command, error.reason(), error.message());
    return error.code() == ErrorCode::kCorruption ? kExitFaults : kExitFailed;
}

}  // namespace deed::cli
