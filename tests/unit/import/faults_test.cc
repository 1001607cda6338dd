// What the user hears when files are wrong, and what is left behind.
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/storage/store.h"
#include "tests/unit/import/scratch.h"

namespace deed::storage::importer {
namespace {

/// Nodes 1, 2, 3 and what relationships a test gives.
struct Small {
    Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));

    Small& nodes(const std::string& text) {
        options.nodes.push_back({{"N"}, {scratch.write("n.csv", text)}});
        return *this;
    }
    Small& edges(const std::string& text) {
        options.relationships.push_back({{"R"}, {scratch.write("r.csv", text)}});
        return *this;
    }
    Small& good_nodes() { return nodes("id:ID,age:int\n1,10\n2,20\n3,30\n"); }

    /// The import fails with this word and a message that begins with this file and place and holds
    /// the text; and nothing is left of it.
    void expect_fault(const std::string& reason, const std::string& place,
                      const std::string& text) {
        const auto summary = run_import(options);
        ASSERT_FALSE(summary.ok()) << text;
        EXPECT_EQ(summary.error().reason(), reason) << summary.error().to_string();
        const std::string& message = summary.error().message();
        EXPECT_TRUE(message.starts_with(scratch.path(place))) << message << "\nnot at " << place;
        EXPECT_NE(message.find(text), std::string::npos) << message << "\nlacks " << text;
        EXPECT_FALSE(std::filesystem::exists(options.data_dir)) << "something was left behind";
    }
};

struct LineCase {
    std::string nodes;
    std::string edges;
    std::string reason;
    std::string place;
    std::string text;
};

TEST(Faults, NameFileLineColumnFaultAndRemedy) {
    const std::string good = "id:ID\n1\n2\n";
    const std::string pair = ":START_ID,:END_ID\n";
    const std::vector<LineCase> cases = {
        {"id:ID,age:int\n1,2\n2,x\n", "", "IMPORT_BAD_VALUE", "n.csv:3:3: age: ",
         "\"x\" is not an integer; correct it, or declare the column as double or string"},
        {"id:ID,a:int\r\n1,9223372036854775808\r\n", "", "IMPORT_INTEGER_OVERFLOW",
         "n.csv:2:3: a: ", "does not fit into 64 bits"},
        {"id:ID\n1\n2\n1\n", "", "IMPORT_DUPLICATE_ID", "n.csv:4:1: id:ID: ",
         "the id 1 was given before, to node 1 of the import; remove the row"},
        {"id:ID,name\n1,a\n2\n", "", "IMPORT_TOO_FEW_FIELDS",
         "n.csv:3:1: ", "1 of 2 fields, \"name\" is missing"},
        {"id:ID,name\n1,a,b\n", "", "IMPORT_TOO_MANY_FIELDS",
         "n.csv:2:5: ", "the line has 3 fields, the header 2"},
        {"id:ID,name\n,a\n", "", "IMPORT_EMPTY_ID", "n.csv:2:1: id:ID: ", "the id is empty"},
        {"id:ID,name\n1,\"a\n2,b\n", "", "IMPORT_UNTERMINATED_QUOTE",
         "n.csv:2:3: ", "--multiline-fields"},
        {"id:ID,name\n1,\"a\"b\n", "", "IMPORT_TEXT_AFTER_QUOTE",
         "n.csv:2:6: ", "double each quote"},
        {std::string("id:ID,name\n1,a\0b\n", 17), "", "IMPORT_NUL_BYTE",
         "n.csv:2:3: name: ", "NUL byte"},
        {"id:ID,name\n1,caf\xE9\n", "", "IMPORT_NOT_UTF8", "n.csv:2:3: name: ", "iconv"},
        {"id:ID\ncaf\xE9\n", "", "IMPORT_NOT_UTF8", "n.csv:2:1: id:ID: ", "iconv"},
        {"id:ID,:LABEL\n1,caf\xE9\n", "", "IMPORT_BAD_LABEL", "n.csv:2:3: :LABEL: ", ""},
        {"id:ID,x:ID\n", "", "IMPORT_HEADER", "n.csv:1:7: ", "there are two :ID columns"},
        {"id:ID\n\n\n1\n1\n", "", "IMPORT_DUPLICATE_ID", "n.csv:5:1", "the id 1"},
        {good, pair + "1,2\n1,3\n", "IMPORT_NO_SUCH_NODE", "r.csv:3:3: :END_ID: ",
         "there is no node with the id 3; add the node, correct the id, or give "
         "--skip-bad-relationships"},
        {good, pair + "x,2\n", "IMPORT_NO_SUCH_NODE", "r.csv:2:1: :START_ID: ", "the id \"x\""},
        {good, pair + ",2\n", "IMPORT_EMPTY_ID", "r.csv:2:1: ", "the id is empty"},
        {good, ":START_ID,:END_ID,w:double\n1,2,0.5\n1,2,1e\n", "IMPORT_BAD_VALUE",
         "r.csv:3:5: w: ", "\"1e\" is not a number"},
        {good, ":START_ID(X),:END_ID\n1,2\n", "IMPORT_HEADER",
         "r.csv:1: ", "no nodes of this import have ids in the space \"X\"; the spaces are \"\""},
        {good, "", "IMPORT_HEADER", "r.csv: ", "the file is empty"},
        {"", "", "IMPORT_HEADER", "n.csv: ", "the file is empty"},
        {"\xFF\xFEi\0d\0", "", "IMPORT_NOT_UTF8", "n.csv: ", "UTF-16"},
        {"id:ID\r1\r2\r", "", "IMPORT_LINE_ENDS", "n.csv: ", "carriage returns"},
    };
    for (const LineCase& each : cases) {
        SCOPED_TRACE(each.nodes + " / " + each.edges);
        Small small;
        small.nodes(each.nodes);
        if (!each.edges.empty() || each.place.starts_with("r.csv")) small.edges(each.edges);
        small.expect_fault(each.reason, each.place, each.text);
    }
}

