#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace deed::testing {

/// A directory of its own for one test, gone at the end.
class TemporaryDirectory {
 public:
    TemporaryDirectory() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "deed-test-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

 private:
    std::string path_;
};

}  // namespace deed::testing
