#include "engine/txn/transaction.h"

#include <utility>

namespace deed::txn {

Transaction::Transaction(const Parts& parts, OpenTransactions::Ticket ticket,
                         const Options& options)
    : parts_(parts),
      ticket_(std::move(ticket)),
      options_(options),
      snapshot_(ticket_.registration.snapshot()) {
    // A read-only transaction sees one snapshot, which is a place in the order of commits: it needs
    // no validation whatever it asks for.
    if (options.serializable && !options.read_only) reads_ = std::make_unique<ReadSet>();
}

Transaction::~Transaction() {
    rollback();
}

Transaction::Operation::Operation(Transaction& transaction) : transaction_(transaction) {
    if (transaction.state_ != State::kActive) {
        status_ = Error(ErrorCode::kFailedPrecondition, "TRANSACTION_CLOSED",
                        transaction.state_ == State::kCommitted
                            ? "the transaction is committed; begin another"
                            : "the transaction was rolled back; begin another");
        return;
    }
    if (!transaction.ticket_.registration.enter()) {
        status_ = transaction.parts_.open.doomed_error(transaction.ticket_);
        return;
    }
    transaction.parts_.open.touch(transaction.ticket_, true);
}

Transaction::Operation::~Operation() {
    // A commit closes the transaction within its operation.
    if (!status_.ok() || transaction_.state_ != State::kActive) return;
    transaction_.parts_.open.touch(transaction_.ticket_, false);
    transaction_.ticket_.registration.leave();
}

Status Transaction::still_open() const {
    if (ticket_.registration.doomed()) return parts_.open.doomed_error(ticket_);
    return {};
}

Result<CommitTs> Transaction::commit() {
    // Entered all the time: the versions that tell what changed since the snapshot are kept.
    Operation operation(*this);
    if (!operation.status().ok()) {
        // Not closed: whoever asks again hears the same reason.
        writes_.clear();
        return std::move(operation.status()).error();
    }
    if (writes_.empty()) {
        close(State::kCommitted);
        return snapshot_;
    }
    if (reads_ != nullptr) {
        if (Status status = check_size(0); !status.ok()) {
            close(State::kRolledBack);
            return std::move(status).error();
        }
    }
    Result<CommitTs> result = parts_.pipeline.commit(writes_, reads_.get(), snapshot_);
    close(result.ok() ? State::kCommitted : State::kRolledBack);
    return result;
}

void Transaction::rollback() {
    if (state_ == State::kActive) close(State::kRolledBack);
}

void Transaction::close(State state) {
    state_ = state;
    writes_.clear();
    reads_.reset();
    parts_.open.end(ticket_);
}

}  // namespace deed::txn
