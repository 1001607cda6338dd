#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/storage/import/internal/bad_lines.h"
#include "engine/storage/import/internal/input.h"

namespace deed::storage::importer {

/// Knows on which line of its file each chunk begins, because chunks pass in order.
///
/// Thread safety: one thread at a time.
class LineTracker {
 public:
    explicit LineTracker(const std::vector<InputSet>* sets) : sets_(sets) {}

    /// The number of the first line of the chunk, which has `lines` lines.
    uint64_t pass(const Chunk& chunk, uint64_t lines) {
        if (chunk.set != set_ || chunk.file != file_ || fresh_) {
            fresh_ = false;
            set_ = chunk.set;
            file_ = chunk.file;
            next_ = (*sets_)[set_].files[file_].data_line;
        }
        const uint64_t first = next_;
        next_ += lines;
        return first;
    }

    /// Reports the faults of a chunk that begins at `first_line`. Fails where there are too many.
    Status report(const Chunk& chunk, uint64_t first_line, const std::vector<LineFault>& faults,
                  BadLines& bad) const {
        const std::string& path = (*sets_)[chunk.set].files[chunk.file].path;
        for (const LineFault& fault : faults) {
            DEED_RETURN_IF_ERROR(bad.add(path, first_line + fault.line, fault));
        }
        return {};
    }

 private:
    const std::vector<InputSet>* sets_;
    uint32_t set_ = 0;
    uint32_t file_ = 0;
    uint64_t next_ = 1;
    bool fresh_ = true;
};

}  // namespace deed::storage::importer
