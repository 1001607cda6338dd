#include <atomic>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

#include "tests/protocol/running_server.h"

namespace deed::test {
namespace {

using grpc::ClientContext;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::ElementsAre;

constexpr uint64_t kRefused = UINT64_MAX;
#ifdef DEED_SANITIZED
/// The sanitizer keeps what was freed, so that memory says little here.
constexpr uint64_t kHeldBytesMax = 1ULL << 30;
#else
constexpr uint64_t kHeldBytesMax = 48ULL << 20;
#endif

class Streams : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        dir_ = new TempDir;
        server_ = new RunningServer(dir_->path(), {"--set", "limits.concurrent_streams=3", "--set",
                                                   "limits.batch_items=20000"});
    }
    static void TearDownTestSuite() {
        delete server_;
        delete dir_;
    }

    static std::vector<uint64_t> batch(const v1::BatchRequest& request) {
        ClientContext context;
        v1::BatchResponse response;
        const auto status = server_->graph().Batch(&context, request, &response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        return {response.ids().begin(), response.ids().end()};
    }
    static void add_edge(v1::BatchRequest* request, uint32_t start, uint32_t end,
                         const std::string& type) {
        auto* edge = request->add_operations()->mutable_add_edge();
        edge->mutable_start()->set_created(start);
        edge->mutable_end()->set_created(end);
        edge->set_type(type);
    }
    /// Everybody knows everybody: walks of `n` nodes' paths do not end while a test lasts.
    static std::vector<uint64_t> clique(uint32_t n) {
        v1::BatchRequest request;
        for (uint32_t i = 0; i < n; ++i) request.add_operations()->mutable_add_node();
        for (uint32_t i = 0; i < n; ++i) {
            for (uint32_t j = 0; j < n; ++j) {
                if (i != j) add_edge(&request, i, j, "K");
            }
        }
        return batch(request);
    }
    static v1::TraverseRequest endless_walk() {
        v1::TraverseRequest request;
        request.set_start(clique(30)[0]);
        request.set_depth_max(12);
        request.set_mode(v1::TraverseRequest::MODE_PATHS);
        return request;
    }
    static std::vector<v1::ScanCollectionChunk> scan(const v1::ScanCollectionRequest& request) {
        ClientContext context;
        auto reader = server_->graph().ScanCollection(&context, request);
        std::vector<v1::ScanCollectionChunk> chunks(1);
        while (reader->Read(&chunks.back())) chunks.emplace_back();
        chunks.pop_back();
        const auto status = reader->Finish();
        EXPECT_TRUE(status.ok()) << status.error_message();
        return chunks;
    }

    static TempDir* dir_;
    static RunningServer* server_;
};
TempDir* Streams::dir_ = nullptr;
RunningServer* Streams::server_ = nullptr;

TEST_F(Streams, ATraversalTellsDepthsNodesAndEdges) {
    v1::BatchRequest make;
    for (int i = 0; i < 4; ++i) make.add_operations()->mutable_add_node();
    add_edge(&make, 0, 1, "A");
    add_edge(&make, 1, 2, "A");
    add_edge(&make, 2, 0, "A");
    add_edge(&make, 0, 3, "B");
    const auto ids = batch(make);
    const auto walk = [](const v1::TraverseRequest& request) {
        ClientContext context;
        auto reader = server_->graph().Traverse(&context, request);
        v1::TraverseChunk all;
        for (v1::TraverseChunk chunk; reader->Read(&chunk);) all.MergeFrom(chunk);
        const auto status = reader->Finish();
        EXPECT_TRUE(status.ok()) << status.error_message();
        return all;
    };
    v1::TraverseRequest request;
    request.set_start(ids[0]);
    request.add_types("A");
    request.set_depth_min(0);
    request.set_depth_max(5);
    auto found = walk(request);
    EXPECT_THAT(found.depths(), ElementsAre(0, 1, 2));
    EXPECT_THAT(found.nodes(), ElementsAre(ids[0], ids[1], ids[2]));
    EXPECT_THAT(found.edges(), ElementsAre(ids[4], ids[5]));
    request.set_mode(v1::TraverseRequest::MODE_PATHS);
    request.set_depth_min(3);
    found = walk(request);
    EXPECT_THAT(found.depths(), ElementsAre(3));
    EXPECT_THAT(found.nodes(), ElementsAre(ids[0], ids[1], ids[2], ids[0]));
    EXPECT_THAT(found.edges(), ElementsAre(ids[4], ids[5], ids[6]));
    request.clear_types();
    request.set_depth_min(1);
    request.set_limit(2);
    EXPECT_EQ(walk(request).depths_size(), 2);
}

TEST_F(Streams, ATraversalRefusesWhatItCannotDo) {
    const auto refuse = [](const v1::TraverseRequest& request) {
        ClientContext context;
        auto reader = server_->graph().Traverse(&context, request);
        v1::TraverseChunk chunk;
        EXPECT_FALSE(reader->Read(&chunk));
        return details_of(reader->Finish());
    };
    v1::TraverseRequest request;
    EXPECT_EQ(refuse(request).field, "start");
    request.set_start(0);
    request.set_depth_max(UINT32_MAX);
    EXPECT_EQ(refuse(request).metadata.at("limit"), "traversal_depth");
    request.set_depth_max(1);
    request.set_depth_min(2);
    EXPECT_EQ(refuse(request).reason, "DEPTH_RANGE_EMPTY");
    request.set_depth_min(1);
    request.set_mode(static_cast<v1::TraverseRequest::Mode>(-5));
    EXPECT_EQ(refuse(request).reason, "ENUM_UNKNOWN");
    request.set_mode(v1::TraverseRequest::MODE_PATHS);
    request.set_start(1ULL << 50);
    EXPECT_EQ(refuse(request).reason, "NODE_NOT_FOUND");
}

TEST_F(Streams, ACancelledWalkStopsWorking) {
    const auto request = endless_walk();
    ClientContext context;
    auto reader = server_->graph().Traverse(&context, request);
    v1::TraverseChunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    EXPECT_EQ(server_->requests_active(), 1U);
    context.TryCancel();
    while (reader->Read(&chunk)) {
    }
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
    EXPECT_TRUE(server_->becomes_idle(milliseconds(3000)));
}

TEST_F(Streams, ADeadlineStopsAWalk) {
    const auto request = endless_walk();
    ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + milliseconds(300));
    auto reader = server_->graph().Traverse(&context, request);
    v1::TraverseChunk chunk;
    uint64_t chunks = 0;
    while (reader->Read(&chunk)) ++chunks;
    EXPECT_GT(chunks, 0U);
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    EXPECT_TRUE(server_->becomes_idle(milliseconds(3000)));
}

