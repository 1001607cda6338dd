#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <thread>

#include "engine/storage/import/internal/machine.h"
#include "engine/storage/import/internal/stages.h"
#include "engine/storage/import/internal/target.h"
#include "engine/storage/import/options.h"

namespace deed::storage::importer {

namespace {

class Stopwatch {
 public:
    /// Seconds since the last call, or since it was made.
    double lap() {
        const auto now = std::chrono::steady_clock::now();
        const std::chrono::duration<double> passed = now - since_;
        since_ = now;
        return passed.count();
    }

 private:
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

/// One import from begin to end.
class Import {
 public:
    Import(const ImportOptions& options, const std::function<void(const ImportProgress&)>& progress)
        : options_(options), progress_(progress) {}

    Result<ImportSummary> run() {
        bool guess_failed = false;
        auto summary = attempt(false, guess_failed);
        if (!summary.ok() && guess_failed) return attempt(true, guess_failed);
        return summary;
    }

 private:
    Result<ImportSummary> attempt(bool ids_are_text, bool& guess_failed);
    Status read_and_write(Work& work, bool& guess_failed);
    void tick(const Work& work) const;

    const ImportOptions& options_;
    const std::function<void(const ImportProgress&)>& progress_;
    Stopwatch watch_;
    ImportStage stage_ = ImportStage::kNodes;
    StageSeconds seconds_;
};

void Import::tick(const Work& work) const {
    if (!progress_) return;
    ImportProgress now;
    now.stage = stage_;
    now.nodes = work.counters.nodes.load(std::memory_order_relaxed);
    now.relationships = work.counters.edges.load(std::memory_order_relaxed);
    now.bad = work.counters.bad.load(std::memory_order_relaxed);
    if (work.reader != nullptr) {
        now.bytes_done = work.reader->bytes_done();
        now.bytes_total = work.reader->bytes_total();
    } else if (stage_ == ImportStage::kLists) {
        now.bytes_done = work.counters.lists_done.load(std::memory_order_relaxed);
        now.bytes_total = now.nodes;
    }
    progress_(now);
}

Status Import::read_and_write(Work& work, bool& guess_failed) {
    stage_ = ImportStage::kNodes;
    DEED_RETURN_IF_ERROR(run_node_stage(work, guess_failed));
    seconds_.nodes = watch_.lap();
    stage_ = ImportStage::kRelationships;
    DEED_RETURN_IF_ERROR(run_edge_stage(work));
    seconds_.relationships = watch_.lap();
    stage_ = ImportStage::kLists;
    DEED_RETURN_IF_ERROR(run_list_stage(work));
    seconds_.lists = watch_.lap();
    return work.bad->finish();
}

Result<ImportSummary> Import::attempt(bool ids_are_text, bool& guess_failed) {
    const auto begin = std::chrono::steady_clock::now();
    const double processor_begin = processor_seconds();
    watch_.lap();
    catalog::Catalog catalog;
    const uint64_t memory = options_.memory_bytes != 0 ? options_.memory_bytes
                                                       : std::max(kMemoryMin, free_memory() / 2);
    const uint32_t threads = options_.threads != 0
                                 ? options_.threads
                                 : std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
    ImportPlan plan;
    plan.catalog = &catalog;
    DEED_RETURN_IF_ERROR(make_plan(options_, ids_are_text, plan));
    DEED_ASSIGN_OR_RETURN(auto target, Target::prepare(options_.data_dir));
    Work work(memory, target->tables_folder(), threads);
    work.plan = std::move(plan);
    DEED_ASSIGN_OR_RETURN(work.bad, BadLines::create(options_));
    DEED_ASSIGN_OR_RETURN(work.spill, SpillFile::create(target->folder()));
    work.records = std::make_unique<RecordSpool>(&work.budget, work.spill.get());
    work.tick = [&] { tick(work); };
    DEED_RETURN_IF_ERROR(read_and_write(work, guess_failed));

    stage_ = ImportStage::kStore;
    tick(work);
    ImportSummary summary;
    summary.nodes = work.records->size();
    summary.relationships = work.counters.edges;
    DEED_ASSIGN_OR_RETURN(
        summary.bytes_stored,
        target->commit({&work.tables, &catalog, summary.nodes, summary.relationships}));
    seconds_.store = watch_.lap();
    summary.properties = work.counters.properties;
    summary.labels = catalog.labels.size();
    summary.types = catalog.types.size();
    summary.bad = work.bad->count();
    summary.bytes_read = work.bytes_read;
    summary.bytes_spilled = work.spill->bytes();
    summary.memory_peak = peak_memory();
    summary.stages = seconds_;
    summary.cpu_seconds = processor_seconds() - processor_begin;
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return summary;
}

}  // namespace

std::string_view stage_name(ImportStage stage) {
    switch (stage) {
        case ImportStage::kNodes:
            return "nodes";
        case ImportStage::kRelationships:
            return "relationships";
        case ImportStage::kLists:
            return "adjacency lists";
        case ImportStage::kStore:
            return "store";
    }
    return "";
}

Result<ImportSummary> run_import(const ImportOptions& options,
                                 const std::function<void(const ImportProgress&)>& progress) {
    return Import(options, progress).run();
}

}  // namespace deed::storage::importer
