#include "engine/storage/import/internal/partitions.h"

#include <algorithm>
#include <fmt/format.h>

namespace deed::storage::importer {

namespace {

constexpr uint32_t kBlockEntriesMax = 4096;
constexpr uint32_t kBlockEntriesMin = 64;

uint64_t rank(const HalfEdge& half) {
    return static_cast<uint64_t>(half.type) << 32 | half.neighbour;
}

bool before(const HalfEdge& a, const HalfEdge& b) {
    return rank(a) != rank(b) ? rank(a) < rank(b) : a.edge < b.edge;
}

/// Most lists are short, and in order already where the input was.
void sort_list(HalfEdge* begin, HalfEdge* end) {
    constexpr ptrdiff_t kShort = 24;
    if (end - begin > kShort) {
        if (!std::is_sorted(begin, end, before)) std::sort(begin, end, before);
        return;
    }
    for (HalfEdge* at = begin + 1; at < end; ++at) {
        const HalfEdge moving = *at;
        HalfEdge* to = at;
        for (; to > begin && before(moving, to[-1]); --to) *to = to[-1];
        *to = moving;
    }
}

}  // namespace

Partitions::Partitions(uint64_t nodes, uint32_t threads, MemoryBudget* budget, SpillFile* spill)
    : count_(static_cast<uint32_t>((nodes + kPartitionNodes - 1) >> kPartitionBits)),
      budget_(budget),
      spill_(spill),
      parts_(count_) {
    // Open blocks are memory that cannot be spilled: an eighth of the budget at most.
    const uint64_t open = std::max<uint64_t>(1, 2ULL * count_ * threads);
    const uint64_t fitting = budget->limit() / 8 / open / sizeof(HalfEdge);
    block_entries_ =
        static_cast<uint32_t>(std::clamp<uint64_t>(fitting, kBlockEntriesMin, kBlockEntriesMax));
}

Partitions::~Partitions() = default;

uint64_t Partitions::half_edges(uint32_t partition) const {
    const Part& part = parts_[partition];
    return part.entries[0] + part.entries[1];
}

Partitions::Writer::Writer(Partitions* partitions)
    : partitions_(partitions), open_(2 * static_cast<size_t>(partitions->count_)) {}

Status Partitions::Writer::hand_over(Open& open, uint32_t partition, Side side) {
    if (open.used == 0) return {};
    Block block;
    block.count = open.used;
    const size_t bytes = open.used * sizeof(HalfEdge);
    if (partitions_->budget_->take(bytes)) {
        block.entries = std::move(open.entries);
    } else {
        DEED_ASSIGN_OR_RETURN(block.offset, partitions_->spill_->append(open.entries.get(), bytes));
    }
    open.used = 0;
    const std::lock_guard lock(partitions_->mutex_);
    Part& part = partitions_->parts_[partition];
    part.entries[static_cast<size_t>(side)] += block.count;
    part.blocks[static_cast<size_t>(side)].push_back(std::move(block));
    return {};
}

Status Partitions::Writer::turn_over(Open& open, uint32_t partition, Side side) {
    DEED_RETURN_IF_ERROR(hand_over(open, partition, side));
    if (open.entries == nullptr)
        open.entries = std::make_unique_for_overwrite<HalfEdge[]>(partitions_->block_entries_);
    return {};
}

Status Partitions::Writer::finish() {
    for (size_t i = 0; i < open_.size(); ++i) {
        DEED_RETURN_IF_ERROR(
            hand_over(open_[i], static_cast<uint32_t>(i / 2), static_cast<Side>(i % 2)));
        open_[i].entries.reset();
    }
    return {};
}

Status Partitions::take(uint32_t partition, Side side, std::vector<HalfEdge>& sorted,
                        std::vector<uint32_t>& begins) {
    Part& part = parts_[partition];
    std::vector<Block> blocks = std::move(part.blocks[static_cast<size_t>(side)]);
    const uint64_t total = part.entries[static_cast<size_t>(side)];
    begins.assign(kPartitionNodes + 1, 0);
    sorted.resize(total);
    for (Block& block : blocks) {
        if (block.entries == nullptr) {
            block.entries = std::make_unique_for_overwrite<HalfEdge[]>(block.count);
            DEED_RETURN_IF_ERROR(
                spill_->read(block.offset, block.entries.get(), block.count * sizeof(HalfEdge)));
        } else {
            budget_->give_back(block.count * sizeof(HalfEdge));
        }
        for (uint32_t i = 0; i < block.count; ++i) ++begins[block.entries[i].local + 1U];
    }
    for (uint32_t i = 0; i < kPartitionNodes; ++i) begins[i + 1] += begins[i];
    std::vector<uint32_t> next(begins.begin(), begins.end() - 1);
    for (Block& block : blocks) {
        for (uint32_t i = 0; i < block.count; ++i)
            sorted[next[block.entries[i].local]++] = block.entries[i];
        block.entries.reset();
    }
    for (uint32_t i = 0; i < kPartitionNodes; ++i) {
        if (begins[i + 1] - begins[i] > 1)
            sort_list(sorted.data() + begins[i], sorted.data() + begins[i + 1]);
    }
    return {};
}

}  // namespace deed::storage::importer
