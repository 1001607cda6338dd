// Small sets of files, imported and read back from the store.
#include <filesystem>
#include <gtest/gtest.h>

#include "engine/storage/store.h"
#include "tests/unit/import/scratch.h"

namespace deed::storage::importer {
namespace {

using value::Value;

/// The example of films and actors that everyone knows, with every kind of column.
struct Films {
    Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));

    Films() {
        options.nodes.push_back({{},
                                 {scratch.write("movies.csv",
                                                "movieId:ID,title,year:int,:LABEL\n"
                                                "tt1,\"The Matrix\",1999,Movie\n"
                                                "tt2,\"The Matrix, Reloaded\",2003,Movie;Sequel\n"
                                                "tt3,,,Movie\n")}});
        options.nodes.push_back({{"Actor", "Person"},
                                 {scratch.write("actors-header.csv", "personId:ID,name,:LABEL\n"),
                                  scratch.write("actors.csv",
                                                "keanu,Keanu Reeves,Star\n"
                                                "laurence,Laurence Fishburne,\n")}});
        options.relationships.push_back(
            {{},
             {scratch.write("roles.csv",
                            ":START_ID,role,:END_ID,:TYPE,taken:date,:IGNORE\n"
                            "keanu,Neo,tt1,ACTED_IN,1998-03-01,x\n"
                            "keanu,\"\",tt2,ACTED_IN,,x\n"
                            "laurence,,tt1,ACTED_IN,,x\n"
                            "keanu,,keanu,KNOWS,,\n")}});
    }
};

TEST(Graphs, HoldsWhatTheFilesSay) {
    Films films;
    const ImportSummary summary = import_or_fail(films.options);
    EXPECT_EQ(summary.nodes, 5U);
    EXPECT_EQ(summary.relationships, 4U);
    EXPECT_EQ(summary.properties, 5U + 2U + 2U + 2U + 3U);
    EXPECT_EQ(summary.labels, 5U);
    EXPECT_EQ(summary.types, 2U);
    EXPECT_EQ(summary.bad, 0U);
    const LoadedGraph graph = load(films.options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 5U);
    ASSERT_EQ(graph.edges.size(), 4U);
    EXPECT_EQ(graph.node_id_end, 5U);
    EXPECT_EQ(graph.edge_id_end, 4U);
    EXPECT_EQ(graph.folded_through, 1U);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties),
              "movieId='tt1', title='The Matrix', year=1999");
    EXPECT_EQ(text_of(graph.nodes.at(2).properties), "movieId='tt3'");
    EXPECT_EQ(graph.nodes.at(1).labels, (std::set<std::string>{"Movie", "Sequel"}));
    EXPECT_EQ(graph.nodes.at(3).labels, (std::set<std::string>{"Actor", "Person", "Star"}));
    EXPECT_EQ(graph.nodes.at(4).labels, (std::set<std::string>{"Actor", "Person"}));
    EXPECT_EQ(graph.edges.at(0).start, 3U);
    EXPECT_EQ(graph.edges.at(0).end, 0U);
    EXPECT_EQ(graph.edges.at(0).type, "ACTED_IN");
    EXPECT_EQ(text_of(graph.edges.at(0).properties), "role='Neo', taken=date('1998-03-01')");
    EXPECT_EQ(text_of(graph.edges.at(1).properties), "role=''");
    EXPECT_TRUE(graph.edges.at(2).properties.empty());
    EXPECT_EQ(graph.edges.at(3).start, graph.edges.at(3).end);
    EXPECT_EQ(graph.edges.at(3).type, "KNOWS");
}

TEST(Graphs, LeaveAStoreThatOpensAtOnceAndNothingElse) {
    Films films;
    import_or_fail(films.options);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(films.options.data_dir))
        names.insert(entry.path().filename());
    EXPECT_TRUE(names.contains("rocks"));
    EXPECT_FALSE(names.contains("import.tmp"));
    StoreOptions options;
    options.data_dir = films.options.data_dir;
    auto store = Store::open(options);
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    EXPECT_EQ((*store)->state().note, "");
    EXPECT_EQ((*store)->state().recovered.raw(), 1U);
    // The next commit goes on from there.
    catalog::ChangeSet changes;
    changes.nodes.push_back({NodeId(5), false, {}, {}});
    LogRecordView record;
    record.ts = CommitTs(2);
    record.node_id_end = 6;
    record.edge_id_end = 4;
    record.changes = &changes;
    const Status appended = (*store)->append(record, {}, true);
    EXPECT_TRUE(appended.ok()) << appended.error().to_string();
}

