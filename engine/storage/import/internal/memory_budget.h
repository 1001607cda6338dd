#pragma once

#include <atomic>
#include <cstdint>

namespace deed::storage::importer {

/// Bytes that the stages may keep before they write to temporary files.
///
/// Thread safety: any thread. The counter is a hint: two threads may pass the bound together by one
/// block each.
class MemoryBudget {
 public:
    explicit MemoryBudget(uint64_t bytes) : bytes_(bytes) {}

    /// Counts the bytes as used if they fit.
    bool take(uint64_t bytes) {
        // Relaxed: nothing else is read on the strength of this number.
        if (used_.load(std::memory_order_relaxed) + bytes > bytes_) return false;
        used_.fetch_add(bytes, std::memory_order_relaxed);
        return true;
    }
    /// For what must be kept whatever the bound says.
    void force(uint64_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    [[nodiscard]] uint64_t limit() const { return bytes_; }
    [[nodiscard]] uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
    const uint64_t bytes_;
    std::atomic<uint64_t> used_{0};
};

}  // namespace deed::storage::importer
