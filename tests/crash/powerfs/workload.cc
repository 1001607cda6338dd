#include "tests/crash/powerfs/workload.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <utility>

namespace deed::crash {

namespace {

using catalog::PropertyList;
using storage::AdjacencyEntry;
using storage::EdgeRow;
using storage::Store;

constexpr uint64_t kNodes = 24;

PropertyList properties_of(const std::string& text) {
    return {{PropertyKeyId(0), value::Value::string(text)}};
}

std::string text_of(const PropertyList& properties) {
    return properties.empty() ? std::string() : std::string(properties[0].second.as_string());
}

std::tuple<uint64_t, int, AdjacencyEntry> entry(Direction direction, NodeId start, NodeId end,
                                                TypeId type, EdgeId edge) {
    const bool out = direction == Direction::kOut;
    return {(out ? start : end).raw(), static_cast<int>(direction),
            AdjacencyEntry{type, out ? end : start, edge}};
}

struct Reader : storage::NodeVisitor, storage::EdgeVisitor {
    Model model;

    Status on_node(const storage::NodeRow& row) override {
        model.nodes[row.id.raw()] = text_of(row.properties);
        return {};
    }
    Status on_adjacency(NodeId id, Direction direction,
                        std::span<const AdjacencyEntry> entries) override {
        for (const AdjacencyEntry& one : entries)
            model.lists.emplace(id.raw(), static_cast<int>(direction), one);
        return {};
    }
    Status on_edge(const EdgeRow& row) override {
        model.edges[row.id.raw()] = row;
        return {};
    }
};

}  // namespace

void Model::apply(const catalog::ChangeSet& changes) {
    for (const auto& write : changes.nodes) {
        if (write.deleted) {
            nodes.erase(write.node.raw());
        } else {
            nodes[write.node.raw()] = text_of(write.properties);
        }
    }
    for (const auto& add : changes.added) {
        edges.try_emplace(add.edge.raw(),
                          EdgeRow{add.edge, add.start, add.end, add.type, add.properties});
        for (const Direction direction : {Direction::kOut, Direction::kIn})
            lists.insert(entry(direction, add.start, add.end, add.type, add.edge));
    }
    for (const auto& remove : changes.removed) {
        edges.erase(remove.edge.raw());
        for (const Direction direction : {Direction::kOut, Direction::kIn})
            lists.erase(entry(direction, remove.start, remove.end, remove.type, remove.edge));
    }
    for (const auto& write : changes.written)
        if (const auto found = edges.find(write.edge.raw()); found != edges.end())
            found->second.properties = write.properties;
}

std::string Model::difference(const Model& other) const {
    if (nodes != other.nodes)
        return "nodes differ: " + std::to_string(nodes.size()) + " and " +
               std::to_string(other.nodes.size());
    if (lists != other.lists)
        return "lists differ: " + std::to_string(lists.size()) + " and " +
               std::to_string(other.lists.size());
    if (edges.size() != other.edges.size()) return "the number of edges differs";
    for (const auto& [id, edge] : edges) {
        const auto found = other.edges.find(id);
        if (found == other.edges.end() || found->second.start != edge.start ||
            found->second.end != edge.end || found->second.type != edge.type ||
            text_of(found->second.properties) != text_of(edge.properties))
            return "edge " + std::to_string(id) + " differs";
    }
    return {};
}

std::string Model::fault() const {
    if (lists.size() != 2 * edges.size()) return "edges and lists do not agree in number";
    for (const auto& [id, edge] : edges)
        for (const Direction direction : {Direction::kOut, Direction::kIn})
            if (!lists.contains(entry(direction, edge.start, edge.end, edge.type, edge.id)))
                return "edge " + std::to_string(id) + " is missing in a list";
    return {};
}

Workload::Workload(std::string directory, storage::KvEngineFactory* factory, uint64_t seed)
    : directory_(std::move(directory)), factory_(factory), random_(seed) {}

Result<std::unique_ptr<Store>> Workload::open(const Options& options) const {
    storage::StoreOptions store;
    store.data_dir = directory_;
    store.engine_factory = factory_;
    store.accept_data_loss = options.accept_data_loss;
    store.read_only = options.read_only;
    store.block_cache_bytes = 1ULL << 20;
    store.write_buffer_bytes = 64ULL << 10;
    // Deterministic, and as often as it can matter.
    store.watermark_interval = std::chrono::milliseconds(0);
    return Store::open(store);
}

catalog::ChangeSet Workload::next_change(const Model& now) {
    catalog::ChangeSet changes;
    const auto below = [&](uint64_t end) {
        return std::uniform_int_distribution<uint64_t>(0, end - 1)(random_);
    };
    // Now and then a record of many pages, so that power can fail in the middle of one.
    const std::string text =
        std::to_string(history_.size() + 1) + ":" +
        std::string(below(6) == 0 ? 20'000 : below(200), static_cast<char>('a' + below(26)));
    const NodeId node(below(kNodes));
    changes.nodes.push_back({node, false, {LabelId(0)}, properties_of(text)});
    for (uint64_t i = below(3) + 1; i > 0; --i)
        changes.added.push_back({EdgeId(edge_id_end_++), NodeId(below(kNodes)),
                                 NodeId(below(kNodes)), TypeId(static_cast<uint32_t>(below(2))),
                                 properties_of(text.substr(0, 40))});
    auto it = now.edges.begin();
    for (uint64_t skip = below(now.edges.size() + 1); skip > 0; --skip) ++it;
    if (it != now.edges.end()) {
        const EdgeRow& edge = it->second;
        if (below(2) == 0) {
            changes.removed.push_back({edge.id, edge.start, edge.end, edge.type});
        } else {
            changes.written.push_back({edge.id, properties_of("w" + text.substr(0, 10))});
        }
    }
    return changes;
}

Status Workload::append(Store& store, catalog::ChangeSet changes, bool sync) {
    const uint64_t ts = history_.size() + 1;
    const catalog::Token token{catalog::TokenKind::kLabel, static_cast<uint32_t>(ts),
                               "label " + std::to_string(ts)};
    history_.push_back(std::move(changes));
    storage::LogRecordView record;
    record.ts = CommitTs(ts);
    record.durable_through = CommitTs(durable_);
    record.wall_us = 1'700'000'000'000'000 + static_cast<int64_t>(ts);
    record.transactions = 1;
    record.node_id_end = kNodes;
    record.edge_id_end = edge_id_end_;
    record.changes = &history_.back();
    Status appended = store.append(record, {&token, 1}, sync);
    // Refused for want of space means absent for good; any other failure leaves it open.
    if (!appended.ok() && appended.error().code() == ErrorCode::kDiskFull) history_.pop_back();
    if (!appended.ok() || !sync) return appended;
    acknowledged_ = durable_ = ts;
    store.acknowledged(CommitTs(ts));
    return {};
}

Status Workload::append_synced(Store& store) {
    return append(store, next_change(state_at(history_.size())), true);
}

Status Workload::append_unsynced(Store& store, size_t bytes) {
    catalog::ChangeSet changes = next_change(state_at(history_.size()));
    changes.nodes[0].properties = properties_of(std::string(bytes, 'u'));
    return append(store, std::move(changes), false);
}

Status Workload::run(Store& store, uint64_t commits) {
    Model now = state_at(history_.size());
    for (uint64_t i = 0; i < commits; ++i) {
        catalog::ChangeSet changes = next_change(now);
        now.apply(changes);
        const bool sync = random_() % 4 != 0;
        DEED_RETURN_IF_ERROR(append(store, std::move(changes), sync));
        if (!sync && random_() % 2 == 0) {
            DEED_RETURN_IF_ERROR(store.sync());
            acknowledged_ = durable_ = history_.size();
            store.acknowledged(CommitTs(acknowledged_));
        }
        if (random_() % 9 == 0) DEED_RETURN_IF_ERROR(fold(store));
    }
    return {};
}

Status Workload::write_rows(Store::Folder& folder, const Model& now, uint64_t through) {
    for (uint64_t id = 0; id < kNodes; ++id) {
        const auto node = now.nodes.find(id);
        if (node == now.nodes.end()) {
            DEED_RETURN_IF_ERROR(folder.delete_node(NodeId(id)));
        } else {
            DEED_RETURN_IF_ERROR(
                folder.put_node({NodeId(id), {LabelId(0)}, properties_of(node->second)}));
        }
        for (const Direction direction : {Direction::kOut, Direction::kIn}) {
            std::vector<AdjacencyEntry> entries;
            for (const auto& [owner, way, one] : now.lists)
                if (owner == id && way == static_cast<int>(direction)) entries.push_back(one);
            DEED_RETURN_IF_ERROR(folder.put_adjacency(NodeId(id), direction, entries));
        }
    }
    for (uint64_t page = 0; page * storage::kEdgesPerPage < edge_id_end_; ++page) {
        std::vector<EdgeRow> rows;
        for (const auto& [id, edge] : now.edges)
            if (id / storage::kEdgesPerPage == page) rows.push_back(edge);
        DEED_RETURN_IF_ERROR(folder.put_edge_page(page, rows));
    }
    return folder.finish(CommitTs(through), kNodes, edge_id_end_, through);
}

Status Workload::fold(Store& store) {
    DEED_ASSIGN_OR_RETURN(const auto folder, store.begin_fold());
    const uint64_t through = history_.size();
    DEED_RETURN_IF_ERROR(write_rows(*folder, state_at(through), through));
    folded_ = through;
    return {};
}

Model Workload::state_at(uint64_t ts) const {
    Model model;
    for (uint64_t i = 0; i < ts; ++i) model.apply(history_[i]);
    return model;
}

Result<Model> Workload::read(const Store& store, CommitTs from) {
    Reader reader;
    DEED_RETURN_IF_ERROR(store.load_nodes({}, reader));
    DEED_RETURN_IF_ERROR(store.load_edges({}, reader));
    DEED_RETURN_IF_ERROR(store.replay(from, [&](const storage::LogRecord& record) -> Status {
        reader.model.apply(record.changes);
        return {};
    }));
    return std::move(reader.model);
}

Result<Workload::Verdict> Workload::check(const Store& store) {
    DEED_ASSIGN_OR_RETURN(const Model found, read(store, store.state().folded_through));
    folded_ = store.state().folded_through.raw();
    Verdict verdict;
    const uint64_t recovered = store.state().recovered.raw();
    if (recovered < acknowledged_) {
        verdict.acked_lost = acknowledged_ - recovered;
        verdict.what = "commits up to " + std::to_string(acknowledged_) +
                       " were acknowledged, but only " + std::to_string(recovered) + " are there";
    }
    if (recovered > history_.size()) {
        verdict.holes = 1;
        verdict.what = "a commit is there that was never made";
        return verdict;
    }
    std::string difference = found.difference(state_at(recovered));
    if (difference.empty()) difference = found.fault();
    // Names come with the commit that uses them.
    if (difference.empty() && store.state().tokens.size() != recovered)
        difference = "there are " + std::to_string(store.state().tokens.size()) +
                     " names at commit " + std::to_string(recovered);
    if (!difference.empty()) {
        verdict.holes = 1;
        verdict.what = difference + " at commit " + std::to_string(recovered);
    }
    rewind(recovered, recovered);
    return verdict;
}

Workload::Reading Workload::read_now(const Store& store) const {
    const Result<Model> found = read(store, CommitTs(folded_));
    if (!found.ok()) return {found.error().to_string()};
    return {found->difference(state_at(history_.size()))};
}

Status Workload::append_once_more(Store& store) {
    const catalog::ChangeSet nothing;
    storage::LogRecordView record;
    // The commit before may not have been taken; either way this is a number that fits.
    record.ts = CommitTs(store.appended().raw() + 1);
    record.changes = &nothing;
    return store.append(record, {}, true);
}

void Workload::adopt(const Workload& other, uint64_t committed) {
    history_ = other.history_;
    edge_id_end_ = other.edge_id_end_;
    rewind(committed, committed);
}

void Workload::rewind(uint64_t committed, uint64_t acknowledged) {
    history_.resize(committed);
    acknowledged_ = durable_ = acknowledged;
}

}  // namespace deed::crash
