#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/storage/import/row_reader.h"

namespace deed::cli {

/// Sends the rows of an import to a running server, in batches that are one transaction each, over
/// one stream. Nodes are answered before the first relationship goes out, so that relationships
/// name their ends by the server's own numbers and the server keeps nothing for the stream.
///
/// What was sent stays on the server where the import fails later: batches before it are committed.
///
/// Thread safety: one thread. Errors: UNAVAILABLE, and what the server says of a batch or a row.
class RemoteIngest final : public storage::importer::RowVisitor {
 public:
    explicit RemoteIngest(const std::string& address);
    ~RemoteIngest() override;

    Status on_node(std::span<const std::string_view> labels,
                   const storage::importer::RowProperties& properties) override;
    Status on_nodes_end() override;
    Status on_relationship(uint64_t start, uint64_t end, std::string_view type,
                           const storage::importer::RowProperties& properties) override;

    /// Sends what is left and waits for every answer. Call it once, at the end.
    Status finish();
    /// Nodes and relationships that the server has made durable.
    [[nodiscard]] uint64_t accepted() const;

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace deed::cli
