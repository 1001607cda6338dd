#include "engine/storage/import/header.h"

#include <gtest/gtest.h>

namespace deed::storage::importer {
namespace {

std::vector<Field> fields_of(const std::vector<std::string>& texts) {
    std::vector<Field> fields;
    uint32_t column = 1;
    for (const std::string& text : texts) {
        fields.push_back({text, column, false});
        column += static_cast<uint32_t>(text.size()) + 1;
    }
    return fields;
}

Result<Header> nodes(const std::vector<std::string>& texts) {
    return parse_header(fields_of(texts), EntityKind::kNode, false, "f.csv:1");
}

Result<Header> relationships(const std::vector<std::string>& texts, bool typed = true) {
    return parse_header(fields_of(texts), EntityKind::kRelationship, typed, "f.csv:1");
}

TEST(Header, ReadsNodeColumns) {
    const auto header = nodes({"personId:ID(Person)", "name", "age:int", "tags:string[]", ":LABEL",
                               ":IGNORE", "x:y:double", "at:datetime{timezone:Europe/Stockholm}"});
    ASSERT_TRUE(header.ok()) << header.error().to_string();
    const auto& columns = header->columns;
    EXPECT_EQ(columns[0].kind, ColumnKind::kId);
    EXPECT_EQ(columns[0].name, "personId");
    EXPECT_EQ(columns[0].space, "Person");
    EXPECT_EQ(columns[1].type, FieldType::kString);
    EXPECT_EQ(columns[2].type, FieldType::kInt);
    EXPECT_TRUE(columns[3].array);
    EXPECT_EQ(columns[4].kind, ColumnKind::kLabel);
    EXPECT_EQ(columns[5].kind, ColumnKind::kIgnore);
    EXPECT_EQ(columns[6].name, "x:y");
    EXPECT_EQ(columns[6].type, FieldType::kFloat);
    EXPECT_EQ(columns[7].option("timezone"), "Europe/Stockholm");
    EXPECT_EQ(header->find(ColumnKind::kType), -1);
}

TEST(Header, ReadsRelationshipColumns) {
    const auto header = relationships(
        {"a:START_ID(Person)", ":END_ID(Movie)", "role", ":TYPE", "where:point{crs: 'WGS-84'}"});
    ASSERT_TRUE(header.ok()) << header.error().to_string();
    EXPECT_EQ(header->find(ColumnKind::kStartId), 0);
    EXPECT_EQ(header->columns[1].space, "Movie");
    EXPECT_EQ(header->columns[0].name, "");
    EXPECT_EQ(header->columns[4].option("crs"), "WGS-84");
}

TEST(Header, TakesEveryTypeInAnyCase) {
    for (const std::string type :
         {"byte", "short", "int", "long", "float", "double", "boolean", "char", "string", "point",
          "date", "localtime", "time", "localdatetime", "datetime", "duration", "LocalDateTime"}) {
        EXPECT_TRUE(nodes({":ID", "p:" + type}).ok()) << type;
        EXPECT_TRUE(nodes({":ID", "p:" + type + "[]"}).ok()) << type;
    }
}

TEST(Header, TakesOptionsOfIds) {
    const auto header = nodes({"id:ID(Group){label:Person, id-type: int}"});
    ASSERT_TRUE(header.ok()) << header.error().to_string();
    EXPECT_EQ(header->columns[0].option("id-type"), "int");
    EXPECT_EQ(header->columns[0].option("label"), "Person");
    const auto typed = relationships({":START_ID:int", ":END_ID(A):long"});
    ASSERT_TRUE(typed.ok()) << typed.error().to_string();
    EXPECT_EQ(typed->columns[0].kind, ColumnKind::kStartId);
    EXPECT_EQ(typed->columns[1].space, "A");
}

struct Bad {
    Result<Header> header;
    std::string place;
    std::string message;  // a part of it
};

TEST(Header, SaysWhatIsWrongAndWhere) {
    const std::vector<Bad> cases = {
        {nodes({":ID", "x:ID"}), "f.csv:1:5", "two :ID columns"},
        {nodes({":ID", "age:number"}), "f.csv:1:5", "no type \"number\""},
        {nodes({":ID", ""}), "f.csv:1:5", "has no name"},
        {nodes({":ID", ":int"}), "f.csv:1:5", "has no name"},
        {nodes({"a", "a:int"}), "f.csv:1:3", "both the property \"a\""},
        {nodes({"a:START_ID"}), "f.csv:1:1", "give it with --relationships"},
        {nodes({":TYPE"}), "f.csv:1:1", "belongs to relationships"},
        {relationships({":ID"}), "f.csv:1:1", "give it with --nodes"},
        {relationships({":START_ID", "x"}), "f.csv:1:1", "no :END_ID column"},
        {relationships({":END_ID"}), "f.csv:1:1", "no :START_ID column"},
        {relationships({":START_ID", ":END_ID"}, false), "f.csv:1:1", "no :TYPE column"},
        {relationships({":START_ID", ":END_ID", "a:START_ID"}), "f.csv:1:19", "two columns"},
        {relationships({"1", "2"}), "f.csv:1:1", "--no-header"},
        {nodes({"t:time{timezone:Europe/Berlin}"}), "f.csv:1:1", "needs an offset"},
        {nodes({"t:datetime{timezone:Nowhere/At_All}"}), "f.csv:1:1", "zone database"},
        {nodes({"id:ID{id-type:date}"}), "f.csv:1:1", "id-type must be"},
        {nodes({"p:point{crs}"}), "f.csv:1:1", "{key:value}"},
        {nodes({"p\xFF"}), "f.csv:1:1", "not UTF-8"},
    };
    for (const Bad& each : cases) {
        ASSERT_FALSE(each.header.ok()) << each.message;
        EXPECT_EQ(each.header.error().reason(), "IMPORT_HEADER");
        EXPECT_NE(each.header.error().message().find(each.message), std::string::npos)
            << each.header.error().message();
        EXPECT_TRUE(each.header.error().message().starts_with(each.place + ": "))
            << each.header.error().message();
    }
}

TEST(Header, GuessesTheColumnsOfBareFiles) {
    const auto header = header_of_bare_files(
        {{"1", "2", "5", "1.5", "x", "7", ""}, {"3", "4", "-5", "2", "1", "0.5", ""}},
        EntityKind::kRelationship, true, "f.csv:1");
    ASSERT_TRUE(header.ok()) << header.error().to_string();
    const auto& columns = header->columns;
    EXPECT_EQ(columns[2].name, "property1");
    EXPECT_EQ(columns[2].type, FieldType::kLong);
    EXPECT_EQ(columns[3].type, FieldType::kFloat);
    EXPECT_EQ(columns[4].type, FieldType::kString);
    EXPECT_EQ(columns[5].type, FieldType::kFloat);
    EXPECT_EQ(columns[6].type, FieldType::kString);
    const auto ids = header_of_bare_files({{"7"}}, EntityKind::kNode, false, "f.csv:1");
    ASSERT_TRUE(ids.ok());
    EXPECT_EQ(ids->columns[0].name, "id");
    EXPECT_FALSE(header_of_bare_files({{"7"}}, EntityKind::kRelationship, true, "f.csv:1").ok());
}

}  // namespace
}  // namespace deed::storage::importer
