#pragma once

#include <string>

#include "client/cli/remote.h"

namespace deed::cli {

/// "1.4 GiB": three significant digits at most, in powers of 1024.
std::string format_bytes(uint64_t bytes);
/// A string as JSON writes it, with its quotes.
std::string json_string(std::string_view text);

/// One figure a line, names left, values right of them.
std::string stats_as_text(const RemoteStats& stats);
/// One object with the names of the protocol's StatsResponse; labels and types as objects.
std::string stats_as_json(const RemoteStats& stats);

}  // namespace deed::cli
