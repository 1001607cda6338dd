// Sections that go through the facade, as a server would: inserts, durable commits, collection
// scans, traversals, a log to replay.

#include "bench/core/api_sections.h"

#include <atomic>
#include <random>
#include <stdexcept>
#include <thread>

#include "bench/core/rocks_limit.h"
#include "bench/core/scratch.h"
#include "engine/api/database.h"

namespace deed::bench {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result.ok()) throw std::runtime_error(result.error().to_string());
    return std::move(result).value();
}
void must(Status status) {
    if (!status.ok()) throw std::runtime_error(status.error().to_string());
}

std::unique_ptr<api::Database> open(const std::string& folder, api::Durability durability) {
    api::DatabaseOptions options;
    options.data_dir = folder;
    options.durability = durability;
    return must(api::Database::open(options));
}

constexpr std::string_view kLabel[] = {"Person"};

/// `count` nodes, ids 0 .. count - 1, with one or two small properties.
void add_nodes(api::Database& database, uint64_t count, bool two_properties) {
    constexpr uint64_t kPerCommit = 10'000;
    for (uint64_t first = 0; first < count; first += kPerCommit) {
        auto txn = must(database.begin());
        for (uint64_t i = first; i < std::min(count, first + kPerCommit); ++i) {
            api::Properties properties{
                {"age", value::Value::integer(static_cast<int64_t>(i % 90))}};
            if (two_properties) {
                properties.emplace_back("name", value::Value::string("u" + std::to_string(i)));
            }
            must(txn.create_node(kLabel, properties));
        }
        must(txn.commit());
    }
}

/// Edges a second that `threads` threads insert, `per_commit` in a transaction.
double insert_rate(api::Database& database, uint64_t nodes, uint32_t threads, uint64_t edges_each,
                   uint64_t per_commit) {
    std::vector<std::jthread> workers;
    const double elapsed = seconds([&] {
        for (uint32_t t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] {
                std::mt19937_64 random(t + 1);
                for (uint64_t done = 0; done < edges_each; done += per_commit) {
                    auto txn = must(database.begin());
                    for (uint64_t i = 0; i < per_commit; ++i) {
                        must(txn.create_edge(NodeId{random() % nodes}, NodeId{random() % nodes},
                                             "KNOWS", {}));
                    }
                    must(txn.commit());
                }
            });
        }
        workers.clear();
    });
    return static_cast<double>(threads * edges_each) / elapsed;
}

std::vector<Figure> inserts(const Scale& scale) {
    const uint64_t nodes = scale.pick(1'000'000, 100'000);
    const uint64_t each = scale.pick(1'000'000, 150'000);
    const Scratch scratch("inserts");
    auto database = open(scratch.path(), api::Durability::kNone);
    add_nodes(*database, nodes, false);
    std::vector<Figure> figures;
    figures.push_back({.name = "inserts: edges, 2 threads, one per transaction",
                       .value = insert_rate(*database, nodes, 2, each, 1),
                       .unit = "edges/s",
                       .reach = 0.8e6,
                       .stretch = 2e6});
    figures.push_back({.name = "inserts: edges, 2 threads, 100 per transaction",
                       .value = insert_rate(*database, nodes, 2, each, 100),
                       .unit = "edges/s",
                       .reach = 0.8e6,
                       .stretch = 2e6});
    must(database->close());
    return figures;
}

/// Durable single-edge commits a second by `threads` committers during about `duration` seconds.
double commit_rate(api::Database& database, uint64_t nodes, uint32_t threads, double duration) {
    std::atomic<bool> stop{false};
    std::atomic<uint64_t> commits{0};
    std::vector<std::jthread> workers;
    const double elapsed = seconds([&] {
        for (uint32_t t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] {
                std::mt19937_64 random(t + 1);
                uint64_t mine = 0;
                while (!stop.load(std::memory_order_relaxed)) {
                    auto txn = must(database.begin());
                    must(txn.create_edge(NodeId{random() % nodes}, NodeId{random() % nodes},
                                         "KNOWS", {}));
                    must(txn.commit());
                    ++mine;
                }
                commits.fetch_add(mine);
            });
        }
        std::this_thread::sleep_for(std::chrono::duration<double>(duration));
        stop.store(true);
        workers.clear();
    });
    return static_cast<double>(commits.load()) / elapsed;
}