TEST_F(Streams, TooManyStreamsAreRefusedByName) {
    const auto request = endless_walk();
    std::vector<std::unique_ptr<ClientContext>> contexts;
    std::vector<std::unique_ptr<grpc::ClientReader<v1::TraverseChunk>>> readers;
    v1::TraverseChunk chunk;
    for (int i = 0; i < 3; ++i) {
        contexts.push_back(std::make_unique<ClientContext>());
        readers.push_back(server_->graph().Traverse(contexts.back().get(), request));
        ASSERT_TRUE(readers.back()->Read(&chunk));
    }
    ClientContext fourth;
    auto reader = server_->graph().Traverse(&fourth, request);
    EXPECT_FALSE(reader->Read(&chunk));
    const auto status = reader->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details_of(status).metadata.at("limit"), "concurrent_streams");
    for (auto& context : contexts) context->TryCancel();
    for (auto& open : readers) {
        while (open->Read(&chunk)) {
        }
        EXPECT_FALSE(open->Finish().ok());
    }
    EXPECT_TRUE(server_->becomes_idle(milliseconds(3000)));
}

TEST_F(Streams, AScanProjectsFiltersAndResumes) {
    v1::BatchRequest make;
    for (int i = 0; i < 50; ++i) {
        auto* add = make.add_operations()->mutable_add_node();
        add->add_labels("Scanned");
        (*add->mutable_properties())["i"] = integer(i);
        (*add->mutable_properties())["name"] = text("n" + std::to_string(i));
    }
    const auto ids = batch(make);
    v1::ScanCollectionRequest request;
    request.set_label("Scanned");
    request.set_page_size(20);
    request.add_projection("i");
    auto* filter = request.add_filters();
    filter->set_property("i");
    filter->set_op(v1::PropertyFilter::OP_GREATER_EQUAL);
    *filter->mutable_value() = integer(10);
    std::vector<int64_t> seen;
    std::string token;
    int chunks = 0;
    do {
        request.set_page_token(token);
        request.set_pages_max(1);
        const auto page = scan(request);
        ASSERT_EQ(page.size(), 1U);
        token = page[0].page_token();
        for (const auto& node : page[0].nodes()) {
            EXPECT_EQ(node.properties_size(), 1);
            seen.push_back(node.properties().at("i").integer());
        }
        ASSERT_LT(++chunks, 20);
    } while (!token.empty());
    EXPECT_EQ(seen.size(), 40U);
    EXPECT_EQ(std::set<int64_t>(seen.begin(), seen.end()).size(), 40U);
    request.clear_page_token();
    request.clear_projection();
    request.set_only_projection(true);
    request.set_pages_max(0);
    size_t nodes = 0;
    for (const auto& chunk : scan(request)) {
        nodes += static_cast<size_t>(chunk.nodes_size());
        for (const auto& node : chunk.nodes()) EXPECT_EQ(node.properties_size(), 0);
    }
    EXPECT_EQ(nodes, 40U);
    request.set_page_token("zzz");
    ClientContext context;
    auto reader = server_->graph().ScanCollection(&context, request);
    v1::ScanCollectionChunk chunk;
    EXPECT_FALSE(reader->Read(&chunk));
    EXPECT_EQ(details_of(reader->Finish()).reason, "PAGE_TOKEN_MALFORMED");
}

