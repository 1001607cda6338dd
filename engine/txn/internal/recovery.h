#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/graph.h"
#include "engine/storage/store.h"
#include "engine/txn/dirty_set.h"

namespace deed::txn {

/// What a start found.
struct Recovered {
    CommitTs visible{0};
    uint64_t replayed = 0;  // log records
    uint64_t edges = 0;
};

/// Fills an empty graph from a store:
///
///  1. the names, the ends of the ids;
///  2. the base rows of nodes, then of edges, each in parallel ranges;
///  3. the log behind the last fold, in batches of records that do not overlap, so that a list to
///     which many edges were added is built once a batch;
///  4. the pheromone.
///
/// And checks that the two directions of the edges and the edges themselves are the same set: by
/// sums over the rows while they are loaded where no log follows, else by a walk over the result
/// (rows written by a fold that did not finish may be of different moments before the replay).
///
/// Thread safety: call from one thread, before anybody reads.
class Recovery {
 public:
    struct Parts {
        const storage::Store& store;
        graph::Graph& graph;
        catalog::Catalog& catalog;
        DirtySet& dirty;  // gets what the replayed log changed
    };
    Recovery(const Parts& parts, uint32_t threads) : parts_(parts), threads_(threads) {}

    Result<Recovered> run();

 private:
    struct Sums;
    class NodeLoader;
    class EdgeLoader;

    Status restore_tokens();
    Status load_rows(Sums& sums);
    Status replay();
    Status apply_batch(class ChangeBatch& batch, CommitTs ts);
    Status check_sums(const Sums& sums) const;
    Status check_graph() const;

    Parts parts_;
    uint32_t threads_;
    Recovered recovered_;
};

}  // namespace deed::txn
