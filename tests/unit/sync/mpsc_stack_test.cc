#include "engine/sync/mpsc_stack.h"

#include <gtest/gtest.h>

namespace deed::sync {
namespace {

struct Item : MpscNode<Item> {
    int number = 0;
};

TEST(MpscStackTest, TakesEverythingOldestFirst) {
    MpscStack<Item> stack;
    EXPECT_EQ(stack.take_all(), nullptr);
    Item items[3];
    for (int i = 0; i < 3; ++i) {
        items[i].number = i;
        EXPECT_EQ(stack.push(&items[i]), i == 0) << "only the first finds it empty";
    }
    EXPECT_FALSE(stack.empty_relaxed());
    int expected = 0;
    for (Item* item = stack.take_all(); item != nullptr; item = item->next) {
        EXPECT_EQ(item->number, expected++);
    }
    EXPECT_EQ(expected, 3);
    EXPECT_TRUE(stack.empty_relaxed());
    EXPECT_TRUE(stack.push(&items[0]));
}

}  // namespace
}  // namespace deed::sync
