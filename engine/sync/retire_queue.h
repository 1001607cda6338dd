#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "engine/base/assert.h"
#include "engine/base/ids.h"

namespace deed::sync {

/// Something that was superseded: when, what, and how to get rid of it.
struct Retired {
    CommitTs superseded_at;  // no snapshot from here on can reach it
    uint64_t payload;        // a pointer, or what `kind` says
    uint32_t bytes;          // memory that goes with it
    uint32_t kind;           // the owner's own numbering
};

/// Versions waiting until no snapshot can reach them, oldest first.
///
/// Thread safety: `push` and `drain` from one thread at a time; `bytes` and `size` from any.
/// Invariants: `superseded_at` never falls from one entry to the next, so that the front decides.
class RetireQueue {
 public:
    void push(const Retired& entry) {
        DEED_DEBUG_ASSERT(entries_.empty() || entries_.back().superseded_at <= entry.superseded_at,
                          "versions are superseded in the order of commits");
        entries_.push_back(entry);
        set_figures(bytes() + entry.bytes);
    }

    /// Calls `dispose(Retired)` for entries superseded at or before `floor`, at most `budget` of
    /// them, oldest first; returns how many. `dispose` may push.
    template <class Dispose>
    size_t drain(CommitTs floor, size_t budget, Dispose&& dispose) {
        size_t drained = 0;
        while (drained < budget && !entries_.empty() && entries_.front().superseded_at <= floor) {
            Retired entry = entries_.front();
            entries_.pop_front();
            set_figures(bytes() - entry.bytes);
            dispose(entry);
            ++drained;
        }
        return drained;
    }

    [[nodiscard]] uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    [[nodiscard]] uint64_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
    // Relaxed: figures for whoever asks; only the writing thread stores them.
    void set_figures(uint64_t bytes) {
        bytes_.store(bytes, std::memory_order_relaxed);
        size_.store(entries_.size(), std::memory_order_relaxed);
    }

    std::deque<Retired> entries_;
    std::atomic<uint64_t> bytes_{0};
    std::atomic<uint64_t> size_{0};
};

}  // namespace deed::sync
