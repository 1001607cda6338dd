#include "tests/protocol/running_server.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

extern char** environ;

namespace deed::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The server's address space is larger under sanitizers and its start slower.
constexpr milliseconds kStartPatience{60'000};

pid_t spawn(const std::vector<std::string>& arguments, int out, const char* err_file) {
    std::vector<std::string> all = {DEED_SERVER_BINARY};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& argument : all) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (err_file != nullptr) {
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_file,
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot start " + all[0]);
    return pid;
}

int code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Reads one line, or as much as comes before the writer closes or patience ends.
std::string read_line(int fd) {
    std::string line;
    const auto until = steady_clock::now() + kStartPatience;
    while (steady_clock::now() < until) {
        pollfd ready{fd, POLLIN, 0};
        if (poll(&ready, 1, 100) <= 0) continue;
        char c = 0;
        if (read(fd, &c, 1) != 1 || c == '\n') break;
        line.push_back(c);
    }
    return line;
}

}  // namespace

TempDir::TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "deed-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

Ended run_to_end(const std::vector<std::string>& arguments) {
    const TempDir dir;
    const std::string err = dir.path() + "/err";
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const pid_t pid = spawn(arguments, null, err.c_str());
    close(null);
    int status = 0;
    waitpid(pid, &status, 0);
    std::ifstream file(err);
    return {code_of(status),
            {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}};
}

RunningServer::RunningServer(const std::string& data_dir, std::vector<std::string> more) {
    std::vector<std::string> arguments = {
        "--data-dir",   data_dir, "--listen",    "127.0.0.1:0", "--insecure-no-auth",
        "--durability", "none",   "--log-level", "warn"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = spawn(arguments, ends[1], nullptr);
    close(ends[1]);
    output_ = ends[0];
    ready_line_ = read_line(output_);
    if (!ready_line_.starts_with("deed-server ready on ")) {
        throw std::runtime_error("deed-server did not start: \"" + ready_line_ + "\"");
    }
    channel_ = connect(address());
    graph_ = v1::GraphService::NewStub(channel_);
    admin_ = v1::AdminService::NewStub(channel_);
}

RunningServer::~RunningServer() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(output_);
}

std::string RunningServer::address() const {
    return ready_line_.substr(ready_line_.rfind(' ') + 1);
}

void RunningServer::signal(int number) const {
    kill(pid_, number);
}

int RunningServer::wait(milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) {
        if (steady_clock::now() > until) return -1;
        std::this_thread::sleep_for(milliseconds(10));
    }
    pid_ = -1;
    return code_of(status);
}

uint64_t RunningServer::resident_bytes() const {
    std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
    uint64_t total = 0;
    uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t RunningServer::requests_active() {
    grpc::ClientContext context;
    v1::StatsResponse stats;
    if (!graph_->Stats(&context, {}, &stats).ok()) return UINT64_MAX;
    return stats.requests_active() - 1;
}

bool RunningServer::becomes_idle(milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    while (requests_active() != 0) {
        if (steady_clock::now() > until) return false;
        std::this_thread::sleep_for(milliseconds(20));
    }
    return true;
}

std::shared_ptr<grpc::Channel> connect(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Details details_of(const grpc::Status& status) {
    Details found;
    google::rpc::Status packed;
    if (!packed.ParseFromString(status.error_details())) return found;
    for (const auto& any : packed.details()) {
        google::rpc::ErrorInfo info;
        google::rpc::BadRequest request;
        if (any.UnpackTo(&info)) {
            found.reason = info.reason();
            found.domain = info.domain();
            found.metadata = {info.metadata().begin(), info.metadata().end()};
        } else if (any.UnpackTo(&request)) {
            found.field = request.field_violations(0).field();
        } else if (any.Is<google::rpc::RetryInfo>()) {
            found.retry = true;
        }
    }
    return found;
}

v1::Value integer(int64_t number) {
    v1::Value made;
    made.set_integer(number);
    return made;
}

v1::Value text(const std::string& utf8) {
    v1::Value made;
    made.set_string(utf8);
    return made;
}

}  // namespace deed::test
