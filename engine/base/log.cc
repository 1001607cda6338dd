#include "engine/base/log.h"

#include <cstdio>
#include <memory>
#include <mutex>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <string>
#include <string_view>
#include <utility>

namespace deed {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%fZ %l %v";
constexpr const char* kJsonPattern =
    R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l","thread":%t,"message":%*})";

/// The message as a JSON string: quotes, backslashes and control characters escaped.
class JsonMessageFlag final : public spdlog::custom_flag_formatter {
 public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& out) override {
        constexpr char kHex[] = "0123456789abcdef";
        out.push_back('"');
        for (const char c : message.payload) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                out.push_back('\\');
                out.push_back(c);
            } else if (byte < 0x20) {
                const std::string_view prefix = "\\u00";
                out.append(prefix.data(), prefix.data() + prefix.size());
                out.push_back(kHex[byte >> 4]);
                out.push_back(kHex[byte & 15]);
            } else {
                out.push_back(c);
            }
        }
        out.push_back('"');
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonMessageFlag>();
    }
};

std::unique_ptr<spdlog::formatter> make_formatter(bool json) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    if (json) formatter->add_flag<JsonMessageFlag>('*');
    formatter->set_pattern(json ? kJsonPattern : kTextPattern);
    return formatter;
}

/// A file that can be opened again under its name after logrotate moved it.
///
/// Thread safety: as every spdlog `_mt` sink. Invariants: when opening again fails the old file
/// stays in use, so that no line is lost.
class ReopenableFileSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
    explicit ReopenableFileSink(std::string path) : path_(std::move(path)) {}
    ~ReopenableFileSink() override {
        if (file_ != nullptr) std::fclose(file_);
    }
    ReopenableFileSink(const ReopenableFileSink&) = delete;
    ReopenableFileSink& operator=(const ReopenableFileSink&) = delete;

    bool open() {
        // "e": the descriptor must not leak into a child process.
        std::FILE* fresh = std::fopen(path_.c_str(), "ae");
        if (fresh == nullptr) return false;
        const std::lock_guard lock(mutex_);
        if (file_ != nullptr) std::fclose(file_);
        file_ = fresh;
        return true;
    }

 protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        if (file_ == nullptr) return;
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        std::fwrite(line.data(), 1, line.size(), file_);
    }
    void flush_() override {
        if (file_ != nullptr) std::fflush(file_);
    }

 private:
    const std::string path_;
    std::FILE* file_ = nullptr;
};

struct Logging {
    std::shared_ptr<spdlog::logger> logger;
    std::shared_ptr<ReopenableFileSink> file;  // null while logging to standard error
};

Logging& current() {
    static Logging logging = [] {
        Logging made;
        made.logger = std::make_shared<spdlog::logger>(
            "deed", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made.logger->set_formatter(make_formatter(false));
        return made;
    }();
    return logging;
}

}  // namespace

std::string configure_logging(const LogOptions& options) {
    const spdlog::level::level_enum level =
        options.level == "warn" ? spdlog::level::warn : spdlog::level::from_str(options.level);
    // from_str answers `off` for a word that it does not know.
    if (level == spdlog::level::off || level == spdlog::level::critical) {
        return "log level \"" + options.level +
               "\" is unknown; use trace, debug, info, warn or error";
    }
    if (options.format != "text" && options.format != "json") {
        return "log format \"" + options.format + "\" is unknown; use text or json";
    }
    Logging made;
    if (options.file.empty()) {
        made.logger = std::make_shared<spdlog::logger>(
            "deed", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    } else {
        made.file = std::make_shared<ReopenableFileSink>(options.file);
        if (!made.file->open()) {
            return "log file \"" + options.file +
                   "\" cannot be opened for writing; check that its folder exists and is writable";
        }
        made.logger = std::make_shared<spdlog::logger>("deed", made.file);
    }
    made.logger->set_formatter(make_formatter(options.format == "json"));
    made.logger->set_level(level);
    // A line that explains a crash must have left the process before it.
    made.logger->flush_on(spdlog::level::info);
    current() = std::move(made);
    return {};
}

void reopen_log() {
    const Logging& logging = current();
    if (logging.file == nullptr) return;
    if (!logging.file->open()) {
        logging.logger->error("the log file cannot be opened again; writing on to the old one");
    }
}

const std::shared_ptr<spdlog::logger>& log() {
    return current().logger;
}

}  // namespace deed