TEST(Faults, AreFoundInTheMiddleOfLargeFilesByTheRightLine) {
    // Several chunks of four megabytes; the thread that finds the fault knows only its own.
    std::string text = "id:ID,name\n";
    const std::string name(100, 'x');
    for (int i = 0; i < 100'000; ++i) text += fmt::format("{},{}\n", i, i == 87'654 ? "\"" : name);
    Small small;
    small.nodes(text).expect_fault("IMPORT_UNTERMINATED_QUOTE", "n.csv:87656:7: ", "quoted field");
}

TEST(Faults, ReportTheFirstOfMany) {
    std::string text = "id:ID,age:int\n";
    for (int i = 0; i < 400'000; ++i) text += fmt::format("{},{}\n", i, i < 1000 ? "1" : "x");
    for (int round = 0; round < 5; ++round) {
        Small small;
        small.options.threads = 4;
        small.nodes(text).expect_fault("IMPORT_BAD_VALUE", "n.csv:1002:6: ", "\"x\"");
    }
}

TEST(Faults, OfFilesAreNamed) {
    const Scratch scratch;
    struct FileCase {
        std::string file;
        std::string reason;
        std::string text;
    };
    scratch.write("bad.csv.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03garbage", 17));
    const std::vector<FileCase> cases = {
        {scratch.path("absent.csv"), "IMPORT_FILE_NOT_FOUND", "no such file"},
        {scratch.path("absent*.csv"), "IMPORT_FILE_NOT_FOUND", "no file matches"},
        {scratch.path("."), "IMPORT_IS_DIRECTORY", "is a directory"},
        {scratch.path("bad.csv.gz"), "IMPORT_GZIP", "gzip -t"},
    };
    for (const FileCase& each : cases) {
        ImportOptions options = options_for(scratch.path("data"));
        options.nodes.push_back({{"N"}, {each.file}});
        const auto summary = run_import(options);
        ASSERT_FALSE(summary.ok()) << each.file;
        EXPECT_EQ(summary.error().reason(), each.reason) << summary.error().to_string();
        EXPECT_TRUE(summary.error().message().starts_with(each.file))
            << summary.error().to_string();
        EXPECT_NE(summary.error().message().find(each.text), std::string::npos)
            << summary.error().to_string();
    }
}

TEST(Faults, OfOptionsAreNamed) {
    Small small;
    small.good_nodes();
    ImportOptions options = small.options;
    options.nodes.clear();
    EXPECT_EQ(run_import(options).error().field(), "nodes");
    options = small.options;
    options.dialect.delimiter = ';';
    EXPECT_NE(run_import(options).error().message().find("--array-delimiter"), std::string::npos);
    options = small.options;
    options.dialect.quote = ',';
    EXPECT_EQ(run_import(options).error().field(), "quote");
    options = small.options;
    options.memory_bytes = 1000;
    EXPECT_EQ(run_import(options).error().field(), "memory");
    options = small.options;
    options.data_dir.clear();
    EXPECT_EQ(run_import(options).error().field(), "data_dir");
    options = small.options;
    options.bad_lines = small.scratch.path("no/such/folder");
    EXPECT_EQ(run_import(options).error().field(), "bad_lines");
    EXPECT_FALSE(std::filesystem::exists(small.options.data_dir));
}

