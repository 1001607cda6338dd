#include "server/daemon/daemon.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "engine/api/database.h"
#include "engine/base/log.h"
#include "server/daemon/notify.h"
#include "server/grpc/server.h"

namespace deed::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{1000};
/// Time for the answers OUTCOME_UNKNOWN to reach their callers before the process ends.
constexpr milliseconds kFatalGrace{250};
/// After the grace: health watchers and whoever did not leave are cut off after this.
constexpr milliseconds kCutOff{200};
/// A cancelled call whose client does not even poll its socket ends only when gRPC next looks,
/// which takes it 5 to 10 s. Nobody waits for that answer, so the process does not either.
constexpr milliseconds kPatience{2000};
/// Sent by the process to itself when a sync failed.
constexpr int kFatalSignal = SIGUSR1;

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, kFatalSignal}) sigaddset(&set, signal);
    return set;
}

extern "C" void exit_at_once(int signal) {
    _exit(128 + signal);
}

/// From here on another SIGTERM or SIGINT ends the process where it stands.
void let_second_signal_kill() {
    for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, exit_at_once);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

/// Memory holds user data and, later, secrets: neither may end in a core file.
void forbid_core_dumps() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// What the process makes is for its own user only, and it may hold as many files and connections
/// as the system allows it at most.
void prepare_files() {
    umask(0077);
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/// Sweeps idle transactions and tells the service manager that the engine lives: each tick it takes
/// a snapshot and gives it back, so that a stuck engine stops the pings.
///
/// Thread safety: made and destroyed on one thread. Lifetime: destroy before what it looks after.
class Housekeeper {
 public:
    Housekeeper(api::Database& database, TransactionRegistry& transactions)
        : database_(database), transactions_(transactions), thread_([this] { run(); }) {}
    ~Housekeeper() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }
    Housekeeper(const Housekeeper&) = delete;
    Housekeeper& operator=(const Housekeeper&) = delete;

 private:
    void run() {
        const auto period = watchdog_period();
        const auto tick =
            period.count() > 0
                ? std::min(kTick, std::chrono::duration_cast<milliseconds>(period / 3))
                : kTick;
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, tick, [this] { return stopping_; })) {
            lock.unlock();
            transactions_.sweep();
            if (engine_lives() && period.count() > 0) notify_manager("WATCHDOG=1");
            lock.lock();
        }
    }

    bool engine_lives() {
        if (database_.failed()) return false;
        auto probe = database_.begin({.read_only = true});
        // A full table of transactions is an answer too: the engine runs.
        return probe.ok() || probe.error().code() == ErrorCode::kLimitExceeded;
    }

    api::Database& database_;
    TransactionRegistry& transactions_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread thread_;
};

/// Everything that serves, in the order in which it is made; taken down in the opposite one.
struct Serving {
    Serving(const Config& config, api::Database& database)
        : gate(config.limits.concurrent_requests),
          workers({.threads_max = config.workers_max}),
          transactions(database, config.limits, config.database.idle_timeout, Clock::system()),
          services{.database = database,
                   .transactions = transactions,
                   .limits = config.limits,
                   .gate = gate,
                   .workers = workers,
                   .commits_wait = config.database.durability == api::Durability::kSync,
                   .version = DEED_VERSION} {}

    Gate gate;
    Workers workers;
    TransactionRegistry transactions;
    Services services;
};

void warn_at_start(const Config& config) {
    if (geteuid() == 0) {
        log()->warn("running as root; a user of its own is enough and safer");
    }
    if (config.insecure_no_auth) {
        log()->warn("no authentication: every user of this machine can read and write the graph");
    }
}

void announce(const Config& config, uint16_t port) {
    const std::string host = config.listen.substr(0, config.listen.rfind(':'));
    log()->info("listening on {}:{}", host, port);
    std::printf("deed-server ready on %s:%u\n", host.c_str(), static_cast<unsigned>(port));
    std::fflush(stdout);
    notify_manager("READY=1");
}

/// Returns SIGTERM, SIGINT or kFatalSignal.
int wait_for_end() {
    const sigset_t set = handled_signals();
    while (true) {
        int signal = 0;
        if (sigwait(&set, &signal) != 0) continue;
        if (signal != SIGHUP) return signal;
        reopen_log();
        log()->info("SIGHUP: log file opened again");
    }
}

