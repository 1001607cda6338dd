// One transaction after another, at random, beside a model of plain maps: what a transaction sees
// of its own writes, what a commit leaves, what a rollback undoes, what a restart brings back.

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "tests/unit/api/test_database.h"

namespace deed::testing {
namespace {

struct ModelNode {
    std::set<std::string> labels;
    std::map<std::string, int64_t> properties;
};
struct ModelEdge {
    NodeId start;
    NodeId end;
    std::string type;
    std::map<std::string, int64_t> properties;
};
struct Model {
    std::map<NodeId, ModelNode> nodes;
    std::map<EdgeId, ModelEdge> edges;
};

using NeighbourKey = std::tuple<int, uint32_t, uint64_t, uint64_t>;  // direction, type, node, edge

std::map<std::string, int64_t> plain(const api::Properties& properties) {
    std::map<std::string, int64_t> result;
    for (const auto& [name, value] : properties) result[name] = value.as_integer();
    return result;
}

class ModelTest {
 public:
    explicit ModelTest(uint64_t seed) : random_(seed) {}

    void run(int transactions) {
        for (int i = 0; i < transactions && !::testing::Test::HasFailure(); ++i) {
            one_transaction();
            const uint64_t dice = below(20);
            if (dice == 0) {
                ASSERT_TRUE(database_->checkpoint().ok());
            }
            if (dice <= 1) {
                database_.reopen();
                Transaction txn = database_.begin();
                compare_all(txn, committed_);
                auto report = database_->check({});
                ASSERT_TRUE(report.ok());
                EXPECT_EQ(report->faults, 0U)
                    << (report->messages.empty() ? "" : report->messages[0]);
            }
        }
    }

 private:
    uint64_t below(uint64_t end) { return random_() % end; }
    std::string label() { return std::string(1, static_cast<char>('A' + below(4))); }
    std::string type() { return "T" + std::to_string(below(3)); }
    std::string name() { return "p" + std::to_string(below(5)); }
    NodeId some_node(const Model& model) {
        if (model.nodes.empty() || below(20) == 0) return NodeId{below(500)};
        auto it = model.nodes.lower_bound(NodeId{below(model.nodes.rbegin()->first.raw() + 1)});
        return it->first;
    }
    EdgeId some_edge(const Model& model) {
        if (model.edges.empty() || below(20) == 0) return EdgeId{below(500)};
        auto it = model.edges.lower_bound(EdgeId{below(model.edges.rbegin()->first.raw() + 1)});
        return it->first;
    }
    api::Properties properties(std::map<std::string, int64_t>& to) {
        api::Properties list;
        for (uint64_t i = below(3); i > 0; --i) {
            const std::string key = name();
            const auto value = static_cast<int64_t>(below(1000));
            if (to.contains(key)) continue;
            to[key] = value;
            list.emplace_back(key, Value::integer(value));
        }
        return list;
    }

    void one_transaction() {
        Transaction txn = database_.begin();
        Model model = committed_;
        for (uint64_t i = 1 + below(12); i > 0; --i) {
            change(txn, model);
            if (below(3) == 0) look(txn, model);
        }
        if (below(4) == 0) compare_all(txn, model);
        if (below(5) == 0) {
            txn.rollback();
        } else {
            auto ts = txn.commit();
            ASSERT_TRUE(ts.ok()) << ts.error().to_string();
            committed_ = std::move(model);
        }
    }

    void change(Transaction& txn, Model& model) {
        switch (below(10)) {
            case 0:
            case 1:
            case 2:
                create_node(txn, model);
                break;
            case 3:
            case 4:
            case 5:
                create_edge(txn, model);
                break;
            case 6:
                update_node(txn, model);
                break;
            case 7:
                update_edge(txn, model);
                break;
            case 8:
                delete_edge(txn, model);
                break;
            default:
                delete_node(txn, model);
        }
    }

