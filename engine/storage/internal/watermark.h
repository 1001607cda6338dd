#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/log_record.h"

namespace deed::storage {

/// What WATERMARK says: commits up to `acknowledged` were promised to clients.
struct Watermark {
    DatabaseUuid database{};
    CommitTs acknowledged{0};
    int64_t wall_us = 0;
};

std::string encode_watermark(const Watermark& mark);
/// nullopt where the bytes are not what was written.
std::optional<Watermark> decode_watermark(std::string_view bytes);

/// Keeps WATERMARK close behind the acknowledged commits, without making anyone wait for it: a
/// thread of its own writes it, at most once in `interval`. It is late by that much at most, which
/// makes it evidence and never a promise.
///
/// Thread safety: all methods from any thread; `stop` once. Lifetime: factory outlives it.
class WatermarkKeeper {
 public:
    struct Options {
        KvEngineFactory* factory = nullptr;
        std::string path;
        DatabaseUuid database{};
        CommitTs already{0};  // what the file says
        std::chrono::milliseconds interval{1000};
    };
    explicit WatermarkKeeper(Options options);
    ~WatermarkKeeper() { stop(); }
    WatermarkKeeper(const WatermarkKeeper&) = delete;
    WatermarkKeeper& operator=(const WatermarkKeeper&) = delete;

    /// Never lowers it.
    void acknowledged(CommitTs ts);
    /// Writes what is still missing and ends the thread.
    void stop();

 private:
    void run();
    void write_now();

    const Options options_;
    std::atomic<uint64_t> acknowledged_;  // relaxed: a number that only grows, nothing hangs on it
    std::mutex write_mutex_;
    uint64_t written_;  // guarded by write_mutex_
    std::mutex wake_mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by wake_mutex_
    std::thread thread_;
};

}  // namespace deed::storage
