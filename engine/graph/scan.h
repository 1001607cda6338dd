#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include "engine/base/ids.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/graph.h"
#include "engine/graph/label_index.h"
#include "engine/graph/record.h"

/// The body of Graph::scan. A scan works in batches and keeps the memory busy at two distances:
/// 1. it takes the next batch of candidate ids from the label's bitmap (or counts them up) and
///    starts loading their slots;
/// 2. for the batch before it, whose slots have arrived, it starts loading all records at once;
/// 3. those that the snapshot sees and that truly have the label are visited.
namespace deed::graph {

namespace internal {

inline constexpr size_t kScanBatch = 128;

/// Whether record after record has a label; remembers the answer for the label set it met last.
class LabelTest {
 public:
    LabelTest(const catalog::LabelSetTable& sets, LabelId label) : sets_(&sets), label_(label) {}

    [[nodiscard]] bool operator()(const NodeRecord& record) {
        if (!label_.valid()) return true;
        if (record.label_set() != set_) [[unlikely]] {
            set_ = record.label_set();
            answer_ = sets_->contains(set_, label_);
        }
        return answer_;
    }

 private:
    const catalog::LabelSetTable* sets_;
    LabelId label_;
    LabelSetId set_;
    bool answer_ = false;
};

/// The ids that a scan has to look at, ascending, batch by batch.
class Candidates {
 public:
    /// REQUIRES: `bitmap` only where the scan is for a label.
    Candidates(const LabelBitmap* bitmap, uint64_t from, uint64_t end)
        : bitmap_(bitmap), from_(from), end_(end) {}

    size_t next(std::span<NodeId> out) {
        if (bitmap_ != nullptr) return bitmap_->collect(&from_, out);
        size_t count = 0;
        while (count < out.size() && from_ < end_) out[count++] = NodeId{from_++};
        return count;
    }

 private:
    const LabelBitmap* bitmap_;
    uint64_t from_;
    uint64_t end_;
};

/// A visitor may return nothing, which means "go on".
template <class Visit>
bool visit_on(Visit& visit, NodeId node, const NodeRecord* record) {
    if constexpr (std::is_void_v<std::invoke_result_t<Visit&, NodeId, const NodeRecord*>>) {
        visit(node, record);
        return true;
    } else {
        return visit(node, record);
    }
}

}  // namespace internal

template <class Visit>
void Graph::scan(LabelId label, NodeId first, CommitTs snapshot, Visit&& visit) const {
    const LabelBitmap* bitmap = label.valid() ? label_index().find(label) : nullptr;
    if (label.valid() && bitmap == nullptr) return;
    internal::Candidates candidates(bitmap, first.raw(), node_id_end());
    internal::LabelTest has_label(catalog().label_sets, label);

    std::array<std::array<NodeId, internal::kScanBatch>, 2> buffers;
    std::array<const NodeRecord*, internal::kScanBatch> records;
    std::span<NodeId> ids = buffers[0];
    std::span<NodeId> next_ids = buffers[1];
    size_t count = candidates.next(ids);
    while (count != 0) {
        const size_t next_count = count < ids.size() ? 0 : candidates.next(next_ids);
        for (size_t i = 0; i < next_count; ++i) prefetch_slot(next_ids[i]);
        newest(ids.first(count), records);
        for (size_t i = 0; i < count; ++i) {
            const NodeRecord* record = visible(records[i], snapshot);
            if (record == nullptr || !has_label(*record)) continue;
            if (!internal::visit_on(visit, ids[i], record)) return;
        }
        std::swap(ids, next_ids);
        count = next_count;
    }
}

}  // namespace deed::graph
