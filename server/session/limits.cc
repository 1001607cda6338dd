#include "server/session/limits.h"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace deed::server {
namespace {

constexpr std::array kNames = {
    std::pair{std::string_view("batch_items"), &Limits::batch_items},
    std::pair{std::string_view("message_bytes"), &Limits::message_bytes},
    std::pair{std::string_view("traversal_depth"), &Limits::traversal_depth},
    std::pair{std::string_view("concurrent_requests"), &Limits::concurrent_requests},
    std::pair{std::string_view("concurrent_streams"), &Limits::concurrent_streams},
    std::pair{std::string_view("open_transactions"), &Limits::open_transactions},
    std::pair{std::string_view("neighbours"), &Limits::neighbours},
    std::pair{std::string_view("ingest_key_bytes"), &Limits::ingest_key_bytes},
    std::pair{std::string_view("scan_filters"), &Limits::scan_filters},
};

std::string reason_of(std::string_view name) {
    std::string reason = "LIMIT_";
    for (const char c : name) {
        reason.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return reason;
}

}  // namespace

std::optional<uint64_t> limit_value(const Limits& limits, std::string_view name) {
    for (const auto& [known, member] : kNames) {
        if (known == name) return limits.*member;
    }
    return std::nullopt;
}

Error limit_error(std::string_view name, uint64_t asked, uint64_t allowed, std::string_view field) {
    return Error(ErrorCode::kLimitExceeded, reason_of(name),
                 fmt::format("{} is more than the {} allowed; ask for less, or raise limits.{} in "
                             "the server's configuration",
                             asked, allowed, name),
                 std::string(field));
}

Status check_limit(std::string_view name, uint64_t asked, uint64_t allowed,
                   std::string_view field) {
    if (asked <= allowed) return {};
    return limit_error(name, asked, allowed, field);
}

}  // namespace deed::server
