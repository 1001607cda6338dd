#pragma once

#include <chrono>
#include <string>

#include "engine/storage/import/options.h"

namespace deed::cli {

/// Shows how far an import is on standard error: one line that is written over where that is a
/// terminal, else a line every few seconds.
///
/// Thread safety: one thread at a time. The destructor leaves the terminal on a fresh line.
class ImportProgressBar {
 public:
    ImportProgressBar();
    ~ImportProgressBar();
    ImportProgressBar(const ImportProgressBar&) = delete;
    ImportProgressBar& operator=(const ImportProgressBar&) = delete;

    void show(const storage::importer::ImportProgress& progress);

 private:
    using Time = std::chrono::steady_clock::time_point;
    bool terminal_;
    bool shown_ = false;
    Time begun_;
    Time stage_begun_;
    Time last_;
    storage::importer::ImportStage stage_ = storage::importer::ImportStage::kNodes;
    uint64_t stage_entities_ = 0;  // when the stage began
};

/// "relationships  [=====>    ]  52 %  5,200,000  3.1 M/s  2 s left"
std::string progress_line(const storage::importer::ImportProgress& progress, double stage_seconds,
                          uint64_t stage_entities);

/// What `deed import` prints at the end.
std::string summary_text(const storage::importer::ImportSummary& summary,
                         const std::string& data_dir);

}  // namespace deed::cli
