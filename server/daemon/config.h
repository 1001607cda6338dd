#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/api/types.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "server/session/limits.h"

namespace deed::server {

/// Everything that can be set, with its default. `config/deed.toml` lists the same settings; a test
/// compares the two.
struct Config {
    std::string listen = "127.0.0.1:7687";
    bool insecure_no_auth = false;
    uint32_t workers_max = 256;
    std::chrono::milliseconds shutdown_grace{30'000};
    api::DatabaseOptions database = {.data_dir = "/var/lib/deed"};
    Limits limits;
    LogOptions log;
};

/// One setting, for messages, for `--set` and for the test of the documented file.
struct SettingInfo {
    std::string name;           // "limits.batch_items"
    std::string default_value;  // as it is written in the file: `65536`, `"30s"`
    std::string allowed;        // "a whole number from 1 to 1000000"
};
std::vector<SettingInfo> all_settings();

/// Lays a file's settings over `config`. INVALID_ARGUMENT, the message naming file and line, key
/// and value, and what is allowed; for an unknown key also the nearest known one.
Status load_config_file(const std::string& path, Config* config);
/// The same from text; `origin` stands in messages.
Status load_config_text(std::string_view text, std::string_view origin, Config* config);

/// Lays one setting over `config`: `key` as "limits.batch_items", `value` as one would write it on
/// a command line: `100`, `30s`, `sync`.
Status set_from_text(std::string_view key, std::string_view value, Config* config);

/// What no single setting can know: the address is of this machine only, authentication was waived,
/// limits fit each other.
Status validate(const Config& config);

}  // namespace deed::server
