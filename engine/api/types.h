#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/value/value.h"

/// What goes in and out of the engine, in names rather than ids.
namespace deed::api {

/// Names to values; no null values when read, a null value removes the property when written.
/// Sorted by name when read; any order when written, a repeated name is INVALID_ARGUMENT.
using Properties = std::vector<std::pair<std::string, value::Value>>;

struct Node {
    NodeId id;
    std::vector<std::string> labels;  // sorted
    Properties properties;
};

/// About what the properties take in memory.
[[nodiscard]] uint64_t bytes_of(const Properties& properties);

struct Edge {
    EdgeId id;
    NodeId start;
    NodeId end;
    std::string type;
    Properties properties;
};

struct NodeChange {
    std::vector<std::string> add_labels;
    std::vector<std::string> remove_labels;
    Properties set;                   // null removes
    bool replace_properties = false;  // first forget all properties that are there
};

struct EdgeChange {
    Properties set;
    bool replace_properties = false;
};

struct DeleteOptions {
    bool detach = false;
};

struct Neighbour {
    NodeId node;
    EdgeId edge;
    TypeId type;
    Direction direction = Direction::kOut;  // kOut or kIn: which list of the asked node holds it
    std::string_view type_name;             // lives as long as the Database
};

struct NeighbourOptions {
    Direction direction = Direction::kOut;
    std::vector<std::string> types;  // empty: all. A name never used matches nothing.
    uint64_t limit = UINT64_MAX;
};

enum class TraverseMode : uint8_t { kDistinct, kPaths };

struct TraverseOptions {
    Direction direction = Direction::kOut;
    std::vector<std::string> types;
    uint32_t depth_min = 1;
    uint32_t depth_max = 1;
    /// kDistinct: each node once, at its smallest depth (the start node is depth 0 and is only
    /// visited where depth_min is 0). kPaths: every path without a repeated relationship.
    TraverseMode mode = TraverseMode::kDistinct;
    uint64_t limit = UINT64_MAX;  // visits
};

/// A path as `traverse` shows it; valid during the call only. In distinct mode it holds just the
/// last node, and the edge that first reached it.
struct PathView {
    uint32_t depth;
    std::span<const NodeId> nodes;  // depth + 1 in paths mode, 1 in distinct mode
    std::span<const EdgeId> edges;  // depth in paths mode, 0 or 1 in distinct mode
};

/// A comparison of one property with one value, joined by AND.
struct PropertyFilter {
    enum class Op : uint8_t {
        kEqual,
        kNotEqual,
        kLess,
        kLessEqual,
        kGreater,
        kGreaterEqual,
        kExists
    };
    std::string property;
    Op op = Op::kEqual;
    value::Value value;
};

struct ScanOptions {
    std::string label;                    // empty: all nodes
    std::vector<std::string> projection;  // property names; see `all_properties`
    bool all_properties = true;
    std::vector<PropertyFilter> filters;
    NodeId after = NodeId::invalid();  // resume behind this node; invalid: from the start
    uint32_t page_size = 1024;
    /// The page ends early with the node that makes it larger than this in memory, about.
    uint64_t page_bytes = UINT64_MAX;
};

struct ScanPage {
    std::vector<Node> nodes;
    NodeId next = NodeId::invalid();  // pass as `after`; invalid at the end
};

/// A run of nodes by column; valid during the call that shows it. All spans are equally long, and a
/// value is null where the node lacks the property.
struct ColumnChunk {
    std::span<const NodeId> ids;
    std::span<const std::span<const value::Value>> columns;  // one per property asked for
};

enum class Isolation : uint8_t { kSnapshot, kSerializable };

struct TransactionOptions {
    Isolation isolation = Isolation::kSnapshot;
    bool read_only = false;                     // writes answer INVALID_ARGUMENT / READ_ONLY
    std::chrono::milliseconds idle_timeout{0};  // 0: the database's default
    std::chrono::milliseconds timeout{0};       // whole life; 0: none
};

/// Durability of a commit that was answered.
///   kSync: on disk (fdatasync) before the answer.
///   kInterval: in the operating system before the answer, on disk `interval` later at most.
///   kNone: in memory before the answer, handed to the operating system within `interval`.
enum class Durability : uint8_t { kSync, kInterval, kNone };

struct DatabaseOptions {
    std::string data_dir;
    uint32_t shards = 0;  // a power of two; 0: as many as cores (a power of two, at most 64)
    Durability durability = Durability::kSync;
    std::chrono::milliseconds durability_interval{100};
    std::chrono::milliseconds idle_timeout{600'000};
    uint32_t open_transactions_max = 4096;
    /// Superseded versions kept for old snapshots; past it the oldest transaction is ended.
    uint64_t version_bytes_max = 1ULL << 30;
    /// The log is folded into base rows when it is larger than this, or older than the interval.
    uint64_t checkpoint_log_bytes = 256ULL << 20;
    std::chrono::seconds checkpoint_interval{300};
    uint64_t block_cache_bytes = 64ULL << 20;
    uint64_t write_buffer_bytes = 64ULL << 20;
    std::chrono::seconds pheromone_half_life{3600};
    uint32_t pheromone_sample_shift = 6;  // one traversal in 2^6 deposits, with weight 2^6
    bool create_if_missing = true;
    bool read_only = false;         // `deed check`: takes the lock, writes nothing
    bool accept_data_loss = false;  // `deed recover`
    /// Called once, from any thread, when a sync failed and the process must stop.
    std::function<void(const std::string& why)> on_fatal;
    const Clock* clock = &Clock::system();
};

/// Asked now and then by long work; cheap.
class StopToken {
 public:
    StopToken() = default;
    explicit StopToken(const std::atomic<bool>* flag) : flag_(flag) {}
    [[nodiscard]] bool stop_requested() const {
        return flag_ != nullptr && flag_->load(std::memory_order_relaxed);
    }

 private:
    const std::atomic<bool>* flag_ = nullptr;
};

struct ListPheromone {
    double out = 0;
    double in = 0;
};

struct NamedCount {
    std::string name;
    uint64_t count = 0;
};

struct Stats {
    uint64_t entity_count = 0;
    uint64_t edge_count = 0;
    std::vector<NamedCount> labels;
    std::vector<NamedCount> types;
    uint32_t shards = 0;
    CommitTs visible{0};
    uint64_t commits = 0;
    uint64_t conflicts = 0;
    uint64_t open_transactions = 0;
    CommitTs oldest_snapshot{0};
    uint64_t version_bytes = 0;         // superseded, not yet collected
    uint64_t graph_bytes = 0;           // arenas, in use
    uint64_t graph_bytes_reserved = 0;  // arenas, mapped
    uint64_t allocated_bytes = 0;       // jemalloc stats.allocated, 0 where not linked
    uint64_t resident_bytes = 0;
    uint64_t log_bytes = 0;
    uint64_t disk_bytes = 0;
    CommitTs folded_through{0};
    uint64_t pheromone_epoch = 0;
    double recovery_seconds = 0;
};

struct CheckReport {
    uint64_t nodes = 0;
    uint64_t edges = 0;
    uint64_t faults = 0;
    std::vector<std::string> messages;  // the first 100 faults, each with what and where
};

}  // namespace deed::api
