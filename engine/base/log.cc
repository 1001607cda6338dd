#include "engine/base/log.h"

#include <utility>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace deed {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%fZ %^%l%$ %v";

std::shared_ptr<spdlog::logger>& current() {
    static std::shared_ptr<spdlog::logger> logger = [] {
        auto made = std::make_shared<spdlog::logger>(
            "deed", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
        return made;
    }();
    return logger;
}

}  // namespace

const std::shared_ptr<spdlog::logger>& log() { return current(); }

}  // namespace deed