TEST(Graphs, AreTheSameInWindowsFilesWithByteOrderMarks) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.nodes.push_back(
        {{"N"}, {scratch.write("n.csv", "\xEF\xBB\xBFid:ID,name\r\n1,a\r\n2,\"b\"\r\n\r\n3,c")}});
    options.relationships.push_back(
        {{"R"}, {scratch.write("r.csv", "\xEF\xBB\xBF:START_ID,:END_ID\r\n1,2\r\n2,3\r")}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 3U);
    EXPECT_EQ(text_of(graph.nodes.at(1).properties), "id='2', name='b'");
    EXPECT_EQ(text_of(graph.nodes.at(2).properties), "id='3', name='c'");
    ASSERT_EQ(graph.edges.size(), 2U);
    EXPECT_EQ(graph.edges.at(1).end, 2U);
}

TEST(Graphs, ComeFromCompressedFilesToo) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    std::string nodes = "id:ID\n";
    std::string edges;
    for (int i = 0; i < 1000; ++i) {
        nodes += std::to_string(i) + "\n";
        edges += std::to_string(i) + "," + std::to_string((i * 7) % 1000) + "\n";
    }
    options.nodes.push_back({{"N"}, {scratch.write_gzip("n.csv.gz", nodes)}});
    options.relationships.push_back(
        {{"R"},
         {scratch.write_gzip("h.csv.gz", ":START_ID,:END_ID\n"),
          scratch.write_gzip("r.csv.gz", edges), scratch.write("plain.csv", edges)}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    EXPECT_EQ(graph.nodes.size(), 1000U);
    ASSERT_EQ(graph.edges.size(), 2000U);
    EXPECT_EQ(graph.edges.at(999).end, 993U);
    EXPECT_EQ(graph.edges.at(1999).end, 993U);
}

TEST(Graphs, HaveFieldsOverSeveralLinesWhereAsked) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.dialect.multiline_fields = true;
    options.nodes.push_back(
        {{"N"}, {scratch.write("n.csv", "id:ID,text\n1,\"two\nlines, \"\"quoted\"\"\"\n2,x\n")}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 2U);
    EXPECT_EQ(graph.nodes.at(0).properties.at("text").as_string(), "two\nlines, \"quoted\"");
}

TEST(Graphs, KeepIdSpacesApart) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.nodes.push_back({{"A"}, {scratch.write("a.csv", "id:ID(A)\n1\n2\n")}});
    options.nodes.push_back({{"B"}, {scratch.write("b.csv", "id:ID(B){id-type:int}\n1\n007\n")}});
    options.nodes.push_back({{"C"}, {scratch.write("c.csv", "name\nx\ny\n")}});
    options.relationships.push_back(
        {{"R"}, {scratch.write("r.csv", ":START_ID(A),:END_ID(B)\n1,1\n2,7\n2,007\n")}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 6U);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties), "id='1'");
    EXPECT_EQ(text_of(graph.nodes.at(3).properties), "id=7");
    EXPECT_EQ(text_of(graph.nodes.at(5).properties), "name='y'");
    ASSERT_EQ(graph.edges.size(), 3U);
    EXPECT_EQ(graph.edges.at(0).end, 2U);
    EXPECT_EQ(graph.edges.at(1).end, 3U);
    EXPECT_EQ(graph.edges.at(2).end, 3U);
}

struct BareFiles {
    Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));

    BareFiles(const std::string& nodes, const std::string& edges) {
        options.no_header = true;
        options.nodes.push_back({{"User"}, {scratch.write("n.csv", nodes)}});
        options.relationships.push_back({{"RATED"}, {scratch.write("e.csv", edges)}});
    }
};

TEST(Graphs, ComeFromBareFilesWithNumbersForIds) {
    BareFiles bare("7\n-5\n100\n", "7,-5,10,1.5\n100, 7,-1,2\n");
    import_or_fail(bare.options);
    const LoadedGraph graph = load(bare.options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 3U);
    EXPECT_EQ(text_of(graph.nodes.at(1).properties), "id=-5");
    ASSERT_EQ(graph.edges.size(), 2U);
    EXPECT_EQ(text_of(graph.edges.at(0).properties), "property1=10, property2=1.5");
    EXPECT_EQ(graph.edges.at(1).start, 2U);
    EXPECT_EQ(graph.edges.at(1).end, 0U);
}

