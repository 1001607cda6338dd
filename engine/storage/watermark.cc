#include "engine/storage/internal/watermark.h"

#include "engine/base/clock.h"
#include "engine/base/log.h"
#include "engine/storage/internal/coding.h"
#include "engine/storage/internal/crc32c.h"

namespace deed::storage {

namespace {

constexpr std::string_view kMagic = "DEEDMARK";
constexpr uint32_t kVersion = 1;

}  // namespace

std::string encode_watermark(const Watermark& mark) {
    std::string bytes(kMagic);
    put_fixed(bytes, kVersion);
    put_fixed(bytes, mark.database);
    put_fixed(bytes, mark.acknowledged.raw());
    put_fixed(bytes, mark.wall_us);
    put_fixed(bytes, crc32c(bytes));
    return bytes;
}

std::optional<Watermark> decode_watermark(std::string_view bytes) {
    ByteReader reader(bytes);
    const std::string_view magic = reader.bytes(kMagic.size());
    const auto version = reader.fixed<uint32_t>();
    Watermark mark;
    mark.database = reader.fixed<DatabaseUuid>();
    mark.acknowledged = CommitTs(reader.fixed<uint64_t>());
    mark.wall_us = reader.fixed<int64_t>();
    const auto sum = reader.fixed<uint32_t>();
    if (reader.failed() || !reader.at_end() || magic != kMagic || version != kVersion)
        return std::nullopt;
    if (sum != crc32c(bytes.substr(0, bytes.size() - sizeof(sum)))) return std::nullopt;
    return mark;
}

WatermarkKeeper::WatermarkKeeper(Options options)
    : options_(std::move(options)),
      acknowledged_(options_.already.raw()),
      written_(options_.already.raw()) {
    if (options_.interval.count() > 0) thread_ = std::thread([this] { run(); });
}

void WatermarkKeeper::acknowledged(CommitTs ts) {
    uint64_t before = acknowledged_.load(std::memory_order_relaxed);
    while (before < ts.raw() &&
           !acknowledged_.compare_exchange_weak(before, ts.raw(), std::memory_order_relaxed)) {
    }
    if (options_.interval.count() == 0) write_now();
}

void WatermarkKeeper::stop() {
    {
        const std::lock_guard lock(wake_mutex_);
        if (stopping_) return;
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    write_now();
}

void WatermarkKeeper::run() {
    std::unique_lock lock(wake_mutex_);
    while (!stopping_) {
        wake_.wait_for(lock, options_.interval, [this] { return stopping_; });
        lock.unlock();
        write_now();
        lock.lock();
    }
}

void WatermarkKeeper::write_now() {
    const std::lock_guard lock(write_mutex_);
    const uint64_t newest = acknowledged_.load(std::memory_order_relaxed);
    if (newest == written_) return;
    const Watermark mark{options_.database, CommitTs(newest), Clock::system().wall_us()};
    const Status written = options_.factory->replace_file(options_.path, encode_watermark(mark));
    // The next round tries again; a disk that is really gone shows in the next commit.
    if (!written.ok()) {
        log()->warn("{} could not be refreshed: {}", options_.path, written.error().to_string());
        return;
    }
    written_ = newest;
}

}  // namespace deed::storage