ExitCode fail(const Error& error) {
    log()->error("{}", error.to_string());
    std::fprintf(stderr, "deed-server: %s\n", error.message().c_str());
    return exit_code_of(error);
}

/// gRPC has calls left that will not hear us: close without it.
[[noreturn]] void end_without_grpc(Serving& serving, api::Database& database) {
    log()->warn("a client holds a cancelled call open; closing without it");
    serving.workers.stop();
    serving.transactions.close();
    const Status closed = database.close();
    const ExitCode code = closed.ok() ? ExitCode::kOk : fail(closed.error());
    if (closed.ok()) log()->info("closed");
    log()->flush();
    _exit(static_cast<int>(code));
}

void drain(const Config& config, Serving& serving, GrpcServer& server, api::Database& database) {
    notify_manager("STOPPING=1");
    server.set_serving(false);
    serving.gate.stop();
    log()->info("draining: {} calls under way, {} ms at most", serving.gate.inside(),
                config.shutdown_grace.count());
    if (!serving.gate.wait_drained(config.shutdown_grace)) {
        log()->warn("{} calls did not end in time and are cancelled", serving.gate.inside());
    }
    auto ended = std::async(std::launch::async, [&] { server.shutdown(kCutOff); });
    if (ended.wait_for(kCutOff + kPatience) == std::future_status::timeout) {
        end_without_grpc(serving, database);
    }
    serving.workers.stop();
    serving.transactions.close();
}

/// A failed sync: what memory holds may not be what the disk holds, so nothing more is served.
[[noreturn]] void end_after_failed_sync(Serving& serving, GrpcServer& server) {
    server.set_serving(false);
    serving.gate.stop();
    serving.gate.wait_drained(kFatalGrace);
    log()->flush();
    _exit(static_cast<int>(ExitCode::kOutcomeUnknown));
}

ExitCode serve(const Config& config, api::Database& database) {
    Serving serving(config, database);
    auto server = GrpcServer::start(serving.services, config.listen);
    if (!server.ok()) return fail(server.error());
    Housekeeper housekeeper(database, serving.transactions);
    (*server)->set_serving(true);
    announce(config, (*server)->port());
    const int signal = wait_for_end();
    if (signal == kFatalSignal) end_after_failed_sync(serving, **server);
    log()->info("{}: shutting down", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    let_second_signal_kill();
    drain(config, serving, **server, database);
    return ExitCode::kOk;
}

}  // namespace

ExitCode exit_code_of(const Error& error) {
    switch (error.code()) {
        case ErrorCode::kCorruption:
            return ExitCode::kCorruption;
        case ErrorCode::kDiskFull:
            return ExitCode::kDiskFull;
        case ErrorCode::kLockHeld:
            return ExitCode::kLockHeld;
        case ErrorCode::kOutcomeUnknown:
            return ExitCode::kOutcomeUnknown;
        default:
            return ExitCode::kConfig;
    }
}

ExitCode run_daemon(const Config& config) {
    const sigset_t set = handled_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    // A file that may not grow (ulimit -f) is a failed write, which has an error and an exit code.
    std::signal(SIGXFSZ, SIG_IGN);
    forbid_core_dumps();
    prepare_files();
    if (const std::string wrong = configure_logging(config.log); !wrong.empty()) {
        std::fprintf(stderr, "deed-server: %s\n", wrong.c_str());
        return ExitCode::kConfig;
    }
    log()->info("deed-server {} starting, data in {}", DEED_VERSION, config.database.data_dir);
    warn_at_start(config);
    api::DatabaseOptions options = config.database;
    options.open_transactions_max = limits::kSnapshotsMax;
    options.on_fatal = [](const std::string& why) {
        log()->critical("a commit could not be synced: {}; the process ends, restart it", why);
        kill(getpid(), kFatalSignal);
    };
    auto database = api::Database::open(options);
    if (!database.ok()) return fail(database.error());
    const api::Stats stats = (*database)->stats();
    log()->info("open: {} nodes, {} edges, recovered in {:.2f} s", stats.entity_count,
                stats.edge_count, stats.recovery_seconds);
    const ExitCode code = serve(config, **database);
    if (code != ExitCode::kOk) return code;
    if (auto closed = (*database)->close(); !closed.ok()) return fail(closed.error());
    log()->info("closed");
    return ExitCode::kOk;
}

}  // namespace deed::server
