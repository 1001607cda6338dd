#include "engine/txn/commit_pipeline.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/limits.h"

namespace deed::txn {

namespace {

// A follower looks this often before it sleeps. Waking a sleeper costs tens of microseconds on a
// virtual machine, a short group takes two. Nobody yields: on a busy machine that gives away
// milliseconds.
constexpr int kSpins = 600;
// With a sync under way there is nothing to spin for.
constexpr int kSpinsBeforeSync = 50;
// Rounds that one leader leads in a row while others sleep; then one of them takes over.
constexpr int kRoundsMax = 8;
constexpr std::chrono::nanoseconds kGatherMax{100'000};

void relax() {
    __builtin_ia32_pause();
}

std::chrono::nanoseconds now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

Error outcome_unknown(const char* when) {
    return Error(ErrorCode::kOutcomeUnknown, "OUTCOME_UNKNOWN",
                 std::string(when) +
                     ": the transaction may or may not survive a restart; the server is stopping, "
                     "connect again and look");
}

}  // namespace

CommitPipeline::CommitPipeline(Parts parts) : parts_(std::move(parts)), validator_(parts_.graph) {}

Result<CommitTs> CommitPipeline::commit(WriteSet& writes, const ReadSet* reads, CommitTs snapshot) {
    CommitRequest request;
    request.writes = &writes;
    request.reads = reads;
    request.snapshot = snapshot;
    submit(request);
    writes.clear();
    if (request.error.has_value()) return *std::move(request.error);
    return request.ts;
}

void CommitPipeline::run_exclusive(const std::function<void()>& task) {
    CommitRequest request;
    request.task = &task;
    submit(request);
}

void CommitPipeline::submit(CommitRequest& request) {
    const uint64_t round = taken_.load(std::memory_order_acquire);
    waiting_.fetch_add(1, std::memory_order_relaxed);
    queue_.push(&request);
    if (try_lead()) lead();
    if (!request.done()) wait(request, round);
}

void CommitPipeline::wait(CommitRequest& request, uint64_t round) {
    const int spins = parts_.log.syncs_commits() ? kSpinsBeforeSync : kSpins;
    for (int tries = 0;; ++tries) {
        WaitWord& word = words_[round % words_.size()];
        const uint32_t signals = word.signals.load(std::memory_order_acquire);
        if (request.done()) return;
        if (finished_.load(std::memory_order_acquire) > round) {
            ++round;  // the push came just too late for that round
            continue;
        }
        if (leader_.load(std::memory_order_relaxed) == 0 || tries >= spins) {
            if (try_lead()) {
                lead();
                continue;
            }
        }
        if (tries < spins) {
            relax();
        } else {
            word.signals.wait(signals, std::memory_order_acquire);
        }
    }
}

bool CommitPipeline::try_lead() {
    return leader_.exchange(1, std::memory_order_acq_rel) == 0;
}

void CommitPipeline::resign() {
    leader_.exchange(0, std::memory_order_acq_rel);
    // Whoever pushed while the place was taken may sleep already: call one of them to lead.
    if (!queue_.empty_relaxed()) signal(taken_.load(std::memory_order_relaxed), false);
}

void CommitPipeline::lead() {
    // With a sync to pay for, the next round is led at once: it fills while this one syncs.
    // Without, the others are spinning and go on by themselves.
    const int rounds = parts_.log.syncs_commits() ? kRoundsMax : 1;
    for (int i = 0; i < rounds; ++i) {
        if (i > 0 && queue_.empty_relaxed()) break;
        lead_round();
    }
    resign();
}

void CommitPipeline::lead_round() {
    gather();
    CommitRequest* rest = queue_.take_all();
    const uint64_t round = taken_.load(std::memory_order_relaxed);
    taken_.store(round + 1, std::memory_order_release);
    told_ = 0;
    while (rest != nullptr) rest = lead_group(rest);
    const uint32_t around = waiting_.fetch_sub(told_, std::memory_order_relaxed);
    expected_ = std::max(expected_ / 2, around);
    finished_.store(round + 1, std::memory_order_release);
    signal(round, true);
    parts_.collector.after_group();
}

CommitRequest* CommitPipeline::lead_group(CommitRequest* oldest) {
    CommitRequest* end = oldest;
    Validator::GroupTraits traits;
    size_t bytes = 0;
    uint32_t count = 0;
    for (; end != nullptr && count < limits::kGroupTransactionsMax; end = end->next, ++count) {
        if (end->task != nullptr) continue;
        bytes += end->writes->bytes();
        if (count > 0 && bytes > limits::kGroupBytesMax) break;
        traits.deletes_nodes |= end->writes->deletes_nodes();
        traits.reads |= end->reads != nullptr;
    }
    traits.several = count > 1;
    const CommitTs ts{parts_.visible.load(std::memory_order_relaxed) + 1};
    validator_.begin_group(ts, traits);
    admit_members(oldest, end, ts);
    if (members_ > 0) publish(oldest, end, ts);
    for (CommitRequest* request = oldest; request != end;) {
        CommitRequest* next = request->next;
        request->set_done();
        ++told_;
        request = next;
    }
    return end;
}

void CommitPipeline::admit_members(CommitRequest* oldest, const CommitRequest* end, CommitTs ts) {
    members_ = 0;
    for (CommitRequest* request = oldest; request != end; request = request->next) {
        if (request->task != nullptr) {
            (*request->task)();
            continue;
        }
        if (failed()) {
            request->error = outcome_unknown("an earlier commit could not be synced");
            continue;
        }
        if (stopped_.load(std::memory_order_acquire)) {
            request->error = Error(ErrorCode::kUnavailable, "CLOSING",
                                   "the database is closing; the transaction was rolled back");
            continue;
        }
        request->error = validator_.admit(*request->writes, request->reads, request->snapshot);
        if (request->error.has_value()) {
            conflicts_.fetch_add(1, std::memory_order_relaxed);
            continue;
        }
        request->writes->move_into(changes_);
        request->member = true;
        request->ts = ts;
        ++members_;
    }
}

void CommitPipeline::publish(CommitRequest* oldest, const CommitRequest* end, CommitTs ts) {
    const GroupHeader header{.ts = ts,
                             .transactions = members_,
                             .node_id_end = parts_.graph.node_id_end(),
                             .edge_id_end = parts_.graph.edge_id_end()};
    const bool timed = parts_.log.syncs_commits();
    const auto begin = timed ? now() : std::chrono::nanoseconds{0};
    Status status = parts_.log.append(header, changes_);
    if (timed) recent_sync_ns_ = (recent_sync_ns_ * 7 + (now() - begin).count()) / 8;
    if (status.ok()) {
        parts_.graph.apply(changes_, ts);
        dirty_.note(changes_);
        // Sequentially consistent: pairs with the registration of snapshots, see SnapshotRegistry.
        parts_.visible.store(ts.raw());
        parts_.collector.applied(changes_);
        parts_.log.applied(header, changes_);
        commits_.fetch_add(members_, std::memory_order_relaxed);
        groups_.fetch_add(1, std::memory_order_relaxed);
    } else {
        for (CommitRequest* request = oldest; request != end; request = request->next)
            if (request->member) request->error = status.error();
        if (status.error().code() == ErrorCode::kOutcomeUnknown) fail(status.error().message());
    }
    changes_.nodes.clear();
    changes_.added.clear();
    changes_.removed.clear();
    changes_.written.clear();
}

void CommitPipeline::gather() {
    if (!parts_.log.syncs_commits() || expected_ < 2) return;
    // Those who were answered by the last round come back within microseconds; a sync costs far
    // more than waiting a quarter of one for them.
    const auto patience = std::min(kGatherMax, std::chrono::nanoseconds{recent_sync_ns_ / 4});
    const auto begin = now();
    while (waiting_.load(std::memory_order_relaxed) < expected_) {
        if (now() - begin > patience) {
            expected_ = waiting_.load(std::memory_order_relaxed);
            return;
        }
        for (int i = 0; i < 16; ++i) relax();
    }
}

void CommitPipeline::signal(uint64_t round, bool everyone) {
    WaitWord& word = words_[round % words_.size()];
    word.signals.fetch_add(1, std::memory_order_release);
    if (everyone)
        word.signals.notify_all();
    else
        word.signals.notify_one();
}

void CommitPipeline::fail(const std::string& why) {
    if (failed_.exchange(true, std::memory_order_acq_rel)) return;
    if (parts_.on_fatal) parts_.on_fatal(why);
}

}  // namespace deed::txn