TEST(Faults, MayBeAllowedAndAreWrittenDown) {
    Small small;
    small.nodes("id:ID,age:int\n1,10\n2,x\n3,30\n4\n");
    small.edges(":START_ID,:END_ID\n1,3\n1,2\n");
    small.options.max_bad = 3;
    small.options.bad_lines = small.scratch.path("bad.txt");
    const ImportSummary summary = import_or_fail(small.options);
    EXPECT_EQ(summary.bad, 3U);
    EXPECT_EQ(summary.nodes, 2U);
    EXPECT_EQ(summary.relationships, 1U);
    const LoadedGraph graph = load(small.options.data_dir);
    EXPECT_EQ(graph.nodes.size(), 2U);
    EXPECT_EQ(text_of(graph.nodes.at(1).properties), "age=30, id='3'");
    const std::string written = Scratch::read(small.options.bad_lines);
    EXPECT_NE(written.find("n.csv:3:3\tIMPORT_BAD_VALUE\t"), std::string::npos) << written;
    EXPECT_NE(written.find("\t2,x\n"), std::string::npos) << written;
    EXPECT_NE(written.find("n.csv:5:1\tIMPORT_TOO_FEW_FIELDS\t"), std::string::npos) << written;
    EXPECT_NE(written.find("r.csv:3:3\tIMPORT_NO_SUCH_NODE\t"), std::string::npos) << written;
    EXPECT_NE(written.find("\t1,2\n"), std::string::npos) << written;
}

TEST(Faults, EndTheImportWhereTheyAreTooMany) {
    Small small;
    small.options.max_bad = 1;
    small.nodes("id:ID,age:int\n1,x\n2,y\n3,z\n");
    small.expect_fault("IMPORT_BAD_VALUE", "n.csv:3:3: ", "(fault number 2; --max-bad allows 1)");
}

TEST(Faults, OfTwoKindsHaveTheirOwnAllowance) {
    Small small;
    small.nodes("id:ID,age:int\n1,10\n1,11\n2,20\n");
    small.edges(":START_ID,:END_ID\n1,2\n1,9\n9,1\n2,1\n");
    small.options.skip_duplicate_nodes = true;
    small.options.skip_bad_relationships = true;
    const ImportSummary summary = import_or_fail(small.options);
    EXPECT_EQ(summary.bad, 3U);
    const LoadedGraph graph = load(small.options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 2U);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties), "age=10, id='1'");
    ASSERT_EQ(graph.edges.size(), 2U);
    EXPECT_EQ(graph.edges.at(1).start, 1U);
    EXPECT_EQ(graph.edges.at(1).end, 0U);
}

TEST(Faults, OfTwoKindsAreNotToleratedWithoutEnd) {
    Small small;
    small.nodes("id:ID\n1\n1\n1\n");
    small.options.skip_duplicate_nodes = true;
    small.options.bad_tolerance = 1;
    small.expect_fault("IMPORT_DUPLICATE_ID", "n.csv:4:1", "--bad-tolerance allows 1");
}

TEST(Faults, AreNotMadeOfSparseExtraColumns) {
    Small small;
    small.options.ignore_extra_columns = true;
    small.nodes("id:ID\n1,x,y\n2\n");
    EXPECT_EQ(import_or_fail(small.options).nodes, 2U);
}

TEST(Faults, OfAnInterruptedImportAreCleared) {
    Small small;
    small.good_nodes();
    // What a process leaves that is killed in the middle of its work.
    const std::string folder = small.options.data_dir + "/import.tmp/tables";
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(small.options.data_dir, std::filesystem::perms::owner_all);
    small.scratch.write("data/import.tmp/tables/2-000000.sst", "half");
    EXPECT_EQ(import_or_fail(small.options).nodes, 3U);
    EXPECT_EQ(load(small.options.data_dir).nodes.size(), 3U);
    EXPECT_FALSE(std::filesystem::exists(small.options.data_dir + "/import.tmp"));
}

TEST(Faults, LeaveADirectoryThatWasThere) {
    Small small;
    std::filesystem::create_directory(small.options.data_dir);
    std::filesystem::permissions(small.options.data_dir, std::filesystem::perms::owner_all);
    small.scratch.write("data/other.txt", "mine");
    small.nodes("id:ID\n1\n1\n");
    EXPECT_FALSE(run_import(small.options).ok());
    EXPECT_EQ(Scratch::read(small.options.data_dir + "/other.txt"), "mine");
    EXPECT_FALSE(std::filesystem::exists(small.options.data_dir + "/rocks"));
    EXPECT_FALSE(std::filesystem::exists(small.options.data_dir + "/import.tmp"));
}

TEST(Faults, IncludeADirectoryInUse) {
    Small small;
    small.good_nodes();
    StoreOptions options;
    options.data_dir = small.options.data_dir;
    auto store = Store::open(options);
    ASSERT_TRUE(store.ok());
    const auto summary = run_import(small.options);
    ASSERT_FALSE(summary.ok());
    EXPECT_EQ(summary.error().code(), ErrorCode::kLockHeld) << summary.error().to_string();
}

}  // namespace
}  // namespace deed::storage::importer
