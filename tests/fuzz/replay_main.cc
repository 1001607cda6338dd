// Stands in for libFuzzer's driver where that is not linked: runs the fuzz target over every file
// of the folders and files named, so that the seed corpus is tested in every build.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

/// False where the file cannot be read.
bool replay(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return false;
    }
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    // A copy of its own size, so that a sanitizer sees a read behind the end.
    const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
    return true;
}

/// The files at or below a path, at most one level of folders deep.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& path) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return {path};
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
        if (entry.is_regular_file(error)) files.push_back(entry.path());
    }
    return files;
}

}  // namespace

int main(int count, char** arguments) {
    size_t replayed = 0;
    bool good = true;
    for (int i = 1; i < count; ++i) {
        const std::filesystem::path path = arguments[i];
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            std::printf("no corpus at %s: nothing to replay\n", path.c_str());
            continue;
        }
        for (const auto& file : files_of(path)) {
            good = replay(file) && good;
            ++replayed;
        }
    }
    std::printf("replayed %zu inputs\n", replayed);
    return good ? 0 : 1;
}
