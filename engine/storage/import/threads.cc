#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/storage/import/internal/stages.h"

namespace deed::storage::importer {

void run_threads(uint32_t threads, const std::function<void()>& tick,
                 const std::function<void(uint32_t thread)>& work) {
    constexpr std::chrono::milliseconds kTick{100};
    std::mutex mutex;
    std::condition_variable ended;
    uint32_t running = threads;
    std::vector<std::jthread> workers;
    workers.reserve(threads);
    for (uint32_t i = 0; i < threads; ++i) {
        workers.emplace_back([&, i] {
            work(i);
            const std::lock_guard lock(mutex);
            if (--running == 0) ended.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, kTick, [&] { return running == 0; })) {
        lock.unlock();
        if (tick) tick();
        lock.lock();
    }
}

}  // namespace deed::storage::importer
