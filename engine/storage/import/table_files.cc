#include "engine/storage/import/internal/table_files.h"

#include <fmt/format.h>

namespace deed::storage::importer {

namespace {

constexpr uint64_t kFileBytes = 128ULL << 20;
constexpr uint64_t kRowsBetweenLooks = 64;

}  // namespace

std::string TableFiles::next_path(KeySpace space) {
    const std::lock_guard lock(mutex_);
    return fmt::format("{}/{}-{:06}.sst", folder_, static_cast<int>(space), next_++);
}

void TableFiles::add(KeySpace space, std::string path) {
    const std::lock_guard lock(mutex_);
    files_[static_cast<size_t>(space)].push_back(std::move(path));
}

std::vector<std::string> TableFiles::files(KeySpace space) const {
    const std::lock_guard lock(mutex_);
    return files_[static_cast<size_t>(space)];
}

Status TableRun::put(std::string_view key, std::string_view value) {
    if (writer_ && writer_->rows() % kRowsBetweenLooks == 0 && writer_->file_bytes() >= kFileBytes)
        DEED_RETURN_IF_ERROR(finish());
    if (!writer_) {
        path_ = files_->next_path(space_);
        DEED_ASSIGN_OR_RETURN(writer_, SortedTableWriter::create(path_, space_));
    }
    return writer_->put(key, value);
}

Status TableRun::finish() {
    if (!writer_) return {};
    DEED_RETURN_IF_ERROR(writer_->finish());
    writer_.reset();
    files_->add(space_, std::move(path_));
    return {};
}

}  // namespace deed::storage::importer
