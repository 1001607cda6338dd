#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <limits>
#include <vector>

namespace deed::txn {

/// Positions by id for the entries of one transaction. Most transactions touch a handful of things,
/// where a walk over a few numbers beats any hash table and allocates least; past that a table is
/// built.
///
/// Thread safety: none. Invariants: positions are 0, 1, 2 ... in the order of `add`.
class IdIndex {
 public:
    static constexpr uint32_t kAbsent = std::numeric_limits<uint32_t>::max();

    [[nodiscard]] uint32_t find(uint64_t id) const {
        if (ids_.size() <= kWalkMax) {
            for (size_t i = 0; i < ids_.size(); ++i)
                if (ids_[i] == id) return static_cast<uint32_t>(i);
            return kAbsent;
        }
        auto it = table_.find(id);
        return it == table_.end() ? kAbsent : it->second;
    }

    /// REQUIRES: `id` is not there yet.
    void add(uint64_t id) {
        ids_.push_back(id);
        if (ids_.size() <= kWalkMax) return;
        if (table_.empty()) {
            for (size_t i = 0; i < ids_.size(); ++i)
                table_.emplace(ids_[i], static_cast<uint32_t>(i));
        } else {
            table_.emplace(id, static_cast<uint32_t>(ids_.size() - 1));
        }
    }

    [[nodiscard]] size_t size() const { return ids_.size(); }
    [[nodiscard]] bool empty() const { return ids_.empty(); }
    [[nodiscard]] const std::vector<uint64_t>& ids() const { return ids_; }

    void clear() {
        ids_.clear();
        table_.clear();
    }

 private:
    static constexpr size_t kWalkMax = 12;
    std::vector<uint64_t> ids_;
    absl::flat_hash_map<uint64_t, uint32_t> table_;
};

}  // namespace deed::txn
