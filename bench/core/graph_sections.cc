// Sections that read the graph in memory directly, beside plain arrays that hold the same graph.

#include "bench/core/graph_sections.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <thread>

#include "bench/core/scratch.h"
#include "bench/core/test_graph.h"
#include "engine/catalog/tokens.h"
#include "engine/graph/expand.h"
#include "engine/graph/graph.h"
#include "engine/txn/engine.h"

namespace deed::bench {
namespace {

constexpr CommitTs kNow{1};
constexpr uint32_t kBatch = 256;

std::vector<uint32_t> permutation(uint64_t count, uint64_t seed) {
    std::vector<uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
    return order;
}

/// One value of each of two lines at random places: what a look-up must touch at least.
uint64_t gather(const std::vector<uint64_t>& slots, const std::vector<uint64_t>& records,
                const std::vector<NodeId>& ids) {
    uint64_t sum = 0;
    for (const NodeId id : ids) sum += slots[id.raw() * 4] + records[id.raw() * 8];
    return sum;
}

uint64_t look_up(const graph::Graph& graph, const std::vector<NodeId>& ids) {
    const graph::NodeRecord* found[kBatch];
    uint64_t count = 0;
    for (size_t first = 0; first + kBatch <= ids.size(); first += kBatch) {
        graph.nodes({ids.data() + first, kBatch}, kNow, found);
        for (const graph::NodeRecord* record : found) count += record != nullptr ? 1 : 0;
    }
    return count;
}

std::vector<Figure> lookups(const Scale& scale) {
    const uint64_t nodes = scale.pick(10'000'000, 1'000'000);
    catalog::Catalog catalog;
    graph::Graph graph({.shards = 2}, catalog);
    load_nodes(graph, catalog, nodes);
    std::vector<NodeId> ids(kBatch * scale.pick(16'384, 4'096));
    std::mt19937_64 random(3);
    for (NodeId& id : ids) id = NodeId{random() % nodes};
    std::vector<uint64_t> slots(nodes * 4, 1);
    std::vector<uint64_t> records(nodes * 8, 1);
    onto_huge_pages(slots);
    onto_huge_pages(records);
    uint64_t found = 0;
    const Best best = best_of(
        5, [&] { found = look_up(graph, ids); }, [&] { keep(gather(slots, records, ids)); });
    if (found != ids.size()) throw std::runtime_error("a node was not found");
    const auto count = static_cast<double>(ids.size());
    return {{.name = "lookups: random ids, batches of 256",
             .value = count / best.a,
             .unit = "ids/s",
             .limit = count / best.b,
             .reach = 0.4,
             .stretch = 0.7,
             .note = "limit: independent gathers of two lines an id"}};
}

constexpr size_t kSlotAhead = 48;
constexpr size_t kListAhead = 20;

/// Sum of all neighbours, vertices as `order` says (or 0, 1, 2 ... where it is empty).
uint64_t scan_graph(const graph::Graph& graph, uint64_t nodes, const std::vector<uint32_t>& order,
                    graph::Trail trail, CommitTs snapshot = kNow) {
    uint64_t sum = 0;
    const auto add = [&](size_t, const graph::AdjacencyView& list) {
        list.for_each_run([&](TypeId, std::span<const uint32_t> neighbours, auto) {
            for (const uint32_t neighbour : neighbours) sum += neighbour;
        });
    };
    if (order.empty()) {
        graph::expand(graph, NodeId{0}, NodeId{nodes}, Direction::kOut, snapshot, trail, add);
    } else {
        graph::expand(graph, std::span(order), Direction::kOut, snapshot, trail, add);
    }
    return sum;
}

/// Commits about 100,000 edges a second, 100 in a transaction, while `on` is set.
class Writer {
 public:
    Writer(txn::Engine& engine, uint64_t nodes)
        : thread_([this, &engine, nodes] {
              std::mt19937_64 random(17);
              auto next = std::chrono::steady_clock::now();
              while (!stop_.load()) {
                  if (!on_.load()) {
                      std::this_thread::sleep_for(std::chrono::milliseconds(1));
                      next = std::chrono::steady_clock::now();
                      continue;
                  }
                  write(engine, nodes, random);
                  // Behind schedule (the reader's core was given away) it catches up.
                  next += std::chrono::milliseconds(1);
                  std::this_thread::sleep_until(next);
              }
          }) {}
    ~Writer() {
        stop_.store(true);
        thread_.join();
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    void turn(bool on) { on_.store(on); }
    [[nodiscard]] uint64_t edges() const { return edges_.load(); }

 private:
    void write(txn::Engine& engine, uint64_t nodes, std::mt19937_64& random) {
        const TypeId type{engine.catalog().types.intern("KNOWS").value()};
        auto begun = engine.begin({});
        if (!begun.ok()) throw std::runtime_error(begun.error().to_string());
        for (int i = 0; i < 100; ++i) {
            const auto made =
                (*begun)->create_edge(NodeId{random() % nodes}, NodeId{random() % nodes}, type, {});
            if (!made.ok()) throw std::runtime_error(made.error().to_string());
        }
        const auto committed = (*begun)->commit();
        if (!committed.ok()) throw std::runtime_error(committed.error().to_string());
        edges_.fetch_add(100);
    }

    std::atomic<bool> on_{false};
    std::atomic<bool> stop_{false};
    std::atomic<uint64_t> edges_{0};
    std::thread thread_;
};

/// Edges a second that one pass over a fresh snapshot reads.
double scan_rate(txn::Engine& engine, uint64_t nodes, const std::vector<uint32_t>& order) {
    auto held = engine.snapshot();
    if (!held.ok() || !held->enter()) throw std::runtime_error("no snapshot");
    const CommitTs snapshot = held->snapshot();
    const auto edges = static_cast<double>(engine.graph().edge_count());
    const double elapsed = seconds(
        [&] { keep(scan_graph(engine.graph(), nodes, order, graph::Trail::kLeave, snapshot)); });
    held->leave();
    return edges / elapsed;
}

double median(std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

std::vector<Figure> scan_while_writing(const Scale& scale) {
    const uint64_t nodes = scale.pick(1'000'000, 200'000);
    const TestGraph data = make_test_graph(nodes, 7);
    const Scratch scratch("writing");
    txn::EngineOptions options;
    options.store.data_dir = scratch.path();
    options.durability = txn::Durability::kNone;
    options.checkpoint_log_bytes = UINT64_MAX;
    auto opened = txn::Engine::open(options);
    if (!opened.ok()) throw std::runtime_error(opened.error().to_string());
    txn::Engine& engine = **opened;
    load_nodes(engine.graph(), engine.catalog(), nodes, CommitTs{0});
    load_edges(engine.graph(), engine.catalog(), data, CommitTs{0});
    std::vector<Figure> figures;
    const std::vector<uint32_t> shuffled = permutation(nodes, 5);
    for (const bool random : {false, true}) {
        const auto& order = random ? shuffled : std::vector<uint32_t>{};
        Writer writer(engine, nodes);
        std::vector<double> idle;
        std::vector<double> busy;
        uint64_t written = 0;
        double writing = 0;
        for (int round = 0; round < (scale.quick ? 5 : 15); ++round) {
            idle.push_back(scan_rate(engine, nodes, order));
            const uint64_t before = writer.edges();
            writer.turn(true);
            writing += seconds([&] {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
                for (int i = 0; i < 3; ++i) busy.push_back(scan_rate(engine, nodes, order));
            });
            writer.turn(false);
            written += writer.edges() - before;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        figures.push_back(
            {.name = std::string("scan while a writer commits, vertices in ") +
                     (random ? "random order" : "in order"),
             .value = median(busy),
             .unit = "edges/s",
             .limit = median(idle),
             .reach = 0.85,
             .stretch = 0.95,
             .note = "limit: the same scan, writer idle; the writer committed " +
                     std::to_string(static_cast<uint64_t>(static_cast<double>(written) / writing)) +
                     " edges/s"});
    }
    return figures;
}

uint64_t scan_csr(const Csr& csr, const std::vector<uint32_t>& order) {
    uint64_t sum = 0;
    const uint64_t nodes = csr.offsets.size() - 1;
    const bool random = !order.empty();
    for (uint64_t i = 0; i < nodes; ++i) {
        if (random) {
            if (i + kSlotAhead < nodes) __builtin_prefetch(&csr.offsets[order[i + kSlotAhead]]);
            if (i + kListAhead < nodes) {
                const uint32_t* list = &csr.neighbours[csr.offsets[order[i + kListAhead]]];
                __builtin_prefetch(list);
                __builtin_prefetch(list + 16);
            }
        }
        const uint64_t v = random ? order[i] : i;
        for (uint32_t e = csr.offsets[v]; e < csr.offsets[v + 1]; ++e) sum += csr.neighbours[e];
    }
    return sum;
}

std::vector<Figure> scan(const Scale& scale) {
    const uint64_t nodes = scale.pick(1'000'000, 200'000);
    const TestGraph data = make_test_graph(nodes, 7);
    catalog::Catalog catalog;
    graph::Graph graph({.shards = 2}, catalog);
    load_nodes(graph, catalog, nodes);
    load_edges(graph, catalog, data);
    const auto edges = static_cast<double>(data.out.neighbours.size());
    std::vector<Figure> figures;
    const std::vector<uint32_t> shuffled = permutation(nodes, 5);
    const std::vector<uint32_t> in_order;
    for (const bool random : {false, true}) {
        const auto& order = random ? shuffled : in_order;
        const std::string name = random ? "random order" : "in order";
        uint64_t ours = 0;
        uint64_t theirs = 1;
        const Best best = best_of(
            9, [&] { ours = scan_graph(graph, nodes, order, graph::Trail::kLeave); },
            [&] { theirs = scan_csr(data.out, order); });
        if (ours != theirs) throw std::runtime_error("the two scans differ");
        figures.push_back({.name = "scan: neighbours, 1 thread, vertices in " + name,
                           .value = edges / best.a,
                           .unit = "edges/s",
                           .limit = edges / best.b,
                           .reach = 0.6,
                           .stretch = 0.85,
                           .note = "limit: plain CSR arrays"});
        const Best pheromone = best_of(
            9, [&] { keep(scan_graph(graph, nodes, order, graph::Trail::kLeave)); },
            [&] { keep(scan_graph(graph, nodes, order, graph::Trail::kNone)); });
        figures.push_back({.name = "pheromone: scan with deposits, vertices in " + name,
                           .value = edges / pheromone.a,
                           .unit = "edges/s",
                           .limit = edges / pheromone.b,
                           .reach = 0.97,
                           .stretch = 0.99,
                           .note = "limit: the same scan without"});
    }
    return figures;
}

/// All walks of up to three steps from `start`, without a visited set: expands level by level, the
/// lists of a level prefetched ahead. Returns how many nodes were reached, repeated ones counted.
template <class Prefetch, class Expand>
uint64_t walk_three(uint32_t start, std::vector<uint32_t>* levels, Prefetch&& prefetch,
                    Expand&& expand) {
    constexpr size_t kAhead = 16;
    uint64_t reached = 0;
    levels[0].assign(1, start);
    for (int depth = 0; depth < 3; ++depth) {
        const std::vector<uint32_t>& from = levels[depth];
        std::vector<uint32_t>& to = levels[depth + 1];
        to.clear();
        for (size_t i = 0; i < from.size(); ++i) {
            prefetch(from, i, kAhead);
            expand(from[i], to);
        }
        reached += to.size();
    }
    return reached;
}

std::vector<Figure> traversals(const Scale& scale) {
    const uint64_t nodes = scale.pick(1'000'000, 200'000);
    const TestGraph data = make_test_graph(nodes, 7);
    catalog::Catalog catalog;
    graph::Graph graph({.shards = 2}, catalog);
    load_nodes(graph, catalog, nodes);
    load_edges(graph, catalog, data);
    std::mt19937_64 random(11);
    std::vector<uint32_t> starts(scale.pick(4'000, 1'000));
    for (uint32_t& start : starts) start = static_cast<uint32_t>(random() % nodes);
    std::vector<uint32_t> levels[4];
    uint64_t ours = 0;
    uint64_t theirs = 0;
    const auto in_graph = [&] {
        ours = 0;
        for (const uint32_t start : starts) {
            ours += walk_three(
                start, levels,
                [&](const std::vector<uint32_t>& from, size_t i, size_t ahead) {
                    if (i + 2 * ahead < from.size())
                        graph.prefetch_slot(NodeId{from[i + 2 * ahead]});
                    if (i + ahead < from.size()) {
                        graph.prefetch_list(NodeId{from[i + ahead]}, Direction::kOut);
                    }
                },
                [&](uint32_t node, std::vector<uint32_t>& to) {
                    graph.traversed(NodeId{node}, Direction::kOut);
                    graph.adjacency(NodeId{node}, Direction::kOut, kNow)
                        .for_each_run([&](TypeId, std::span<const uint32_t> neighbours, auto) {
                            to.insert(to.end(), neighbours.begin(), neighbours.end());
                        });
                });
        }
    };
    const auto in_arrays = [&] {
        theirs = 0;
        const Csr& csr = data.out;
        for (const uint32_t start : starts) {
            theirs += walk_three(
                start, levels,
                [&](const std::vector<uint32_t>& from, size_t i, size_t ahead) {
                    if (i + 2 * ahead < from.size()) {
                        __builtin_prefetch(&csr.offsets[from[i + 2 * ahead]]);
                    }
                    if (i + ahead < from.size()) {
                        __builtin_prefetch(&csr.neighbours[csr.offsets[from[i + ahead]]]);
                    }
                },
                [&](uint32_t node, std::vector<uint32_t>& to) {
                    to.insert(to.end(), csr.neighbours.begin() + csr.offsets[node],
                              csr.neighbours.begin() + csr.offsets[node + 1]);
                });
        }
    };
    const Best best = best_of(5, in_graph, in_arrays);
    if (ours != theirs) throw std::runtime_error("the two walks differ");
    const auto count = static_cast<double>(starts.size());
    return {{.name = "traversals: depth 3, average degree 10, all walks",
             .value = count / best.a,
             .unit = "walks/s",
             .limit = count / best.b,
             .reach = 0.5,
             .stretch = 0.8,
             .note = "limit: the same over CSR; " + std::to_string(ours / starts.size()) +
                     " nodes reached by each"},
            {.name = "traversals: expansions (lists read), one core",
             .value = static_cast<double>(ours) / best.a,
             .unit = "nodes/s",
             .reach = 50'000,
             .stretch = 50e6}};
}

std::vector<Figure> memory(const Scale& scale) {
    const uint64_t nodes = scale.pick(1'000'000, 200'000);
    const TestGraph data = make_test_graph(nodes, 7);
    catalog::Catalog catalog;
    const uint64_t before = allocated_bytes();
    graph::Graph graph({.shards = 2}, catalog);
    load_nodes(graph, catalog, nodes);
    // Arenas map memory themselves; everything else comes from the allocator.
    const auto bytes = [&] {
        return static_cast<double>(graph.memory().used + allocated_bytes() - before);
    };
    const double with_nodes = bytes();
    load_edges(graph, catalog, data);
    const double with_edges = bytes();
    const auto edges = static_cast<double>(data.out.neighbours.size());
    const double reserved =
        static_cast<double>(graph.memory().reserved + allocated_bytes() - before);
    return {{.name = "memory: a node with an integer and a short string",
             .value = with_nodes / static_cast<double>(nodes),
             .unit = "bytes",
             .reach = 100,
             .stretch = 64,
             .smaller_is_better = true},
            {.name = "memory: an edge, both directions, no properties",
             .value = (with_edges - with_nodes) / edges,
             .unit = "bytes",
             .reach = 48,
             .stretch = 32,
             .smaller_is_better = true,
             .note = "mapped in all: " + std::to_string(reserved / edges).substr(0, 5) +
                     " bytes an edge, nodes included"}};
}

}  // namespace

std::vector<Section> graph_sections() {
    return {{"lookups", lookups},
            {"scan", scan},
            {"writing", scan_while_writing},
            {"traversals", traversals},
            {"memory", memory}};
}

}  // namespace deed::bench
