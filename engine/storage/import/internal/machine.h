#pragma once

#include <cstdint>

namespace deed::storage::importer {

/// Bytes of memory that the machine could still give out.
uint64_t free_memory();

/// The most that this process has had in memory at once, in bytes.
uint64_t peak_memory();

/// Seconds of processor time that this process has used, on all threads.
double processor_seconds();

}  // namespace deed::storage::importer
