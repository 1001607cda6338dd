#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/storage/import/internal/bad_lines.h"
#include "engine/storage/import/internal/input.h"
#include "engine/storage/import/internal/machine.h"
#include "engine/storage/import/internal/memory_budget.h"
#include "engine/storage/import/internal/partitions.h"
#include "engine/storage/import/internal/plan.h"
#include "engine/storage/import/internal/record_spool.h"
#include "engine/storage/import/internal/spill_file.h"
#include "engine/storage/import/internal/table_files.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

/// Figures that the progress bar reads while the stages write them.
///
/// Thread safety: any thread; relaxed, because they are only shown.
struct Counters {
    std::atomic<uint64_t> nodes{0};
    std::atomic<uint64_t> edges{0};
    std::atomic<uint64_t> properties{0};
    std::atomic<uint64_t> bad{0};
    std::atomic<uint64_t> lists_done{0};  // nodes whose lists are written
};

/// What the stages of one import share. Each stage reads what the one before has left.
struct Work {
    Work(uint64_t memory_bytes, std::string folder, uint32_t thread_count)
        : budget(memory_bytes), tables(std::move(folder)), threads(thread_count) {}

    ImportPlan plan;
    MemoryBudget budget;
    std::unique_ptr<SpillFile> spill;
    std::unique_ptr<RecordSpool> records;
    std::unique_ptr<Partitions> partitions;
    std::unique_ptr<BadLines> bad;
    TableFiles tables;
    Counters counters;
    uint32_t threads;
    uint64_t bytes_read = 0;
    /// Set while a stage reads input, for the progress bar; only the thread that starts stages uses
    /// it.
    const ChunkReader* reader = nullptr;
    /// Called several times a second by the thread that waits for the workers.
    std::function<void()> tick;
};

/// Reads all nodes: gives ids, fills the id spaces and the spool of records. `guess_failed`: an id
/// that was guessed to be a number is none, and the import must begin again with text.
Status run_node_stage(Work& work, bool& guess_failed);

/// Reads all relationships: writes the edge pages and fills the partitions with half edges.
Status run_edge_stage(Work& work);

/// Sorts the half edges and writes all rows of all nodes.
Status run_list_stage(Work& work);

}  // namespace deed::storage::importer