    void create_node(Transaction& txn, Model& model) {
        ModelNode node;
        std::vector<std::string> labels;
        for (uint64_t i = below(3); i > 0; --i) labels.push_back(label());
        node.labels.insert(labels.begin(), labels.end());
        std::vector<std::string_view> views(labels.begin(), labels.end());
        auto id = txn.create_node(views, properties(node.properties));
        ASSERT_TRUE(id.ok());
        ASSERT_TRUE(model.nodes.emplace(*id, node).second) << "an id was given twice";
    }

    void create_edge(Transaction& txn, Model& model) {
        ModelEdge edge{some_node(model), some_node(model), type(), {}};
        auto id = txn.create_edge(edge.start, edge.end, edge.type, properties(edge.properties));
        const bool possible = model.nodes.contains(edge.start) && model.nodes.contains(edge.end);
        ASSERT_EQ(reason(id), possible ? "OK" : "NODE_NOT_FOUND");
        if (possible) {
            ASSERT_TRUE(model.edges.emplace(*id, edge).second);
        }
    }

    void apply(std::map<std::string, int64_t>& to, api::Properties& set, bool replace) {
        if (replace) to.clear();
        std::map<std::string, int64_t> values;
        set = properties(values);
        for (const auto& [key, value] : values) to[key] = value;
        const std::string gone = name();
        if (!values.contains(gone)) {
            to.erase(gone);
            set.emplace_back(gone, Value::null());
        }
    }

    void update_node(Transaction& txn, Model& model) {
        const NodeId id = some_node(model);
        auto it = model.nodes.find(id);
        api::NodeChange change;
        change.replace_properties = below(4) == 0;
        ModelNode after = it == model.nodes.end() ? ModelNode{} : it->second;
        apply(after.properties, change.set, change.replace_properties);
        change.remove_labels = {label()};
        change.add_labels = {label()};
        after.labels.erase(change.remove_labels[0]);
        after.labels.insert(change.add_labels[0]);
        const Status status = txn.update_node(id, change);
        ASSERT_EQ(reason(status), it == model.nodes.end() ? "NODE_NOT_FOUND" : "OK");
        if (it != model.nodes.end()) it->second = after;
    }

    void update_edge(Transaction& txn, Model& model) {
        const EdgeId id = some_edge(model);
        auto it = model.edges.find(id);
        api::EdgeChange change;
        change.replace_properties = below(4) == 0;
        std::map<std::string, int64_t> after;
        if (it != model.edges.end()) after = it->second.properties;
        apply(after, change.set, change.replace_properties);
        ASSERT_EQ(reason(txn.update_edge(id, change)),
                  it == model.edges.end() ? "EDGE_NOT_FOUND" : "OK");
        if (it != model.edges.end()) it->second.properties = after;
    }

    void delete_edge(Transaction& txn, Model& model) {
        const EdgeId id = some_edge(model);
        const bool there = model.edges.erase(id) > 0;
        ASSERT_EQ(reason(txn.delete_edge(id)), there ? "OK" : "EDGE_NOT_FOUND");
    }

    void delete_node(Transaction& txn, Model& model) {
        const NodeId id = some_node(model);
        const bool detach = below(2) == 0;
        const bool there = model.nodes.contains(id);
        const auto touches = [&](const auto& entry) {
            return entry.second.start == id || entry.second.end == id;
        };
        const bool connected = std::any_of(model.edges.begin(), model.edges.end(), touches);
        const std::string expected = !there                 ? "NODE_NOT_FOUND"
                                     : connected && !detach ? "NODE_HAS_EDGES"
                                                            : "OK";
        ASSERT_EQ(reason(txn.delete_node(id, {.detach = detach})), expected);
        if (expected != "OK") return;
        std::erase_if(model.edges, touches);
        model.nodes.erase(id);
    }

    void look(Transaction& txn, const Model& model) {
        compare_node(txn, model, some_node(model));
        compare_edge(txn, model, some_edge(model));
        compare_label(txn, model, below(2) == 0 ? "" : label());
    }

