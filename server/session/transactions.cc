#include "server/session/transactions.h"

#include <algorithm>
#include <sys/random.h>
#include <utility>
#include <vector>

#include "engine/base/assert.h"

namespace deed::server {
namespace {

constexpr size_t kTimedOutRemembered = 1024;

std::string random_handle() {
    std::string handle(TransactionRegistry::kHandleBytes, '\0');
    const ssize_t got = getrandom(handle.data(), handle.size(), 0);
    DEED_ASSERT(got == static_cast<ssize_t>(handle.size()), "getrandom gives 16 bytes whole");
    return handle;
}

}  // namespace

Result<TransactionRegistry::Begun> TransactionRegistry::begin(
    const api::TransactionOptions& options) {
    {
        const std::lock_guard lock(mutex_);
        if (open_.size() + beginning_ >= limits_.open_transactions) {
            return Error(ErrorCode::kLimitExceeded, "LIMIT_OPEN_TRANSACTIONS",
                         std::to_string(open_.size()) +
                             " transactions are open, which is all that limits.open_transactions "
                             "allows; commit or roll back some, or begin again later");
        }
        ++beginning_;
    }
    api::TransactionOptions asked = options;
    const auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(idle_timeout_);
    if (asked.idle_timeout.count() == 0 || asked.idle_timeout > longest) {
        asked.idle_timeout = longest;
    }
    auto begun = database_.begin(asked);
    const std::lock_guard lock(mutex_);
    --beginning_;
    if (!begun.ok()) return std::move(begun).error();
    auto entry = std::make_shared<Entry>();
    const CommitTs snapshot = begun->snapshot();
    entry->transaction.emplace(std::move(begun).value());
    entry->idle_timeout = asked.idle_timeout;
    entry->last_used.store(clock_.monotonic().count(), std::memory_order_relaxed);
    std::string handle = random_handle();
    open_.emplace(handle, std::move(entry));
    return Begun{std::move(handle), snapshot};
}

std::shared_ptr<TransactionRegistry::Entry> TransactionRegistry::find(
    const std::string& handle) const {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(handle);
    return found == open_.end() ? nullptr : found->second;
}

Error TransactionRegistry::unknown(const std::string& handle) const {
    const std::lock_guard lock(mutex_);
    if (std::find(timed_out_.begin(), timed_out_.end(), handle) != timed_out_.end()) {
        return Error(
            ErrorCode::kTransactionTimedOut, "TRANSACTION_TIMED_OUT",
            "this transaction stood idle for too long and was rolled back; begin a new one "
            "and repeat its work",
            "transaction");
    }
    return Error(ErrorCode::kNotFound, "TRANSACTION_NOT_FOUND",
                 "no open transaction has this handle: it was committed, rolled back or timed out, "
                 "or the server was restarted; begin a new one",
                 "transaction");
}

Result<TransactionRegistry::Lease> TransactionRegistry::lease(std::string_view handle,
                                                              std::chrono::milliseconds patience) {
    if (handle.size() != kHandleBytes) {
        return Error(ErrorCode::kInvalidArgument, "TRANSACTION_HANDLE_MALFORMED",
                     "a transaction handle has 16 bytes, this one has " +
                         std::to_string(handle.size()) + "; pass what BeginTransaction answered",
                     "transaction");
    }
    std::string key(handle);
    auto entry = find(key);
    if (entry == nullptr) return unknown(key);
    std::unique_lock turn(entry->turn, std::defer_lock);
    const bool mine = patience.count() <= 0 ? turn.try_lock() : turn.try_lock_for(patience);
    if (!mine) {
        return Error(ErrorCode::kFailedPrecondition, "TRANSACTION_BUSY",
                     "an earlier call in this transaction is still running; wait for its answer "
                     "before the next call",
                     "transaction");
    }
    if (!entry->transaction.has_value()) return unknown(key);
    return Lease(*this, std::move(key), std::move(entry), std::move(turn));
}

TransactionRegistry::Lease::~Lease() {
    if (entry_ == nullptr) return;
    entry_->last_used.store(registry_->clock_.monotonic().count(), std::memory_order_relaxed);
}

Result<CommitTs> TransactionRegistry::Lease::commit() {
    // Out of the table first: whatever the answer, the handle names nothing from here on.
    registry_->forget(handle_);
    api::Transaction transaction = std::move(*entry_->transaction);
    entry_->transaction.reset();
    return transaction.commit();
}

void TransactionRegistry::Lease::rollback() {
    registry_->forget(handle_);
    entry_->transaction.reset();
}

void TransactionRegistry::forget(const std::string& handle) {
    const std::lock_guard lock(mutex_);
    open_.erase(handle);
}

void TransactionRegistry::sweep() {
    const int64_t now = clock_.monotonic().count();
    std::vector<std::pair<std::string, std::shared_ptr<Entry>>> stale;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [handle, entry] : open_) {
            const int64_t idle = now - entry->last_used.load(std::memory_order_relaxed);
            if (idle > entry->idle_timeout.count()) stale.emplace_back(handle, entry);
        }
    }
    for (auto& [handle, entry] : stale) {
        const std::unique_lock turn(entry->turn, std::try_to_lock);
        if (!turn.owns_lock() || !entry->transaction.has_value()) continue;
        if (now - entry->last_used.load(std::memory_order_relaxed) <= entry->idle_timeout.count()) {
            continue;
        }
        entry->transaction.reset();
        const std::lock_guard lock(mutex_);
        open_.erase(handle);
        timed_out_.push_back(handle);
        if (timed_out_.size() > kTimedOutRemembered) timed_out_.pop_front();
    }
}

void TransactionRegistry::close() {
    std::unordered_map<std::string, std::shared_ptr<Entry>> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(open_);
    }
    for (auto& [handle, entry] : all) {
        const std::lock_guard turn(entry->turn);
        entry->transaction.reset();
    }
}

size_t TransactionRegistry::open_count() const {
    const std::lock_guard lock(mutex_);
    return open_.size();
}

}  // namespace deed::server
