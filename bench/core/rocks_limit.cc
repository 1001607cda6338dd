#include "bench/core/rocks_limit.h"

#include <atomic>
#include <memory>
#include <rocksdb/db.h>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/core/figure.h"

namespace deed::bench {

double rocks_commit_rate(const std::string& folder, uint32_t threads, uint64_t bytes,
                         double duration) {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(options, folder, &raw);
    if (!opened.ok()) throw std::runtime_error(opened.ToString());
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> next{0};
    std::vector<std::jthread> workers;
    const std::string value(bytes > 8 ? bytes - 8 : 1, 'v');
    const double elapsed = seconds([&] {
        for (uint32_t t = 0; t < threads; ++t) {
            workers.emplace_back([&] {
                rocksdb::WriteOptions synced;
                synced.sync = true;
                while (!stop.load(std::memory_order_relaxed)) {
                    const uint64_t key = __builtin_bswap64(next.fetch_add(1));
                    const rocksdb::Slice slice(reinterpret_cast<const char*>(&key), sizeof key);
                    if (!db->Put(synced, slice, value).ok()) throw std::runtime_error("put failed");
                }
            });
        }
        std::this_thread::sleep_for(std::chrono::duration<double>(duration));
        stop.store(true);
        workers.clear();
    });
    return static_cast<double>(next.load()) / elapsed;
}

}  // namespace deed::bench
