#pragma once

#include <cstdint>
#include <functional>

namespace deed::storage::importer {

/// Bytes of memory that the machine could still give out.
uint64_t free_memory();

/// The most that this process has had in memory at once, in bytes.
uint64_t peak_memory();

/// Seconds of processor time that this process has used, on all threads.
double processor_seconds();

/// Runs `work` on that many threads and, meanwhile, `tick` on this one; returns when all are done.
void run_threads(uint32_t threads, const std::function<void()>& tick,
                 const std::function<void(uint32_t thread)>& work);

}  // namespace deed::storage::importer