TEST(Graphs, KeepBareIdsAsTextWhereOneIsNoNumber) {
    BareFiles bare("7\n08\nx\n", "7,08\nx,7\n");
    import_or_fail(bare.options);
    const LoadedGraph graph = load(bare.options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 3U);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties), "id='7'");
    EXPECT_EQ(text_of(graph.nodes.at(1).properties), "id='08'");
    EXPECT_EQ(graph.edges.size(), 2U);
}

TEST(Graphs, TakeColumnsFromTheCommandLine) {
    BareFiles bare("7\n8\n", "7,8,3,1307526243.25\n8,7,,0\n");
    bare.options.headers = {"source:START_ID,target:END_ID,rating:int,time:double", "key:ID"};
    bare.options.id_type = IdType::kInteger;
    import_or_fail(bare.options);
    const LoadedGraph graph = load(bare.options.data_dir);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties), "key=7");
    EXPECT_EQ(text_of(graph.edges.at(0).properties), "rating=3, time=1307526243.25");
    EXPECT_EQ(text_of(graph.edges.at(1).properties), "time=0.0");
}

TEST(Graphs, LeaveOutUnnamedIds) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.nodes.push_back({{"N"}, {scratch.write("n.csv", ":ID,name\n1,a\n")}});
    import_or_fail(options);
    EXPECT_EQ(text_of(load(options.data_dir).nodes.at(0).properties), "name='a'");
}

TEST(Graphs, TakePatternsInNaturalOrder) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    const std::string header = scratch.write("head.csv", "id:ID\n");
    scratch.write("part10.csv", "c\n");
    scratch.write("part2.csv", "id:ID\nb\n");
    scratch.write("part1.csv", "a\n");
    options.auto_skip_subsequent_headers = true;
    options.nodes.push_back({{"N"}, {header, scratch.path("part*.csv")}});
    import_or_fail(options);
    const LoadedGraph graph = load(options.data_dir);
    ASSERT_EQ(graph.nodes.size(), 3U);
    EXPECT_EQ(text_of(graph.nodes.at(0).properties), "id='a'");
    EXPECT_EQ(text_of(graph.nodes.at(1).properties), "id='b'");
    EXPECT_EQ(text_of(graph.nodes.at(2).properties), "id='c'");

    ImportOptions regex = options_for(scratch.path("regex"));
    regex.path_patterns = PathPatterns::kRegex;
    regex.auto_skip_subsequent_headers = true;
    regex.nodes.push_back({{"N"}, {header, scratch.path("part\\d+\\.csv")}});
    import_or_fail(regex);
    EXPECT_EQ(load(regex.data_dir).nodes.size(), 3U);
}

TEST(Graphs, ReplaceAStoreWithoutAGraph) {
    Films films;
    {
        StoreOptions options;
        options.data_dir = films.options.data_dir;
        auto store = Store::open(options);
        ASSERT_TRUE(store.ok()) << store.error().to_string();
        ASSERT_TRUE((*store)->close().ok());
    }
    import_or_fail(films.options);
    EXPECT_EQ(load(films.options.data_dir).nodes.size(), 5U);
}

TEST(Graphs, AreNeverReplaced) {
    Films films;
    import_or_fail(films.options);
    const auto again = run_import(films.options);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ(again.error().reason(), "IMPORT_GRAPH_EXISTS");
    EXPECT_EQ(load(films.options.data_dir).nodes.size(), 5U);
}

TEST(Graphs, MayBeEmpty) {
    const Scratch scratch;
    ImportOptions options = options_for(scratch.path("data"));
    options.nodes.push_back({{"N"}, {scratch.write("n.csv", "id:ID\n")}});
    options.relationships.push_back({{"R"}, {scratch.write("r.csv", ":START_ID,:END_ID\n")}});
    const ImportSummary summary = import_or_fail(options);
    EXPECT_EQ(summary.nodes, 0U);
    EXPECT_EQ(load(options.data_dir).nodes.size(), 0U);
}

TEST(Graphs, TellHowFarTheyAre) {
    Films films;
    std::vector<ImportStage> stages;
    const auto summary = run_import(
        films.options, [&](const ImportProgress& progress) { stages.push_back(progress.stage); });
    ASSERT_TRUE(summary.ok());
    EXPECT_FALSE(stages.empty());
    EXPECT_TRUE(std::is_sorted(stages.begin(), stages.end()));
}

}  // namespace
}  // namespace deed::storage::importer
