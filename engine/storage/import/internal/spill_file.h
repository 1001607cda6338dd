#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace deed::storage::importer {

/// A temporary file to which threads append blocks, and from which they read them back. It has no
/// name once it is open, so nothing of it stays behind whatever happens.
///
/// Thread safety: any thread.
class SpillFile {
 public:
    /// Makes the file in `folder`.
    static Result<std::unique_ptr<SpillFile>> create(const std::string& folder);
    ~SpillFile();
    SpillFile(const SpillFile&) = delete;
    SpillFile& operator=(const SpillFile&) = delete;

    /// Where the block was put. DISK_FULL, IO_ERROR.
    Result<uint64_t> append(const void* bytes, size_t count);
    Status read(uint64_t offset, void* to, size_t count) const;
    [[nodiscard]] uint64_t bytes() const { return end_.load(std::memory_order_relaxed); }

 private:
    explicit SpillFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    // Relaxed: it only hands out disjoint ranges; who reads a range got its offset through a lock.
    std::atomic<uint64_t> end_{0};
};

}  // namespace deed::storage::importer
