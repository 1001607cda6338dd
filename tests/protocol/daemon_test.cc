#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include "tests/protocol/running_server.h"

namespace deed::test {
namespace {

using grpc::ByteBuffer;
using grpc::ClientContext;
using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

/// A call with bytes of our own choice.
grpc::Status raw_call(RunningServer& server, const char* method, const std::string& bytes,
                      std::string* answer = nullptr) {
    const grpc::Slice slice(bytes);
    const ByteBuffer request(&slice, 1);
    ByteBuffer response;
    ClientContext context;
    const auto status = grpc::internal::BlockingUnaryCall<ByteBuffer, ByteBuffer>(
        server.channel().get(),
        grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::NORMAL_RPC), &context, request,
        &response);
    grpc::Slice out;
    if (status.ok() && answer != nullptr && response.DumpToSingleSlice(&out).ok()) {
        answer->assign(reinterpret_cast<const char*>(out.begin()), out.size());
    }
    return status;
}

constexpr const char* kAddEntity = "/deed.v1.GraphService/AddEntity";

uint64_t add_node(RunningServer& server) {
    ClientContext context;
    v1::AddEntityResponse response;
    const auto status = server.graph().AddEntity(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.id();
}

bool has_node(RunningServer& server, uint64_t id) {
    ClientContext context;
    v1::GetEntityRequest request;
    request.set_id(id);
    v1::GetEntityResponse response;
    return server.graph().GetEntity(&context, request, &response).ok();
}

TEST(Daemon, SaysWhereItListensAndEndsWithZeroAndItsData) {
    const TempDir dir;
    uint64_t id = 0;
    {
        RunningServer server(dir.path());
        EXPECT_THAT(server.ready_line(),
                    testing::MatchesRegex("deed-server ready on 127\\.0\\.0\\.1:[0-9]+"));
        EXPECT_THAT(server.ready_line(), testing::Not(testing::EndsWith(":0")));
        id = add_node(server);
        server.signal(SIGTERM);
        EXPECT_EQ(server.wait(), 0);
    }
    RunningServer again(dir.path());
    EXPECT_TRUE(has_node(again, id));
}

TEST(Daemon, ASyncedCommitSurvivesAKill) {
    const TempDir dir;
    uint64_t id = 0;
    {
        RunningServer server(dir.path(), {"--durability", "sync"});
        id = add_node(server);
        server.signal(SIGKILL);
        EXPECT_EQ(server.wait(), 128 + SIGKILL);
    }
    RunningServer again(dir.path());
    EXPECT_TRUE(has_node(again, id));
}

TEST(Daemon, ASecondServerOnTheSameDataSaysWhoHasIt) {
    const TempDir dir;
    RunningServer server(dir.path());
    const auto second =
        run_to_end({"--data-dir", dir.path(), "--listen", "127.0.0.1:0", "--insecure-no-auth"});
    EXPECT_EQ(second.code, 4) << second.err;
    EXPECT_THAT(second.err, HasSubstr(std::to_string(server.pid())));
}

TEST(Daemon, APortInUseIsSaid) {
    const TempDir dir;
    const TempDir other;
    RunningServer server(dir.path());
    const auto second = run_to_end(
        {"--data-dir", other.path(), "--listen", server.address(), "--insecure-no-auth"});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("in use"));
}

TEST(Daemon, WrongConfigurationEndsWithOneAndSaysWhat) {
    const TempDir dir;
    const auto wrong = [](const std::vector<std::string>& arguments) {
        const auto ended = run_to_end(arguments);
        EXPECT_EQ(ended.code, 1);
        return ended.err;
    };
    EXPECT_THAT(wrong({}), HasSubstr("--insecure-no-auth"));
    EXPECT_THAT(wrong({"--listen", "0.0.0.0:7687", "--insecure-no-auth"}),
                HasSubstr("neither TLS nor authentication"));
    EXPECT_THAT(wrong({"--durability", "fsync"}), HasSubstr("\"sync\" \"interval\" \"none\""));
    EXPECT_THAT(wrong({"--set", "limits.batch_itemz=1"}), HasSubstr("limits.batch_items"));
    EXPECT_THAT(wrong({"--set", "nonsense"}), HasSubstr("key=value"));
    EXPECT_THAT(wrong({"--no-such-flag", "7"}),
                HasSubstr("deed-server: there is no flag --no-such-flag"));
    EXPECT_THAT(wrong({"data"}), HasSubstr("deed-server: unknown argument data"));
    EXPECT_THAT(wrong({"--config", "/nowhere.toml"}), HasSubstr("/nowhere.toml"));
    const std::string file = dir.path() + "/deed.toml";
    std::ofstream(file) << "[log]\nlevel = \"loud\"\n";
    EXPECT_THAT(wrong({"--config", file}), AllOf(HasSubstr("line 2"), HasSubstr("loud")));
    std::ofstream(file) << "[server]\ninsecure_no_auth = true\n";
    EXPECT_EQ(run_to_end({"--config", file, "--check-config"}).code, 0);
}

TEST(Daemon, ADrainAnswersWhatAnOpenLoadSentAndThenEnds) {
    const TempDir dir;
    uint64_t id = 0;
    {
        RunningServer server(dir.path());
        ClientContext context;
        auto stream = server.graph().Ingest(&context);
        v1::IngestRequest batch;
        batch.add_nodes();
        ASSERT_TRUE(stream->Write(batch));
        v1::IngestResponse answer;
        ASSERT_TRUE(stream->Read(&answer));
        id = answer.node_ids(0);
        server.signal(SIGTERM);
        EXPECT_FALSE(stream->Read(&answer));
        const auto status = stream->Finish();
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
        EXPECT_EQ(details_of(status).reason, "SHUTTING_DOWN");
        EXPECT_EQ(server.wait(milliseconds(10'000)), 0);
    }
    RunningServer again(dir.path());
    EXPECT_TRUE(has_node(again, id));
}

/// A walk that would last for ever is given the grace and no more.
TEST(Daemon, TheGraceEndsAndASecondSignalDoesNotWaitForIt) {
    for (const bool second_signal : {false, true}) {
        const TempDir dir;
        RunningServer server(
            dir.path(), {"--set", second_signal ? "shutdown.grace=1h" : "shutdown.grace=500ms"});
        v1::BatchRequest clique;
        constexpr uint32_t kNodes = 25;
        for (uint32_t i = 0; i < kNodes; ++i) clique.add_operations()->mutable_add_node();
        for (uint32_t i = 0; i < kNodes * kNodes; ++i) {
            auto* edge = clique.add_operations()->mutable_add_edge();
            edge->mutable_start()->set_created(i / kNodes);
            edge->mutable_end()->set_created(i % kNodes);
            edge->set_type("K");
        }
        ClientContext making;
        v1::BatchResponse made;
        ASSERT_TRUE(server.graph().Batch(&making, clique, &made).ok());
        v1::TraverseRequest walk;
        walk.set_start(made.ids(0));
        walk.set_depth_max(12);
        walk.set_mode(v1::TraverseRequest::MODE_PATHS);
        ClientContext context;
        auto reader = server.graph().Traverse(&context, walk);
        v1::TraverseChunk chunk;
        ASSERT_TRUE(reader->Read(&chunk));
        server.signal(SIGTERM);
        if (second_signal) {
            std::this_thread::sleep_for(milliseconds(300));
            EXPECT_EQ(server.wait(milliseconds(0)), -1) << "the walk is still under way";
            server.signal(SIGTERM);
        }
        EXPECT_EQ(server.wait(milliseconds(10'000)), second_signal ? 128 + SIGTERM : 0);
        while (reader->Read(&chunk)) {
        }
        EXPECT_FALSE(reader->Finish().ok());
    }
}

TEST(Daemon, AnIdleTransactionIsEndedAndItsHandleSaysWhy) {
    const TempDir dir;
    RunningServer server(dir.path(), {"--set", "transactions.idle_timeout=1s"});
    ClientContext beginning;
    v1::BeginTransactionResponse begun;
    ASSERT_TRUE(server.graph().BeginTransaction(&beginning, {}, &begun).ok());
    v1::AddEntityRequest add;
    add.set_transaction(begun.transaction());
    v1::AddEntityResponse added;
    ClientContext adding;
    ASSERT_TRUE(server.graph().AddEntity(&adding, add, &added).ok());
    grpc::Status status;
    // Not asking keeps it idle, so each look waits for longer than the time-out.
    for (int i = 0; i < 10 && status.ok(); ++i) {
        std::this_thread::sleep_for(milliseconds(2500));
        ClientContext again;
        status = server.graph().AddEntity(&again, add, &added);
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(details_of(status).reason, "TRANSACTION_TIMED_OUT");
    EXPECT_FALSE(has_node(server, added.id()));
}

/// A walk whose reader does not read holds its transaction; another call in it does not wait for
/// ever, and calls outside of it do not wait at all.
TEST(Daemon, ABusyTransactionIsSaidToBeBusy) {
    const TempDir dir;
    RunningServer server(dir.path(), {"--set", "limits.transaction_wait=300ms"});
    v1::BatchRequest clique;
    constexpr uint32_t kNodes = 25;
    for (uint32_t i = 0; i < kNodes; ++i) clique.add_operations()->mutable_add_node();
    for (uint32_t i = 0; i < kNodes * kNodes; ++i) {
        auto* edge = clique.add_operations()->mutable_add_edge();
        edge->mutable_start()->set_created(i / kNodes);
        edge->mutable_end()->set_created(i % kNodes);
        edge->set_type("K");
    }
    ClientContext making;
    v1::BatchResponse made;
    ASSERT_TRUE(server.graph().Batch(&making, clique, &made).ok());
    ClientContext beginning;
    v1::BeginTransactionResponse begun;
    ASSERT_TRUE(server.graph().BeginTransaction(&beginning, {}, &begun).ok());
    v1::TraverseRequest walk;
    walk.set_start(made.ids(0));
    walk.set_depth_max(12);
    walk.set_mode(v1::TraverseRequest::MODE_PATHS);
    walk.set_transaction(begun.transaction());
    ClientContext walking;
    auto reader = server.graph().Traverse(&walking, walk);
    v1::TraverseChunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    v1::GetEntityRequest get;
    get.set_id(made.ids(0));
    get.set_transaction(begun.transaction());
    v1::GetEntityResponse got;
    ClientContext getting;
    const auto busy = server.graph().GetEntity(&getting, get, &got);
    EXPECT_EQ(details_of(busy).reason, "TRANSACTION_BUSY");
    EXPECT_TRUE(has_node(server, made.ids(0)));
    walking.TryCancel();
    while (reader->Read(&chunk)) {
    }
    reader->Finish();
    ASSERT_TRUE(server.becomes_idle(milliseconds(3000)));
    ClientContext after;
    EXPECT_TRUE(server.graph().GetEntity(&after, get, &got).ok());
}

TEST(Daemon, HealthFollowsTheDatabase) {
    const TempDir dir;
    RunningServer server(dir.path());
    // grpc.health.v1: the request's field 1 is a service's name, the answer's field 1 is SERVING
    // = 1.
    std::string answer;
    const char* method = "/grpc.health.v1.Health/Check";
    ASSERT_TRUE(raw_call(server, method, "", &answer).ok());
    EXPECT_EQ(answer, "\x08\x01");
    const std::string name = "deed.v1.GraphService";
    ASSERT_TRUE(raw_call(server, method,
                         "\x0a" + std::string(1, static_cast<char>(name.size())) + name, &answer)
                    .ok());
    EXPECT_EQ(answer, "\x08\x01");
}

/// What a service manager would hear from the server.
class NotifySocket {
 public:
    explicit NotifySocket(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof(address.sun_path) - 1);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        const timeval patience{10, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    }
    ~NotifySocket() { close(fd_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;
    std::string next() const {
        char text[256];
        const ssize_t size = recv(fd_, text, sizeof(text), 0);
        return size > 0 ? std::string(text, static_cast<size_t>(size)) : "(nothing)";
    }

 private:
    int fd_;
};

TEST(Daemon, TheServiceManagerHearsReadyWatchdogAndStopping) {
    const TempDir dir;
    const NotifySocket manager(dir.path() + "/notify");
    setenv("NOTIFY_SOCKET", (dir.path() + "/notify").c_str(), 1);
    setenv("WATCHDOG_USEC", "600000", 1);
    RunningServer server(dir.path() + "/data");
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    EXPECT_EQ(manager.next(), "READY=1");
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    EXPECT_EQ(manager.next(), "WATCHDOG=1");
    server.signal(SIGTERM);
    std::string last = manager.next();
    while (last == "WATCHDOG=1") last = manager.next();
    EXPECT_EQ(last, "STOPPING=1");
    EXPECT_EQ(server.wait(), 0);
}

/// The engine's report of a failed sync comes to the main thread as this signal.
TEST(Daemon, AFailedSyncEndsTheProcessWithSix) {
    const TempDir dir;
    RunningServer server(dir.path(), {"--set", "shutdown.grace=1h"});
    server.signal(SIGUSR1);
    EXPECT_EQ(server.wait(milliseconds(5000)), 6);
}

TEST(Daemon, TheLogIsOpenedAgainOnHangUp) {
    const TempDir dir;
    const std::string log = dir.path() + "/deed.log";
    RunningServer server(dir.path() + "/data",
                         {"--log-file", log, "--log-format", "json", "--log-level", "info"});
    std::filesystem::rename(log, log + ".1");
    server.signal(SIGHUP);
    for (int i = 0; i < 200 && !std::filesystem::exists(log); ++i) {
        std::this_thread::sleep_for(milliseconds(20));
    }
    ASSERT_TRUE(std::filesystem::exists(log));
    std::ifstream moved(log + ".1");
    std::string first;
    std::getline(moved, first);
    EXPECT_THAT(first, AllOf(HasSubstr("{\"time\":\""), HasSubstr("\"level\":\"info\"")));
    EXPECT_TRUE(std::filesystem::exists(log));
}

TEST(Hostile, BytesThatAreNoRequestAreSaidToBeSuch) {
    const TempDir dir;
    RunningServer server(dir.path());
    std::string deep;
    // Lists within lists, from the inside out: Value.list = 7, List.elements = 1.
    for (int i = 0; i < 5000; ++i) {
        const auto wrap = [](const std::string& inner, char tag) {
            std::string out(1, tag);
            google::protobuf::uint8 size[5];
            const auto* end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
                static_cast<uint32_t>(inner.size()), size);
            out.append(reinterpret_cast<const char*>(size), static_cast<size_t>(end - size));
            return out + inner;
        };
        deep = wrap(wrap(deep, '\x0a'), '\x3a');
    }
    v1::AddEntityRequest request;
    const std::string entry_head = "\x0a\x01p";
    const auto with_length = [](const std::string& inner) {
        std::string out;
        google::protobuf::uint8 size[5];
        const auto* end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(
            static_cast<uint32_t>(inner.size()), size);
        out.append(reinterpret_cast<const char*>(size), static_cast<size_t>(end - size));
        return out + inner;
    };
    const std::string entry = entry_head + "\x12" + with_length(deep);
    const std::string cases[] = {"\xff\xff\xff", "\x0a\xff\xff\xff\xff\x0f",
                                 std::string("\x0a\x02\xc3\x28", 4), std::string(1000, '\x0b'),
                                 "\x12" + with_length(entry)};
    for (const auto& bytes : cases) {
        const auto status = raw_call(server, kAddEntity, bytes);
        EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        EXPECT_EQ(details_of(status).reason, "MALFORMED_REQUEST") << status.error_message();
    }
    EXPECT_EQ(raw_call(server, "/deed.v1.GraphService/NoSuchCall", "").error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
    add_node(server);
}

TEST(Hostile, ALongPackedListIsRefusedByItsLimit) {
    const TempDir dir;
    RunningServer server(dir.path());
    // Ten million ids of one byte each.
    v1::BatchGetEntitiesRequest request;
    request.mutable_ids()->Resize(10'000'000, 1);
    const auto status =
        raw_call(server, "/deed.v1.GraphService/BatchGetEntities", request.SerializeAsString());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details_of(status).metadata.at("limit"), "batch_items");
    add_node(server);
}

}  // namespace
}  // namespace deed::test
