#include <fmt/format.h>
#include <utility>

#include "engine/api/internal/impl.h"
#include "engine/api/internal/names.h"
#include "engine/value/compare.h"

namespace deed::api {

namespace {

/// How many nodes are looked at between two questions whether to stop.
constexpr uint32_t kNodesPerLook = 512;

bool holds(PropertyFilter::Op op, const value::Value& found, const value::Value& asked) {
    using Op = PropertyFilter::Op;
    value::Ternary answer = value::Ternary::kNull;
    switch (op) {
        case Op::kExists:
            return !found.is_null();
        case Op::kEqual:
            answer = value::equals(found, asked);
            break;
        case Op::kNotEqual:
            answer = value::negate(value::equals(found, asked));
            break;
        case Op::kLess:
            answer = value::less(found, asked);
            break;
        case Op::kLessEqual:
            answer = value::less_or_equal(found, asked);
            break;
        case Op::kGreater:
            answer = value::greater(found, asked);
            break;
        case Op::kGreaterEqual:
            answer = value::greater_or_equal(found, asked);
            break;
    }
    return answer == value::Ternary::kTrue;  // an unknown answer selects nothing, as in Cypher
}

/// The filters of one scan, ready to be asked of node after node.
class Filters {
 public:
    Filters(const graph::Graph& graph, const std::vector<PropertyFilter>& filters) {
        for (const PropertyFilter& filter : filters) {
            const auto key = graph.catalog().property_keys.find(filter.property);
            if (!key.has_value()) {
                nothing_ = true;  // nobody has the property, so nobody passes
                return;
            }
            const PropertyKeyId id{*key};
            tests_.push_back({&filter, id, graph::PropertyReader(graph.shapes(), id)});
        }
    }
    [[nodiscard]] bool nothing() const { return nothing_; }
    [[nodiscard]] bool pass(const txn::NodeView& node) {
        for (Test& test : tests_) {
            const value::Value found =
                node.record() != nullptr ? test.reader.read(*node.record()) : node.get(test.key);
            if (!holds(test.filter->op, found, test.filter->value)) return false;
        }
        return true;
    }

 private:
    struct Test {
        const PropertyFilter* filter;
        PropertyKeyId key;
        graph::PropertyReader reader;
    };
    std::vector<Test> tests_;
    bool nothing_ = false;
};

}  // namespace

Result<ScanPage> Transaction::scan(const ScanOptions& options, const StopToken& stop) {
    txn::Transaction& txn = *impl_->txn;
    txn::Transaction::Operation operation(txn);
    if (!operation.status().ok()) return std::move(operation.status()).error();
    if (options.page_size == 0)
        return Error(ErrorCode::kInvalidArgument, "PAGE_SIZE",
                     "a page of 0 nodes never ends; ask for at least 1", "page_size");
    ScanPage page;
    LabelId label;
    if (!options.label.empty()) {
        const auto id = impl_->catalog().labels.find(options.label);
        if (!id.has_value()) {
            txn.note_unknown_label();
            return page;
        }
        label = LabelId{*id};
    }
    Filters filters(txn.graph(), options.filters);
    const Projection projection =
        find_projection(impl_->catalog(), options.projection, options.all_properties);
    const NodeId first{options.after.valid() ? options.after.raw() + 1 : 0};
    Status status;
    uint32_t looked = 0;
    uint64_t bytes = 0;
    if (filters.nothing()) {
        // A SERIALIZABLE reader still depends on nobody getting the property.
        txn.scan(label, NodeId::invalid(), [](NodeId, const txn::NodeView&) { return false; });
        return page;
    }
    txn.scan(label, first, [&](NodeId id, const txn::NodeView& view) {
        if (++looked % kNodesPerLook == 0) {
            status = stop.stop_requested() ? Status(cancelled()) : txn.still_open();
            if (!status.ok()) return false;
        }
        if (!filters.pass(view)) return true;
        if (page.nodes.size() == options.page_size || bytes >= options.page_bytes) {
            page.next = page.nodes.back().id;  // there is at least one more
            return false;
        }
        page.nodes.push_back(to_node(impl_->catalog(), id, view, projection));
        bytes += bytes_of(page.nodes.back().properties);
        return true;
    });
    if (!status.ok()) return std::move(status).error();
    return page;
}

}  // namespace deed::api
