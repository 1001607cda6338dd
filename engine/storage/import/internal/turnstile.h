#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "engine/base/result.h"

namespace deed::storage::importer {

/// Lets threads that work on numbered chunks do one step in the order of the numbers, and ends all
/// of them once one has failed. The failure kept is that of the smallest number, because a thread
/// may only fail in its turn: which fault is reported does not depend on timing.
///
/// Thread safety: any thread. Invariants: every number is passed exactly once, or the turnstile is
/// broken.
class Turnstile {
 public:
    /// Waits for the turn of `number`. False when another has failed; then do not `leave`.
    [[nodiscard]] bool enter(uint64_t number) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return next_ == number || broken_; });
        return !broken_;
    }

    /// Ends the turn.
    void leave() {
        {
            const std::lock_guard lock(mutex_);
            ++next_;
        }
        changed_.notify_all();
    }

    /// Ends everything. The first failure wins.
    void fail(Error error) {
        {
            const std::lock_guard lock(mutex_);
            if (!broken_) error_ = std::move(error);
            broken_ = true;
        }
        changed_.notify_all();
    }

    [[nodiscard]] bool broken() const {
        const std::lock_guard lock(mutex_);
        return broken_;
    }

    /// REQUIRES: all threads have been joined.
    [[nodiscard]] Status status() const {
        const std::lock_guard lock(mutex_);
        if (broken_) return *error_;
        return {};
    }

 private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    uint64_t next_ = 0;
    bool broken_ = false;
    std::optional<Error> error_;
};

}  // namespace deed::storage::importer
