#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/ids.h"
#include "engine/catalog/change_set.h"
#include "engine/graph/graph.h"

namespace deed::txn {

/// A node in a transaction's eyes: the version of its snapshot, or what it wrote itself.
///
/// Thread safety: a value. Lifetime: until the transaction's next write or the end of the
/// operation.
class NodeView {
 public:
    NodeView() = default;
    NodeView(const graph::Graph& graph, const graph::NodeRecord* base,
             const catalog::NodeWrite* own)
        : graph_(&graph), base_(base), own_(own) {}

    [[nodiscard]] bool exists() const {
        return own_ != nullptr ? !own_->deleted : base_ != nullptr;
    }

    /// The version of the snapshot where the transaction wrote none itself, else nullptr.
    [[nodiscard]] const graph::NodeRecord* record() const {
        return own_ != nullptr ? nullptr : base_;
    }

    // REQUIRES: exists().
    [[nodiscard]] std::span<const LabelId> labels() const {
        if (own_ != nullptr) return own_->labels;
        return graph_->catalog().label_sets.labels(base_->label_set());
    }
    [[nodiscard]] bool has_label(LabelId label) const {
        if (own_ != nullptr) return std::ranges::binary_search(own_->labels, label);
        return graph_->catalog().label_sets.contains(base_->label_set(), label);
    }
    /// Null where the node lacks it.
    [[nodiscard]] value::Value get(PropertyKeyId key) const {
        if (own_ == nullptr) return base_->get(key, graph_->shapes());
        for (const auto& [own_key, value] : own_->properties)
            if (own_key == key) return value;
        return {};
    }
    /// Calls `visit(PropertyKeyId, value::Value)`, keys ascending.
    template <class Visit>
    void each_property(Visit&& visit) const {
        if (own_ == nullptr) {
            base_->for_each(graph_->shapes(), visit);
            return;
        }
        for (const auto& [key, value] : own_->properties) visit(key, value);
    }
    [[nodiscard]] catalog::PropertyList properties() const {
        if (own_ != nullptr) return own_->properties;
        catalog::PropertyList list;
        base_->for_each(graph_->shapes(), [&](PropertyKeyId key, value::Value value) {
            list.emplace_back(key, std::move(value));
        });
        return list;
    }

 private:
    const graph::Graph* graph_ = nullptr;
    const graph::NodeRecord* base_ = nullptr;
    const catalog::NodeWrite* own_ = nullptr;
};

}  // namespace deed::txn