std::vector<Figure> commits(const Scale& scale) {
    const uint64_t nodes = 10'000;
    const double duration = scale.quick ? 1.0 : 3.0;
    std::vector<Figure> figures;
    for (const uint32_t threads : {16U, 64U}) {
        double ours = 0;
        double limit = 0;
        for (int round = 0; round < (scale.quick ? 1 : 3); ++round) {
            const Scratch scratch("commits");
            auto database = open(scratch.path(), api::Durability::kSync);
            add_nodes(*database, nodes, false);
            const uint64_t before = database->stats().log_bytes;
            const uint64_t commits_before = database->stats().commits;
            ours = std::max(ours, commit_rate(*database, nodes, threads, duration));
            const api::Stats after = database->stats();
            const uint64_t bytes =
                (after.log_bytes - before) / std::max<uint64_t>(1, after.commits - commits_before);
            must(database->close());
            const Scratch raw("commits-limit");
            limit = std::max(limit, rocks_commit_rate(raw.path(), threads, bytes, duration));
        }
        figures.push_back(
            {.name = "commits: durable, one edge each, " + std::to_string(threads) + " committers",
             .value = ours,
             .unit = "commits/s",
             .limit = limit,
             .reach = 0.5,
             .stretch = 0.8,
             .note = "limit: RocksDB group commit, same bytes a commit"});
    }
    return figures;
}

std::vector<Figure> collection_scan(const Scale& scale) {
    const Scratch scratch("collection");
    auto database = open(scratch.path(), api::Durability::kNone);
    add_nodes(*database, 10'000, false);
    auto txn = must(database->begin());
    const std::vector<std::string> names{"age"};
    int64_t sum = 0;
    double best = 1e300;
    for (int round = 0; round < (scale.quick ? 50 : 500); ++round) {
        sum = 0;
        best = std::min(best, seconds([&] {
                            must(txn.scan_columns("Person", names, {}, [&](const auto& chunk) {
                                for (const value::Value& age : chunk.columns[0]) {
                                    sum += age.as_integer();
                                }
                                return true;
                            }));
                        }));
    }
    if (sum != 10'000 / 90 * (89 * 90 / 2) + 9 * 10 / 2) throw std::runtime_error("wrong sum");
    must(database->close());
    return {{.name = "collection: scan of 10,000 entities, one property",
             .value = best * 1e6,
             .unit = "us",
             .reach = 100,
             .stretch = 50,
             .smaller_is_better = true}};
}

}  // namespace

void fill_log(const std::string& folder, uint64_t edges) {
    api::DatabaseOptions options;
    options.data_dir = folder;
    options.durability = api::Durability::kInterval;
    options.checkpoint_log_bytes = UINT64_MAX;
    options.checkpoint_interval = std::chrono::hours(24);
    auto database = must(api::Database::open(options));
    const uint64_t nodes = edges / 10;
    add_nodes(*database, nodes, false);
    must(database->checkpoint());
    insert_rate(*database, nodes, 1, edges, 1'000);
    // As after kill -9: the log is left for the next start. Nothing is destroyed in order.
    std::this_thread::sleep_for(2 * options.durability_interval);
    std::_Exit(0);
}

double replay_seconds(const std::string& folder) {
    auto database = open(folder, api::Durability::kInterval);
    return database->stats().recovery_seconds;
}

std::vector<Section> api_sections() {
    return {{"inserts", inserts}, {"commits", commits}, {"collection", collection_scan}};
}

}  // namespace deed::bench
