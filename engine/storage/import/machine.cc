#include "engine/storage/import/internal/machine.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace deed::storage::importer {

uint64_t free_memory() {
    std::ifstream info("/proc/meminfo");
    std::string word;
    uint64_t kib = 0;
    while (info >> word) {
        if (word == "MemAvailable:" && info >> kib) return kib << 10;
    }
    return 2ULL << 30;
}

uint64_t peak_memory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss) << 10;
}

double processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

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