TEST_F(Streams, AScanWithinATransactionSeesItsWrites) {
    ClientContext begin;
    v1::BeginTransactionResponse begun;
    ASSERT_TRUE(server_->graph().BeginTransaction(&begin, {}, &begun).ok());
    v1::AddEntityRequest add;
    add.add_labels("OnlyInside");
    add.set_transaction(begun.transaction());
    ClientContext adding;
    v1::AddEntityResponse added;
    ASSERT_TRUE(server_->graph().AddEntity(&adding, add, &added).ok());
    v1::ScanCollectionRequest request;
    request.set_label("OnlyInside");
    EXPECT_EQ(scan(request)[0].nodes_size(), 0);
    request.set_transaction(begun.transaction());
    EXPECT_EQ(scan(request)[0].nodes_size(), 1);
}

void read_whole_from(v1::GraphService::Stub& stub, const v1::ScanCollectionRequest& request) {
    ClientContext context;
    const auto reader = stub.ScanCollection(&context, request);
    v1::ScanCollectionChunk chunk;
    while (reader->Read(&chunk)) {
    }
    EXPECT_TRUE(reader->Finish().ok());
}

/// 100 MB wait to be read; the server must hold a few messages of them, not all.
TEST_F(Streams, AReaderThatDoesNotReadCostsTheServerLittle) {
    const std::string large(100'000, 'x');
    for (int i = 0; i < 10; ++i) {
        v1::BatchRequest make;
        for (int j = 0; j < 100; ++j) {
            auto* add = make.add_operations()->mutable_add_node();
            add->add_labels("Large");
            (*add->mutable_properties())["p"] = text(large);
        }
        batch(make);
    }
    v1::ScanCollectionRequest request;
    request.set_label("Large");
    request.set_page_size(1000);  // all of it, a hundred megabytes
    // What the store does with the new nodes behind the scenes, and what a first scan keeps for the
    // next one, must not count as held.
    ClientContext folding;
    v1::CheckpointResponse folded;
    ASSERT_TRUE(server_->admin().Checkpoint(&folding, {}, &folded).ok());
    read_whole_from(server_->graph(), request);
    const uint64_t before = server_->resident_bytes();
    const auto channel = connect(server_->address());
    auto stub = v1::GraphService::NewStub(channel);
    ClientContext context;
    auto reader = stub->ScanCollection(&context, request);
    v1::ScanCollectionChunk chunk;
    ASSERT_TRUE(reader->Read(&chunk));
    uint64_t highest = 0;
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(milliseconds(50));
        highest = std::max(highest, server_->resident_bytes());
    }
    EXPECT_EQ(server_->requests_active(), 1U);
    EXPECT_LT(highest, before + kHeldBytesMax);
    int nodes = chunk.nodes_size();
    while (reader->Read(&chunk)) nodes += chunk.nodes_size();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(nodes, 1000);
}

v1::IngestRequest numbered(uint64_t sequence, int nodes) {
    v1::IngestRequest request;
    request.set_sequence(sequence);
    for (int i = 0; i < nodes; ++i) {
        auto* node = request.add_nodes();
        node->set_key(std::to_string(sequence) + "/" + std::to_string(i));
        node->add_labels("Loaded");
    }
    return request;
}

