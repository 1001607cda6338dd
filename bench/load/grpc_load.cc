// deed-grpc-load: a load of unary calls from one asynchronous client, one JSON line of what came of
// it.
//
//   deed-grpc-load --server 127.0.0.1:7687 --call ping|get|batch --ids N [--in-flight 64]
//                  [--seconds 3] [--rate CALLS_PER_SECOND] [--server-pid PID]
//
// With --rate the calls are sent on a schedule and latency counts from the scheduled moment, so
// that a stall of the server is not hidden by the client waiting for it (coordinated omission).
// With
// --server-pid the server's CPU time per call is read from /proc.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>

#include "deed/v1/admin.grpc.pb.h"
#include "deed/v1/graph.grpc.pb.h"

namespace {

using SteadyClock = std::chrono::steady_clock;

struct Options {
    std::string server = "127.0.0.1:7687";
    std::string call = "get";
    uint64_t ids = 1;
    uint32_t in_flight = 64;
    uint32_t batch = 64;
    double seconds = 3;
    double rate = 0;
    int server_pid = 0;
};

/// User and system seconds of a process so far.
double cpu_seconds(int pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(stat)), {});
    std::istringstream rest(text.substr(text.rfind(')') + 2));
    std::string field;
    double ticks = 0;
    for (int i = 0; i < 13 && rest >> field; ++i) {
        if (i >= 11) ticks += std::stod(field);
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

/// One call in the air; its own tag on the completion queue.
struct Slot {
    SteadyClock::time_point due;
    std::unique_ptr<grpc::ClientContext> context;
    grpc::Status status;
    deed::v1::PingRequest ping;
    deed::v1::PingResponse pong;
    deed::v1::GetEntityRequest get;
    deed::v1::GetEntityResponse got;
    deed::v1::BatchGetEntitiesRequest batch;
    deed::v1::BatchGetEntitiesResponse batched;
    std::unique_ptr<grpc::ClientAsyncResponseReader<deed::v1::PingResponse>> ping_reader;
    std::unique_ptr<grpc::ClientAsyncResponseReader<deed::v1::GetEntityResponse>> get_reader;
    std::unique_ptr<grpc::ClientAsyncResponseReader<deed::v1::BatchGetEntitiesResponse>>
        batch_reader;
};

class Load {
 public:
    explicit Load(const Options& options)
        : options_(options),
          channel_(grpc::CreateChannel(options.server, grpc::InsecureChannelCredentials())),
          graph_(deed::v1::GraphService::NewStub(channel_)),
          admin_(deed::v1::AdminService::NewStub(channel_)),
          slots_(options.in_flight) {}

    int run() {
        for (Slot& slot : slots_) idle_.push_back(&slot);
        const double cpu_before = options_.server_pid ? cpu_seconds(options_.server_pid) : 0;
        start_ = SteadyClock::now();
        const auto end = start_ + std::chrono::duration_cast<SteadyClock::duration>(
                                      std::chrono::duration<double>(options_.seconds));
        if (options_.rate > 0) {
            send_on_schedule(end);
        } else {
            while (SteadyClock::now() < end) {
                send_what_is_idle();
                receive(SteadyClock::now() + std::chrono::seconds(1));
            }
        }
        const double elapsed = std::chrono::duration<double>(SteadyClock::now() - start_).count();
        const uint64_t counted = done_;
        const double cpu =
            (options_.server_pid ? cpu_seconds(options_.server_pid) : 0) - cpu_before;
        while (idle_.size() < slots_.size()) receive(SteadyClock::now() + std::chrono::seconds(5));
        print(counted, elapsed, cpu);
        return failed_ == 0 ? 0 : 1;
    }

 private:
    SteadyClock::time_point due_of(uint64_t call) const {
        return start_ +
               std::chrono::duration_cast<SteadyClock::duration>(
                   std::chrono::duration<double>(static_cast<double>(call) / options_.rate));
    }
    void send_what_is_idle() {
        while (!idle_.empty()) send_next(SteadyClock::now());
    }
    /// One thread sends when a call is due, another waits for answers: gRPC's timers tick in
    /// milliseconds, so a thread that did both would send late and blame the server.
    void send_on_schedule(SteadyClock::time_point end) {
        std::atomic<bool> sending{true};
        std::thread receiver([&] {
            while (sending.load()) receive(SteadyClock::now() + std::chrono::milliseconds(100));
        });
        for (auto due = start_; due < end; due = due_of(sent_)) {
            std::this_thread::sleep_until(due);
            const std::unique_lock lock(mutex_);
            if (!idle_.empty()) send_next(due);
        }
        sending.store(false);
        receiver.join();
    }
    void send_next(SteadyClock::time_point due) {
        Slot* slot = idle_.front();
        idle_.pop_front();
        slot->due = due;
        ++sent_;
        send(*slot);
    }
    void send(Slot& slot) {
        slot.context = std::make_unique<grpc::ClientContext>();
        if (options_.call == "ping") {
            slot.ping_reader = admin_->AsyncPing(slot.context.get(), slot.ping, &queue_);
            slot.ping_reader->Finish(&slot.pong, &slot.status, &slot);
        } else if (options_.call == "get") {
            slot.get.set_id(random_() % options_.ids);
            slot.get_reader = graph_->AsyncGetEntity(slot.context.get(), slot.get, &queue_);
            slot.get_reader->Finish(&slot.got, &slot.status, &slot);
        } else {
            slot.batch.clear_ids();
            for (uint32_t i = 0; i < options_.batch; ++i)
                slot.batch.add_ids(random_() % options_.ids);
            slot.batch_reader =
                graph_->AsyncBatchGetEntities(slot.context.get(), slot.batch, &queue_);
            slot.batch_reader->Finish(&slot.batched, &slot.status, &slot);
        }
    }
    void receive(SteadyClock::time_point until) {
        const auto wall = std::chrono::system_clock::now() +
                          std::chrono::duration_cast<std::chrono::system_clock::duration>(
                              until - SteadyClock::now());
        void* tag = nullptr;
        bool good = false;
        if (queue_.AsyncNext(&tag, &good, wall) != grpc::CompletionQueue::GOT_EVENT) return;
        auto* slot = static_cast<Slot*>(tag);
        const std::unique_lock lock(mutex_);
        ++done_;
        if (!good || !slot->status.ok()) {
            if (failed_++ == 0) std::fprintf(stderr, "%s\n", slot->status.error_message().c_str());
        }
        latencies_us_.push_back(
            std::chrono::duration<float, std::micro>(SteadyClock::now() - slot->due).count());
        idle_.push_back(slot);
    }
    void print(uint64_t counted, double elapsed, double cpu) {
        std::sort(latencies_us_.begin(), latencies_us_.end());
        const auto at = [&](double share) {
            if (latencies_us_.empty()) return 0.0F;
            return latencies_us_[static_cast<size_t>(
                share * static_cast<double>(latencies_us_.size() - 1))];
        };
        std::printf(
            "{\"calls\": %llu, \"failed\": %llu, \"seconds\": %.3f, \"per_second\": %.1f, "
            "\"p50_us\": %.1f, \"p99_us\": %.1f, \"server_cpu_us_per_call\": %.3f}\n",
            static_cast<unsigned long long>(counted), static_cast<unsigned long long>(failed_),
            elapsed, static_cast<double>(counted) / elapsed, at(0.5), at(0.99),
            counted ? cpu * 1e6 / static_cast<double>(counted) : 0.0);
    }

    Options options_;
    std::shared_ptr<grpc::Channel> channel_;
    std::unique_ptr<deed::v1::GraphService::Stub> graph_;
    std::unique_ptr<deed::v1::AdminService::Stub> admin_;
    grpc::CompletionQueue queue_;
    std::vector<Slot> slots_;
    // Guards what follows; only a schedule has two threads.
    std::mutex mutex_;
    std::deque<Slot*> idle_;
    std::vector<float> latencies_us_;
    std::mt19937_64 random_{7};
    SteadyClock::time_point start_;
    uint64_t sent_ = 0;
    uint64_t done_ = 0;
    uint64_t failed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"A load of unary gRPC calls on a Deed server."};
    app.add_option("--server", options.server);
    app.add_option("--call", options.call)->check(CLI::IsMember({"ping", "get", "batch"}));
    app.add_option("--ids", options.ids)->check(CLI::PositiveNumber);
    app.add_option("--in-flight", options.in_flight)->check(CLI::Range(1, 4096));
    app.add_option("--batch", options.batch)->check(CLI::Range(1, 65536));
    app.add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 600.0));
    app.add_option("--rate", options.rate);
    app.add_option("--server-pid", options.server_pid);
    CLI11_PARSE(app, argc, argv);
    return Load(options).run();
}
