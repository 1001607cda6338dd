#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/storage/store.h"

namespace deed::crash {

/// A small graph as plain maps: the oracle, and what is read back from a store.
struct Model {
    std::map<uint64_t, std::string> nodes;  // id to its one property
    std::map<uint64_t, storage::EdgeRow> edges;
    std::set<std::tuple<uint64_t, int, storage::AdjacencyEntry>> lists;  // node, direction, entry

    /// As the engine applies a change: an edge that is there is not added again.
    void apply(const catalog::ChangeSet& changes);
    /// Empty where both are the same graph; else what differs.
    [[nodiscard]] std::string difference(const Model& other) const;
    /// Empty where every edge stands in both lists and nothing else does.
    [[nodiscard]] std::string fault() const;
};

/// Commits a random graph to a store, folds it, remembers what was acknowledged, and judges what is
/// there after a crash.
class Workload {
 public:
    Workload(std::string directory, storage::KvEngineFactory* factory, uint64_t seed);

    struct Options {
        bool accept_data_loss = false;
        bool read_only = false;
    };
    [[nodiscard]] Result<std::unique_ptr<storage::Store>> open(const Options& options) const;

    /// Commits up to `commits` groups, with folds in between, until something fails. The failure,
    /// if any.
    Status run(storage::Store& store, uint64_t commits);
    /// One commit, on disk and acknowledged.
    Status append_synced(storage::Store& store);
    /// One commit of at least so many bytes that nobody is promised.
    Status append_unsynced(storage::Store& store, size_t bytes);
    /// Folds everything committed so far.
    Status fold(storage::Store& store);

    struct Verdict {
        uint64_t acked_lost = 0;  // acknowledged commits that are gone
        uint64_t holes = 0;       // 1 where what is there is no prefix of the commits
        std::string what;         // empty: all is well
    };
    /// Reads everything and compares it with the commits up to the one recovered; from there the
    /// next `run` goes on. An error of the store's own is returned as such.
    Result<Verdict> check(const storage::Store& store);

    /// What the open store shows now against everything committed to it.
    struct Reading {
        std::string what;  // empty: the same
    };
    [[nodiscard]] Reading read_now(const storage::Store& store) const;
    /// Tries to commit, as a caller would who does not care that the last one failed.
    Status append_once_more(storage::Store& store);

    [[nodiscard]] uint64_t acknowledged() const { return acknowledged_; }
    [[nodiscard]] uint64_t committed() const { return history_.size(); }
    /// Forgets what no longer counts, for a store that was put back to an earlier image.
    /// Expects the first `committed` commits of another workload, all acknowledged.
    void adopt(const Workload& other, uint64_t committed);
    void rewind(uint64_t committed, uint64_t acknowledged);

 private:
    catalog::ChangeSet next_change(const Model& now);
    Status append(storage::Store& store, catalog::ChangeSet changes, bool sync);
    [[nodiscard]] Model state_at(uint64_t ts) const;
    Status write_rows(storage::Store::Folder& folder, const Model& now, uint64_t through);
    static Result<Model> read(const storage::Store& store, CommitTs from);

    std::string directory_;
    storage::KvEngineFactory* factory_;
    std::mt19937_64 random_;
    std::vector<catalog::ChangeSet> history_;  // [ts - 1]
    uint64_t acknowledged_ = 0;
    uint64_t durable_ = 0;
    uint64_t edge_id_end_ = 0;
    uint64_t folded_ = 0;  // by this process
};

}  // namespace deed::crash