TEST_F(Streams, ALoadAnswersEachBatchAndRefusesItemsOneByOne) {
    ClientContext context;
    auto stream = server_->graph().Ingest(&context);
    v1::IngestResponse answer;
    ASSERT_TRUE(stream->Write(numbered(1, 3)));
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.sequence(), 1U);
    EXPECT_EQ(answer.nodes_accepted(), 3U);
    EXPECT_GT(answer.commit(), 0U);
    const uint64_t first = answer.node_ids(0);

    v1::IngestRequest second;
    second.set_sequence(2);
    second.add_nodes()->set_key("1/0");  // taken
    (*second.add_nodes()->mutable_properties())["bad"].mutable_list()->add_elements();
    second.add_nodes()->set_key("fresh");
    const auto edge = [&second](auto name_start, auto name_end) {
        auto* made = second.add_edges();
        made->set_type("T");
        name_start(made->mutable_start());
        name_end(made->mutable_end());
    };
    const auto key = [](const char* k) { return [k](v1::NodeRef* r) { r->set_key(k); }; };
    const auto created = [](uint32_t i) { return [i](v1::NodeRef* r) { r->set_created(i); }; };
    const auto id = [](uint64_t i) { return [i](v1::NodeRef* r) { r->set_id(i); }; };
    edge(key("1/0"), key("fresh"));
    edge(id(first), created(2));
    edge(key("1/1"), created(1));      // refused above
    edge(key("nobody"), key("1/0"));   // never sent
    edge(id(1ULL << 50), key("1/0"));  // no such node
    ASSERT_TRUE(stream->Write(second));
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.nodes_accepted(), 1U);
    EXPECT_EQ(answer.edges_accepted(), 2U);
    EXPECT_EQ(answer.refused(), 5U);
    EXPECT_EQ(answer.node_ids(0), kRefused);
    EXPECT_EQ(answer.node_ids(1), kRefused);
    EXPECT_NE(answer.node_ids(2), kRefused);
    EXPECT_EQ(answer.edge_ids(4), kRefused);
    std::vector<std::string> reasons;
    for (const auto& refusal : answer.refusals()) reasons.push_back(refusal.reason());
    EXPECT_THAT(reasons, ElementsAre("DUPLICATE_KEY", "VALUE_KIND_MISSING", "END_REFUSED",
                                     "UNKNOWN_KEY", "NODE_NOT_FOUND"));
    EXPECT_EQ(answer.refusals(1).field(), "properties.bad[0]");
    EXPECT_EQ(answer.refusals(4).index(), 4U);
    stream->WritesDone();
    EXPECT_FALSE(stream->Read(&answer));
    EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Streams, ABatchThatIsTooLargeEndsTheLoadByName) {
    ClientContext context;
    auto stream = server_->graph().Ingest(&context);
    stream->Write(numbered(1, 20'001));
    v1::IngestResponse answer;
    EXPECT_FALSE(stream->Read(&answer));
    const auto status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details_of(status).metadata.at("limit"), "batch_items");
}

/// Each batch is small and its answer large (refusals with long messages), so that what piles up
/// where answers are not read would be seen.
TEST_F(Streams, AWriterThatDoesNotReadItsAnswersIsHeld) {
    constexpr int kBatches = 200;
    v1::IngestRequest request;
    for (int i = 0; i < 1000; ++i) {
        auto* edge = request.add_edges();
        edge->set_type("T");
        edge->mutable_start()->set_key("no such key " + std::string(300, 'k'));
        edge->mutable_end()->set_id(0);
    }
    const auto channel = connect(server_->address());
    auto stub = v1::GraphService::NewStub(channel);
    ClientContext context;
    auto stream = stub->Ingest(&context);
    const uint64_t before = server_->resident_bytes();
    std::atomic<int> written{0};
    std::thread writer([&] {
        for (int i = 0; i < kBatches; ++i) {
            request.set_sequence(static_cast<uint64_t>(i));
            if (!stream->Write(request)) break;
            written.fetch_add(1);
        }
        stream->WritesDone();
    });
    std::this_thread::sleep_for(milliseconds(2000));
    EXPECT_LT(written.load(), kBatches / 2);
    EXPECT_LT(server_->resident_bytes(), before + kHeldBytesMax);
    v1::IngestResponse answer;
    uint64_t answers = 0;
    while (stream->Read(&answer)) {
        EXPECT_EQ(answer.sequence(), answers);
        EXPECT_EQ(answer.refused(), 1000U);
        ++answers;
    }
    writer.join();
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(answers, static_cast<uint64_t>(kBatches));
}

TEST_F(Streams, ALoadThatIsCutOffLeavesNothingBehind) {
    {
        ClientContext context;
        auto stream = server_->graph().Ingest(&context);
        ASSERT_TRUE(stream->Write(numbered(1, 100)));
        context.TryCancel();
        stream->WritesDone();
        stream->Finish();
    }
    EXPECT_TRUE(server_->becomes_idle(milliseconds(3000)));
}

}  // namespace
}  // namespace deed::test
