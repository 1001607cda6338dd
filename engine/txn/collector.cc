#include "engine/txn/collector.h"

#include <algorithm>

namespace deed::txn {

CommitTs Collector::floor() const {
    return registry_.oldest(CommitTs{visible_.load()});
}

void Collector::work_off() {
    // Twice the debt, so that what an old snapshot held back for a while is caught up with.
    const size_t budget = std::min<uint64_t>(debt_ * 2, kSweepBudget);
    debt_ = 0;
    graph_.collect(floor(), budget);
}

bool Collector::sweep() {
    debt_ = 0;
    return graph_.collect(floor(), kSweepBudget) == kSweepBudget;
}

bool Collector::relieve() {
    if (graph_.memory().retired <= version_bytes_max_) return false;
    return registry_.doom_oldest(CommitTs{visible_.load()});
}

}  // namespace deed::txn
