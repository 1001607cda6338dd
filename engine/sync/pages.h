#pragma once

#include <cstddef>

namespace deed::sync {

/// What the machine's large pages hold. A random access that misses the caches costs a third less
/// when the page tables need not be walked as deep.
inline constexpr size_t kHugePageBytes = size_t{2} << 20;

/// Zeroed memory, aligned to 2 MiB, that the kernel is asked to back with huge pages. Nothing is
/// resident before it is touched. REQUIRES: `bytes` is a multiple of kHugePageBytes. A machine that
/// has no address space left stops the process: there is nothing to fall back on.
[[nodiscard]] void* map_huge(size_t bytes);
/// The same with ordinary pages and alignment: for sparse tables that are touched here and there.
[[nodiscard]] void* map_sparse(size_t bytes);
/// Gives back what one of the two has mapped. REQUIRES: the same size.
void unmap(void* memory, size_t bytes);

}  // namespace deed::sync
