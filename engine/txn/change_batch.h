#pragma once

#include <absl/container/flat_hash_set.h>
#include <cstdint>

#include "engine/catalog/change_set.h"

namespace deed::txn {

/// Several groups' changes as one, so that the log writes one record and the graph builds each list
/// once. Groups that touch the same record or edge are not merged: the batch then says no, and the
/// caller writes it out and begins the next one. That keeps "applied twice ends in the same graph"
/// true of the merged record for the same reason as of each part.
///
/// Thread safety: none.
class ChangeBatch {
 public:
    /// Moves `changes` in and leaves it empty; false (and `changes` untouched) where it overlaps.
    bool merge(catalog::ChangeSet& changes);

    [[nodiscard]] const catalog::ChangeSet& changes() const { return changes_; }
    [[nodiscard]] bool empty() const { return changes_.empty(); }
    /// Approximate memory and approximate bytes on disk.
    [[nodiscard]] size_t bytes() const { return bytes_; }
    void clear();

 private:
    [[nodiscard]] bool overlaps(const catalog::ChangeSet& changes);

    catalog::ChangeSet changes_;
    absl::flat_hash_set<uint64_t> nodes_;
    absl::flat_hash_set<uint64_t> touched_edges_;  // removed or written
    absl::flat_hash_set<uint64_t> added_edges_;    // filled up to `added_known_` of changes_.added
    size_t added_known_ = 0;
    size_t bytes_ = 0;
};

}  // namespace deed::txn
