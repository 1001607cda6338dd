#include "engine/txn/internal/recovery.h"

#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/assert.h"
#include "engine/txn/change_batch.h"
#include "engine/txn/internal/pheromone_rows.h"

namespace deed::txn {

namespace {

/// Edges of one batch of the replay; enough that a list is built once for many of them.
constexpr size_t kBatchBytes = 48U << 20;
constexpr uint32_t kPartsPerThread = 8;

uint64_t mixed(uint64_t x) {
    x ^= x >> 33;
    x *= 0xFF51AFD7ED558CCDULL;
    x ^= x >> 33;
    x *= 0xC4CEB9FE1A85EC53ULL;
    return x ^ (x >> 33);
}

/// The same number for an edge wherever it is met; sums of it tell sets of edges apart.
uint64_t edge_sum(EdgeId edge, NodeId start, NodeId end, TypeId type) {
    return mixed(edge.raw() * 0x9E3779B97F4A7C15ULL + mixed(start.raw() << 32 | end.raw()) +
                 type.raw());
}

/// The directory of edges wants each of its ranges loaded by one thread: moves the cuts between
/// pages (8-byte big-endian numbers) down to where such a range begins.
std::vector<storage::KeyRange> whole_ranges(std::vector<storage::KeyRange> ranges) {
    constexpr uint64_t kPages = graph::EdgeDirectory::kRangeEdges / storage::kEdgesPerPage;
    static_assert(kPages == 64, "a cut is moved by clearing the low six bits of its last byte");
    const auto align = [](std::string& bound) {
        if (bound.empty()) return;
        DEED_ASSERT(bound.size() == sizeof(uint64_t), "key spaces are cut at 8-byte keys");
        bound.back() = static_cast<char>(bound.back() & 0xC0);
    };
    for (size_t i = 0; i < ranges.size(); ++i) {
        if (i > 0) align(ranges[i].begin);
        if (i + 1 < ranges.size()) align(ranges[i].end);
    }
    std::erase_if(ranges, [](const storage::KeyRange& range) {
        return !range.end.empty() && range.begin >= range.end;
    });
    return ranges;
}

/// Runs `work(part)` for all parts on a few threads; the first failure stops the rest.
Status in_parallel(uint32_t threads, size_t parts, const std::function<Status(size_t)>& work) {
    std::atomic<size_t> next{0};
    std::mutex mutex;
    Status failure;  // guarded by mutex
    const auto run = [&] {
        for (size_t part = next.fetch_add(1); part < parts; part = next.fetch_add(1)) {
            Status status = work(part);
            if (status.ok()) continue;
            next.store(parts);
            const std::lock_guard lock(mutex);
            if (failure.ok()) failure = std::move(status);
        }
    };
    std::vector<std::thread> others;
    for (uint32_t i = 1; i < threads; ++i) others.emplace_back(run);
    run();
    for (std::thread& other : others) other.join();
    return failure;
}

}  // namespace

struct Recovery::Sums {
    uint64_t out = 0;
    uint64_t in = 0;
    uint64_t edges = 0;
    uint64_t out_count = 0;
    uint64_t in_count = 0;
    uint64_t edge_count = 0;

    void operator+=(const Sums& other) {
        out += other.out;
        in += other.in;
        edges += other.edges;
        out_count += other.out_count;
        in_count += other.in_count;
        edge_count += other.edge_count;
    }
};

class Recovery::NodeLoader final : public storage::NodeVisitor {
 public:
    NodeLoader(graph::Graph& graph, CommitTs ts) : graph_(graph), ts_(ts) {}

    Status on_node(const storage::NodeRow& row) override {
        graph_.load_node(row.id, row.labels, row.properties, ts_);
        return {};
    }
    Status on_adjacency(NodeId id, Direction direction,
                        std::span<const storage::AdjacencyEntry> entries) override {
        entries_.clear();
        const bool out = direction == Direction::kOut;
        for (const storage::AdjacencyEntry& entry : entries) {
            entries_.push_back({entry.type, entry.neighbour, entry.edge});
            const uint64_t sum = edge_sum(entry.edge, out ? id : entry.neighbour,
                                          out ? entry.neighbour : id, entry.type);
            (out ? sums_.out : sums_.in) += sum;
        }
        (out ? sums_.out_count : sums_.in_count) += entries.size();
        graph_.load_adjacency(id, direction, entries_, ts_);
        return {};
    }
    [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
    graph::Graph& graph_;
    CommitTs ts_;
    std::vector<graph::LoadEntry> entries_;
    Sums sums_;
};

class Recovery::EdgeLoader final : public storage::EdgeVisitor {
 public:
    EdgeLoader(graph::Graph& graph, CommitTs ts) : graph_(graph), ts_(ts) {}

    Status on_edge(const storage::EdgeRow& row) override {
        graph_.load_edge(row.id, {row.start, row.end}, row.properties, ts_);
        sums_.edges += edge_sum(row.id, row.start, row.end, row.type);
        ++sums_.edge_count;
        return {};
    }
    [[nodiscard]] const Sums& sums() const { return sums_; }

