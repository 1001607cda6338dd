#include "engine/txn/change_batch.h"

#include <iterator>
#include <utility>

#include "engine/txn/write_set.h"

namespace deed::txn {

namespace {

template <class Item>
void append_moved(std::vector<Item>& to, std::vector<Item>& from) {
    if (to.empty()) {
        to.swap(from);
    } else {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    }
    from.clear();
}

}  // namespace

bool ChangeBatch::overlaps(const catalog::ChangeSet& changes) {
    for (const catalog::NodeWrite& write : changes.nodes)
        if (nodes_.contains(write.node.raw())) return true;
    if (changes.removed.empty() && changes.written.empty()) return false;  // new edges have new ids
    // Only now is it worth knowing which edges are new in this batch.
    for (; added_known_ < changes_.added.size(); ++added_known_)
        added_edges_.insert(changes_.added[added_known_].edge.raw());
    const auto known = [this](EdgeId id) {
        return added_edges_.contains(id.raw()) || touched_edges_.contains(id.raw());
    };
    for (const catalog::EdgeRemove& edge : changes.removed)
        if (known(edge.edge)) return true;
    for (const catalog::EdgeWrite& edge : changes.written)
        if (known(edge.edge)) return true;
    return false;
}

bool ChangeBatch::merge(catalog::ChangeSet& changes) {
    if (!empty() && overlaps(changes)) return false;
    for (const catalog::NodeWrite& write : changes.nodes) {
        nodes_.insert(write.node.raw());
        bytes_ += sizeof(write) + write.labels.size() * sizeof(LabelId) +
                  property_bytes(write.properties);
    }
    for (const catalog::EdgeAdd& edge : changes.added)
        bytes_ += sizeof(edge) + property_bytes(edge.properties);
    for (const catalog::EdgeRemove& edge : changes.removed) {
        touched_edges_.insert(edge.edge.raw());
        bytes_ += sizeof(edge);
    }
    for (const catalog::EdgeWrite& edge : changes.written) {
        touched_edges_.insert(edge.edge.raw());
        bytes_ += sizeof(edge) + property_bytes(edge.properties);
    }
    append_moved(changes_.nodes, changes.nodes);
    append_moved(changes_.added, changes.added);
    append_moved(changes_.removed, changes.removed);
    append_moved(changes_.written, changes.written);
    return true;
}

void ChangeBatch::clear() {
    changes_.nodes.clear();
    changes_.added.clear();
    changes_.removed.clear();
    changes_.written.clear();
    nodes_.clear();
    touched_edges_.clear();
    added_edges_.clear();
    added_known_ = 0;
    bytes_ = 0;
}

}  // namespace deed::txn
