#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "engine/api/internal/impl.h"
#include "engine/api/internal/names.h"
#include "engine/api/internal/visited_set.h"
#include "engine/base/limits.h"

// Two walks over one transaction's view of the graph.
//
// Distinct, breadth first: the nodes reached stand in one array in the order of reaching; a level
// is a range of it, and what the range before reaches is appended. The array also says which bits
// of the visited set are to be taken back.
//
// Paths, depth first: each level of the present path keeps the steps that it can still take; a step
// whose relationship stands in the path already is passed over (openCypher's relationship
// uniqueness), which is what ends every walk.

namespace deed::api {

namespace {

using Visit = std::function<bool(const PathView&)>;

/// Expansions between two questions whether to stop.
constexpr uint32_t kExpansionsPerLook = 256;
/// How far ahead slots, and then lists, are fetched.
constexpr size_t kSlotAhead = 16;
constexpr size_t kListAhead = 8;
/// A sampled walk deposits on so many relationships at most.
constexpr size_t kFollowedMax = 4096;

std::span<const Direction> lists_of(Direction direction) {
    static constexpr Direction kBoth[] = {Direction::kOut, Direction::kIn};
    if (direction == Direction::kBoth) return kBoth;
    return {direction == Direction::kOut ? &kBoth[0] : &kBoth[1], 1};
}

/// One walk in 2^shift of this thread is sampled.
bool sampled(uint32_t shift) {
    thread_local uint32_t walks = 0;
    return (++walks & ((1U << shift) - 1)) == 0;
}

class Walk {
 public:
    Walk(txn::Transaction& txn, const TraverseOptions& options, TypeFilter types,
         const StopToken& stop, const Visit& visit, bool follow)
        : txn_(txn),
          options_(options),
          types_(std::move(types)),
          stop_(stop),
          visit_(visit),
          follow_(follow) {}

    Status run(NodeId start) {
        if (options_.limit == 0) return {};
        if (options_.mode == TraverseMode::kDistinct)
            distinct(start);
        else
            paths(start);
        return std::move(status_);
    }
    [[nodiscard]] std::span<const EdgeId> followed() const { return followed_; }

 private:
    struct Step {
        NodeId node;
        EdgeId edge;
    };

    /// False where the walk is over.
    bool show(const PathView& path) {
        if (path.depth < options_.depth_min) return true;
        return visit_(path) && ++shown_ < options_.limit;
    }
    bool look() {
        if (++expansions_ % kExpansionsPerLook != 0) return true;
        status_ = stop_.stop_requested() ? Status(cancelled()) : txn_.still_open();
        return status_.ok();
    }
    void follow(EdgeId edge) {
        if (follow_ && followed_.size() < kFollowedMax) followed_.push_back(edge);
    }

    void distinct(NodeId start) {
        VisitedSet::Loan visited;
        // Nodes created after this are of other transactions' snapshots; our own are below as well.
        visited->reserve(txn_.graph().node_id_end());
        std::vector<NodeId> reached{start};
        visited->insert(start);
        const PathView first{0, {reached.data(), 1}, {}};
        if (show(first)) {
            size_t begin = 0;
            for (uint32_t depth = 1; depth <= options_.depth_max && begin < reached.size();
                 ++depth) {
                const size_t end = reached.size();
                if (!level(*visited, reached, begin, end, depth)) break;
                begin = end;
            }
        }
        for (const NodeId id : reached) visited->erase(id);
    }

    bool level(VisitedSet& visited, std::vector<NodeId>& reached, size_t begin, size_t end,
               uint32_t depth) {
        const auto lists = lists_of(options_.direction);
        for (size_t i = begin; i < end; ++i) {
            if (!look()) return false;
            if (i + kSlotAhead < end) txn_.graph().prefetch_slot(reached[i + kSlotAhead]);
            if (i + kListAhead < end)
                for (const Direction direction : lists)
                    txn_.graph().prefetch_list(reached[i + kListAhead], direction);
            const NodeId from = reached[i];
            for (const Direction direction : lists) {
                txn_.graph().traversed(from, direction);
                const bool more = txn_.each_neighbour(
                    from, direction, types_.types, [&](TypeId, NodeId neighbour, EdgeId edge) {
                        if (!visited.insert(neighbour)) return true;
                        reached.push_back(neighbour);
                        follow(edge);
                        return show({depth, {&neighbour, 1}, {&edge, 1}});
                    });
                if (!more) return false;
            }
        }
        return true;
    }

