#include <fmt/format.h>
#include <utility>
#include <vector>

#include "engine/api/internal/impl.h"
#include "engine/graph/scan.h"

namespace deed::api {

namespace {

constexpr uint64_t kNodesPerLook = 256;
constexpr size_t kMessagesMax = 100;

/// The counts that the graph keeps, read while nobody changes it, at the snapshot they belong to.
struct Counts {
    uint64_t nodes = 0;
    uint64_t edges = 0;
    std::vector<uint64_t> labels;
    std::vector<uint64_t> types;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
};

class Checker {
 public:
    Checker(const graph::Graph& graph, CommitTs snapshot, const Counts& counts)
        : graph_(graph), snapshot_(snapshot), counts_(counts) {
        found_.labels.resize(counts.labels.size());
        found_.types.resize(counts.types.size());
    }

    Result<CheckReport> run(const StopToken& stop) {
        for (uint64_t raw = 0; raw < counts_.node_id_end; ++raw) {
            if (raw % kNodesPerLook == 0 && stop.stop_requested()) return cancelled();
            check_node(NodeId{raw});
        }
        // Ids that were never given must hold nothing.
        for (uint64_t raw = counts_.edge_id_end; raw < counts_.edge_id_end + 64; ++raw)
            if (graph_.edge_ends(EdgeId{raw}).has_value())
                fault(fmt::format("relationship {} has ends, but no such id was given", raw));
        compare_counts();
        check_label_index();
        report_.nodes = found_.nodes;
        report_.edges = found_.edges;
        return std::move(report_);
    }

 private:
    void fault(std::string what) {
        ++report_.faults;
        if (report_.messages.size() < kMessagesMax) report_.messages.push_back(std::move(what));
    }

    void check_node(NodeId id) {
        const graph::NodeRecord* record = graph_.node(id, snapshot_);
        if (record != nullptr) {
            ++found_.nodes;
            for (const LabelId label : graph_.catalog().label_sets.labels(record->label_set())) {
                if (label.raw() < found_.labels.size())
                    ++found_.labels[label.raw()];
                else
                    fault(fmt::format("node {} has label number {}, which has no name", id.raw(),
                                      label.raw()));
            }
        }
        check_list(id, Direction::kOut, record != nullptr);
        check_list(id, Direction::kIn, record != nullptr);
    }

    void check_list(NodeId id, Direction direction, bool exists) {
        const bool out = direction == Direction::kOut;
        const char* name = out ? "outgoing" : "incoming";
        const graph::AdjacencyView view = graph_.adjacency(id, direction, snapshot_);
        if (!exists && !view.empty())
            fault(fmt::format("node {} does not exist but has {} {} relationships", id.raw(),
                              view.degree(), name));
        txn::ListEntry last{TypeId{0}, NodeId{0}, EdgeId{0}};
        bool first = true;
        uint64_t entries = 0;
        view.for_each_run([&](TypeId type, std::span<const uint32_t> neighbours,
                              std::span<const uint32_t> edges) {
            for (size_t i = 0; i < neighbours.size(); ++i) {
                const txn::ListEntry entry{type, NodeId{neighbours[i]}, EdgeId{edges[i]}};
                if (!first && !(last < entry))
                    fault(fmt::format("the {} list of node {} is out of order at relationship {}",
                                      name, id.raw(), entry.edge.raw()));
                first = false;
                last = entry;
                ++entries;
                check_entry(id, direction, entry);
            }
        });
        if (entries != view.degree())
            fault(fmt::format("the {} list of node {} says {} and has {} entries", name, id.raw(),
                              view.degree(), entries));
    }

