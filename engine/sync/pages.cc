#include "engine/sync/pages.h"

#include <cstdint>
#include <sys/mman.h>

#include "engine/base/assert.h"

namespace deed::sync {
namespace {

std::byte* map_anonymous(size_t bytes) {
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    DEED_ASSERT(memory != MAP_FAILED, "the machine has no memory left to map");
    return static_cast<std::byte*>(memory);
}

}  // namespace

void* map_huge(size_t bytes) {
    DEED_ASSERT(bytes % kHugePageBytes == 0, "huge mappings are whole huge pages");
    // mmap aligns to 4 KiB only: map one huge page more and cut off both ends.
    std::byte* raw = map_anonymous(bytes + kHugePageBytes);
    size_t misaligned = reinterpret_cast<uintptr_t>(raw) % kHugePageBytes;
    size_t front = misaligned == 0 ? 0 : kHugePageBytes - misaligned;
    if (front > 0) ::munmap(raw, front);
    ::munmap(raw + front + bytes, kHugePageBytes - front);
    // A kernel without huge pages refuses; the memory works all the same.
    ::madvise(raw + front, bytes, MADV_HUGEPAGE);
    return raw + front;
}

void* map_sparse(size_t bytes) {
    return map_anonymous(bytes);
}

void unmap(void* memory, size_t bytes) {
    ::munmap(memory, bytes);
}

}  // namespace deed::sync
