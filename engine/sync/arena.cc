#include "engine/sync/arena.h"

#include <algorithm>
#include <new>

#include "engine/base/assert.h"
#include "engine/sync/pages.h"

#if defined(__SANITIZE_ADDRESS__)
#define DEED_ARENA_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DEED_ARENA_POISON 1
#endif
#endif
#ifdef DEED_ARENA_POISON
#include <sanitizer/asan_interface.h>
#endif

namespace deed::sync {
namespace {

void poison([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef DEED_ARENA_POISON
    __asan_poison_memory_region(memory, bytes);
#endif
}

void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef DEED_ARENA_POISON
    __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace

Arena::Arena() : large_{&large_, &large_} {}

Arena::~Arena() {
    while (large_.next != &large_) {
        Large* large = large_.next;
        large_.next = large->next;
        ::operator delete(large);
    }
    for (const Region& region : regions_) {
        unpoison(region.memory, region.bytes);
        unmap(region.memory, region.bytes);
    }
}

void* Arena::allocate(size_t bytes) {
    DEED_DEBUG_ASSERT(bytes > 0, "an allocation has a size");
    if (bytes > kCoarseMax) [[unlikely]]
        return allocate_large(bytes);
    size_t rounded = class_bytes(bytes);
    count(used_, rounded);
    if (FreeBlock*& head = free_[class_of(bytes)]; head != nullptr) {
        FreeBlock* block = head;
        unpoison(block, sizeof(FreeBlock));
        head = block->next;
        unpoison(block, bytes);
        return block;
    }
    if (static_cast<size_t>(end_ - next_) < rounded) [[unlikely]]
        map_region();
    std::byte* memory = next_;
    next_ += rounded;
    unpoison(memory, bytes);
    return memory;
}

void Arena::release(void* memory, size_t bytes) {
    if (bytes > kCoarseMax) [[unlikely]]
        return release_large(memory, bytes);
    count(used_, uint64_t{0} - class_bytes(bytes));
    push_free(static_cast<std::byte*>(memory), class_bytes(bytes));
}

void* Arena::allocate_large(size_t bytes) {
    count(used_, bytes);
    count(reserved_, bytes);
    auto* large = static_cast<Large*>(::operator new(sizeof(Large) + bytes));
    *large = {&large_, large_.next};
    large_.next->previous = large;
    large_.next = large;
    return large + 1;
}

void Arena::release_large(void* memory, size_t bytes) {
    count(used_, uint64_t{0} - bytes);
    count(reserved_, uint64_t{0} - bytes);
    Large* large = static_cast<Large*>(memory) - 1;
    large->previous->next = large->next;
    large->next->previous = large->previous;
    ::operator delete(large);
}

void Arena::push_free(std::byte* memory, size_t bytes) {
    size_t size_class = class_of(bytes);
    unpoison(memory, sizeof(FreeBlock));
    free_[size_class] = new (memory) FreeBlock{free_[size_class]};
    poison(memory, bytes);
}

void Arena::map_region() {
    // What is left of the old region is at most one largest class long: no use wasting it.
    while (end_ - next_ >= static_cast<ptrdiff_t>(kFineStep)) {
        auto rest = static_cast<size_t>(end_ - next_);
        size_t step = rest <= kFineMax ? kFineStep : kCoarseStep;
        size_t piece = std::min(rest, kCoarseMax) / step * step;
        push_free(next_, piece);
        next_ += piece;
    }
    size_t bytes =
        regions_.empty() ? kHugePageBytes : std::min(regions_.back().bytes * 2, kRegionBytesMax);
    auto* memory = static_cast<std::byte*>(map_huge(bytes));
    regions_.push_back({memory, bytes});
    count(reserved_, bytes);
    poison(memory, bytes);
    next_ = memory;
    end_ = memory + bytes;
}

}  // namespace deed::sync
