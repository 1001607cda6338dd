#include <functional>
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <set>

#include "tests/protocol/running_server.h"

namespace deed::test {
namespace {

using grpc::ClientContext;
using testing::HasSubstr;

/// One server for all tests of this file; each makes nodes with labels of its own.
class Calls : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        dir_ = new TempDir;
        server_ = new RunningServer(
            dir_->path(),
            {"--set", "limits.batch_items=1000", "--set", "limits.traversal_depth=8", "--set",
             "limits.open_transactions=20", "--set", "limits.message_bytes=1MiB"});
    }
    static void TearDownTestSuite() {
        delete server_;
        delete dir_;
    }

    template <class Request, class Response>
    using Method = grpc::Status (v1::GraphService::Stub::*)(ClientContext*, const Request&,
                                                            Response*);
    /// Calls and expects success.
    template <class Request, class Response>
    static Response good(Method<Request, Response> method, const Request& request) {
        ClientContext context;
        Response response;
        const auto status = (server_->graph().*method)(&context, request, &response);
        EXPECT_TRUE(status.ok()) << status.error_message();
        return response;
    }
    /// Calls and expects a failure with details.
    template <class Request, class Response>
    static Details bad(Method<Request, Response> method, const Request& request,
                       grpc::StatusCode code) {
        ClientContext context;
        Response response;
        const auto status = (server_->graph().*method)(&context, request, &response);
        EXPECT_EQ(status.error_code(), code) << status.error_message();
        const auto details = details_of(status);
        EXPECT_EQ(details.domain, "deed");
        EXPECT_FALSE(status.error_message().empty());
        return details;
    }

    static uint64_t add_node(const std::string& label, const std::string& transaction = {}) {
        v1::AddEntityRequest request;
        if (!label.empty()) request.add_labels(label);
        request.set_transaction(transaction);
        return good(&Stub::AddEntity, request).id();
    }
    static uint64_t add_edge(uint64_t start, uint64_t end, const std::string& type) {
        v1::AddEdgeRequest request;
        request.set_start(start);
        request.set_end(end);
        request.set_type(type);
        return good(&Stub::AddEdge, request).id();
    }
    static v1::GetEntityRequest get(uint64_t id, const std::string& transaction = {}) {
        v1::GetEntityRequest request;
        request.set_id(id);
        request.set_transaction(transaction);
        return request;
    }
    static std::string begin() { return good(&Stub::BeginTransaction, {}).transaction(); }

    using Stub = v1::GraphService::Stub;
    static TempDir* dir_;
    static RunningServer* server_;
};
TempDir* Calls::dir_ = nullptr;
RunningServer* Calls::server_ = nullptr;

