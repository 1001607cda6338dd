#include "engine/storage/import/internal/bad_lines.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <system_error>

namespace deed::storage::importer {

namespace {

constexpr size_t kTextMax = 64ULL << 10;

uint64_t added(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

Error file_error(const std::string& path, int number) {
    return {ErrorCode::kIoError, "IMPORT_BAD_LINES_FILE",
            fmt::format("--bad-lines {}: {}", path, std::generic_category().message(number)),
            "bad_lines"};
}

}  // namespace

std::string describe(std::string_view path, uint64_t line, const Fault& fault) {
    if (fault.field.empty())
        return fmt::format("{}:{}:{}: {}", path, line, fault.column, fault.message);
    return fmt::format("{}:{}:{}: {}: {}", path, line, fault.column, fault.field, fault.message);
}

BadLines::BadLines(const ImportOptions& options)
    : path_(options.bad_lines),
      skip_duplicates_(options.skip_duplicate_nodes),
      skip_dangling_(options.skip_bad_relationships),
      tolerance_(options.bad_tolerance),
      max_bad_(options.max_bad),
      worth_collecting_(added(options.max_bad, 1)) {
    if (skip_duplicates_ || skip_dangling_)
        worth_collecting_ = added(worth_collecting_, tolerance_);
}

Result<std::unique_ptr<BadLines>> BadLines::create(const ImportOptions& options) {
    std::unique_ptr<BadLines> bad(new BadLines(options));
    if (!options.bad_lines.empty()) {
        bad->file_.reset(std::fopen(options.bad_lines.c_str(), "we"));
        if (!bad->file_) return file_error(options.bad_lines, errno);
    }
    return bad;
}

Status BadLines::add(std::string_view path, uint64_t line, const LineFault& fault) {
    ++count_;
    const bool tolerated = (fault.kind == FaultKind::kDuplicate && skip_duplicates_) ||
                           (fault.kind == FaultKind::kDangling && skip_dangling_);
    uint64_t& used = tolerated ? tolerated_ : bad_;
    const uint64_t allowed = tolerated ? tolerance_ : max_bad_;
    ++used;
    if (file_) {
        std::string text = fault.text.substr(0, kTextMax);
        std::replace(text.begin(), text.end(), '\n', ' ');
        fmt::print(file_.get(), "{}:{}:{}\t{}\t{}\t{}\n", path, line, fault.fault.column,
                   fault.fault.reason, fault.fault.message, text);
        if (std::ferror(file_.get()) != 0) return file_error(path_, errno);
    }
    if (used <= allowed) return {};
    std::string message = describe(path, line, fault.fault);
    if (allowed > 0)
        message += fmt::format(" (fault number {}; {} allows {})", used,
                               tolerated ? "--bad-tolerance" : "--max-bad", allowed);
    return Error(ErrorCode::kInvalidArgument, fault.fault.reason, std::move(message));
}

Status BadLines::finish() {
    if (file_ && std::fflush(file_.get()) != 0) return file_error(path_, errno);
    return {};
}

}  // namespace deed::storage::importer
