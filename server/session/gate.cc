#include "server/session/gate.h"

#include <utility>

#include "server/session/limits.h"

namespace deed::server {

Status Gate::enter() {
    const uint64_t now_inside = inside_.fetch_add(1) + 1;
    if (stopping_.load()) {
        leave();
        return Error(ErrorCode::kUnavailable, "SHUTTING_DOWN",
                     "the server is shutting down; nothing was done, connect again later");
    }
    if (now_inside > inside_max_) {
        leave();
        return limit_error("concurrent_requests", now_inside, inside_max_, "");
    }
    entered_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

void Gate::leave() {
    if (inside_.fetch_sub(1) == 1 && stopping_.load()) {
        // Taken so that the waiter is either before its check or already waiting.
        const std::lock_guard lock(mutex_);
        drained_.notify_all();
    }
}

void Gate::stop() {
    stopping_.store(true);
    const std::lock_guard lock(listeners_mutex_);
    for (auto& listener : listeners_) listener();
}

bool Gate::stopping() const {
    return stopping_.load();
}

bool Gate::wait_drained(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return drained_.wait_for(lock, patience, [this] { return inside_.load() == 0; });
}

Gate::Listeners::iterator Gate::listen(std::function<void()> listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
    if (stopping_.load()) listeners_.back()();
    return std::prev(listeners_.end());
}

void Gate::unlisten(Listeners::iterator listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.erase(listener);
}

uint64_t Gate::inside() const {
    return inside_.load();
}
uint64_t Gate::entered_total() const {
    return entered_.load(std::memory_order_relaxed);
}

}  // namespace deed::server
