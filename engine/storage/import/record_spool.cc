#include "engine/storage/import/internal/record_spool.h"

#include <algorithm>

namespace deed::storage::importer {

Status RecordSpool::append(std::string_view bytes, const std::vector<uint32_t>& ends) {
    if (ends.empty()) return {};
    Segment segment;
    segment.first = size_;
    segment.ends = ends;
    size_ += ends.size();
    budget_->force(ends.size() * sizeof(uint32_t));
    if (budget_->take(bytes.size())) {
        segment.bytes = bytes;
    } else {
        DEED_ASSIGN_OR_RETURN(segment.offset, spill_->append(bytes.data(), bytes.size()));
        segment.spilled = true;
    }
    segments_.push_back(std::move(segment));
    return {};
}

RecordSpool::Cursor::Cursor(const RecordSpool* spool, uint64_t node) : spool_(spool) {
    const auto after =
        std::upper_bound(spool->segments_.begin(), spool->segments_.end(), node,
                         [](uint64_t id, const Segment& segment) { return id < segment.first; });
    segment_ = after == spool->segments_.begin()
                   ? 0
                   : static_cast<size_t>(after - spool->segments_.begin()) - 1;
    row_ = spool->segments_.empty()
               ? 0
               : static_cast<uint32_t>(node - spool->segments_[segment_].first);
}

Status RecordSpool::Cursor::load() {
    const Segment& segment = spool_->segments_[segment_];
    if (segment.spilled) {
        buffer_.resize(segment.ends.back());
        DEED_RETURN_IF_ERROR(spool_->spill_->read(segment.offset, buffer_.data(), buffer_.size()));
        bytes_ = buffer_;
    } else {
        bytes_ = segment.bytes;
    }
    loaded_ = true;
    return {};
}

Result<std::string_view> RecordSpool::Cursor::next() {
    if (row_ == spool_->segments_[segment_].ends.size()) {
        ++segment_;
        row_ = 0;
        loaded_ = false;
    }
    DEED_ASSERT(segment_ < spool_->segments_.size(), "a record behind the last node was asked for");
    if (!loaded_) DEED_RETURN_IF_ERROR(load());
    const std::vector<uint32_t>& ends = spool_->segments_[segment_].ends;
    const uint32_t begin = row_ == 0 ? 0 : ends[row_ - 1];
    const uint32_t end = ends[row_++];
    return bytes_.substr(begin, end - begin);
}

}  // namespace deed::storage::importer