    void check_entry(NodeId id, Direction direction, const txn::ListEntry& entry) {
        const bool out = direction == Direction::kOut;
        const NodeId start = out ? id : entry.neighbour;
        const NodeId end = out ? entry.neighbour : id;
        const auto ends = graph_.edge_ends(entry.edge);
        if (!ends.has_value() || ends->start != start || ends->end != end)
            fault(
                fmt::format("relationship {} in the lists of node {} goes from {} to {}, but "
                            "the directory of relationships says otherwise",
                            entry.edge.raw(), id.raw(), start.raw(), end.raw()));
        const Direction other = out ? Direction::kIn : Direction::kOut;
        if (!graph_.adjacency(entry.neighbour, other, snapshot_)
                 .contains(entry.type, id, entry.edge))
            fault(fmt::format(
                "relationship {} stands in the {} list of node {} and not in the "
                "other list of node {}",
                entry.edge.raw(), out ? "outgoing" : "incoming", id.raw(), entry.neighbour.raw()));
        if (!out) return;
        ++found_.edges;
        if (entry.type.raw() < found_.types.size())
            ++found_.types[entry.type.raw()];
        else
            fault(fmt::format("relationship {} has type number {}, which has no name",
                              entry.edge.raw(), entry.type.raw()));
    }

    void compare(const char* what, std::string_view name, uint64_t kept, uint64_t found) {
        if (kept != found)
            fault(fmt::format("the count of {}{}{} is {}, a recount gives {}", what,
                              name.empty() ? "" : " ", name, kept, found));
    }

    void compare_counts() {
        compare("nodes", "", counts_.nodes, found_.nodes);
        compare("relationships", "", counts_.edges, found_.edges);
        for (uint32_t i = 0; i < found_.labels.size(); ++i)
            compare("label", graph_.catalog().labels.name(i), counts_.labels[i], found_.labels[i]);
        for (uint32_t i = 0; i < found_.types.size(); ++i)
            compare("type", graph_.catalog().types.name(i), counts_.types[i], found_.types[i]);
    }

    void check_label_index() {
        for (uint32_t i = 0; i < found_.labels.size(); ++i) {
            uint64_t count = 0;
            graph_.scan(LabelId{i}, NodeId{0}, snapshot_, [&](NodeId, const graph::NodeRecord*) {
                ++count;
                return true;
            });
            if (count != found_.labels[i])
                fault(fmt::format("the index of label {} finds {} nodes of {}",
                                  graph_.catalog().labels.name(i), count, found_.labels[i]));
        }
    }

    const graph::Graph& graph_;
    CommitTs snapshot_;
    const Counts& counts_;
    Counts found_;
    CheckReport report_;
};

Counts read_counts(const graph::Graph& graph) {
    Counts counts;
    counts.nodes = graph.node_count();
    counts.edges = graph.edge_count();
    for (uint32_t i = 0; i < graph.catalog().labels.size(); ++i)
        counts.labels.push_back(graph.label_count(LabelId{i}));
    for (uint32_t i = 0; i < graph.catalog().types.size(); ++i)
        counts.types.push_back(graph.type_count(TypeId{i}));
    counts.node_id_end = graph.node_id_end();
    counts.edge_id_end = graph.edge_id_end();
    return counts;
}

}  // namespace

Result<CheckReport> Database::check(const StopToken& stop) {
    Counts counts;
    Status status;
    sync::SnapshotRegistry::Registration registration;
    impl_->engine->run_exclusive([&] {
        auto acquired = impl_->engine->snapshot();
        if (!acquired.ok()) {
            status = std::move(acquired).error();
            return;
        }
        registration = std::move(*acquired);
        counts = read_counts(impl_->engine->graph());
    });
    DEED_RETURN_IF_ERROR(std::move(status));
    if (!registration.enter())
        return Error(ErrorCode::kSnapshotTooOld, "SNAPSHOT_TOO_OLD",
                     "old versions outgrew their memory before the check began; ask again");
    Result<CheckReport> report =
        Checker(impl_->engine->graph(), registration.snapshot(), counts).run(stop);
    registration.leave();
    return report;
}

}  // namespace deed::api
