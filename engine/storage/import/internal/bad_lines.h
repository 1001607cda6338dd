#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/csv.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

/// Which allowance a fault is counted against.
enum class FaultKind : uint8_t {
    kLine,       // --max-bad
    kDuplicate,  // --bad-tolerance with --skip-duplicate-nodes, else --max-bad
    kDangling,   // --bad-tolerance with --skip-bad-relationships, else --max-bad
};

/// A fault with its place.
struct LineFault {
    FaultKind kind = FaultKind::kLine;
    uint64_t line = 0;  // from 0, within the chunk
    Fault fault;
    std::string text;  // the line as it stands in the file
};

/// "people.csv:17:5: age: "x" is not an integer; ..."
std::string describe(std::string_view path, uint64_t line, const Fault& fault);

/// Counts faults, writes the lines left out to a file, and says when there are too many.
///
/// The file has one line per fault: `file:line:column`, the fault's word, the message and the line
/// as it stood in the input, separated by tabs.
///
/// Thread safety: one thread at a time.
class BadLines {
 public:
    static Result<std::unique_ptr<BadLines>> create(const ImportOptions& options);

    /// INVALID_ARGUMENT with the fault's word and message where it is one too many.
    Status add(std::string_view path, uint64_t line, const LineFault& fault);
    [[nodiscard]] uint64_t count() const { return count_; }
    /// So many faults of one chunk are worth collecting: with more the import ends in any case.
    [[nodiscard]] uint64_t worth_collecting() const { return worth_collecting_; }
    /// Completes the file.
    Status finish();

 private:
    explicit BadLines(const ImportOptions& options);

    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, Close> file_;
    std::string path_;
    bool skip_duplicates_;
    bool skip_dangling_;
    uint64_t tolerance_;
    uint64_t max_bad_;
    uint64_t worth_collecting_;
    uint64_t tolerated_ = 0;
    uint64_t bad_ = 0;
    uint64_t count_ = 0;
};

}  // namespace deed::storage::importer
