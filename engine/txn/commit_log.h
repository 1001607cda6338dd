#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/catalog/change_set.h"

namespace deed::txn {

/// What the committer hands to the log for one group.
struct GroupHeader {
    CommitTs ts{0};
    uint32_t transactions = 0;
    uint64_t node_id_end = 0;
    uint64_t edge_id_end = 0;
};

/// Where groups go before they become visible. The pipeline knows only this, so that tests fail
/// commits as they like.
///
/// Thread safety: `append` and `applied` from the committer, one thread at a time; the rest from
/// any thread.
class CommitLog {
 public:
    virtual ~CommitLog() = default;

    /// Takes the group over with the durability that was asked for. DISK_FULL (or another failure
    /// that is not OUTCOME_UNKNOWN): the group is absent and stays absent. OUTCOME_UNKNOWN: nothing
    /// may be committed any more.
    virtual Status append(const GroupHeader& group, const catalog::ChangeSet& changes) = 0;
    /// The group is in memory and the changes are needed by nobody else: the log may keep them by
    /// moving them out.
    virtual void applied(const GroupHeader& group, catalog::ChangeSet& changes) = 0;

    /// Hands everything that was appended to the operating system and makes it durable.
    virtual Status sync() = 0;
    /// What the background does now and then: interval syncs, emptying buffers.
    virtual Status tick() = 0;
    /// The newest commit known to survive a power failure.
    [[nodiscard]] virtual CommitTs durable_through() const = 0;
    /// True where a commit pays for a sync, so that waiting for company is worth it.
    [[nodiscard]] virtual bool syncs_commits() const = 0;
};

}  // namespace deed::txn
