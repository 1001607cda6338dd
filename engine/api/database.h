#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/api/types.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/value/value.h"

namespace deed::api {

/// One piece of work on the graph: reads at one snapshot, its own writes laid over it, and a commit
/// that takes place wholly or not at all.
///
///     active --commit()--> committed
///       |  \--commit() fails--> rolled back (the error says whether a retry may succeed)
///       |---rollback(), destructor--> rolled back
///       \---idle too long, snapshot too old--> doomed; every later call returns that error
///
/// A failed *operation* (not found, bad argument) leaves the transaction active and unchanged.
///
/// Thread safety: one thread at a time. Lifetime: must not outlive its Database. Destroying an
/// active transaction rolls it back.
class Transaction {
 public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) noexcept;
    ~Transaction();

    [[nodiscard]] TxnId id() const;
    [[nodiscard]] CommitTs snapshot() const;
    [[nodiscard]] bool has_writes() const;

    // --- nodes ---
    Result<NodeId> create_node(std::span<const std::string_view> labels,
                               const Properties& properties);
    /// NOT_FOUND / NODE_NOT_FOUND where this transaction sees no such node.
    Result<Node> node(NodeId id);
    /// In the order of `ids`; an absent node gives an empty optional. Ends early with the node that
    /// makes the answer larger than `bytes_max` in memory, about: then it is shorter than `ids`.
    Result<std::vector<std::optional<Node>>> nodes(std::span<const NodeId> ids,
                                                   uint64_t bytes_max = UINT64_MAX);
    Status update_node(NodeId id, const NodeChange& change);
    /// Without `detach`, FAILED_PRECONDITION / NODE_HAS_EDGES where relationships remain.
    Status delete_node(NodeId id, DeleteOptions options);

    // --- relationships ---
    Result<EdgeId> create_edge(NodeId start, NodeId end, std::string_view type,
                               const Properties& properties);
    Result<Edge> edge(EdgeId id);
    /// As `nodes`.
    Result<std::vector<std::optional<Edge>>> edges(std::span<const EdgeId> ids,
                                                   uint64_t bytes_max = UINT64_MAX);
    Status update_edge(EdgeId id, const EdgeChange& change);
    Status delete_edge(EdgeId id);

    // --- reading on ---
    /// The relationships at `id`, sorted by (direction out before in, type, neighbour, edge). With
    /// direction both a self-loop comes once. NOT_FOUND where there is no such node.
    Result<std::vector<Neighbour>> neighbours(NodeId id, const NeighbourOptions& options);
    Result<uint64_t> degree(NodeId id, const NeighbourOptions& options);

    /// Walks from `start` and calls `visit` for each node (distinct mode, breadth first) or for
    /// each path (paths mode, depth first); the walk ends early when it returns false. `stop` is
    /// asked every few hundred expansions.
    Status traverse(NodeId start, const TraverseOptions& options, const StopToken& stop,
                    const std::function<bool(const PathView&)>& visit);

    /// Nodes with a label, in the order of their ids, a page at a time; own writes included.
    /// `ScanPage::next` resumes after the last node, also in a later transaction.
    Result<ScanPage> scan(const ScanOptions& options, const StopToken& stop);

    /// The same nodes (an empty label: all) shown by column in chunks of up to 1,024, without
    /// copies of names: `columns[i]` has the values of `properties[i]`. Ends when `visit` returns
    /// false.
    Status scan_columns(std::string_view label, std::span<const std::string> properties,
                        const StopToken& stop,
                        const std::function<bool(const ColumnChunk&)>& visit);

    // --- ending ---
    /// The commit's place, or: CONFLICT (retry), FAILED_PRECONDITION (an edge to a deleted node is
    /// CONFLICT too), DISK_FULL, OUTCOME_UNKNOWN (the sync failed; the process is about to stop).
    /// A transaction without writes commits at its snapshot and never conflicts (SERIALIZABLE
    /// included, for it read one snapshot).
    Result<CommitTs> commit();
    void rollback();

 private:
    friend class Database;
    struct Impl;
    explicit Transaction(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A graph and its store: opened from a directory, shared by all sessions.
///
/// Thread safety: every method from any thread. Lifetime: destroy it after every transaction that
/// it began; `close()` first stops background work, then makes all commits durable.
class Database {
 public:
    /// Opens `options.data_dir`, creating it where it is missing. Errors: LOCK_HELD (names the
    /// pid), CORRUPTION (names file and offset, and what can be done), INVALID_ARGUMENT (a bad
    /// option, a store of another format), IO_ERROR, DISK_FULL.
    static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    /// Errors: LIMIT_EXCEEDED / LIMIT_OPEN_TRANSACTIONS; UNAVAILABLE when closing.
    Result<Transaction> begin(const TransactionOptions& options = {});

    /// Deposits nothing, advances the evaporation epoch by `epochs`; O(1). Returns the new epoch.
    uint64_t evaporate_pheromones(uint32_t epochs = 1);
    /// The present intensities of a node's out and in list. NOT_FOUND where there is no such node.
    Result<ListPheromone> list_pheromone(NodeId id);
    /// The present intensity of a relationship, 0 where nothing was ever followed.
    Result<double> edge_pheromone(EdgeId id);
    /// Tells the graph that a result really used these relationships (sampled by the caller's
    /// `TraverseOptions`; the server calls it for `MarkFollowed`).
    void deposit_edges(std::span<const EdgeId> edges, double weight);

    [[nodiscard]] Stats stats() const;

    /// Writes what the log holds into the base rows and forgets the log; on return everything
    /// committed before the call starts fast next time.
    Status checkpoint();

    /// Compares memory with itself: out- with in-adjacency, edges with nodes, labels and counts
    /// with recounts, at one snapshot. `deed check` runs it after a load from disk.
    Result<CheckReport> check(const StopToken& stop);

    /// Set once a commit's sync failed: writes are refused with OUTCOME_UNKNOWN and the daemon must
    /// stop. The callback of DatabaseOptions has been called.
    [[nodiscard]] bool failed() const;

    /// Stops background work, syncs, releases the lock. Called by the destructor if it was not.
    Status close();

 private:
    struct Impl;
    explicit Database(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::api