TEST_F(Calls, ANodeIsMadeReadChangedAndRemoved) {
    v1::AddEntityRequest add;
    add.add_labels("Person");
    (*add.mutable_properties())["name"] = text("Ada");
    (*add.mutable_properties())["born"] = integer(1815);
    const auto added = good(&Stub::AddEntity, add);
    EXPECT_GT(added.commit(), 0U);
    v1::UpdateEntityRequest update;
    update.set_id(added.id());
    update.add_add_labels("Mathematician");
    (*update.mutable_set())["born"].set_null(v1::NULL_VALUE);
    (*update.mutable_set())["died"] = integer(1852);
    good(&Stub::UpdateEntity, update);
    const auto node = good(&Stub::GetEntity, get(added.id())).node();
    EXPECT_EQ(node.id(), added.id());
    EXPECT_THAT(node.labels(), testing::ElementsAre("Mathematician", "Person"));
    EXPECT_EQ(node.properties_size(), 2);
    EXPECT_EQ(node.properties().at("died").integer(), 1852);
    v1::DeleteEntityRequest remove;
    remove.set_id(added.id());
    good(&Stub::DeleteEntity, remove);
    const auto details = bad(&Stub::GetEntity, get(added.id()), grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(details.reason, "NODE_NOT_FOUND");
}

TEST_F(Calls, AnEdgeIsMadeReadChangedAndRemoved) {
    const uint64_t a = add_node("E");
    const uint64_t b = add_node("E");
    const uint64_t id = add_edge(a, b, "KNOWS");
    v1::UpdateEdgeRequest update;
    update.set_id(id);
    (*update.mutable_set())["since"] = integer(2001);
    good(&Stub::UpdateEdge, update);
    v1::GetEdgeRequest read;
    read.set_id(id);
    const auto edge = good(&Stub::GetEdge, read).edge();
    EXPECT_EQ(edge.start(), a);
    EXPECT_EQ(edge.end(), b);
    EXPECT_EQ(edge.type(), "KNOWS");
    EXPECT_EQ(edge.properties().at("since").integer(), 2001);
    v1::DeleteEntityRequest remove;
    remove.set_id(a);
    EXPECT_EQ(bad(&Stub::DeleteEntity, remove, grpc::StatusCode::FAILED_PRECONDITION).reason,
              "NODE_HAS_EDGES");
    v1::DeleteEdgeRequest cut;
    cut.set_id(id);
    good(&Stub::DeleteEdge, cut);
    EXPECT_EQ(bad(&Stub::GetEdge, read, grpc::StatusCode::NOT_FOUND).reason, "EDGE_NOT_FOUND");
    good(&Stub::DeleteEntity, remove);
}

TEST_F(Calls, ManyIdsAreAnsweredByColumn) {
    v1::BatchRequest make;
    for (int i = 0; i < 64; ++i) {
        auto* add = make.add_operations()->mutable_add_node();
        add->add_labels(i % 2 == 0 ? "Even" : "Odd");
        (*add->mutable_properties())["i"] = integer(i);
    }
    const auto made = good(&Stub::Batch, make);
    ASSERT_EQ(made.ids_size(), 64);
    v1::BatchGetEntitiesRequest request;
    *request.mutable_ids() = made.ids();
    request.add_ids(UINT64_MAX);
    request.add_ids(1ULL << 40);
    const auto found = good(&Stub::BatchGetEntities, request);
    ASSERT_EQ(found.groups_size(), 2);
    EXPECT_THAT(found.absent(), testing::ElementsAre(64, 65));
    for (const auto& group : found.groups()) {
        ASSERT_EQ(group.ids_size(), 32);
        for (int i = 0; i < 32; ++i) {
            EXPECT_EQ(group.ids(i), made.ids(static_cast<int>(group.positions(i))));
            EXPECT_EQ(group.columns(0).integers().values(i), group.positions(i));
        }
    }
}

TEST_F(Calls, ABatchRefersToWhatItMadeAndIsWholeOrNothing) {
    v1::BatchRequest request;
    request.add_operations()->mutable_add_node()->add_labels("BatchA");
    request.add_operations()->mutable_add_node()->add_labels("BatchB");
    auto* edge = request.add_operations()->mutable_add_edge();
    edge->mutable_start()->set_created(0);
    edge->mutable_end()->set_created(1);
    edge->set_type("T");
    const auto made = good(&Stub::Batch, request);
    v1::NeighboursRequest around;
    around.set_id(made.ids(0));
    EXPECT_EQ(good(&Stub::Neighbours, around).nodes(0), made.ids(1));

    request.add_operations()->mutable_delete_edge()->set_id(1ULL << 40);
    const auto failed = bad(&Stub::Batch, request, grpc::StatusCode::NOT_FOUND);
    EXPECT_EQ(failed.metadata.at("operation"), "3");
    EXPECT_THAT(failed.field, HasSubstr("operations[3]"));
    ClientContext context;
    v1::ScanCollectionRequest scan;
    scan.set_label("BatchA");
    auto reader = server_->graph().ScanCollection(&context, scan);
    v1::ScanCollectionChunk chunk;
    int nodes = 0;
    while (reader->Read(&chunk)) nodes += chunk.nodes_size();
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_EQ(nodes, 1);
}

TEST_F(Calls, ABatchRefersToNothingItDidNotMake) {
    const auto refuse = [](const std::function<void(v1::NodeRef*)>& name, const char* field) {
        v1::BatchRequest request;
        request.add_operations()->mutable_add_node();
        auto* edge = request.add_operations()->mutable_add_edge();
        edge->set_type("T");
        edge->mutable_start()->set_created(0);
        name(edge->mutable_end());
        const auto details = bad(&Stub::Batch, request, grpc::StatusCode::INVALID_ARGUMENT);
        EXPECT_EQ(details.reason, "REFERENCE_INVALID");
        EXPECT_EQ(details.field, field);
    };
    refuse([](v1::NodeRef* r) { r->set_created(1); }, "operations[1].end.created");
    refuse([](v1::NodeRef* r) { r->set_created(4'000'000'000U); }, "operations[1].end.created");
    refuse([](v1::NodeRef* r) { r->set_key("k"); }, "operations[1].end.key");
    refuse([](v1::NodeRef*) {}, "operations[1].end");
    v1::BatchRequest empty_operation;
    empty_operation.add_operations();
    EXPECT_EQ(bad(&Stub::Batch, empty_operation, grpc::StatusCode::INVALID_ARGUMENT).reason,
              "OPERATION_MISSING");
}

TEST_F(Calls, NeighboursTellDirectionTypeAndProperties) {
    const uint64_t hub = add_node("Hub");
    const uint64_t out = add_node("");
    const uint64_t in = add_node("");
    const uint64_t first = add_edge(hub, out, "LIKES");
    add_edge(in, hub, "OWNS");
    add_edge(hub, hub, "LIKES");
    v1::UpdateEdgeRequest update;
    update.set_id(first);
    (*update.mutable_set())["w"] = integer(3);
    good(&Stub::UpdateEdge, update);
    v1::NeighboursRequest request;
    request.set_id(hub);
    request.set_direction(v1::DIRECTION_BOTH);
    request.set_with_edge_properties(true);
    const auto all = good(&Stub::Neighbours, request);
    ASSERT_EQ(all.nodes_size(), 3);
    ASSERT_EQ(all.edge_properties_size(), 3);
    int with_property = 0;
    for (int i = 0; i < 3; ++i) {
        const auto& type = all.type_names(static_cast<int>(all.types(i)));
        if (all.nodes(i) == in) {
            EXPECT_EQ(type, "OWNS");
            EXPECT_FALSE(all.outgoing(i));
        } else {
            EXPECT_EQ(type, "LIKES");
            EXPECT_TRUE(all.outgoing(i));
        }
        with_property += all.edge_properties(i).properties().contains("w") ? 1 : 0;
    }
    EXPECT_EQ(with_property, 1);
    request.set_direction(v1::DIRECTION_IN);
    request.add_types("OWNS");
    EXPECT_EQ(good(&Stub::Neighbours, request).nodes_size(), 1);
    request.add_types("NEVER_USED");
    request.set_limit(1);
    EXPECT_EQ(good(&Stub::Neighbours, request).nodes_size(), 1);
    request.set_direction(static_cast<v1::Direction>(77));
    EXPECT_EQ(bad(&Stub::Neighbours, request, grpc::StatusCode::INVALID_ARGUMENT).reason,
              "ENUM_UNKNOWN");
    request.set_direction(v1::DIRECTION_OUT);
    request.set_limit(1ULL << 40);
    EXPECT_EQ(
        bad(&Stub::Neighbours, request, grpc::StatusCode::RESOURCE_EXHAUSTED).metadata.at("limit"),
        "neighbours");
}

TEST_F(Calls, ATransactionSeesItselfAndIsSeenAfterItsCommit) {
    const std::string handle = begin();
    EXPECT_EQ(handle.size(), 16U);
    const uint64_t id = add_node("Tx", handle);
    good(&Stub::GetEntity, get(id, handle));
    bad(&Stub::GetEntity, get(id), grpc::StatusCode::NOT_FOUND);
    v1::CommitRequest commit;
    commit.set_transaction(handle);
    EXPECT_GT(good(&Stub::Commit, commit).commit(), 0U);
    good(&Stub::GetEntity, get(id));
    EXPECT_EQ(bad(&Stub::Commit, commit, grpc::StatusCode::NOT_FOUND).reason,
              "TRANSACTION_NOT_FOUND");
    EXPECT_EQ(bad(&Stub::GetEntity, get(id, handle), grpc::StatusCode::NOT_FOUND).field,
              "transaction");
    EXPECT_EQ(bad(&Stub::GetEntity, get(id, "short"), grpc::StatusCode::INVALID_ARGUMENT).reason,
              "TRANSACTION_HANDLE_MALFORMED");
}

TEST_F(Calls, ARollbackLeavesNothingAndAReadOnlyTransactionDoesNotWrite) {
    const std::string handle = begin();
    const uint64_t id = add_node("Tx", handle);
    v1::RollbackRequest rollback;
    rollback.set_transaction(handle);
    good(&Stub::Rollback, rollback);
    bad(&Stub::GetEntity, get(id), grpc::StatusCode::NOT_FOUND);
    v1::BeginTransactionRequest read_only;
    read_only.set_read_only(true);
    const auto reader = good(&Stub::BeginTransaction, read_only);
    v1::AddEntityRequest add;
    add.set_transaction(reader.transaction());
    EXPECT_EQ(bad(&Stub::AddEntity, add, grpc::StatusCode::INVALID_ARGUMENT).reason, "READ_ONLY");
    rollback.set_transaction(reader.transaction());
    good(&Stub::Rollback, rollback);
    EXPECT_EQ(bad(&Stub::Rollback, {}, grpc::StatusCode::INVALID_ARGUMENT).reason, "FIELD_MISSING");
}

TEST_F(Calls, AConflictIsAbortedAndSaysThatItMayBeTriedAgain) {
    const uint64_t id = add_node("Conflict");
    const std::string first = begin();
    const std::string second = begin();
    v1::UpdateEntityRequest update;
    update.set_id(id);
    (*update.mutable_set())["n"] = integer(1);
    for (const auto& handle : {first, second}) {
        update.set_transaction(handle);
        good(&Stub::UpdateEntity, update);
    }
    v1::CommitRequest commit;
    commit.set_transaction(first);
    good(&Stub::Commit, commit);
    commit.set_transaction(second);
    const auto details = bad(&Stub::Commit, commit, grpc::StatusCode::ABORTED);
    EXPECT_EQ(details.metadata.at("code"), "CONFLICT");
    EXPECT_TRUE(details.retry);
}

TEST_F(Calls, AFailedBatchEndsItsTransaction) {
    const std::string handle = begin();
    v1::BatchRequest request;
    request.set_transaction(handle);
    request.add_operations()->mutable_add_node();
    request.add_operations()->mutable_delete_node()->mutable_node()->set_id(1ULL << 40);
    bad(&Stub::Batch, request, grpc::StatusCode::NOT_FOUND);
    v1::CommitRequest commit;
    commit.set_transaction(handle);
    EXPECT_EQ(bad(&Stub::Commit, commit, grpc::StatusCode::NOT_FOUND).reason,
              "TRANSACTION_NOT_FOUND");
}

TEST_F(Calls, LimitsNameThemselves) {
    v1::BatchGetEntitiesRequest ids;
    for (int i = 0; i < 1001; ++i) ids.add_ids(0);
    auto details = bad(&Stub::BatchGetEntities, ids, grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details.metadata.at("limit"), "batch_items");
    EXPECT_EQ(details.metadata.at("value"), "1000");
    EXPECT_EQ(details.reason, "LIMIT_BATCH_ITEMS");
    v1::AddEntityRequest large;
    (*large.mutable_properties())["p"] = text(std::string((1 << 20) + 1, 'x'));
    details = bad(&Stub::AddEntity, large, grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details.metadata.at("limit"), "message_bytes");
    (*large.mutable_properties())["p"] = text(std::string(500'000, 'x'));
    const uint64_t id = good(&Stub::AddEntity, large).id();
    ids.clear_ids();
    for (int i = 0; i < 1000; ++i) ids.add_ids(id);
    details = bad(&Stub::BatchGetEntities, ids, grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details.metadata.at("limit"), "message_bytes");
    std::vector<std::string> open;
    for (int i = 0; i < 20; ++i) open.push_back(begin());
    details = bad(&Stub::BeginTransaction, v1::BeginTransactionRequest(),
                  grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(details.metadata.at("limit"), "open_transactions");
    EXPECT_EQ(details.metadata.at("value"), "20");
    for (const auto& handle : open) {
        v1::RollbackRequest rollback;
        rollback.set_transaction(handle);
        good(&Stub::Rollback, rollback);
    }
    good(&Stub::GetEntity, get(add_node("AfterLimits")));
}

TEST_F(Calls, BadArgumentsNameTheirField) {
    EXPECT_EQ(bad(&Stub::GetEntity, {}, grpc::StatusCode::INVALID_ARGUMENT).field, "id");
    v1::AddEntityRequest add;
    (*add.mutable_properties())["p"].mutable_list()->add_elements();
    EXPECT_EQ(bad(&Stub::AddEntity, add, grpc::StatusCode::INVALID_ARGUMENT).field,
              "properties.p[0]");
    v1::MarkFollowedRequest follow;
    follow.set_weight(std::numeric_limits<double>::quiet_NaN());
    EXPECT_EQ(bad(&Stub::MarkFollowed, follow, grpc::StatusCode::INVALID_ARGUMENT).field, "weight");
    v1::BeginTransactionRequest begin;
    begin.set_isolation(static_cast<v1::Isolation>(9));
    EXPECT_EQ(bad(&Stub::BeginTransaction, begin, grpc::StatusCode::INVALID_ARGUMENT).field,
              "isolation");
    begin.set_isolation(v1::ISOLATION_SERIALIZABLE);
    begin.set_timeout_ms(UINT64_MAX);
    EXPECT_EQ(bad(&Stub::BeginTransaction, begin, grpc::StatusCode::INVALID_ARGUMENT).field,
              "timeout_ms");
    bad(&Stub::GetEntity, get(UINT64_MAX), grpc::StatusCode::NOT_FOUND);
}

TEST_F(Calls, PheromoneIsDepositedReadAndEvaporates) {
    const uint64_t a = add_node("");
    const uint64_t edge = add_edge(a, add_node(""), "T");
    v1::MarkFollowedRequest follow;
    follow.add_edges(edge);
    follow.add_edges(1ULL << 40);
    follow.set_weight(100);
    good(&Stub::MarkFollowed, follow);
    v1::GetPheromonesRequest ask;
    ask.add_nodes(a);
    ask.add_edges(edge);
    const double fresh = good(&Stub::GetPheromones, ask).edges(0);
    EXPECT_GT(fresh, 0);
    v1::EvaporatePheromonesRequest evaporate;
    evaporate.set_epochs(3);
    good(&Stub::EvaporatePheromones, evaporate);
    EXPECT_LT(good(&Stub::GetPheromones, ask).edges(0), fresh);
}

TEST_F(Calls, AdministrationAnswers) {
    ClientContext ping;
    v1::PingResponse pong;
    ASSERT_TRUE(server_->admin().Ping(&ping, {}, &pong).ok());
    EXPECT_FALSE(pong.version().empty());
    add_node("Checked");
    ClientContext check;
    v1::CheckResponse report;
    ASSERT_TRUE(server_->admin().Check(&check, {}, &report).ok());
    EXPECT_EQ(report.faults(), 0U) << report.messages(0);
    EXPECT_GT(report.nodes(), 0U);
    ClientContext checkpoint;
    v1::CheckpointResponse folded;
    ASSERT_TRUE(server_->admin().Checkpoint(&checkpoint, {}, &folded).ok());
    const auto stats = good(&Stub::Stats, {});
    EXPECT_EQ(stats.entity_count(), report.nodes());
    EXPECT_GE(stats.folded_through(), folded.folded_through());
    EXPECT_GT(stats.requests_total(), 0U);
}

}  // namespace
}  // namespace deed::test
