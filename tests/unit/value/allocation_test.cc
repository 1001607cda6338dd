// What fits into a value's sixteen bytes must not touch the heap: counted by replacing the global
// allocator.

#include <atomic>
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "engine/value/value.h"

namespace {

// Relaxed: the test has one thread.
std::atomic<size_t> allocations{0};

}  // namespace

// Not inlined, so that the compiler does not pair malloc with operator delete.
[[gnu::noinline]] void* operator new(size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
    std::free(memory);
}

namespace deed::value {
namespace {

template <class Work>
size_t allocations_during(Work work) {
    const size_t before = allocations.load(std::memory_order_relaxed);
    work();
    return allocations.load(std::memory_order_relaxed) - before;
}

TEST(Allocation, InlineStringsNeedNone) {
    EXPECT_EQ(allocations_during([] {
                  const Value value = Value::string("fourteen bytes");
                  const Value copy = value;  // NOLINT: the copy is what is measured
                  Value moved = copy;
                  moved = value;
                  ASSERT_EQ(moved.as_string(), "fourteen bytes");
              }),
              0U);
}

TEST(Allocation, ScalarsNeedNone) {
    EXPECT_EQ(allocations_during([] {
                  Value value = Value::integer(7);
                  value = Value::floating(1.5);
                  value = Value::boolean(true);
                  value = Value::date({1});
                  value = Value::time({1, 3600});
                  value = Value::local_time({1});
                  value = Value::local_date_time({1, 2});
                  value = Value::null();
              }),
              0U);
}

TEST(Allocation, LongStringsNeedOneAndTheirCopiesNone) {
    Value value;
    EXPECT_EQ(allocations_during([&] { value = Value::string("fifteen bytes.."); }), 1U);
    EXPECT_EQ(allocations_during([&] {
                  const Value copy = value;
                  ASSERT_EQ(copy.as_string().data(), value.as_string().data());
              }),
              0U);
}

TEST(Allocation, CopiesOfListsShareTheirElements) {
    const Value list = Value::list({Value::integer(1), Value::string("x")});
    EXPECT_EQ(allocations_during([&] {
                  const Value copy = list;
                  ASSERT_EQ(&copy.as_list(), &list.as_list());
              }),
              0U);
}

}  // namespace
}  // namespace deed::value
