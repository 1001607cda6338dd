#include "server/daemon/setting.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

namespace deed::server {
namespace {

struct Unit {
    std::string_view name;
    uint64_t factor;
};
constexpr std::array kDurationUnits = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"min", 60'000},
                                       Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizeUnits = {Unit{"B", 1}, Unit{"KiB", 1ULL << 10}, Unit{"MiB", 1ULL << 20},
                                   Unit{"GiB", 1ULL << 30}, Unit{"TiB", 1ULL << 40}};

bool parse_with_unit(std::string_view text, std::span<const Unit> units, uint64_t* value) {
    uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc{}) return false;
    const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    for (const Unit& known : units) {
        if (known.name != unit) continue;
        if (number > std::numeric_limits<uint64_t>::max() / known.factor) return false;
        *value = number * known.factor;
        return true;
    }
    return false;
}

std::string show_with_unit(uint64_t value, std::span<const Unit> units) {
    const Unit* best = &units.front();
    for (const Unit& unit : units) {
        if (value >= unit.factor && value % unit.factor == 0) best = &unit;
    }
    return fmt::format("\"{}{}\"", value / best->factor, best->name);
}

/// Where a setting lives in a Config.
template <class T>
using Place = std::function<T&(Config&)>;

template <class T>
const T& at(const Place<T>& place, const Config& config) {
    return place(const_cast<Config&>(config));
}

template <class T>
Setting number(std::string name, Place<T> place, uint64_t min, uint64_t max) {
    return {std::move(name), fmt::format("a whole number from {} to {}", min, max),
            [=](const RawValue& value, Config* config) {
                const auto* given = std::get_if<int64_t>(&value);
                if (given == nullptr || *given < 0 || static_cast<uint64_t>(*given) < min ||
                    static_cast<uint64_t>(*given) > max) {
                    return false;
                }
                place(*config) = static_cast<T>(*given);
                return true;
            },
            [=](const Config& config) { return std::to_string(at(place, config)); }};
}

Setting flag(std::string name, Place<bool> place) {
    return {std::move(name), "true or false",
            [=](const RawValue& value, Config* config) {
                const auto* given = std::get_if<bool>(&value);
                if (given == nullptr) return false;
                place(*config) = *given;
                return true;
            },
            [=](const Config& config) { return at(place, config) ? "true" : "false"; }};
}

Setting text(std::string name, std::string allowed, Place<std::string> place) {
    return {std::move(name), std::move(allowed),
            [=](const RawValue& value, Config* config) {
                const auto* given = std::get_if<std::string>(&value);
                if (given == nullptr) return false;
                place(*config) = *given;
                return true;
            },
            [=](const Config& config) { return fmt::format("\"{}\"", at(place, config)); }};
}

Setting one_of(std::string name, std::vector<std::string> words, Place<std::string> place) {
    std::string allowed = "one of";
    for (const auto& word : words) allowed += fmt::format(" \"{}\"", word);
    Setting made = text(std::move(name), std::move(allowed), place);
    made.read = [=](const RawValue& value, Config* config) {
        const auto* given = std::get_if<std::string>(&value);
        if (given == nullptr || std::find(words.begin(), words.end(), *given) == words.end()) {
            return false;
        }
        place(*config) = *given;
        return true;
    };
    return made;
}

template <class Duration>
Setting duration(std::string name, Place<Duration> place, int64_t min_ms, int64_t max_ms) {
    const int64_t step = std::chrono::milliseconds(Duration(1)).count();
    const auto shown = [](int64_t ms) {
        return show_with_unit(static_cast<uint64_t>(ms), kDurationUnits);
    };
    return {std::move(name),
            fmt::format("a time with its unit (ms, s, min, h, d) from {} to {}{}", shown(min_ms),
                        shown(max_ms), step == 1000 ? ", in whole seconds" : ""),
            [=](const RawValue& value, Config* config) {
                const auto* given = std::get_if<std::string>(&value);
                int64_t ms = 0;
                if (given == nullptr || !parse_duration(*given, &ms)) return false;
                if (ms < min_ms || ms > max_ms || ms % step != 0) return false;
                place(*config) = Duration(ms / step);
                return true;
            },
            [=](const Config& config) {
                return shown(std::chrono::milliseconds(at(place, config)).count());
            }};
}

Setting size(std::string name, Place<uint64_t> place, uint64_t min, uint64_t max) {
    return {std::move(name),
            fmt::format("a size with its unit (B, KiB, MiB, GiB, TiB) from {} to {}",
                        show_with_unit(min, kSizeUnits), show_with_unit(max, kSizeUnits)),
            [=](const RawValue& value, Config* config) {
                const auto* given = std::get_if<std::string>(&value);
                uint64_t bytes = 0;
                if (given == nullptr || !parse_size(*given, &bytes)) return false;
                if (bytes < min || bytes > max) return false;
                place(*config) = bytes;
                return true;
            },
            [=](const Config& config) { return show_with_unit(at(place, config), kSizeUnits); }};
}

/// An enum of the engine by its words in the file; the two lists go in step.
Setting durability() {
    using api::Durability;
    static constexpr std::array kWords = {std::pair{"sync", Durability::kSync},
                                          std::pair{"interval", Durability::kInterval},
                                          std::pair{"none", Durability::kNone}};
    return {"storage.durability", R"(one of "sync" "interval" "none")",
            [](const RawValue& value, Config* config) {
                const auto* given = std::get_if<std::string>(&value);
                for (const auto& [word, meaning] : kWords) {
                    if (given == nullptr || *given != word) continue;
                    config->database.durability = meaning;
                    return true;
                }
                return false;
            },
            [](const Config& config) {
                for (const auto& [word, meaning] : kWords) {
                    if (config.database.durability == meaning) return fmt::format("\"{}\"", word);
                }
                return std::string();
            }};
}

/// How many shards; 0 or a power of two, as the engine demands.
Setting shards() {
    Setting made = number<uint32_t>(
        "graph.shards", [](Config& c) -> uint32_t& { return c.database.shards; }, 0, 256);
    made.allowed = "0 (as many as cores) or a power of two up to 256";
    made.read = [read = made.read](const RawValue& value, Config* config) {
        const auto* given = std::get_if<int64_t>(&value);
        if (given == nullptr || *given < 0 || (*given & (*given - 1)) != 0) return false;
        return read(value, config);
    };
    return made;
}

constexpr uint64_t kGiB = 1ULL << 30;
constexpr uint64_t kMiB = 1ULL << 20;
constexpr int64_t kSecond = 1000;
constexpr int64_t kDay = 86'400 * kSecond;

void add_server(std::vector<Setting>* table) {
    table->push_back(text("server.listen", "an address and a port, such as \"127.0.0.1:7687\"",
                          [](Config& c) -> std::string& { return c.listen; }));
    table->push_back(
        flag("server.insecure_no_auth", [](Config& c) -> bool& { return c.insecure_no_auth; }));
    table->push_back(number<uint32_t>(
        "server.workers_max", [](Config& c) -> uint32_t& { return c.workers_max; }, 2, 10'000));
    table->push_back(duration<std::chrono::milliseconds>(
        "shutdown.grace", [](Config& c) -> std::chrono::milliseconds& { return c.shutdown_grace; },
        0, kDay));
}

void add_storage(std::vector<Setting>* table) {
    table->push_back(text("storage.data_dir", "the path of a directory",
                          [](Config& c) -> std::string& { return c.database.data_dir; }));
    table->push_back(durability());
    table->push_back(duration<std::chrono::milliseconds>(
        "storage.durability_interval",
        [](Config& c) -> std::chrono::milliseconds& { return c.database.durability_interval; }, 1,
        60 * kSecond));
    table->push_back(size(
        "storage.block_cache", [](Config& c) -> uint64_t& { return c.database.block_cache_bytes; },
        kMiB, 1024 * kGiB));
    table->push_back(size(
        "storage.write_buffer",
        [](Config& c) -> uint64_t& { return c.database.write_buffer_bytes; }, kMiB, 4 * kGiB));
    table->push_back(size(
        "storage.checkpoint_log",
        [](Config& c) -> uint64_t& { return c.database.checkpoint_log_bytes; }, kMiB, 1024 * kGiB));
    table->push_back(duration<std::chrono::seconds>(
        "storage.checkpoint_interval",
        [](Config& c) -> std::chrono::seconds& { return c.database.checkpoint_interval; }, kSecond,
        kDay));
}

void add_graph(std::vector<Setting>* table) {
    table->push_back(shards());
    table->push_back(size(
        "graph.versions_max", [](Config& c) -> uint64_t& { return c.database.version_bytes_max; },
        kMiB, 1024 * kGiB));
    table->push_back(duration<std::chrono::seconds>(
        "pheromone.half_life",
        [](Config& c) -> std::chrono::seconds& { return c.database.pheromone_half_life; }, kSecond,
        365 * kDay));
    table->push_back(number<uint32_t>(
        "pheromone.sample_shift",
        [](Config& c) -> uint32_t& { return c.database.pheromone_sample_shift; }, 0, 20));
    table->push_back(duration<std::chrono::milliseconds>(
        "transactions.idle_timeout",
        [](Config& c) -> std::chrono::milliseconds& { return c.database.idle_timeout; }, kSecond,
        kDay));
}

void add_limits(std::vector<Setting>* table) {
    using limits::kMessageBytesMax;
    constexpr uint64_t kMany = 1'000'000;
    const auto count = [&](const char* name, uint64_t Limits::*member, uint64_t max) {
        table->push_back(number<uint64_t>(
            fmt::format("limits.{}", name),
            [member](Config& c) -> uint64_t& { return c.limits.*member; }, 1, max));
    };
    count("batch_items", &Limits::batch_items, kMany);
    table->push_back(size(
        "limits.message_bytes", [](Config& c) -> uint64_t& { return c.limits.message_bytes; },
        64ULL << 10, kMessageBytesMax));
    count("traversal_depth", &Limits::traversal_depth, 1000);
    count("concurrent_requests", &Limits::concurrent_requests, kMany);
    count("concurrent_streams", &Limits::concurrent_streams, 9'000);
    count("open_transactions", &Limits::open_transactions, limits::kSnapshotsMax / 2);
    count("neighbours", &Limits::neighbours, 1ULL << 22);
    table->push_back(size(
        "limits.ingest_key_bytes", [](Config& c) -> uint64_t& { return c.limits.ingest_key_bytes; },
        kMiB, 1024 * kGiB));
    count("scan_filters", &Limits::scan_filters, 1000);
    table->push_back(duration<std::chrono::milliseconds>(
        "limits.reader_stall",
        [](Config& c) -> std::chrono::milliseconds& { return c.limits.reader_stall; }, kSecond,
        kDay));
    table->push_back(duration<std::chrono::milliseconds>(
        "limits.transaction_wait",
        [](Config& c) -> std::chrono::milliseconds& { return c.limits.transaction_wait; }, 0,
        kDay));
}

void add_log(std::vector<Setting>* table) {
    table->push_back(one_of("log.level", {"trace", "debug", "info", "warn", "error"},
                            [](Config& c) -> std::string& { return c.log.level; }));
    table->push_back(one_of("log.format", {"text", "json"},
                            [](Config& c) -> std::string& { return c.log.format; }));
    table->push_back(text("log.file", "the path of a file, or empty for standard error",
                          [](Config& c) -> std::string& { return c.log.file; }));
}

size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row.back();
}

/// The part behind the last dot, for keys put into the wrong section.
std::string_view last_part(std::string_view name) {
    return name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
}

}  // namespace

bool parse_duration(std::string_view text, int64_t* ms) {
    uint64_t value = 0;
    if (!parse_with_unit(text, kDurationUnits, &value)) return false;
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return false;
    *ms = static_cast<int64_t>(value);
    return true;
}

bool parse_size(std::string_view text, uint64_t* bytes) {
    return parse_with_unit(text, kSizeUnits, bytes);
}

const std::vector<Setting>& setting_table() {
    static const std::vector<Setting> table = [] {
        std::vector<Setting> made;
        add_server(&made);
        add_storage(&made);
        add_graph(&made);
        add_limits(&made);
        add_log(&made);
        return made;
    }();
    return table;
}

const Setting* find_setting(std::string_view name) {
    for (const Setting& setting : setting_table()) {
        if (setting.name == name) return &setting;
    }
    return nullptr;
}

std::string nearest_setting(std::string_view name) {
    std::string best;
    size_t best_distance = std::max<size_t>(3, name.size() / 3);
    for (const Setting& setting : setting_table()) {
        size_t distance = edit_distance(name, setting.name);
        if (last_part(name) == last_part(setting.name)) distance = std::min<size_t>(distance, 1);
        if (distance >= best_distance) continue;
        best = setting.name;
        best_distance = distance;
    }
    return best;
}

}  // namespace deed::server
