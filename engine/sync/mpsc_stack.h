#pragma once

#include <atomic>

namespace deed::sync {

/// What a class that waits in an MpscStack derives from.
template <class Item>
struct MpscNode {
    Item* next = nullptr;
};

/// Many threads push, one takes everything at once: the queue before the committer. `mpsc_stack.md`
/// draws it (Treiber's stack without pop, so nothing can be freed between two looks: no ABA).
///
/// Thread safety: `push` from any thread; `take_all` from any thread, each item goes to one taker.
/// Lifetime: the stack owns nothing; an item must live until it is taken.
template <class Item>
class MpscStack {
 public:
    MpscStack() = default;
    MpscStack(const MpscStack&) = delete;
    MpscStack& operator=(const MpscStack&) = delete;

    /// Returns true where the stack was empty: this thread is the one to wake the taker, or to
    /// take.
    bool push(Item* item) {
        // Relaxed: the value is only compared; what it points to is never read here.
        Item* head = head_.load(std::memory_order_relaxed);
        do {
            item->next = head;
            // Release pairs with the exchange of take_all: it sees the item's contents and `next`.
        } while (!head_.compare_exchange_weak(head, item, std::memory_order_release,
                                              std::memory_order_relaxed));
        return head == nullptr;
    }

    /// Everything pushed so far as a list linked by `next`, oldest first; nullptr where empty.
    [[nodiscard]] Item* take_all() {
        // Acquire pairs with the release of every push whose item is in the list: each push
        // replaced the value of the one before, which makes them one release sequence.
        Item* newest_first = head_.exchange(nullptr, std::memory_order_acquire);
        Item* oldest_first = nullptr;
        while (newest_first != nullptr) {
            Item* next = newest_first->next;
            newest_first->next = oldest_first;
            oldest_first = newest_first;
            newest_first = next;
        }
        return oldest_first;
    }

    [[nodiscard]] bool empty_relaxed() const {
        return head_.load(std::memory_order_relaxed) == nullptr;
    }

 private:
    std::atomic<Item*> head_{nullptr};
};

}  // namespace deed::sync
