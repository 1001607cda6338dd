#include "server/grpc/reactor/ingest_stream.h"

#include <exception>
#include <google/protobuf/arena.h>
#include <utility>

#include "engine/base/log.h"
#include "server/grpc/status.h"
#include "server/grpc/wire.h"

namespace deed::server {

IngestStream::IngestStream(const Services& services, grpc::CallbackServerContext* /*context*/)
    : services_(services), ingest_(services) {
    {
        const std::lock_guard lock(mutex_);
        read_on();
    }
    listener_ = services_.gate.listen([this] { on_gate_stop(); });
}

void IngestStream::read_on() {
    if (reading_ || closing_ || inside_ >= kInsideMax) return;
    reading_ = true;
    StartRead(&incoming_);
}

void IngestStream::close(const Error& why) {
    if (closing_ && !final_.ok()) return;
    closing_ = true;
    final_ = to_grpc_status(why, services_.limits);
}

std::optional<grpc::Status> IngestStream::take_final() {
    if (!closing_ || finished_ || performing_ || writing_) return std::nullopt;
    finished_ = true;
    return final_;
}

void IngestStream::OnReadDone(bool ok) {
    std::unique_lock lock(mutex_);
    reading_ = false;
    if (!ok) {
        closing_ = true;
    } else if (!closing_) {
        ++inside_;
        batches_.emplace_back();
        batches_.back().Swap(&incoming_);
        if (!performing_) {
            performing_ = true;
            services_.workers.submit([this] { perform_waiting(); });
        }
        read_on();
    }
    auto final = take_final();
    lock.unlock();
    if (final.has_value()) Finish(std::move(*final));
}

void IngestStream::perform_waiting() {
    std::unique_lock lock(mutex_);
    while (!batches_.empty() && !stop_.load(std::memory_order_relaxed)) {
        const grpc::ByteBuffer batch = std::move(batches_.front());
        batches_.pop_front();
        lock.unlock();
        auto answer = perform(batch);
        lock.lock();
        if (!answer.ok()) {
            close(answer.error());
            break;
        }
        answers_.push_back(std::move(answer).value());
        if (!writing_) {
            writing_ = true;
            StartWrite(&answers_.front());
        }
    }
    batches_.clear();
    performing_ = false;
    auto final = take_final();
    lock.unlock();
    if (final.has_value()) Finish(std::move(*final));
}

Result<grpc::ByteBuffer> IngestStream::perform(const grpc::ByteBuffer& batch) {
    try {
        google::protobuf::ArenaOptions options;
        options.start_block_size = 64 << 10;
        options.max_block_size = 1 << 20;
        google::protobuf::Arena arena(options);
        auto* request = google::protobuf::Arena::CreateMessage<v1::IngestRequest>(&arena);
        DEED_RETURN_IF_ERROR(parse(batch, services_.limits, request));
        auto* response = google::protobuf::Arena::CreateMessage<v1::IngestResponse>(&arena);
        DEED_RETURN_IF_ERROR(ingest_.apply(*request, api::StopToken(&stop_), response));
        grpc::ByteBuffer buffer;
        DEED_RETURN_IF_ERROR(serialize(*response, services_.limits, &buffer));
        return buffer;
    } catch (const std::exception& fault) {
        log()->error("a load ended with an exception: {}", fault.what());
        return Error(ErrorCode::kInternal, "INTERNAL",
                     "the server failed to perform this batch; its log says more");
    }
}

void IngestStream::OnWriteDone(bool ok) {
    std::unique_lock lock(mutex_);
    answers_.pop_front();
    --inside_;
    writing_ = false;
    if (!ok) {
        stop_.store(true, std::memory_order_relaxed);
        answers_.clear();
        closing_ = true;
    }
    if (!answers_.empty()) {
        writing_ = true;
        StartWrite(&answers_.front());
    }
    read_on();
    auto final = take_final();
    lock.unlock();
    if (final.has_value()) Finish(std::move(*final));
}

void IngestStream::OnCancel() {
    std::unique_lock lock(mutex_);
    stop_.store(true, std::memory_order_relaxed);
    close(Error(ErrorCode::kCancelled, "CANCELLED", "the stream was cancelled"));
    auto final = take_final();
    lock.unlock();
    if (final.has_value()) Finish(std::move(*final));
}

void IngestStream::on_gate_stop() {
    std::unique_lock lock(mutex_);
    close(Error(ErrorCode::kUnavailable, "SHUTTING_DOWN",
                "the server is shutting down; every batch that was answered is kept, send the "
                "others again later"));
    auto final = take_final();
    lock.unlock();
    if (final.has_value()) Finish(std::move(*final));
}

void IngestStream::OnDone() {
    services_.gate.unlisten(*listener_);
    services_.gate.leave();
    delete this;
}

}  // namespace deed::server
