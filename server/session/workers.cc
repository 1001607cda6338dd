#include "server/session/workers.h"

#include <system_error>
#include <thread>
#include <utility>

namespace deed::server {

void Workers::submit(std::function<void()> job) {
    std::unique_lock lock(mutex_);
    if (stopping_) {
        lock.unlock();
        job();
        return;
    }
    queue_.push_back(std::move(job));
    if (idle_ >= queue_.size()) {
        lock.unlock();
        work_.notify_one();
        return;
    }
    if (threads_ >= options_.threads_max) return;
    ++threads_;
    lock.unlock();
    try {
        std::thread([this] { run(); }).detach();
    } catch (const std::system_error&) {
        // No more threads from the system: the ones that run will come to the job. With none
        // running it has to be done here.
        lock.lock();
        --threads_;
        if (threads_ > 0 || queue_.empty()) return;
        auto last = std::move(queue_.back());
        queue_.pop_back();
        lock.unlock();
        last();
    }
}

void Workers::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        if (queue_.empty() && !stopping_) {
            ++idle_;
            work_.wait_for(lock, options_.idle, [this] { return !queue_.empty() || stopping_; });
            --idle_;
        }
        if (queue_.empty()) break;
        {
            auto job = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            job();
        }
        lock.lock();
    }
    --threads_;
    // Under the lock: after it `stop` may return and the object be gone.
    if (threads_ == 0) ended_.notify_all();
}

void Workers::stop() {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    work_.notify_all();
    ended_.wait(lock, [this] { return threads_ == 0; });
}

uint32_t Workers::thread_count() const {
    const std::lock_guard lock(mutex_);
    return threads_;
}

}  // namespace deed::server
