#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <mutex>
#include <optional>

#include "engine/base/result.h"
#include "server/grpc/call_context.h"
#include "server/grpc/stream_calls.h"

namespace deed::server {

/// A load: reads batches, has each performed on a worker, writes one answer per batch in order.
/// At most two batches are inside (read, not yet answered to the end), so that one is parsed by
/// gRPC while the other is performed, and a client that is too fast, or that does not read its
/// answers, is held by flow control.
///
///     open --client half-closes--> closing --last answer written--> finished
///       |---gate stops--> closing (UNAVAILABLE after the batches that were read)
///       \---fatal error, cancelled--> closing (batches that wait are dropped)
///
/// Thread safety: gRPC calls the reactions from its threads, batches run on one worker at a time;
/// the mutex orders them. Lifetime: deletes itself in OnDone. Invariants: Finish is called once,
/// last, outside the mutex.
class IngestStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
    /// REQUIRES: the call has entered the gate.
    IngestStream(const Services& services, grpc::CallbackServerContext* context);

    void OnReadDone(bool ok) override;
    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override;

 private:
    static constexpr int kInsideMax = 2;

    void perform_waiting();
    Result<grpc::ByteBuffer> perform(const grpc::ByteBuffer& batch);
    void on_gate_stop();
    // All three REQUIRE mutex_ to be held.
    void read_on();
    void close(const Error& why);
    [[nodiscard]] std::optional<grpc::Status> take_final();

    const Services& services_;
    // Relaxed: looked at now and then; what must be ordered is under the mutex.
    std::atomic<bool> stop_{false};
    calls::Ingest ingest_;  // used by the worker that runs `perform_waiting` only

    std::mutex mutex_;
    // Guarded by mutex_.
    grpc::ByteBuffer incoming_;             // gRPC's while reading_
    std::deque<grpc::ByteBuffer> batches_;  // read, not yet performed
    std::deque<grpc::ByteBuffer> answers_;  // the first is being written while writing_
    int inside_ = 0;
    bool reading_ = false;
    bool performing_ = false;
    bool writing_ = false;
    bool closing_ = false;
    bool finished_ = false;
    grpc::Status final_ = grpc::Status::OK;

    std::optional<Gate::Listeners::iterator> listener_;
};

}  // namespace deed::server
