#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/storage/rocks_engine.h"
#include "tests/crash/powerfs/power_fs.h"
#include "tests/crash/powerfs/workload.h"

namespace deed::crash {

/// A directory for the lock file, and a disk in memory for everything else. The seed is printed and
/// can be given: DEED_SEED=7.
class DiskTest : public ::testing::Test {
 protected:
    DiskTest() {
        (void)configure_logging({.level = "error", .format = "text", .file = ""});
        std::string pattern =
            (std::filesystem::temp_directory_path() / "deed-powerfs-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        if (const char* seed = std::getenv("DEED_SEED")) seed_ = std::strtoull(seed, nullptr, 10);
        std::printf("seed=%llu\n", static_cast<unsigned long long>(seed_));
        fs_ = std::make_shared<PowerFs>(directory_);
        factory_ = storage::rocks_engine_factory(fs_);
    }
    ~DiskTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    std::string directory_;
    uint64_t seed_ = 20260101;
    std::shared_ptr<PowerFs> fs_;
    std::unique_ptr<storage::KvEngineFactory> factory_;
};

}  // namespace deed::crash
