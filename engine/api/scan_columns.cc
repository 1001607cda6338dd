#include <string>
#include <utility>
#include <vector>

#include "engine/api/internal/impl.h"
#include "engine/value/value.h"

namespace deed::api {

namespace {

constexpr size_t kChunkNodes = 1024;

/// The columns of one scan: filled node by node, shown chunk by chunk. Values are assigned over
/// those of the chunk before, so that a scan allocates once.
class Columns {
 public:
    Columns(const txn::Transaction& txn, const catalog::Catalog& catalog,
            std::span<const std::string> properties)
        : ids_(kChunkNodes) {
        for (const std::string& name : properties) {
            const auto id = catalog.property_keys.find(name);
            const PropertyKeyId key = id.has_value() ? PropertyKeyId{*id} : PropertyKeyId{};
            columns_.push_back({key, graph::PropertyReader(txn.graph().shapes(), key),
                                std::vector<value::Value>(kChunkNodes)});
        }
        shown_.resize(columns_.size());
    }

    /// True when the chunk is full.
    bool add(NodeId id, const txn::NodeView& node) {
        ids_[count_] = id;
        for (Column& column : columns_) {
            if (!column.key.valid()) continue;  // nobody has used the name: the column stays null
            column.values[count_] = node.record() != nullptr ? column.reader.read(*node.record())
                                                             : node.get(column.key);
        }
        return ++count_ == kChunkNodes;
    }

    /// What `visit` says of the chunk so far, which is empty afterwards.
    bool show(const std::function<bool(const ColumnChunk&)>& visit) {
        if (count_ == 0) return true;
        for (size_t i = 0; i < columns_.size(); ++i)
            shown_[i] = {columns_[i].values.data(), count_};
        const ColumnChunk chunk{{ids_.data(), count_}, shown_};
        count_ = 0;
        return visit(chunk);
    }

 private:
    struct Column {
        PropertyKeyId key;
        graph::PropertyReader reader;
        std::vector<value::Value> values;
    };
    std::vector<NodeId> ids_;
    std::vector<Column> columns_;
    std::vector<std::span<const value::Value>> shown_;
    size_t count_ = 0;
};

}  // namespace

Status Transaction::scan_columns(std::string_view label, std::span<const std::string> properties,
                                 const StopToken& stop,
                                 const std::function<bool(const ColumnChunk&)>& visit) {
    txn::Transaction& txn = *impl_->txn;
    txn::Transaction::Operation operation(txn);
    if (!operation.status().ok()) return std::move(operation.status()).error();
    LabelId label_id;
    if (!label.empty()) {
        const auto id = impl_->catalog().labels.find(label);
        if (!id.has_value()) {
            txn.note_unknown_label();
            return {};
        }
        label_id = LabelId{*id};
    }
    Columns columns(txn, impl_->catalog(), properties);
    Status status;
    bool more = true;
    txn.scan(label_id, NodeId{0}, [&](NodeId id, const txn::NodeView& node) {
        if (!columns.add(id, node)) return true;
        status = stop.stop_requested() ? Status(cancelled()) : txn.still_open();
        more = status.ok() && columns.show(visit);
        return more;
    });
    if (more) columns.show(visit);
    return status;
}

}  // namespace deed::api
