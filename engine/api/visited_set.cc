#include "engine/api/internal/visited_set.h"

#include <memory>

namespace deed::api {

namespace {

/// The sets of one thread, the first `lent` of them in use.
struct Shelf {
    std::vector<std::unique_ptr<VisitedSet>> sets;
    size_t lent = 0;
};

Shelf& shelf() {
    thread_local Shelf mine;
    return mine;
}

}  // namespace

VisitedSet::Loan::Loan() {
    Shelf& mine = shelf();
    if (mine.lent == mine.sets.size()) mine.sets.push_back(std::make_unique<VisitedSet>());
    set_ = mine.sets[mine.lent++].get();
}

VisitedSet::Loan::~Loan() {
    --shelf().lent;
}

}  // namespace deed::api
