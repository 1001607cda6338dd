#include "engine/storage/import/id_map.h"

#include <algorithm>
#include <xxhash.h>

namespace deed::storage::importer {

namespace {

constexpr size_t kFirstSlots = 1024;
constexpr size_t kArenaBlock = 1 << 20;
constexpr size_t kBatch = 32;  // misses in flight at once

uint64_t mix(int64_t key) {
    auto bits = static_cast<uint64_t>(key);
    bits ^= bits >> 32;
    bits *= 0x9E3779B97F4A7C15ULL;
    return bits ^ (bits >> 29);
}

uint64_t hash_text(std::string_view text) {
    return XXH3_64bits(text.data(), text.size());
}

}  // namespace

void IdSpace::grow_integers() {
    const size_t slots = integer_slots_.empty() ? kFirstSlots : integer_slots_.size() * 2;
    std::vector<IntegerSlot> larger(slots, IntegerSlot{0, kNoNode, 0});
    const size_t mask = slots - 1;
    for (const IntegerSlot& slot : integer_slots_) {
        if (slot.node == kNoNode) continue;
        size_t at = mix(slot.key) & mask;
        while (larger[at].node != kNoNode) at = (at + 1) & mask;
        larger[at] = slot;
    }
    integer_slots_ = std::move(larger);
}

void IdSpace::grow_texts() {
    const size_t slots = text_slots_.empty() ? kFirstSlots : text_slots_.size() * 2;
    std::vector<TextSlot> larger(slots, TextSlot{0, kNoNode});
    const size_t mask = slots - 1;
    for (uint32_t entry = 0; entry < texts_.size(); ++entry) {
        const uint64_t hash = hash_text({texts_[entry].text, texts_[entry].length});
        size_t at = hash & mask;
        while (larger[at].entry != kNoNode) at = (at + 1) & mask;
        larger[at] = {static_cast<uint32_t>(hash >> 32), entry};
    }
    text_slots_ = std::move(larger);
}

const char* IdSpace::keep(std::string_view text) {
    if (text.size() > arena_left_) {
        const size_t block = std::max(kArenaBlock, text.size());
        arena_.push_back(std::make_unique_for_overwrite<char[]>(block));
        arena_left_ = block;
        arena_bytes_ += block;
        // The block is filled from its end, so that what is left says where the next text goes.
    }
    char* at = arena_.back().get() + (arena_left_ - text.size());
    std::memcpy(at, text.data(), text.size());
    arena_left_ -= text.size();
    return at;
}

void IdSpace::prefetch(const ExternalId& id) const {
    if (id.is_integer()) {
        if (!integer_slots_.empty())
            __builtin_prefetch(&integer_slots_[mix(id.integer) & (integer_slots_.size() - 1)]);
    } else if (!text_slots_.empty()) {
        __builtin_prefetch(&text_slots_[hash_text(id.text()) & (text_slots_.size() - 1)]);
    }
}

uint32_t IdSpace::insert(const ExternalId& id, uint32_t node) {
    if (id.is_integer()) {
        if ((integers_ + 1) * 5 > integer_slots_.size() * 3) grow_integers();
        const size_t mask = integer_slots_.size() - 1;
        size_t at = mix(id.integer) & mask;
        while (integer_slots_[at].node != kNoNode) {
            if (integer_slots_[at].key == id.integer) return integer_slots_[at].node;
            at = (at + 1) & mask;
        }
        integer_slots_[at] = {id.integer, node, 0};
        smallest_ = integers_ == 0 ? id.integer : std::min(smallest_, id.integer);
        largest_ = integers_ == 0 ? id.integer : std::max(largest_, id.integer);
        ++integers_;
        return kNoNode;
    }
    if ((texts_.size() + 1) * 5 > text_slots_.size() * 3) grow_texts();
    const std::string_view text = id.text();
    const uint64_t hash = hash_text(text);
    const auto tag = static_cast<uint32_t>(hash >> 32);
    const size_t mask = text_slots_.size() - 1;
    size_t at = hash & mask;
    for (; text_slots_[at].entry != kNoNode; at = (at + 1) & mask) {
        const TextEntry& entry = texts_[text_slots_[at].entry];
        if (text_slots_[at].hash == tag && std::string_view(entry.text, entry.length) == text)
            return entry.node;
    }
    text_slots_[at] = {tag, static_cast<uint32_t>(texts_.size())};
    texts_.push_back({keep(text), static_cast<uint32_t>(text.size()), node});
    return kNoNode;
}

void IdSpace::freeze() {
    if (integers_ == 0) return;
    const uint64_t range = static_cast<uint64_t>(largest_) - static_cast<uint64_t>(smallest_);
    // An array of four bytes for each number of the range costs less than the table up to here.
    if (range / 4 >= integers_) return;
    dense_.assign(range + 1, kNoNode);
    for (const IntegerSlot& slot : integer_slots_) {
        if (slot.node == kNoNode) continue;
        dense_[static_cast<uint64_t>(slot.key) - static_cast<uint64_t>(smallest_)] = slot.node;
    }
    std::vector<IntegerSlot>().swap(integer_slots_);
}

uint32_t IdSpace::find_integer(int64_t key) const {
    if (!dense_.empty()) {
        const uint64_t index = static_cast<uint64_t>(key) - static_cast<uint64_t>(smallest_);
        return index < dense_.size() ? dense_[index] : kNoNode;
    }
    if (integer_slots_.empty()) return kNoNode;
    const size_t mask = integer_slots_.size() - 1;
    for (size_t at = mix(key) & mask;; at = (at + 1) & mask) {
        const IntegerSlot& slot = integer_slots_[at];
        if (slot.node == kNoNode || slot.key == key) return slot.node;
    }
}

uint32_t IdSpace::find_text(std::string_view text, uint64_t hash) const {
    if (text_slots_.empty()) return kNoNode;
    const auto tag = static_cast<uint32_t>(hash >> 32);
    const size_t mask = text_slots_.size() - 1;
    for (size_t at = hash & mask; text_slots_[at].entry != kNoNode; at = (at + 1) & mask) {
        if (text_slots_[at].hash != tag) continue;
        const TextEntry& entry = texts_[text_slots_[at].entry];
        if (std::string_view(entry.text, entry.length) == text) return entry.node;
    }
    return kNoNode;
}

void IdSpace::find_all(std::span<const ExternalId> ids, std::span<uint32_t> nodes) const {
    uint64_t hashes[kBatch];
    for (size_t begin = 0; begin < ids.size(); begin += kBatch) {
        const size_t end = std::min(ids.size(), begin + kBatch);
        for (size_t i = begin; i < end; ++i) {
            if (!ids[i].is_integer()) {
                hashes[i - begin] = hash_text(ids[i].text());
                if (!text_slots_.empty())
                    __builtin_prefetch(&text_slots_[hashes[i - begin] & (text_slots_.size() - 1)]);
            } else if (dense_.empty()) {
                prefetch(ids[i]);
            } else {
                const uint64_t index =
                    static_cast<uint64_t>(ids[i].integer) - static_cast<uint64_t>(smallest_);
                if (index < dense_.size()) __builtin_prefetch(&dense_[index]);
            }
        }
        for (size_t i = begin; i < end; ++i) {
            nodes[i] = ids[i].is_integer() ? find_integer(ids[i].integer)
                                           : find_text(ids[i].text(), hashes[i - begin]);
        }
    }
}

uint64_t IdSpace::memory_bytes() const {
    return integer_slots_.capacity() * sizeof(IntegerSlot) + dense_.capacity() * sizeof(uint32_t) +
           text_slots_.capacity() * sizeof(TextSlot) + texts_.capacity() * sizeof(TextEntry) +
           arena_bytes_;
}

}  // namespace deed::storage::importer
