#include "engine/storage/import/internal/machine.h"

#include <fstream>
#include <string>
#include <sys/resource.h>

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

}  // namespace deed::storage::importer
