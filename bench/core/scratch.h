#pragma once

#include <filesystem>
#include <string>
#include <unistd.h>

namespace deed::bench {

/// A directory of its own for one section, removed afterwards.
class Scratch {
 public:
    explicit Scratch(const char* name)
        : path_(std::filesystem::path("build") /
                ("bench-" + std::string(name) + "-" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(path_);
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] std::string path() const { return path_.string(); }

 private:
    std::filesystem::path path_;
};

}  // namespace deed::bench
