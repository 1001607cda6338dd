#include "server/grpc/reactor/chunk_stream.h"

#include <exception>
#include <utility>

#include "engine/base/log.h"
#include "server/grpc/status.h"
#include "server/grpc/wire.h"

namespace deed::server {

ChunkStream::ChunkStream(const Services& services, grpc::CallbackServerContext* context, Job job)
    : services_(services), context_(context), deadline_(context->deadline()), job_(std::move(job)) {
    services_.workers.submit([this] { perform(); });
}

void ChunkStream::perform() {
    if (stop_.load(std::memory_order_relaxed)) {
        end(Error(ErrorCode::kCancelled, "CANCELLED", "the caller went away"));
        return;
    }
    try {
        CallContext call(services_, api::StopToken(&stop_), deadline_, true);
        end(job_(*this, call));
    } catch (const std::exception& fault) {
        log()->error("a stream ended with an exception: {}", fault.what());
        end(Error(ErrorCode::kInternal, "INTERNAL",
                  "the server failed to perform this call; its log says more"));
    }
}

bool ChunkStream::put(const google::protobuf::MessageLite& message) {
    grpc::ByteBuffer buffer;
    auto made = serialize(message, services_.limits, &buffer);
    std::unique_lock lock(mutex_);
    if (!made.ok()) {
        failed_ = std::move(made).error();
        return false;
    }
    const auto may_go_on = [this] {
        return waiting_.size() < kWaitingMax || stop_.load(std::memory_order_relaxed);
    };
    if (!room_.wait_for(lock, services_.limits.reader_stall, may_go_on)) {
        stalled_ = true;
        stop_.store(true, std::memory_order_relaxed);
        lock.unlock();
        // The write that is under way would never end by itself.
        context_->TryCancel();
        return false;
    }
    if (stop_.load(std::memory_order_relaxed)) return false;
    waiting_.push_back(std::move(buffer));
    if (!writing_) {
        writing_ = true;
        StartWrite(&waiting_.front());
    }
    return true;
}

void ChunkStream::end(Status done) {
    // Before the caller hears of the end: it may begin its next stream at once.
    services_.streams.fetch_sub(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    if (failed_.has_value()) done = std::move(*failed_);
    if (stalled_) {
        done = Error(ErrorCode::kCancelled, "READER_STALLED",
                     "nothing was read from this stream for too long; read faster, or in pages");
    }
    auto status = done.ok() ? grpc::Status::OK : to_grpc_status(done.error(), services_.limits);
    if (writing_) {
        final_ = std::move(status);
        return;
    }
    lock.unlock();
    Finish(std::move(status));
}

void ChunkStream::OnWriteDone(bool ok) {
    std::unique_lock lock(mutex_);
    waiting_.pop_front();
    if (!ok) {
        stop_.store(true, std::memory_order_relaxed);
        waiting_.clear();
    }
    room_.notify_one();
    if (!waiting_.empty()) {
        StartWrite(&waiting_.front());
        return;
    }
    writing_ = false;
    if (!final_.has_value()) return;
    auto status = std::move(*final_);
    lock.unlock();
    Finish(std::move(status));
}

void ChunkStream::OnCancel() {
    const std::lock_guard lock(mutex_);
    stop_.store(true, std::memory_order_relaxed);
    room_.notify_one();
}

void ChunkStream::OnDone() {
    services_.gate.leave();
    delete this;
}

}  // namespace deed::server
