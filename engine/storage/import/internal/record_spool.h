#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/storage/import/internal/memory_budget.h"
#include "engine/storage/import/internal/spill_file.h"

namespace deed::storage::importer {

/// The encoded records of all nodes in the order of their ids, from the stage that reads them to
/// the one that writes them between their adjacency lists.
///
/// Thread safety: `append` from one thread at a time, before any Cursor; cursors side by side.
class RecordSpool {
 public:
    RecordSpool(MemoryBudget* budget, SpillFile* spill) : budget_(budget), spill_(spill) {}

    /// The records of the next nodes: record `i` ends at `ends[i]`.
    Status append(std::string_view bytes, const std::vector<uint32_t>& ends);
    [[nodiscard]] uint64_t size() const { return size_; }

    /// Walks the records from some node on.
    class Cursor {
     public:
        Cursor(const RecordSpool* spool, uint64_t node);
        /// The record of the next node. REQUIRES: there is one. Valid until the next call.
        Result<std::string_view> next();

     private:
        Status load();

        const RecordSpool* spool_;
        size_t segment_;
        uint32_t row_;
        bool loaded_ = false;
        std::string buffer_;
        std::string_view bytes_;
    };

 private:
    struct Segment {
        uint64_t first = 0;
        std::vector<uint32_t> ends;
        std::string bytes;  // empty if spilled
        uint64_t offset = 0;
        bool spilled = false;
    };

    MemoryBudget* budget_;
    SpillFile* spill_;
    std::vector<Segment> segments_;
    uint64_t size_ = 0;
};

}  // namespace deed::storage::importer