    void compare_all(Transaction& txn, const Model& model) {
        for (const auto& [id, node] : model.nodes) compare_node(txn, model, id);
        for (const auto& [id, edge] : model.edges) compare_edge(txn, model, id);
        for (const char* each : {"", "A", "B", "C", "D"}) compare_label(txn, model, each);
    }

    void compare_node(Transaction& txn, const Model& model, NodeId id) {
        auto node = txn.node(id);
        auto it = model.nodes.find(id);
        ASSERT_EQ(reason(node), it == model.nodes.end() ? "NODE_NOT_FOUND" : "OK");
        if (!node.ok()) return;
        EXPECT_EQ(std::set(node->labels.begin(), node->labels.end()), it->second.labels);
        EXPECT_EQ(plain(node->properties), it->second.properties);
        std::vector<std::pair<int, uint64_t>> expected;
        for (const auto& [edge_id, edge] : model.edges) {
            if (edge.start == id) expected.emplace_back(0, edge_id.raw());
            if (edge.end == id && edge.start != id) expected.emplace_back(1, edge_id.raw());
        }
        std::sort(expected.begin(), expected.end());
        auto neighbours = txn.neighbours(id, {.direction = Direction::kBoth});
        ASSERT_TRUE(neighbours.ok());
        std::vector<std::pair<int, uint64_t>> found;
        std::vector<NeighbourKey> order;
        for (const api::Neighbour& each : *neighbours) {
            found.emplace_back(static_cast<int>(each.direction), each.edge.raw());
            order.emplace_back(static_cast<int>(each.direction), each.type.raw(), each.node.raw(),
                               each.edge.raw());
            const ModelEdge& edge = model.edges.at(each.edge);
            EXPECT_EQ(each.type_name, edge.type);
            EXPECT_EQ(each.node, each.direction == Direction::kOut ? edge.end : edge.start);
        }
        EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
        std::sort(found.begin(), found.end());
        EXPECT_EQ(found, expected);
        EXPECT_EQ(*txn.degree(id, {.direction = Direction::kBoth}), expected.size());
    }

    void compare_edge(Transaction& txn, const Model& model, EdgeId id) {
        auto edge = txn.edge(id);
        auto it = model.edges.find(id);
        ASSERT_EQ(reason(edge), it == model.edges.end() ? "EDGE_NOT_FOUND" : "OK");
        if (!edge.ok()) return;
        EXPECT_EQ(edge->start, it->second.start);
        EXPECT_EQ(edge->end, it->second.end);
        EXPECT_EQ(edge->type, it->second.type);
        EXPECT_EQ(plain(edge->properties), it->second.properties);
    }

    void compare_label(Transaction& txn, const Model& model, const std::string& label) {
        std::vector<NodeId> expected;
        for (const auto& [id, node] : model.nodes)
            if (label.empty() || node.labels.contains(label)) expected.push_back(id);
        std::vector<NodeId> found;
        api::ScanOptions options;
        options.label = label;
        options.page_size = static_cast<uint32_t>(1 + below(7));
        do {
            auto page = txn.scan(options, {});
            ASSERT_TRUE(page.ok());
            for (const api::Node& node : page->nodes) found.push_back(node.id);
            options.after = page->next;
        } while (options.after.valid());
        EXPECT_EQ(found, expected) << "label " << label;
    }

    std::mt19937_64 random_;
    TestDatabase database_;
    Model committed_;
};

TEST(Model, transactions_do_what_plain_maps_do) {
    const char* fixed = std::getenv("DEED_SEED");
    const uint64_t seed = fixed != nullptr ? std::stoull(fixed) : std::random_device{}();
    std::printf("seed: %llu\n", static_cast<unsigned long long>(seed));
    ModelTest(seed).run(600);
}

}  // namespace
}  // namespace deed::testing
