#include "engine/sync/task_pool.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "engine/base/assert.h"

namespace deed::sync {

/// One for_each_index: who helps takes the next index until there is none. Helpers may come when
/// all is done, or after the caller has left; they find no index then and do not touch its `work`.
struct TaskPool::Loop {
    Loop(size_t indexes, const std::function<void(size_t)>& body) : count(indexes), work(&body) {}

    void help() {
        size_t finished = 0;
        // Relaxed: only shares the indexes out.
        for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count; ++finished) {
            (*work)(i);
        }
        if (finished == 0) return;
        std::lock_guard lock(mutex);
        done += finished;
        if (done == count) all_done.notify_all();
    }

    void wait() {
        std::unique_lock lock(mutex);
        all_done.wait(lock, [this] { return done == count; });
    }

    const size_t count;
    const std::function<void(size_t)>* const work;
    std::atomic<size_t> next{0};
    std::mutex mutex;
    std::condition_variable all_done;
    size_t done = 0;  // guarded by mutex
};

TaskPool::TaskPool(uint32_t threads) : thread_count_(threads) {
    DEED_ASSERT(threads > 0, "a pool without threads runs nothing");
    for (uint32_t i = 0; i < threads; ++i) workers_.emplace_back([this] { run_worker(); });
}

TaskPool::~TaskPool() {
    stop();
}

void TaskPool::run_worker() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_came_.wait(lock, [this] { return !queue_.empty() || closed_; });
        if (queue_.empty()) return;
        std::function<void()> work = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        work();
        work = nullptr;  // What it holds goes before it counts as finished.
        leave();
        lock.lock();
    }
}

bool TaskPool::enter() {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    ++pending_;
    return true;
}

void TaskPool::leave() {
    std::lock_guard lock(mutex_);
    if (--pending_ == 0) emptied_.notify_all();
}

bool TaskPool::submit(std::function<void()> work) {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    ++pending_;
    queue_.push_back(std::move(work));
    work_came_.notify_one();
    return true;
}

bool TaskPool::for_each_index(size_t count, const std::function<void(size_t)>& work) {
    if (!enter()) return false;
    auto loop = std::make_shared<Loop>(count, work);
    size_t helpers = std::min<size_t>(count, thread_count_) - (count == 0 ? 0 : 1);
    for (size_t i = 0; i < helpers; ++i) {
        // Refused while stopping: then the caller does it all.
        if (!submit([loop] { loop->help(); })) break;
    }
    loop->help();
    loop->wait();
    leave();
    return true;
}

uint64_t TaskPool::pending() const {
    std::lock_guard lock(mutex_);
    return pending_;
}

void TaskPool::stop() {
    std::vector<std::thread> workers;
    {
        std::unique_lock lock(mutex_);
        closed_ = true;
        emptied_.wait(lock, [this] { return pending_ == 0; });
        workers.swap(workers_);
        work_came_.notify_all();
    }
    for (std::thread& worker : workers) worker.join();
}

}  // namespace deed::sync