 private:
    graph::Graph& graph_;
    CommitTs ts_;
    Sums sums_;
};

Result<Recovered> Recovery::run() {
    const storage::StoreState& state = parts_.store.state();
    DEED_RETURN_IF_ERROR(restore_tokens());
    parts_.graph.reserve_ids(state.node_id_end, state.edge_id_end);
    recovered_.visible = state.folded_through;
    Sums sums;
    DEED_RETURN_IF_ERROR(load_rows(sums));
    DEED_RETURN_IF_ERROR(replay());
    if (recovered_.replayed == 0)
        DEED_RETURN_IF_ERROR(check_sums(sums));
    else
        DEED_RETURN_IF_ERROR(check_graph());
    parts_.graph.restore_pheromone_epoch(state.pheromone_epoch);
    DEED_RETURN_IF_ERROR(parts_.store.load_pheromone(
        [&](std::string_view row) { return PheromoneRows::load(row, parts_.graph); }));
    recovered_.edges = parts_.graph.edge_count();
    return recovered_;
}

Status Recovery::restore_tokens() {
    for (const catalog::Token& token : parts_.store.state().tokens) {
        catalog::TokenTable& table =
            token.kind == catalog::TokenKind::kLabel  ? parts_.catalog.labels
            : token.kind == catalog::TokenKind::kType ? parts_.catalog.types
                                                      : parts_.catalog.property_keys;
        DEED_RETURN_IF_ERROR(table.restore(token.id, token.name));
    }
    return {};
}

Status Recovery::load_rows(Sums& sums) {
    std::mutex mutex;  // guards sums
    const CommitTs ts = recovered_.visible;
    const auto nodes = parts_.store.split_nodes(threads_ * kPartsPerThread);
    Status status = in_parallel(threads_, nodes.size(), [&](size_t part) -> Status {
        NodeLoader loader(parts_.graph, ts);
        DEED_RETURN_IF_ERROR(parts_.store.load_nodes(nodes[part], loader));
        const std::lock_guard lock(mutex);
        sums += loader.sums();
        return {};
    });
    DEED_RETURN_IF_ERROR(std::move(status));
    const auto edges = whole_ranges(parts_.store.split_edges(threads_ * kPartsPerThread));
    return in_parallel(threads_, edges.size(), [&](size_t part) -> Status {
        EdgeLoader loader(parts_.graph, ts);
        DEED_RETURN_IF_ERROR(parts_.store.load_edges(edges[part], loader));
        const std::lock_guard lock(mutex);
        sums += loader.sums();
        return {};
    });
}

Status Recovery::apply_batch(ChangeBatch& batch, CommitTs ts) {
    if (batch.empty()) return {};
    parts_.graph.apply(batch.changes(), ts);
    parts_.dirty.note(batch.changes());
    batch.clear();
    // Nobody reads yet, so everything superseded can go.
    parts_.graph.collect(ts, SIZE_MAX);
    return {};
}

Status Recovery::replay() {
    ChangeBatch batch;
    CommitTs last = recovered_.visible;
    Status status =
        parts_.store.replay(recovered_.visible, [&](storage::LogRecord& record) -> Status {
            parts_.graph.reserve_ids(record.node_id_end, record.edge_id_end);
            catalog::ChangeSet& changes = record.changes;
            if (batch.bytes() > kBatchBytes || !batch.merge(changes)) {
                DEED_RETURN_IF_ERROR(apply_batch(batch, last));
                batch.merge(changes);
            }
            last = record.ts;
            ++recovered_.replayed;
            return {};
        });
    DEED_RETURN_IF_ERROR(std::move(status));
    DEED_RETURN_IF_ERROR(apply_batch(batch, last));
    recovered_.visible = last;
    return {};
}

Status Recovery::check_sums(const Sums& sums) const {
    if (sums.out_count == sums.in_count && sums.out_count == sums.edge_count &&
        sums.out == sums.in && sums.out == sums.edges)
        return {};
    return Error(ErrorCode::kCorruption, "EDGES_DIFFER",
                 fmt::format("the base rows do not fit together: {} outgoing and {} incoming "
                             "entries, {} relationships{}; restore a backup, or import the "
                             "data again into an empty directory",
                             sums.out_count, sums.in_count, sums.edge_count,
                             sums.out_count == sums.in_count && sums.out_count == sums.edge_count
                                 ? ", as many of each, but not the same"
                                 : ""));
}

Status Recovery::check_graph() const {
    const graph::Graph& graph = parts_.graph;
    const CommitTs ts = recovered_.visible;
    const uint64_t end = graph.node_id_end();
    constexpr uint64_t kPart = 1 << 16;
    std::mutex mutex;  // guards sums
    Sums sums;
    Status status = in_parallel(threads_, (end + kPart - 1) / kPart, [&](size_t part) -> Status {
        Sums own;
        for (uint64_t raw = part * kPart; raw < std::min(end, (part + 1) * kPart); ++raw) {
            const NodeId id{raw};
            graph.adjacency(id, Direction::kOut, ts)
                .for_each_run([&](TypeId type, std::span<const uint32_t> neighbours,
                                  std::span<const uint32_t> edges) {
                    own.out_count += edges.size();
                    for (size_t i = 0; i < edges.size(); ++i) {
                        const EdgeId edge{edges[i]};
                        own.out += edge_sum(edge, id, NodeId{neighbours[i]}, type);
                        if (const auto ends = graph.edge_ends(edge)) {
                            own.edges += edge_sum(edge, ends->start, ends->end, type);
                            ++own.edge_count;
                        }
                    }
                });
            graph.adjacency(id, Direction::kIn, ts)
                .for_each_run([&](TypeId type, std::span<const uint32_t> neighbours,
                                  std::span<const uint32_t> edges) {
                    own.in_count += edges.size();
                    for (size_t i = 0; i < edges.size(); ++i)
                        own.in += edge_sum(EdgeId{edges[i]}, NodeId{neighbours[i]}, id, type);
                });
        }
        const std::lock_guard lock(mutex);
        sums += own;
        return {};
    });
    DEED_RETURN_IF_ERROR(std::move(status));
    return check_sums(sums);
}

}  // namespace deed::txn
