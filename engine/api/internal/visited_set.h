#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.h"

namespace deed::api {

/// Which nodes a walk has seen: one bit a node, because ids are dense. The bits are kept from walk
/// to walk and those that were set are taken back one by one, so that a small walk costs what it
/// visits and not what the graph holds.
///
/// Thread safety: none; `borrow` gives each thread its own.
class VisitedSet {
 public:
    /// Every id below `end` can be asked for.
    void reserve(uint64_t end) {
        if (words_.size() * 64 < end) words_.resize((end + 63) / 64 + words_.size() / 2);
    }
    /// True where it was not there. REQUIRES: reserved.
    bool insert(NodeId id) {
        uint64_t& word = words_[id.raw() / 64];
        const uint64_t bit = 1ULL << (id.raw() % 64);
        const bool fresh = (word & bit) == 0;
        word |= bit;
        return fresh;
    }
    void erase(NodeId id) { words_[id.raw() / 64] &= ~(1ULL << (id.raw() % 64)); }

    /// This thread's set for as long as the loan lives; a walk inside a walk gets another.
    class Loan {
     public:
        Loan();
        ~Loan();
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        VisitedSet& operator*() { return *set_; }
        VisitedSet* operator->() { return set_; }

     private:
        VisitedSet* set_;
    };

 private:
    std::vector<uint64_t> words_;
};

}  // namespace deed::api
