// Writing nodes: each thread takes a partition of 65,536 nodes, brings its half edges into the
// order of their lists, and writes record, out list and in list of each node one after the other,
// which is the order of the keys. Partitions share no keys, so each has its own table file.
#include <algorithm>
#include <atomic>
#include <fmt/format.h>

#include "engine/storage/import/internal/stages.h"
#include "engine/storage/import/internal/turnstile.h"
#include "engine/storage/keys.h"
#include "engine/storage/rows.h"

namespace deed::storage::importer {

namespace {

/// Where the half edges of one side of a partition lie once sorted.
struct SideLists {
    std::vector<HalfEdge> halves;
    std::vector<uint32_t> begins;
};

class ListWorker {
 public:
    explicit ListWorker(Work* work) : work_(*work) {}

    Status write(uint32_t partition);

 private:
    Status write_list(TableRun& run, NodeId node, uint32_t local, Direction direction,
                      const SideLists& lists);

    Work& work_;
    SideLists out_;
    SideLists in_;
    std::vector<AdjacencyEntry> entries_;
};

Status ListWorker::write_list(TableRun& run, NodeId node, uint32_t local, Direction direction,
                              const SideLists& lists) {
    const uint32_t begin = lists.begins[local];
    const uint32_t end = lists.begins[local + 1];
    if (begin == end) return {};
    entries_.clear();
    for (uint32_t i = begin; i < end; ++i) {
        const HalfEdge& half = lists.halves[i];
        entries_.push_back({TypeId(half.type), NodeId(half.neighbour), EdgeId(half.edge)});
    }
    return encode_adjacency(
        node, direction, entries_,
        [&run](std::string_view key, std::string_view value) { return run.put(key, value); });
}

Status ListWorker::write(uint32_t partition) {
    DEED_RETURN_IF_ERROR(work_.partitions->take(partition, Side::kOut, out_.halves, out_.begins));
    DEED_RETURN_IF_ERROR(work_.partitions->take(partition, Side::kIn, in_.halves, in_.begins));
    const uint64_t first = static_cast<uint64_t>(partition) << kPartitionBits;
    const uint64_t end = std::min<uint64_t>(first + kPartitionNodes, work_.records->size());
    RecordSpool::Cursor records(work_.records.get(), first);
    TableRun run(&work_.tables, KeySpace::kNode);
    for (uint64_t raw = first; raw < end; ++raw) {
        const NodeId node(raw);
        const auto local = static_cast<uint32_t>(raw - first);
        DEED_ASSIGN_OR_RETURN(const std::string_view record, records.next());
        DEED_RETURN_IF_ERROR(run.put(keys::node_record(node), record));
        DEED_RETURN_IF_ERROR(write_list(run, node, local, Direction::kOut, out_));
        DEED_RETURN_IF_ERROR(write_list(run, node, local, Direction::kIn, in_));
        if ((raw & 1023U) == 1023U)
            work_.counters.lists_done.fetch_add(1024, std::memory_order_relaxed);
    }
    return run.finish();
}

/// A partition is sorted in memory, twice its half edges at once.
Status check_memory(const Work& work) {
    uint64_t largest = 0;
    for (uint32_t i = 0; i < work.partitions->count(); ++i)
        largest = std::max(largest, work.partitions->half_edges(i));
    const uint64_t needed = largest * 2 * sizeof(HalfEdge);
    if (needed <= work.budget.limit()) return {};
    return Error(
        ErrorCode::kLimitExceeded, "IMPORT_MEMORY",
        fmt::format("some {} nodes in a row have {} relationships between them, and sorting "
                    "these takes {} MiB; give at least --memory={}M",
                    kPartitionNodes, largest, (needed >> 20) + 1, (needed >> 20) + 1),
        "memory");
}

}  // namespace

Status run_list_stage(Work& work) {
    DEED_RETURN_IF_ERROR(check_memory(work));
    std::atomic<uint32_t> next{0};  // relaxed: it only hands out numbers
    Turnstile outcome;              // for its first failure only
    run_threads(work.threads, work.tick, [&](uint32_t) {
        ListWorker worker(&work);
        while (!outcome.broken()) {
            const uint32_t partition = next.fetch_add(1, std::memory_order_relaxed);
            if (partition >= work.partitions->count()) return;
            if (Status status = worker.write(partition); !status.ok())
                return outcome.fail(std::move(status).error());
        }
    });
    return outcome.status();
}

}  // namespace deed::storage::importer
