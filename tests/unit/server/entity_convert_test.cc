#include "server/grpc/entity_convert.h"

#include <gtest/gtest.h>

namespace deed::server {
namespace {

using value::Value;

api::Node node(uint64_t id, std::vector<std::string> labels, api::Properties properties) {
    return {NodeId(id), std::move(labels), std::move(properties)};
}

TEST(NodesToGroups, NodesOfOneFormShareTypedColumns) {
    std::vector<std::optional<api::Node>> nodes;
    nodes.emplace_back(node(10, {"P"}, {{"age", Value::integer(1)}, {"name", Value::string("a")}}));
    nodes.emplace_back(std::nullopt);
    nodes.emplace_back(node(11, {"Q"}, {{"score", Value::floating(0.5)}}));
    nodes.emplace_back(node(12, {"P"}, {{"age", Value::integer(2)}, {"name", Value::string("b")}}));
    v1::BatchGetEntitiesResponse response;
    nodes_to_groups(nodes, 0, &response);
    ASSERT_EQ(response.groups_size(), 2);
    ASSERT_EQ(response.absent_size(), 1);
    EXPECT_EQ(response.absent(0), 1U);
    const auto& people = response.groups(0);
    EXPECT_EQ(people.labels(0), "P");
    ASSERT_EQ(people.ids_size(), 2);
    EXPECT_EQ(people.ids(1), 12U);
    EXPECT_EQ(people.positions(1), 3U);
    EXPECT_EQ(people.property_names(0), "age");
    EXPECT_EQ(people.columns(0).integers().values(1), 2);
    EXPECT_EQ(people.columns(1).strings().values(0), "a");
    EXPECT_EQ(response.groups(1).columns(0).floats().values(0), 0.5);
}

TEST(NodesToGroups, MixedKindsOfOnePropertyKeepTheirOwn) {
    std::vector<std::optional<api::Node>> nodes;
    nodes.emplace_back(node(1, {}, {{"p", Value::integer(1)}}));
    nodes.emplace_back(node(2, {}, {{"p", Value::string("1")}}));
    v1::BatchGetEntitiesResponse response;
    nodes_to_groups(nodes, 0, &response);
    ASSERT_EQ(response.groups_size(), 1);
    EXPECT_EQ(response.groups(0).columns(0).mixed().elements(0).integer(), 1);
    EXPECT_EQ(response.groups(0).columns(0).mixed().elements(1).string(), "1");
}

TEST(RequiredIds, AMissingIdIsNotNodeZero) {
    EXPECT_EQ(required_node(false, 0, "id").error().reason(), "FIELD_MISSING");
    EXPECT_EQ(required_node(true, 0, "id")->raw(), 0U);
    EXPECT_EQ(required_edge(false, 0, "id").error().field(), "id");
}

TEST(Enums, UnknownNumbersAreRefused) {
    EXPECT_EQ(*direction_from_wire(v1::DIRECTION_UNSPECIFIED), Direction::kOut);
    EXPECT_EQ(direction_from_wire(static_cast<v1::Direction>(99)).error().reason(), "ENUM_UNKNOWN");
    v1::PropertyFilter filter;
    filter.set_property("p");
    EXPECT_EQ(filter_from_wire(filter).error().reason(), "ENUM_UNKNOWN");
    filter.set_op(v1::PropertyFilter::OP_EXISTS);
    EXPECT_TRUE(filter_from_wire(filter).ok());
    filter.set_op(v1::PropertyFilter::OP_EQUAL);
    EXPECT_EQ(filter_from_wire(filter).error().reason(), "VALUE_KIND_MISSING");
}

}  // namespace
}  // namespace deed::server
