#include "server/daemon/config.h"

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <optional>

#include <toml++/toml.h>

#include "server/daemon/setting.h"

namespace deed::server {
namespace {

Error bad(std::string message, std::string_view key = {}) {
    return Error(ErrorCode::kInvalidArgument, "CONFIG_INVALID", std::move(message),
                 std::string(key));
}

Error unknown_key(std::string_view where, std::string_view key) {
    const std::string near = nearest_setting(key);
    return bad(fmt::format("{}: there is no setting \"{}\"{}", where, key,
                           near.empty() ? std::string("; config/deed.toml lists all")
                                        : fmt::format("; did you mean \"{}\"?", near)),
               key);
}

Error bad_value(std::string_view where, const Setting& setting, std::string_view shown) {
    return bad(fmt::format("{}: {} = {} is not allowed; use {}", where, setting.name, shown,
                           setting.allowed),
               setting.name);
}

std::optional<RawValue> raw_of(const toml::node& node) {
    if (const auto* value = node.as_boolean()) return RawValue(value->get());
    if (const auto* value = node.as_integer()) return RawValue(value->get());
    if (const auto* value = node.as_floating_point()) return RawValue(value->get());
    if (const auto* value = node.as_string()) return RawValue(value->get());
    return std::nullopt;
}

std::string shown(const toml::node& node) {
    const auto raw = raw_of(node);
    if (!raw.has_value()) return fmt::format("(a TOML {})", static_cast<int>(node.type()));
    if (const auto* text = std::get_if<std::string>(&*raw)) return fmt::format("\"{}\"", *text);
    if (const auto* flag = std::get_if<bool>(&*raw)) return *flag ? "true" : "false";
    if (const auto* real = std::get_if<double>(&*raw)) return fmt::format("{}", *real);
    return std::to_string(std::get<int64_t>(*raw));
}

/// Sections nest two deep at most; deeper tables are unknown keys.
Status apply_table(const toml::table& table, const std::string& prefix, std::string_view origin,
                   Config* config) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        const std::string where = fmt::format("{}, line {}", origin, node.source().begin.line);
        const Setting* setting = find_setting(name);
        if (setting != nullptr) {
            const auto raw = raw_of(node);
            if (!raw.has_value() || !setting->read(*raw, config)) {
                return bad_value(where, *setting, shown(node));
            }
            continue;
        }
        const toml::table* section = node.as_table();
        if (section == nullptr || !prefix.empty()) return unknown_key(where, name);
        if (section->empty()) continue;
        DEED_RETURN_IF_ERROR(apply_table(*section, name + ".", origin, config));
    }
    return {};
}

/// A command line does not tell numbers from words: each reading is tried.
std::vector<RawValue> readings(std::string_view text) {
    std::vector<RawValue> all;
    if (text == "true" || text == "false") all.emplace_back(text == "true");
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault == std::errc{} && end == text.data() + text.size()) all.emplace_back(number);
    all.emplace_back(std::string(text));
    return all;
}

/// Addresses are taken as numbers, so that no name can lead elsewhere.
bool is_loopback(const std::string& host) {
    if (host == "localhost" || host == "[::1]") return true;
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace

std::vector<SettingInfo> all_settings() {
    const Config defaults;
    std::vector<SettingInfo> all;
    for (const Setting& setting : setting_table()) {
        all.push_back({setting.name, setting.show(defaults), setting.allowed});
    }
    return all;
}

Status load_config_text(std::string_view text, std::string_view origin, Config* config) {
    try {
        const toml::table table = toml::parse(text, origin);
        return apply_table(table, "", origin, config);
    } catch (const toml::parse_error& fault) {
        return bad(fmt::format("{}, line {}, column {}: {}", origin, fault.source().begin.line,
                               fault.source().begin.column, fault.description()));
    }
}

Status load_config_file(const std::string& path, Config* config) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return bad(fmt::format("{}: cannot be read ({}); name an existing file with --config", path,
                               std::strerror(errno)));
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return load_config_text(text, path, config);
}

Status set_from_text(std::string_view key, std::string_view value, Config* config) {
    const Setting* setting = find_setting(key);
    if (setting == nullptr) return unknown_key("command line", key);
    for (const RawValue& reading : readings(value)) {
        if (setting->read(reading, config)) return {};
    }
    return bad_value("command line", *setting, fmt::format("\"{}\"", value));
}

Status validate(const Config& config) {
    const size_t colon = config.listen.rfind(':');
    const std::string_view listen = config.listen;
    uint32_t port = 0;
    const char* port_end = listen.data() + listen.size();
    const bool has_port =
        colon != std::string::npos && colon + 1 < listen.size() &&
        std::from_chars(listen.data() + colon + 1, port_end, port).ptr == port_end &&
        port <= 65'535;
    if (!has_port || colon == 0) {
        return bad(fmt::format("server.listen = \"{}\" is no address with a port; use for example "
                               "\"127.0.0.1:7687\" (port 0 takes a free one)",
                               config.listen),
                   "server.listen");
    }
    if (!is_loopback(config.listen.substr(0, colon))) {
        return bad(
            fmt::format("server.listen = \"{}\" can be reached from other machines, and this "
                        "version has neither TLS nor authentication; listen on 127.0.0.1 or "
                        "[::1] and let others in through a tunnel",
                        config.listen),
            "server.listen");
    }
    if (!config.insecure_no_auth) {
        return bad(
            "authentication is on by default, and this version does not have it yet: every "
            "local user could read and write the graph. If that is acceptable, say so with "
            "--insecure-no-auth (or server.insecure_no_auth = true)",
            "server.insecure_no_auth");
    }
    if (config.limits.concurrent_streams >= config.workers_max) {
        return bad(fmt::format("limits.concurrent_streams = {} would leave none of the {} threads "
                               "of server.workers_max for commits; make it smaller",
                               config.limits.concurrent_streams, config.workers_max),
                   "limits.concurrent_streams");
    }
    return {};
}

}  // namespace deed::server
