#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace deed::cli {

/// The candidate that was probably meant: the one with the fewest wrong, missing, added or swapped
/// letters, if they are at most a third of the word (and at least one is allowed). The first of
/// equals.
std::optional<std::string> suggestion(std::string_view typed,
                                      std::span<const std::string> candidates);

}  // namespace deed::cli
