#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "server/daemon/config.h"

/// The table of settings behind `config.h`, and how one value is read. No other file knows the
/// names.
namespace deed::server {

/// A value as a TOML file or a command line holds it, before anybody asked what it should be.
using RawValue = std::variant<bool, int64_t, double, std::string>;

/// One setting. `read` stores the value or says what is wrong with it; `show` writes the present
/// one as it would stand in the file.
struct Setting {
    std::string name;
    std::string allowed;
    std::function<bool(const RawValue& value, Config* config)> read;
    std::function<std::string(const Config& config)> show;
};

const std::vector<Setting>& setting_table();

/// The setting with this name, or nullptr.
const Setting* find_setting(std::string_view name);
/// The known name that differs least from `name`, empty where none is near.
std::string nearest_setting(std::string_view name);

/// "30s", "100ms", "5min", "2h" to milliseconds; false where it is none.
bool parse_duration(std::string_view text, int64_t* ms);
/// "64MiB", "1GiB", "512KiB", "100B" to bytes; false where it is none.
bool parse_size(std::string_view text, uint64_t* bytes);

}  // namespace deed::server
