#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "engine/base/assert.h"
#include "engine/catalog/interner.h"
#include "engine/catalog/tokens.h"

namespace deed::catalog {

namespace {

/// Labels below this are answered by one bit test.
constexpr uint32_t kMaskLabels = 64;

struct LabelSet {
    std::vector<LabelId> labels;
    uint64_t mask = 0;
};

struct LabelSetTraits {
    using Key = LabelSet;
    using View = std::span<const LabelId>;
    static uint64_t hash(View labels) {
        uint64_t hash = 0x2545F4914F6CDD1DULL + labels.size();
        for (const LabelId label : labels) {
            hash = (hash ^ label.raw()) * 0x9E3779B97F4A7C15ULL;
            hash ^= hash >> 29;
        }
        return hash;
    }
    static bool equal(const LabelSet& set, View labels) {
        return std::ranges::equal(set.labels, labels);
    }
};

LabelSet make_label_set(std::span<const LabelId> labels) {
    LabelSet set{{labels.begin(), labels.end()}, 0};
    for (const LabelId label : labels) {
        if (label.raw() < kMaskLabels) set.mask |= uint64_t{1} << label.raw();
    }
    return set;
}

}  // namespace

struct LabelSetTable::Impl {
    Interner<LabelSetTraits> sets{std::numeric_limits<uint32_t>::max() - kMaskLabels};
};

LabelSetTable::LabelSetTable() : impl_(std::make_unique<Impl>()) {
    const LabelSetId empty = intern({});
    DEED_ASSERT(empty == LabelSetId{0}, "the empty set has number 0");
}

LabelSetTable::~LabelSetTable() = default;

LabelSetId LabelSetTable::intern(std::span<const LabelId> labels) {
    DEED_DEBUG_ASSERT(
        std::ranges::adjacent_find(labels, std::ranges::greater_equal{}) == labels.end(),
        "a label set is sorted, each label once");
    const auto* entry = impl_->sets.intern(labels, make_label_set);
    DEED_ASSERT(entry != nullptr, "memory ends before the numbers of label sets do");
    return LabelSetId{entry->id};
}

std::span<const LabelId> LabelSetTable::labels(LabelSetId set) const {
    return impl_->sets.at(set.raw()).labels;
}

bool LabelSetTable::contains(LabelSetId set, LabelId label) const {
    const LabelSet& found = impl_->sets.at(set.raw());
    if (label.raw() < kMaskLabels) return (found.mask >> label.raw() & 1) != 0;
    return std::ranges::binary_search(found.labels, label);
}

uint32_t LabelSetTable::size() const {
    return impl_->sets.size();
}

}  // namespace deed::catalog
