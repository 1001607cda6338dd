#include "server/grpc/reactor/unary.h"

#include <atomic>
#include <exception>
#include <new>
#include <utility>

#include "engine/base/log.h"
#include "server/grpc/status.h"

namespace deed::server {
namespace {

/// A request above this size goes to a worker unread: parsing it takes 50 us and more.
constexpr size_t kInlineRequestBytesMax = 32 << 10;

/// The last catch of a call: nothing that a library throws may end the process.
Status run_guarded(UnaryRun run, const Services& services, const grpc::ByteBuffer& in,
                   grpc::ByteBuffer* out, api::StopToken stop, CallContext::Deadline deadline,
                   bool on_worker, bool* wants_worker) {
    try {
        return run(services, in, out, stop, deadline, on_worker, wants_worker);
    } catch (const std::bad_alloc&) {
        return Error(ErrorCode::kLimitExceeded, "OUT_OF_MEMORY",
                     "the server has no memory left for this request; ask for less");
    } catch (const std::exception& fault) {
        log()->error("a call ended with an exception: {}", fault.what());
        return Error(ErrorCode::kInternal, "INTERNAL",
                     "the server failed to perform this call; its log says more");
    }
}

/// A call that runs on a worker. Deletes itself when gRPC has done with it.
///
/// Thread safety: gRPC calls OnCancel and OnDone from its threads, `run` is on a worker; they share
/// `stop_` only.
class WorkerCall final : public grpc::ServerUnaryReactor {
 public:
    WorkerCall(const Services& services, UnaryRun run, grpc::CallbackServerContext* context,
               const grpc::ByteBuffer* in, grpc::ByteBuffer* out)
        : services_(services), run_(run), deadline_(context->deadline()), in_(in), out_(out) {
        services_.workers.submit([this] { perform(); });
    }

    void OnCancel() override { stop_.store(true, std::memory_order_relaxed); }
    void OnDone() override { delete this; }

 private:
    void perform() {
        // A caller that went away while the call stood in the queue costs nothing more.
        if (stop_.load(std::memory_order_relaxed)) {
            finish(Error(ErrorCode::kCancelled, "CANCELLED", "the caller went away"));
            return;
        }
        bool unused = false;
        finish(run_guarded(run_, services_, *in_, out_, api::StopToken(&stop_), deadline_, true,
                           &unused));
    }

    void finish(const Status& done) {
        const auto status =
            done.ok() ? grpc::Status::OK : to_grpc_status(done.error(), services_.limits);
        services_.gate.leave();
        // The object may be gone as soon as this is called.
        Finish(status);
    }

    const Services& services_;
    const UnaryRun run_;
    const CallContext::Deadline deadline_;
    const grpc::ByteBuffer* const in_;
    grpc::ByteBuffer* const out_;
    // Relaxed: a flag that is looked at now and then; nothing is published through it.
    std::atomic<bool> stop_{false};
};

}  // namespace

grpc::ServerUnaryReactor* start_unary(const Services& services, UnaryRun run,
                                      grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* in, grpc::ByteBuffer* out) {
    if (auto entered = services.gate.enter(); !entered.ok()) {
        auto* reactor = context->DefaultReactor();
        reactor->Finish(to_grpc_status(entered.error(), services.limits));
        return reactor;
    }
    bool wants_worker = in->Valid() && in->Length() > kInlineRequestBytesMax;
    if (!wants_worker) {
        auto done = run_guarded(run, services, *in, out, api::StopToken(), context->deadline(),
                                false, &wants_worker);
        if (!wants_worker) {
            services.gate.leave();
            auto* reactor = context->DefaultReactor();
            reactor->Finish(done.ok() ? grpc::Status::OK
                                      : to_grpc_status(done.error(), services.limits));
            return reactor;
        }
    }
    return new WorkerCall(services, run, context, in, out);
}

}  // namespace deed::server
