#pragma once

#include "engine/base/result.h"
#include "engine/storage/kv_engine.h"
#include "engine/storage/rows.h"

namespace deed::storage {

/// Reads base rows in key order and puts split lists together again; see `Store::load_nodes`.
Status load_node_rows(const KvEngine& engine, const KeyRange& range, NodeVisitor& visitor);
Status load_edge_rows(const KvEngine& engine, const KeyRange& range, EdgeVisitor& visitor);

}  // namespace deed::storage
