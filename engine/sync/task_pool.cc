#include "engine/sync/task_pool.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <utility>

#include "engine/base/assert.h"

namespace deed::sync {

// The gate: how much work was let in, and whether more may come.
struct TaskPool::Impl {
    explicit Impl(uint32_t count)
        : threads(count),
          allowance(oneapi::tbb::global_control::max_allowed_parallelism, count + 1),
          arena(static_cast<int>(count), /*reserved_for_masters=*/1) {
        arena.initialize();
    }

    bool enter() {
        std::lock_guard lock(mutex);
        if (closed) return false;
        ++pending;
        return true;
    }

    void leave() {
        // Told under the lock: once it is free, stop() may return and the gate be destroyed.
        std::lock_guard lock(mutex);
        if (--pending == 0) emptied.notify_all();
    }

    const uint32_t threads;
    // oneTBB allows a process as many threads as there are cores, unless told otherwise.
    oneapi::tbb::global_control allowance;
    oneapi::tbb::task_arena arena;
    std::mutex mutex;
    std::condition_variable emptied;
    uint64_t pending = 0;  // guarded by mutex
    bool closed = false;   // guarded by mutex
};

TaskPool::TaskPool(uint32_t threads) {
    DEED_ASSERT(threads > 0, "a pool without threads runs nothing");
    impl_ = std::make_unique<Impl>(threads);
}

TaskPool::~TaskPool() {
    stop();
}

bool TaskPool::submit(std::function<void()> work) {
    if (!impl_->enter()) return false;
    impl_->arena.enqueue([impl = impl_.get(), work = std::move(work)] {
        work();
        impl->leave();
    });
    return true;
}

bool TaskPool::for_each_index(size_t count, const std::function<void(size_t)>& work) {
    if (!impl_->enter()) return false;
    impl_->arena.execute(
        [&] { oneapi::tbb::parallel_for(size_t{0}, count, [&](size_t i) { work(i); }); });
    impl_->leave();
    return true;
}

uint32_t TaskPool::threads() const {
    return impl_->threads;
}

uint64_t TaskPool::pending() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->pending;
}

void TaskPool::stop() {
    std::unique_lock lock(impl_->mutex);
    impl_->closed = true;
    impl_->emptied.wait(lock, [&] { return impl_->pending == 0; });
}

}  // namespace deed::sync
