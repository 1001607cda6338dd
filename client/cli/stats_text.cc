#include "client/cli/stats_text.h"

#include <fmt/format.h>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

namespace deed::cli {
namespace {

using Line = std::pair<std::string, std::string>;

void add_counts(std::vector<Line>& lines, std::string_view heading,
                const std::vector<api::NamedCount>& counts) {
    for (const api::NamedCount& count : counts) {
        lines.emplace_back(fmt::format("  {} {}", heading, count.name),
                           fmt::format("{}", count.count));
    }
}

std::string counts_as_json(const std::vector<api::NamedCount>& counts) {
    std::string json = "{";
    for (const api::NamedCount& count : counts) {
        json += fmt::format("{}{}: {}", json.size() > 1 ? ", " : "", json_string(count.name),
                            count.count);
    }
    return json + "}";
}

}  // namespace

std::string format_bytes(uint64_t bytes) {
    constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    constexpr double kStep = 1024;
    // Above this a value would be shown as 1024 of its unit.
    constexpr double kNextUnit = 1023.5;
    auto value = static_cast<double>(bytes);
    size_t unit = 0;
    while (value >= kNextUnit && unit + 1 < std::size(kUnits)) {
        value /= kStep;
        ++unit;
    }
    if (unit == 0) {
        return fmt::format("{} B", bytes);
    }
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

std::string json_string(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            json += '\\';
            json += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            json += c;
        }
    }
    return json + "\"";
}

std::string stats_as_text(const RemoteStats& stats) {
    const api::Stats& engine = stats.engine;
    std::vector<Line> lines;
    const auto number = [&](std::string name, uint64_t value) {
        lines.emplace_back(std::move(name), fmt::format("{}", value));
    };
    const auto size = [&](std::string name, uint64_t value) {
        lines.emplace_back(std::move(name), format_bytes(value));
    };
    number("nodes", engine.entity_count);
    add_counts(lines, "label", engine.labels);
    number("relationships", engine.edge_count);
    add_counts(lines, "type", engine.types);
    number("shards", engine.shards);
    number("newest commit", engine.visible.raw());
    number("commits", engine.commits);
    number("conflicts", engine.conflicts);
    number("open transactions", engine.open_transactions);
    number("oldest snapshot", engine.oldest_snapshot.raw());
    size("old versions", engine.version_bytes);
    size("graph in memory", engine.graph_bytes);
    size("graph reserved", engine.graph_bytes_reserved);
    size("allocated", engine.allocated_bytes);
    size("resident", engine.resident_bytes);
    size("log on disk", engine.log_bytes);
    size("all on disk", engine.disk_bytes);
    number("folded through", engine.folded_through.raw());
    number("pheromone epoch", engine.pheromone_epoch);
    lines.emplace_back("last start", fmt::format("{:.3f} s", engine.recovery_seconds));
    number("requests under way", stats.requests_active);
    number("requests in all", stats.requests_total);

    size_t width = 0;
    for (const Line& line : lines) {
        width = std::max(width, line.first.size());
    }
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{:<{}}  {}\n", line.first, width, line.second);
    }
    return text;
}

std::string stats_as_json(const RemoteStats& stats) {
    const api::Stats& engine = stats.engine;
    const std::pair<std::string_view, uint64_t> numbers[] = {
        {"entity_count", engine.entity_count},
        {"edge_count", engine.edge_count},
        {"shards", engine.shards},
        {"visible", engine.visible.raw()},
        {"commits", engine.commits},
        {"conflicts", engine.conflicts},
        {"open_transactions", engine.open_transactions},
        {"oldest_snapshot", engine.oldest_snapshot.raw()},
        {"version_bytes", engine.version_bytes},
        {"graph_bytes", engine.graph_bytes},
        {"graph_bytes_reserved", engine.graph_bytes_reserved},
        {"allocated_bytes", engine.allocated_bytes},
        {"resident_bytes", engine.resident_bytes},
        {"log_bytes", engine.log_bytes},
        {"disk_bytes", engine.disk_bytes},
        {"folded_through", engine.folded_through.raw()},
        {"pheromone_epoch", engine.pheromone_epoch},
        {"requests_active", stats.requests_active},
        {"requests_total", stats.requests_total},
    };
    std::string json = "{";
    for (const auto& [name, value] : numbers) {
        json += fmt::format("\"{}\": {}, ", name, value);
    }
    return json + fmt::format("\"recovery_seconds\": {:.6f}, \"labels\": {}, \"types\": {}}}",
                              engine.recovery_seconds, counts_as_json(engine.labels),
                              counts_as_json(engine.types));
}

}  // namespace deed::cli
