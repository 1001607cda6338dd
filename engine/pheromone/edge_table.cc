#include "engine/pheromone/edge_table.h"

#include "engine/base/assert.h"
#include "engine/pheromone/deposit_sampler.h"

namespace deed::pheromone {

EdgeTable::EdgeTable(const EdgeTableOptions& options) : options_(options) {
    DEED_ASSERT(options.pages_max > 0, "a table without a page remembers nothing");
}

EdgeTable::~EdgeTable() = default;

void EdgeTable::deposit(EdgeId edge, double weight, const Decay& now) {
    Page* page = find_page(edge);
    if (page == nullptr) [[unlikely]] {
        page = make_page(edge);
        if (page == nullptr) return count_dropped();
    }
    deposit_into(page->cells[cell_of(edge)], weight, now, random_bits());
}

void EdgeTable::restore(EdgeId edge, double intensity, const Decay& now) {
    if (edge.raw() >= limits::kEdgesMax) return;
    Page* page = find_page(edge);
    if (page == nullptr) {
        // Unlike a deposit this waits for the lock: nothing may be lost at recovery.
        const std::lock_guard lock(mutex_);
        page = make_page_locked(edge);
        if (page == nullptr) return count_dropped();
    }
    page->cells[cell_of(edge)].store(make_cell(intensity, now.epoch), std::memory_order_relaxed);
}

void EdgeTable::count_dropped() {
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

EdgeTable::Page* EdgeTable::make_page(EdgeId edge) {
    if (edge.raw() >= limits::kEdgesMax) return nullptr;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return nullptr;
    return make_page_locked(edge);
}

EdgeTable::Page* EdgeTable::make_page_locked(EdgeId edge) {
    if (Page* made = find_page(edge)) return made;  // another thread was faster
    std::atomic<Leaf*>& place = leaves_[leaf_of(edge)];
    Leaf* leaf = place.load(std::memory_order_relaxed);  // written under the mutex only
    if (leaf == nullptr) {
        owned_leaves_.push_back(std::make_unique<Leaf>());
        leaf = owned_leaves_.back().get();
        bytes_.fetch_add(sizeof(Leaf), std::memory_order_relaxed);
        place.store(leaf, std::memory_order_release);
    }
    Page* page = take_page();
    if (page == nullptr) return nullptr;
    leaf->pages[page_of(edge)].store(page, std::memory_order_release);
    pages_in_use_.fetch_add(1, std::memory_order_relaxed);
    return page;
}

EdgeTable::Page* EdgeTable::take_page() {
    if (!free_.empty()) {
        Page* page = free_.back();
        free_.pop_back();
        // A deposit that was under way when the page was taken back may have left a trail.
        for (std::atomic<Cell>& cell : page->cells) cell.store(0, std::memory_order_relaxed);
        return page;
    }
    if (pages_.size() >= options_.pages_max) return nullptr;
    pages_.push_back(std::make_unique<Page>());
    bytes_.fetch_add(sizeof(Page), std::memory_order_relaxed);
    return pages_.back().get();
}

bool EdgeTable::scrub_page(Page& page, const Decay& now, double floor) {
    bool empty = true;
    for (std::atomic<Cell>& cell : page.cells) {
        const Cell before = cell.load(std::memory_order_relaxed);
        const Cell after = scrubbed(before, now, floor);
        if (after != before) cell.store(after, std::memory_order_relaxed);
        if (after != 0) empty = false;
    }
    return empty;
}

size_t EdgeTable::scrub(const Decay& now, double floor) {
    size_t taken_back = 0;
    for (std::atomic<Leaf*>& place : leaves_) {
        Leaf* leaf = place.load(std::memory_order_acquire);
        if (leaf == nullptr) continue;
        for (std::atomic<Page*>& at : leaf->pages) {
            Page* page = at.load(std::memory_order_acquire);
            if (page == nullptr || !scrub_page(*page, now, floor)) continue;
            const std::lock_guard lock(mutex_);
            // Two threads may scrub at once: only one of them takes the page back.
            if (at.load(std::memory_order_relaxed) != page) continue;
            at.store(nullptr, std::memory_order_relaxed);
            free_.push_back(page);
            pages_in_use_.fetch_sub(1, std::memory_order_relaxed);
            ++taken_back;
        }
    }
    return taken_back;
}

}  // namespace deed::pheromone