    void push_steps(NodeId from) {
        const bool both = options_.direction == Direction::kBoth;
        for (const Direction direction : lists_of(options_.direction)) {
            txn_.graph().traversed(from, direction);
            txn_.each_neighbour(from, direction, types_.types,
                                [&](TypeId, NodeId neighbour, EdgeId edge) {
                                    if (!both || direction == Direction::kOut || neighbour != from)
                                        steps_.push_back({neighbour, edge});
                                    return true;
                                });
        }
    }

    void paths(NodeId start) {
        std::vector<NodeId> nodes{start};
        std::vector<EdgeId> edges;
        if (!show({0, nodes, edges}) || options_.depth_max == 0) return;
        // levels[d] is where the steps out of the path's node d end that are not taken yet; they
        // are taken from their front, so that paths come in the order of the lists.
        struct Level {
            size_t next;
            size_t end;
        };
        std::vector<Level> levels;
        const auto enter = [&](NodeId from) {
            const size_t begin = steps_.size();
            push_steps(from);
            levels.push_back({begin, steps_.size()});
        };
        enter(start);
        while (!levels.empty()) {
            if (levels.back().next == levels.back().end) {
                levels.pop_back();
                steps_.resize(levels.empty() ? 0 : levels.back().end);
                if (!edges.empty()) {
                    edges.pop_back();
                    nodes.pop_back();
                }
                continue;
            }
            const Step step = steps_[levels.back().next++];
            if (std::find(edges.begin(), edges.end(), step.edge) != edges.end()) continue;
            if (!look()) return;
            nodes.push_back(step.node);
            edges.push_back(step.edge);
            follow(step.edge);
            const auto depth = static_cast<uint32_t>(edges.size());
            if (!show({depth, nodes, edges})) return;
            if (depth < options_.depth_max) {
                enter(step.node);
            } else {
                nodes.pop_back();
                edges.pop_back();
            }
        }
    }

    txn::Transaction& txn_;
    const TraverseOptions& options_;
    const TypeFilter types_;
    const StopToken& stop_;
    const Visit& visit_;
    const bool follow_;
    uint64_t shown_ = 0;
    uint32_t expansions_ = 0;
    Status status_;
    std::vector<Step> steps_;
    std::vector<EdgeId> followed_;
};

}  // namespace

Status Transaction::traverse(NodeId start, const TraverseOptions& options, const StopToken& stop,
                             const std::function<bool(const PathView&)>& visit) {
    txn::Transaction& txn = *impl_->txn;
    txn::Transaction::Operation operation(txn);
    if (!operation.status().ok()) return std::move(operation.status()).error();
    if (options.depth_min > options.depth_max)
        return Error(ErrorCode::kInvalidArgument, "DEPTH",
                     "depth_min is above depth_max; nothing lies between", "depth_min");
    if (stop.stop_requested()) return cancelled();
    if (!txn.node_exists(start))
        return Error(ErrorCode::kNotFound, "NODE_NOT_FOUND",
                     "there is no node " + std::to_string(start.raw()), "start");
    TypeFilter types = find_types(impl_->catalog(), options.types);
    TraverseOptions reach = options;
    if (types.none) reach.depth_max = 0;  // only the start can be reached
    if (reach.depth_min > reach.depth_max) return {};
    const uint32_t shift = impl_->sample_shift;
    Walk walk(txn, reach, std::move(types), stop, visit, sampled(shift));
    Status status = walk.run(start);
    if (!walk.followed().empty())
        txn.graph().followed(walk.followed(), static_cast<float>(1U << shift));
    return status;
}

}  // namespace deed::api
