#include <string>
#include <utility>
#include <vector>

#include "engine/api/internal/impl.h"
#include "engine/value/value.h"

namespace deed::api {

namespace {

constexpr size_t kChunkNodes = 1024;

/// The columns of one scan, shown chunk by chunk. A chunk's nodes are gathered first, then read
/// column by column, so that the loop over a column has nothing to decide but the record's shape.
/// Values are assigned over those of the chunk before, so that a scan allocates once.
class Columns {
 public:
    Columns(const txn::Transaction& txn, const catalog::Catalog& catalog,
            std::span<const std::string> properties)
        : ids_(kChunkNodes), records_(kChunkNodes) {
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
        records_[count_] = node.record();
        if (node.record() == nullptr) [[unlikely]]
            add_own(node);
        return ++count_ == kChunkNodes;
    }

    /// What `visit` says of the chunk so far, which is empty afterwards.
    bool show(const std::function<bool(const ColumnChunk&)>& visit) {
        if (count_ == 0) return true;
        for (size_t i = 0; i < columns_.size(); ++i) {
            // Nobody has used the name of an invalid key: the column stays null.
            if (columns_[i].key.valid()) fill(columns_[i]);
            shown_[i] = {columns_[i].values.data(), count_};
        }
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

    /// What the transaction wrote itself is read at once; it has no record.
    [[gnu::cold]] void add_own(const txn::NodeView& node) {
        for (Column& column : columns_)
            if (column.key.valid()) column.values[count_] = node.get(column.key);
    }
    void fill(Column& column) {
        value::Value* value = column.values.data();
        for (const graph::NodeRecord* record : std::span(records_).first(count_)) {
            if (record != nullptr) column.reader.read(*record, *value);
            ++value;
        }
    }

    std::vector<NodeId> ids_;
    std::vector<const graph::NodeRecord*> records_;  // nullptr: of the transaction itself
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
    const auto show_chunk = [&] {
        status = stop.stop_requested() ? Status(cancelled()) : txn.still_open();
        more = status.ok() && columns.show(visit);
        return more;
    };
    // Kept small, so that it becomes part of the scan's own loop.
    txn.scan(label_id, NodeId{0}, [&](NodeId id, const txn::NodeView& node) {
        return !columns.add(id, node) || show_chunk();
    });
    if (more) columns.show(visit);
    return status;
}

}  // namespace deed::api
