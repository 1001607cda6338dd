#include "engine/storage/store.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/storage/keys.h"
#include "engine/storage/sorted_table_writer.h"
#include "tests/unit/storage/test_data.h"

namespace deed::storage {
namespace {

using testing::one_node;
using testing::record_of;
using testing::Rows;
using testing::TempDir;

std::unique_ptr<Store> open_store(const std::string& dir, bool read_only = false) {
    StoreOptions options;
    options.data_dir = dir;
    options.read_only = read_only;
    Result<std::unique_ptr<Store>> store = Store::open(options);
    if (!store.ok()) {
        ADD_FAILURE() << store.error().to_string();
        return nullptr;
    }
    return std::move(store).value();
}

std::vector<uint64_t> replayed(const Store& store, uint64_t from) {
    std::vector<uint64_t> seen;
    const Status status = store.replay(CommitTs(from), [&](const LogRecord& record) -> Status {
        seen.push_back(record.ts.raw());
        return {};
    });
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().to_string());
    return seen;
}

void append(Store& store, uint64_t ts, bool sync = true) {
    const catalog::ChangeSet changes = one_node(ts, static_cast<int64_t>(ts));
    const Status status = store.append(record_of(ts, changes), {}, sync);
    ASSERT_TRUE(status.ok()) << status.error().to_string();
    store.acknowledged(CommitTs(ts));
}

TEST(Store, WhatWasAppendedComesBack) {
    const TempDir dir;
    std::string uuid;
    {
        auto store = open_store(dir.path() + "/db");
        uuid = store->state().database_uuid;
        EXPECT_EQ(store->state().recovered, CommitTs(0));
        catalog::ChangeSet changes = one_node(7, 42);
        changes.added.push_back({.edge = EdgeId(3),
                                 .start = NodeId(7),
                                 .end = NodeId(9),
                                 .type = TypeId(1),
                                 .properties = {{PropertyKeyId(2), value::Value::string("x")}}});
        changes.removed.push_back({EdgeId(1), NodeId(2), NodeId(3), TypeId(0)});
        changes.written.push_back({EdgeId(2), {}});
        const std::vector<catalog::Token> tokens{{catalog::TokenKind::kLabel, 0, "Person"}};
        LogRecordView record = record_of(1, changes);
        record.transactions = 17;
        record.edge_id_end = 4;
        ASSERT_TRUE(store->append(record, tokens, true).ok());
    }
    auto store = open_store(dir.path() + "/db");
    EXPECT_EQ(store->state().database_uuid, uuid);
    EXPECT_EQ(store->state().recovered, CommitTs(1));
    EXPECT_EQ(store->state().note, "");
    ASSERT_EQ(store->state().tokens.size(), 1U);
    EXPECT_EQ(store->state().tokens[0].name, "Person");
    size_t records = 0;
    ASSERT_TRUE(store
                    ->replay(CommitTs(0),
                             [&](const LogRecord& record) -> Status {
                                 ++records;
                                 EXPECT_EQ(record.transactions, 17U);
                                 EXPECT_EQ(record.edge_id_end, 4U);
                                 EXPECT_EQ(record.changes.nodes.at(0).node, NodeId(7));
                                 EXPECT_EQ(
                                     record.changes.nodes[0].properties.at(0).second.as_integer(),
                                     42);
                                 EXPECT_EQ(record.changes.added.at(0).end, NodeId(9));
                                 EXPECT_EQ(record.changes.removed.at(0).edge, EdgeId(1));
                                 EXPECT_EQ(record.changes.written.at(0).edge, EdgeId(2));
                                 return {};
                             })
                    .ok());
    EXPECT_EQ(records, 1U);
}

TEST(Store, FoldMovesTheLogIntoRows) {
    const TempDir dir;
    {
        auto store = open_store(dir.path());
        for (uint64_t ts = 1; ts <= 10; ++ts) append(*store, ts);
        const uint64_t log_bytes = store->log_bytes();
        EXPECT_GT(log_bytes, 900U);
        auto folder = store->begin_fold();
        ASSERT_TRUE(folder.ok());
        EXPECT_EQ(store->begin_fold().error().reason(), "FOLD_RUNNING");
        ASSERT_TRUE((*folder)->put_node({NodeId(5), {LabelId(1), LabelId(4)}, {}}).ok());
        const std::vector<AdjacencyEntry> entries{{TypeId(0), NodeId(6), EdgeId(64)},
                                                  {TypeId(0), NodeId(6), EdgeId(65)},
                                                  {TypeId(2), NodeId(1), EdgeId(3)}};
        ASSERT_TRUE((*folder)->put_adjacency(NodeId(5), Direction::kOut, entries).ok());
        const std::vector<EdgeRow> page{{EdgeId(64), NodeId(5), NodeId(6), TypeId(0), {}},
                                        {EdgeId(65),
                                         NodeId(5),
                                         NodeId(6),
                                         TypeId(0),
                                         {{PropertyKeyId(1), value::Value::floating(0.5)}}}};
        ASSERT_TRUE((*folder)->put_edge_page(1, page).ok());
        ASSERT_TRUE((*folder)->put_pheromone("trail").ok());
        append(*store, 11);
        ASSERT_TRUE((*folder)->finish(CommitTs(10), 100, 200, 3).ok());
        EXPECT_LT(store->log_bytes(), log_bytes);
    }
    auto store = open_store(dir.path());
    EXPECT_EQ(store->state().folded_through, CommitTs(10));
    EXPECT_EQ(store->state().recovered, CommitTs(11));
    EXPECT_EQ(store->state().node_id_end, 100U);
    EXPECT_EQ(store->state().edge_id_end, 200U);
    EXPECT_EQ(store->state().pheromone_epoch, 3U);
    EXPECT_EQ(replayed(*store, 10), std::vector<uint64_t>{11});
    Rows rows;
    ASSERT_TRUE(store->load_nodes({}, rows).ok());
    ASSERT_TRUE(store->load_edges({}, rows).ok());
    EXPECT_EQ(rows.nodes.at(5), ":1:4{}");
    EXPECT_EQ((rows.lists.at({5, 0}).size()), 3U);
    EXPECT_EQ(rows.edges.at(64), "5-0->6{}");
    EXPECT_EQ(rows.edges.at(65), "5-0->6{1=0.5;}");
    std::string trail;
    ASSERT_TRUE(store
                    ->load_pheromone([&](std::string_view bytes) -> Status {
                        trail = bytes;
                        return {};
                    })
                    .ok());
    EXPECT_EQ(trail, "trail");
}

std::vector<AdjacencyEntry> long_list(size_t size) {
    std::vector<AdjacencyEntry> entries;
    for (size_t i = 0; i < size; ++i)
        entries.push_back({TypeId(static_cast<uint32_t>(i / 70'000)), NodeId(i % 70'000 * 3),
                           EdgeId(i * 7 % 1'000'003)});
    return entries;
}

TEST(Store, LongListsAreCutAndJoined) {
    const TempDir dir;
    auto store = open_store(dir.path());
    std::vector<AdjacencyEntry> entries = long_list(100'000);
    const auto fold = [&](std::span<const AdjacencyEntry> list) {
        auto folder = store->begin_fold();
        ASSERT_TRUE(folder.ok());
        ASSERT_TRUE((*folder)->put_adjacency(NodeId(1), Direction::kIn, list).ok());
        ASSERT_TRUE((*folder)->finish(CommitTs(0), 0, 0, 0).ok());
    };
    const auto loaded = [&]() {
        Rows rows;
        const Status status = store->load_nodes({}, rows);
        EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.error().to_string());
        return rows.lists[{1, 1}];
    };
    fold(entries);
    EXPECT_EQ(loaded(), entries);
    entries.insert(entries.begin() + 50'000,
                   {entries[50'000].type, entries[50'000].neighbour, EdgeId(0)});
    fold(entries);
    EXPECT_EQ(loaded(), entries);
    entries.resize(20'000);
    fold(entries);
    EXPECT_EQ(loaded(), entries);
    entries.resize(3);
    fold(entries);
    EXPECT_EQ(loaded(), entries);
    fold({});
    EXPECT_TRUE(loaded().empty());
}

TEST(Store, AnUnfinishedFoldChangesNothingOfTheLog) {
    const TempDir dir;
    {
        auto store = open_store(dir.path());
        for (uint64_t ts = 1; ts <= 3; ++ts) append(*store, ts);
        auto folder = store->begin_fold();
        ASSERT_TRUE(folder.ok());
        ASSERT_TRUE((*folder)->put_node({NodeId(5), {}, {}}).ok());
    }
    auto store = open_store(dir.path());
    EXPECT_EQ(store->state().folded_through, CommitTs(0));
    EXPECT_EQ(replayed(*store, 0), (std::vector<uint64_t>{1, 2, 3}));
}

TEST(Store, RangesCoverEveryRowOnce) {
    const TempDir dir;
    auto store = open_store(dir.path());
    auto folder = store->begin_fold();
    ASSERT_TRUE(folder.ok());
    for (uint64_t id = 0; id < 5000; ++id) {
        ASSERT_TRUE((*folder)->put_node({NodeId(id * 3), {LabelId(1)}, {}}).ok());
        const EdgeRow row{EdgeId(id * 64), NodeId(0), NodeId(1), TypeId(0), {}};
        ASSERT_TRUE((*folder)->put_edge_page(id, {&row, 1}).ok());
    }
    ASSERT_TRUE((*folder)->finish(CommitTs(0), 15'000, 0, 0).ok());
    for (const uint32_t parts : {1U, 2U, 7U, 64U}) {
        const std::vector<KeyRange> ranges = store->split_nodes(parts);
        EXPECT_LE(ranges.size(), parts);
        EXPECT_TRUE(parts == 1 || ranges.size() > 1);
        EXPECT_EQ(ranges.front().begin, "");
        EXPECT_EQ(ranges.back().end, "");
        size_t nodes = 0;
        for (size_t i = 0; i < ranges.size(); ++i) {
            EXPECT_TRUE(i == 0 || ranges[i].begin == ranges[i - 1].end);
            Rows rows;
            ASSERT_TRUE(store->load_nodes(ranges[i], rows).ok());
            nodes += rows.nodes.size();
        }
        EXPECT_EQ(nodes, 5000U);
        size_t edges = 0;
        for (const KeyRange& range : store->split_edges(parts)) {
            Rows rows;
            ASSERT_TRUE(store->load_edges(range, rows).ok());
            edges += rows.edges.size();
        }
        EXPECT_EQ(edges, 5000U);
    }
}

TEST(Store, TakesOverSortedTables) {
    const TempDir dir;
    {
        auto store = open_store(dir.path() + "/db");
        const std::string file = dir.path() + "/nodes.sst";
        auto writer = SortedTableWriter::create(file, KeySpace::kNode);
        ASSERT_TRUE(writer.ok());
        EXPECT_EQ((*writer)->finish().error().reason(), "EMPTY_TABLE");
        std::string value;
        encode_node_row({NodeId(1), {LabelId(0)}, {}}, value);
        ASSERT_TRUE((*writer)->put(keys::node_record(NodeId(1)), value).ok());
        EXPECT_EQ((*writer)->put(keys::node_record(NodeId(1)), value).error().reason(),
                  "KEY_ORDER");
        const std::vector<AdjacencyEntry> entries = long_list(2000);
        ASSERT_TRUE(encode_adjacency(NodeId(1), Direction::kOut, entries,
                                     [&](std::string_view key, std::string_view bytes) {
                                         return (*writer)->put(key, bytes);
                                     })
                        .ok());
        ASSERT_TRUE((*writer)->finish().ok());
        ASSERT_TRUE(store->ingest(KeySpace::kNode, {file}).ok());
        auto folder = store->begin_fold();
        ASSERT_TRUE(folder.ok());
        ASSERT_TRUE((*folder)->put_token({catalog::TokenKind::kLabel, 0, "L"}).ok());
        ASSERT_TRUE((*folder)->finish(CommitTs(1), 2, 2000, 0).ok());
    }
    auto store = open_store(dir.path() + "/db");
    EXPECT_EQ(store->state().recovered, CommitTs(1));
    EXPECT_EQ(store->state().tokens.at(0).name, "L");
    Rows rows;
    ASSERT_TRUE(store->load_nodes({}, rows).ok());
    EXPECT_EQ(rows.nodes.at(1), ":0{}");
    EXPECT_EQ((rows.lists.at({1, 0}).size()), 2000U);
    append(*store, 2);
}

TEST(Store, RefusesACommitBeforeTheDiskIsFull) {
    const TempDir dir;
    append(*open_store(dir.path() + "/db"), 1);
    StoreOptions options;
    options.data_dir = dir.path() + "/db";
    options.disk_reserve_bytes = 1ULL << 62;  // more than any disk has left
    {
        auto store = Store::open(options);
        ASSERT_TRUE(store.ok()) << store.error().to_string();
        const catalog::ChangeSet changes = one_node(2, 2);
        const Status refused = (*store)->append(record_of(2, changes), {}, true);
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().code(), ErrorCode::kDiskFull);
        EXPECT_EQ(replayed(**store, 0), std::vector<uint64_t>({1}));
    }
    auto store = open_store(dir.path() + "/db");
    append(*store, 2);
    EXPECT_EQ(replayed(*store, 0), std::vector<uint64_t>({1, 2}));
}

TEST(Store, BelongsToOneProcess) {
    const TempDir dir;
    auto store = open_store(dir.path());
    StoreOptions options;
    options.data_dir = dir.path();
    const auto second = Store::open(options);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code(), ErrorCode::kLockHeld);
    EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos)
        << second.error().message();
    ASSERT_TRUE(store->close().ok());
    store.reset();
    EXPECT_TRUE(Store::open(options).ok());
}

TEST(Store, KeepsItsFilesToItself) {
    const TempDir dir;
    const std::string path = dir.path() + "/a/db";
    auto store = open_store(path);
    append(*store, 1);
    struct stat facts {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0700U);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        ASSERT_EQ(::stat(entry.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 077, 0U) << entry.path();
    }
}

TEST(Store, RefusesADirectoryThatEveryoneMayWrite) {
    const TempDir dir;
    ASSERT_EQ(::chmod(dir.path().c_str(), 0777), 0);
    StoreOptions options;
    options.data_dir = dir.path();
    const auto store = Store::open(options);
    ASSERT_FALSE(store.ok());
    EXPECT_EQ(store.error().reason(), "DATA_DIR_OPEN_TO_ALL");
}

TEST(Store, LeavesADirectoryOfSomebodyElseAlone) {
    const TempDir dir;
    const std::string file = dir.path() + "/thesis.txt";
    std::ofstream(file) << "mine";
    ASSERT_EQ(::chmod(dir.path().c_str(), 0755), 0);
    StoreOptions options;
    options.data_dir = dir.path();
    const auto writer = Store::open(options);
    ASSERT_FALSE(writer.ok());
    EXPECT_EQ(writer.error().reason(), "DATA_DIR_FOREIGN");
    EXPECT_NE(writer.error().message().find("thesis.txt"), std::string::npos);
    options.read_only = true;
    options.create_if_missing = false;
    const auto reader = Store::open(options);
    ASSERT_FALSE(reader.ok());
    EXPECT_EQ(reader.error().reason(), "DATABASE_NOT_FOUND");
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path()))
        left.push_back(entry.path());
    EXPECT_EQ(left, std::vector<std::string>{file});
    struct stat facts {};
    ASSERT_EQ(::stat(dir.path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0755U);
}

TEST(Store, TakesAFileSystemOfItsOwn) {
    const TempDir dir;
    std::filesystem::create_directory(dir.path() + "/lost+found");
    auto store = open_store(dir.path());
    append(*store, 1);
}

TEST(Store, ReadOnlyChangesNothing) {
    const TempDir dir;
    {
        auto store = open_store(dir.path());
        append(*store, 1);
    }
    const auto listing = [&] {
        std::map<std::string, uintmax_t> files;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path()))
            if (entry.is_regular_file()) files[entry.path()] = entry.file_size();
        return files;
    };
    const auto before = listing();
    {
        auto store = open_store(dir.path(), true);
        EXPECT_EQ(replayed(*store, 0), std::vector<uint64_t>{1});
        const catalog::ChangeSet changes = one_node(2, 2);
        EXPECT_EQ(store->append(record_of(2, changes), {}, true).error().reason(),
                  "STORE_READ_ONLY");
        EXPECT_EQ(store->begin_fold().error().reason(), "STORE_READ_ONLY");
    }
    EXPECT_EQ(listing(), before);
}

TEST(Store, SaysWhereThereIsNoDatabase) {
    const TempDir dir;
    StoreOptions options;
    options.data_dir = dir.path() + "/none";
    options.create_if_missing = false;
    EXPECT_EQ(Store::open(options).error().code(), ErrorCode::kNotFound);
    options.data_dir = dir.path();
    EXPECT_EQ(Store::open(options).error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace deed::storage
