#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <google/protobuf/message_lite.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <mutex>
#include <optional>

#include "engine/api/types.h"
#include "engine/base/result.h"
#include "server/grpc/call_context.h"

namespace deed::server {

/// An answer in many messages, made on a worker and written as fast as the reader takes them: one
/// write is under way at a time, a few chunks wait behind it, and then the worker waits.
///
///     making --job ends--> finishing --last write done--> finished --OnDone--> deleted
///        \---cancelled, reader stalled---/   (chunks that wait are dropped)
///
/// Thread safety: gRPC calls the reactions from its threads, the job runs on one worker; the mutex
/// orders them. Lifetime: deletes itself in OnDone. Invariants: Finish is called once, last,
/// outside the mutex, because the object may be gone when it returns.
class ChunkStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
    /// Makes the messages with `put` until done, or until `put` answers false.
    using Job = std::function<Status(ChunkStream& stream, CallContext& call)>;

    /// REQUIRES: the call has entered the gate and is counted in `services.streams`.
    ChunkStream(const Services& services, grpc::CallbackServerContext* context, Job job);

    /// Waits until there is room. False: nobody reads on. On the job's thread.
    bool put(const google::protobuf::MessageLite& message);

    void OnWriteDone(bool ok) override;
    void OnCancel() override;
    void OnDone() override;

 private:
    static constexpr size_t kWaitingMax = 4;

    void perform();
    void end(Status done);

    const Services& services_;
    grpc::CallbackServerContext* const context_;
    const CallContext::Deadline deadline_;
    const Job job_;
    // Relaxed: looked at now and then; what must be ordered is under the mutex.
    std::atomic<bool> stop_{false};

    std::mutex mutex_;
    // Guarded by mutex_.
    std::condition_variable room_;
    std::deque<grpc::ByteBuffer> waiting_;  // the first is being written while writing_
    bool writing_ = false;
    bool stalled_ = false;
    std::optional<Error> failed_;  // a message that could not be made
    std::optional<grpc::Status> final_;
};

}  // namespace deed::server
