#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

/// The files that a name stands for: itself where there is such a file, else what matches it as a
/// pattern, numbers inside names compared as numbers. Errors: NOT_FOUND, INVALID_ARGUMENT (a bad
/// regular expression).
Result<std::vector<std::string>> expand_path(const std::string& name, PathPatterns patterns);

/// `a2` before `a10`.
bool natural_less(const std::string& a, const std::string& b);

}  // namespace deed::storage::importer
