#include "client/cli/import_progress.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace deed::cli {

namespace {

using storage::importer::ImportProgress;
using storage::importer::ImportStage;
using storage::importer::ImportSummary;

constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::seconds kLineInterval{5};

std::string with_commas(uint64_t number) {
    std::string digits = fmt::format("{}", number);
    for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<size_t>(at), ",");
    return digits;
}

std::string rate(double per_second) {
    if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
    if (per_second >= 1e3) return fmt::format("{:.0f} k/s", per_second / 1e3);
    return fmt::format("{:.0f}/s", per_second);
}

std::string duration(double seconds) {
    if (seconds >= 3600) return fmt::format("{:.1f} h", seconds / 3600);
    if (seconds >= 90) return fmt::format("{:.0f} min", seconds / 60);
    return fmt::format("{:.0f} s", seconds);
}

std::string mebibytes(uint64_t bytes) {
    return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

uint64_t entities(const ImportProgress& progress) {
    return progress.stage == ImportStage::kNodes           ? progress.nodes
           : progress.stage == ImportStage::kRelationships ? progress.relationships
                                                           : progress.bytes_done;
}

double per_second(uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

std::string progress_line(const ImportProgress& progress, double stage_seconds,
                          uint64_t stage_entities) {
    constexpr size_t kWidth = 24;
    std::string line = fmt::format("{:<16}", storage::importer::stage_name(progress.stage));
    const double share = progress.bytes_total == 0
                             ? 0
                             : std::min(1.0, static_cast<double>(progress.bytes_done) /
                                                 static_cast<double>(progress.bytes_total));
    if (progress.bytes_total > 0) {
        const auto full = static_cast<size_t>(share * kWidth);
        line += fmt::format("[{}{}] {:3.0f} %", std::string(full, '='),
                            std::string(kWidth - full, ' '), share * 100);
    }
    const uint64_t count = entities(progress);
    const uint64_t done = count - std::min(count, stage_entities);
    if (count > 0)
        line += fmt::format("  {}  {}", with_commas(count), rate(per_second(done, stage_seconds)));
    if (share > 0.01 && stage_seconds > 1)
        line += fmt::format("  {} left", duration(stage_seconds * (1 - share) / share));
    if (progress.bad > 0) line += fmt::format("  {} bad", with_commas(progress.bad));
    return line;
}

ImportProgressBar::ImportProgressBar()
    : terminal_(::isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()),
      stage_begun_(begun_),
      last_(begun_) {}

ImportProgressBar::~ImportProgressBar() {
    if (terminal_ && shown_) fmt::print(stderr, "\r\x1b[K");
}

void ImportProgressBar::show(const ImportProgress& progress) {
    const Time now = std::chrono::steady_clock::now();
    if (progress.stage != stage_) {
        stage_ = progress.stage;
        stage_begun_ = now;
        stage_entities_ = 0;
    }
    if (now - last_ < (terminal_ ? std::chrono::milliseconds(kTerminalInterval)
                                 : std::chrono::milliseconds(kLineInterval)))
        return;
    last_ = now;
    shown_ = true;
    const std::chrono::duration<double> in_stage = now - stage_begun_;
    const std::string line = progress_line(progress, in_stage.count(), stage_entities_);
    if (terminal_) {
        fmt::print(stderr, "\r\x1b[K{}", line);
    } else {
        fmt::print(stderr, "{}\n", line);
    }
    std::fflush(stderr);
}

std::string summary_text(const ImportSummary& summary, const std::string& data_dir) {
    const storage::importer::StageSeconds& stages = summary.stages;
    std::string text = fmt::format(
        "imported into {}: nodes={} relationships={} properties={} labels={} types={} bad={}\n",
        data_dir, summary.nodes, summary.relationships, summary.properties, summary.labels,
        summary.types, summary.bad);
    text += fmt::format(
        "seconds={:.3f} (nodes {:.3f}, relationships {:.3f}, adjacency lists {:.3f}, store "
        "{:.3f}), "
        "processor {:.3f}\n",
        summary.seconds, stages.nodes, stages.relationships, stages.lists, stages.store,
        summary.cpu_seconds);
    text +=
        fmt::format("rates: {} nodes, {} relationships, {} read; whole import {} relationships\n",
                    rate(per_second(summary.nodes, stages.nodes)),
                    rate(per_second(summary.relationships, stages.relationships)),
                    mebibytes(static_cast<uint64_t>(
                        per_second(summary.bytes_read, stages.nodes + stages.relationships))) +
                        "/s",
                    rate(per_second(summary.relationships, summary.seconds)));
    text += fmt::format("read {}, stored {}, spilled {}, peak memory {}\n",
                        mebibytes(summary.bytes_read), mebibytes(summary.bytes_stored),
                        mebibytes(summary.bytes_spilled), mebibytes(summary.memory_peak));
    return text;
}

}  // namespace deed::cli
